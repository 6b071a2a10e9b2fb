"""What fills the queue of a listener, and that its token is looked at before anything is told."""

from __future__ import annotations

import asyncio
import gc

import pytest

import kb.services.live.bus
from kb.collecting import paused_collection
from kb.errors import UnauthenticatedError
from kb.rules.events import EventKind
from kb.rules.roles import Role
from kb.services.access.matrix import Viewer
from kb.services.live.bus import Bus
from kb.services.live.following import CaughtUp, Happened, follow_facility, follow_portfolio
from tests.live.conftest import Writer

ALPHA, BETA = "Alpha Garments", "Beta Textiles"
BRAND = Viewer(Role.BRAND, organisation="Northwind")
QUEUED = 2


async def always(viewer: Viewer) -> bool:
    return True


def bus_of(writer: Writer) -> Bus:
    return Bus(writer.settings.model_copy(update={"subscription_queue": QUEUED}), always)


@pytest.mark.parametrize("one_facility", [False, True])
async def test_what_a_brand_may_not_know_of_does_not_fill_its_queue(
    writer: Writer, one_facility: bool
) -> None:
    await writer.share(ALPHA, "Northwind")
    bus = bus_of(writer)
    facility_id = writer.facilities[ALPHA].id if one_facility else None
    with bus.listening(BRAND, facility_id) as listener:
        await bus.catch_up()
        listener.go_live(bus.position)
        for brand in ("Southwind", "Eastwind", "Westwind"):
            await writer.share(ALPHA, brand)
            await writer.unshare(ALPHA, brand)
        await writer.happens(BETA, EventKind.ENROLLED)
        await bus.catch_up()
        await writer.happens(ALPHA, EventKind.ENROLLED)
        await bus.catch_up()
        message = await listener.next()
        assert isinstance(message, tuple)
        assert message[0].kind is EventKind.ENROLLED
        assert message[0].facility_id == writer.facilities[ALPHA].id


@pytest.mark.parametrize(
    "viewer",
    [
        Viewer(Role.PROGRAMME_OFFICER, countries=("BD",)),
        Viewer(Role.FACILITY, facility_ids=(0,)),
        Viewer(Role.SLCP_OFFICER),
        Viewer(Role.CHATBOT),
    ],
    ids=lambda viewer: str(viewer.role),
)
async def test_what_is_not_somebodys_to_see_does_not_fill_its_queue(
    writer: Writer, viewer: Viewer
) -> None:
    bus = bus_of(writer)
    with bus.listening(viewer) as listener, bus.listening(Viewer(Role.HELPDESK)) as every:
        await bus.catch_up()
        for queue in (listener, every):
            queue.go_live(bus.position)
        await writer.happens(ALPHA, EventKind.ENROLLED)
        await bus.catch_up()
        assert (listener.waiting, every.waiting) == (0, 1)


@pytest.mark.parametrize("missed", [True, False])
@pytest.mark.parametrize("one_facility", [False, True])
async def test_the_token_is_looked_at_for_every_event_that_is_told(
    writer: Writer, missed: bool, one_facility: bool
) -> None:
    valid = True

    async def still_valid(viewer: Viewer) -> bool:
        return valid

    bus = Bus(writer.settings, still_valid)
    after = bus.cursors.seal(0) if missed else None
    viewer = Viewer(Role.HELPDESK)
    if one_facility:
        number = writer.facilities[ALPHA].id
        changes = await follow_facility(bus, viewer, number, writer.id(ALPHA), after)
    else:
        changes = await follow_portfolio(bus, viewer, after)
    if missed:
        await writer.happens(ALPHA, EventKind.ENROLLED)
        await anext(changes)
    else:
        assert isinstance(await anext(changes), CaughtUp)
        await writer.happens(ALPHA, EventKind.ENROLLED)
        await bus.catch_up()
        assert isinstance(await anext(changes), Happened)
        await writer.happens(ALPHA, EventKind.CYCLE_OPENED)
        await bus.catch_up()
    valid = False
    with pytest.raises(UnauthenticatedError, match="expired or was revoked"):
        await anext(changes)


async def test_python_looks_for_no_unused_objects_while_an_event_is_told(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kb.services.live.bus, "TELLING_SECONDS", 0.5)
    bus = bus_of(writer)
    with bus.listening(Viewer(Role.HELPDESK)):
        await bus.catch_up()
        await writer.happens(ALPHA, EventKind.ENROLLED)
        assert gc.isenabled()
        await bus.catch_up()
        assert not gc.isenabled()
        for _ in range(100):
            await asyncio.sleep(0.05)
            if gc.isenabled():
                break
        assert gc.isenabled()
        await writer.happens(ALPHA, EventKind.ENROLLED)
        await bus.catch_up()
        assert not gc.isenabled()
    assert gc.isenabled()  # nobody listens any more


async def test_what_is_told_ends_no_pause_of_others(writer: Writer) -> None:
    bus = bus_of(writer)
    with paused_collection():
        with bus.listening(Viewer(Role.HELPDESK)):
            await bus.catch_up()
            await writer.happens(ALPHA, EventKind.ENROLLED)
            await bus.catch_up()
        assert not gc.isenabled()
    assert gc.isenabled()
