"""Databases for the tests of access.

sqlite_database   connected to a migrated, empty database, on SQLite only
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from kb.services.database import connect
from kb.settings import Settings
from tests.trial_databases import SqliteFiles, forget_sql_of_other_dialects, migrated


@pytest.fixture
async def sqlite_database(sqlite_files: SqliteFiles) -> AsyncIterator[Settings]:
    forget_sql_of_other_dialects()
    settings = sqlite_files.copy(sqlite_files.template("empty", migrated))
    async with connect(settings, everywhere=False):
        yield settings
    sqlite_files.drop(settings)
