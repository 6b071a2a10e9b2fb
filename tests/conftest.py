"""Databases for tests. A test that asks for one runs on SQLite and on PostgreSQL.

database             settings of a migrated, empty database, connected for this test
published            the same with the real content published
database_settings    like `database`, not connected: for what connects by itself
published_settings   like `published`, not connected: for servers and commands
blank_settings       a database without tables, not connected
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import NoReturn

import pytest

from kb.services.database import connect, migrate
from kb.settings import Settings
from tests.trial_databases import (
    PostgresDatabases,
    SqliteFiles,
    TrialDatabases,
    embedded_postgres,
    forget_sql_of_other_dialects,
    migrated,
)

pytest_plugins = ["tests.portfolio_fixtures"]

PUBLISHED_AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("KB_") and not name.startswith(("KB_TEST_", "KB_REQUIRE_")):
            monkeypatch.delenv(name)
    # With the extra installed, every server of a test would embed the whole content first.
    monkeypatch.setenv("KB_SEMANTIC_SEARCH", "false")


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> SqliteFiles:
    return SqliteFiles(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_databases() -> Iterator[PostgresDatabases]:
    url = os.environ.get("KB_TEST_POSTGRES_URL")
    if url:
        databases = PostgresDatabases(url)
        yield databases
        databases.drop_templates()
        return
    server = embedded_postgres()
    try:
        url = server.__enter__()
    except Exception as error:
        _without_postgres(f"{type(error).__name__}: {error}")
    yield PostgresDatabases(url)
    server.__exit__(None, None, None)


NOT_TESTED = "NOT TESTED ON POSTGRESQL, the production database"


def _without_postgres(reason: str) -> NoReturn:
    message = (
        f"{NOT_TESTED}: {reason}. Install the extra [dev], or set KB_TEST_POSTGRES_URL to a server."
    )
    if os.environ.get("KB_REQUIRE_DATABASES") == "1":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say it once more at the end, where it cannot be overlooked."""
    skipped = terminalreporter.stats.get("skipped", [])
    missed = [report for report in skipped if NOT_TESTED in str(report.longrepr)]
    if missed:
        reason = missed[0].longrepr[2]
        terminalreporter.section(f"{len(missed)} tests were skipped", red=True, bold=True)
        terminalreporter.write_line(reason.removeprefix("Skipped: "), red=True, bold=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def trial_databases(request: pytest.FixtureRequest) -> TrialDatabases:
    """The databases of the dialect that the test runs on."""
    forget_sql_of_other_dialects()
    of_dialect = {"sqlite": "sqlite_files", "postgresql": "postgres_databases"}
    databases: TrialDatabases = request.getfixturevalue(of_dialect[request.param])
    return databases


@pytest.fixture
def blank_settings(trial_databases: TrialDatabases) -> Iterator[Settings]:
    settings = trial_databases.blank()
    yield settings
    trial_databases.drop(settings)


@pytest.fixture
def database_settings(trial_databases: TrialDatabases) -> Iterator[Settings]:
    settings = trial_databases.copy(trial_databases.template("empty", migrated))
    yield settings
    trial_databases.drop(settings)


@pytest.fixture
def published_settings(trial_databases: TrialDatabases) -> Iterator[Settings]:
    settings = trial_databases.copy(trial_databases.template("published", _publish_content))
    yield settings
    trial_databases.drop(settings)


@pytest.fixture
async def database(database_settings: Settings) -> AsyncIterator[Settings]:
    async with connect(database_settings, everywhere=False):
        yield database_settings


@pytest.fixture
async def published(published_settings: Settings) -> AsyncIterator[Settings]:
    async with connect(published_settings, everywhere=False):
        yield published_settings


async def _publish_content(settings: Settings) -> None:
    from kb.services.knowledge.publishing import publish_content

    await migrate(settings)
    async with connect(settings, everywhere=False):
        await publish_content(settings.content_dir, at=PUBLISHED_AT)
