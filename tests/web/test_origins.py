"""Pages of an allowed origin can read every answer, whatever layer refuses them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from graphql_schema.app import create_app
from kb.settings import Settings
from tests.trial_databases import on_sqlite
from tests.web.asking import Client, answering

pytestmark = on_sqlite

DASHBOARD = "https://dashboard.example"
NUMBER = {"query": "{ knowledge { number } }"}


@pytest.fixture
async def shared(demo_settings: Settings) -> AsyncIterator[Client]:
    """The app, with a dashboard on another origin."""
    async with answering(
        demo_settings, allowed_origins=(DASHBOARD,), request_timeout=0.2
    ) as client:
        yield client


async def late() -> AsyncIterator[bytes]:
    yield b"{"
    await asyncio.sleep(1)


REFUSED: dict[str, tuple[int, str, str, dict[str, Any]]] = {
    "/graphql?query=" + "x" * 17_000: (414, "ADDRESS_TOO_LONG", "GET", {}),
    "/nothing": (404, "NOT_FOUND", "GET", {}),
    "/healthz": (405, "METHOD_NOT_ALLOWED", "POST", {}),
    "/metrics": (404, "NOT_FOUND", "GET", {"headers": {"Via": "a proxy"}}),
    "/docs/nothing": (404, "NOT_FOUND", "GET", {}),
    "/static/nothing": (404, "NOT_FOUND", "GET", {}),
    "/graphql": (405, "METHOD_NOT_ALLOWED", "PUT", {}),
    "/mcp": (405, "METHOD_NOT_ALLOWED", "GET", {}),
    "/graphql?head": (431, "HEADERS_TOO_LARGE", "POST", {"headers": {"X": "x" * 40_000}}),
    "/graphql?large": (413, "REQUEST_TOO_LARGE", "POST", {"content": b" " * 200_001}),
    "/graphql?late": (408, "TIMEOUT", "POST", {"content": late}),
    "/graphql?token": (401, "UNAUTHENTICATED", "POST", {"headers": {"Authorization": "Bearer"}}),
    "/graphql?type": (
        415,
        "UNSUPPORTED_MEDIA_TYPE",
        "POST",
        {"headers": {"Content-Type": "text/plain"}},
    ),
    "/graphql?coding": (406, "NOT_ACCEPTABLE", "POST", {"headers": {"Accept-Encoding": "*;q=0"}}),
    "/graphql?query={a": (406, "NOT_ACCEPTABLE", "GET", {"headers": {"Accept": "a/b"}}),
}


@pytest.mark.parametrize("path", REFUSED)
async def test_every_layer_refuses_in_the_same_form_and_readably(shared: Client, path: str):
    status, code, method, request = REFUSED[path]
    headers = {
        "Origin": DASHBOARD,
        "Content-Type": "application/json",
        **request.get("headers", {}),
    }
    request = {**request, "headers": headers}
    if request.get("content") is late:
        request["content"] = late()
    answer = await shared.http.request(method, path, **request)
    assert answer.status_code == status, answer.text
    (error,) = answer.json()["errors"]
    assert error["message"]
    assert error["extensions"] == {"code": code, "requestId": answer.headers["x-request-id"]}
    assert answer.headers["access-control-allow-origin"] == DASHBOARD
    assert "X-Request-ID" in answer.headers["access-control-expose-headers"]
    assert "Origin" in answer.headers["vary"]
    assert ("allow" in answer.headers) == (status == 405)


async def test_a_page_that_may_not_ask_is_told_so_in_the_same_form(shared: Client):
    for origin, method in (("https://hostile.example", "POST"), (DASHBOARD, "PUT")):
        preflight_headers = {"Origin": origin, "Access-Control-Request-Method": method}
        answer = await shared.http.options("/graphql", headers=preflight_headers)
        assert answer.status_code == 400
        (error,) = answer.json()["errors"]
        assert error["extensions"]["code"] == "CROSS_ORIGIN_REFUSED"
        assert error["extensions"]["requestId"] == answer.headers["x-request-id"]
        assert answer.headers.get("access-control-allow-origin") != "https://hostile.example"
        assert "Origin" in answer.headers["vary"]


async def test_a_page_can_read_that_the_server_failed(demo_settings: Settings):
    app = create_app(demo_settings.model_copy(update={"allowed_origins": (DASHBOARD,)}))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http,
    ):
        del app.state.knowledge
        answer = await http.post("/graphql", json=NUMBER, headers={"Origin": DASHBOARD})
    assert answer.status_code == 500
    assert answer.json()["errors"][0]["extensions"]["code"] == "INTERNAL_ERROR"
    assert answer.headers["access-control-allow-origin"] == DASHBOARD


async def test_what_a_server_that_stops_gives_up_is_refused_and_may_be_asked_again(
    demo_settings: Settings,
):
    app = create_app(demo_settings.model_copy(update={"allowed_origins": (DASHBOARD,)}))
    sent: list[Any] = []

    async def receive() -> Any:
        return await asyncio.Future()

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "headers": [(b"origin", DASHBOARD.encode()), (b"content-type", b"application/json")],
        "client": ("127.0.0.1", 1),
    }
    async with app.router.lifespan_context(app):
        answering = asyncio.create_task(app(scope, receive, send))
        await asyncio.sleep(0)
        app.state.live_bus.close()
        answering.cancel()
        await answering
    start, body = sent
    headers = dict(start["headers"])
    assert start["status"] == 503
    assert headers[b"access-control-allow-origin"] == DASHBOARD.encode()
    assert headers[b"retry-after"] == b"5"
    assert b"GOING_AWAY" in body["body"]


async def test_a_planned_answer_is_marked_for_a_page_too(shared: Client):
    for _ in range(3):
        answer = await shared.http.post("/graphql", json=NUMBER, headers={"Origin": DASHBOARD})
        assert answer.headers["access-control-allow-origin"] == DASHBOARD
    other = await shared.http.post("/graphql", json=NUMBER, headers={"Origin": "https://a.example"})
    assert other.status_code == 200
    assert "access-control-allow-origin" not in other.headers
    assert "Origin" in other.headers["vary"]
