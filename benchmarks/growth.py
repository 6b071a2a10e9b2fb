"""Whether questions take longer with more facilities: time of PostgreSQL, and of changes.

    python -m benchmarks.growth --url postgres://… [--facilities 1000 100000 1000000]

The URL is that of a server where databases may be made; they are named kb_growth_… and kept. Demo
facilities are made once and copied within the database, a million in some minutes. Times are the
medians of what PostgreSQL says of the statements of a question, in milliseconds, for the helpdesk,
an officer of one country, and a brand that many share with. Then changes are committed, by
one writer and by eight at once, on PostgreSQL and on SQLite, each for some seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import asyncpg
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table
from tortoise.models import Model

from kb.models import (
    BrandProjection,
    EventPosition,
    Facility,
    FacilityProjection,
    ServiceCycle,
    SharingGrant,
    WorkflowEvent,
)
from kb.models.counting import COUNTED_BY, counting_all
from kb.rules.codes import SharingStatus
from kb.rules.events import EventKind
from kb.rules.roles import Role
from kb.services.access.matrix import Viewer
from kb.services.access.opaque_ids import opaque_ids
from kb.services.database import connect, migrate
from kb.services.demo.facilities import make_demo
from kb.services.facilities.counts import count_facilities, counts_by_last_change, rollup
from kb.services.facilities.portfolio import monthly_events, portfolio
from kb.services.facilities.sql import FacilityFilter
from kb.services.facilities.views import FacilityOrder, facilities_by_id, list_facilities
from kb.services.knowledge.decision_filter import DecisionBasis
from kb.services.knowledge.holder import load_knowledge
from kb.services.knowledge.publishing import publish_content
from kb.services.paging import page_request
from kb.services.recording.record import record
from kb.settings import Settings

FIRST = 1_000
"""Demo facilities that are made; all others are copies."""

TIMES = 5
PEPPER = SecretStr("f" * 64)
VIEWERS = {
    "helpdesk": Viewer(Role.HELPDESK),
    "officer": Viewer(Role.PROGRAMME_OFFICER, countries=("VN",)),
    "brand": Viewer(Role.BRAND, organisation="Demo Brand"),
}
FILTERS = {
    "total": FacilityFilter(),
    "total of a decision": FacilityFilter(sharing=(SharingStatus.SHAREABLE_NOW,)),
    "total of a part of a name": FacilityFilter(name_contains="ory 0000999"),
}
console = Console()


def main() -> None:
    """Run the whole benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--url", required=True, help="a PostgreSQL server")
    parser.add_argument("--facilities", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--seconds", type=float, default=3.0, help="for how long to write")
    options = parser.parse_args()
    table = Table("question", *(f"{number:,}" for number in options.facilities))
    columns = [asyncio.run(_measured(options.url, number)) for number in options.facilities]
    for question in columns[0]:
        table.add_row(question, *(f"{column[question]:.2f}" for column in columns))
    console.print(table)
    written = Table("changes committed in a second", "one writer", "eight at once")
    for number in options.facilities:
        settings = _settings(options.url, number)
        written.add_row(
            f"PostgreSQL, {number:,}", *asyncio.run(_written(settings, options.seconds))
        )
    with tempfile.TemporaryDirectory() as folder:
        embedded = Settings(database_url=f"sqlite://{folder}/kb.sqlite3", token_pepper=PEPPER)
        asyncio.run(_made(embedded))
        written.add_row(f"SQLite, {FIRST:,}", *asyncio.run(_written(embedded, options.seconds)))
    console.print(written)


def _settings(server: str, facilities: int) -> Settings:
    url = urlsplit(server)._replace(path=f"/kb_growth_{facilities}").geturl()
    return Settings(database_url=url, database_timeout=1_200, token_pepper=PEPPER)


async def _made(settings: Settings) -> None:
    await migrate(settings)
    async with connect(settings, everywhere=False):
        await publish_content(None, at=datetime.now(UTC))
        await make_demo(FIRST)


async def _measured(server: str, facilities: int) -> dict[str, float]:
    """Question to milliseconds."""
    settings = _settings(server, facilities)
    name = urlsplit(settings.database_url).path.removeprefix("/")
    admin = await asyncpg.connect(server)
    if not await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
        await admin.execute(f"CREATE DATABASE {name}")
        await _made(settings)
        await _copy(settings, facilities)
    await admin.close()
    times: dict[str, float] = {}
    async with connect(settings, everywhere=False):
        by = DecisionBasis(await load_knowledge(), datetime.now(UTC))
        for who, viewer in VIEWERS.items():
            for question, ask in _questions(settings, viewer, by, facilities).items():
                times[f"{question}, {who}"] = await _database_time(ask)
    return times


def _questions(
    settings: Settings, viewer: Viewer, by: DecisionBasis, facilities: int
) -> dict[str, Callable[[], Awaitable[Any]]]:
    page = page_request(first=50, max_size=50)
    ids, today = opaque_ids(settings), by.now.date()

    def listed(order: FacilityOrder) -> Callable[[], Awaitable[Any]]:
        return lambda: list_facilities(viewer, page, by, ids, order=order)

    def counted(only: FacilityFilter) -> Callable[[], Awaitable[Any]]:
        return lambda: count_facilities(viewer, by, only=only)

    return {
        "one facility": lambda: facilities_by_id([facilities // 2 + 2], viewer),
        **{f"page by {order.lower()}": listed(order) for order in FacilityOrder},
        **{question: counted(only) for question, only in FILTERS.items()},
        "roll-up": lambda: rollup(viewer, by),
        "portfolio": lambda: portfolio(viewer, by, FacilityFilter()),
        "ages": lambda: counts_by_last_change(viewer, by, FacilityFilter()),
        "trend": lambda: monthly_events(viewer, by, FacilityFilter(), 12, today),
    }


async def _database_time(ask: Callable[[], Awaitable[Any]]) -> float:
    with _sent() as statements:
        await ask()
    client = Facility._meta.db
    taken = []
    for _ in range(TIMES):
        taken.append(0.0)
        for text, values in statements:
            explain = f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {text}"
            _, rows = await client.execute_query(explain, list(values))
            taken[-1] += json.loads(rows[0]["QUERY PLAN"])[0]["Execution Time"]
    return median(taken)


@contextmanager
def _sent() -> Iterator[list[tuple[str, Sequence[Any]]]]:
    statements: list[tuple[str, Sequence[Any]]] = []

    class Collect(logging.Handler):
        def emit(self, sent: logging.LogRecord) -> None:
            text, values = sent.args  # type: ignore[misc]  # a pair here
            statements.append((str(text), values))

    logger, handler = logging.getLogger("tortoise.db_client"), Collect()
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield statements
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.WARNING)


async def _copy(settings: Settings, facilities: int) -> None:
    """Copy the facilities with all that is theirs until there are as many; ids stay in step."""
    connection = await asyncpg.connect(settings.database_url)
    # Triggers would do for each row what is done below for all.
    await connection.execute("SET session_replication_role = replica")
    copies = facilities // FIRST - 1
    largest: dict[type[Model], int] = {}
    of_facility, of_others = (
        {
            "name": f"'Demo Factory ' || {numbered} || ' (' || t.country || ')'",
            "name_key": f"'demofactory' || {numbered} || lower(t.country)",
            "os_id": f"'DEMO-OS-' || {numbered}",
            "gateway_id": f"CASE WHEN t.gateway_id IS NOT NULL THEN 'DEMO-GW-' || {numbered} END",
            "better_work_id": "CASE WHEN t.better_work_id IS NOT NULL "
            f"THEN 'DEMO-BW-' || {numbered} END",
        }
        for numbered in (
            f"lpad(({id_} + k * {FIRST})::text, 7, '0')" for id_ in ("t.id", "t.facility_id")
        )
    )
    copied = (
        *(Facility, ServiceCycle, WorkflowEvent, FacilityProjection, BrandProjection),
        SharingGrant,
    )
    for model in copied:
        table = model._meta.db_table
        names = [
            row["column_name"]
            for row in await connection.fetch(
                "SELECT column_name FROM information_schema.columns WHERE table_name = $1", table
            )
        ]
        largest[model] = await connection.fetchval(f"SELECT max(id) FROM {table}")
        terms = {
            "id": f"t.id + k * {largest[model]}",
            "facility_id": f"t.facility_id + k * {FIRST}",
            "cycle_id": f"t.cycle_id + k * {largest.get(ServiceCycle, 0)}",
            **(of_facility if model is Facility else of_others),
        }
        listed = ", ".join(f'"{name}"' for name in names)
        read = ", ".join(terms.get(name, f't."{name}"') for name in names)
        await connection.execute(
            f"INSERT INTO {table} ({listed}) SELECT {read} FROM {table} t, "
            f"generate_series(1, {copies}) k WHERE t.id <= {largest[model]}"
        )
        await connection.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
        )
    positions = EventPosition._meta.db_table
    await connection.execute("DELETE FROM unplaced_event")
    await connection.execute(
        f"INSERT INTO {positions} (event_id) SELECT e.id FROM workflow_event e "
        f"WHERE NOT EXISTS (SELECT 1 FROM {positions} p WHERE p.event_id = e.id) ORDER BY e.id"
    )
    for table in COUNTED_BY:
        await connection.execute(f"TRUNCATE {table}")
    for statement in counting_all(sqlite=False):
        await connection.execute(statement)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def _written(settings: Settings, seconds: float) -> list[str]:
    """Changes committed in a second, by one writer and by eight."""
    rates = []
    async with connect(settings, everywhere=False):
        knowledge = await load_knowledge()
        for writers in (1, 8):
            end = time.perf_counter() + seconds
            done = await asyncio.gather(
                *(_write(place + 1, end, knowledge) for place in range(writers))
            )
            rates.append(f"{sum(done) / seconds:.0f}")
    return rates


async def _write(facility_id: int, end: float, knowledge: Any) -> int:
    """A facility lets a brand see it and no longer see it, in turn; how often by the end."""
    viewer = Viewer(Role.FACILITY, facility_ids=(facility_id,))
    done = 0
    while time.perf_counter() < end:
        for kind in (EventKind.SIGHT_GRANTED, EventKind.SIGHT_WITHDRAWN):
            payload = {"grantee_kind": "BRAND", "grantee": "A brand of the benchmark"}
            await record(
                viewer, facility_id, kind, payload, now=datetime.now(UTC), knowledge=knowledge
            )
            done += 1
    return done


if __name__ == "__main__":
    main()
