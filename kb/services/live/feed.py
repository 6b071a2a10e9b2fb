"""The feed: all events in the order in which they became visible.

Positions are given one transaction after the other, so whoever reads up to a position has missed
nothing below it. On SQLite a trigger gives them, for writers wait for each other there. On
PostgreSQL, where a transaction that took a lower id may be committed later, whichever process
wants to read gives them to what is committed by then.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tortoise.transactions import in_transaction

from kb.models import EventPosition
from kb.models.facilities import event_of
from kb.rules.events import Event, EventKind
from kb.services.access.entries import caller_of
from kb.services.access.matrix import BRAND_GRANTEE, Viewer
from kb.services.access.scope import Scope, scope_of
from kb.services.facilities.events import RecordedEvent
from kb.services.facilities.facility_view import FacilityView
from kb.services.facilities.views import facilities_by_id
from kb.services.live.cursors import Cursors
from kb.services.readings import note_reading
from kb.services.recording.cycles_and_grants import in_order

PLACING_LOCK = 20_211_002  # any number, as long as it stays the same
PLACED_AT_ONCE = 5_000
RIGHTS_SECONDS = 1.0
"""How long what a viewer may see of a batch is taken for true without looking again."""

_PLACE = f"""
WITH taken AS (
    DELETE FROM unplaced_event WHERE event_id IN
        (SELECT event_id FROM unplaced_event ORDER BY event_id LIMIT {PLACED_AT_ONCE})
    RETURNING event_id
) INSERT INTO event_position (event_id) SELECT event_id FROM taken ORDER BY event_id
"""


@dataclass(frozen=True, slots=True)
class PlacedEvent:
    """An event at its place in the feed."""

    position: int
    facility_id: int
    country: str
    recorded: RecordedEvent

    @property
    def kind(self) -> EventKind:
        """What happened."""
        return self.recorded.event.kind


@dataclass(frozen=True, slots=True)
class Shares:
    """Facility and brand to positions, and whether it is shared from each of them on.

    That follows from the days on which it was shared and unshared, of which some become known late.
    """

    turns: Mapping[tuple[int, str], Sequence[tuple[int, bool]]]

    def sharing_around(self, event: PlacedEvent, brand: str | None) -> tuple[bool, bool]:
        """Whether the facility shared with the brand just before the event, and just after.

        With no brand, nothing is shared.
        """
        before = after = False
        if brand is None:
            return before, after
        for position, is_shared in self.turns.get((event.facility_id, brand), ()):
            if position < event.position:
                before = is_shared
            if position <= event.position:
                after = is_shared
        return before, after


NOT_SHARED = Shares({})
"""Of facilities that share with nobody."""


@dataclass(slots=True, eq=False)
class EventBatch:
    """Events that were read together; what their listeners need to know is read once for all."""

    events: Sequence[PlacedEvent]
    _shares: Shares | None = None
    _seen: dict[Viewer, tuple[float, Mapping[int, FacilityView]]] = field(default_factory=dict)
    _reading: dict[Viewer, asyncio.Lock] = field(default_factory=dict)
    _concerned: dict[tuple[int, Scope], tuple[bool, bool] | None] = field(default_factory=dict)
    _cursors: dict[int, str] = field(default_factory=dict)
    _noting: dict[tuple[str, int], asyncio.Task[None]] = field(default_factory=dict)

    async def shares(self) -> Shares:
        """When the facilities of these events began and ceased to share with brands."""
        if self._shares is None:
            self._shares = await _shares(self._facility_ids)
        return self._shares

    def sharing_around(
        self, event: PlacedEvent, scope: Scope, shares: Shares
    ) -> tuple[bool, bool] | None:
        """Whether the facility shared with the scope's brand just before an event, and just after.

        None where the event does not concern who has the scope.
        """
        key = event.position, scope
        if key not in self._concerned:
            shared = shares.sharing_around(event, scope.brand)
            self._concerned[key] = shared if scope.concerned_by(event, shared) else None
        return self._concerned[key]

    async def facilities(self, viewer: Viewer) -> Mapping[int, FacilityView]:
        """The facilities of these events that the viewer sees now, in their present state.

        They are the same objects for all who have the same reach.
        """
        reach = viewer.reach
        read_at, seen = self._seen.get(reach, (0.0, {}))
        if time.monotonic() - read_at <= RIGHTS_SECONDS:
            return seen
        async with self._reading.setdefault(reach, asyncio.Lock()):
            read_at, seen = self._seen.get(reach, (0.0, {}))
            if time.monotonic() - read_at > RIGHTS_SECONDS:
                views = await facilities_by_id(self._facility_ids, reach)
                seen = {view.id: view for view in views if view is not None}
                self._seen[reach] = (time.monotonic(), seen)
            return seen

    def cursor(self, event: PlacedEvent, cursors: Cursors) -> str:
        """The cursor of an event, the same for all."""
        if event.position not in self._cursors:
            self._cursors[event.position] = cursors.seal(event.position)
        return self._cursors[event.position]

    async def note_reading(self, viewer: Viewer, facility_id: int, now: datetime) -> None:
        """Note for the audit that a facility is read, once for all subscriptions of a caller."""
        key = caller_of(viewer), facility_id
        if key not in self._noting:
            noting = note_reading(viewer, [facility_id], now=now)
            self._noting[key] = asyncio.create_task(noting)
        await asyncio.shield(self._noting[key])

    @property
    def _facility_ids(self) -> list[int]:
        return sorted({event.facility_id for event in self.events})


async def place() -> None:
    """Give positions to all events that are committed by now."""
    client = EventPosition._meta.db
    if client.capabilities.dialect != "postgres":
        return
    while (await client.execute_query("SELECT EXISTS (SELECT 1 FROM unplaced_event)"))[1][0][0]:
        async with in_transaction() as transaction:
            # Held until the commit: positions become visible in their order.
            await transaction.execute_query(f"SELECT pg_advisory_xact_lock({PLACING_LOCK})")
            await transaction.execute_query(_PLACE)


async def head() -> int:
    """The highest position there is; 0 when there are no events."""
    last = await EventPosition.all().order_by("-position").first()
    return last.position if last is not None else 0


async def read(
    after: int,
    limit: int,
    *,
    upto: int | None = None,
    facility_id: int | None = None,
    viewer: Viewer | None = None,
) -> EventBatch:
    """The next events after a position, in order.

    With a viewer, those that cannot concern it are left out; the others may still be hidden.
    """
    rows = EventPosition.filter(position__gt=after)
    if upto is not None:
        rows = rows.filter(position__lte=upto)
    if facility_id is not None:
        rows = rows.filter(event__facility_id=facility_id)
    if viewer is not None:
        rows = rows.filter(scope_of(viewer).placed_events())
    rows = rows.order_by("position").limit(limit)
    placed = await rows.select_related("event__cycle", "event__facility")
    return EventBatch([_placed(row) for row in placed])


async def _shares(facility_ids: Iterable[int]) -> Shares:
    turns: dict[tuple[int, str], list[tuple[int, bool]]] = defaultdict(list)
    latest: dict[tuple[int, str], Event] = {}
    rows = EventPosition.filter(
        event__facility_id__in=list(facility_ids),
        event__kind__in=(EventKind.SHARED, EventKind.UNSHARED),
    )
    for row in await rows.order_by("position").select_related("event"):
        event = event_of(row.event)
        if event.payload.get("grantee_kind") != BRAND_GRANTEE:
            continue
        key = row.event.facility_id, event.payload["grantee"]
        # Who unshares ends what was shared by every channel: the last of them by day decides.
        latest[key] = last = in_order([latest.get(key, event), event])[-1]
        turns[key].append((row.position, last.kind is EventKind.SHARED))
    return Shares(turns)


def _placed(row: EventPosition) -> PlacedEvent:
    event = row.event
    recorded = RecordedEvent(
        id=event.id,
        event=event_of(event),
        cycle=event.cycle.number if event.cycle else 0,
        recorded_at=event.recorded_at,
        actor_role=event.actor_role,
        actor=event.actor,
    )
    return PlacedEvent(row.position, event.facility_id, event.facility.country, recorded)
