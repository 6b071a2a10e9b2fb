"""Services on a database with the real content and 200 demo facilities.

portfolio    connected to it, on SQLite and on PostgreSQL; gives what to decide with
statements   the SQL that ran since, without that of transactions
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from kb.services.database import connect
from kb.services.knowledge.decision_filter import DecisionBasis
from kb.services.knowledge.holder import Knowledge, load_knowledge
from tests.templates import demo_template
from tests.trial_databases import TrialDatabases

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def loaded() -> list[Knowledge]:
    """The knowledge, loaded by the first test that needs it; it is the same in all databases."""
    return []


@pytest.fixture
async def portfolio(
    trial_databases: TrialDatabases, loaded: list[Knowledge]
) -> AsyncIterator[DecisionBasis]:
    settings = trial_databases.copy(demo_template(trial_databases))
    async with connect(settings, everywhere=False):
        if not loaded:
            loaded.append(await load_knowledge())
        yield DecisionBasis(loaded[0], NOW)
    trial_databases.drop(settings)


@pytest.fixture
def statements() -> Iterator[list[str]]:
    with _counted() as seen:
        yield seen


@contextmanager
def _counted() -> Iterator[list[str]]:
    seen: list[str] = []

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            text = record.getMessage()
            if text.lstrip().upper().startswith(("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")):
                seen.append(text)

    logger = logging.getLogger("tortoise.db_client")
    before, handler = logger.level, Collect()
    logger.setLevel(logging.DEBUG)
    logger.addHandler(handler)
    try:
        yield seen
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
