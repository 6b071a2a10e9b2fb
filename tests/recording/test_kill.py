"""What was acknowledged outlives the server, and nothing is ever half written.

`python -m benchmarks.kill --rounds N` is the long campaign.
"""

from __future__ import annotations

import pytest

from benchmarks.kill import Campaign
from kb.settings import Settings

pytestmark = pytest.mark.served


async def test_servers_killed_while_people_write_lose_nothing_and_leave_nothing_half_done(
    published_settings: Settings,
) -> None:
    campaign = await Campaign.prepared(published_settings)
    rounds = [done async for done in campaign.rounds([30, 30], processes=1)]
    assert [done.problems for done in rounds] == [[], []]
    assert all(done.acknowledged >= 30 for done in rounds)
    assert rounds[1].events >= rounds[0].events + rounds[1].acknowledged
