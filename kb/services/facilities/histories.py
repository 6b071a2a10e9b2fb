"""What happened to facilities, where they stood on a day in the past, and with whom they share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from kb.rules.days import local_days
from kb.rules.events import Event, FacilityState
from kb.services.access.matrix import Capability, Viewer, require
from kb.services.access.scope import among_covered, scope_of
from kb.services.facilities.columns import (
    CycleView,
    GrantView,
    cycles_of_view,
    grants_of_view,
    states_on,
)
from kb.services.facilities.events import (
    HISTORY_ORDER,
    HistoryPage,
    RecordedEvent,
    event_as_read,
    history_page,
    recorded_event,
)
from kb.services.facilities.facility_view import FacilityView
from kb.services.facilities.reading import FEW, FacilityReads
from kb.services.facilities.sql import CURRENT, SqlStatement
from kb.services.facilities.views import facilities_by_id
from kb.services.paging import PageRequest, cursor_refused, decode_cursor

_EVENT_COLUMNS = (
    *("facility_id", "place_in_day", "id", "sequence", "kind", "occurred_on"),
    *("recorded_at", "actor_role", "actor", "payload"),
)


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
    events: dict[int, list[Event]] = defaultdict(list)
    if wanted:
        statement = SqlStatement(
            "SELECT e.facility_id, e.sequence, e.kind, e.occurred_on, e.payload "
            "FROM workflow_event e JOIN {projections} p ON p.facility_id = e.facility_id "
            # Without the last condition SQLite would go through all that a brand sees, for each
            # event.
            f"WHERE {CURRENT} AND p.last_event_sequence >= 0",
            viewer,
        )
        statement.with_data()
        statement.also(f"e.kind {among_covered(scope_of(viewer))}")
        statement.also(f"p.facility_id {statement.among(sorted(wanted))}")
        statement.text += " ORDER BY e.sequence"
        for facility_id, *columns in await statement.rows(few=len(wanted) <= FEW):
            events[facility_id].append(event_as_read(*columns))
    return {facility_id: tuple(events[facility_id]) for facility_id in wanted}


async def as_they_stood(
    facilities: Sequence[FacilityView], as_of: date, now: datetime, viewer: Viewer
) -> list[FacilityView]:
    """The facilities as they stood on a day; from today on, where each is, as they stand now.

    One statement for a day in the past, and none else. What is told of the facility itself, its
    name and ids, is always told as it is now.
    """
    require(viewer, Capability.READ_STATUS)
    past = [
        facility.id for facility in facilities if as_of < local_days(facility.country, now).today
    ]
    read = await _read(past, "events", viewer)
    return [
        as_it_stood(facility, read[facility.id], as_of, viewer) if facility.id in read else facility
        for facility in facilities
    ]


def as_it_stood(
    facility: FacilityView, events: str | None, as_of: date, viewer: Viewer
) -> FacilityView:
    """The same for one facility and a day in the past, from what a view has of its events."""
    return in_state(facility, states_on(facility.country, events, as_of, viewer))


async def grants_of(ids: Iterable[int], viewer: Viewer) -> dict[int, tuple[GrantView, ...]]:
    """Facility id to whom it shares its data with now, longest first; a brand sees only itself."""
    require(viewer, Capability.READ_SHARING)
    return {
        facility_id: grants_of_view(grants)
        for facility_id, grants in (await _read(ids, "grants", viewer)).items()
    }


async def cycles_now(ids: Iterable[int], viewer: Viewer) -> dict[int, tuple[CycleView, ...]]:
    """Facility id to its service cycles, the present one last; none if it is not seen."""
    require(viewer, Capability.READ_STATUS)
    return {
        facility_id: () if cycles is None else cycles_of_view(cycles, viewer)
        for facility_id, cycles in (await _read(ids, "cycles", viewer)).items()
    }


async def _read(ids: Iterable[int], column: str, viewer: Viewer) -> dict[int, str | None]:
    """Facility id to what one of the columns holds; None if it is not seen. In one statement."""
    wanted = sorted(set(ids))
    views = await facilities_by_id(wanted, viewer, FacilityReads((column,)))
    return {
        facility_id: None if view is None else getattr(view, column)
        for facility_id, view in zip(wanted, views, strict=True)
    }


def in_state(facility: FacilityView, states: Sequence[FacilityState]) -> FacilityView:
    """The facility in another state of its own; its name, ids and version stay.

    The state is the last one, after those at the ends of the service cycles before.
    """
    state = states[-1]
    return facility.having(
        decision_key=state.profile.key,
        cycle=state.cycle,
        last_event=state.last_sequence,
        state=state,
        contested=state.contested or None,
        cycles=states,
    )


def _day(name: str, cursor: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise cursor_refused(name, cursor, HISTORY_ORDER) from None
