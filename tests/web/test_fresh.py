"""No answer is older than the last write, whatever is kept: also not than another process's."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

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
        facility = await Facility.create(
            name="Another", country="VN", created_at=datetime.now(UTC)
        )
        enrolled = [
            NewEvent(kind, date(2026, 11, 20), datetime.now(UTC), "PROGRAMME_OFFICER", payload=more)
            for kind, more in (
                (EventKind.FACILITY_REGISTERED, {{}}),
                (EventKind.ENROLLED, {{}}),
            )
        ]
        await append_events([Addition(facility, enrolled)])

asyncio.run(write())
"""
DASHBOARD = """query ($countries: [CountryCode!], $blocker: [BlockerCode!]) {
    facilityRollup(filter: {countries: $countries}) { total byPrimaryBlocker { blocker count } }
    portfolio(filter: {countries: $countries}) {
        total byRoute { value count } byAge { count } trend(months: 60) { events { kind count } }
    }
    portfolioWhatIf(filter: {countries: $countries}, changes: {allDeclareInterest: true}) {
        flipCount before { count } flips(first: 100) { facility { name } }
    }
    facilities(filter: {countries: $countries, primaryBlocker: $blocker}, first: 100) {
        totalCount nodes { name }
    }
}"""


async def write_elsewhere(settings: Settings) -> None:
    writing = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        WRITE,
        cwd=Path(__file__).parents[2],
        env={
            **os.environ,
            "KB_DATABASE_URL": settings.database_url,
            "KB_TOKEN_PEPPER": PEPPER.get_secret_value(),
        },
    )
    assert await writing.wait() == 0


@pytest.mark.served
async def test_what_another_process_wrote_is_in_the_next_answer(demo_settings: Settings):
    async with answering(demo_settings) as client:
        before, again, planned = [(await client.ask(QUERY))["facility"] for _ in range(3)]
        assert before == again == planned
        await write_elsewhere(demo_settings)
        after = (await client.ask(QUERY))["facility"]
    assert after["version"] == before["version"] + 1
    added = [*after["history"]["nodes"]]
    for node in before["history"]["nodes"]:
        added.remove(node)
    assert added == [{"kind": "INTEREST_DECLARED"}]


@pytest.mark.served
async def test_what_another_process_wrote_is_in_the_next_dashboard(demo_settings: Settings):
    wanted = {"countries": ["VN"], "blocker": ["INTEREST_NOT_DECLARED"]}
    async with answering(demo_settings) as client:
        before, again, planned = [await client.ask(DASHBOARD, **wanted) for _ in range(3)]
        assert before == again == planned
        await write_elsewhere(demo_settings)
        after = await client.ask(DASHBOARD, **wanted)

    def more(*path: str) -> int:
        """By how much the counts in a part have grown together."""
        earlier, later = before, after
        for name in path:
            earlier, later = earlier[name], later[name]
        return total(later) - total(earlier)

    assert more("facilityRollup", "total") == more("facilityRollup", "byPrimaryBlocker") == 1
    assert more("portfolio", "byRoute") == more("portfolio", "byAge") == 1
    assert more("portfolio", "trend") == 3  # among them the interest of the facility that was there
    assert more("portfolioWhatIf", "flipCount") == more("portfolioWhatIf", "before") == 1
    assert more("facilities", "totalCount") == 1
    flips = after["portfolioWhatIf"]["flips"]
    assert flips[0]["facility"] == after["facilities"]["nodes"][0] == {"name": "Another"}


def total(counts: Any) -> int:
    """All counts of an answer together."""
    if isinstance(counts, list):
        return sum(map(total, counts))
    if isinstance(counts, dict):
        return counts["count"] if "count" in counts else total(counts["events"])
    return int(counts)
