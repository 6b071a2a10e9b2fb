"""What was acknowledged outlives the process, and nothing is ever half written.

`python -m benchmarks.kill --rounds N` is the long campaign.
"""

from __future__ import annotations

from benchmarks.kill import kill_round, prepare
from kb.settings import Settings

ROUNDS = 3


async def test_processes_killed_while_they_write_lose_nothing_and_leave_nothing_half_done(
    published_settings: Settings,
) -> None:
    await prepare(published_settings)
    acknowledged = 0
    for _ in range(ROUNDS):
        done = await kill_round(published_settings)
        assert done.problems == []
        assert done.events > acknowledged
        acknowledged += done.acknowledged
    assert acknowledged >= ROUNDS * 30
