"""Who goes away without a word leaves nothing behind."""

from __future__ import annotations

import pytest

from benchmarks.disconnects import INSTRUMENTED, disconnect_many, still_open
from kb.rules.events import EventKind
from kb.rules.roles import Role
from tests.live.conftest import Writer
from tests.live.served import PORTFOLIO, following, served

pytestmark = pytest.mark.served

COUNT = 200
BYTES_EACH = 1_000
"""Less than any connection, task or subscription takes."""


@pytest.mark.parametrize(
    ("trial_databases", "over"),
    [("sqlite", "sse"), ("postgresql", "websocket")],
    indirect=["trial_databases"],
)
async def test_abrupt_disconnects_leave_no_task_listener_or_memory_behind(
    writer: Writer, over: str
) -> None:
    token = await writer.token(Role.HELPDESK)
    async with served(writer.settings, app=INSTRUMENTED) as server:
        await disconnect_many(server, token, over, COUNT // 4)
        before = await still_open(server)
        await disconnect_many(server, token, over, COUNT)
        after = await still_open(server, before["tasks"])
        assert after["listeners"] == before["listeners"] == 0
        assert after["tasks"] <= before["tasks"]
        assert after["files"] - before["files"] < 10  # the pool may have grown
        assert after["bytes"] - before["bytes"] < COUNT * BYTES_EACH
        async with following(server, token, PORTFOLIO) as subscriber:
            await subscriber.next_message()
            await writer.happens("Alpha Garments", EventKind.ENROLLED)
            assert (await subscriber.next_message())["event"]["kind"] == "ENROLLED"
        log = await server.stop()
        assert "Traceback" not in log, log
