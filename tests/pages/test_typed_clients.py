"""Generated clients, each run against a served instance; operations are those of the schema."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from graphql import parse, validate

from graphql_schema.schema import schema
from tests.npm import installed, run
from tests.pages.board import register
from tests.pages.site import Restarted, Site

pytestmark = pytest.mark.served

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
QUERY = "queries/brand/60-follow-changes.graphql"
EXAMPLES = ROOT / "examples" / "clients"
CLIENT = EXAMPLES / "python"


def test_its_operations_are_valid_and_the_client_was_made_from_them() -> None:
    operations = (CLIENT / "operations.graphql").read_text(encoding="utf-8")
    assert validate(schema._schema, parse(operations)) == []
    made_from = (CLIENT / "made_from.sha256").read_text(encoding="utf-8").strip()
    assert made_from == hashlib.sha256(operations.encode()).hexdigest(), (
        "run ariadne-codegen in examples/clients/python, and write the new hash"
    )


def test_the_client_in_python_asks_changes_and_follows(site: Site) -> None:
    command = [sys.executable, "main.py", f"{site.url}/graphql", site.helpdesk]
    ran = subprocess.run(
        command, cwd=CLIENT, capture_output=True, text=True, timeout=90, check=False
    )
    assert ran.stderr == ""
    assert ran.stdout.splitlines() == [
        "ANSWERED [14, 14, 14, 'later page', 'later page', 'later page']",
        "Demo Factory 0001 (VN) BETTER_WORK NOT_YET",
        "Tell Better Work that the factory wants to share",
        "AnswerRated",
        "CaughtUp",
    ]


@pytest.fixture(scope="module")
def typescript() -> Path:
    """The clients in TypeScript, made from docs/queries and compiled."""
    folder = installed(EXAMPLES / "typescript")
    run(folder, "npm", "run", "--silent", "build")
    return folder


FOLLOWING = """
import { readFileSync } from 'node:fs';
import WebSocket from 'ws';
globalThis.WebSocket ??= WebSocket; // as browsers have it
const [token, document] = process.argv.slice(2);
const query = readFileSync(document, 'utf8');
const show = (data) => console.log(data.portfolioEvents.facility?.name ?? '');
"""


def test_the_program_of_the_page_on_asking_goes_on_when_the_server_has_been_restarted(
    site: Site, restarted: Restarted, typescript: Path
) -> None:
    page = (DOCS / "asking.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```js\n(.*?)```", page, re.DOTALL)
    address = restarted.start().removeprefix("http://")
    program = typescript / "build" / "asking.mjs"
    program.write_text(FOLLOWING + shown.replace("127.0.0.1:8000", address), encoding="utf-8")
    command = ["node", str(program), site.helpdesk, str(DOCS / QUERY)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as following:
        assert following.stdout is not None
        try:
            assert following.stdout.readline() == "\n"  # it has caught up
            register(site, "Registered Before")
            assert following.stdout.readline() == "Registered Before\n"
            restarted.stop()
            register(site, "Registered Meanwhile")
            restarted.start()
            assert following.stdout.readline() == "Registered Meanwhile\n"
        finally:
            following.terminate()


@pytest.mark.parametrize("client", ["urql", "apollo"])
def test_the_clients_in_typescript_ask_change_and_follow(
    site: Site, typescript: Path, client: str
) -> None:
    printed = run(typescript, "node", f"build/{client}.js", f"{site.url}/graphql", site.helpdesk)
    answers, _facility, _action, rated, followed = printed.splitlines()
    assert answers == "ANSWERED 14 14 14 later page later page later page"
    assert (rated, followed) == ("AnswerRated", "CaughtUp")
    assert "undefined" not in printed
