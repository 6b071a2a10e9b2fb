"""`/mcp` with the official client: the tools, their refusals, and in whose name they answer."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import httpx2
import pytest
from graphql import parse, validate
from mcp import MCPError
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client

import graphql_schema.web.mcp
from graphql_schema.app import create_app
from graphql_schema.mcp.tools import load_tools
from graphql_schema.schema import schema
from kb.models import AuditEntry, Facility
from kb.rules.roles import Role
from kb.services.access.matrix import Viewer
from kb.settings import Settings
from tests.tokens import helpdesk_token, token_for
from tests.trial_databases import on_sqlite

pytestmark = on_sqlite

BRAND = Viewer(Role.BRAND, organisation="Brand A")
UNSHARED = {"facility": {"osId": "DEMO-OS-000001"}}


class Serving:
    """The app, asked by assistants with one token or none."""

    def __init__(self, app: Any, settings: Settings) -> None:
        self._app = app
        self.settings = settings

    @asynccontextmanager
    async def assistant(self, token: str | None = None, **how: Any) -> AsyncIterator[Client]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        transport = httpx2.ASGITransport(self._app)
        async with httpx2.AsyncClient(transport=transport, headers=headers) as http:
            streams = streamable_http_client("http://127.0.0.1/mcp", http_client=http)
            async with Client(streams, **how) as client:
                yield client

    def http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self._app), base_url="http://127.0.0.1"
        )


@asynccontextmanager
async def serving_with(settings: Settings, **changed: Any) -> AsyncIterator[Serving]:
    app = create_app(settings.model_copy(update=changed))
    async with app.router.lifespan_context(app):
        yield Serving(app, settings)


@pytest.fixture
async def serving(demo_settings: Settings) -> AsyncIterator[Serving]:
    async with serving_with(demo_settings) as app:
        yield app


async def call(client: Client, name: str, **arguments: Any) -> dict[str, Any]:
    """What a tool answers as data; the text says the same."""
    result = await client.call_tool(name, arguments)
    data: dict[str, Any] = result.structured_content
    assert json.loads(result.content[0].text) == data
    assert result.is_error is ("errors" in data)
    return data


CALLS: dict[str, dict[str, Any]] = {
    "ask": {"question": "what does it cost to share?"},
    "what_if": {"profile": {"country": "VN", "enrolled": "YES"}},
    "next_question": {"profile": {"country": "VN"}, "locale": "vi"},
    "get_faq": {"number": 7, "locale": "vi"},
    "country_status": {"code": "ID", "asOf": "2021-10-01", "layers": ["SHARED_FAQS_2021"]},
    "fees": {"filter": {"codes": ["HOST_SHARING"]}},
    "what_applies": {"facility": {"osId": "DEMO-OS-000001"}, "locale": "id"},
    "find_facilities": {"nameContains": "Factory 0001"},
}


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_every_tool_answers_the_official_client_with_citations(serving: Serving, mode: str):
    async with serving.assistant(await helpdesk_token(serving.settings), mode=mode) as client:
        listed = {tool.name: tool for tool in (await client.list_tools()).tools}
        answers = {name: await call(client, name, **arguments) for name, arguments in CALLS.items()}
    assert listed.keys() == CALLS.keys() == load_tools(schema._schema).keys()
    assert all(tool.annotations.read_only_hint for tool in listed.values())
    data = {name: next(iter(answer["data"].values())) for name, answer in answers.items()}
    assert data["ask"]["outcome"] == "ANSWERED"
    # FAQ 14, and a later page on what a host charges.
    assert {citation["faqNumber"] for citation in data["ask"]["citations"]} == {14, None}
    assert data["what_if"]["assessment"]["assessedBy"] == "BETTER_WORK"
    assert data["next_question"]["input"] == "ENROLLED"
    assert data["get_faq"]["servedLocale"] == "vi"
    assert data["country_status"]["kind"] == "ROLLOUT"
    assert {fee["code"] for fee in data["fees"]} == {"HOST_SHARING"}
    assert data["what_applies"]["whatApplies"]["citations"]
    assert data["find_facilities"]["nodes"][0]["osId"] == "DEMO-OS-000001"


def test_every_tool_is_a_valid_operation_of_the_schema():
    tools = load_tools(schema._schema).values()
    assert {tool.name: validate(schema._schema, parse(tool.query)) for tool in tools} == {
        tool.name: [] for tool in tools
    }


async def test_a_tool_says_what_it_takes_as_the_schema_does(serving: Serving):
    async with serving.assistant() as client:
        tools = {tool.name: tool.input_schema for tool in (await client.list_tools()).tools}
    assert tools["ask"]["required"] == ["question"]
    assert tools["ask"]["properties"]["question"] == {
        "type": "string",
        "description": "The question, in any language served.",
    }
    profile = tools["what_if"]["properties"]["profile"]
    assert profile["required"] == ["country"]
    assert profile["properties"]["enrolled"] == {
        "type": "string",
        "enum": ["YES", "NO", "UNKNOWN"],
        "description": "Is it enrolled in Better Work?",
        "default": "UNKNOWN",
    }
    assert tools["find_facilities"]["properties"]["first"] == {
        "type": "integer",
        "default": 10,
        "description": "How many from the beginning; 20 by default.",
    }


async def test_what_is_not_covered_is_handed_over_as_data(serving: Serving):
    async with serving.assistant() as client:
        with_later_page = await call(client, "ask", question="how long does the approval take?")
        without = await call(client, "ask", question="do you certify organic cotton?")
    answer = with_later_page["data"]["ask"]
    assert answer["handover"]["topic"] == "How long approval and support take"
    assert answer["handover"]["askText"]
    assert "1 to 2 business days. (public record, 2026-11-23)" in answer["text"]
    assert without["data"]["ask"]["text"] is None


async def test_a_brand_cannot_tell_a_facility_that_it_may_not_see_from_none(serving: Serving):
    hidden = await Facility.get(os_id="DEMO-OS-000001")
    token = await token_for(serving.settings, BRAND)
    async with serving.assistant(token) as client:
        unseen = await call(client, "what_applies", **UNSHARED)
        missing = await call(client, "what_applies", facility={"osId": "DEMO-OS-999999"})
        facilities = await call(client, "find_facilities", nameContains=hidden.name)
    assert unseen["data"] == missing["data"] == {"facility": None}
    (error,) = unseen["errors"]
    assert error["message"] == "There is no facility 'DEMO-OS-000001'."
    for answer in (unseen, missing):
        del answer["errors"][0]["extensions"]["requestId"]
    assert json.dumps(unseen).replace("-000001", "-999999") == json.dumps(missing)
    assert facilities["data"]["facilities"]["totalCount"] == 0


async def test_without_a_token_facilities_are_refused_with_a_code(serving: Serving):
    async with serving.assistant() as client:
        answer = await call(client, "what_applies", **UNSHARED)
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "NOT_PERMITTED"
    assert answer["data"] == {"facility": None}


async def test_a_bad_token_is_refused_before_anything_is_called(serving: Serving):
    async with serving.http() as http:
        answer = await http.post("/mcp", json={}, headers={"Authorization": "Bearer kb_wrong"})
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("ask", {"q": "x"}, "arguments: 'q' is not valid. Allowed: question, previousQuestion, "),
        ("ask", {}, "'$question' has invalid value: Expected a value of non-null type 'String!'"),
        ("get_faq", {"number": "seven"}, "Int cannot represent non-integer value: 'seven'"),
        ("what_if", {"profile": {"country": "Vietnam"}}, "CountryCode: 'Vietnam' is not valid."),
        ("ask", {"question": " "}, "question: ' ' is not valid."),
    ],
)
async def test_wrong_arguments_are_named_with_what_is_allowed(
    serving: Serving, name: str, arguments: dict[str, Any], message: str
):
    async with serving.assistant() as client:
        (error,) = (await call(client, name, **arguments))["errors"]
    assert message in error["message"]


async def test_a_tool_that_does_not_exist_is_refused_with_those_that_do(serving: Serving):
    async with serving.assistant() as client:
        with pytest.raises(MCPError, match=r"no tool 'publish', but ask, country_status, "):
            await client.call_tool("publish", {})


async def test_the_audit_knows_what_was_read_by_a_tool_or_it_is_not_told(serving: Serving):
    async with serving.assistant(await helpdesk_token(serving.settings)) as client:
        for times in (1, 2):
            await call(client, "what_applies", **UNSHARED)
            noted = await AuditEntry.filter(what="READ")
            facility = await Facility.get(os_id="DEMO-OS-000001")
            read = [(entry.role, entry.facility_id) for entry in noted]
            assert read == [("HELPDESK", facility.id)] * times
        await AuditEntry._meta.db.execute_script("ALTER TABLE audit_entry RENAME TO elsewhere")
        refused = await call(client, "what_applies", **UNSHARED)
    assert [error["extensions"]["code"] for error in refused["errors"]] == ["STORAGE_UNAVAILABLE"]
    assert "data" not in refused


async def test_who_calls_too_often_is_told_when_to_go_on(demo_settings: Settings):
    async with serving_with(demo_settings, chatbot_rate=1) as serving:
        token = await token_for(demo_settings, Viewer(Role.CHATBOT))
        async with serving.assistant(token) as client:
            first = await call(client, "get_faq", number=1)
            refused = [await call(client, "get_faq", number=1) for _ in range(30)][-1]
    assert first["data"]["faq"]["number"] == 1
    assert refused["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert refused["errors"][0]["extensions"]["retryAfter"] > 0


async def test_pages_of_other_origins_may_ask_only_once_they_are_named(demo_settings: Settings):
    named = "https://bot.example"
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    accept = {"Accept": "application/json, text/event-stream"}
    changed = serving_with(demo_settings, allowed_origins=(named,))
    async with changed as serving, serving.http() as http:
        answers = {
            origin: await http.post("/mcp", json=ping, headers={"Origin": origin} | accept)
            for origin in (named, "http://127.0.0.1", "https://other.example", "null")
        }
    assert {origin: answer.status_code for origin, answer in answers.items()} == {
        named: 200,
        "http://127.0.0.1": 200,
        "https://other.example": 403,
        "null": 403,
    }
    assert answers[named].headers["access-control-allow-origin"] == named


async def test_an_answer_tells_what_it_cost(serving: Serving):
    async with serving.assistant() as client:
        result = await client.call_tool("get_faq", {"number": 1})
    assert result.meta["cost"]["requested"] > 0


async def test_there_is_no_stream_to_wait_on(serving: Serving):
    async with serving.http() as http:
        answer = await http.get("/mcp", headers={"Accept": "text/event-stream"})
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    "headers", [{"Content-Type": "text/plain"}, {"Content-Encoding": "gzip"}, {"Content-Type": ""}]
)
async def test_a_body_that_is_no_plain_json_is_refused_in_json(
    serving: Serving, headers: dict[str, str]
):
    async with serving.http() as http:
        answer = await http.post("/mcp", json={}, headers=headers)
    assert answer.status_code == 415
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNSUPPORTED_MEDIA_TYPE"


async def test_without_the_extra_the_address_says_what_is_missing(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(graphql_schema.web.mcp, "INSTALLED", False)
    async with serving_with(demo_settings) as serving, serving.http() as http:
        answer = await http.post("/mcp", json={})
    assert answer.status_code == 404
    assert "kb-status-api[mcp]" in answer.json()["errors"][0]["message"]
