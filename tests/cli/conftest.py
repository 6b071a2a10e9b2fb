"""Commands as a shell runs them, in this process.

kb            run a command on a database of its own without tables, on SQLite and on PostgreSQL
kb_migrated   the same, with tables that are empty
kb_published  the same, with the real content
kb_filled     the same, with the real content and 60 demo facilities
kb_new        the same as that, where nobody has a token yet

embedded_published    settings of a database on SQLite with the real content
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from trial_databases import SqliteFiles, TrialDatabases, run_apart

from kb.cli import main
from kb.rules.roles import Role
from kb.services.access.matrix import Viewer
from kb.services.database import connect
from kb.settings import Settings
from tests.templates import demo_template, published_template
from tests.tokens import token_for


@dataclass(frozen=True)
class Ran:
    """How a command ended: its exit code and what it printed."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def kb(
    blank_settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    return _runner(blank_settings, monkeypatch, capsys, {})


@pytest.fixture
def kb_migrated(
    database_settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    return _runner(database_settings, monkeypatch, capsys, {})


@pytest.fixture
def kb_published(
    published_settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    return _runner(published_settings, monkeypatch, capsys, {})


@pytest.fixture
def filled_settings(trial_databases: TrialDatabases) -> Iterator[Settings]:
    settings = trial_databases.copy(demo_template(trial_databases, 60))
    yield settings
    trial_databases.drop(settings)


@pytest.fixture
def kb_new(
    filled_settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    return _runner(filled_settings, monkeypatch, capsys, {})


@pytest.fixture
def kb_filled(
    filled_settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    # On SQLite commands act for the operator; on PostgreSQL those on facilities need a token.
    on_sqlite = filled_settings.sqlite_file is not None
    token = {} if on_sqlite else {"KB_TOKEN": run_apart(_admin_key(filled_settings))}
    return _runner(filled_settings, monkeypatch, capsys, token)


async def _admin_key(settings: Settings) -> str:
    async with connect(settings, everywhere=False):
        return await token_for(settings, Viewer(Role.ADMIN))


def _runner(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    token: dict[str, str],
) -> Run:
    common = {"KB_DATABASE_URL": settings.database_url, **token}
    if settings.token_pepper:
        common["KB_TOKEN_PEPPER"] = settings.token_pepper.get_secret_value()

    def run(*arguments: str, **environment: str) -> Ran:
        for name, value in {**common, **environment}.items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        printed = capsys.readouterr()
        return Ran(int(ended.value.code or 0), printed.out, printed.err)

    return run


@pytest.fixture
def embedded_published(sqlite_files: SqliteFiles) -> Iterator[Settings]:
    settings = sqlite_files.copy(published_template(sqlite_files))
    yield settings
    sqlite_files.drop(settings)
