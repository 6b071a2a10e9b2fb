"""A database that answers but cannot grow: nothing is shown unnoted, and the server says so."""

import shutil
from collections import namedtuple
from pathlib import Path

import httpx
import pytest
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from graphql_schema.app import create_app
from kb.models import AuditEntry
from kb.services.database import FAILURES
from kb.settings import Settings
from tests.trial_databases import on_postgresql, on_sqlite
from tests.web.asking import Client

PAGE = "{ facilities(first: 100) { nodes { name } } }"


async def _let_grow(pages: int) -> None:
    """Let the database file have this many pages at most, or as many as it has now."""
    await get_connection("default").execute_query(f"PRAGMA max_page_count = {pages}")


@on_sqlite
async def test_what_cannot_be_noted_for_the_audit_is_not_shown(client: Client):
    await _let_grow(1)
    shown = 0
    while "errors" not in (body := await client.body(PAGE)):
        shown += 1
        assert shown < 100
    (error,) = body["errors"]
    assert error["message"] == "The database does not answer at the moment. Try again later."
    assert error["extensions"]["code"] == "STORAGE_UNAVAILABLE"
    assert body["data"] is None
    assert await AuditEntry.filter(what="READ").count() == shown
    await _let_grow(1_000_000)
    assert len((await client.ask(PAGE))["facilities"]["nodes"]) == 100


@on_sqlite
async def test_with_a_full_disk_the_server_is_not_ready(
    client: Client, monkeypatch: pytest.MonkeyPatch
):
    def full(_folder: Path) -> object:
        return namedtuple("Usage", "free")(999_999)

    monkeypatch.setattr(shutil, "disk_usage", full)
    ready = await client.http.get("/readyz")
    assert ready.status_code == 503
    reason = "The disk of the database is full. Nothing can be recorded."
    assert ready.json() == {"ready": False, "reason": reason}


@on_postgresql
async def test_on_a_standby_that_only_reads_the_server_is_not_ready(client: Client):
    async with in_transaction() as standby:  # so that it is asked on the same connection
        await standby.execute_query("SET TRANSACTION READ ONLY")
        ready = await client.http.get("/readyz")
    assert ready.status_code == 503
    reason = "The database only reads. Nothing can be recorded."
    assert ready.json() == {"ready": False, "reason": reason}


@on_postgresql
async def test_a_write_on_a_standby_is_a_failure_of_the_database(client: Client):
    async with in_transaction() as standby:
        await standby.execute_query("SET TRANSACTION READ ONLY")
        with pytest.raises(FAILURES):
            await standby.execute_query("UPDATE facility SET version = 2")


async def test_a_fault_of_ours_is_a_graphql_error_with_the_id_of_its_request(
    demo_settings: Settings,
):
    app = create_app(demo_settings)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False),
            base_url="http://127.0.0.1",
        ) as http,
    ):
        del app.state.knowledge
        answer = await http.post("/graphql", json={"query": "{ faq(number: 1) { number } }"})
    assert answer.status_code == 500
    (error,) = answer.json()["errors"]
    assert error["message"] == "Unexpected error."
    assert error["extensions"]["code"] == "INTERNAL_ERROR"
    assert error["extensions"]["requestId"] == answer.headers["x-request-id"]
