"""Counts that the database keeps, compared with what there is to count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.transactions import in_transaction

from kb.models.counting import COUNTED_BY, adding_one, differing_counts, lock_for_recount


@dataclass(frozen=True, slots=True)
class WrongCount:
    """A count that is not what counting anew gives; `lacking` is below 0 where it is too high."""

    table: str
    counted: tuple[Any, ...]
    lacking: int

    def __str__(self) -> str:
        named = zip(COUNTED_BY[self.table], self.counted, strict=True)
        what = ", ".join(f"{name} {value}" for name, value in named if value not in ("", False))
        wrong = "low" if self.lacking > 0 else "high"
        return f"{self.table} of {what} is too {wrong} by {abs(self.lacking)}"


async def wrong_counts() -> list[WrongCount]:
    """The kept counts that differ from counting anew: none, unless rows were changed by hand."""
    async with in_transaction() as client:
        return await _wrong_counts(client)


async def mend_counts() -> list[WrongCount]:
    """Put the counts right that are wrong, and tell which; others may go on writing meanwhile."""
    async with in_transaction() as client:
        sqlite = client.capabilities.dialect == "sqlite"
        await client.execute_query(lock_for_recount(sqlite))
        wrong_counts = await _wrong_counts(client)
        for wrong in wrong_counts:
            values = [*wrong.counted, wrong.lacking]
            await client.execute_query(adding_one(wrong.table, sqlite), values)
        return wrong_counts


async def _wrong_counts(client: BaseDBAsyncClient) -> list[WrongCount]:
    sqlite = client.capabilities.dialect == "sqlite"
    wrong_counts = []
    for table in COUNTED_BY:
        _, rows = await client.execute_query(differing_counts(table, sqlite))
        for *counted, lacking in (tuple(row) for row in rows):
            wrong_counts.append(WrongCount(table, tuple(counted), lacking))
    return wrong_counts
