"""A brand is told of what it sees, whatever the order in which events become known."""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest

from kb.rules.events import EventKind
from kb.rules.roles import Role
from kb.services.access.matrix import Viewer
from kb.services.facilities.views import facilities_by_id
from kb.services.live.bus import Bus
from kb.services.live.following import (
    Appeared,
    CaughtUp,
    Change,
    Happened,
    Vanished,
    follow_portfolio,
)
from tests.live.conftest import DAY, Writer

ALPHA, BETA = "Alpha Garments", "Beta Textiles"
BRAND = Viewer(Role.BRAND, organisation="Northwind")
GRANTEE = {"grantee_kind": "BRAND", "grantee": "Northwind"}
KINDS = (
    *(EventKind.SHARED, EventKind.UNSHARED, EventKind.SIGHT_GRANTED, EventKind.SIGHT_WITHDRAWN),
    EventKind.ENROLLED,
)


async def always(viewer: Viewer) -> bool:
    return True


async def records(writer: Writer, kind: EventKind, day: int, brand: str = "Northwind") -> None:
    """One event of Alpha, on a day that need not be after those recorded before."""
    payload = {} if kind is EventKind.ENROLLED else {**GRANTEE, "grantee": brand}
    if kind is EventKind.SHARED:
        payload["channel"] = random.Random(day).choice(("EMAIL_LINK", "ACCREDITED_HOST"))
    await writer.happens(ALPHA, kind, DAY + timedelta(days=day), **payload)


async def sees_data(writer: Writer) -> bool:
    view = (await facilities_by_id([writer.facilities[ALPHA].id], BRAND))[0]
    return view is not None and not view.status_only


def words_of(change: Change) -> str:
    if isinstance(change, Happened):
        return change.event.event.kind.value
    return type(change).__name__


async def told(bus: Bus, writer: Writer, changes: AsyncGenerator[Change, None]) -> list[str]:
    """What is told of Alpha up to now; an event of Beta marks the end."""
    await writer.happens(BETA, EventKind.INTEREST_DECLARED)
    await bus.catch_up()
    words = []
    async for change in changes:
        if isinstance(change, Happened) and change.facility.name == BETA:
            return words
        words.append(words_of(change))
    raise AssertionError("the subscription ended")


def follows_from(before: bool, after: bool, kind: EventKind) -> list[str]:
    """What is told of an event by whether the brand saw data before and sees it after."""
    if before is not after:
        return [(Appeared if after else Vanished).__name__]
    return [kind.value] if after and kind is EventKind.ENROLLED else []


@pytest.mark.parametrize("seed", range(4))
async def test_a_brand_is_told_at_each_moment_of_exactly_what_it_sees(
    writer: Writer, seed: int
) -> None:
    await writer.share(BETA, "Northwind")
    choose = random.Random(seed)
    bus = Bus(writer.settings, always)
    live = await follow_portfolio(bus, BRAND)
    begins = await anext(live)
    assert isinstance(begins, CaughtUp)
    sees, all_told, recorded = False, [], []
    for _ in range(25):
        kind, day = choose.choice(KINDS), choose.randrange(10)
        brand = choose.choice(("Northwind", "Northwind", "Southwind"))
        recorded.append((kind.value, day, brand))
        await records(writer, kind, day, brand)
        saw, sees = sees, await sees_data(writer)
        expected = follows_from(saw, sees, kind)
        assert await told(bus, writer, live) == expected, recorded
        all_told += expected
    await live.aclose()
    again = await follow_portfolio(Bus(writer.settings, always), BRAND, begins.cursor)
    replayed = []
    async for change in again:
        if isinstance(change, CaughtUp):
            break
        if not isinstance(change, Happened) or change.facility.name == ALPHA:
            replayed.append(words_of(change))
    await again.aclose()
    assert replayed == [word for word in all_told if sees or word == Vanished.__name__]


async def test_who_is_let_see_where_a_facility_stands_is_told_nothing_of_it(
    writer: Writer,
) -> None:
    await writer.share(BETA, "Northwind")
    bus = Bus(writer.settings, always)
    live = await follow_portfolio(bus, BRAND)
    begins = await anext(live)
    assert isinstance(begins, CaughtUp)
    for kind, day in (
        (EventKind.SHARED, 10),
        (EventKind.ENROLLED, 11),
        (EventKind.UNSHARED, 20),
        (EventKind.SHARED, 15),
        (EventKind.SIGHT_GRANTED, 30),
        (EventKind.ENROLLED, 31),
    ):
        await records(writer, kind, day)
    assert await told(bus, writer, live) == ["Vanished"]
    await live.aclose()
