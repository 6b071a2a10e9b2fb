"""The statements that an operation sends to the database."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from secrets import token_hex
from typing import Any

from tests.web.asking import Client

_COUNTING = ContextVar("_COUNTING", default=False)

_ONCE_A_SECOND = "SELECT id, facility_id, facility_ids FROM audit_entry"
"""How what others have noted of the day begins to be looked up; that depends on the time."""


class _Statements(logging.Handler):
    """Collects the SQL that Tortoise sends for the test, not for the app's work in between."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.sent: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if message.startswith(_ONCE_A_SECOND):
            return
        if _COUNTING.get() or _reads_for_several():
            self.sent.append(message)


def _reads_for_several() -> bool:
    """Whether a read is for all who ask at that moment, and so in the context of none of them."""
    task = asyncio.current_task()
    return task is not None and "BatchedReads" in getattr(task.get_coro(), "__qualname__", "")


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    logger, handler = logging.getLogger("tortoise.db_client"), _Statements()
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    counting = _COUNTING.set(True)
    try:
        yield handler.sent
    finally:
        _COUNTING.reset(counting)
        logger.setLevel(level)
        logger.removeHandler(handler)


def never_asked(query: str) -> str:
    """The same query, for which nobody has a plan yet."""
    return f"{query} # {token_hex()}"


async def statements_when_asked_again(client: Client, query: str, **variables: Any) -> list[str]:
    """What is sent for a query that came before, and has the same answer."""
    first = await client.ask(query, **variables)
    with counted_statements() as sent:
        assert await client.ask(query, **variables) == first
    return sent
