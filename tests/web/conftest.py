"""The app over HTTP, on a database with the real content and 200 demo facilities.

client   asks it in the name of the helpdesk; runs on SQLite and on PostgreSQL
"""

from collections.abc import AsyncIterator, Iterator

import pytest
from trial_databases import TrialDatabases

import kb.services.access.api_keys
from kb.settings import Settings
from tests.templates import demo_template
from tests.web.asking import Client, answering


@pytest.fixture
def demo_settings(trial_databases: TrialDatabases) -> Iterator[Settings]:
    settings = trial_databases.copy(demo_template(trial_databases))
    yield settings
    trial_databases.drop(settings)


@pytest.fixture
async def client(demo_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Client]:
    # Tests count statements, also on slow machines; the look at the token is not one of them.
    monkeypatch.setattr(kb.services.access.api_keys, "CACHE_SECONDS", 600.0)
    async with answering(demo_settings) as asking:
        await asking.ask("{ viewer { role } }")
        yield asking
