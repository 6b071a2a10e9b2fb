"""A caller that asks several processes has one rate, to the second."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

import pytest
from tortoise.exceptions import OperationalError
from tortoise.expressions import F

from graphql_schema.web.background import keep_sharing
from kb.heartbeats import Heartbeats
from kb.models import TakenAllowance
from kb.rules.roles import Role
from kb.services.access.matrix import ANONYMOUS, Viewer
from kb.services.access.rates import Rates
from kb.services.access.shared_rates import SharedRates, remove_old
from kb.settings import Settings
from tests.storage.stored import query

HERE = "203.0.113.7"
CHATBOT = Viewer(Role.CHATBOT, token_id=1)


class Process:
    """One process, whose own clock began at another moment."""

    def __init__(self, began: float) -> None:
        self.began = began
        self.rates = Rates({Role.ANONYMOUS: 10, Role.CHATBOT: 10})
        self.shared = SharedRates({"operations": self.rates}, b"secret")

    def left(self, at: float, amount: int = 0, viewer: Viewer = ANONYMOUS) -> int:
        allowance = self.rates.take(viewer, HERE, self.began + at, amount)
        assert allowance is not None
        return allowance.remaining

    async def exchange(self, at: float) -> None:
        await self.shared.exchange(self.began + at)


async def pass_in_the_database(seconds: float) -> None:
    """Have what the table tells be as it is so many seconds later."""
    await TakenAllowance.all().update(filled_until=F("filled_until") - seconds)


async def test_what_was_taken_elsewhere_counts_from_the_next_second_on(database: Settings) -> None:
    first, second = Process(100.0), Process(5_000.0)
    assert (first.left(0, 4), second.left(0, 3)) == (6, 7)
    for process in (first, second, first):
        await process.exchange(0)
    assert second.left(0) == 3
    assert first.left(0, 1) == 5
    await first.exchange(0)
    assert first.left(0) == 2
    assert first.left(0, 1, CHATBOT) == 9


async def test_it_is_forgiven_as_steadily_as_in_one_process(database: Settings) -> None:
    first, second = Process(100.0), Process(5_000.0)
    first.left(0, 10)
    await first.exchange(0)
    second.left(30, 1)
    await pass_in_the_database(30)
    await second.exchange(30)
    assert second.left(30) == 4
    assert second.left(60) == 9


async def test_the_table_holds_no_address_and_nothing_that_is_forgiven(database: Settings) -> None:
    process = Process(0.0)
    process.left(0, 5)
    await process.exchange(0)
    await process.exchange(1)
    (row,) = await TakenAllowance.all()
    assert (HERE in row.client, len(row.client)) == (False, 64)
    await pass_in_the_database(20)
    await remove_old()
    assert await TakenAllowance.all().count() == 1
    await pass_in_the_database(10)
    await remove_old()
    assert await TakenAllowance.all().count() == 0


async def test_what_processes_gave_at_once_is_forgiven_within_a_minute(database: Settings) -> None:
    first, second = Process(100.0), Process(5_000.0)
    assert (first.left(0, 10), second.left(0, 10)) == (0, 0)
    for process in (first, second):
        await process.exchange(0)
    assert second.left(30) == 5
    assert second.left(60) == 10


async def test_clocks_of_machines_that_differ_make_no_difference(
    database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Process(100.0), Process(5_000.0)
    assert (first.left(0, 1), second.left(0, 1)) == (9, 9)
    with monkeypatch.context() as ahead, suppress(TimeoutError):
        now = time.time()
        ahead.setattr(time, "time", lambda: now + 120)
        await asyncio.wait_for(keep_sharing(first.shared, Heartbeats()), 0.5)
    await second.exchange(0)
    assert second.left(0) == 8


async def test_what_a_clock_that_was_ahead_has_left_is_forgiven_within_a_minute(
    database: Settings,
) -> None:
    process = Process(0.0)
    process.left(0, 1)
    await process.exchange(0)
    await pass_in_the_database(-3600)
    for at, left in ((6, 0), (36, 4), (96, 9)):
        process.left(at, 1)
        await process.exchange(at)
        assert process.left(at) == left
        await pass_in_the_database(30 if at == 6 else 60)


async def test_what_cannot_be_told_is_told_the_next_time_as_far_as_it_is_not_forgiven(
    database: Settings,
) -> None:
    first, second = Process(100.0), Process(5_000.0)
    first.left(0, 5)
    await query("ALTER TABLE taken_allowance RENAME TO away")
    for at in (0, 6):
        with pytest.raises(OperationalError):
            await first.exchange(at)
    await query("ALTER TABLE away RENAME TO taken_allowance")
    await first.exchange(6)
    second.left(0, 1)
    await second.exchange(0)
    assert second.left(0) == 5
