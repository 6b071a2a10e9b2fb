"""The app over HTTP, on a database with the real content and 200 demo facilities.

client   asks it in the name of the helpdesk; runs on SQLite and on PostgreSQL
"""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import httpx
import pytest
from trial_databases import TrialDatabases

import kb.services.access.api_keys
from graphql_schema.app import create_app
from kb.services.database import connect, migrate
from kb.services.demo.facilities import make_demo
from kb.services.knowledge.publishing import publish_content
from kb.settings import Settings
from tests.tokens import helpdesk_token
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
    yield settings
    trial_databases.drop(settings)


@pytest.fixture
async def client(demo_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Client]:
    # Tests count statements, also on slow machines; the look at the token is not one of them.
    monkeypatch.setattr(kb.services.access.api_keys, "CACHE_SECONDS", 600.0)
    app = create_app(demo_settings)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http,
    ):
        http.headers["Authorization"] = f"Bearer {await helpdesk_token(demo_settings)}"
        asking = Client(http)
        await asking.ask("{ viewer { role } }")
        yield asking
