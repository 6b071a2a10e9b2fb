"""kb serve --workers: processes that are forked from one which has loaded what they share."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from trial_databases import PostgresDatabases

from kb.settings import Settings
from tests.templates import published_template

pytestmark = pytest.mark.served

KB = (sys.executable, "-c", "from kb.cli import main; main()", "serve", "--workers", "2")
FAQ = {"query": "{ faq(number: 14) { slug } }"}
SLUG = {"faq": {"slug": "fees-for-registration-and-sharing"}}


@pytest.fixture
def on_postgresql(postgres_databases: PostgresDatabases) -> Iterator[Settings]:
    settings = postgres_databases.copy(published_template(postgres_databases))
    yield settings
    postgres_databases.drop(settings)


class Served:
    """`kb serve --workers 2` at work, and the processes that it has started."""

    def __init__(self, settings: Settings, errors: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        variables = {"KB_DATABASE_URL": settings.database_url, "KB_PORT": str(self.port)}
        if settings.token_pepper:
            variables["KB_TOKEN_PEPPER"] = settings.token_pepper.get_secret_value()
        self.errors = errors
        with errors.open("w") as written:
            self.process = subprocess.Popen(
                KB, env={**os.environ, **variables}, stdout=subprocess.DEVNULL, stderr=written
            )

    def answer(self) -> object:
        """The answer to a query, as soon as there is one."""
        while True:
            assert self.process.poll() is None, self.errors.read_text()
            try:
                got = httpx.post(f"http://127.0.0.1:{self.port}/graphql", json=FAQ)
            except httpx.TransportError:
                time.sleep(0.02)
            else:
                return got.json()["data"]

    def workers(self) -> set[int]:
        """Those that have started to serve and that there still are, as soon as they are two."""
        while True:
            started = re.findall(r"Started server process \[(\d+)\]", self.errors.read_text())
            there = {int(pid) for pid in started} & parents().keys()
            if len(there) == 2:
                return there
            time.sleep(0.02)


def parents() -> dict[int, int]:
    """The parent of each process that runs, by their numbers."""
    found: dict[int, int] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent, *_ = status.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state != "Z":
            found[int(status.parent.name)] = int(parent)
    return found


@pytest.mark.parametrize("database", ["embedded_published", "on_postgresql"])
def test_workers_are_forked_from_one_process_replaced_when_one_dies_and_ended_with_the_command(
    database: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    served = Served(request.getfixturevalue(database), tmp_path / "err")
    try:
        assert served.answer() == SLUG
        first = served.workers()
        (common,) = {parents()[worker] for worker in first}
        assert common != served.process.pid
        assert parents()[common] == served.process.pid

        os.kill(min(first), signal.SIGKILL)
        while min(first) in parents():
            time.sleep(0.02)
        second = served.workers()
        assert second & first == {max(first)}
        assert {parents()[worker] for worker in second} == {common}
        assert served.answer() == SLUG
    finally:
        served.process.terminate()
        served.process.wait()
    assert "Traceback" not in served.errors.read_text()
    while {common, *second} & parents().keys():
        time.sleep(0.02)


PRELOADED = """
import gc, sys
import graphql_schema.preloaded

print(gc.isenabled(), "graphql_schema.app" in sys.modules, "kb.search.answers" in sys.modules)
"""


@pytest.mark.parametrize("published", [True, False])
def test_workers_share_the_program_and_the_search_where_there_is_a_release(
    published: bool, embedded_published: Settings, tmp_path: Path
) -> None:
    url = embedded_published.database_url if published else f"sqlite://{tmp_path}/none.sqlite3"
    ran = subprocess.run(
        [sys.executable, "-c", PRELOADED],
        env={**os.environ, "KB_DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.stdout, ran.stderr) == (f"False True {published}\n", "")
