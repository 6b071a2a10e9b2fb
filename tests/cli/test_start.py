"""What a server loads when it starts: nothing that only other uses of the program need."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from trial_databases import SqliteFiles

from kb.settings import Settings
from tests.templates import published_template

pytestmark = pytest.mark.served

START = (sys.executable, "-v", "-c", "from kb.cli import main; main()", "serve")
FAQ = {"query": "{ faq(number: 14) { slug } }"}
LOADED_WHEN_NEEDED = {
    "aiosmtplib": "messages by e-mail",
    "cryptography": "ids of facilities, cursors of subscriptions",
    "httpx": "keys of the identity provider",
    "joserfc": "tokens of the identity provider",
    "markdown_it": "pages of the documentation",
    "mcp": "assistants",
    "openpyxl": "lists as workbooks",
    "opentelemetry.trace": "spans",
}


@pytest.fixture
def published(sqlite_files: SqliteFiles) -> Iterator[Settings]:
    settings = sqlite_files.copy(published_template(sqlite_files))
    yield settings
    sqlite_files.drop(settings)


def imported_when_answering(settings: Settings, errors: Path) -> set[str]:
    """The modules that `kb serve` has loaded when it has answered one query."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    variables = {"KB_DATABASE_URL": settings.database_url, "KB_PORT": str(port)}
    with errors.open("w") as written:
        process = subprocess.Popen(
            START, env={**os.environ, **variables}, stdout=subprocess.DEVNULL, stderr=written
        )
    try:
        while True:
            assert process.poll() is None, errors.read_text()
            try:
                answer = httpx.post(f"http://127.0.0.1:{port}/graphql", json=FAQ).json()
            except httpx.TransportError:
                time.sleep(0.02)
            else:
                break
    finally:
        process.terminate()
        process.wait()
    assert answer["data"] == {"faq": {"slug": "fees-for-registration-and-sharing"}}
    return set(re.findall(r"^import '(\S+)' #", errors.read_text(), re.MULTILINE))


def test_a_server_that_has_answered_a_query_has_loaded_nothing_for_other_uses(
    published: Settings, tmp_path: Path
) -> None:
    loaded = imported_when_answering(published, tmp_path / "err")
    assert "graphql_schema.app" in loaded
    assert loaded & LOADED_WHEN_NEEDED.keys() == set()
    commands = {name for name in loaded if name.startswith("kb.cli.")}
    assert commands == {"kb.cli.output", "kb.cli.running"}


def test_the_index_of_the_search_is_loaded_after_the_app_which_answers_meanwhile() -> None:
    loads = "import sys, graphql_schema.app; print({'numpy', 'kb.search.answers'} & {*sys.modules})"
    ran = subprocess.run([sys.executable, "-c", loads], capture_output=True, text=True, check=True)
    assert ran.stdout == "set()\n"
