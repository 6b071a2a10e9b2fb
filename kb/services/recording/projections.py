"""Projections: where each facility stands, kept so that reading is one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import (
    Awaitable,
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise.transactions import in_transaction

from kb.models import Facility, FacilityProjection, WorkflowEvent
from kb.models.facilities import event_of
from kb.progress import ProgressReport, no_report
from kb.rules.events import FacilityState, fold_cycles
from kb.services.recording.cycles_and_grants import (
    Change,
    apply,
    changes_of_cycles,
    changes_of_grants,
)

BATCH = 500


# The columns that the events decide; the others only say which row it is.
_COLUMNS = ("is_current", "name", "country", "decision_key", "last_event_sequence", "state")


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What rebuilding found: how many facilities, and what was not as their events have it."""

    facilities: int
    differences: tuple[str, ...]


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


async def rebuild(progress: ProgressReport = no_report) -> Rebuilt:
    """Compute all projections from the events, mend what differs, and tell what did.

    Service cycles and sharing grants follow from the events too and are mended likewise. Nothing
    differs unless somebody changed rows by hand or a rule for events has changed.
    """
    told: list[str] = []

    async def mend(batch: Sequence[Facility]) -> None:
        told.extend(await _mend(batch, await events_by_facility(batch)))

    return Rebuilt(await for_all_facilities(mend, progress), tuple(told))


async def for_all_facilities(
    work: Callable[[Sequence[Facility]], Awaitable[None]], progress: ProgressReport
) -> int:
    """Do something with all facilities, some at a time, and tell how many there were.

    Each batch has a transaction in which nobody else records an event of its facilities.
    """
    total = await Facility.all().count()
    done = last_id = 0
    while True:
        async with in_transaction():
            rest = Facility.filter(id__gt=last_id).order_by("id").limit(BATCH)
            batch = await rest.select_for_update()
            if not batch:
                return done
            await work(batch)
        done, last_id = done + len(batch), batch[-1].id
        progress(done, total)


async def events_by_facility(batch: Iterable[Facility]) -> dict[int, list[WorkflowEvent]]:
    """The events of each facility, in the order in which they were recorded."""
    events: dict[int, list[WorkflowEvent]] = {facility.id: [] for facility in batch}
    for event in await WorkflowEvent.filter(facility_id__in=list(events)).order_by("sequence"):
        events[event.facility_id].append(event)
    return events


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not as the events of a facility have it."""

    facility: Facility
    told: str

    def __str__(self) -> str:
        return f"facility {self.facility.id} ({self.facility.name}), {self.told}"


async def differences(
    batch: Sequence[Facility], events: Mapping[int, Sequence[WorkflowEvent]]
) -> tuple[list[Difference], list[FacilityProjection], list[Change]]:
    """What is not as the events have it, the projections to put right, and the other changes."""
    held: dict[int, dict[int, FacilityProjection]] = defaultdict(dict)
    for row in await FacilityProjection.filter(facility_id__in=list(events)):
        held[row.facility_id][row.cycle_number] = row
    found: list[Difference] = []
    rows: list[FacilityProjection] = []
    for facility in batch:
        made = projected(facility, events[facility.id])
        told = list(_differences(held[facility.id], made))
        if told:
            found += [Difference(facility, one) for one in told]
            rows += made
    by_id = {facility.id: facility for facility in batch}
    of_rules = {id_: [event_of(row) for row in of] for id_, of in events.items()}
    changes = [*await changes_of_cycles(of_rules), *await changes_of_grants(of_rules)]
    found += [Difference(by_id[change.row.facility_id], change.told) for change in changes]
    return found, rows, changes


async def replace_projections(ids: Collection[int], rows: Iterable[FacilityProjection]) -> None:
    """Write the projections of facilities, in place of those that the ones in `ids` have."""
    if ids:
        await FacilityProjection.filter(facility_id__in=list(ids)).delete()
    await FacilityProjection.bulk_create(rows)


async def _mend(
    batch: Sequence[Facility], events: Mapping[int, Sequence[WorkflowEvent]]
) -> list[str]:
    found, rows, changes = await differences(batch, events)
    if rows:
        await replace_projections({row.facility_id for row in rows}, rows)
    await apply(changes)
    return [str(one) for one in found]


def _differences(
    held: Mapping[int, FacilityProjection], rows: Iterable[FacilityProjection]
) -> Iterator[str]:
    made = {row.cycle_number: row for row in rows}
    for cycle in sorted(held.keys() | made.keys()):
        place = f"cycle {cycle}"
        if cycle not in made:
            yield f"{place}: a row without events was removed"
        elif cycle not in held:
            yield f"{place}: the missing row was added"
        else:
            for column in _COLUMNS:
                old, new = getattr(held[cycle], column), getattr(made[cycle], column)
                if old != new:
                    yield f"{place}: {column} was {old!r}, by the events it is {new!r}"


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
