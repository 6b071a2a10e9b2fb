"""What happened to facilities, where they stood on a day in the past, and with whom they share."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from kb.models import SharingGrant, WorkflowEvent
from kb.models.facilities import event_of
from kb.rules.days import local_days
from kb.rules.events import Event, EventKind, FacilityState
from kb.rules.folding import fold, fold_cycles
from kb.rules.on_behalf import ON_BEHALF_OF
from kb.services.access.matrix import BRAND_GRANTEE, Capability, Viewer, require
from kb.services.access.scope import among_covered, scope_of
from kb.services.facilities.sql import CURRENT, Statement, visible_ids
from kb.services.facilities.views import FacilityView
from kb.services.paging import PageRequest, cursor_refused, decode_cursor, encode_cursor

_ORDER = "HISTORY"
_WORDS = ("reason",)
"""Parts of a payload that somebody wrote for the facility, and that may name people."""

_EVENT_COLUMNS = (
    *("id", "facility_id", "sequence", "kind", "occurred_on"),
    *("recorded_at", "actor_role", "actor", "payload"),
)


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """An event with who recorded it and when; `cycle` is the service cycle it fell into, or 0."""

    id: int
    event: Event
    cycle: int
    recorded_at: datetime
    actor_role: str
    actor: str | None

    def shown_to(self, viewer: Viewer) -> RecordedEvent:
        """The event without what the viewer may not know: who recorded it, and words on it."""
        if viewer.may(Capability.READ_ACTORS):
            return self
        payload = {name: value for name, value in self.event.payload.items() if name not in _WORDS}
        if ON_BEHALF_OF in payload:
            payload[ON_BEHALF_OF] = {**payload[ON_BEHALF_OF], "person": None}
        return replace(self, event=replace(self.event, payload=payload), actor=None)


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A part of a facility's history, oldest first, with the cursor of each event.

    A cursor is a day and a place among the events of that day that the viewer sees: it tells
    nothing of those that the viewer does not see, and stays valid because events are only added.
    """

    rows: tuple[RecordedEvent, ...]
    cursors: tuple[str, ...]
    has_next: bool
    has_previous: bool


@dataclass(frozen=True, slots=True)
class GrantView:
    """Whom a facility lets see its data, by which channel, and since when."""

    grantee_kind: str
    grantee: str
    channel: str
    granted_on: date


@dataclass(frozen=True, slots=True)
class CycleView:
    """A service cycle of a facility as it ended, or as it stands; `grants` are for its data."""

    number: int
    opened_on: date | None
    closed_on: date | None
    decision_key: str
    grants: tuple[GrantView, ...]


async def history(facility_id: int, page: PageRequest, viewer: Viewer) -> HistoryPage:
    """One page of what happened to a facility, by day; see `histories`."""
    return (await histories([facility_id], page, viewer))[facility_id]


