"""Projections follow from the events, whatever somebody did to the rows."""

from __future__ import annotations

from datetime import UTC, date, datetime

from kb.models import BrandProjection, Facility, FacilityProjection, TakenAllowance
from kb.rules.events import EventKind
from kb.rules.roles import Role
from kb.services.access.matrix import ANONYMOUS
from kb.services.access.rates import Rates
from kb.services.access.shared_rates import SharedRates
from kb.services.knowledge.decision_filter import DecisionBasis
from kb.services.recording.append import Addition, NewEvent, append_events
from kb.services.recording.projections import rebuild
from kb.settings import Settings
from tests.recording.conftest import Walk
from tests.storage.stored import query
from tests.trial_databases import on_postgresql

NOW = datetime(2026, 11, 23, tzinfo=UTC)


async def _rows() -> list[dict[str, object]]:
    columns = [name for name in FacilityProjection._meta.db_fields if name != "id"]
    rows = await FacilityProjection.all().order_by("facility_id", "cycle_number").values(*columns)
    return list(rows)


async def test_rebuilding_changes_nothing(portfolio: DecisionBasis) -> None:
    before = await _rows()
    done = await rebuild()
    assert (done.facilities, done.differences) == (200, ())
    assert await _rows() == before


async def test_rebuilding_mends_what_was_changed_by_hand_and_tells(
    portfolio: DecisionBasis,
) -> None:
    before = await _rows()
    facility = await Facility.get(os_id="DEMO-OS-000001")
    row = await FacilityProjection.get(facility_id=facility.id, is_current=True)
    key = row.decision_key
    await FacilityProjection.filter(id=row.id).update(decision_key="VN|NO")
    removed = await Facility.get(os_id="DEMO-OS-000035")
    await FacilityProjection.filter(facility_id=removed.id).delete()

    done = await rebuild()
    assert done.differences == (
        f"facility {facility.id} ({facility.name}), cycle {row.cycle_number}: "
        f"decision_key was 'VN|NO', by the events it is '{key}'",
        f"facility {removed.id} ({removed.name}), cycle 0: the missing row was added",
    )
    assert await _rows() == before
    assert (await rebuild()).differences == ()


async def test_a_row_that_no_event_makes_is_removed(portfolio: DecisionBasis) -> None:
    row = await FacilityProjection.get(name__startswith="Demo Factory 0039")
    await FacilityProjection.create(
        facility_id=row.facility_id,
        cycle_number=5,
        is_current=False,
        name=row.name,
        country=row.country,
        decision_key=row.decision_key,
        last_event_sequence=1,
        state=row.state,
        updated_at=NOW,
    )
    assert (await rebuild()).differences == (
        f"facility {row.facility_id} ({row.name}), cycle 5: a row without events was removed",
    )


async def _append(facility: Facility, kind: EventKind, day: date) -> None:
    event = NewEvent(kind, day, recorded_at=NOW, actor_role="PROGRAMME_OFFICER")
    await append_events([Addition(facility, [event])])


async def test_an_event_changes_the_row_of_its_facility(database: Settings) -> None:
    facility = await Facility.create(name="A", country="VN", os_id="VN1", created_at=NOW)
    await _append(facility, EventKind.FACILITY_REGISTERED, date(2026, 1, 1))
    row = await FacilityProjection.get(facility_id=facility.id)
    assert (
        row.decision_key == "VN|UNKNOWN|UNKNOWN|UNKNOWN|NONE|NOT_DECLARED|NONE|NO||NONE|NONE|NONE||"
    )
    await _append(facility, EventKind.ENROLLED, date(2026, 1, 2))
    row = await FacilityProjection.get(facility_id=facility.id)
    assert row.decision_key == "VN|YES|UNKNOWN|UNKNOWN|NONE|NOT_DECLARED|NONE|NO||NONE|NONE|NONE||"
    assert row.last_event_sequence == 2
    assert row.state["step_dates"] == {"REGISTER_WITH_BETTER_WORK": "2026-01-02"}


async def test_a_second_cycle_adds_a_row_and_the_first_is_no_longer_current(
    database: Settings,
) -> None:
    facility = await Facility.create(name="A", country="VN", os_id="VN1", created_at=NOW)
    for month, kind in enumerate(["CYCLE_OPENED", "CYCLE_CLOSED", "CYCLE_OPENED"], start=1):
        await _append(facility, EventKind(kind), date(2026, month, 1))
    rows = await FacilityProjection.filter(facility_id=facility.id).order_by("cycle_number")
    assert [(row.cycle_number, row.is_current, row.state["closed_on"]) for row in rows] == [
        (1, False, "2026-02-01"),
        (2, True, None),
    ]


@on_postgresql
async def test_what_is_written_again_and_again_can_be_so_for_ever(walk: Walk) -> None:
    rates = Rates({Role.ANONYMOUS: 10})
    shared = SharedRates({"operations": rates}, b"secret")
    await query(
        "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, 2147483647) "
        "FROM pg_sequences WHERE schemaname = current_schema() AND sequencename "
        "IN ('facility_projection_id_seq', 'brand_projection_id_seq', 'taken_allowance_id_seq')"
    )
    facility_id = await walk()
    for _ in range(3):
        rates.take(ANONYMOUS, "203.0.113.7", 0.0)
        await shared.exchange(0.0)
    assert await TakenAllowance.all().count() == 1
    seen = await BrandProjection.filter(facility_id=facility_id).values_list(
        "is_current", flat=True
    )
    assert True in seen
