"""Who read and did what can be looked up afterwards, by those who may."""

from __future__ import annotations

import io
from asyncio import gather
from datetime import timedelta
from typing import Any

import pytest

from kb.errors import InvalidInputError, NotPermittedError
from kb.models import AuditEntry
from kb.rules.roles import Role
from kb.services.access.api_keys import ApiKeys, revoke_token
from kb.services.access.entries import caller_of
from kb.services.access.matrix import OPERATOR, Viewer
from kb.services.audit import AuditFilter, audit_entries
from kb.services.knowledge.decision_filter import DecisionBasis
from kb.services.lists.exporting import export_facilities
from kb.services.paging import page_request
from kb.services.readings import note_reading
from kb.settings import Settings
from tests.recording.conftest import (
    ADMIN,
    BRAND,
    HELPDESK,
    NOW,
    OFFICER,
    SLCP,
    Walk,
    facility_user,
)
from tests.trial_databases import on_postgresql

PAGE = page_request(max_size=100)


async def test_what_the_helpdesk_reads_at_once_is_written_down_once(database: Settings) -> None:
    await note_reading(HELPDESK, [3, 1, 3, 2], now=NOW)
    await note_reading(HELPDESK, [2], now=NOW)
    rows = (await audit_entries(ADMIN, PAGE)).rows
    assert [(row.who, row.role, row.what, row.facility_ids, row.at) for row in rows] == [
        ("token 4", "HELPDESK", "READ", ids, NOW) for ids in ((2,), (1, 2, 3))
    ]
    await note_reading(HELPDESK, [], now=NOW)
    assert await AuditEntry.all().count() == 2
    for facility_id, entries in ((1, 1), (2, 2), (23, 0)):
        of_one = await audit_entries(ADMIN, PAGE, AuditFilter(facility_id=facility_id))
        assert len(of_one.rows) == entries


async def test_what_others_read_is_written_down_once_a_day_and_what_a_facility_reads_of_itself_not(
    database: Settings,
) -> None:
    for viewer in (ADMIN, OPERATOR, OFFICER, SLCP, BRAND):
        for after, ids, noted in ((0, [1], 1), (1, [1, 2, 3], 1), (14, [2], 0), (15, [1, 2], 1)):
            before = await AuditEntry.all().count()
            await note_reading(viewer, ids, now=NOW + timedelta(hours=after))
            assert await AuditEntry.all().count() - before == noted, (viewer.role, after)
    before = await AuditEntry.all().count()
    await note_reading(facility_user(1), [1], now=NOW)
    assert await AuditEntry.all().count() == before


async def test_what_another_process_has_written_down_of_the_day_is_not_written_down_again(
    database: Settings,
) -> None:
    for who, when, ids in (
        (caller_of(BRAND), NOW - timedelta(days=1), {"facility_id": 3}),
        (caller_of(BRAND), NOW, {"facility_id": 1}),
        (caller_of(BRAND), NOW, {"facility_ids": [2, 5]}),
        (caller_of(OFFICER), NOW, {"facility_ids": [3, 4]}),
    ):
        await AuditEntry.create(at=when, who=who, role="BRAND", what="READ", **ids)
    await note_reading(BRAND, [1, 2, 3, 4], now=NOW)
    await note_reading(BRAND, [5, 6], now=NOW)
    await note_reading(BRAND, [5], now=NOW)
    for facility_id, seconds, noted in ((7, 0.9, (7, 8)), (9, 1.0, (10,))):
        by_other = {"at": NOW, "who": caller_of(BRAND), "role": "BRAND", "what": "READ"}
        await AuditEntry.create(**by_other, facility_id=facility_id)
        now = NOW + timedelta(seconds=seconds)
        await note_reading(BRAND, [facility_id, facility_id + 1], now=now)
        assert (await audit_entries(ADMIN, PAGE)).rows[0].facility_ids == noted
    rows = (await audit_entries(ADMIN, PAGE)).rows
    assert [row.facility_ids for row in rows[4:-4]] == [(6,), (3, 4)]
    assert rows[0].organisation == BRAND.organisation


