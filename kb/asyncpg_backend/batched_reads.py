"""Reads of single rows that are asked for at the same moment, in one statement."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Any, Final

from kb.errors import own_copy

Read = Callable[[str, Sequence[Any], bool], Awaitable[Sequence[Any]]]

MOST_TOGETHER: Final = 4
"""Rows that one statement finds, at the most."""

_Asked = list[tuple[Any, asyncio.Future[Sequence[Any]]]]


class BatchedReads:
    """Reads rows by a number or an id; those asked for within one turn of the loop together.

    A statement costs the server and PostgreSQL as much as the row that it finds. Only what has the
    same text and the same other values is read together, and so for the same eyes.
    """

    def __init__(self, read: Read) -> None:
        self._read = read
        self._asked: dict[tuple[Any, ...], _Asked] = {}
        self._reading: set[asyncio.Task[None]] = set()
        self._of_nobody = Context()  # a statement for several is part of none of their requests

    async def rows(self, query: str, values: Sequence[Any], value: Any) -> Sequence[Any]:
        """The rows with a value in a column, which is the last that is read of each.

        The query ends with the name of that column; " IN (…)" is put behind it.
        """
        kind = (query, *values)
        asked = self._asked.get(kind)
        loop = asyncio.get_running_loop()
        if asked is None or len(asked) == MOST_TOGETHER:
            asked = self._asked[kind] = []
            loop.call_soon(self._start, kind, asked, context=self._of_nobody)
        future: asyncio.Future[Sequence[Any]] = loop.create_future()
        asked.append((value, future))
        return await future

    def _start(self, kind: tuple[Any, ...], asked: _Asked) -> None:
        if self._asked.get(kind) is asked:
            del self._asked[kind]
        task = asyncio.get_running_loop().create_task(self._answer(kind, asked))
        self._reading.add(task)
        task.add_done_callback(self._reading.discard)

    async def _answer(self, kind: tuple[Any, ...], asked: _Asked) -> None:
        query, *values = kind
        wanted = [value for value, _ in asked]
        # Always as many, so that PostgreSQL plans the statement once.
        wanted += wanted[-1:] * (MOST_TOGETHER - len(wanted))
        marks = ", ".join(f"${len(values) + place}" for place in range(1, MOST_TOGETHER + 1))
        try:
            rows = await self._read(f"{query} IN ({marks})", [*values, *wanted], True)
            for value, future in asked:
                if not future.done():  # who asked may have given up
                    future.set_result([row for row in rows if row[-1] == value])
        except Exception as error:
            for _, future in asked:
                if not future.done():
                    future.set_exception(own_copy(error))
        finally:
            for _, future in asked:
                future.cancel()  # of those that nobody answered, as the server stops
