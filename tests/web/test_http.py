"""The app as HTTP sees it: media types, pages, health, limits, start and refresh."""

import asyncio
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from starlette.types import Message

from graphql_schema.app import create_app
from graphql_schema.local import execute
from graphql_schema.web import background, health
from graphql_schema.web.body_limit import MAX_BODY_BYTES
from graphql_schema.web.graphiql import USER_GROUPS, examples_of, load_tabs
from kb.content.library import Record
from kb.errors import NothingPublishedError, StorageError
from kb.heartbeats import Heartbeats
from kb.services.access.matrix import OPERATOR
from kb.services.knowledge.releases import publish
from kb.settings import Settings
from tests.rules.shipped import two_faqs
from tests.trial_databases import on_sqlite
from tests.web.asking import Client

pytestmark = on_sqlite

NEWER = "application/graphql-response+json"
FAQ_1 = "{ faq(number: 1) { number } }"
FAQ_1_ANSWERED = {"faq": {"number": 1}}


async def test_programs_are_answered_in_the_media_type_they_ask_for(client: Client):
    for accept, media_type in ((NEWER, NEWER), ("application/json", "application/json")):
        answer = await client.http.post(
            "/graphql", json={"query": FAQ_1}, headers={"accept": accept}
        )
        assert answer.status_code == 200
        assert answer.headers["content-type"].partition(";")[0] == media_type
        assert answer.json()["data"] == FAQ_1_ANSWERED


async def test_a_request_that_was_not_executed_has_no_data_and_in_the_newer_type_status_400(
    client: Client,
):
    for accept, status in ((NEWER, 400), ("application/json", 200)):
        answer = await client.http.post(
            "/graphql", json={"query": "{ nothing }"}, headers={"accept": accept}
        )
        assert answer.status_code == status
        assert list(answer.json()) == ["errors"]


async def test_a_field_error_keeps_status_200_and_its_data(client: Client):
    answer = await client.http.post(
        "/graphql", json={"query": "{ faq(number: 0) { slug } }"}, headers={"accept": NEWER}
    )
    assert answer.status_code == 200
    assert answer.json()["data"] == {"faq": None}


async def test_queries_may_come_by_get(client: Client):
    answer = await client.http.get("/graphql", params={"query": FAQ_1})
    assert answer.json()["data"] == FAQ_1_ANSWERED


async def test_a_browser_gets_graphiql_with_the_examples_of_one_group_as_tabs(client: Client):
    first = {}
    for address in ("/graphql", "/graphql?for=brand", "/graphql?for=helpdesk", "/graphql?for=x"):
        answer = await client.http.get(address, headers={"Accept": "text/html"})
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        title = re.search(r"&quot;title&quot;: &quot;(.+?)&quot;", answer.text)
        first[address] = title and title[1]
        assert 'href="?for=brand"' in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    script = answer.text.partition('<script type="module" src="')[2].partition('"')[0]
    assert (await client.http.get(script)).status_code == 200
    titles = {group: examples_of(load_tabs(), group)[0].title for group in USER_GROUPS}
    assert first == {
        "/graphql": titles["chatbot"],
        "/graphql?for=brand": titles["brand"],
        "/graphql?for=helpdesk": titles["helpdesk"],
        "/graphql?for=x": titles["chatbot"],
    }


async def test_other_methods_are_refused(client: Client):
    assert (await client.http.delete("/graphql")).status_code == 405


async def test_a_body_that_is_no_json_is_refused(client: Client):
    answer = await client.http.post(
        "/graphql", content=b"faq 1, please", headers={"content-type": "application/json"}
    )
    assert answer.status_code == 400


async def test_health_and_readiness_are_told(client: Client):
    assert (await client.http.get("/healthz")).text == "ok"
    ready = await client.http.get("/readyz")
    body = ready.json()
    assert set(body.pop("secondsSinceWorked")) >= {"releases", "events", "messages"}
    assert (ready.status_code, body) == (200, {"ready": True, "knowledge": 1})


