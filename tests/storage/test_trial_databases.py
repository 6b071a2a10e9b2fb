"""A PostgreSQL database that a test has given back is as its template again, or gone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from kb.services.database import connect
from kb.services.demo.facilities import make_demo
from kb.settings import Settings
from tests.storage.stored import add_facility
from tests.templates import published_template
from tests.trial_databases import PostgresDatabases


@pytest.fixture
def databases(
    postgres_databases: PostgresDatabases, monkeypatch: pytest.MonkeyPatch
) -> PostgresDatabases:
    published_template(postgres_databases)
    monkeypatch.setattr(postgres_databases, "_unused", {"published": [], "demo_9": []})
    return postgres_databases


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(settings.database_url)
    try:
        yield connection
    finally:
        await connection.close()


async def contents(settings: Settings) -> dict[str, Any]:
    """The rows of all tables, and where the sequences are."""
    async with connected(settings) as connection:
        tables = await connection.fetch("SELECT relname FROM pg_stat_user_tables")
        contents = {
            name: await connection.fetch(f'SELECT * FROM "{name}" ORDER BY 1') for (name,) in tables
        }
        sequences = await connection.fetch("SELECT relname FROM pg_class WHERE relkind = 'S'")
        for (name,) in sequences:
            state = f"SELECT last_value, is_called FROM {name}"
            contents[name] = await connection.fetchrow(state)
        return contents


async def test_rows_that_were_added_are_removed_and_ids_begin_again(
    databases: PostgresDatabases,
) -> None:
    settings = databases.copy("published")
    before = await contents(settings)
    async with connect(settings, everywhere=False):
        await make_demo(3)
    assert await contents(settings) != before
    databases.drop(settings)
    again = databases.copy("published")
    assert again == settings
    assert await contents(again) == before
    databases.drop(again)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE faq SET slug = 'other' WHERE number = 1",
        "ALTER TABLE facility RENAME TO elsewhere",
        "CREATE INDEX ON facility (name)",
    ],
)
async def test_what_was_changed_otherwise_is_not_used_again(
    databases: PostgresDatabases, statement: str
) -> None:
    settings = databases.copy("published")
    async with connected(settings) as connection:
        await connection.execute(statement)
    databases.drop(settings)
    again = databases.copy("published")
    assert again != settings
    databases.drop(again)


async def test_what_was_added_and_then_changed_is_removed(databases: PostgresDatabases) -> None:
    settings = databases.copy("published")
    before = await contents(settings)
    async with connect(settings, everywhere=False):
        facility = await add_facility()
        facility.name = "Example Garments Two"
        await facility.save()
    databases.drop(settings)
    again = databases.copy("published")
    assert (again, await contents(again)) == (settings, before)
    databases.drop(again)
