"""Asking the app over HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from graphql_schema.app import create_app
from kb.settings import Settings
from tests.tokens import helpdesk_token

UNLIMITED = dict.fromkeys(("anonymous_rate", "chatbot_rate", "anonymous_points", "token_points"), 0)
"""Settings under which nobody has to wait."""


class Client:
    """Asks the app, as a program would."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer that has no errors."""
        body = await self.body(query, **variables)
        assert "errors" not in body, body["errors"]
        return body["data"]

    async def error(self, query: str, **variables: Any) -> dict[str, Any]:
        """The only error of an answer, without its place in the text and the id of the request."""
        (error,) = (await self.body(query, **variables))["errors"]
        error.pop("locations", None)
        error["extensions"].pop("requestId")
        return error

    async def body(self, query: str, **variables: Any) -> dict[str, Any]:
        answer = await self.http.post("/graphql", json={"query": query, "variables": variables})
        assert answer.status_code == 200, answer.text
        return answer.json()


@asynccontextmanager
async def answering(settings: Settings, **changed: Any) -> AsyncIterator[Client]:
    """The app with these settings, some of them changed, asked in the name of the helpdesk."""
    app = create_app(settings.model_copy(update=changed))
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http,
    ):
        http.headers["Authorization"] = f"Bearer {await helpdesk_token(settings)}"
        yield Client(http)
