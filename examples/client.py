"""A small GraphQL client: over HTTP, and over one WebSocket by graphql-transport-ws."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

import httpx
import websockets
from websockets.asyncio.client import ClientConnection

Data = dict[str, Any]


class Client(Protocol):
    """Somebody who asks."""

    async def ask(self, query: str, **variables: Any) -> Data:
        """The data of an answer; RuntimeError when it has errors."""


class HttpClient:
    """Asks by POST, with the token in the header Authorization."""

    def __init__(self, url: str, token: str | None = None) -> None:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._http = httpx.AsyncClient(headers=headers, timeout=30)
        self._url = url

    async def ask(self, query: str, **variables: Any) -> Data:
        """The data of an answer; RuntimeError when it has errors."""
        answer = await self._http.post(self._url, json={"query": query, "variables": variables})
        return _data(answer.json())

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()


class WebSocketClient:
    """Asks and follows over one connection, with the token in `connection_init`."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._numbers = itertools.count(1)
        self._waiting: dict[str, asyncio.Queue[Data]] = {}

    @classmethod
    @asynccontextmanager
    async def connected(cls, url: str, token: str) -> AsyncIterator[WebSocketClient]:
        """A connection that the server has accepted, until the end of this context."""
        protocol = websockets.Subprotocol("graphql-transport-ws")
        async with websockets.connect(url, subprotocols=[protocol]) as connection:
            client = cls(connection)
            await client._send("connection_init", {"Authorization": f"Bearer {token}"})
            acknowledged = json.loads(await connection.recv())
            if acknowledged["type"] != "connection_ack":
                raise RuntimeError(f"not accepted: {acknowledged}")
            receiving = asyncio.create_task(client._receive())
            try:
                yield client
            finally:
                receiving.cancel()

    async def ask(self, query: str, **variables: Any) -> Data:
        """The data of an answer; RuntimeError when it has errors."""
        results = await self._start(query, variables)
        answer = _data((await results.get())["payload"])
        await results.get()  # complete
        return answer

    async def follow(self, query: str, **variables: Any) -> asyncio.Queue[Data]:
        """A queue of what a subscription tells from now on, as messages of the protocol."""
        return await self._start(query, variables)

    async def _start(self, query: str, variables: Data) -> asyncio.Queue[Data]:
        number = str(next(self._numbers))
        results = self._waiting[number] = asyncio.Queue()
        await self._send("subscribe", {"query": query, "variables": variables}, id=number)
        return results

    async def _send(self, type_: str, payload: Data, **more: str) -> None:
        await self._connection.send(json.dumps({"type": type_, "payload": payload, **more}))

    async def _receive(self) -> None:
        try:
            async for text in self._connection:
                message = json.loads(text)
                if message["type"] == "ping":
                    await self._connection.send('{"type": "pong"}')
                elif "id" in message:
                    self._waiting[message["id"]].put_nowait(message)
        finally:
            closed = {"type": "error", "payload": [{"message": "The connection was closed."}]}
            for results in self._waiting.values():
                results.put_nowait(closed)


def _data(body: Any) -> Data:
    errors = body if isinstance(body, list) else body.get("errors")
    if errors:
        raise RuntimeError("; ".join(error["message"] for error in errors))
    data: Data = body["data"]
    return data
