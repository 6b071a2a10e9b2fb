"""Whatever facilities are asked for, PostgreSQL finds a page of them by an index.

On 10,000 facilities, made by SQL, as a planner decides otherwise about few rows.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from tortoise.transactions import in_transaction

from kb.models import Facility
from kb.rules.codes import SharingStatus
from kb.rules.events import EventKind
from kb.rules.roles import Role
from kb.services.access.matrix import OPERATOR, Viewer
from kb.services.database import connect
from kb.services.facilities.counts import count_facilities, counts_by_last_change, rollup
from kb.services.facilities.portfolio import monthly_events
from kb.services.facilities.portfolio import portfolio as counted_portfolio
from kb.services.facilities.reading import FacilityReads
from kb.services.facilities.sql import FacilityFilter
from kb.services.facilities.views import (
    FacilityIdKind,
    FacilityLocator,
    FacilityOrder,
    cursor_of,
    find_facility,
    list_facilities,
)
from kb.services.knowledge.decision_filter import DecisionBasis
from kb.services.knowledge.holder import Knowledge, load_knowledge
from kb.services.paging import page_request
from kb.services.recording.append import Addition, NewEvent, append_events
from tests.global_ids import IDS
from tests.portfolio_fixtures import NOW
from tests.templates import demo_template
from tests.trial_databases import PostgresDatabases

FACILITIES = 10_000
MADE = f"""
INSERT INTO facility (name, country, created_at, version)
  SELECT 'Mill ' || md5(n::text),
    CASE WHEN n % 2000 = 0 THEN 'AL' ELSE (ARRAY['VN', 'BD', 'ID', 'KH'])[1 + n % 4] END, now(), 1
  FROM generate_series(1, {FACILITIES}) n;
INSERT INTO facility_projection (facility_id, cycle_number, is_current, name, country,
    decision_key, last_event_sequence, changed_on, state, updated_at)
  SELECT f.id, 0, TRUE, f.name, f.country, d.decision_key, 1, date '2026-11-01' - f.id % 2000,
    '{{"opened_on": null, "closed_on": null, "step_dates": {{}}}}', now()
  FROM facility f JOIN facility_projection d ON d.facility_id = 1 + f.id % 200 AND d.is_current
  WHERE f.name LIKE 'Mill %';
INSERT INTO brand_projection (facility_id, brand, cycle_number, is_current, name, country,
    decision_key, last_event_sequence, changed_on, state, updated_at)
  SELECT facility_id, 'Demo Brand', 0, TRUE, name, country, decision_key, 1, changed_on, state,
    now()
  FROM facility_projection WHERE name LIKE 'Mill %'
"""
FILTERS = {
    "none": FacilityFilter(),
    "the beginning of a name": FacilityFilter(name_starts_with="MILL 1a2"),
    "a part of a name": FacilityFilter(name_contains="1A2b"),
    "a country": FacilityFilter(countries=("VN",)),
    "a rare country": FacilityFilter(countries=("AL",)),
    "two countries": FacilityFilter(countries=("AL", "KH")),
    "a day of the last change": FacilityFilter(changed_until=date(2021, 5, 14)),
    "the last weeks": FacilityFilter(changed_from=date(2026, 10, 30)),
    "ids": FacilityFilter(os_ids=("DEMO-OS-000002",), gateway_ids=("DEMO-GW-000002",)),
    "a decision": FacilityFilter(sharing=(SharingStatus.SHAREABLE_NOW,)),
    "several": FacilityFilter(countries=("VN",), also=(FacilityFilter(name_contains="abc1"),)),
}
COUNTED = ("the beginning of a name", "a part of a name", "a day of the last change", "ids")
LARGEST_SORT = 1_000
ENTRIES_READ = """
SELECT SUM(pg_stat_get_xact_tuples_returned(i.indexrelid))::int AS entries FROM pg_index i
WHERE i.indrelid IN ('facility_projection'::regclass, 'brand_projection'::regclass)
"""
"""Entries of indexes that this transaction has read."""


@pytest.fixture(scope="module")
def crowded(postgres_databases: PostgresDatabases) -> Iterator[Any]:
    settings = postgres_databases.copy(demo_template(postgres_databases))
    yield settings
    postgres_databases.drop(settings)


@pytest.fixture
async def portfolio(crowded: Any, loaded: list[Knowledge]) -> AsyncIterator[DecisionBasis]:
    async with connect(crowded, everywhere=False):
        client = Facility._meta.db
        if await Facility.all().count() < FACILITIES:
            await client.execute_script(MADE)
            await client.execute_query("VACUUM ANALYZE")  # as a server does by itself
        if not loaded:
            loaded.append(await load_knowledge())
        yield DecisionBasis(loaded[0], NOW)


class _Sent(logging.Handler):
    """The statements on facilities that were sent, with their values."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.statements: list[tuple[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        text, values = record.args
        if "_projection" in str(text) or "_count" in str(text):
            self.statements.append((str(text), values))


