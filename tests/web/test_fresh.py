"""No answer is older than the last write, whatever is kept: also not than another process's."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from kb.settings import Settings
from tests.trial_databases import PEPPER
from tests.web.asking import answering

OS_ID = "DEMO-OS-000002"
QUERY = f"""{{ facility(by: {{osId: "{OS_ID}"}}) {{
    version history(first: 100) {{ nodes {{ kind }} }}
    whatApplies {{ workflow {{ steps {{ code doneOn }} }} }} }} }}"""
WRITE = f"""
import asyncio
from datetime import UTC, date, datetime
from kb.models import Facility
from kb.rules.events import EventKind
from kb.services.database import connect
from kb.services.recording.append import Addition, NewEvent, append_events
from kb.settings import Settings

async def write():
    async with connect(Settings(), everywhere=False):
        facility = await Facility.get(os_id="{OS_ID}")
        event = NewEvent(
            EventKind.INTEREST_DECLARED, date(2026, 11, 20), datetime.now(UTC), "FACILITY"
        )
        await append_events([Addition(facility, [event])])

asyncio.run(write())
"""


@pytest.mark.served
async def test_what_another_process_wrote_is_in_the_next_answer(demo_settings: Settings):
    async with answering(demo_settings) as client:
        before, again, planned = [(await client.ask(QUERY))["facility"] for _ in range(3)]
        assert before == again == planned

        writing = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            WRITE,
            cwd=Path(__file__).parents[2],
            env={
                **os.environ,
                "KB_DATABASE_URL": demo_settings.database_url,
                "KB_TOKEN_PEPPER": PEPPER.get_secret_value(),
            },
        )
        assert await writing.wait() == 0

        after = (await client.ask(QUERY))["facility"]
    assert after["version"] == before["version"] + 1
    added = [*after["history"]["nodes"]]
    for node in before["history"]["nodes"]:
        added.remove(node)
    assert added == [{"kind": "INTEREST_DECLARED"}]
