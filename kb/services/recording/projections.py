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
from typing import Any

from tortoise.transactions import in_transaction

from kb.models import BrandProjection, Facility, FacilityProjection, WorkflowEvent
from kb.models.facilities import columns_of, event_of
from kb.progress import ProgressReport, no_report
from kb.rules.events import EventKind, without_other_grants
from kb.rules.folding import fold_cycles
from kb.services.access.matrix import BRAND_GRANTEE
from kb.services.access.scope import Scope
from kb.services.recording.cycles_and_grants import (
    RowChange,
    apply,
    brands_in_sight,
    changes_of_cycles,
    changes_of_grants,
    grants_of_events,
)
from kb.services.recording.recount import WrongCount, mend_counts

BATCH = 500


# The columns that the events decide; the others only say which row it is.
_COLUMNS = (
    *("is_current", "name", "country", "os_id", "gateway_id", "better_work_id", "decision_key"),
    *("last_event_sequence", "changed_on", "latest_kind", "contested", "state", "status_only"),
)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What rebuilding found: how many facilities, and what was not as their events have it.

    `counts` are the kept counts that were wrong.
    """

    facilities: int
    differences: tuple[str, ...]
    counts: tuple[WrongCount, ...]


ProjectionRow = FacilityProjection | BrandProjection
# What there is one row for; that of a facility's last cycle comes last, when no other is current.
_PLACES: Mapping[type[ProjectionRow], tuple[str, ...]] = {
    FacilityProjection: ("facility_id", "cycle_number"),
    BrandProjection: ("facility_id", "brand", "cycle_number"),
}


def projected(facility: Facility, events: Iterable[WorkflowEvent]) -> list[ProjectionRow]:
    """The rows that a facility's events make, not yet saved.

    One for each service cycle, and as many for each brand that the facility shares with now.
    """
    rows = list(events)
    made: list[ProjectionRow] = [
        FacilityProjection(**columns) for columns in _columns(facility, rows, Scope())
    ]
    for brand, status_only in _brands(rows).items():
        known = {
            event.sequence
            for event in without_other_grants(map(event_of, rows), BRAND_GRANTEE, brand)
        }
        seen = [row for row in rows if row.sequence in known]
        made += [
            BrandProjection(brand=brand, status_only=status_only, **columns)
            for columns in _columns(facility, seen, Scope(brand=brand))
        ]
    return made


def _brands(rows: Sequence[WorkflowEvent]) -> dict[str, bool]:
    """The brands that may see the facility now: whether each sees its status only."""
    events = [event_of(row) for row in rows]
    sharing = {
        grantee
        for (kind, grantee, _), days in grants_of_events(events).items()
        if kind == BRAND_GRANTEE and days[-1][1] is None
    }
    seeing = brands_in_sight(events)
    return {brand: brand not in sharing for brand in sorted(sharing | seeing)}


def _columns(
    facility: Facility, rows: Sequence[WorkflowEvent], scope: Scope
) -> list[dict[str, Any]]:
    states = fold_cycles(facility.country, map(event_of, rows))
    # Not the clock: the same events make the same rows.
    updated_at = max((row.recorded_at for row in rows), default=facility.created_at)
    covered = (row for row in rows if scope.covers(EventKind(row.kind)))
    latest = max(covered, key=lambda row: (row.occurred_on, row.sequence), default=None)
    return [
        {
            **columns_of(state),
            "facility_id": facility.id,
            "is_current": state is states[-1],
            "name": facility.name,
            "country": facility.country,
            "os_id": facility.os_id,
            "gateway_id": facility.gateway_id,
            "better_work_id": facility.better_work_id,
            "changed_on": latest and latest.occurred_on,
            "latest_kind": latest and latest.kind,
            "updated_at": updated_at,
        }
        for state in states
    ]


async def rebuild(progress: ProgressReport = no_report) -> Rebuilt:
    """Compute all projections from the events and replace those that differ; returns what differed.

    Service cycles, sharing grants and kept counts follow from them and are mended likewise. Nothing
    differs unless somebody changed rows by hand or a rule for events has changed.
    """
    mended: list[str] = []

    async def mend(batch: Sequence[Facility]) -> None:
        mended.extend(await _mend(batch, await events_by_facility(batch)))

    facilities = await for_all_facilities(mend, progress)
    return Rebuilt(facilities, tuple(mended), tuple(await mend_counts()))


async def for_all_facilities(
    work: Callable[[Sequence[Facility]], Awaitable[None]], progress: ProgressReport
) -> int:
    """Run `work` on batches of all facilities; returns how many facilities there are.

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
    problem: str

    def __str__(self) -> str:
        return f"facility {self.facility.id} ({self.facility.name}), {self.problem}"


