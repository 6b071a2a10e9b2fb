"""A database all of whose connections wait for a lock: reading goes on, changes say so in time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import httpx
from tortoise.connection import get_connection

from kb.rules.roles import Role
from kb.services.access.matrix import Viewer
from kb.settings import Settings
from tests.tokens import token_for
from tests.trial_databases import on_postgresql
from tests.web.asking import answering

REGISTER = """mutation($name: String!) { facilityRegister(input: {name: $name, country: "VN"}) {
  __typename } }"""
PAGE = "{ facilities(first: 3) { nodes { name } } }"


@asynccontextmanager
async def locked(settings: Settings, table: str) -> AsyncIterator[None]:
    """Somebody else holds a lock, under which the table can be read and not changed."""
    credentials = settings.tortoise()["connections"]["default"]["credentials"]
    names = ("host", "port", "user", "password", "database")
    other = await asyncpg.connect(**{name: credentials[name] for name in names})
    try:
        async with other.transaction():
            await other.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
            yield
    finally:
        await other.close()


@on_postgresql
async def test_changes_that_hold_every_connection_end_in_time_and_reading_goes_on(
    demo_settings: Settings,
):
    async with answering(demo_settings, database_pool_size=4, request_timeout=1.0) as client:
        officer = await token_for(demo_settings, Viewer(Role.PROGRAMME_OFFICER, countries=("VN",)))
        client.http.headers["Authorization"] = f"Bearer {officer}"
        before = await client.ask(PAGE)

        async def register(number: int) -> httpx.Response:
            variables = {"name": f"New Factory {number}"}
            return await client.http.post(
                "/graphql", json={"query": REGISTER, "variables": variables}
            )

        async with locked(demo_settings, "facility"):
            waiting = [asyncio.create_task(register(number)) for number in range(12)]
            await asyncio.sleep(0.3)
            assert await client.ask(PAGE) == before
            assert not any(task.done() for task in waiting)
            answers = await asyncio.gather(*waiting)
        assert {answer.status_code for answer in answers} == {503}
        codes = {answer.json()["errors"][0]["extensions"]["code"] for answer in answers}
        assert codes == {"TIMEOUT"}
        again = await client.ask(REGISTER, name="New Factory 1")
        assert again == {"facilityRegister": {"__typename": "FacilityRecorded"}}


@on_postgresql
async def test_a_connection_that_closes_while_it_is_given_back_is_free(database: Settings):
    client: Any = get_connection("default")
    pool = client._pool
    free = pool.get_idle_size()
    borrowed = await pool.acquire()
    giving_back = asyncio.create_task(pool.release(borrowed))
    await asyncio.sleep(0)
    borrowed.terminate()
    await giving_back
    again = [await pool.acquire() for _ in range(free + 1)]
    for connection in again:
        await pool.release(connection)
