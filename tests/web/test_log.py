"""What the server logs: each operation, by whom and how it ended, and nothing of what was asked."""

import io
import json
import logging
import logging.config
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from kb.logs import Lines, configuration
from kb.settings import Settings
from kb.settings.serving import LogFormat, LogLevel
from tests.web.asking import Client

QUESTION = "Can Amina Begum of Sunrise Textiles see it?"
NOTE = "to nobody else"


@pytest.fixture
def logged(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """What is logged as `kb serve` sets it up, in the form that the test names."""
    configured = configuration(Settings(log_level=LogLevel.DEBUG, log_format=request.param))
    configured["handlers"]["stderr"]["stream"] = written = io.StringIO()
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    logging.config.dictConfig(dict(configured))
    yield written
    root.handlers[:], root.level = handlers, level
    for name in configured["loggers"]:
        logging.getLogger(name).setLevel(logging.NOTSET)


as_json = pytest.mark.parametrize("logged", [LogFormat.JSON], indirect=True)
in_both_forms = pytest.mark.parametrize("logged", list(LogFormat), indirect=True)


def records(logged: io.StringIO, event: str) -> list[dict[str, Any]]:
    entries = [json.loads(line) for line in logged.getvalue().splitlines()]
    return [record for record in entries if record["event"] == event]


@as_json
async def test_each_operation_is_one_record(client: Client, logged: io.StringIO):
    answer = await client.http.post(
        "/graphql", json={"query": "query Numbered { knowledge { number } }"}
    )
    (record,) = records(logged, "operation")
    assert record.pop("timestamp").endswith("Z")
    assert record.pop("duration_ms") > 0
    assert record == {
        "event": "operation",
        "level": "info",
        "logger": "graphql_schema.operations",
        "request_id": answer.headers["x-request-id"],
        "operation": "Numbered",
        "operation_type": "query",
        "role": "HELPDESK",
        "cost": 2,
        "outcome": "OK",
    }


@as_json
async def test_what_fails_is_logged_with_its_code(client: Client, logged: io.StringIO):
    await client.body("{ faq(number: 99) { slug } }")
    await client.body("{ verdict }")
    assert [record["outcome"] for record in records(logged, "operation")] == [
        "NOT_FOUND",
        "GRAPHQL_VALIDATION_FAILED",
    ]


@as_json
async def test_what_is_refused_before_it_is_read_is_logged_with_its_id(
    client: Client, logged: io.StringIO
):
    answer = await client.http.post("/graphql", content=b"5")
    error = answer.json()["errors"][0]["extensions"]
    (record,) = records(logged, "refused")
    assert (record["outcome"], record["status"]) == (error["code"], answer.status_code)
    assert record["request_id"] == error["requestId"] == answer.headers["x-request-id"]


@in_both_forms
async def test_nothing_of_what_was_asked_is_logged(client: Client, logged: io.StringIO):
    token = client.http.headers["Authorization"].removeprefix("Bearer ")
    query = "query Secret_of_17_Amina($text: String!) { ask(question: $text) { __typename } }"
    await client.body(query, text=QUESTION)
    await client.body(f'{{ ask(question: "{QUESTION}") {{ __typename }} }}')
    await client.body(f'{{ node(id: "{NOTE}") {{ id }} }}')
    await client.http.get("/graphql", params={"query": "{ nothing }", "token": token})
    await client.http.post("/graphql", headers={"Authorization": "Bearer kb_made-up"}, json={})
    text = logged.getvalue()
    assert text.count("outcome") == 5
    for private in ("Amina", "Sunrise", NOTE, token, "made-up", "127.0.0.1"):
        assert private not in text


@in_both_forms
def test_nobody_can_write_a_line_of_its_own_into_the_log(logged: io.StringIO):
    logging.getLogger("kb").warning("not sent to %s", "a\r\n2026-11-26 all is well\x1b[2J\u2028")
    (line,) = logged.getvalue().splitlines()
    assert "\x1b[2J" not in line


@in_both_forms
def test_what_a_library_tells_of_its_work_is_not_logged(logged: io.StringIO):
    for name in ("tortoise.db_client", "aiosqlite", "httpx", "uvicorn.error"):
        logging.getLogger(name).debug("token and question")
    websocket = logging.getLogger("uvicorn.error")
    websocket.info('%s - "WebSocket %s" [accepted]', "192.0.2.7", "/graphql?token=1")
    assert logged.getvalue() == ""


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"role": "BRAND", "cost": 596, "duration_ms": 1.2, "outcome": "OK", "request_id": "a-1"},
        {"operation": "two words", "role": "BRAND"},
        {"operation": "(unnamed)", "cost": None, "status": 200},
        {"event": "release 3 is in use"},
        {"event": "an event with a very long text that fills more than its column"},
        {"level": "warning", "logger": "kb"},
    ],
)
def test_a_line_is_as_structlog_writes_it(more: dict[str, Any]):
    record = {
        "timestamp": "2021-10-04T09:30:00.5Z",
        "level": "info",
        "event": "operation",
        "logger": "graphql_schema.operations",
        **more,
    }
    console = structlog.dev.ConsoleRenderer(colors=False)
    assert Lines(console)(None, "info", dict(record)) == console(None, "info", dict(record))
