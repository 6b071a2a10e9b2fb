"""The app as a process of its own on 127.0.0.1, and clients that talk to it as others would."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import websockets
from websockets.asyncio.client import ClientConnection

from kb.settings import Settings
from tests.live.serving import ServerProcess
from tests.trial_databases import PEPPER as TRIAL_PEPPER

PEPPER = TRIAL_PEPPER.get_secret_value()
PROTOCOL = "graphql-transport-ws"
PATIENCE = 10.0

CHANGE = """
    __typename
    ... on FacilityEvent { cursor event { kind sequence } facility { id name } }
    ... on CaughtUp { cursor }
    ... on SlowReader { cursor }
"""
PORTFOLIO = (
    "subscription ($after: String) { portfolioEvents(after: $after) {"
    + CHANGE
    + "... on FacilityAppeared { cursor facility { id name } }"
    " ... on FacilityVanished { cursor facilityId } } }"
)
FACILITY = (
    "subscription ($id: ID!, $after: String) { facilityEvents(facilityId: $id, after: $after) {"
    + CHANGE
    + "} }"
)
RELEASES = "subscription { knowledgeReleased { number } }"


@dataclass(frozen=True)
class Server:
    """A process that answers."""

    port: int
    process: ServerProcess
    log: Path

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws(self) -> str:
        return f"ws://127.0.0.1:{self.port}/graphql"

    async def stop(self) -> str:
        """End it as a supervisor would, and return all that it has logged."""
        if not self.process.ended:
            self.process.terminate()
            try:
                await asyncio.wait_for(self.process.wait(), PATIENCE)
            except TimeoutError:
                self.process.kill()
                await self.process.wait()
                raise AssertionError(f"it did not end:\n{self.log.read_text()}") from None
        return self.log.read_text()


@asynccontextmanager
async def served(
    settings: Settings,
    *,
    app: str = "graphql_schema.app:create_app",
    by_itself: bool = False,
    port: int | None = None,
    **environment: str,
) -> AsyncIterator[Server]:
    """Serve a database, on any port if none is given, until the end of this context."""
    port = port or _free_port()
    with tempfile.TemporaryDirectory(prefix="kb-live-") as folder:
        log = Path(folder) / "log"
        variables = {
            **{name: value for name, value in os.environ.items() if name[:3] != "KB_"},
            "KB_DATABASE_URL": settings.database_url,
            "KB_TOKEN_PEPPER": PEPPER,
            **environment,
        }
        server = Server(port, ServerProcess(app, port, variables, log, by_itself), log)
        try:
            await _until_ready(server)
            yield server
        except BaseException:
            print(log.read_text())  # shown with the test that failed
            raise
        finally:
            await server.stop()


async def _until_ready(server: Server) -> None:
    deadline = time.monotonic() + 60  # a slow machine that does much else
    async with httpx.AsyncClient() as client:
        while time.monotonic() < deadline and not server.process.ended:
            try:
                if (await client.get(f"{server.http}/readyz")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)
    raise AssertionError(f"it does not answer:\n{server.log.read_text()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Subscriber:
    """One graphql-transport-ws connection."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.ids = 0

    async def subscribe(self, query: str, **variables: Any) -> str:
        self.ids += 1
        id_ = str(self.ids)
        payload = {"query": query, "variables": variables}
        await self.send({"id": id_, "type": "subscribe", "payload": payload})
        return id_

    async def send(self, message: object) -> None:
        await self.connection.send(json.dumps(message))

    async def message(self, patience: float = PATIENCE) -> dict[str, Any]:
        text = await asyncio.wait_for(self.connection.recv(), patience)
        assert isinstance(text, str), "the protocol has text frames"
        message: dict[str, Any] = json.loads(text)
        return message

    async def next_message(self, patience: float = PATIENCE) -> dict[str, Any]:
        """The next thing that a subscription tells."""
        message = await self.message(patience)
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        (value,) = message["payload"]["data"].values()
        assert isinstance(value, dict)
        return value

    async def error(self) -> dict[str, Any]:
        """The only error with which a subscription ends."""
        message = await self.message()
        errors = message["payload"]["errors"] if message["type"] == "next" else message["payload"]
        (error,) = errors
        error["extensions"].pop("requestId", None)
        return {"message": error["message"], **error["extensions"]}

    async def silence(self, seconds: float = 0.5) -> None:
        """Nothing is told for a while."""
        try:
            message = await self.message(seconds)
        except TimeoutError:
            return
        raise AssertionError(message)

    async def closed(self, patience: float = PATIENCE) -> int:
        """The code with which the server closes the connection, whatever comes before."""
        async with asyncio.timeout(patience):
            with contextlib.suppress(websockets.ConnectionClosed):
                while True:
                    await self.connection.recv()
        assert self.connection.close_code is not None
        return self.connection.close_code


@asynccontextmanager
async def connected_at(
    address: str, token: str | None = None, **options: Any
) -> AsyncIterator[Subscriber]:
    """A connection to an address on which `connection_init` was accepted."""
    protocols = [websockets.Subprotocol(PROTOCOL)]
    async with websockets.connect(address, subprotocols=protocols, **options) as connection:
        subscriber = Subscriber(connection)
        payload = {} if token is None else {"Authorization": f"Bearer {token}"}
        await subscriber.send({"type": "connection_init", "payload": payload})
        assert (await subscriber.message())["type"] == "connection_ack"
        yield subscriber


@asynccontextmanager
async def connected(
    server: Server, token: str | None = None, **options: Any
) -> AsyncIterator[Subscriber]:
    """The same to a server."""
    async with connected_at(server.ws, token, **options) as subscriber:
        yield subscriber


@asynccontextmanager
async def following(
    server: Server, token: str | None, query: str, **variables: Any
) -> AsyncIterator[Subscriber]:
    """A connection with one subscription."""
    async with connected(server, token) as subscriber:
        await subscriber.subscribe(query, **variables)
        yield subscriber


class Stream:
    """One subscription over server-sent events."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.lines = response.aiter_lines()

    async def event(self, patience: float = PATIENCE) -> tuple[str, Any]:
        """The next event: its name and its data; comments are passed over."""
        async with asyncio.timeout(patience):
            name = ""
            while True:
                line = await anext(self.lines)
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data:"):
                    data = line.removeprefix("data:").strip()
                    return name, json.loads(data) if data else None

    async def next_message(self, patience: float = PATIENCE) -> dict[str, Any]:
        name, data = await self.event(patience)
        assert name == "next", (name, data)
        assert "errors" not in data, data
        (value,) = data["data"].values()
        assert isinstance(value, dict)
        return value


@asynccontextmanager
async def streaming(
    server: Server, token: str | None, query: str, **variables: Any
) -> AsyncIterator[Stream]:
    """A subscription over server-sent events."""
    headers = {"Accept": "text/event-stream"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    async with (
        httpx.AsyncClient(timeout=httpx.Timeout(PATIENCE, read=None)) as client,
        client.stream(
            "POST",
            f"{server.http}/graphql",
            json={"query": query, "variables": variables},
            headers=headers,
        ) as response,
    ):
        assert response.status_code == 200, await response.aread()
        assert response.headers["content-type"].startswith("text/event-stream")
        yield Stream(response)
