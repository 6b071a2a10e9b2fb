"""Writing events with all that follows from them; the one way in which events come to be."""

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
from kb.services.recording.projections import projected, replace_projections

_OF_CYCLES = (EventKind.CYCLE_OPENED, EventKind.CYCLE_CLOSED)
_OF_GRANTS = (EventKind.SHARED, EventKind.UNSHARED)


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to be written down: what happened, when, and who says so, in what role, when."""

    kind: EventKind
    occurred_on: date
    recorded_at: datetime
    actor_role: str
    actor: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Addition:
    """Events to be added to a facility, in the order in which they are to be recorded."""

    facility: Facility
    events: Sequence[NewEvent]


async def append_events(additions: Sequence[Addition]) -> list[WorkflowEvent]:
    """Write events, chained, with projections, service cycles and sharing grants.

    Call it in a transaction that holds the facilities locked, at most a thousand or so at once.
    Guards, payloads and rights are not looked at. Facilities that had events get a new version.
    Only a single event comes back with its number.
    """
    held: dict[int, list[WorkflowEvent]] = {one.facility.id: [] for one in additions}
    for row in await WorkflowEvent.filter(facility_id__in=list(held)).order_by("sequence"):
        held[row.facility_id].append(row)
    grown = [id_ for id_, rows in held.items() if rows]

    new: dict[int, list[WorkflowEvent]] = {}
    for one in additions:
        last = held[one.facility.id][-1].sequence if held[one.facility.id] else 0
        new[one.facility.id] = [
            _row(one.facility.id, sequence, event)
            for sequence, event in enumerate(one.events, start=last + 1)
        ]
    events = {id_: [event_of(row) for row in (*held[id_], *new[id_])] for id_ in held}
    added = {EventKind(row.kind) for rows in new.values() for row in rows}
    if added & set(_OF_CYCLES):
        await apply(await changes_of_cycles(events))
    await _place_in_cycles(new, events)
    for id_, rows in new.items():
        _chain(rows, held[id_][-1].hash if held[id_] else GENESIS)
    written = [row for rows in new.values() for row in rows]
    if len(written) == 1:
        await written[0].save(force_create=True)
    else:
        await WorkflowEvent.bulk_create(written)
    if added & set(_OF_GRANTS):
        await apply(await changes_of_grants(events))
    made = [
        row
        for one in additions
        for row in projected(one.facility, (*held[one.facility.id], *new[one.facility.id]))
    ]
    shared = [id_ for id_ in grown if any(row.kind == EventKind.SHARED for row in held[id_])]
    await replace_projections(grown, shared, made)
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
        idempotency_key=event.idempotency_key,
    )


async def _place_in_cycles(
    new: Mapping[int, Sequence[WorkflowEvent]], events: Mapping[int, Sequence[Event]]
) -> None:
    """Tell each new event the service cycle that it falls into."""
    wanted = [
        id_
        for id_, told in events.items()
        if any(event.kind is EventKind.CYCLE_OPENED for event in told)
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
