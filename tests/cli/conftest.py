"""Commands as a shell runs them, in this process.

kb          run a command on a database of its own, on SQLite and on PostgreSQL
kb_filled   the same, with the real content and 60 demo facilities
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from trial_databases import TrialDatabases, run_apart

from kb.cli import main
from kb.rules.roles import Role
from kb.services.access.matrix import Viewer
from kb.services.database import connect
from kb.settings import Settings
from tests.templates import demo_template
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
def kb_filled(
    trial_databases: TrialDatabases,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Run]:
    settings = trial_databases.copy(demo_template(trial_databases, 60))
    # On SQLite commands act for the operator; on PostgreSQL those on facilities need a token.
    token = {} if settings.sqlite_file else {"KB_TOKEN": run_apart(_admin_key(settings))}
    yield _runner(settings, monkeypatch, capsys, token)
    trial_databases.drop(settings)


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
