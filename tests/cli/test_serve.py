"""kb serve, as a process of its own."""

from __future__ import annotations

import os
import re
import socket
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

from kb.models import Facility
from kb.rules.roles import Role
from kb.services.access.matrix import Viewer
from kb.services.database import connect
from kb.services.demo.facilities import make_demo
from kb.settings import Settings
from tests.live.serving import command_process
from tests.templates import published_template
from tests.tokens import token_for

pytestmark = pytest.mark.served

QUERY = {"query": '{ facility(by: {osId: "DEMO-OS-000002"}) { name } knowledge { number } }'}
Production = tuple[Settings, Settings, Settings]
Serve = Callable[..., "Command"]


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


class Command:
    """`kb serve` at work in a process of its own, and what it has printed so far."""

    def __init__(
        self, folder: Path, settings: Settings, options: tuple[str, ...], more: dict[str, str]
    ) -> None:
        self._out, self._err = folder / "out", folder / "err"
        self.process = command_process(
            ["serve", *options], environment(settings) | more, self._out, self._err
        )

    @property
    def printed(self) -> tuple[str, str]:
        """Its output and its errors."""
        out, err = (path.read_text() if path.exists() else "" for path in (self._out, self._err))
        return out, err

    def until_it_serves(self) -> str:
        """What it prints first, to the line with its address."""
        while not re.search("^GraphiQL and the API.*\n", self.printed[0], re.MULTILINE):
            assert self.process.exitcode is None, self.printed
            time.sleep(0.02)
        return self.printed[0]

    def ended(self) -> tuple[str, str]:
        """All that it printed, as soon as it has ended by itself."""
        self.process.join(60)
        assert self.process.exitcode is not None, self.printed
        return self.printed

    def terminated(self) -> tuple[str, str]:
        """All that it printed, when it is told to end."""
        self.process.terminate()
        return self.ended()


