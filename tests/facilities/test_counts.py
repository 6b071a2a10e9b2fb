"""Kept counts are what counting anew gives, after every change and whoever asks."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random

import pytest
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from kb.models import BrandProjection, Facility, FacilityCount, FacilityProjection
from kb.rules.codes import SharingStatus
from kb.rules.events import EventKind
from kb.rules.roles import Role
from kb.services.access.matrix import OPERATOR, Viewer
from kb.services.demo.scenarios import PlannedEvent, demo_facility
from kb.services.facilities.counts import count_facilities, counts_by_last_change, rollup
from kb.services.facilities.portfolio import facilities_with, last_day, monthly_events
from kb.services.facilities.portfolio import portfolio as counted_portfolio
from kb.services.facilities.reading import FacilityReads
from kb.services.facilities.sql import FacilityFilter
from kb.services.knowledge.decision_filter import DecisionBasis
from kb.services.knowledge.portfolio import Portfolio
from kb.services.recording.append import Addition, NewEvent, append_events
from kb.services.recording.projections import rebuild
from kb.services.recording.recount import wrong_counts
from kb.services.recording.verify import verify_chains
from kb.settings import Settings

BRANDS = ("Northwind", "Southwind")
VIEWERS = (
    OPERATOR,
    Viewer(Role.PROGRAMME_OFFICER, countries=("VN", "BD")),
    *(Viewer(Role.BRAND, organisation=brand) for brand in (*BRANDS, "Demo Brand", "Nobody")),
)
ANEW = FacilityFilter(name_starts_with="Demo")
"""All facilities, in a way that no counts are kept for."""
COUNTED = FacilityReads(("status_only", "latest_on"))
"""What facilities are counted by, besides their keys."""


def sights(random: Random) -> PlannedEvent:
    """A facility begins or ceases to share, or to let itself be seen."""
    kinds = (
        *(EventKind.SHARED, EventKind.UNSHARED),
        *(EventKind.SIGHT_GRANTED, EventKind.SIGHT_WITHDRAWN),
    )
    kind = random.choice(kinds)
    channel = {"channel": "EMAIL_LINK"} if kind is EventKind.SHARED else {}
    return kind, {"grantee_kind": "BRAND", "grantee": random.choice(BRANDS), **channel}


async def new_facilities(random: Random, number: int) -> list[tuple[Facility, list[NewEvent]]]:
    """New facilities, with what is to happen to each, not always in the order of its days."""
    added = []
    for place in range(1, number + 1):
        demo = demo_facility(random.randint(1, 200), 2021)
        name = f"Demo {place}"
        facility = await Facility.create(
            name=name, country=demo.country, created_at=datetime(2021, 1, 1, tzinfo=UTC)
        )
        planned = [(event.kind, dict(event.payload), event.occurred_on) for event in demo.events]
        last = planned[-1][2]
        for _ in range(random.randint(1, 6)):
            day = last + timedelta(random.randint(-90, 60))
            planned.insert(random.randint(1, len(planned)), (*sights(random), day))
        added.append((facility, [_new(*event) for event in planned]))
    return added


def _new(kind: EventKind, payload: dict[str, object], day: date) -> NewEvent:
    return NewEvent(kind, day, datetime.combine(day, time(12), UTC), "FACILITY", payload=payload)


async def _add(facility: Facility, events: Sequence[NewEvent]) -> None:
    async with in_transaction():
        locked = await Facility.filter(id=facility.id).select_for_update(no_key=True).get()
        await append_events([Addition(locked, events)])


async def test_after_any_events_everybody_is_told_what_counting_anew_gives(
    portfolio: DecisionBasis,
) -> None:
    random = Random(2021)
    added = await new_facilities(random, 8)
    while added:
        facility, events = random.choice(added)
        number = random.randint(1, 4)
        await _add(facility, events[:number])
        del events[:number]
        added = [(of, left) for of, left in added if left]
        if random.random() < 0.1:
            assert await wrong_counts() == []
    assert await wrong_counts() == []
    await agree(portfolio)


async def agree(by: DecisionBasis) -> None:
    """Whoever asks, and for whatever: kept counts and those made anew are the same."""
    today = by.now.date()
    for viewer in VIEWERS:
        for criteria in (
            {},
            {"countries": ["VN", "PK"]},
            {"sharing": [SharingStatus.SHAREABLE_NOW, SharingStatus.NOT_YET]},
        ):
            kept, anew = FacilityFilter(**criteria), FacilityFilter(**criteria, also=(ANEW,))
            number = await count_facilities(viewer, by, only=kept)
            assert number == await count_facilities(viewer, by, only=anew)
            assert await rollup(viewer, by, only=kept) == await rollup(viewer, by, only=anew)
            days = await counts_by_last_change(viewer, by, kept)
            assert days == await counts_by_last_change(viewer, by, anew)
            counted = await counted_portfolio(viewer, by, kept)
            assert counted == await counted_portfolio(viewer, by, anew)
            keys = counted.decisions
            page = await facilities_with(keys, viewer, by, kept, first=1_000, reads=COUNTED)
            assert Counter((key, bool(view.status_only)) for key, view in page) == counted.numbers
            latest = (view.latest_on for _, view in page if view.latest_on)
            assert Counter(map(date.fromisoformat, latest)) == days
            some = await facilities_with(keys, viewer, by, kept, first=3, skip=2, reads=COUNTED)
            assert some == page[2:5]
            assert counted.total == number
            for last in (today, date(2026, 8, 31), date(2026, 8, 9)):
                happened = await monthly_events(viewer, by, kept, 60, last)
                assert happened == await monthly_events(viewer, by, anew, 60, last)


async def test_what_happens_on_a_day_that_has_begun_at_some_facility_only_is_counted() -> None:
    night = datetime(2026, 11, 27, 17, 30, tzinfo=UTC)  # the next day, in Vietnam only

    def counted(*countries: str) -> Portfolio:
        return Portfolio(night.date(), {(f"{code}|YES", False): 1 for code in countries}, {})

    assert last_day(counted("VN", "BD"), night) == date(2026, 11, 28)
    assert last_day(counted("BD", "HT"), night) == date(2026, 11, 27)
    assert last_day(counted(), night) == date(2026, 11, 27)


async def test_a_change_that_is_rolled_back_is_not_counted(database: Settings) -> None:
    (facility, events), *_ = await new_facilities(Random(1), 1)

    async def fail() -> None:
        async with in_transaction():
            await append_events([Addition(facility, events)])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await FacilityCount.all().count() == 0
    assert await wrong_counts() == []


async def test_writers_at_once_neither_wait_for_each_other_nor_lose_a_count(
    database: Settings,
) -> None:
    """On PostgreSQL each in a slot of its own; on SQLite one after the other."""
    added = await new_facilities(Random(7), 6)

    async def write(facility: Facility, events: Sequence[NewEvent]) -> None:
        for event in events:
            await _add(facility, [event])

    await asyncio.gather(*(write(facility, events) for facility, events in added))
    assert await wrong_counts() == []
    slots = {count.slot for count in await FacilityCount.all()}
    assert len(slots) > 1 or database.sqlite_file


async def test_two_open_transactions_add_to_the_same_count(database: Settings) -> None:
    if database.sqlite_file:
        return  # it has one writer at a time
    first, second = (facility for facility, _ in await new_facilities(Random(3), 2))
    await Facility.all().update(country="VN")
    begun = asyncio.Event()
    registered = [_new(EventKind.FACILITY_REGISTERED, {}, date(2026, 1, 1))]

    async def slow() -> None:
        async with in_transaction():
            await append_events([Addition(await Facility.get(id=first.id), registered)])
            begun.set()
            await other

    async def quick() -> None:
        await begun.wait()
        await _add(second, registered)

    other = asyncio.create_task(quick())
    await asyncio.wait_for(asyncio.gather(slow(), other), 10)
    counts = await FacilityCount.all().order_by("slot")
    assert [(count.country, count.slot, count.number) for count in counts] == [
        ("VN", 0, 1),
        ("VN", 1, 1),
    ]


async def test_rows_changed_by_hand_are_counted_too(portfolio: DecisionBasis) -> None:
    await FacilityProjection.filter(country="VN").update(decision_key="VN|NO")
    await BrandProjection.filter(country="BD").delete()
    await FacilityProjection.filter(country="PK", is_current=True).update(is_current=False)
    assert await wrong_counts() == []


async def test_wrong_counts_are_told_and_mended(portfolio: DecisionBasis) -> None:
    count = await FacilityCount.filter(brand="", number__gte=2).first()
    assert count is not None
    await FacilityCount.filter(id=count.id).update(number=count.number - 2)
    await get_connection("default").execute_query("DELETE FROM event_count WHERE kind = 'SHARED'")
    findings = [str(wrong) for wrong in (await verify_chains()).counts]
    assert findings[0] == (
        f"facility_count of country {count.country}, decision_key {count.decision_key} "
        "is too low by 2"
    )
    assert findings[-1] == (
        "event_count of brand Demo Brand, country VN, month 2026-09, kind SHARED is too low by 4"
    )
    done = await rebuild()
    assert [str(wrong) for wrong in done.counts] == findings
    assert done.differences == ()
    assert await wrong_counts() == []
