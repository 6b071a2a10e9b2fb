"""Behind PgBouncer, which hands connections on after each transaction."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from kb.rules.events import EventKind
from kb.rules.roles import Role
from kb.services.database import migrate
from kb.services.doctor.findings import Verdict
from kb.services.doctor.servers import examine_servers
from kb.services.live.waking import DEAF
from kb.settings import Settings
from tests.live.conftest import Writer
from tests.live.served import PORTFOLIO, following, served
from tests.live.test_database_away import Gate, gate
from tests.trial_databases import on_postgresql

pytestmark = [
    pytest.mark.served,
    on_postgresql,
]
__all__ = ["gate"]

PGBOUNCER = shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin:/usr/bin")
ALPHA = "Alpha Garments"
NAMES = "{ facilities { nodes { name } } }"
COUNT = "{ facilities { totalCount } }"
HISTORY = "{ facilities(first: 1) { nodes { history(first: 5) { nodes { kind } } } } }"
CONFIGURATION = """\
[databases]
* = host=127.0.0.1 port={upstream} user={user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
ignore_startup_parameters = extra_float_digits
"""


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
async def pooled(gate: Gate, tmp_path: Path) -> AsyncIterator[Settings]:
    """Settings that lead to the database through PgBouncer, and to nothing else."""
    if PGBOUNCER is None:
        message = "NOT TESTED BEHIND PGBOUNCER: it is not installed (Debian: pgbouncer)"
        if os.environ.get("KB_REQUIRE_PGBOUNCER") == "1":
            pytest.fail(message, pytrace=False)
        pytest.skip(message)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    user = gate.user
    file = tmp_path / "pgbouncer.ini"
    file.write_text(CONFIGURATION.format(upstream=gate.port, port=port, user=user))
    as_nobody = ("-u", "nobody") if os.geteuid() == 0 else ()
    process = await asyncio.create_subprocess_exec(PGBOUNCER, "-q", *as_nobody, str(file))
    url = gate.url.replace(f":{gate.port}/", f":{port}/") + "?statement_cache_size=0"
    try:
        async with asyncio.timeout(20):
            while not await asyncio.to_thread(_answers, port):  # noqa: ASYNC110 - nothing here learns of it
                await asyncio.sleep(0.02)
        yield gate.settings.model_copy(update={"database_url": url})
    finally:
        process.terminate()
        await process.wait()


async def test_with_a_url_to_listen_on_everything_works_through_it(
    writer: Writer, pooled: Settings, gate: Gate
) -> None:
    assert await migrate(pooled) == []
    token = await writer.token(Role.HELPDESK)
    async with (
        served(pooled, KB_DATABASE_LISTEN_URL=gate.url, KB_DATABASE_POOL_SIZE="20") as server,
        following(server, token, PORTFOLIO) as subscriber,
        httpx.AsyncClient(base_url=server.http, timeout=30) as http,
    ):
        assert (await subscriber.next_message())["__typename"] == "CaughtUp"
        await writer.happens(ALPHA, EventKind.ENROLLED)
        assert (await subscriber.next_message())["event"]["kind"] == "ENROLLED"
        headers = {"Authorization": f"Bearer {token}"}
        requests = [
            http.post("/graphql", json={"query": query}, headers=headers)
            for query in (NAMES, COUNT, HISTORY) * 40
        ]
        answers = [answer.json() for answer in await asyncio.gather(*requests)]
    names = {"facilities": {"nodes": [{"name": ALPHA}, {"name": "Beta Textiles"}]}}
    count = {"facilities": {"totalCount": 2}}
    assert [answer.get("data") for answer in answers[::3]] == [names] * 40
    assert [answer.get("data") for answer in answers[1::3]] == [count] * 40
    assert all("errors" not in answer for answer in answers)


async def test_without_one_the_log_says_that_notifications_do_not_arrive(
    writer: Writer, pooled: Settings
) -> None:
    token = await writer.token(Role.HELPDESK)
    async with served(pooled) as server, following(server, token, PORTFOLIO) as subscriber:
        assert (await subscriber.next_message())["__typename"] == "CaughtUp"
        async with asyncio.timeout(20):
            while DEAF not in server.log.read_text():  # noqa: ASYNC110 - a log tells nobody
                await asyncio.sleep(0.1)


async def test_the_doctor_tells_what_is_missing_behind_it(pooled: Settings, gate: Gate) -> None:
    findings = {finding.subject: finding for finding in await examine_servers(pooled)}
    assert findings["pooler"].verdict is Verdict.OK
    assert findings["notifications"].verdict is Verdict.FAULT
    assert "KB_DATABASE_LISTEN_URL" in findings["notifications"].remedy
    url = pooled.database_url.partition("?")[0]
    prepares = pooled.model_copy(update={"database_url": url, "database_listen_url": gate.url})
    findings = {finding.subject: finding for finding in await examine_servers(prepares)}
    assert findings["pooler"].verdict is Verdict.WARNING
    assert "statement_cache_size=0" in findings["pooler"].remedy
    assert findings["notifications"].verdict is Verdict.OK