async def test_without_its_database_the_app_is_not_ready_and_masks_why(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    async def gone() -> None:
        raise OSError("connection to 10.0.0.7 refused")

    monkeypatch.setattr(health, "current_release", gone)
    ready = await client.http.get("/readyz")
    assert ready.status_code == 503
    assert ready.json() == {"ready": False, "reason": "The database does not answer."}
    assert "10.0.0.7" in caplog.text


async def test_a_body_beyond_the_limit_is_refused(client: Client):
    answer = await client.http.post("/graphql", content=b" " * (MAX_BODY_BYTES + 1))
    assert answer.status_code == 413
    (error,) = answer.json()["errors"]
    assert error["message"] == "The request body is larger than 200000 bytes."
    assert error["extensions"]["code"] == "REQUEST_TOO_LARGE"


async def test_a_query_that_is_too_deep_is_refused(client: Client):
    deep = "facility { whatApplies { " * 8 + "asOf" + " } }" * 8
    error = await client.error(f'{{ whatIf(profile: {{country: "VN"}}) {{ {deep} }} }}')
    assert error["message"] == (
        "The operation has more than 15 objects within each other. Ask for less at once."
    )
    assert error["extensions"] == {"code": "OPERATION_LIMIT", "limit": 15}


async def test_a_query_with_too_many_aliases_is_refused(client: Client):
    aliases = " ".join(f"a{n}: knowledge {{ number }}" for n in range(31))
    error = await client.error(f"{{ {aliases} }}")
    assert error["message"] == "The operation has more than 30 aliases. Ask in several operations."
    assert error["extensions"] == {"code": "OPERATION_LIMIT", "limit": 30}


async def test_a_query_with_too_many_words_is_refused(client: Client):
    error = await client.error("{ knowledge { " + "number " * 3_000 + "} }")
    assert error["message"] == (
        "Syntax Error: Document contains more than 3000 tokens. Parsing aborted."
    )


async def test_a_newer_release_is_taken_over_while_the_app_runs(
    client: Client, monkeypatch: pytest.MonkeyPatch
):
    query = "{ knowledge { number } faq(number: 14) { question } }"
    assert (await client.ask(query))["knowledge"] == {"number": 1}
    records = [
        Record(record.kind, record.key, {**record.body, "question": "What is new?"})
        if (record.kind, record.key) == ("faq", "14")
        else record
        for record in two_faqs()
    ]
    await publish(records, at=datetime.now(UTC))
    monkeypatch.setattr(background, "REFRESH_SECONDS", 0.01)
    state = client.http._transport.app.state
    holder = state.knowledge
    refreshing = asyncio.create_task(background.keep_fresh(holder, state.live_bus, Heartbeats()))
    async with asyncio.timeout(60):
        while holder.current.release.number == 1:  # noqa: ASYNC110 - nothing else tells of it
            await asyncio.sleep(0.01)
    refreshing.cancel()
    assert await client.ask(query) == {
        "knowledge": {"number": 2},
        "faq": {"question": "What is new?"},
    }


async def started(settings: Settings) -> list[Message]:
    """What the app tells its server when it starts."""
    sent: list[Message] = []
    messages = iter([{"type": "lifespan.startup"}])

    async def receive() -> Message:
        return next(messages)

    async def send(message: Message) -> None:
        sent.append(message)

    await create_app(settings)({"type": "lifespan", "state": {}}, receive, send)
    return sent


async def test_an_app_without_tables_says_in_one_line_what_to_run(blank_settings: Settings):
    (message,) = await started(blank_settings)
    assert message["type"] == "lifespan.startup.failed"
    assert message["message"].endswith("Run: kb migrate")
    assert "\n" not in message["message"]


async def test_an_app_without_knowledge_says_in_one_line_what_to_run(database_settings: Settings):
    (message,) = await started(database_settings)
    assert message == {
        "type": "lifespan.startup.failed",
        "message": "Nothing is published yet. Run: kb content publish",
    }


async def test_an_operation_is_executed_in_process_like_over_http(
    client: Client, demo_settings: Settings
):
    tab = next(tab for tab in load_tabs() if "What applies" in tab.title)
    variables: dict[str, Any] = orjson.loads(tab.variables)
    over_http = await client.body(tab.query, **variables)
    for left in ("remaining", "resetAt"):  # which is said only over HTTP
        del over_http["extensions"]["cost"][left]
    assert await execute(tab.query, variables, demo_settings, OPERATOR) == over_http


async def test_executing_in_process_needs_tables_and_knowledge(
    database_settings: Settings, tmp_path: Path
):
    with pytest.raises(NothingPublishedError):
        await execute(FAQ_1, settings=database_settings)
    with pytest.raises(StorageError, match="There is no database yet"):
        await execute(
            FAQ_1, settings=Settings(database_url=f"sqlite://{tmp_path / 'none.sqlite3'}")
        )


async def test_expected_errors_in_process_are_told_alike(demo_settings: Settings):
    body = await execute("{ faq(number: 99) { slug } }", settings=demo_settings, viewer=OPERATOR)
    assert body["data"] == {"faq": None}
    assert body["errors"][0]["extensions"]["code"] == "NOT_FOUND"
