"""What happened to facilities, where they stood on a day in the past, and with whom they share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from kb.rules.days import local_days
from kb.rules.events import Event, FacilityState
from kb.rules.folding import fold, fold_cycles
from kb.services.access.matrix import BRAND_GRANTEE, Capability, Viewer, require
from kb.services.access.scope import among_covered, scope_of
from kb.services.facilities.events import (
    HISTORY_ORDER,
    HistoryPage,
    RecordedEvent,
    event_as_read,
    history_page,
    recorded_event,
)
from kb.services.facilities.facility_view import FacilityView
from kb.services.facilities.sql import CURRENT, SqlStatement
from kb.services.paging import PageRequest, cursor_refused, decode_cursor

_EVENT_COLUMNS = (
    *("facility_id", "place_in_day", "id", "sequence", "kind", "occurred_on"),
    *("recorded_at", "actor_role", "actor", "payload"),
)

_FEW = 100
"""Facilities of which all events take no longer to read than a page."""


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
    statement = SqlStatement(
        f"SELECT {', '.join(_EVENT_COLUMNS)}, cycle_number FROM ("
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
            text, place_in_day = decode_cursor(name, cursor, HISTORY_ORDER, str, int)
            day = statement.mark(_day(name, cursor, text))
            place = f"({day}, {statement.mark(place_in_day)})"
            statement.also(f"(occurred_on, place_in_day) {beyond} {place}")
    statement.text += f") paged WHERE place <= {statement.mark(page.size + 1)} ORDER BY place"

    placed_events: dict[int, list[tuple[RecordedEvent, int]]] = defaultdict(list)
    for row in await statement.rows(few=True):
        facility_id, place_in_day, *columns = row
        recorded = recorded_event(*columns).shown_to(viewer)
        placed_events[facility_id].append((recorded, place_in_day))
    return {facility_id: history_page(placed_events[facility_id], page) for facility_id in wanted}


async def events_of(ids: Iterable[int], viewer: Viewer) -> dict[int, tuple[Event, ...]]:
    """The events of each facility that the viewer sees, in the order of their recording."""
    require(viewer, Capability.READ_HISTORY)
    wanted = set(ids)
    events = await _events(wanted, viewer, shown=True)
    return {facility_id: tuple(events[facility_id]) for facility_id in wanted}


async def _events(
    ids: Collection[int], viewer: Viewer, until: date | None = None, *, shown: bool = False
) -> dict[int, list[Event]]:
    """All events up to a day, in the order of their recording, of facilities that a viewer sees.

    With `shown`, those alone that the viewer is shown; from all of them follows where a facility
    stands. In one statement.
    """
    events: dict[int, list[Event]] = defaultdict(list)
    if not ids:
        return events
    statement = SqlStatement(
        "SELECT e.facility_id, e.sequence, e.kind, e.occurred_on, e.payload "
        "FROM workflow_event e JOIN {projections} p ON p.facility_id = e.facility_id "
        # Without the last condition SQLite would go through all that a brand sees, for each event.
        f"WHERE {CURRENT} AND p.last_event_sequence >= 0",
        viewer,
    )
    if shown:
        statement.with_data()
        statement.also(f"e.kind {among_covered(scope_of(viewer))}")
    statement.also(f"p.facility_id {statement.among(sorted(ids))}")
    if until is not None:
        statement.also(f"e.occurred_on <= {statement.mark(until)}")
    statement.text += " ORDER BY e.sequence"
    for facility_id, *columns in await statement.rows(few=len(ids) <= _FEW):
        events[facility_id].append(event_as_read(*columns))
    return events


async def states_on(
    facilities: Sequence[FacilityView], as_of: date, viewer: Viewer
) -> dict[int, FacilityState]:
    """Facility id to where it stood at the end of a day, by its events; in one statement."""
    require(viewer, Capability.READ_STATUS)
    events = await _events({facility.id for facility in facilities}, viewer, as_of)
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
    if wanted:
        statement = SqlStatement(
            "SELECT g.facility_id, g.grantee_kind, g.grantee, g.channel, g.granted_on "
            "FROM sharing_grant g JOIN {projections} p ON p.facility_id = g.facility_id "
            f"WHERE {CURRENT} AND g.revoked_on IS NULL",
            viewer,
        )
        statement.also(f"p.facility_id {statement.among(sorted(wanted))}")
        brand = scope_of(viewer).brand
        if brand is not None:
            statement.also(f"g.grantee_kind = {statement.mark(BRAND_GRANTEE)}")
            statement.also(f"g.grantee = {statement.mark(brand)}")
        statement.text += " ORDER BY g.granted_on, g.id"
        for facility_id, kind, grantee, channel, day in await statement.rows(
            few=len(wanted) <= _FEW
        ):
            granted_on = date.fromisoformat(day) if isinstance(day, str) else day
            grants[facility_id].append(GrantView(kind, grantee, channel, granted_on))
    return {facility_id: tuple(grants[facility_id]) for facility_id in wanted}


async def cycles_on(
    facility_days: Sequence[tuple[FacilityView, date]], viewer: Viewer
) -> list[tuple[CycleView, ...]]:
    """The service cycles of each facility up to its day, the present one last; in one statement.

    Before the first there is one with the number 0. Who may not read with whom facilities share is
    given no grants.
    """
    require(viewer, Capability.READ_STATUS)
    last_day = max((day for _, day in facility_days), default=date.min)
    events = await _events({facility.id for facility, _ in facility_days}, viewer, last_day)
    known = scope_of(viewer).known
    return [
        _cycle_views(
            fold_cycles(
                facility.country,
                known([event for event in events[facility.id] if event.occurred_on <= day]),
            ),
            with_grants=viewer.may(Capability.READ_SHARING),
        )
        for facility, day in facility_days
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
    return facility.having(
        decision_key=state.profile.key,
        cycle=state.cycle,
        last_event=state.last_sequence,
        state=state,
        contested=state.contested or None,
    )


def _day(name: str, cursor: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise cursor_refused(name, cursor, HISTORY_ORDER) from None
