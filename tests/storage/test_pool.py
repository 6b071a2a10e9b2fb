"""Connections to PostgreSQL: statements of many rows, and what becomes of one that is given up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
from tortoise.connection import get_connection
from tortoise.exceptions import OperationalError
from tortoise.transactions import in_transaction

from kb.models import Facility
from kb.services.database import connect, current_client
from kb.settings import Settings
from tests.storage.stored import MORNING
from tests.trial_databases import on_postgresql

pytestmark = on_postgresql

PID = "SELECT pg_backend_pid()"
LONG = "SELECT pg_sleep(600)"


class Road:
    """A way to a server, which can fall silent: then nothing arrives at either end."""

    def __init__(self, host: str, port: int) -> None:
        self._to = host, port
        self._open = asyncio.Event()
        self._open.set()
        self._used: set[asyncio.Task[None]] = set()

    def fall_silent(self) -> None:
        self._open.clear()

    def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._used.add(asyncio.create_task(self._lead(reader, writer)))

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer):
            await self._open.wait()
            host, port = self._to
            if host.startswith("/"):
                there, back = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
            else:
                there, back = await asyncio.open_connection(host, port)
            with closing(back), suppress(ConnectionError):
                parts = self._pass_on(reader, back), self._pass_on(there, writer)
                await asyncio.gather(*parts)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while part := await reader.read(65_536):
            await self._open.wait()
            writer.write(part)
        writer.close()

    async def end(self) -> None:
        for task in self._used:
            task.cancel()
        await asyncio.gather(*self._used, return_exceptions=True)


@asynccontextmanager
async def on_a_road(settings: Settings) -> AsyncIterator[tuple[Road, Any]]:
    """The client of a database, connected by a road that can fall silent."""
    credentials = settings.tortoise()["connections"]["default"]["credentials"]
    road = Road(credentials["host"], credentials["port"])
    server = await asyncio.start_server(road.connected, "127.0.0.1")
    port = server.sockets[0].getsockname()[1]
    parts = urlsplit(settings.database_url)
    there = f"{parts.netloc.rpartition('@')[0]}@127.0.0.1:{port}"
    url = parts._replace(netloc=there, query="").geturl()
    patient = settings.model_copy(update={"database_url": url, "database_timeout": 600.0})
    async with server:
        try:
            async with connect(patient, everywhere=False):
                yield road, get_connection("default")
        finally:
            await road.end()


async def test_a_trigger_for_a_statement_fires_once_for_many_rows(database: Settings) -> None:
    client: Any = get_connection("default")
    for statement in (
        "CREATE TABLE fired (number INT)",
        "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "INSERT INTO fired SELECT COUNT(*) FROM added; RETURN NULL; END $$",
        "CREATE TRIGGER noting AFTER INSERT ON facility REFERENCING NEW TABLE AS added "
        "FOR EACH STATEMENT EXECUTE FUNCTION note()",
    ):
        await client.run(statement, [])

    def facilities(*names: str) -> list[Facility]:
        return [Facility(name=name, country="VN", created_at=MORNING) for name in names]

    await Facility.bulk_create(facilities("c", "a", "b"))
    async with in_transaction():
        await Facility.bulk_create(facilities("e", "d"))
    assert [tuple(row) for row in await client.run("SELECT number FROM fired", [])] == [(3,), (2,)]
    names = await Facility.all().order_by("id").values_list("name", flat=True)
    assert names == ["c", "a", "b", "e", "d"]


@pytest.mark.parametrize("way", ["run", "execute_query"])
async def test_a_statement_that_is_given_up_ends_and_its_connection_is_used_again(
    database: Settings, way: str
) -> None:
    client: Any = get_connection("default")
    (before,) = await client.run(PID, [])
    reading = asyncio.create_task(getattr(client, way)(LONG, []))
    await asyncio.sleep(0.1)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    running = "SELECT FROM pg_stat_activity WHERE query = $1 AND state = 'active'"
    assert await client.run(running, [LONG]) == []
    if way == "run":
        assert await client.run(PID, []) == [before]


async def run_in_a_transaction(query: str, values: list[Any]) -> None:
    async with in_transaction():
        await current_client().run(query, values)


@pytest.mark.parametrize("way", ["run", "execute_query", "in a transaction"])
async def test_whoever_gives_up_does_not_wait_for_a_server_that_fell_silent(
    database_settings: Settings, way: str
) -> None:
    async with on_a_road(database_settings) as (road, client):
        begin = getattr(client, way, run_in_a_transaction)
        reading = asyncio.create_task(begin(LONG, []))
        await asyncio.sleep(0.1)
        road.fall_silent()
        reading.cancel()
        await asyncio.wait([reading], timeout=20)  # of 600 seconds
        assert reading.cancelled()


async def test_a_connection_that_is_given_back_twice_at_once_is_told_as_the_fault_it_is(
    database: Settings,
) -> None:
    client: Any = get_connection("default")
    borrowed = await client._pool.acquire()
    back = (client._pool.release(borrowed) for _ in range(2))
    first, second = await asyncio.gather(*back, return_exceptions=True)
    assert first is None
    assert isinstance(second, asyncpg.InternalClientError)


async def test_rows_for_a_table_that_is_missing_fail_as_one_row_does(database: Settings) -> None:
    client: Any = get_connection("default")
    await client.run("ALTER TABLE asked_question RENAME TO elsewhere", [])
    with pytest.raises(OperationalError, match='relation "asked_question" does not exist'):
        await client.execute_many("INSERT INTO asked_question (text) VALUES ($1)", [["a"], ["b"]])
