"""Writes events with everything that follows from them. No event is written in another way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from tortoise.expressions import F

from kb.models import Facility, ServiceCycle, WorkflowEvent
from kb.models.chain import GENESIS, event_hash
from kb.models.facilities import event_of
from kb.rules.events import Event, EventKind
from kb.services.recording.cycles_and_grants import (
    apply,
    changes_of_cycles,
    changes_of_grants,
    cycles_of,
)
from kb.services.recording.projections import (
    projected,
    remove_projections,
    write_projections,
)

_OF_CYCLES = (EventKind.CYCLE_OPENED, EventKind.CYCLE_CLOSED)
_OF_GRANTS = (EventKind.SHARED, EventKind.UNSHARED)
# After these there may be rows less: the one before the first cycle, those of a brand.
_ENDING_ROWS = (EventKind.CYCLE_OPENED, EventKind.UNSHARED, EventKind.SIGHT_WITHDRAWN)


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to be written down: what happened, when, and who says so, in what role, when."""

    kind: EventKind
    occurred_on: date
    recorded_at: datetime
    actor_role: str
    actor: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Addition:
    """Events to be added to a facility, in the order in which they are to be recorded.

    `recorded` are those that the facility has, by sequence, if they were read under its lock
    already.
    """

    facility: Facility
    events: Sequence[NewEvent]
    recorded: Sequence[WorkflowEvent] | None = None


async def append_events(additions: Sequence[Addition]) -> list[WorkflowEvent]:
    """Write events, chained, with projections, service cycles and sharing grants.

    Call it in a transaction that holds the facilities locked, at most a thousand or so at once.
    Guards, payloads and rights are not looked at. Facilities that had events get a new version.
    Only a single event comes back with its number.
    """
    recorded = {addition.facility.id: list(addition.recorded or ()) for addition in additions}
    unread = [addition.facility.id for addition in additions if addition.recorded is None]
    if unread:
        for row in await WorkflowEvent.filter(facility_id__in=unread).order_by("sequence"):
            recorded[row.facility_id].append(row)
    grown = [id_ for id_, rows in recorded.items() if rows]

    new: dict[int, list[WorkflowEvent]] = {}
    for addition in additions:
        last = recorded[addition.facility.id][-1].sequence if recorded[addition.facility.id] else 0
        new[addition.facility.id] = [
            _row(addition.facility.id, sequence, event)
            for sequence, event in enumerate(addition.events, start=last + 1)
        ]
    events = {id_: [event_of(row) for row in (*recorded[id_], *new[id_])] for id_ in recorded}
    added = {EventKind(row.kind) for rows in new.values() for row in rows}
    if added & set(_OF_CYCLES):
        await apply(await changes_of_cycles(events))
    await _place_in_cycles(new, events)
    for id_, rows in new.items():
        _chain(rows, recorded[id_][-1].hash if recorded[id_] else GENESIS)
    written = [row for rows in new.values() for row in rows]
    if len(written) == 1:
        await written[0].save(force_create=True)
    else:
        await WorkflowEvent.bulk_create(written)
    if added & set(_OF_GRANTS):
        await apply(await changes_of_grants(events))
    made = [
        row
        for addition in additions
        for row in projected(
            addition.facility, (*recorded[addition.facility.id], *new[addition.facility.id])
        )
    ]
    await remove_projections(
        [id_ for id_ in grown if any(row.kind in _ENDING_ROWS for row in new[id_])]
    )
    await write_projections(made)
    if grown:
        await Facility.filter(id__in=grown).update(version=F("version") + 1)
    return written


def _row(facility_id: int, sequence: int, event: NewEvent) -> WorkflowEvent:
    return WorkflowEvent(
        facility_id=facility_id,
        sequence=sequence,
        kind=event.kind,
        occurred_on=event.occurred_on,
        recorded_at=event.recorded_at,
        actor_role=event.actor_role,
        actor=event.actor,
        payload=dict(event.payload),
    )


async def _place_in_cycles(
    new: Mapping[int, Sequence[WorkflowEvent]], events: Mapping[int, Sequence[Event]]
) -> None:
    """Give each new event the service cycle that it falls into."""
    wanted = [
        id_
        for id_, recorded in events.items()
        if any(event.kind is EventKind.CYCLE_OPENED for event in recorded)
    ]
    if not wanted:
        return
    ids: dict[int, dict[int, int]] = defaultdict(dict)
    rows = ServiceCycle.filter(facility_id__in=wanted)
    for facility, number, id_ in await rows.values_list("facility_id", "number", "id"):
        ids[facility][number] = id_
    for facility in wanted:
        cycles = cycles_of(events[facility])
        for row in new[facility]:
            row.cycle_id = ids[facility].get(cycles[row.sequence])


def _chain(rows: Sequence[WorkflowEvent], last: str) -> None:
    for row in rows:
        row.previous_hash = last
        row.hash = last = hash_of(row)


def hash_of(row: WorkflowEvent) -> str:
    """The hash that an event must have, by all that is written in it."""
    return event_hash(
        row.previous_hash,
        facility_id=row.facility_id,
        cycle_id=row.cycle_id,
        sequence=row.sequence,
        kind=row.kind,
        occurred_on=row.occurred_on,
        recorded_at=row.recorded_at,
        actor_role=row.actor_role,
        actor=row.actor,
        payload=row.payload,
        idempotency_key=row.idempotency_key,
    )