@pytest.fixture
def serve(port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    commands: list[Command] = []

    def start(settings: Settings, *options: str, **more: str) -> Command:
        folder = tmp_path_factory.mktemp("serve")
        commands.append(Command(folder, settings, (*options, "--port", str(port)), more))
        return commands[-1]

    yield start
    for command in commands:
        command.process.kill()
        command.process.join()


def environment(settings: Settings) -> dict[str, str]:
    variables = {**os.environ, "KB_DATABASE_URL": settings.database_url}
    if settings.token_pepper:
        variables["KB_TOKEN_PEPPER"] = settings.token_pepper.get_secret_value()
    return variables


async def key_of(settings: Settings, role: Role) -> str:
    async with connect(settings, everywhere=False):
        return await token_for(settings, Viewer(role))


async def facilities_in(settings: Settings) -> int:
    async with connect(settings, everywhere=False):
        return await Facility.all().count()


async def demo_in(settings: Settings) -> None:
    async with connect(settings, everywhere=False):
        await make_demo(60)


def trial_tokens(printed: str) -> dict[str, str]:
    """Role to token, as the table has them."""
    return dict(re.findall(r"([A-Z_]+)\W+(kb_[\w-]{43})", printed))


def graphiql(port: int, link: str = "/graphql", **headers: str) -> str:
    sent = {"accept": "text/html", **headers}
    return httpx.get(f"http://127.0.0.1:{port}{link}", headers=sent).text


def answer(command: Command, port: int, token: str) -> dict[str, object]:
    """The answer of the server, as soon as it gives one."""
    headers = {"Authorization": f"Bearer {token}"}
    while command.process.exitcode is None:
        try:
            got = httpx.post(f"http://127.0.0.1:{port}/graphql", json=QUERY, headers=headers)
        except httpx.TransportError:
            time.sleep(0.02)
        else:
            return dict(got.json())
    pytest.fail(f"The server gave no answer: {command.printed}")


EXPECTED = {"facility": {"name": "Demo Factory 0002 (VN)"}, "knowledge": {"number": 1}}


def test_serving_sees_to_everything_on_the_embedded_database_and_again_does_nothing(
    serve: Serve, embedded: Settings, port: int
) -> None:
    for remark in ("Knowledge release 1 is published.\n60 demo", "There are 60 demo facilities"):
        command = serve(embedded, "--demo", "60")
        printed = command.until_it_serves()
        assert f"GraphiQL and the API: http://127.0.0.1:{port}/graphql" in printed
        assert answer(command, port, trial_tokens(printed)["HELPDESK"])["data"] == EXPECTED
        _, err = command.terminated()
        assert err.startswith(remark)


def test_trying_out_needs_no_set_up_a_token_for_each_role_is_printed_and_graphiql_has_one(
    serve: Serve, embedded_published: Settings, port: int
) -> None:
    command = serve(embedded_published, "--demo", "60")
    printed = command.until_it_serves()
    tokens = trial_tokens(printed)
    (link,) = re.findall(r"(/graphql\?trial=\w+)", printed)
    token_roles = {role for role in Role if role not in (Role.ANONYMOUS, Role.OPERATOR)}
    assert tokens.keys() == token_roles
    assert answer(command, port, tokens["HELPDESK"])["data"] == EXPECTED
    assert f"Bearer {tokens['HELPDESK']}" in graphiql(port, link)
    assert "kb_" not in graphiql(port)
    # A name that a hostile page made to lead here gets no token.
    assert "kb_" not in graphiql(port, link, host="hostile.example")
    refused = answer(command, port, "kb_" + "A" * 43)["errors"]
    assert refused[0]["extensions"]["code"] == "UNAUTHENTICATED"

    # A second server on the same port does not start, and ends nobody's tokens.
    out, err = serve(embedded_published, "--demo", "60").ended()
    assert out == ""
    assert f"KB_HOST and KB_PORT: '127.0.0.1:{port}' is not valid." in err
    assert answer(command, port, tokens["HELPDESK"])["data"] == EXPECTED
    command.terminated()

    command = serve(embedded_published)
    printed = command.until_it_serves()
    assert answer(command, port, trial_tokens(printed)["HELPDESK"])["data"] == EXPECTED
    refused = answer(command, port, tokens["HELPDESK"])["errors"]
    assert refused[0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_with_a_token_that_may_not_make_them_no_demo_facilities_are_made(
    serve: Serve, embedded_published: Settings
) -> None:
    token = run_apart(key_of(embedded_published, Role.HELPDESK))
    command = serve(embedded_published, "--demo", "60", KB_TOKEN=token)
    _, err = command.ended()
    assert (command.process.exitcode, "HELPDESK" in err) == (2, True)
    assert run_apart(facilities_in(embedded_published)) == 0


def test_without_demo_facilities_no_token_is_made(
    serve: Serve, embedded_published: Settings
) -> None:
    command = serve(embedded_published)
    assert trial_tokens(command.until_it_serves()) == {}


def test_serving_on_postgresql_waits_for_the_operator(
    serve: Serve, production: Production, port: int
) -> None:
    without_tables, without_knowledge, published = production
    command = serve(without_tables)
    out, err = command.ended()
    assert (command.process.exitcode, out, err.count("\n")) == (3, "", 1)
    assert err.endswith(" still to be applied. Run: kb migrate\n")

    command = serve(without_knowledge)
    out, err = command.ended()
    assert (command.process.exitcode, out) == (3, "")
    assert err == "Nothing is published yet. Run: kb content publish\n"

    command = serve(published, "--demo", "60")
    out, err = command.ended()
    assert (command.process.exitcode, out) == (2, "")
    assert err == (
        "--demo: '60' is not valid. Allowed: nothing on PostgreSQL, where facilities stay for "
        "good; if they are wanted there, run: kb facilities demo --count 60.\n"
    )
    assert run_apart(facilities_in(published)) == 0

    command = serve(published.model_copy(update={"token_pepper": None}))
    _, err = command.ended()
    assert command.process.exitcode != 0
    assert "KB_TOKEN_PEPPER: '' is not valid. Allowed: a random secret" in err
    assert "Traceback" not in err

    token = run_apart(key_of(published, Role.ADMIN))
    run_apart(demo_in(published))
    command = serve(published, KB_GRAPHIQL_TOKEN=token)
    assert answer(command, port, token)["data"] == EXPECTED
    assert "kb_" not in graphiql(port)
    out, _ = command.terminated()
    assert trial_tokens(out) == {}


def test_broken_content_does_not_replace_a_published_release(
    serve: Serve, embedded: Settings, embedded_published: Settings, port: int, tmp_path: Path
) -> None:
    command = serve(embedded, KB_CONTENT_DIR=str(tmp_path))
    _, err = command.ended()
    assert command.process.exitcode == 1
    assert "nothing was published" in err

    command = serve(embedded_published, "--demo", "60", KB_CONTENT_DIR=str(tmp_path))
    token = trial_tokens(command.until_it_serves())["HELPDESK"]
    assert answer(command, port, token)["data"] == EXPECTED
    _, err = command.terminated()
    assert "Release 1, published before, is served.\n" in err
