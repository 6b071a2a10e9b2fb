"""Whatever somebody changes in the database, verifying finds it."""

from __future__ import annotations

from datetime import date

import pytest
from tortoise.connection import get_connection

from kb.models import Facility, FacilityProjection, ServiceCycle, SharingGrant, WorkflowEvent
from kb.models.chain import GENESIS
from kb.services.database import connect, migrate
from kb.services.demo.facilities import make_demo
from kb.services.recording.projections import rebuild
from kb.services.recording.verify import verify_chains
from kb.settings import Settings
from tests.recording.conftest import (
    GRANTEE,
    OFFICER,
    TODAY,
    Record,
    Register,
    Walk,
    facility_user,
)
from tests.storage.stored import query
from tests.storage.test_migrations import ROWS, migrate_to


async def tamper(*statements: str) -> None:
    """Change events although the database refuses it: as somebody would who owns the database."""
    sqlite = get_connection("default").capabilities.dialect == "sqlite"
    if sqlite:
        triggers = await query(
            "SELECT name, sql FROM sqlite_master "
            "WHERE type = 'trigger' AND tbl_name = 'workflow_event'"
        )
        drop = ["PRAGMA foreign_keys = OFF"]
        drop += [f'DROP TRIGGER "{trigger["name"]}"' for trigger in triggers]
        restore = [*(trigger["sql"] for trigger in triggers), "PRAGMA foreign_keys = ON"]
    else:
        drop = ["ALTER TABLE workflow_event DISABLE TRIGGER USER"]
        restore = ["ALTER TABLE workflow_event ENABLE TRIGGER USER"]
    for statement in (*drop, *statements, *restore):
        await get_connection("default").execute_query(statement)


async def breaks() -> list[tuple[int | None, str]]:
    done = await verify_chains()
    return [(broken.sequence, broken.problem) for broken in done.breaks]


async def test_an_untouched_database_has_no_breaks(walk: Walk, record: Record) -> None:
    facility_id = await walk()
    await record(facility_user(facility_id), facility_id, "UNSHARED", payload=GRANTEE)
    await walk("ENROLLED")
    done = await verify_chains()
    assert (done.facilities, done.events, done.breaks) == (2, 17, ())
    assert (await rebuild()).differences == ()


async def test_demo_facilities_are_chained_too(database: Settings) -> None:
    await make_demo(60)
    done = await verify_chains()
    assert (done.facilities, done.breaks) == (60, ())
    assert done.events == await WorkflowEvent.all().count()
    first = await WorkflowEvent.filter(sequence=1).values_list("previous_hash", flat=True)
    assert set(first) == {GENESIS}


@pytest.mark.parametrize(
    "change",
    [
        'payload = \'{"gateway_id": "GW-2"}\'',
        "kind = 'PROFILE_RETURNED'",
        "kind = 'NO_SUCH_KIND'",
        "occurred_on = '2026-11-22'",
        "recorded_at = '2026-11-22 09:30:00+00:00'",
        "actor = 'Somebody else'",
        "actor_role = 'ADMIN'",
        "idempotency_key = 'k'",
        "cycle_id = NULL",
    ],
)
async def test_every_column_of_an_event_is_kept_by_its_hash(walk: Walk, change: str) -> None:
    await walk()
    await tamper(f"UPDATE workflow_event SET {change} WHERE sequence = 8")
    assert (8, "it is not what was recorded") in await breaks()


async def test_a_hash_that_is_made_to_fit_breaks_the_link_of_the_next_event(walk: Walk) -> None:
    await walk()
    event = await WorkflowEvent.get(sequence=8)
    forged = "f" * 64
    await tamper(f"UPDATE workflow_event SET hash = '{forged}' WHERE id = {event.id}")
    assert await breaks() == [
        (8, "it is not what was recorded"),
        (9, "it does not follow the event before it"),
    ]


async def test_a_removed_event_leaves_a_gap(walk: Walk) -> None:
    await walk("PROFILE_SUBMITTED")
    await tamper("DELETE FROM workflow_event WHERE sequence = 3")
    assert (4, "number 3 before it is missing") in await breaks()


async def test_the_last_event_is_missed_by_the_projection(walk: Walk) -> None:
    await walk("PROFILE_SUBMITTED")
    await tamper("DELETE FROM workflow_event WHERE sequence = 7")
    assert (None, "cycle 1: last_event_sequence was 7, by the events it is 6") in await breaks()


async def test_all_events_removed_are_missed_too(walk: Walk) -> None:
    await walk("ENROLLED")
    await tamper("DELETE FROM workflow_event")
    assert (None, "it has no events at all") in await breaks()


async def test_events_in_another_order_do_not_follow_each_other(walk: Walk) -> None:
    await walk("PROFILE_SUBMITTED")
    await tamper(
        "UPDATE workflow_event SET sequence = 99 WHERE sequence = 4",
        "UPDATE workflow_event SET sequence = 4 WHERE sequence = 5",
        "UPDATE workflow_event SET sequence = 5 WHERE sequence = 99",
    )
    assert {sequence for sequence, _ in await breaks()} >= {4, 5, 6}