async def histories(
    ids: Iterable[int], page: PageRequest, viewer: Viewer
) -> dict[int, HistoryPage]:
    """The same page of what happened, by day, for each facility; in one statement.

    Of a facility that the viewer does not see there is no history, as of one that does not exist.
    InvalidInputError for a bad cursor.
    """
    require(viewer, Capability.READ_HISTORY)
    wanted = sorted(set(ids))
    # The place of each event in its facility's page lets one statement cut all pages to size.
    down = " DESC" if page.backwards else ""
    statement = Statement(
        f"SELECT {', '.join(_EVENT_COLUMNS)}, cycle_number, place_in_day FROM ("
        "SELECT seen.*, ROW_NUMBER() OVER (PARTITION BY facility_id "
        f"ORDER BY occurred_on{down}, place_in_day{down}) AS place FROM ("
        "SELECT e.*, c.number AS cycle_number, ROW_NUMBER() OVER "
        "(PARTITION BY e.facility_id, e.occurred_on ORDER BY e.sequence) AS place_in_day "
        "FROM workflow_event e JOIN {projections} p ON p.facility_id = e.facility_id "
        # Without the last condition SQLite would go through all that a brand sees, for each event.
        f"LEFT JOIN service_cycle c ON c.id = e.cycle_id WHERE {CURRENT} "
        "AND p.last_event_sequence >= 0",
        viewer,
    )
    statement.with_data()
    statement.also(f"p.facility_id {statement.among(wanted)}")
    scope = scope_of(viewer)
    if not scope.every_event:
        statement.also(f"e.kind {among_covered(scope)}")
    statement.text += ") seen WHERE TRUE"
    for name, cursor, beyond in (("after", page.after, ">"), ("before", page.before, "<")):
        if cursor is not None:
            text, place_in_day = decode_cursor(name, cursor, _ORDER, str, int)
            day = statement.mark(_day(name, cursor, text))
            place = f"({day}, {statement.mark(place_in_day)})"
            statement.also(f"(occurred_on, place_in_day) {beyond} {place}")
    statement.text += f") paged WHERE place <= {statement.mark(page.size + 1)} ORDER BY place"

    found: dict[int, list[tuple[RecordedEvent, str]]] = defaultdict(list)
    for row in await statement.rows(few=True):
        facility_id, recorded, place_in_day = _recorded(*row)
        cursor = encode_cursor(_ORDER, recorded.event.occurred_on.isoformat(), place_in_day)
        found[facility_id].append((recorded.shown_to(viewer), cursor))
    return {facility_id: _page(found[facility_id], page) for facility_id in wanted}


def _page(found: list[tuple[RecordedEvent, str]], page: PageRequest) -> HistoryPage:
    more, shown = len(found) > page.size, found[: page.size]
    if page.backwards:
        shown.reverse()
    ends = (page.before is not None, more) if page.backwards else (more, page.after is not None)
    return HistoryPage(tuple(row for row, _ in shown), tuple(cursor for _, cursor in shown), *ends)


async def events_of(ids: Iterable[int], viewer: Viewer) -> dict[int, tuple[Event, ...]]:
    """The events of each facility that the viewer sees, in the order of their recording."""
    require(viewer, Capability.READ_HISTORY)
    wanted = set(ids)
    events: dict[int, list[Event]] = defaultdict(list)
    rows = WorkflowEvent.filter(
        facility_id__in=await visible_ids(wanted, viewer, with_data=True), **_kinds_for(viewer)
    )
    for row in await rows.order_by("sequence"):
        events[row.facility_id].append(event_of(row))
    return {facility_id: tuple(events[facility_id]) for facility_id in wanted}


async def states_on(
    facilities: Sequence[FacilityView], as_of: date, viewer: Viewer
) -> dict[int, FacilityState]:
    """Facility id to where it stood at the end of a day, by its events; in one statement."""
    require(viewer, Capability.READ_STATUS)
    ids = await visible_ids((facility.id for facility in facilities), viewer)
    events: dict[int, list[Event]] = defaultdict(list)
    for row in await WorkflowEvent.filter(facility_id__in=ids, occurred_on__lte=as_of):
        events[row.facility_id].append(event_of(row))
    known = scope_of(viewer).known
    return {
        facility.id: fold(facility.country, known(events[facility.id]), as_of)
        for facility in facilities
    }


async def as_they_stood(
    facilities: Sequence[FacilityView], as_of: date, now: datetime, viewer: Viewer
) -> list[FacilityView]:
    """The facilities as they stood on a day; from today on, where each is, as they stand now.

    One statement for a day in the past, and none else. What is told of the facility itself, its
    name and ids, is always told as it is now.
    """
    require(viewer, Capability.READ_STATUS)
    past = [facility for facility in facilities if as_of < local_days(facility.country, now).today]
    states = await states_on(past, as_of, viewer) if past else {}
    return [
        in_state(facility, states[facility.id]) if facility.id in states else facility
        for facility in facilities
    ]