async def differences(
    batch: Sequence[Facility], events: Mapping[int, Sequence[WorkflowEvent]]
) -> tuple[list[Difference], list[ProjectionRow], list[RowChange]]:
    """What is not as the events have it, the projections to put right, and the other changes."""
    stored: dict[int, list[ProjectionRow]] = defaultdict(list)
    for model in (FacilityProjection, BrandProjection):
        for row in await model.filter(facility_id__in=list(events)):
            stored[row.facility_id].append(row)
    differing: list[Difference] = []
    rows: list[ProjectionRow] = []
    for facility in batch:
        made = projected(facility, events[facility.id])
        problems = list(_differences(stored[facility.id], made))
        if problems:
            differing += [Difference(facility, problem) for problem in problems]
            rows += made
    by_id = {facility.id: facility for facility in batch}
    of_rules = {id_: [event_of(row) for row in of] for id_, of in events.items()}
    changes = [*await changes_of_cycles(of_rules), *await changes_of_grants(of_rules)]
    differing += [Difference(by_id[change.row.facility_id], change.problem) for change in changes]
    return differing, rows, changes


async def write_projections(rows: Iterable[ProjectionRow]) -> None:
    """Write the projections of facilities, in place of those of the same cycles."""
    made: dict[type[ProjectionRow], list[Any]] = {FacilityProjection: [], BrandProjection: []}
    for row in rows:
        made[type(row)].append(row)
    for model, changed in made.items():
        if changed:
            names = model._meta.db_fields - {"id"}
            place = _PLACES[model]
            await model.bulk_create(
                changed, on_conflict=place, update_fields=sorted(names - set(place))
            )


async def remove_projections(ids: Collection[int]) -> None:
    """Remove the projections of facilities."""
    for model in _PLACES if ids else ():
        await model.filter(facility_id__in=list(ids)).delete()


async def _mend(
    batch: Sequence[Facility], events: Mapping[int, Sequence[WorkflowEvent]]
) -> list[str]:
    differing, rows, changes = await differences(batch, events)
    if rows:
        ids = {row.facility_id for row in rows}
        await remove_projections(ids)
        await write_projections(rows)
    await apply(changes)
    return [str(difference) for difference in differing]


def _differences(stored: Iterable[ProjectionRow], rows: Iterable[ProjectionRow]) -> Iterator[str]:
    old = {_place(row): row for row in stored}
    new = {_place(row): row for row in rows}
    for place in sorted(old.keys() | new.keys()):
        cycle, brand = place
        name = f"cycle {cycle} for {brand}" if brand else f"cycle {cycle}"
        if place not in new:
            yield f"{name}: a row without events was removed"
        elif place not in old:
            yield f"{name}: the missing row was added"
        else:
            for column in _COLUMNS:
                before, after = (getattr(row, column, None) for row in (old[place], new[place]))
                if before != after:
                    yield f"{name}: {column} was {before!r}, by the events it is {after!r}"


def _place(row: ProjectionRow) -> tuple[int, str]:
    return row.cycle_number, row.brand if isinstance(row, BrandProjection) else ""
