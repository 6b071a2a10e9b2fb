"""Databases with the real content, each made once for all test processes of a run."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from kb.content.records import Library
from kb.search.prepared import PreparedSearch
from kb.services.database import connect
from kb.services.demo.facilities import make_demo
from kb.services.knowledge.prepared import PreparedKind, keep_prepared, search_key
from kb.services.knowledge.publishing import publish_content
from kb.settings import Settings
from tests.rules.shipped import shipped_library
from tests.trial_databases import TrialDatabases, made_once, migrated

SHARED = "KB_TEST_SHARED"
"""The environment variable that names the folder which all test processes of a run share."""

PUBLISHED_AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


def published_template(databases: TrialDatabases) -> str:
    """The real content, published at `PUBLISHED_AT`, with its prepared search."""
    empty = databases.template("empty", migrated)
    return databases.template("published", partial(_publish, databases.shared), like=empty)


def demo_template(databases: TrialDatabases, count: int = 200) -> str:
    """The same with demo facilities."""
    fill = partial(_add_demo, count)
    return databases.template(f"demo_{count}", fill, like=published_template(databases))


def prepared_search(shared: Path, library: Library) -> PreparedSearch:
    """The search over the real content, prepared once; `shared` is a folder of the whole run."""
    file = shared / "prepared-search"
    with made_once(shared, file.name) as missing:
        if missing:
            file.write_bytes(PreparedSearch.of(library).to_bytes())
    return PreparedSearch.from_bytes(file.read_bytes(), library.content_hash)


async def _publish(shared: Path, settings: Settings) -> None:
    prepared = prepared_search(shared, shipped_library())
    async with connect(settings, everywhere=False):
        await publish_content(settings.content_dir, at=PUBLISHED_AT)
        key = search_key(prepared.content_hash)
        await keep_prepared(PreparedKind.SEARCH, key, prepared.to_bytes())


async def _add_demo(count: int, settings: Settings) -> None:
    async with connect(settings, everywhere=False):
        await make_demo(count)
