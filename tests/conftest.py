"""Databases for tests. A test that asks for one runs on SQLite and on PostgreSQL.

database             settings of a migrated, empty database, connected for this test
published            the same with the real content published
database_settings    like `database`, not connected: for what connects by itself
published_settings   like `published`, not connected: for servers and commands
blank_settings       a database without tables, not connected
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, closing
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn
from uuid import uuid4

import hypothesis
import pytest
import typer.main

from kb.collecting import collect_seldom
from kb.services.database import connect
from kb.settings import Settings
from tests.shared import SHARED
from tests.templates import published_template
from tests.trial_databases import (
    DIALECTS,
    PostgresDatabases,
    SqliteFiles,
    TrialDatabases,
    drop_all_of,
    embedded_postgres,
    finish_models_for_each_dialect,
    migrated,
)

pytest_plugins = ["tests.portfolio_fixtures"]

collect_seldom()
hypothesis.settings.register_profile("without seconds", deadline=None)
hypothesis.settings.load_profile("without seconds")
finish_models_for_each_dialect()
# Typer makes all commands anew whenever one is run, as a process runs one only.
typer.main.get_command = cache(typer.main.get_command)
if find_spec("sniffio") is None:  # httpx looks for it again at each request to an app
    sys.modules["sniffio"] = None


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("KB_") and not name.startswith(("KB_TEST_", "KB_REQUIRE_")):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """A folder that all test processes of this run share."""
    return Path(os.environ[SHARED])


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory, shared_folder: Path) -> SqliteFiles:
    return SqliteFiles(tmp_path_factory.mktemp("sqlite"), shared_folder)


@pytest.fixture(scope="session")
def postgres_databases(
    request: pytest.FixtureRequest, shared_folder: Path
) -> Iterator[PostgresDatabases]:
    of_main_process: dict[str, str] | None = getattr(request.config, "workerinput", None)
    with ExitStack() as stack:
        server = of_main_process if of_main_process is not None else _postgres_for(stack)
        if "postgres_problem" in server:
            _without_postgres(server["postgres_problem"])
        url, run = server["postgres_url"], server["postgres_run"]
        with closing(PostgresDatabases(url, run, shared_folder)) as databases:
            yield databases


def _postgres_for(stack: ExitStack) -> dict[str, str]:
    """Where PostgreSQL is for this run, or why it is nowhere."""
    run = uuid4().hex[:8]
    url = os.environ.get("KB_TEST_POSTGRES_URL")
    if url:
        stack.callback(drop_all_of, url, run)
    else:
        try:
            url = stack.enter_context(embedded_postgres())
        except Exception as error:
            return {"postgres_problem": f"{type(error).__name__}: {error}"}
    return {"postgres_url": url, "postgres_run": run}


class OnePostgres:
    """Starts one PostgreSQL server for all test processes of a run, when the first one starts."""

    def __init__(self) -> None:
        self.stack = ExitStack()
        self.server: dict[str, str] = {}

    def pytest_configure_node(self, node: Any) -> None:
        """Tell a test process where the server is."""
        wanted = "not postgresql" not in node.config.option.markexpr
        if wanted and not self.server:
            self.server = _postgres_for(self.stack)
        node.workerinput.update(self.server)

    def pytest_unconfigure(self) -> None:
        """End it, or remove what the run has made on a server that goes on."""
        self.stack.close()


@pytest.hookimpl(trylast=True)  # temporary folders are configured before
def pytest_configure(config: pytest.Config) -> None:
    is_worker = hasattr(config, "workerinput")
    folder = config._tmp_path_factory.getbasetemp()
    shared = (folder.parent if is_worker else folder) / "shared"
    shared.mkdir(exist_ok=True)
    os.environ[SHARED] = str(shared)
    if config.pluginmanager.hasplugin("xdist") and not is_worker:
        config.pluginmanager.register(OnePostgres())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what runs on PostgreSQL; modules mark what needs a browser or a served process.

    What starts processes comes first: it takes longest, and no core should wait for it at the end.
    What runs on one database stays together, as Tortoise makes its models ready for each of them.
    """
    for item in items:
        parameters = getattr(item, "callspec", None)
        on_postgresql = parameters and parameters.params.get("trial_databases") == "postgresql"
        if on_postgresql or "postgres_databases" in getattr(item, "fixturenames", ()):
            item.add_marker("postgresql")
    items.sort(
        key=lambda item: (
            item.get_closest_marker("served") is None,
            item.get_closest_marker("postgresql") is not None,
        )
    )


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


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test on both databases, or on the one that it or its module names."""
    chosen = metafunc.definition.iter_markers("parametrize")
    if "trial_databases" in metafunc.fixturenames and not any(
        "trial_databases" in mark.args[0] for mark in chosen
    ):
        only = metafunc.definition.get_closest_marker("only")
        metafunc.parametrize("trial_databases", only.args if only else DIALECTS, indirect=True)


@pytest.fixture
def trial_databases(request: pytest.FixtureRequest) -> TrialDatabases:
    """The databases of the dialect that the test runs on."""
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
    settings = trial_databases.copy(published_template(trial_databases))
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
