"""Facilities are found, listed, filtered and counted, each in one or two statements."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from kb.errors import InvalidInputError, NotPermittedError
from kb.rules.codes import BlockerCode, SharingStatus, WorkflowState
from kb.rules.inputs import AssessedBy
from kb.services.access.matrix import ANONYMOUS, OPERATOR
from kb.services.facilities.counts import count_facilities, rollup
from kb.services.facilities.facility_view import FacilityView
from kb.services.facilities.sql import FacilityFilter
from kb.services.facilities.views import (
    FacilityIdKind,
    FacilityLocator,
    FacilityOrder,
    cursor_of,
    facilities_by_id,
    find_by_any_id,
    find_facility,
    list_facilities,
)
from kb.services.knowledge.decision_filter import DecisionBasis
from kb.services.paging import PageRequest, page_request
from tests.global_ids import IDS

TODAY = date(2026, 11, 23)


def page(size: int, after: str | None = None) -> PageRequest:
    return page_request(first=size, after=after, max_size=200)


def page_back(size: int, before: str | None = None) -> PageRequest:
    return page_request(last=size, before=before, max_size=200)


async def find(kind: FacilityIdKind, value: str) -> FacilityView | None:
    return await find_facility(FacilityLocator(kind, value), OPERATOR)


async def listed(by: DecisionBasis, only: FacilityFilter) -> list[FacilityView]:
    return list((await list_facilities(OPERATOR, page(200), by, IDS, only=only)).rows)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (FacilityIdKind.OS_ID, "DEMO-OS-000002"),
        (FacilityIdKind.GATEWAY_ID, "DEMO-GW-000002"),
        (FacilityIdKind.BETTER_WORK_ID, "DEMO-BW-000002"),
    ],
)
async def test_a_facility_is_found_by_each_of_its_ids_in_one_statement(
    portfolio: DecisionBasis, statements: list[str], kind: FacilityIdKind, value: str
) -> None:
    facility = await find(kind, value)
    assert len(statements) == 1
    assert facility is not None
    assert facility.os_id == "DEMO-OS-000002"
    assert facility.decision_key.endswith(
        "|LINKED|BEFORE_ASSESSMENT|ONSITE|YES|12|NONE|SHARED|OPEN||"
    )
    assert list(facility.step_dates)[-1] == "SHARE"
    assert facility == await find(FacilityIdKind.ID, str(facility.id))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (FacilityIdKind.OS_ID, "VN1"),
        (FacilityIdKind.OS_ID, ""),
        (FacilityIdKind.ID, "0"),
        (FacilityIdKind.ID, "99999999999999999999999999"),
    ],
)
async def test_an_id_that_nobody_has_finds_nothing(
    portfolio: DecisionBasis, kind: FacilityIdKind, value: str
) -> None:
    assert await find(kind, value) is None


@pytest.mark.parametrize("value", ["-1", "one", "", "²", "1.0"])
async def test_a_number_that_is_none_is_refused(portfolio: DecisionBasis, value: str) -> None:
    with pytest.raises(InvalidInputError, match=r"Allowed: a number\.$"):
        await find(FacilityIdKind.ID, value)


@pytest.mark.parametrize("value", ["a\0b", "\ud800"])
async def test_text_that_no_database_can_hold_is_refused(
    portfolio: DecisionBasis, value: str
) -> None:
    with pytest.raises(InvalidInputError, match=r"^os_id: .* is not valid\."):
        await find(FacilityIdKind.OS_ID, value)


async def test_any_id_finds_the_facility(portfolio: DecisionBasis) -> None:
    facilities = await find_by_any_id("DEMO-BW-000002", OPERATOR)
    assert [facility.os_id for facility in facilities] == ["DEMO-OS-000002"]
    assert await find_by_any_id(str(facilities[0].id), OPERATOR) == facilities
    assert await find_by_any_id("nothing", OPERATOR) == []


async def test_facilities_by_id_keep_order_and_gaps_in_one_statement(
    portfolio: DecisionBasis, statements: list[str]
) -> None:
    facilities = await facilities_by_id([3, 999, 1, 3, -1, 2**40], OPERATOR)
    assert len(statements) == 1
    assert [facility.id if facility else None for facility in facilities] == [
        3,
        None,
        1,
        3,
        None,
        None,
    ]


@pytest.mark.parametrize("order", FacilityOrder)
async def test_pages_both_ways_cover_the_list_once(
    portfolio: DecisionBasis, order: FacilityOrder
) -> None:
    forwards: list[FacilityView] = []
    cursor = None
    while True:
        got = await list_facilities(OPERATOR, page(37, cursor), portfolio, IDS, order=order)
        assert got.has_previous is (cursor is not None)
        forwards += got.rows
        cursor = cursor_of(got.rows[-1], order, IDS)
        if not got.has_next:
            break
    backwards: list[FacilityView] = []
    cursor = None
    while True:
        got = await list_facilities(OPERATOR, page_back(41, cursor), portfolio, IDS, order=order)
        assert got.has_next is (cursor is not None)
        backwards = [*got.rows, *backwards]
        cursor = cursor_of(got.rows[0], order, IDS)
        if not got.has_previous:
            break
    assert len(forwards) == 200
    assert backwards == forwards
    keys = {
        FacilityOrder.NAME: [(facility.name, facility.id) for facility in forwards],
        FacilityOrder.COUNTRY: [(facility.country, facility.id) for facility in forwards],
        FacilityOrder.ID: [(facility.id,) for facility in forwards],
        FacilityOrder.NEWEST: [(-facility.id,) for facility in forwards],
    }[order]
    assert keys == sorted(keys)


async def test_a_page_of_any_size_is_one_statement(
    portfolio: DecisionBasis, statements: list[str]
) -> None:
    for size in (1, 200):
        await list_facilities(OPERATOR, page(size), portfolio, IDS)
    assert len(statements) == 2


async def test_a_cursor_of_another_order_is_refused(portfolio: DecisionBasis) -> None:
    first = (await list_facilities(OPERATOR, page(1), portfolio, IDS)).rows[0]
    cursor = cursor_of(first, FacilityOrder.NAME, IDS)
    with pytest.raises(InvalidInputError) as refused:
        await list_facilities(
            OPERATOR, page(1, cursor), portfolio, IDS, order=FacilityOrder.COUNTRY
        )
    assert str(refused.value) == (
        f"after: '{cursor}' is not valid. "
        "Allowed: a cursor that an earlier page with the order COUNTRY gave."
    )


async def test_a_page_between_two_cursors_has_what_lies_between(portfolio: DecisionBasis) -> None:
    rows = (await list_facilities(OPERATOR, page(10), portfolio, IDS)).rows
    between = page_request(
        first=50,
        after=cursor_of(rows[2], FacilityOrder.NAME, IDS),
        before=cursor_of(rows[6], FacilityOrder.NAME, IDS),
        max_size=100,
    )
    assert (await list_facilities(OPERATOR, between, portfolio, IDS)).rows == rows[3:6]


@pytest.mark.parametrize(
    ("only", "count"),
    [
        (FacilityFilter(), 200),
        (FacilityFilter(name_contains="FACTORY 001"), 10),
        (FacilityFilter(name_starts_with="demo factory 01"), 100),
        (FacilityFilter(name_starts_with="Factory"), 0),
        (FacilityFilter(name_contains="%"), 0),
        (FacilityFilter(name_contains="_"), 0),
        (FacilityFilter(name_contains="\\"), 0),
        (FacilityFilter(os_ids=["DEMO-OS-000001", "DEMO-OS-000009", "other"]), 2),
        (FacilityFilter(better_work_ids=["DEMO-BW-000001"], gateway_ids=["DEMO-GW-000002"]), 0),
        (FacilityFilter(countries=["XX"]), 0),
        *(
            (FacilityFilter(**{name: []}), 0)
            for name in ("countries", "os_ids", "gateway_ids", "better_work_ids", "workflow_state")
        ),
        (FacilityFilter(countries=["VN"], data_label=[]), 0),
        (FacilityFilter(also=(FacilityFilter(countries=[]),)), 0),
        (FacilityFilter(also=()), 200),
        (FacilityFilter(primary_blocker=[BlockerCode.LINK_MISSED]), 8),
        (FacilityFilter(workflow_state=[WorkflowState.GATEWAY_INVITED]), 8),
        (FacilityFilter(assessed_by=[AssessedBy.VERIFIER_BODY], name_contains="ry 004"), 3),
    ],
)
async def test_a_filter_keeps_what_fits(
    portfolio: DecisionBasis, only: FacilityFilter, count: int
) -> None:
    assert len(await listed(portfolio, only)) == count
    assert await count_facilities(OPERATOR, portfolio, only=only) == count


async def test_a_filter_by_decision_agrees_with_the_decisions(portfolio: DecisionBasis) -> None:
    decisions = portfolio.knowledge.decisions
    only = FacilityFilter(
        countries=["VN", "PK"], sharing=[SharingStatus.SHAREABLE_NOW, SharingStatus.NOT_THIS_CYCLE]
    )
    expected = [
        facility
        for facility in await listed(portfolio, FacilityFilter())
        if facility.country in only.countries
        and decisions.on(facility.decision_key, TODAY, portfolio.layers).sharing.status
        in only.sharing
    ]
    assert await listed(portfolio, only) == expected
    assert {facility.country for facility in expected} == {"VN", "PK"}


async def test_a_filter_by_decision_costs_one_more_statement(
    portfolio: DecisionBasis, statements: list[str]
) -> None:
    await listed(portfolio, FacilityFilter(sharing=[SharingStatus.ON_TRACK]))
    assert len(statements) == 2


async def test_a_rollup_counts_every_facility_once_in_one_statement(
    portfolio: DecisionBasis, statements: list[str]
) -> None:
    counts = await rollup(OPERATOR, portfolio)
    assert len(statements) == 1
    assert counts.total == 200
    for part in (
        counts.by_country,
        counts.by_assessor,
        counts.by_sharing,
        counts.by_primary_blocker,
    ):
        assert sum(part.values()) == 200
        assert list(part.values()) == sorted(part.values(), reverse=True)
    assert counts.by_primary_blocker[BlockerCode.LINK_MISSED] == 8


async def test_a_rollup_of_what_fits_agrees_with_the_list(portfolio: DecisionBasis) -> None:
    only = FacilityFilter(countries=["BD"], assessed_by=[AssessedBy.BETTER_WORK])
    counts = await rollup(OPERATOR, portfolio, only=only)
    assert counts.by_country == {"BD": await count_facilities(OPERATOR, portfolio, only=only)}
    assert list(counts.by_assessor) == [AssessedBy.BETTER_WORK]


async def test_each_facility_is_decided_for_the_day_that_it_is_there(
    portfolio: DecisionBasis,
) -> None:
    # Sharing opens in the rollout countries on 1 October 2021, which has begun in Vietnam only.
    night = replace(portfolio, now=datetime(2021, 9, 30, 17, 30, tzinfo=UTC))
    only = FacilityFilter(countries=["VN", "BD"], sharing=[SharingStatus.SHAREABLE_NOW])
    assert {facility.country for facility in await listed(night, only)} == {"VN"}
    assert list((await rollup(OPERATOR, night, only=only)).by_country) == ["VN"]
    assert await count_facilities(OPERATOR, night, only=only) == len(await listed(night, only)) > 0


async def test_who_may_not_read_facilities_is_refused_before_any_statement(
    portfolio: DecisionBasis, statements: list[str]
) -> None:
    for reading in (
        find_facility(FacilityLocator(FacilityIdKind.ID, "1"), ANONYMOUS),
        find_by_any_id("DEMO-OS-000001", ANONYMOUS),
        facilities_by_id([1], ANONYMOUS),
        list_facilities(ANONYMOUS, page(1), portfolio, IDS),
        count_facilities(ANONYMOUS, portfolio),
        rollup(ANONYMOUS, portfolio),
    ):
        with pytest.raises(NotPermittedError):
            await reading
    assert statements == []


PASTED = (
    "DEMO-GW-000002",
    " DEMO-GW-000002 ",
    "\u00a0DEMO-GW-000002\u202f",
    "'DEMO-GW-000002",
    '="DEMO-GW-000002"',
    "\u201cDEMO-GW-000002\u201d,",
    "\u2019demo-gw-000002",
    "DEMO-GW-\u200b000002\ufeff",
    "Demo-GW-000002",
    "DEMO-GW- 000002\n",
)


@pytest.mark.parametrize("pasted", PASTED)
async def test_an_id_is_found_however_it_was_pasted(portfolio: DecisionBasis, pasted: str) -> None:
    facilities = await find_by_any_id(pasted, OPERATOR)
    assert [view.os_id for view in facilities] == ["DEMO-OS-000002"]
    only = FacilityFilter(gateway_ids=[pasted])
    assert await count_facilities(OPERATOR, portfolio, only=only) == 1


@pytest.mark.parametrize(
    "pasted", ["Demo Factory 0002", "  demo  factory\u00a00002", "'Demo Factory 0002 "]
)
async def test_a_name_is_found_however_it_was_pasted(portfolio: DecisionBasis, pasted: str) -> None:
    only = FacilityFilter(name_starts_with=pasted)
    assert await count_facilities(OPERATOR, portfolio, only=only) == 1
