"""kb serve, as a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from trial_databases import PostgresDatabases, SqliteFiles

from kb.settings import Settings

QUERY = {"query": '{ facility(by: {osId: "DEMO-OS-000002"}) { name } knowledge { number } }'}
ROOT = Path(__file__).parents[2]

KB = [sys.executable, "-c", "from kb.cli import main; main()"]

Serve = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def embedded(sqlite_files: SqliteFiles) -> Iterator[Settings]:
    settings = sqlite_files.blank()
    yield settings
    sqlite_files.drop(settings)


@pytest.fixture
def production(postgres_databases: PostgresDatabases) -> Iterator[Settings]:
    settings = postgres_databases.blank()
    yield settings
    postgres_databases.drop(settings)


@pytest.fixture
def serve(port: int) -> Iterator[Serve]:
    processes: list[subprocess.Popen[str]] = []

    def start(settings: Settings, *options: str, **more: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*KB, "serve", *options, "--port", str(port)],
            env={**environment(settings), **more},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def environment(settings: Settings) -> dict[str, str]:
    return {**os.environ, "KB_DATABASE_URL": settings.database_url}


def run(settings: Settings, *command: str) -> None:
    subprocess.run([*KB, *command], env=environment(settings), cwd=ROOT, check=True)


def answer(process: subprocess.Popen[str], port: int) -> dict[str, object]:
    """The answer of the server, as soon as it gives one."""
    for _ in range(300):
        if process.poll() is not None:
            break
        try:
            got = httpx.post(f"http://127.0.0.1:{port}/graphql", json=QUERY)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return dict(got.json())
    process.kill()
    pytest.fail("The server gave no answer: " + "".join(process.communicate()))


EXPECTED = {"facility": {"name": "Demo Factory 0002 (VN)"}, "knowledge": {"number": 1}}


def test_serving_sees_to_everything_on_the_embedded_database_and_again_does_nothing(
    serve: Serve, embedded: Settings, port: int
) -> None:
    for remark in ("Knowledge release 1 is published.\n60 demo", "There are 60 demo facilities"):
        process = serve(embedded, "--demo", "60")
        assert answer(process, port)["data"] == EXPECTED
        process.terminate()
        out, err = process.communicate(timeout=20)
        assert f"GraphiQL and the API: http://127.0.0.1:{port}/graphql" in out
        assert err.startswith(remark)


def test_serving_on_postgresql_waits_for_the_operator(
    serve: Serve, production: Settings, port: int
) -> None:
    process = serve(production)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err.count("\n")) == (3, "", 1)
    assert err.endswith(" still to be applied. Run: kb migrate\n")

    run(production, "migrate")
    process = serve(production)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (3, "")
    assert err == "Nothing is published yet. Run: kb content publish\n"

    run(production, "content", "publish")
    process = serve(production, "--demo", "60", KB_ANONYMOUS_READS="EVERYTHING")
    assert answer(process, port)["data"] == EXPECTED


def test_broken_content_does_not_replace_a_published_release(
    serve: Serve, embedded: Settings, port: int, tmp_path: Path
) -> None:
    process = serve(embedded, KB_CONTENT_DIR=str(tmp_path))
    _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "nothing was published" in err

    run(embedded, "content", "publish")
    process = serve(embedded, "--demo", "60", KB_CONTENT_DIR=str(tmp_path))
    assert answer(process, port)["data"] == EXPECTED
    process.terminate()
    _, err = process.communicate(timeout=20)
    assert "Release 1, published before, is served.\n" in err
