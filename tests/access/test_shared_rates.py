"""A caller that asks several processes has one rate, to the second."""

from __future__ import annotations

from kb.models import TakenAllowance
from kb.rules.roles import Role
from kb.services.access.matrix import ANONYMOUS, Viewer
from kb.services.access.rates import Rates
from kb.services.access.shared_rates import SharedRates, remove_old
from kb.settings import Settings

HERE = "203.0.113.7"
MADE = 1_800_000_000.0  # seconds since 1970
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
        await self.shared.exchange(self.began + at, MADE + at)


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
    assert row.filled_until == MADE + 30
    await remove_old(MADE + 29)
    assert await TakenAllowance.all().count() == 1
    await remove_old(MADE + 31)
    assert await TakenAllowance.all().count() == 0


async def test_what_processes_gave_at_once_is_forgiven_within_a_minute(database: Settings) -> None:
    first, second = Process(100.0), Process(5_000.0)
    assert (first.left(0, 10), second.left(0, 10)) == (0, 0)
    for process in (first, second):
        await process.exchange(0)
    assert second.left(30) == 5
    assert second.left(60) == 10
