"""Databases for the tests of access.

sqlite_database   connected to a migrated, empty database, on SQLite only
people            one for each role, who ask the app; on SQLite and on PostgreSQL
peppered          settings of a database, with a pepper
keys              the keys of that database
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

import kb.services.access.api_keys
from graphql_schema.app import create_app
from kb.services.access.api_keys import ApiKeys
from kb.services.database import connect
from kb.settings import Settings
from tests.access.people import People
from tests.templates import demo_template
from tests.trial_databases import (
    PEPPER,
    SqliteFiles,
    TrialDatabases,
    migrated,
)


@pytest.fixture
async def sqlite_database(sqlite_files: SqliteFiles) -> AsyncIterator[Settings]:
    settings = sqlite_files.copy(sqlite_files.template("empty", migrated))
    async with connect(settings, everywhere=False):
        yield settings
    sqlite_files.drop(settings)


@pytest.fixture
async def demo_server(
    trial_databases: TrialDatabases, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Settings, httpx.AsyncClient]]:
    """The API with the demo facilities: its settings, and a client."""
    # Tests count statements, also on slow machines; the look at the token is not one of them.
    monkeypatch.setattr(kb.services.access.api_keys, "CACHE_SECONDS", 600.0)
    settings = trial_databases.copy(demo_template(trial_databases))
    app = create_app(settings)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as http,
    ):
        yield settings, http
    trial_databases.drop(settings)


@pytest.fixture
async def people(demo_server: tuple[Settings, httpx.AsyncClient]) -> People:
    arrived = People(*demo_server)
    await arrived.arrive()
    return arrived


@pytest.fixture
def peppered(database: Settings) -> Settings:
    return database.model_copy(update={"token_pepper": PEPPER})


@pytest.fixture
def keys(peppered: Settings) -> ApiKeys:
    return ApiKeys(peppered)
