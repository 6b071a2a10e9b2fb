"""The app over HTTP, on a database with the real content and 200 demo facilities.

client   asks it in the name of the helpdesk; runs on SQLite and on PostgreSQL
"""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest
from trial_databases import TrialDatabases

import kb.services.access.api_keys
from kb.services.database import connect, migrate
from kb.services.demo.facilities import make_demo
from kb.services.knowledge.publishing import publish_content
from kb.settings import Settings
from tests.web.asking import Client, answering

PUBLISHED_AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


async def with_demo(settings: Settings) -> None:
    await migrate(settings)
    async with connect(settings, everywhere=False):
        await publish_content(settings.content_dir, at=PUBLISHED_AT)
        await make_demo(200)


@pytest.fixture
def demo_settings(trial_databases: TrialDatabases) -> Iterator[Settings]:
    settings = trial_databases.copy(trial_databases.template("demo", with_demo))
    yield settings
    trial_databases.drop(settings)


@pytest.fixture
async def client(demo_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Client]:
    # Tests count statements, also on slow machines; the look at the token is not one of them.
    monkeypatch.setattr(kb.services.access.api_keys, "CACHE_SECONDS", 600.0)
    async with answering(demo_settings) as asking:
        await asking.ask("{ viewer { role } }")
        yield asking