async def grants_of(ids: Iterable[int], viewer: Viewer) -> dict[int, tuple[GrantView, ...]]:
    """Facility id to whom it shares its data with now, longest first; a brand sees only itself."""
    require(viewer, Capability.READ_SHARING)
    wanted = set(ids)
    grants: dict[int, list[GrantView]] = defaultdict(list)
    rows = SharingGrant.filter(
        facility_id__in=await visible_ids(wanted, viewer), revoked_on__isnull=True
    )
    brand = scope_of(viewer).brand
    if brand is not None:
        rows = rows.filter(grantee_kind=BRAND_GRANTEE, grantee=brand)
    for row in await rows.order_by("granted_on", "id"):
        grants[row.facility_id].append(
            GrantView(row.grantee_kind, row.grantee, row.channel, row.granted_on)
        )
    return {facility_id: tuple(grants[facility_id]) for facility_id in wanted}


async def cycles_on(
    asked: Sequence[tuple[FacilityView, date]], viewer: Viewer
) -> list[tuple[CycleView, ...]]:
    """The service cycles of each facility up to its day, the present one last; in one statement.

    Before the first there is one with the number 0. Who may not read with whom facilities share is
    given no grants.
    """
    require(viewer, Capability.READ_STATUS)
    ids = await visible_ids((facility.id for facility, _ in asked), viewer)
    last_day = max((day for _, day in asked), default=date.min)
    events: dict[int, list[Event]] = defaultdict(list)
    for row in await WorkflowEvent.filter(facility_id__in=ids, occurred_on__lte=last_day):
        events[row.facility_id].append(event_of(row))
    known = scope_of(viewer).known
    return [
        _cycle_views(
            fold_cycles(
                facility.country,
                known([event for event in events[facility.id] if event.occurred_on <= day]),
            ),
            with_grants=viewer.may(Capability.READ_SHARING),
        )
        for facility, day in asked
    ]


def _cycle_views(states: Sequence[FacilityState], *, with_grants: bool) -> tuple[CycleView, ...]:
    in_force = states[-1].grants if with_grants else ()
    return tuple(
        CycleView(
            number=state.cycle,
            opened_on=state.opened_on,
            closed_on=state.closed_on,
            decision_key=state.profile.key,
            grants=tuple(
                GrantView(grant.grantee_kind, grant.grantee, grant.channel, grant.granted_on)
                for grant in in_force
                if grant.cycle == state.cycle
            ),
        )
        for state in states
    )


def in_state(facility: FacilityView, state: FacilityState) -> FacilityView:
    """The facility in another state of its own; its name, ids and version stay."""
    return replace(
        facility,
        decision_key=state.profile.key,
        cycle=state.cycle,
        opened_on=state.opened_on,
        closed_on=state.closed_on,
        step_dates=state.step_dates,
        last_event=state.last_sequence,
        contested=state.contested,
    )


def _kinds_for(viewer: Viewer) -> dict[str, Any]:
    """The filter on events for the kinds that the viewer sees; empty for all of them."""
    scope = scope_of(viewer)
    kinds = [kind.value for kind in EventKind if scope.covers(kind)]
    return {} if len(kinds) == len(EventKind) else {"kind__in": kinds}


def _recorded(
    id_: int,
    facility_id: int,
    sequence: int,
    kind: str,
    occurred_on: date | str,
    recorded_at: datetime | str,
    actor_role: str,
    actor: str | None,
    payload: str,
    cycle: int | None,
    place_in_day: int,
) -> tuple[int, RecordedEvent, int]:
    """An event as the statement reads it, with its facility and its place among those of its day.

    SQLite has days and moments as texts.
    """
    day = date.fromisoformat(occurred_on) if isinstance(occurred_on, str) else occurred_on
    at = datetime.fromisoformat(recorded_at) if isinstance(recorded_at, str) else recorded_at
    event = Event(EventKind(kind), day, sequence, json.loads(payload))
    return facility_id, RecordedEvent(id_, event, cycle or 0, at, actor_role, actor), place_in_day


def _day(name: str, cursor: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise cursor_refused(name, cursor, _ORDER) from None