async def test_an_event_that_was_put_in_is_not_in_the_chain(walk: Walk) -> None:
    facility_id = await walk("ENROLLED")
    last = await WorkflowEvent.get(sequence=2)
    await WorkflowEvent.create(
        facility_id=facility_id,
        sequence=3,
        kind="CYCLE_OPENED",
        occurred_on=TODAY,
        recorded_at=last.recorded_at,
        actor_role="PROGRAMME_OFFICER",
        payload={},
        previous_hash=last.hash,
        hash=last.hash,
    )
    assert (3, "it is not what was recorded") in await breaks()


async def test_an_event_moved_to_another_facility_is_found_at_both(walk: Walk) -> None:
    await walk("ENROLLED")
    other = await walk("FACILITY_REGISTERED")
    await tamper(f"UPDATE workflow_event SET facility_id = {other} WHERE sequence = 2")
    report = await verify_chains()
    assert {broken.facility_id for broken in report.breaks} == {other - 1, other}


async def test_rows_that_follow_from_the_events_are_compared_and_rebuilding_mends_them(
    walk: Walk,
) -> None:
    facility_id = await walk()
    name = f"facility {facility_id} (Example Garments)"
    await FacilityProjection.all().update(decision_key="VN")
    await SharingGrant.all().update(revoked_on=TODAY)
    await ServiceCycle.all().update(closed_on=date(2026, 11, 23))
    await SharingGrant.create(
        facility_id=facility_id,
        grantee_kind="BRAND",
        grantee="Forged",
        channel="EMAIL_LINK",
        granted_on=TODAY,
    )
    breaks = [str(broken) for broken in (await verify_chains()).breaks]
    assert breaks == [
        f"{name}, cycle 1: decision_key was 'VN', by the events it is "
        "'VN|YES|UNKNOWN|UNKNOWN|LINKED|BEFORE_ASSESSMENT|ONSITE|YES|12|NONE|SHARED|OPEN||'",
        f"{name}, service cycle 1 was not as by the events",
        f"{name}, the grant to Example Brand by EMAIL_LINK was not as by the events",
        f"{name}, the grant to Forged by EMAIL_LINK has no event",
    ]
    assert list((await rebuild()).differences) == breaks
    assert (await verify_chains()).breaks == ()
    grants = await SharingGrant.all().values_list("grantee", "revoked_on")
    assert list(grants) == [("Example Brand", None)]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("gateway_id = 'GW-X'", "gateway_id is 'GW-X', and was recorded as 'GW-1'"),
        ("os_id = NULL", "os_id is None, and was recorded as 'VN2021277ABCDEN'"),
    ],
)
async def test_a_facility_whose_ids_were_changed_is_found(
    walk: Walk, change: str, expected: str
) -> None:
    await walk(os_id="VN2021277ABCDEN")
    await get_connection("default").execute_query(f"UPDATE facility SET {change}")
    assert (None, expected) in await breaks()


@pytest.mark.parametrize("waiting", [None, "GW-X"])
async def test_a_gateway_id_that_waits_and_was_changed_is_found(
    register: Register, record: Record, waiting: str | None
) -> None:
    facility_id = (await register()).facility.id
    await record(OFFICER, facility_id, "ENROLLED")
    payload = {"gateway_id": "GW-7"}
    await record(facility_user(facility_id), facility_id, "LINK_REQUESTED", payload=payload)
    assert await breaks() == []
    await Facility.all().update(requested_gateway_id=waiting)
    assert await breaks() == [(None, f"gateway_id is {waiting!r}, and was requested as 'GW-7'")]


async def test_a_facility_in_another_country_than_recorded_is_found(walk: Walk) -> None:
    await walk("ENROLLED")
    await Facility.all().update(country="BD")
    assert (None, "country is 'BD', and was recorded as 'VN'") in await breaks()


@pytest.mark.slow
async def test_events_of_an_older_database_are_chained_by_the_migration(
    blank_settings: Settings,
) -> None:
    await migrate_to(blank_settings, "0002_refusals")
    async with connect(blank_settings, everywhere=False):
        for row in ROWS:
            await query(row)
        for sequence in (2, 3):
            await query(
                "INSERT INTO workflow_event (facility_id, sequence, kind, occurred_on, "
                f"recorded_at, actor_role, payload) VALUES (1, {sequence}, 'ENROLLED', "
                "'2021-10-05', '2021-10-05 09:30:00+00', 'FACILITY', '{}')"
            )
    await migrate(blank_settings)
    async with connect(blank_settings, everywhere=False):
        rows = await WorkflowEvent.all().order_by("sequence")
        assert rows[0].previous_hash == GENESIS
        assert [row.previous_hash for row in rows[1:]] == [row.hash for row in rows[:2]]
        broken = [link.problem for link in (await verify_chains()).breaks if link.sequence]
        assert broken == []
        await tamper("UPDATE workflow_event SET actor = 'x' WHERE sequence = 2")
        assert (2, "it is not what was recorded") in await breaks()
