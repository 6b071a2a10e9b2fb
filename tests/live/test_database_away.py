"""PostgreSQL goes away and comes back: clear errors meanwhile, and all works again afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import quote

import httpx
import pytest

from kb.rules.events import EventKind
from kb.rules.roles import Role
from kb.services.live.waking import pause_after
from kb.settings import Settings
from tests.live.conftest import Writer
from tests.live.served import PORTFOLIO, Server, following, served, streaming
from tests.trial_databases import on_postgresql

pytestmark = [
    pytest.mark.served,
    on_postgresql,
]

ALPHA = "Alpha Garments"


@dataclass
class Gate:
    """A way to PostgreSQL that can be closed."""

    settings: Settings
    port: int = 0
    _server: asyncio.Server | None = None
    _open: set[asyncio.Task[None]] = field(default_factory=set)

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    @property
    def url(self) -> str:
        credentials = self._credentials
        user = quote(credentials["user"] or "", safe="")
        password = quote(credentials["password"] or "", safe="")
        return f"postgres://{user}:{password}@127.0.0.1:{self.port}/{credentials['database']}"

    @property
    def user(self) -> str:
        return str(self._credentials["user"])

    @property
    def _credentials(self) -> dict[str, str]:
        credentials: dict[str, str] = self.settings.tortoise()["connections"]["default"][
            "credentials"
        ]
        return credentials

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = self._credentials["host"], self._credentials["port"]
        connecting = (
            asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
            if host.startswith("/")
            else asyncio.open_connection(host, port)
        )
        far_reader, far_writer = await connecting
        for source, target in ((reader, far_writer), (far_reader, writer)):
            task = asyncio.create_task(_copy(source, target))
            self._open.add(task)
            task.add_done_callback(self._open.discard)


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65_536):
            target.write(data)
            await target.drain()
    finally:
        target.transport.abort()


@pytest.fixture
async def gate(writer: Writer) -> AsyncIterator[Gate]:
    gate = Gate(writer.settings)
    await gate.open()
    yield gate
    await gate.close()


@pytest.fixture
async def server(gate: Gate) -> AsyncIterator[Server]:
    reached = gate.settings.model_copy(update={"database_url": gate.url})
    async with served(reached, KB_DATABASE_TIMEOUT="1") as process:
        yield process


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await holds():  # noqa: ASYNC110 - nothing else tells of it
            await asyncio.sleep(0.1)


async def test_subscriptions_end_for_a_time_and_everything_works_again(
    writer: Writer, server: Server, gate: Gate
) -> None:
    token = await writer.token(Role.HELPDESK)

    async def ready(expected: int) -> bool:
        async with httpx.AsyncClient() as http:
            return (await http.get(f"{server.http}/readyz")).status_code == expected

    async with (
        following(server, token, PORTFOLIO) as subscriber,
        streaming(server, token, PORTFOLIO) as stream,
    ):
        await subscriber.next_message()
        await stream.event()
        await gate.close()
        # Clients connect and subscribe again by themselves after this code.
        assert await subscriber.closed() == 1013
        _, data = await stream.event()
        assert data["errors"][0]["extensions"]["code"] == "STORAGE_UNAVAILABLE"
        assert await stream.event() == ("complete", None)
    await until(lambda: ready(503))
    await gate.open()
    await until(lambda: ready(200))
    async with following(server, token, PORTFOLIO) as subscriber:
        assert (await subscriber.next_message())["__typename"] == "CaughtUp"
        await writer.happens(ALPHA, EventKind.ENROLLED)
        assert (await subscriber.next_message())["event"]["kind"] == "ENROLLED"
        await writer.revoke(token)
        assert await subscriber.closed() == 4403


async def test_what_needs_no_database_is_answered_meanwhile(
    writer: Writer, server: Server, gate: Gate
) -> None:
    unknown = 'query { ask(input: {question: "what is the capital of France"}) { outcome } }'
    everybody = "{ facilities { totalCount } }"
    token = await writer.token(Role.HELPDESK)
    await gate.close()
    async with httpx.AsyncClient(base_url=server.http, timeout=30) as http:
        assert (await http.get("/healthz")).status_code == 200
        response = await http.post("/graphql", json={"query": unknown})
        assert response.json()["data"] == {"ask": {"outcome": "HANDOVER"}}
        refused = await http.post(
            "/graphql",
            json={"query": everybody},
            headers={"Authorization": f"Bearer {token}"},
        )
        assert refused.status_code == 503
        (error,) = refused.json()["errors"]
        assert error["extensions"]["code"] == "STORAGE_UNAVAILABLE"
        assert refused.headers["retry-after"] == "5"


@pytest.mark.parametrize(("failures", "most"), [(1, 0.4), (2, 0.8), (6, 10.0), (10_000, 10.0)])
def test_who_cannot_listen_tries_again_ever_more_seldom_and_for_ever(
    failures: int, most: float
) -> None:
    assert most / 2 <= pause_after(failures) <= most
