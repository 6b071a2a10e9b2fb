"""A database with the real content and 200 demo facilities, on SQLite: plans are the same on both.

filled   the settings of one database for all tests of a file, which write no more than the audit
people   everybody, asking an app on that database without limits
"""

from collections.abc import AsyncIterator

import pytest

from kb.settings import Settings
from tests.access.people import People, everybody_asking
from tests.templates import demo_template
from tests.trial_databases import SqliteFiles


@pytest.fixture(scope="module")
def filled(sqlite_files: SqliteFiles) -> Settings:
    return sqlite_files.copy(demo_template(sqlite_files))


@pytest.fixture
async def people(filled: Settings) -> AsyncIterator[People]:
    async with everybody_asking(filled) as people:
        yield people
