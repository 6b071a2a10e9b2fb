"""The stories of examples/, played against a served process on the embedded database."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from kb.settings import Settings
from tests.trial_databases import on_sqlite

pytestmark = pytest.mark.served

STORY = Path(__file__).parents[1] / "examples" / "story.py"

COUNTS = (
    "2 stories: 20 steps were taken, 200 refused to others and 121 out of order; "
    "the brand was told of 3 changes."
)


@on_sqlite
async def test_factories_go_their_ways_and_everybody_else_is_refused(
    published_settings: Settings,
) -> None:
    story = await asyncio.create_subprocess_exec(
        sys.executable,
        STORY,
        "--short",
        env={**os.environ, "KB_DATABASE_URL": published_settings.database_url},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    printed, failed = await asyncio.wait_for(story.communicate(), 600)
    assert (story.returncode, failed.decode()) == (0, ""), printed.decode()
    lines = printed.decode().splitlines()
    assert lines[-1] == COUNTS
    assert "0 are not as they were recorded" in printed.decode()
    assert "2 facilities were rebuilt from their events; 0 differences." in printed.decode()
