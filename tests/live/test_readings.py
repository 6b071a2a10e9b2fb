"""What is read is noted for the audit before it is told, over every transport alike."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta, tzinfo
from typing import Any

import httpx
import pytest

import kb.services.live.following
from kb.models import AuditEntry
from kb.rules.events import EventKind
from kb.rules.roles import Role
from kb.services.access.matrix import Viewer
from kb.services.live.bus import Bus
from kb.services.live.following import CaughtUp, Happened, follow_portfolio
from tests.live.conftest import Writer
from tests.live.served import FACILITY, PORTFOLIO, Server, connected, following, streaming

pytestmark = pytest.mark.served

STREAM = {"accept": "text/event-stream"}
LIST = "{ facilities(first: 2) { nodes { name } } }"
BOTH = [{"name": "Alpha Garments"}, {"name": "Beta Textiles"}]
AWAY = ("STORAGE_UNAVAILABLE", "The database does not answer at the moment. Try again later.")

Body = dict[str, Any]
Ask = Callable[[Server, str, str], Awaitable[Body]]


def _of_stream(text: str) -> Body:
    """The only answer of a stream that has ended."""
    (data,) = [line for line in text.splitlines() if line.startswith("data: {")]
    body: Body = json.loads(data.removeprefix("data: "))
    return body


async def _asked(
    server: Server, token: str, query: str, method: str, headers: dict[str, str]
) -> httpx.Response:
    async with httpx.AsyncClient(base_url=server.http) as client:
        client.headers["authorization"] = f"Bearer {token}"
        if method == "GET":
            return await client.get("/graphql", params={"query": query}, headers=headers)
        return await client.post("/graphql", json={"query": query}, headers=headers)


async def post(server: Server, token: str, query: str) -> Body:
    return (await _asked(server, token, query, "POST", {})).json()


async def get(server: Server, token: str, query: str) -> Body:
    return (await _asked(server, token, query, "GET", {})).json()


async def stream_by_post(server: Server, token: str, query: str) -> Body:
    return _of_stream((await _asked(server, token, query, "POST", STREAM)).text)


async def stream_by_get(server: Server, token: str, query: str) -> Body:
    return _of_stream((await _asked(server, token, query, "GET", STREAM)).text)


async def websocket(server: Server, token: str, query: str) -> Body:
    async with connected(server, token) as subscriber:
        await subscriber.subscribe(query)
        payload = (await subscriber.message())["payload"]
        return {"data": None, "errors": payload} if isinstance(payload, list) else payload


TRANSPORTS: list[Ask] = [post, get, stream_by_post, stream_by_get, websocket]


async def _noted() -> list[tuple[str, list[int]]]:
    """Who has read which facilities, in order."""
    rows = await AuditEntry.filter(what="READ").order_by("id")
    return [(row.who, row.facility_ids or [row.facility_id]) for row in rows]


async def _who(writer: Writer, token: str) -> str:
    """The name that the audit has for who shows a token."""
    return f"token {(await writer.keys.viewer_of(token)).token_id}"


@pytest.mark.parametrize("ask", TRANSPORTS)
async def test_what_an_operation_reads_is_noted_over_every_transport(
    writer: Writer, server: Server, ask: Ask
) -> None:
    alpha, beta = (facility.id for facility in writer.facilities.values())
    await writer.share("Alpha Garments", "Northwind")
    helpdesk = await writer.token(Role.HELPDESK)
    brand = await writer.token(Role.BRAND, "Northwind")
    factory = await writer.token(Role.FACILITY, facility_ids=frozenset({alpha}))
    asked_by = [
        (helpdesk, LIST, BOTH, [[alpha, beta]] * 3),  # each reading
        (brand, LIST, BOTH[:1], [[alpha]]),  # once a day
        (factory, LIST, BOTH[:1], []),  # nothing of itself
    ]
    noted: list[tuple[str, list[int]]] = []
    for token, query, told, read in asked_by:
        for _ in range(3):  # what comes again is answered by a plan, where there is one
            body = await ask(server, token, query)
            assert body["data"] == {"facilities": {"nodes": told}}
        noted += [(await _who(writer, token), ids) for ids in read]
        assert await _noted() == noted
    assert (await ask(server, helpdesk, "{ viewer { role } }"))["data"]
    assert await _noted() == noted


async def test_operations_on_one_connection_are_noted_each_for_itself(
    writer: Writer, server: Server
) -> None:
    alpha, beta = (facility.id for facility in writer.facilities.values())
    helpdesk = await writer.token(Role.HELPDESK)
    async with connected(server, helpdesk) as subscriber:
        for name in ("Alpha Garments", "Beta Textiles"):
            await subscriber.subscribe(f'{{ node(id: "{writer.id(name)}") {{ id }} }}')
            assert await subscriber.next_message() == {"id": writer.id(name)}
            assert (await subscriber.message())["type"] == "complete"
    who = await _who(writer, helpdesk)
    assert await _noted() == [(who, [alpha]), (who, [beta])]


async def test_what_a_subscription_tells_is_noted_once_for_each_facility(
    writer: Writer, server: Server
) -> None:
    alpha, beta = (facility.id for facility in writer.facilities.values())
    tokens = [await writer.token(Role.HELPDESK) for _ in range(2)]
    async with (
        following(server, tokens[0], PORTFOLIO) as socket,
        streaming(server, tokens[1], PORTFOLIO) as stream,
    ):
        for told in (socket, stream):
            assert (await told.next_message())["__typename"] == "CaughtUp"
        assert await _noted() == []
        expected = set()
        for name, facility in (("Alpha Garments", alpha), ("Beta Textiles", beta)):
            for kind in (EventKind.ENROLLED, EventKind.CYCLE_OPENED):
                await writer.happens(name, kind)
                for told in (socket, stream):
                    assert (await told.next_message())["facility"]["name"] == name
            expected |= {(await _who(writer, token), facility) for token in tokens}
            noted = await _noted()
            assert len(noted) == len(expected)
            assert {(who, *ids) for who, ids in noted} == expected


@pytest.mark.parametrize("ask", TRANSPORTS)
async def test_what_cannot_be_noted_is_told_over_no_transport(
    writer: Writer, server: Server, ask: Ask
) -> None:
    helpdesk = await writer.token(Role.HELPDESK)
    await AuditEntry._meta.db.execute_script("ALTER TABLE audit_entry RENAME TO elsewhere")
    for _ in range(3):
        body = await ask(server, helpdesk, LIST)
        (error,) = body["errors"]
        assert (error["extensions"]["code"], error["message"]) == AWAY
        assert body.get("data") is None
    assert (await ask(server, helpdesk, "{ viewer { role } }"))["data"] == {
        "viewer": {"role": "HELPDESK"}
    }
    async with httpx.AsyncClient() as client:
        numbers = (await client.get(f"{server.http}/metrics")).text
    counted = 'kb_operations_total{operation="(unnamed)",outcome="STORAGE_UNAVAILABLE"} 3.0'
    assert counted in numbers
    await AuditEntry._meta.db.execute_script("ALTER TABLE elsewhere RENAME TO audit_entry")
    assert (await ask(server, helpdesk, LIST))["data"] == {"facilities": {"nodes": BOTH}}


async def test_an_event_that_cannot_be_noted_is_not_told(writer: Writer, server: Server) -> None:
    helpdesk = await writer.token(Role.HELPDESK)
    alpha = writer.id("Alpha Garments")
    async with (
        following(server, helpdesk, FACILITY, id=alpha) as socket,
        streaming(server, helpdesk, FACILITY, id=alpha) as stream,
    ):
        for told in (socket, stream):
            assert (await told.next_message())["__typename"] == "CaughtUp"
        await AuditEntry._meta.db.execute_script("ALTER TABLE audit_entry RENAME TO elsewhere")
        await writer.happens("Alpha Garments", EventKind.ENROLLED)
        assert await socket.closed() == 1013
        name, body = await stream.event()
        assert (name, body["data"]) == ("next", None)
        assert [error["extensions"]["code"] for error in body["errors"]] == ["STORAGE_UNAVAILABLE"]


class Clock(datetime):
    """The time as the server has it; a test sets it on by days."""

    ahead = timedelta()

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:
        return datetime.now(tz) + cls.ahead


async def test_what_is_followed_for_days_is_noted_on_each_day(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def always(_: Viewer) -> bool:
        return True

    monkeypatch.setattr(kb.services.live.following, "datetime", Clock)
    monkeypatch.setattr(Clock, "ahead", timedelta())
    await writer.share("Alpha Garments", "Northwind")
    alpha = writer.facilities["Alpha Garments"].id
    bus = Bus(writer.settings, always)
    changes = await follow_portfolio(bus, Viewer(Role.BRAND, organisation="Northwind"))
    assert isinstance(await anext(changes), CaughtUp)
    noted = []
    for kinds in (
        (EventKind.ENROLLED, EventKind.CYCLE_OPENED),
        (EventKind.PLATFORM_SET_UP, EventKind.INTEREST_DECLARED),
    ):
        for kind in kinds:
            await writer.happens("Alpha Garments", kind)
            await bus.catch_up()
            assert isinstance(await anext(changes), Happened)
        noted.append(("BRAND", [alpha]))
        assert await _noted() == noted
        monkeypatch.setattr(Clock, "ahead", Clock.ahead + timedelta(days=1))
    await changes.aclose()
