"""One subscription: replays the events since a cursor, then follows live, once and in order.

Rights are checked for every event. A brand gets the events of a facility that were recorded while
the facility shared with it, and only while it still does. It gets one change when sharing begins,
and one with nothing but the id when sharing ends.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime

from kb.errors import NotFoundError, UnauthenticatedError
from kb.rules.events import EventKind
from kb.services.access.matrix import Capability, Viewer, require
from kb.services.access.scope import scope_of
from kb.services.facilities.events import RecordedEvent
from kb.services.facilities.facility_view import FacilityView
from kb.services.facilities.views import facilities_by_id
from kb.services.knowledge.releases import ReleaseInfo
from kb.services.live.bus import ENDED, Bus, ClosedError, Listener, OvertakenError
from kb.services.live.feed import NOT_SHARED, EventBatch, PlacedEvent, read

PAGE = 500
NOTED_AT_MOST = 10_000
SLOW_SECONDS = 1.0
"""How long a viewer may take to read one change while its queue overflows."""


@dataclass(frozen=True, slots=True)
class Happened:
    """Something happened to a facility that the viewer sees; `facility` is as it stands now."""

    cursor: str
    event: RecordedEvent
    facility: FacilityView


@dataclass(frozen=True, slots=True)
class Appeared:
    """The viewer sees a facility from here on: it began to share with it, or was registered."""

    cursor: str
    facility: FacilityView


@dataclass(frozen=True, slots=True)
class Vanished:
    """The viewer no longer sees a facility, which ceased to share with it."""

    cursor: str
    facility_id: int


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """The replay has ended; what follows is live."""

    cursor: str


@dataclass(frozen=True, slots=True)
class Overtaken:
    """The viewer took too long to read, and is to go on from the cursor in a new subscription."""

    cursor: str


Change = Happened | Appeared | Vanished | CaughtUp | Overtaken


async def follow_portfolio(
    bus: Bus, viewer: Viewer, after: str | None = None
) -> AsyncGenerator[Change, None]:
    """What happens to all facilities that the viewer sees.

    NotPermittedError for roles that see none, InvalidInputError for a bad cursor. The iterator
    raises UnauthenticatedError when the viewer's token ends, and ends when the server goes down.
    """
    require(viewer, Capability.FOLLOW_FACILITIES)
    return _Following(bus, viewer, None, after).changes()


async def follow_facility(
    bus: Bus, viewer: Viewer, facility_id: int, shown_id: str, after: str | None = None
) -> AsyncGenerator[Change, None]:
    """What happens to one facility.

    NotFoundError, which names `shown_id`, when there is no such facility or the viewer does not
    see it; the iterator raises the same when it ceases to see it. Else as `follow_portfolio`.
    """
    require(viewer, Capability.FOLLOW_FACILITIES)
    following = _Following(bus, viewer, facility_id, after, shown_id)
    await following.require_facility()
    return following.changes()


async def follow_releases(bus: Bus, viewer: Viewer) -> AsyncGenerator[ReleaseInfo, None]:
    """Knowledge releases, as this server begins to answer from them."""
    require(viewer, Capability.FOLLOW_KNOWLEDGE)

    async def releases() -> AsyncGenerator[ReleaseInfo, None]:
        with bus.listening_to_releases(viewer) as listener, suppress(ClosedError):
            while True:
                release = await listener.next()
                assert isinstance(release, ReleaseInfo)
                yield release

    return releases()


class _Following:
    """One subscription to events."""

    def __init__(
        self,
        bus: Bus,
        viewer: Viewer,
        facility_id: int | None,
        after: str | None,
        shown_id: str = "",
    ) -> None:
        self.bus = bus
        self.viewer = viewer
        self.facility_id = facility_id
        self.shown_id = shown_id
        self.resumes = after is not None
        self.position = 0 if after is None else bus.cursors.open(after)
        self._noted: set[tuple[date, int]] = set()

    async def require_facility(self) -> None:
        """Raise NotFoundError unless the viewer sees the facility now."""
        assert self.facility_id is not None
        if (await facilities_by_id([self.facility_id], self.viewer))[0] is None:
            raise NotFoundError("facility", self.shown_id)

    async def changes(self) -> AsyncGenerator[Change, None]:
        """The changes, in order."""
        with self.bus.listening(self.viewer, self.facility_id) as listener:
            try:
                await self.bus.catch_up()
                if not self.resumes:
                    self.position = self.bus.position
                async for change in self._missed(listener):
                    yield change
                yield CaughtUp(self.bus.cursors.seal(self.position))
                while True:
                    taken = 0.0
                    try:
                        async for change in self._live(listener):
                            handed_over = time.monotonic()
                            yield change
                            taken = time.monotonic() - handed_over
                    except OvertakenError:
                        # Much came at once. Who does read gets it from the tables.
                        async for change in self._missed(listener):
                            if taken >= SLOW_SECONDS:
                                break
                            handed_over = time.monotonic()
                            yield change
                            taken = time.monotonic() - handed_over
                    if taken >= SLOW_SECONDS:
                        yield Overtaken(self.bus.cursors.seal(self.position))
                        return
            except ClosedError:
                return

    async def _missed(self, listener: Listener) -> AsyncGenerator[Change, None]:
        """The events between the cursor and the bus; afterwards the listener is live."""
        while self.position < self.bus.position:
            upto = self.bus.position
            batch = await read(
                self.position, PAGE, upto=upto, facility_id=self.facility_id, viewer=self.viewer
            )
            for event in batch.events:
                change = await self._change(event, batch, listener)
                if change is not None:
                    yield change
                self.position = event.position
            self.position = batch.events[-1].position if len(batch.events) == PAGE else upto
        # Nothing was awaited since the last comparison: no event can have slipped through.
        listener.go_live(self.position)

    async def _live(self, listener: Listener) -> AsyncGenerator[Change, None]:
        while True:
            news = await listener.next()
            assert isinstance(news, tuple)
            event, batch = news
            change = await self._change(event, batch, listener)
            if change is not None:
                yield change
            self.position = event.position

    async def _change(
        self, event: PlacedEvent, batch: EventBatch, listener: Listener
    ) -> Change | None:
        """The change that the viewer gets for an event; None for what it may not see."""
        if not await self.bus.still_valid(self.viewer):
            raise UnauthenticatedError(ENDED)
        scope = scope_of(self.viewer)
        shares = await batch.shares() if scope.brand is not None else NOT_SHARED
        shared = batch.sharing_around(event, scope, shares)
        if shared is None:
            return None
        before, after = shared
        appears, vanishes = after and not before, before and not after
        if event.kind is EventKind.FACILITY_REGISTERED and scope.from_registration:
            appears = True
        cursor = batch.cursor(event, self.bus.cursors)
        if vanishes and self.facility_id is None:
            return Vanished(cursor, event.facility_id)
        if vanishes:
            await self.require_facility()
            return None  # it shares again by now, or lets the viewer see where it stands
        facility = (await batch.facilities(self.viewer)).get(event.facility_id)
        listener.check()
        if facility is None or facility.status_only:
            return None
        await self._note(event.facility_id, batch)
        if appears and self.facility_id is None:
            return Appeared(cursor, facility)
        return (
            Happened(cursor, event.recorded.shown_to(self.viewer), facility)
            if scope.covers(event.kind)
            else None
        )

    async def _note(self, facility_id: int, batch: EventBatch) -> None:
        """Note for the audit that a facility is read, once a day for each subscription."""
        now = datetime.now(UTC)
        noting = now.date(), facility_id
        if noting not in self._noted:
            if len(self._noted) >= NOTED_AT_MOST:
                self._noted.clear()
            await batch.note_reading(self.viewer, facility_id, now)
            self._noted.add(noting)
