"""Behind PgBouncer, which hands connections on after each transaction."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kb.rules.events import EventKind
from kb.rules.roles import Role
from kb.services.live.waking import DEAF
from kb.settings import Settings
from tests.live.conftest import Story
from tests.live.served import PORTFOLIO, following, served
from tests.live.test_database_away import Gate, gate

pytestmark = [
    pytest.mark.served,
    pytest.mark.parametrize("trial_databases", ["postgresql"], indirect=True),
]
__all__ = ["gate"]

PGBOUNCER = shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin:/usr/bin")
ALPHA = "Alpha Garments"
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
        yield gate.settings.model_copy(update={"database_url": url})
    finally:
        process.terminate()
        await process.wait()


async def test_with_a_url_to_listen_on_subscriptions_hear_what_others_do(
    story: Story, pooled: Settings, gate: Gate
) -> None:
    token = await story.token(Role.HELPDESK)
    async with (
        served(pooled, KB_DATABASE_LISTEN_URL=gate.url) as server,
        following(server, token, PORTFOLIO) as subscriber,
    ):
        assert (await subscriber.next_message())["__typename"] == "CaughtUp"
        await story.happens(ALPHA, EventKind.ENROLLED)
        assert (await subscriber.next_message())["event"]["kind"] == "ENROLLED"


async def test_without_one_the_log_says_that_notifications_do_not_arrive(
    story: Story, pooled: Settings
) -> None:
    token = await story.token(Role.HELPDESK)
    async with served(pooled) as server, following(server, token, PORTFOLIO) as subscriber:
        assert (await subscriber.next_message())["__typename"] == "CaughtUp"
        async with asyncio.timeout(20):
            while DEAF not in server.log.read_text():  # noqa: ASYNC110 - a log tells nobody
                await asyncio.sleep(0.1)
