"""A database with the real content and 200 demo facilities, on SQLite: plans are the same on both.

filled   the settings of one database for all tests of a file, which write no more than the audit
"""

import pytest

from kb.settings import Settings
from tests.templates import demo_template
from tests.trial_databases import SqliteFiles


@pytest.fixture(scope="module")
def filled(sqlite_files: SqliteFiles) -> Settings:
    return sqlite_files.copy(demo_template(sqlite_files))
