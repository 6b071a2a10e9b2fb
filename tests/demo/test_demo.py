"""Demo facilities: synthetic, repeatable, and an example of every row."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from kb.errors import InvalidInputError
from kb.models import Facility, FacilityProjection, ServiceCycle, SharingGrant, WorkflowEvent
from kb.rules.folding import fold
from kb.services.demo import facilities
from kb.services.demo.facilities import EXAMPLE_IDS, DemoCount, make_demo
from kb.services.demo.scenarios import REFERENCE_DAY, demo_facility
from kb.services.knowledge.decision_filter import DecisionBasis, decisions_by_key
from kb.settings import Settings
from tests.trial_databases import on_sqlite

TABLES = (Facility, ServiceCycle, WorkflowEvent, FacilityProjection, SharingGrant)


def test_every_demo_facility_says_so_in_name_and_ids() -> None:
    for number in (1, 200, 54321):
        facility = demo_facility(number, 2021)
        assert facility.name == f"Demo Factory {number:04d} ({facility.country})"
        assert facility.os_id == f"DEMO-OS-{number:06d}"
        assert (facility.gateway_id or "DEMO-GW-").startswith("DEMO-GW-")
        assert (facility.better_work_id or "DEMO-BW-").startswith("DEMO-BW-")


def test_the_same_seed_tells_the_same_story_and_another_seed_another() -> None:
    assert demo_facility(7, 2021) == demo_facility(7, 2021)
    assert demo_facility(7, 2021) != demo_facility(7, 2022)


def test_events_lie_between_2021_and_the_reference_day_in_their_order() -> None:
    for number in range(1, 2001):
        days = [event.occurred_on for event in demo_facility(number, 5).events]
        assert days == sorted(days)
        assert date(2021, 1, 1) <= days[0]
        assert days[-1] <= REFERENCE_DAY


async def test_two_hundred_show_every_row_that_events_can_lead_to(portfolio: DecisionBasis) -> None:
    keys = await FacilityProjection.filter(is_current=True).values_list("decision_key", flat=True)
    answers = await decisions_by_key(keys, portfolio)
    rows = {
        outcome.row for answer in answers.values() for outcome in answer.trace if outcome.matched
    }
    tables = portfolio.knowledge.library.rulebook
    expected = {row.id for row in (*tables.assessment.rows, *tables.sharing.rows)}
    unknown = {"B13", "B14", "B15", "B16", "B17", "B18", "B20"}
    contradictions = {"A17", "A20", "B0"}
    assert expected - rows == unknown | contradictions
    routes = {answer.workflow.route for answer in answers.values()}
    assert set(tables.routes) - routes == {
        *("BETTER_WORK_PROFILE_UNKNOWN", "DAY_NOT_COVERED", "RULES_NOT_IN_LAYERS")
    }


async def test_the_examples_exist(portfolio: DecisionBasis) -> None:
    assert await Facility.filter(os_id__in=EXAMPLE_IDS).count() == len(EXAMPLE_IDS)


async def test_projections_are_what_the_events_say(portfolio: DecisionBasis) -> None:
    for row in await FacilityProjection.filter(is_current=True).limit(60).order_by("facility_id"):
        events = demo_facility(int(row.name.split()[2]), 2021).events
        assert row.decision_key == fold(row.country, events).profile.key


async def test_a_withdrawn_grant_ends_on_its_day(portfolio: DecisionBasis) -> None:
    ended = await SharingGrant.filter(revoked_on__not_isnull=True)
    assert ended
    assert all(grant.revoked_on and grant.revoked_on > grant.granted_on for grant in ended)


async def test_the_same_seed_fills_two_databases_alike(database: Settings) -> None:
    await make_demo(60, seed=9)
    events = await WorkflowEvent.all().order_by("facility_id", "sequence")
    recorded = [(row.sequence, row.kind, row.occurred_on, row.payload) for row in events]
    assert recorded == [
        (event.sequence, event.kind, event.occurred_on, event.payload)
        for number in range(1, 61)
        for event in demo_facility(number, 9).events
    ]


async def test_making_as_many_again_does_nothing(database: Settings) -> None:
    first = await make_demo(30)
    counts = [await table.all().count() for table in TABLES]
    again = await make_demo(20)
    assert (first.created, first.total) == (30, 30)
    assert (again.created, again.total) == (0, 30)
    assert [await table.all().count() for table in TABLES] == counts


async def test_more_are_added_later_as_if_all_had_been_made_at_once(database: Settings) -> None:
    await make_demo(10)
    more = await make_demo(12)
    assert (more.created, more.total) == (2, 12)
    rows = (
        await WorkflowEvent.all().order_by("facility_id", "sequence").prefetch_related("facility")
    )
    assert [(row.facility.os_id, row.kind, row.occurred_on) for row in rows] == [
        (facility.os_id, event.kind, event.occurred_on)
        for facility in (demo_facility(number, 2021) for number in range(1, 13))
        for event in facility.events
    ]


async def test_an_interrupted_run_keeps_its_whole_batches_and_is_gone_on_with(
    database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facilities, "BATCH", 4)
    seen: list[tuple[int, int]] = []

    def told(done: int, total: int) -> None:
        seen.append((done, total))
        if done == 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await make_demo(14, progress=told)
    assert await Facility.all().count() == 8
    assert await make_demo(14, progress=told) == DemoCount(6, 14)
    assert seen == [(4, 14), (8, 14), (12, 14), (14, 14)]
    assert await Facility.all().order_by("id").values_list("os_id", flat=True) == [
        f"DEMO-OS-{number:06d}" for number in range(1, 15)
    ]


async def test_more_of_another_seed_cannot_be_added(database: Settings) -> None:
    await make_demo(10)
    with pytest.raises(InvalidInputError) as refused:
        await make_demo(11, seed=2022)
    assert str(refused.value) == (
        "count: '11' is not valid. Allowed: at most 10, because this database holds that many demo "
        "facilities of another seed and keeps their events for good; for more use another one "
        "(KB_DATABASE_URL)."
    )
    assert await Facility.all().count() == 10


async def test_demo_facilities_are_never_mixed_with_others(database: Settings) -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    await Facility.create(name="A factory", country="VN", os_id="VN1", created_at=now)
    await Facility.create(name="Another", country="VN", created_at=now)
    with pytest.raises(InvalidInputError) as refused:
        await make_demo(10)
    assert str(refused.value) == (
        "count: '10' is not valid. Allowed: no demo facilities at all, because this database holds "
        "2 that are none; use another one (KB_DATABASE_URL)."
    )
    assert await Facility.all().count() == 2


@pytest.mark.slow
@on_sqlite
async def test_progress_is_told_to_the_end(database: Settings) -> None:
    seen: list[tuple[int, int]] = []
    await make_demo(1001, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1000, 1001), (1001, 1001)]


@pytest.mark.parametrize("count", [0, -1, 1_000_001])
async def test_a_count_out_of_range_is_refused(count: int) -> None:
    with pytest.raises(InvalidInputError) as refused:
        await make_demo(count)
    assert str(refused.value) == f"count: '{count}' is not valid. Allowed: 1 to 1000000."
