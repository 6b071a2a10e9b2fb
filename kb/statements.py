"""What statements written by hand ask of a client of the database, beside Tortoise's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from tortoise.backends.base.client import BaseDBAsyncClient


class BatchReader(Protocol):
    """Reads rows that are asked for at the same moment in one statement."""

    async def rows(self, query: str, values: Sequence[Any], value: Any) -> Sequence[Any]:
        """The rows with a value in a column, which is the last that is read of each.

        The query ends with the name of that column.
        """


class StatementClient(BaseDBAsyncClient):
    """A client of either database, or a transaction of one: there everything is done within it."""

    batched: BatchReader | None = None
    """Reads single rows together with those of others; None where each is read by itself."""

    async def read(self, query: str, values: Sequence[Any], few: bool) -> Sequence[Any]:
        """The rows of a statement that changes nothing: what was committed last, or is done here.

        `few` says that an index leads to all that it reads, a page of rows at the most.
        """
        del few
        return await self.run(query, values)

    async def run(self, query: str, values: Sequence[Any]) -> Sequence[Any]:
        """The rows of one statement, which is a transaction by itself outside of one."""
        _, rows = await self.execute_query(query, list(values))
        return list(rows)
