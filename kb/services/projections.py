"""Projections: where each facility stands, kept so that reading is one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise.transactions import in_transaction

from kb.models import Facility, FacilityProjection, WorkflowEvent
from kb.rules.events import Event, EventKind, FacilityState, fold_cycles

BATCH = 500

Progress = Callable[[int, int], None]  # how many are done, of how many

# The columns that the events decide; the others only say which row it is.
_COLUMNS = ("is_current", "name", "country", "decision_key", "last_event_sequence", "state")


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What rebuilding found: how many facilities, and what was not as their events have it."""

    facilities: int
    differences: tuple[str, ...]


def event_of(row: WorkflowEvent) -> Event:
    """The event as the rules read it."""
    return Event(EventKind(row.kind), row.occurred_on, row.sequence, row.payload)


def projected(facility: Facility, events: Iterable[WorkflowEvent]) -> list[FacilityProjection]:
    """The rows that a facility's events make, one for each service cycle, not yet saved."""
    rows = list(events)
    states = fold_cycles(facility.country, map(event_of, rows))
    # Not the clock: the same events make the same rows.
    updated_at = max((row.recorded_at for row in rows), default=facility.created_at)
    return [
        _row(facility, state, is_current=state is states[-1], updated_at=updated_at)
        for state in states
    ]


async def project(facility: Facility) -> None:
    """Write the rows of one facility anew. Call it in the transaction that wrote the event."""
    events = await WorkflowEvent.filter(facility_id=facility.id)
    await _replace([facility.id], projected(facility, events))


async def rebuild(progress: Progress = lambda done, total: None) -> Rebuilt:
    """Compute all projections from the events, mend what differs, and tell what did.

    Nothing differs unless somebody changed the rows by hand or a rule for events has changed.
    """
    total = await Facility.all().count()
    differences: list[str] = []
    done = last_id = 0
    while True:
        async with in_transaction():
            # Locked, so that nobody records an event between reading and writing.
            batch = (
                await Facility.filter(id__gt=last_id)
                .order_by("id")
                .limit(BATCH)
                .select_for_update()
            )
            if not batch:
                return Rebuilt(done, tuple(differences))
            differences += await _mend(batch)
        done, last_id = done + len(batch), batch[-1].id
        progress(done, total)


async def _mend(batch: list[Facility]) -> list[str]:
    ids = [facility.id for facility in batch]
    events: dict[int, list[WorkflowEvent]] = defaultdict(list)
    for event in await WorkflowEvent.filter(facility_id__in=ids):
        events[event.facility_id].append(event)
    held: dict[int, dict[int, FacilityProjection]] = defaultdict(dict)
    for row in await FacilityProjection.filter(facility_id__in=ids):
        held[row.facility_id][row.cycle_number] = row

    told: list[str] = []
    mended: dict[int, list[FacilityProjection]] = {}
    for facility in batch:
        rows = projected(facility, events[facility.id])
        found = list(_differences(facility, held[facility.id], rows))
        if found:
            told += found
            mended[facility.id] = rows
    await _replace(list(mended), [row for rows in mended.values() for row in rows])
    return told


def _differences(
    facility: Facility, held: dict[int, FacilityProjection], rows: list[FacilityProjection]
) -> Iterator[str]:
    made = {row.cycle_number: row for row in rows}
    for cycle in sorted(held.keys() | made.keys()):
        place = f"facility {facility.id} ({facility.name}), cycle {cycle}"
        if cycle not in made:
            yield f"{place}: a row without events was removed"
        elif cycle not in held:
            yield f"{place}: the missing row was added"
        else:
            for column in _COLUMNS:
                old, new = getattr(held[cycle], column), getattr(made[cycle], column)
                if old != new:
                    yield f"{place}: {column} was {old!r}, by the events it is {new!r}"


async def _replace(ids: list[int], rows: list[FacilityProjection]) -> None:
    if ids:
        await FacilityProjection.filter(facility_id__in=ids).delete()
        await FacilityProjection.bulk_create(rows)


def _row(
    facility: Facility, state: FacilityState, *, is_current: bool, updated_at: datetime
) -> FacilityProjection:
    return FacilityProjection(
        facility_id=facility.id,
        cycle_number=state.cycle,
        is_current=is_current,
        name=facility.name,
        country=facility.country,
        decision_key=state.profile.key,
        last_event_sequence=state.last_sequence,
        state=_kept(state),
        updated_at=updated_at,
    )


def _kept(state: FacilityState) -> dict[str, Any]:
    return {
        "opened_on": state.opened_on.isoformat() if state.opened_on else None,
        "closed_on": state.closed_on.isoformat() if state.closed_on else None,
        "step_dates": {code: day.isoformat() for code, day in state.step_dates.items()},
    }
