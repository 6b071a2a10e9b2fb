"""What several parts of an answer need is read once, as long as one of them waits for it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from graphql_schema.loaders import Loaders
from kb.rules.roles import Role
from kb.services.access.matrix import Viewer
from kb.services.facilities.histories import GrantView
from kb.settings import Settings

NO_FACILITY = 7


async def test_a_refused_part_of_an_answer_leaves_the_others_what_they_wait_for(
    database: Settings,
):
    grants = Loaders(Viewer(Role.HELPDESK), datetime.now(UTC)).grants

    async def part() -> tuple[GrantView, ...]:
        return await grants.load(NO_FACILITY)

    refused, other = asyncio.create_task(part()), asyncio.create_task(part())
    await asyncio.sleep(0)  # now both wait
    refused.cancel()
    with pytest.raises(asyncio.CancelledError):
        await refused
    assert await other == ()
