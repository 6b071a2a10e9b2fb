"""The app over HTTP, on a database with the real content and 200 demo facilities.

client   asks it; runs on SQLite and on PostgreSQL
"""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import httpx
import pytest
from trial_databases import TrialDatabases

from graphql_schema.app import create_app
from kb.services.database import connect, migrate
from kb.services.demo import make_demo
from kb.services.publishing import publish_content
from kb.settings import AnonymousReads, Settings
from tests.web.asking import Client

PUBLISHED_AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


async def with_demo(settings: Settings) -> None:
    await migrate(settings)
    async with connect(settings, everywhere=False):
        await publish_content(settings.content_dir, at=PUBLISHED_AT)
        await make_demo(200)


@pytest.fixture
def demo_settings(trial_databases: TrialDatabases) -> Iterator[Settings]:
    settings = trial_databases.copy(trial_databases.template("demo", with_demo))
    yield settings.model_copy(update={"anonymous_reads": AnonymousReads.EVERYTHING})
    trial_databases.drop(settings)


@pytest.fixture
async def client(demo_settings: Settings) -> AsyncIterator[Client]:
    app = create_app(demo_settings)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http,
    ):
        yield Client(http)
