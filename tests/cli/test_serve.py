"""kb serve, as a process of its own."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from trial_databases import (
    PostgresDatabases,
    SqliteFiles,
    migrated,
    run_apart,
)

from kb.rules.roles import Role
from kb.services.access.matrix import Viewer
from kb.services.database import connect
from kb.settings import Settings
from tests.templates import published_template
from tests.tokens import token_for

pytestmark = pytest.mark.served

QUERY = {"query": '{ facility(by: {osId: "DEMO-OS-000002"}) { name } knowledge { number } }'}
ROOT = Path(__file__).parents[2]

KB = [sys.executable, "-c", "from kb.cli import main; main()"]

Production = tuple[Settings, Settings, Settings]
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
def embedded_published(sqlite_files: SqliteFiles) -> Iterator[Settings]:
    settings = sqlite_files.copy(published_template(sqlite_files))
    yield settings
    sqlite_files.drop(settings)


@pytest.fixture
def production(postgres_databases: PostgresDatabases) -> Iterator[Production]:
    """Databases of an operator: without tables, without knowledge, and with both."""
    made = (
        postgres_databases.blank(),
        postgres_databases.copy(postgres_databases.template("empty", migrated)),
        postgres_databases.copy(published_template(postgres_databases)),
    )
    yield made
    for settings in made:
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
    given = {**os.environ, "KB_DATABASE_URL": settings.database_url}
    if settings.token_pepper:
        given["KB_TOKEN_PEPPER"] = settings.token_pepper.get_secret_value()
    return given


async def admin_key(settings: Settings) -> str:
    async with connect(settings, everywhere=False):
        return await token_for(settings, Viewer(Role.ADMIN))


def printed_until_it_serves(process: subprocess.Popen[str]) -> str:
    """What it prints first, to the line with its address."""
    assert process.stdout
    lines: list[str] = []
    while not lines or not lines[-1].startswith("GraphiQL and the API"):
        lines.append(process.stdout.readline())
        assert lines[-1], process.communicate()
    return "".join(lines)


def trial_tokens(printed: str) -> dict[str, str]:
    """Role to token, as the table has them."""
    return dict(re.findall(r"([A-Z_]+)\W+(kb_[\w-]{43})", printed))


def graphiql(port: int, link: str = "/graphql", **headers: str) -> str:
    asked = {"accept": "text/html", **headers}
    return httpx.get(f"http://127.0.0.1:{port}{link}", headers=asked).text


def answer(process: subprocess.Popen[str], port: int, token: str) -> dict[str, object]:
    """The answer of the server, as soon as it gives one."""
    headers = {"Authorization": f"Bearer {token}"}
    for _ in range(300):
        if process.poll() is not None:
            break
        try:
            got = httpx.post(f"http://127.0.0.1:{port}/graphql", json=QUERY, headers=headers)
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
        printed = printed_until_it_serves(process)
        assert f"GraphiQL and the API: http://127.0.0.1:{port}/graphql" in printed
        assert answer(process, port, trial_tokens(printed)["HELPDESK"])["data"] == EXPECTED
        process.terminate()
        _, err = process.communicate(timeout=20)
        assert err.startswith(remark)


def test_trying_out_needs_no_set_up_a_token_for_each_role_is_printed_and_graphiql_has_one(
    serve: Serve, embedded_published: Settings, port: int
) -> None:
    process = serve(embedded_published, "--demo", "60")
    printed = printed_until_it_serves(process)
    tokens = trial_tokens(printed)
    (link,) = re.findall(r"(/graphql\?trial=\w+)", printed)
    token_roles = {role for role in Role if role not in (Role.ANONYMOUS, Role.OPERATOR)}
    assert tokens.keys() == token_roles
    assert answer(process, port, tokens["HELPDESK"])["data"] == EXPECTED
    assert f"Bearer {tokens['HELPDESK']}" in graphiql(port, link)
    assert "kb_" not in graphiql(port)
    # A name that a hostile page made to lead here gets no token.
    assert "kb_" not in graphiql(port, link, host="hostile.example")
    refused = answer(process, port, "kb_" + "A" * 43)["errors"]
    assert refused[0]["extensions"]["code"] == "UNAUTHENTICATED"
    process.terminate()
    process.communicate(timeout=20)

    process = serve(embedded_published)
    printed = printed_until_it_serves(process)
    assert answer(process, port, trial_tokens(printed)["HELPDESK"])["data"] == EXPECTED
    refused = answer(process, port, tokens["HELPDESK"])["errors"]
    assert refused[0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_without_demo_facilities_no_token_is_made(
    serve: Serve, embedded_published: Settings
) -> None:
    process = serve(embedded_published)
    assert trial_tokens(printed_until_it_serves(process)) == {}


def test_serving_on_postgresql_waits_for_the_operator(
    serve: Serve, production: Production, port: int
) -> None:
    without_tables, without_knowledge, published = production
    process = serve(without_tables)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err.count("\n")) == (3, "", 1)
    assert err.endswith(" still to be applied. Run: kb migrate\n")

    process = serve(without_knowledge)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (3, "")
    assert err == "Nothing is published yet. Run: kb content publish\n"

    process = serve(published.model_copy(update={"token_pepper": None}), "--demo", "60")
    _, err = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "KB_TOKEN_PEPPER: '' is not valid. Allowed: a random secret" in err
    assert "Traceback" not in err

    token = run_apart(admin_key(published))
    process = serve(published, "--demo", "60", KB_GRAPHIQL_TOKEN=token)
    assert answer(process, port, token)["data"] == EXPECTED
    assert "kb_" not in graphiql(port)
    process.terminate()
    out, _ = process.communicate(timeout=20)
    assert trial_tokens(out) == {}


def test_broken_content_does_not_replace_a_published_release(
    serve: Serve, embedded: Settings, embedded_published: Settings, port: int, tmp_path: Path
) -> None:
    process = serve(embedded, KB_CONTENT_DIR=str(tmp_path))
    _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "nothing was published" in err

    process = serve(embedded_published, "--demo", "60", KB_CONTENT_DIR=str(tmp_path))
    token = trial_tokens(printed_until_it_serves(process))["HELPDESK"]
    assert answer(process, port, token)["data"] == EXPECTED
    process.terminate()
    _, err = process.communicate(timeout=20)
    assert "Release 1, published before, is served.\n" in err
