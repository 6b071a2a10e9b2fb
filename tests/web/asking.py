"""Asking the app over HTTP."""

from typing import Any

import httpx


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
        """The only error of an answer, without its place in the text."""
        (error,) = (await self.body(query, **variables))["errors"]
        error.pop("locations", None)
        return error

    async def body(self, query: str, **variables: Any) -> dict[str, Any]:
        answer = await self.http.post("/graphql", json={"query": query, "variables": variables})
        assert answer.status_code == 200, answer.text
        return answer.json()
