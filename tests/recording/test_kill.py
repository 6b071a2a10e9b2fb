"""What was acknowledged outlives the server, and nothing is ever half written.

`python -m benchmarks.kill` and `python -m benchmarks.kill_commands` are the long campaigns.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.kill import Campaign
from benchmarks.kill_commands import Commands
from kb.models import Facility
from kb.services.database import connect
from kb.services.recording.verify import verify_chains
from kb.settings import Settings
from tests.lists.many import write_list
from tests.live.serving import command_process

pytestmark = pytest.mark.served


async def test_servers_killed_while_people_write_lose_nothing_and_leave_nothing_half_done(
    published_settings: Settings,
) -> None:
    campaign = await Campaign.prepared(published_settings)
    rounds = [done async for done in campaign.rounds([30, 30], processes=1)]
    assert [done.problems for done in rounds] == [[], []]
    assert all(done.acknowledged >= 30 for done in rounds)
    assert rounds[1].events >= rounds[0].events + rounds[1].acknowledged


async def test_an_import_that_is_killed_is_finished_by_importing_the_list_again(
    published_settings: Settings, tmp_path: Path
) -> None:
    list_ = write_list(tmp_path / "list.csv", 1_200)
    environment = {"KB_DATABASE_URL": published_settings.database_url}
    command = "facilities", "import", str(list_)
    killed = command_process(command, environment, tmp_path / "log")
    async with connect(published_settings, everywhere=False):
        while not (written := await Facility.all().count()):
            assert killed.exitcode is None
        killed.kill()
        killed.join()
        assert 0 < written < 1_200  # it writes 500 rows at a time
        Commands(environment, tmp_path / "log").run(*command)
        verified = await verify_chains()
        assert (verified.facilities, verified.breaks) == (1_200, ())
        assert verified.events == 8_400
