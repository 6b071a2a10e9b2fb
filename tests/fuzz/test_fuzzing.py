"""Whatever is sent, by whomever: an answer or a refusal with a code, never a fault of the server.

A few examples each, always the same ones. `scripts/test fuzz` tries other ones, and many more.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import websockets
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import Mode

from kb.settings import Settings
from tests.access.people import People, everybody_asking
from tests.fuzz.operations import (
    MUTATIONS,
    QUERIES,
    days,
    ids,
    numbers,
    operations,
    who,
)
from tests.live.served import PROTOCOL, Server, served
from tests.templates import demo_template
from tests.trial_databases import SqliteFiles
from tests.web.asking import UNLIMITED

pytestmark = pytest.mark.slow

LONG = os.environ.get("KB_FUZZ_EXAMPLES")
examples = settings(
    max_examples=int(LONG or 20),
    derandomize=LONG is None,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
CLOSE_CODES = {1000, 1002, 1003, 1007, 1009, *range(4400, 4500)}
"""What the WebSocket protocols have for a client that does wrong; never 1006 or 1011."""


@pytest.fixture(scope="module")
def filled(sqlite_files: SqliteFiles) -> Settings:
    return sqlite_files.copy(demo_template(sqlite_files))


@pytest.fixture
async def people(filled: Settings) -> AsyncIterator[People]:
    async with everybody_asking(filled) as people:
        yield people


def require_sound(answer: httpx.Response, caplog: pytest.LogCaptureFixture) -> None:
    """The answer of a server that is well, whatever it says."""
    assert answer.status_code < 500, answer.text
    body = answer.json()
    assert "data" in body or body["errors"], body
    codes = [error["extensions"]["code"] for error in body.get("errors", ())]
    assert "INTERNAL_ERROR" not in codes, body
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


@given(name=who, operation=operations(QUERIES))
@examples
async def test_any_query_of_the_schema(
    people: People, caplog: pytest.LogCaptureFixture, name: str, operation: str
):
    require_sound(await people.post(name, operation), caplog)


@given(name=who, operation=operations(MUTATIONS))
@examples
async def test_any_change_of_the_schema(
    people: People, caplog: pytest.LogCaptureFixture, name: str, operation: str
):
    require_sound(await people.post(name, operation), caplog)


@given(name=who, operation=operations(None, Mode.NEGATIVE))
@examples
async def test_any_operation_that_the_schema_does_not_have(
    people: People, caplog: pytest.LogCaptureFixture, name: str, operation: str
):
    require_sound(await people.post(name, operation), caplog)


@given(name=who, operation=operations(["whatIf"]))
@examples
async def test_any_profile(
    people: People, caplog: pytest.LogCaptureFixture, name: str, operation: str
):
    require_sound(await people.post(name, operation), caplog)


@given(name=who, id_=ids, cursor=ids | st.none(), day=days)
@examples
async def test_any_id_any_cursor_and_any_day(
    people: People,
    caplog: pytest.LogCaptureFixture,
    name: str,
    id_: str,
    cursor: str | None,
    day: str,
):
    for declared, selection in (
        ("$id: ID!", "node(id: $id) { __typename id }"),
        ("$id: ID!", "nodes(ids: [$id, $id]) { __typename }"),
        ("$id: ID!", "facility(by: {id: $id}) { name version }"),
        ("$cursor: String", "facilities(first: 1, after: $cursor) { totalCount }"),
        (
            "$cursor: String",
            "facilities(last: 1, before: $cursor, orderBy: COUNTRY) { totalCount }",
        ),
        ("$cursor: String", "faqs(first: 1, after: $cursor) { totalCount }"),
        ("$cursor: String", "audit(first: 1, after: $cursor) { nodes { what } }"),
        ("$day: Date", "faq(number: 7, asOf: $day) { slug }"),
        ("$day: Date", 'whatIf(asOf: $day, profile: {country: "VN"}) { summary }'),
        ("$day: Date", "facilityRollup(asOf: $day) { total }"),
    ):
        variables = {"id": id_, "cursor": cursor, "day": day}
        used = {key: value for key, value in variables.items() if f"${key}" in declared}
        answer = await people.post(name, f"query({declared}) {{ {selection} }}", **used)
        require_sound(answer, caplog)


with_halves = st.text(st.characters(codec=None))  # halves of surrogate pairs too
values: st.SearchStrategy[Any] = st.deferred(
    lambda: (
        st.none()
        | st.booleans()
        | numbers
        | st.floats(allow_nan=False)
        | with_halves
        | st.lists(values, max_size=4)
        | st.dictionaries(with_halves, values, max_size=4)
    )
)
envelopes = st.dictionaries(
    st.sampled_from(["query", "variables", "operationName", "extensions", "id", ""]), values
)


@given(name=who, body=values | envelopes)
@examples
async def test_any_json_as_a_request(
    people: People, caplog: pytest.LogCaptureFixture, name: str, body: Any
):
    headers = {"Content-Type": "application/json"}
    if name in people.tokens:
        headers["Authorization"] = f"Bearer {people.tokens[name]}"
    text = json.dumps(body)
    answer = await people.http.post("/graphql", content=text.encode(), headers=headers)
    require_sound(answer, caplog)


@given(body=st.binary(), kind=st.sampled_from(["application/json", "text/plain", "", "*/*"]))
@examples
async def test_any_bytes_as_a_request(
    people: People, caplog: pytest.LogCaptureFixture, body: bytes, kind: str
):
    answer = await people.http.post("/graphql", content=body, headers={"Content-Type": kind})
    require_sound(answer, caplog)


messages = st.one_of(
    values,
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(
                ["connection_init", "ping", "pong", "subscribe", "complete", "next", "error", ""]
            )
        },
        optional={
            "id": st.text() | values,
            "payload": values
            | envelopes
            | st.fixed_dictionaries({"query": operations([*QUERIES, *MUTATIONS])}),
        },
    ),
)
frames = st.one_of(messages.map(json.dumps), st.text(), st.binary())


@pytest.fixture
async def server(filled: Settings) -> AsyncIterator[Server]:
    unlimited = {f"KB_{name.upper()}": str(value) for name, value in UNLIMITED.items()}
    async with served(filled, **unlimited) as running:
        yield running


@pytest.mark.served
@given(initialised=st.booleans(), sent=st.lists(frames, min_size=1, max_size=6))
@examples
async def test_any_frames_on_a_websocket(
    server: Server, initialised: bool, sent: list[str | bytes]
):
    protocols = [websockets.Subprotocol(PROTOCOL)]
    async with websockets.connect(server.ws, subprotocols=protocols) as connection:
        try:
            if initialised:
                await connection.send('{"type": "connection_init"}')
                assert json.loads(await connection.recv())["type"] == "connection_ack"
            for frame in sent:
                await connection.send(frame)
            await connection.send('{"type": "connection_init"}')  # the second one closes it
            while True:
                message = json.loads(await connection.recv())
                codes = [error["extensions"]["code"] for error in _errors(message)]
                assert "INTERNAL_ERROR" not in codes, message
                if not initialised and message["type"] == "connection_ack":
                    return
        except websockets.ConnectionClosed:
            pass
    assert connection.close_code in CLOSE_CODES, connection.close_reason
    assert "Traceback" not in server.log.read_text()


def _errors(message: dict[str, Any]) -> list[dict[str, Any]]:
    payload = message.get("payload")
    if message["type"] == "error":
        return list(payload or ())
    return list(payload.get("errors", ())) if isinstance(payload, dict) else []
