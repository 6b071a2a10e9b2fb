"""Databases with the real content, each made once for all test processes of a run."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from kb.content.records import Library
from kb.search.prepared import PreparedSearch
from kb.services.database import connect
from kb.services.demo.facilities import make_demo
from kb.services.knowledge.prepared import PreparedKind, keep_prepared, search_key
from kb.services.knowledge.publishing import publish_content
from kb.settings import Settings
from tests.rules.shipped import shipped_library
from tests.shared import bytes_made_once
from tests.trial_databases import TrialDatabases, migrated

PUBLISHED_AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


def published_template(databases: TrialDatabases) -> str:
    """The real content, published at `PUBLISHED_AT`, with its prepared search."""
    empty = databases.template("empty", migrated)
    return databases.template("published", _publish, like=empty)


def demo_template(databases: TrialDatabases, count: int = 200) -> str:
    """The same with demo facilities."""
    fill = partial(_add_demo, count)
    return databases.template(f"demo_{count}", fill, like=published_template(databases))


def prepared_search(library: Library) -> PreparedSearch:
    """The search over the real content, prepared once for all test processes."""
    form = bytes_made_once("prepared-search", lambda: PreparedSearch.of(library).to_bytes())
    return PreparedSearch.from_bytes(form, library.content_hash)


async def _publish(settings: Settings) -> None:
    prepared = prepared_search(shipped_library())
    async with connect(settings, everywhere=False):
        await publish_content(settings.content_dir, at=PUBLISHED_AT)
        key = search_key(prepared.content_hash)
        await keep_prepared(PreparedKind.SEARCH, key, prepared.to_bytes())


async def _add_demo(count: int, settings: Settings) -> None:
    async with connect(settings, everywhere=False):
        await make_demo(count)
