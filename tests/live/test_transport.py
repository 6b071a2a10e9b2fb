"""The protocols themselves: what is let in, what is refused, and how it all ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import pytest_asyncio
import websockets
from trial_databases import SqliteFiles

from graphql_schema.web.graphiql import load_tabs
from kb.rules.roles import Role
from kb.settings import Settings
from tests.live.conftest import Writer
from tests.live.served import (
    PORTFOLIO,
    PROTOCOL,
    RELEASES,
    Server,
    Subscriber,
    connected,
    following,
    served,
    streaming,
)
from tests.templates import published_template

pytestmark = pytest.mark.served

WS = [websockets.Subprotocol(PROTOCOL)]


@pytest.fixture(scope="module")
def public_settings(sqlite_files: SqliteFiles) -> Iterator[Settings]:
    settings = sqlite_files.copy(published_template(sqlite_files))
    yield settings
    sqlite_files.drop(settings)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def public(public_settings: Settings) -> AsyncIterator[Server]:
    """A server for tests that need nothing in its database."""
    async with served(public_settings) as server:
        yield server


@pytest.mark.parametrize(
    "payload",
    [
        {"Authorization": "Bearer kb_" + "x" * 43},
        {"authorization": "Basic abc"},
        {"Authorization": ["Bearer"]},
    ],
)
async def test_a_bad_token_is_refused_and_never_taken_for_none(
    public: Server, payload: dict[str, object]
) -> None:
    async with websockets.connect(public.ws, subprotocols=WS) as connection:
        subscriber = Subscriber(connection)
        await subscriber.send({"type": "connection_init", "payload": payload})
        assert await subscriber.closed() == 4403


async def test_the_token_may_come_in_the_header_too(writer: Writer, server: Server) -> None:
    token = await writer.token(Role.HELPDESK)
    header = {"Authorization": f"Bearer {token}"}
    async with connected(server, additional_headers=header) as subscriber:
        await subscriber.subscribe("{ viewer { role } }")
        assert await subscriber.next_message() == {"role": "HELPDESK"}


async def test_the_old_protocol_is_refused(public: Server) -> None:
    protocols = [websockets.Subprotocol("graphql-ws")]
    async with websockets.connect(public.ws, subprotocols=protocols) as connection:
        assert await Subscriber(connection).closed() == 4406


async def test_pages_of_other_origins_are_refused_unless_they_are_named(writer: Writer) -> None:
    async with served(writer.settings, KB_ALLOWED_ORIGINS='["https://brand.example"]') as server:
        with pytest.raises(websockets.InvalidStatus) as refused:
            await websockets.connect(server.ws, subprotocols=WS, origin="https://evil.example")
        assert refused.value.response.status_code == 403
        for origin in ("https://brand.example", server.http):
            async with connected(server, origin=origin) as subscriber:
                await subscriber.subscribe("{ viewer { role } }")
                assert await subscriber.next_message() == {"role": "ANONYMOUS"}


async def test_a_connection_has_only_so_many_subscriptions(writer: Writer) -> None:
    async with (
        served(writer.settings, KB_MAX_SUBSCRIPTIONS="2") as server,
        connected(server) as subscriber,
    ):
        for _ in range(3):
            await subscriber.subscribe(RELEASES)
        message = await subscriber.message()
        assert (message["id"], message["type"]) == ("3", "error")


async def test_callers_without_a_token_are_held_to_the_published_documents_here_too(
    writer: Writer,
) -> None:
    own = "{ knowledge { number } }"
    trusted = next(tab for tab in load_tabs() if "Look up a FAQ" in tab.title)
    async with served(writer.settings, KB_ANONYMOUS_DOCUMENTS="TRUSTED") as server:
        async with connected(server) as subscriber:
            await subscriber.subscribe(own)
            assert await subscriber.error() == {
                "message": "Without a token only the published documents are answered; see "
                "`kb documents`.",
                "code": "DOCUMENT_NOT_TRUSTED",
            }
            await subscriber.subscribe(RELEASES)
            assert (await subscriber.error())["code"] == "DOCUMENT_NOT_TRUSTED"
            await subscriber.subscribe(trusted.document, **json.loads(trusted.variables))
            assert "question" in await subscriber.next_message()
        async with connected(server, await writer.token(Role.CHATBOT)) as subscriber:
            await subscriber.subscribe(own)
            assert await subscriber.next_message() == {"number": 1}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", 4400),
        ("[]", 4400),
        ('{"id": "1", "type": "subscribe", "payload": 1}', 4400),
        ('{"type": "connection_init", "payload": 1}', 4400),
        (json.dumps({"type": "ping", "payload": {"x": "y" * 200_000}}), 1009),
    ],
)
async def test_what_is_no_message_closes_the_connection(
    public: Server, text: str, code: int
) -> None:
    async with connected(public) as subscriber:
        await subscriber.connection.send(text)
        assert await subscriber.closed() == code


async def test_a_ping_is_answered(public: Server) -> None:
    async with connected(public) as subscriber:
        await subscriber.send({"type": "ping"})
        assert await subscriber.message() == {"type": "pong"}


async def test_a_query_that_is_not_valid_is_an_error_with_a_code(public: Server) -> None:
    async with connected(public) as subscriber:
        await subscriber.subscribe("subscription { knowledgeReleased { nothing } }")
        message = await subscriber.message()
        assert message["type"] == "error"
        assert message["payload"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


async def test_server_sent_events_also_come_by_get(public: Server) -> None:
    async with httpx.AsyncClient() as client:
        answer = await client.get(
            f"{public.http}/graphql",
            params={"query": "{ viewer { role } }"},
            headers={"Accept": "text/event-stream"},
        )
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = answer.text.split("\n\n")
    assert events[0].startswith(
        'event: next\ndata: {"data":{"viewer":{"role":"ANONYMOUS"}},"extensions":{"cost":'
    )
    assert events[1:] == ["event: complete\ndata: ", ""]


async def test_when_the_server_goes_down_clients_are_told_to_connect_again(
    writer: Writer, server: Server
) -> None:
    """Over WebSocket by the code: who is told "complete" does not subscribe again."""
    token = await writer.token(Role.HELPDESK)
    async with (
        following(server, token, PORTFOLIO) as subscriber,
        streaming(server, None, RELEASES) as stream,
    ):
        await subscriber.next_message()
        log = await server.stop()
        with pytest.raises(websockets.ConnectionClosed):
            await subscriber.message()
        assert await subscriber.closed() == 1001
        assert await stream.event() == ("complete", None)
    assert "Finished server process" in log
    assert "Traceback" not in log
    assert "ERROR" not in log


async def test_a_server_that_is_told_to_stop_first_answers_those_who_have_not_heard_of_it(
    public_settings: Settings,
) -> None:
    async with (
        served(public_settings, KB_DRAIN_SECONDS="600") as server,
        httpx.AsyncClient(base_url=server.http) as http,
        connected(server) as subscriber,
    ):
        server.process.terminate()
        async with asyncio.timeout(10):
            while (await http.get("/readyz")).status_code == 200:  # noqa: ASYNC110 - its only sign
                await asyncio.sleep(0.05)
        leaving = await http.get("/readyz")
        assert leaving.json() == {"ready": False, "reason": "The server is about to stop."}
        assert (await http.get("/healthz")).status_code == 200
        answer = await http.post("/graphql", json={"query": "{ knowledge { number } }"})
        assert answer.json()["data"] == {"knowledge": {"number": 1}}
        await subscriber.subscribe("{ knowledge { number } }")
        assert await subscriber.next_message() == {"number": 1}
        await server.stop()  # the second signal


async def test_operations_of_one_caller_on_any_connection_have_one_rate(
    public_settings: Settings,
):
    far = {"additional_headers": {"X-Forwarded-For": "203.0.113.7"}}  # by a proxy on this machine
    question = "{ knowledge { number } }"
    async with served(public_settings, KB_ANONYMOUS_RATE="2") as server:
        for _ in range(2):
            async with connected(server, **far) as subscriber:
                await subscriber.subscribe(question)
                assert await subscriber.next_message() == {"number": 1}
        async with connected(server, **far) as subscriber:
            await subscriber.subscribe(question)
            refused = await subscriber.error()
            assert refused["code"] == "RATE_LIMITED"
            assert 25 <= refused["retryAfter"] <= 30
        async with connected(server) as subscriber:  # without the proxy: from this machine
            await subscriber.subscribe(question)
            assert await subscriber.next_message() == {"number": 1}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("subscription {", "GRAPHQL_PARSE_FAILED"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{" + " knowledge { number }" * 700 + "}", "DOCUMENT_TOO_COMPLEX"),
    ],
)
async def test_an_operation_that_cannot_be_executed_is_answered_with_its_error(
    public: Server, query: str, code: str
):
    async with connected(public) as subscriber:
        await subscriber.subscribe(query)
        message = await subscriber.message()
        assert message["type"] == "error"
        assert message["payload"][0]["extensions"]["code"] == code


async def test_fragments_that_spread_each_other_twice_do_not_keep_the_server_busy(public: Server):
    fragments = "".join(
        f" fragment F{level} on Query {{ ...F{level + 1} ...F{level + 1} }}" for level in range(60)
    )
    bomb = f"{{ ...F0 }}{fragments} fragment F60 on Query {{ knowledge {{ number }} }}"
    async with connected(public) as subscriber:
        await subscriber.subscribe(bomb)
        assert await subscriber.next_message() == {"number": 1}


async def test_an_empty_operation_name_is_none_here_too(public: Server):
    async with connected(public) as subscriber:
        operation = {"query": "query A { knowledge { number } }", "operationName": ""}
        await subscriber.send({"type": "subscribe", "id": "1", "payload": operation})
        assert await subscriber.next_message() == {"number": 1}