async def test_what_has_been_read_is_forgotten_when_it_is_much_and_then_looked_up_again(
    database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.services.readings.READINGS_REMEMBERED", 3)
    await note_reading(BRAND, [1, 2, 3], now=NOW)
    by_other = {"at": NOW, "who": caller_of(BRAND), "role": "BRAND", "what": "READ"}
    await AuditEntry.create(**by_other, facility_id=4)
    await note_reading(BRAND, [3, 4], now=NOW)  # the last look was at this moment
    await AuditEntry.create(**by_other, facility_id=5)
    await note_reading(BRAND, [3, 5], now=NOW)
    rows = (await audit_entries(ADMIN, PAGE)).rows
    assert [row.facility_ids for row in rows] == [(5,), (4,), (4,), (1, 2, 3)]


async def test_what_is_read_twice_at_the_same_time_is_written_down_once(database: Settings) -> None:
    await gather(*(note_reading(BRAND, ids, now=NOW) for ids in ([1, 2], [2, 3], [1], [3, 4])))
    await note_reading(BRAND, [4, 5], now=NOW + timedelta(days=1))
    rows = (await audit_entries(ADMIN, PAGE)).rows
    assert [row.facility_ids for row in rows] == [(4, 5), (4,), (3,), (1, 2)]


@on_postgresql
async def test_that_a_reading_does_not_wait_for_the_disk_stays_with_it(database: Settings) -> None:
    client: Any = AuditEntry._meta.db
    await client.run("SET synchronous_commit = local", [])
    await note_reading(HELPDESK, [1], now=NOW)
    assert (await client.run("SHOW synchronous_commit", []))[0][0] == "local"


async def test_keys_that_are_made_and_revoked_are_written_down_without_the_key(
    database: Settings,
) -> None:
    keys = ApiKeys(database)
    made = await keys.create(ADMIN, Viewer(Role.BRAND, organisation="Northwind", label="Desk"))
    await revoke_token(ADMIN, made.token.id)
    await revoke_token(ADMIN, made.token.id)
    rows = (await audit_entries(ADMIN, PAGE)).rows
    token = {"token": made.token.id, "role": "BRAND", "label": "Desk"}
    assert [(row.who, row.what, row.after) for row in rows] == [
        ("token 3", "TOKEN_REVOKED", token),
        ("token 3", "TOKEN_CREATED", token),
    ]
    assert made.key not in str(rows)


async def test_an_export_is_written_down_with_how_much_was_taken(portfolio: DecisionBasis) -> None:
    brand = Viewer(Role.BRAND, organisation="Demo Brand", token_id=5)
    taken = await export_facilities(brand, io.StringIO(), now=NOW)
    entries = await audit_entries(ADMIN, PAGE, AuditFilter(what=("EXPORTED",)))
    assert [(row.who, row.role, row.after) for row in entries.rows] == [
        ("token 5", "BRAND", {"facilities": taken})
    ]


async def test_only_admin_and_operator_read_the_audit(database: Settings) -> None:
    for viewer in (HELPDESK, OFFICER, SLCP, BRAND, facility_user(1)):
        with pytest.raises(NotPermittedError):
            await audit_entries(viewer, PAGE)
    for viewer in (ADMIN, OPERATOR):
        assert (await audit_entries(viewer, PAGE)).rows == ()


async def test_entries_come_newest_first_in_pages_both_ways(database: Settings) -> None:
    for facility_id in range(1, 8):
        await note_reading(HELPDESK, [facility_id], now=NOW)
    first = await audit_entries(ADMIN, page_request(first=3, max_size=100))
    assert [row.facility_ids for row in first.rows] == [(7,), (6,), (5,)]
    assert (first.has_next, first.has_previous) == (True, False)
    after = first.rows[-1].cursor
    rest = await audit_entries(ADMIN, page_request(first=10, after=after, max_size=100))
    assert [row.facility_ids for row in rest.rows] == [(4,), (3,), (2,), (1,)]
    assert (rest.has_next, rest.has_previous) == (False, True)
    before = rest.rows[0].cursor
    back = await audit_entries(ADMIN, page_request(last=2, before=before, max_size=100))
    assert [row.facility_ids for row in back.rows] == [(6,), (5,)]
    with pytest.raises(InvalidInputError, match="after"):
        await audit_entries(ADMIN, page_request(after="nonsense", max_size=100))


async def test_entries_are_filtered_by_every_criterion(walk: Walk) -> None:
    facility_id = await walk("INTEREST_DECLARED")
    await note_reading(HELPDESK, [facility_id, facility_id + 1], now=NOW + timedelta(hours=1))
    later = NOW + timedelta(minutes=1)
    for only, expected in (
        (AuditFilter(facility_id=facility_id), 5),
        (AuditFilter(facility_id=facility_id + 1), 1),
        (AuditFilter(who="token 6"), 1),
        (AuditFilter(what=("READ", "ENROLLED")), 2),
        (AuditFilter(what=()), 0),
        (AuditFilter(since=later), 2),  # with the publication
        (AuditFilter(until=later), 4),
        (AuditFilter(facility_id=facility_id, what=("READ",), since=later), 1),
    ):
        assert len((await audit_entries(ADMIN, PAGE, only)).rows) == expected, only
