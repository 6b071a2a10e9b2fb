"""Events of facilities as they are shown, and pages of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any

import orjson

from kb.rules.events import Event, EventKind
from kb.rules.on_behalf import ON_BEHALF_OF
from kb.services.access.matrix import Capability, Viewer
from kb.services.access.scope import Scope, among_covered
from kb.services.paging import PageRequest, encode_cursor

HISTORY_ORDER = "HISTORY"
_KINDS = {kind.value: kind for kind in EventKind}
_WORDS = ("reason",)
"""Parts of a payload that somebody wrote for the facility, and that may name people."""
_HIDDEN = frozenset((*_WORDS, ON_BEHALF_OF))
"""Parts of a payload that not everybody may know, at least not whole."""


@dataclass(slots=True)  # a frozen one takes several times as long to make
class RecordedEvent:
    """An event with who recorded it and when; `cycle` is the service cycle it fell into, or 0.

    Instances are never changed.
    """

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
        event, payload = self.event, self.event.payload
        if not _HIDDEN.isdisjoint(payload):
            shown = {name: value for name, value in payload.items() if name not in _WORDS}
            if ON_BEHALF_OF in shown:
                shown[ON_BEHALF_OF] = {**shown[ON_BEHALF_OF], "person": None}
            event = replace(event, payload=shown)
        elif self.actor is None:
            return self
        return RecordedEvent(
            self.id, event, self.cycle, self.recorded_at, self.actor_role, actor=None
        )


@dataclass(slots=True)  # a frozen one takes several times as long to make
class HistoryPage:
    """A part of a facility's history, oldest first. Instances are never changed.

    `places` tells of each event, by its id, its place among those of its day. A cursor is a day and
    a place among the events of that day that the viewer sees: it tells nothing of those that the
    viewer does not see, and stays valid because events are only added.
    """

    rows: tuple[RecordedEvent, ...]
    places: Mapping[int, int]
    has_next: bool
    has_previous: bool

    def cursor_of(self, recorded: RecordedEvent) -> str:
        """The cursor of an event of the page."""
        day = recorded.event.occurred_on.isoformat()
        return encode_cursor(HISTORY_ORDER, day, self.places[recorded.id])


_NO_EVENTS = HistoryPage((), {}, False, False)


def history_page(
    placed: Sequence[tuple[RecordedEvent, int]],
    page: PageRequest,
    *,
    more: bool | None = None,
) -> HistoryPage:
    """A page of events with their places in their days.

    `more` is whether there are others in that direction; else one too many was read to tell.
    """
    more, shown = (
        len(placed) > page.size if more is None else more,
        placed[: page.size],
    )
    if page.backwards:
        shown = shown[::-1]
    ends = (page.before is not None, more) if page.backwards else (more, page.after is not None)
    rows = tuple(recorded for recorded, _ in shown)
    return HistoryPage(rows, {recorded.id: place for recorded, place in shown}, *ends)


def recorded_event(
    id_: int,
    sequence: int,
    kind: str,
    occurred_on: date | str,
    recorded_at: datetime | str,
    actor_role: str,
    actor: str | None,
    payload: Mapping[str, Any] | str,
    cycle: int | None,
) -> RecordedEvent:
    """An event as a statement reads it: SQLite, and JSON, have days and moments as texts."""
    at = datetime.fromisoformat(recorded_at) if isinstance(recorded_at, str) else recorded_at
    event = event_as_read(sequence, kind, occurred_on, payload)
    return RecordedEvent(id_, event, cycle or 0, at, actor_role, actor)


def event_as_read(
    sequence: int, kind: str, occurred_on: date | str, payload: Mapping[str, Any] | str
) -> Event:
    """An event as the rules read it, as a statement reads it: SQLite has days as texts."""
    day = date.fromisoformat(occurred_on) if isinstance(occurred_on, str) else occurred_on
    parts = orjson.loads(payload) if isinstance(payload, str) else payload
    return Event(_KINDS[kind], day, sequence, parts)


class _Unread:
    """Stands for a column that was not read; whoever shows it gets an error."""

    def __repr__(self) -> str:
        raise AttributeError("this was not read")


_UNREAD = _Unread()


def event_of_kind(kind: str, occurred_on: date | str) -> RecordedEvent:
    """An event of which nothing else was read: views of facilities have the day as a text."""
    day = date.fromisoformat(occurred_on) if isinstance(occurred_on, str) else occurred_on
    unread: Any = _UNREAD
    event = Event(_KINDS[kind], day, unread, unread)
    return RecordedEvent(unread, event, unread, unread, unread, unread)


def may_be_read_ahead(page: PageRequest, viewer: Viewer) -> bool:
    """Whether `read_ahead` can read a page of a history: the first events, or the last ones."""
    return viewer.may(Capability.READ_HISTORY) and page.after is None and page.before is None


_ALWAYS_AHEAD = {
    "id": "e.id",
    "sequence": "e.sequence",
    "kind": "e.kind",
    "occurred_on": "e.occurred_on",
}
READ_AHEAD = {
    "recorded_at": "e.recorded_at",
    "actor_role": "e.actor_role",
    "actor": "e.actor",
    "payload": "e.payload",
    "cycle": "(SELECT c.number FROM service_cycle c WHERE c.id = e.cycle_id)",
}
"""Fields of events that are read ahead where they are asked for, with their columns."""
PLACE = "place"
"""Stands among such fields where cursors are asked for, and whether there are more events."""


@lru_cache(maxsize=100)
def _in_order(
    fields: tuple[str, ...], sees_actors: bool
) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    """What puts a row that was read ahead in the order of `recorded_event`.

    After it there come what stands for a field that was not read, and None.
    """
    places = {name: place for place, name in enumerate((*_ALWAYS_AHEAD, *fields))}
    if not sees_actors:
        places["actor"] = -1
    return itemgetter(*(places.get(name, -2) for name in (*_ALWAYS_AHEAD, *READ_AHEAD)))


def read_ahead(page: PageRequest, fields: Sequence[str], scope: Scope, *, sqlite: bool) -> str:
    """The column of a statement on facilities that holds a page of the history of each, as JSON.

    Of the fields in `READ_AHEAD` it has those that are named, and without `PLACE` the first or last
    events alone; a single one is in no list. Of facilities of which the viewer sees the status only
    there is none.
    """
    columns = _ALWAYS_AHEAD | {name: READ_AHEAD[name] for name in fields if name != PLACE}
    among = "" if scope.every_event else f" AND {{}}.kind {among_covered(scope)}"
    if PLACE in fields and page.backwards:  # from the beginning, places are counted later
        columns[PLACE] = (
            "(SELECT COUNT(*) FROM workflow_event d WHERE d.facility_id = e.facility_id "
            f"AND d.occurred_on = e.occurred_on AND d.sequence <= e.sequence{among.format('d')})"
        )
    down = " DESC" if page.backwards else ""
    events = (
        f"FROM workflow_event e WHERE e.facility_id = p.facility_id{among.format('e')} "
        f"AND NOT {scope.status_only} "
        f"ORDER BY e.occurred_on{down}, e.sequence{down} LIMIT {page.size + (PLACE in fields)}"
    )
    array, list_ = (
        ("json_array", "json_group_array") if sqlite else ("json_build_array", "json_agg")
    )

    def values(terms: Mapping[str, str]) -> str:
        as_json = [
            f"json({term})" if sqlite and name == "payload" else term
            for name, term in terms.items()
        ]
        return f"{array}({', '.join(as_json)})"

    if _is_one(page, fields):  # without a list PostgreSQL takes two thirds of the time
        return f"(SELECT {values(columns)} {events})"
    named = ", ".join(f"{column} AS {name}" for name, column in columns.items())
    in_list = f"{list_}({values({name: f'h.{name}' for name in columns})})"
    return f"(SELECT {in_list} FROM (SELECT {named} {events}) h)"


def _is_one(page: PageRequest, fields: Sequence[str]) -> bool:
    """Whether a page that is read ahead has one event at the most."""
    return page.size == 1 and PLACE not in fields


def histories_read(
    texts: Sequence[str | None], page: PageRequest, fields: tuple[str, ...], viewer: Viewer
) -> list[HistoryPage]:
    """The pages that the texts of a column of `read_ahead` hold."""
    # All in one go: to begin with a text takes longer than to read a short one.
    columns = orjson.loads(f"[{','.join([text or 'null' for text in texts])}]")
    sees_actors = viewer.may(Capability.READ_ACTORS)
    in_order = _in_order(fields, sees_actors)
    hides = not sees_actors and "payload" in fields

    def event_of(row: Sequence[Any]) -> RecordedEvent:
        id_, sequence, kind, day, recorded_at, actor_role, actor, payload, cycle = in_order(
            (*row, _UNREAD, None)
        )
        if recorded_at is not _UNREAD:
            recorded_at = datetime.fromisoformat(recorded_at)
        event = Event(_KINDS[kind], date.fromisoformat(day), sequence, payload)
        recorded = RecordedEvent(id_, event, cycle or 0, recorded_at, actor_role, actor)
        return recorded.shown_to(viewer) if hides else recorded

    if _is_one(page, fields):
        return [
            HistoryPage((event_of(row),), {}, False, False) if row else _NO_EVENTS
            for row in columns
        ]

    def read(rows: Sequence[Sequence[Any]]) -> HistoryPage:
        events = [event_of(row) for row in rows[: page.size]]
        if PLACE not in fields:
            return HistoryPage(tuple(events[::-1] if page.backwards else events), {}, False, False)
        places = [row[-1] for row in rows] if page.backwards else _places(events)
        placed = list(zip(events, places, strict=False))
        return history_page(placed, page, more=len(rows) > page.size)

    return [read(rows or ()) for rows in columns]


def _places(events: Sequence[RecordedEvent]) -> Sequence[int]:
    """Of events from the first on, the place of each in its day."""
    places = []
    day, place = None, 0
    for recorded in events:
        place = place + 1 if recorded.event.occurred_on == day else 1
        day = recorded.event.occurred_on
        places.append(place)
    return places