@pytest.fixture
def sent() -> Iterator[list[tuple[str, Any]]]:
    logger, handler = logging.getLogger("tortoise.db_client"), _Sent()
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield handler.statements
    logger.setLevel(level)
    logger.removeHandler(handler)


def steps(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from steps(inner)


async def explained(text: str, values: Any) -> list[dict[str, Any]]:
    _, rows = await Facility._meta.db.execute_query(f"EXPLAIN (FORMAT JSON) {text}", values)
    (plan,) = json.loads(rows[0]["QUERY PLAN"])
    return list(steps(plan["Plan"]))


async def slow_steps(text: str, values: Any) -> list[str]:
    """What of a statement reads a whole table, or sorts much; those of counts stay small."""
    return [
        f"{step['Node Type']} {step.get('Relation Name', '')} {step['Plan Rows']}"
        for step in await explained(text, values)
        if (step["Node Type"] == "Seq Scan" and not step["Relation Name"].endswith("_count"))
        or (step["Node Type"] == "Sort" and step["Plan Rows"] > LARGEST_SORT)
    ]


@pytest.mark.parametrize(
    "viewer",
    [
        OPERATOR,
        Viewer(Role.PROGRAMME_OFFICER, countries=("VN", "ID")),
        Viewer(Role.BRAND, organisation="Demo Brand"),
    ],
    ids=lambda viewer: viewer.role,
)
async def test_a_page_is_found_by_an_index_whatever_is_asked_for(
    portfolio: DecisionBasis, sent: list[tuple[str, Any]], viewer: Viewer
) -> None:
    page = page_request(first=50, max_size=50)
    for order in FacilityOrder:
        for name, only in FILTERS.items():
            sent.clear()
            await list_facilities(viewer, page, portfolio, IDS, only=only, order=order)
            for text, values in list(sent):
                assert await slow_steps(text, values) == [], (order, name)
    for kind in FacilityIdKind:
        sent.clear()
        text = "99999" if kind is FacilityIdKind.ID else "DEMO-os-1"
        assert await find_facility(FacilityLocator(kind, text), viewer) is None
        assert sent
        for text, values in list(sent):
            assert await slow_steps(text, values) == [], kind
    for name in COUNTED:
        sent.clear()
        await count_facilities(viewer, portfolio, only=FILTERS[name])
        for text, values in list(sent):
            assert await slow_steps(text, values) == [], text


@pytest.mark.parametrize("viewer", [OPERATOR, Viewer(Role.BRAND, organisation="Demo Brand")])
async def test_the_first_and_last_events_of_a_page_are_found_without_sorting(
    portfolio: DecisionBasis, sent: list[tuple[str, Any]], viewer: Viewer
) -> None:
    pages = page_request(first=5, max_size=5), page_request(last=1, max_size=5)
    reads = FacilityReads.of((), pages, ())
    page = page_request(first=50, max_size=50)
    sent.clear()
    await list_facilities(viewer, page, portfolio, IDS, reads=reads)
    ((text, values),) = sent
    steps = await explained(text, values)
    events = [step for step in steps if step.get("Relation Name") == "workflow_event"]
    assert [step["Node Type"] for step in events] == ["Index Scan"] * len(pages)
    assert "Sort" not in [step["Node Type"] for step in steps]


async def test_postgresql_expects_each_facility_once_among_those_that_are_seen(
    portfolio: DecisionBasis,
) -> None:
    _, rows = await Facility._meta.db.execute_query(
        "SELECT n_distinct FROM pg_stats "
        "WHERE attname = 'facility_id' AND tablename LIKE '%_projection'"
    )
    assert [row["n_distinct"] for row in rows] == [-1, -1]


async def test_what_is_counted_is_read_from_kept_counts_alone(
    portfolio: DecisionBasis, sent: list[tuple[str, Any]]
) -> None:
    today = portfolio.now.date()
    for viewer in (OPERATOR, Viewer(Role.BRAND, organisation="Demo Brand")):
        for name in ("none", "a country", "a decision"):
            only = FILTERS[name]
            await count_facilities(viewer, portfolio, only=only)
            await rollup(viewer, portfolio, only=only)
            await counted_portfolio(viewer, portfolio, only)
            if name != "a decision":
                await counts_by_last_change(viewer, portfolio, only)
                await monthly_events(viewer, portfolio, only, 12, today.replace(day=30))
    assert len(sent) == 26
    assert [text for text, _ in sent if "_projection" in text] == []


@pytest.mark.parametrize("viewer", [OPERATOR, Viewer(Role.BRAND, organisation="Demo Brand")])
async def test_pages_of_all_that_is_seen_are_planned_once(
    portfolio: DecisionBasis, viewer: Viewer
) -> None:
    for order in (FacilityOrder.NAME, FacilityOrder.COUNTRY):
        for edge, end in (("first", "after"), ("last", "before")):
            cursor = None
            for _ in range(10):
                page = page_request(**{edge: 50, end: cursor}, max_size=50)
                rows = (await list_facilities(viewer, page, portfolio, IDS, order=order)).rows
                cursor = cursor_of(rows[-1 if edge == "first" else 0], order, IDS)
    planned = await Facility._meta.db.run(
        "SELECT generic_plans, custom_plans FROM pg_prepared_statements "
        "WHERE statement ~ '^SELECT p.*[<>] [(].*ORDER BY p'",
        [],
    )
    # PostgreSQL tries five times with the values themselves.
    assert [tuple(plans) for plans in planned] == [(4, 5)] * 4


@pytest.mark.parametrize("viewer", [OPERATOR, Viewer(Role.BRAND, organisation="Demo Brand")])
async def test_what_a_page_by_name_usually_shows_is_read_from_its_index_alone(
    portfolio: DecisionBasis, sent: list[tuple[str, Any]], viewer: Viewer
) -> None:
    names = ("os_id", "gateway_id", "better_work_id", "decision_key", "contested", "status_only")
    reads = FacilityReads.of((*names, "latest_kind", "latest_on"), (), ())
    page = page_request(first=50, max_size=50)
    await list_facilities(viewer, page, portfolio, IDS, reads=reads)
    ((text, values),) = sent
    assert [step["Node Type"] for step in await explained(text, values)] == [
        *("Limit", "Index Only Scan")
    ]


async def test_a_change_reads_few_projections_however_many_there_are(
    portfolio: DecisionBasis,
) -> None:
    facility = await Facility.get(id=1)
    submitted = NewEvent(EventKind.PROFILE_SUBMITTED, NOW.date(), NOW, "FACILITY")
    with suppress(_RolledBackError):
        async with in_transaction():
            await append_events([Addition(facility, [submitted])])
            _, (read,) = await Facility._meta.db.execute_query(ENTRIES_READ)
            raise _RolledBackError
    assert 0 < read["entries"] < 20


class _RolledBackError(Exception):
    """Leaves the rows of other tests as they were."""
