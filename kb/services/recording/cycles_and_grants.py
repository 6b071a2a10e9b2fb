"""Service cycles and sharing grants: rows that follow from a facility's events, as projections do.

Other rows refer to these, so they are kept and changed where the events have it, not made anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from kb.models import ServiceCycle, SharingGrant
from kb.rules.events import Event, EventKind

Days = tuple[date, date | None]
"""When something began, and when it ended, if it has."""

GrantKey = tuple[str, str, str]
"""Kind of recipient, recipient, channel."""


@dataclass(frozen=True, slots=True)
class RowChange:
    """What must be done to a row so that it is as the events have it; `values` is empty to delete.

    A row without a number is still to be added.
    """

    row: ServiceCycle | SharingGrant
    values: Mapping[str, Any]
    problem: str


def in_order(events: Iterable[Event]) -> list[Event]:
    """Events in the order in which they happened."""
    return sorted(events, key=lambda event: (event.occurred_on, event.sequence))


def cycles_of_events(events: Iterable[Event]) -> list[Days]:
    """When each service cycle was opened and closed."""
    cycles: list[Days] = []
    for event in in_order(events):
        if event.kind is EventKind.CYCLE_OPENED:
            cycles.append((event.occurred_on, None))
        elif event.kind is EventKind.CYCLE_CLOSED and cycles:
            cycles[-1] = (cycles[-1][0], event.occurred_on)
    return cycles


def grants_of_events(events: Iterable[Event]) -> dict[GrantKey, list[Days]]:
    """When each grant was given and taken back; sharing again what is shared changes nothing."""
    grants: dict[GrantKey, list[Days]] = defaultdict(list)
    for event in in_order(events):
        payload = event.payload
        if event.kind is EventKind.SHARED:
            days = grants[payload["grantee_kind"], payload["grantee"], payload["channel"]]
            if not days or days[-1][1] is not None:
                days.append((event.occurred_on, None))
        elif event.kind is EventKind.UNSHARED:
            for (kind, grantee, _), days in grants.items():
                named = (kind, grantee) == (payload["grantee_kind"], payload["grantee"])
                if named and days[-1][1] is None:
                    days[-1] = (days[-1][0], event.occurred_on)
    return grants


def brands_in_sight(events: Iterable[Event]) -> set[str]:
    """The brands that the facility lets see where it stands, besides those that it shares with."""
    brands: set[str] = set()
    for event in in_order(events):
        if event.kind is EventKind.SIGHT_GRANTED:
            brands.add(event.payload["grantee"])
        elif event.kind is EventKind.SIGHT_WITHDRAWN:
            brands.discard(event.payload["grantee"])
    return brands


def cycles_of(events: Iterable[Event]) -> dict[int, int]:
    """Sequence number of an event to the service cycle that it falls into, 0 before the first."""
    cycles, cycle = {}, 0
    for event in in_order(events):
        cycle += event.kind is EventKind.CYCLE_OPENED
        cycles[event.sequence] = cycle
    return cycles


async def changes_of_cycles(events: Mapping[int, Sequence[Event]]) -> list[RowChange]:
    """Changes that make the stored service cycles those of the events, by facility."""
    stored: dict[int, list[ServiceCycle]] = defaultdict(list)
    for row in await ServiceCycle.filter(facility_id__in=list(events)).order_by("number"):
        stored[row.facility_id].append(row)
    return [
        change
        for facility, recorded in events.items()
        for change in _cycle_changes(facility, stored[facility], cycles_of_events(recorded))
    ]


async def changes_of_grants(events: Mapping[int, Sequence[Event]]) -> list[RowChange]:
    """Changes that make the stored sharing grants those of the events, by facility."""
    stored: dict[int, dict[GrantKey, list[SharingGrant]]] = defaultdict(lambda: defaultdict(list))
    rows = SharingGrant.filter(facility_id__in=list(events)).order_by("granted_on", "id")
    for row in await rows:
        stored[row.facility_id][row.grantee_kind, row.grantee, row.channel].append(row)
    return [
        change
        for facility, recorded in events.items()
        for change in _grant_changes(facility, stored[facility], grants_of_events(recorded))
    ]


async def apply(changes: Iterable[RowChange]) -> None:
    """Make the changes, in their order; rows to add come last and at once."""
    added: dict[type[ServiceCycle] | type[SharingGrant], list[Any]] = defaultdict(list)
    for change in changes:
        if change.row.pk is None:
            added[type(change.row)].append(change.row)
        elif change.values:
            change.row.update_from_dict(dict(change.values))
            await change.row.save(update_fields=list(change.values))
        else:
            await change.row.delete()
    for model, rows in added.items():
        await model.bulk_create(rows)


def _cycle_changes(
    facility: int, rows: Sequence[ServiceCycle], cycles: Sequence[Days]
) -> Iterator[RowChange]:
    # A row stays with its cycle, known by the day it was opened: events refer to it. Numbers only
    # rise, when an earlier cycle becomes known later, so the highest is changed first.
    left = list(rows)
    for number, (opened, closed) in reversed(list(enumerate(cycles, start=1))):
        row = next((row for row in reversed(left) if row.opened_on == opened), None)
        if row is None:
            made = ServiceCycle(
                facility_id=facility, number=number, opened_on=opened, closed_on=closed
            )
            yield RowChange(made, {}, f"service cycle {number} was missing")
            continue
        left.remove(row)
        if (row.number, row.closed_on) != (number, closed):
            values = {"number": number, "closed_on": closed}
            yield RowChange(row, values, f"service cycle {row.number} was not as by the events")
    for row in left:
        yield RowChange(row, {}, f"service cycle {row.number} has no event")


def _grant_changes(
    facility: int,
    stored: Mapping[GrantKey, Sequence[SharingGrant]],
    grants: Mapping[GrantKey, Sequence[Days]],
) -> Iterator[RowChange]:
    for key in sorted(stored.keys() | grants.keys()):
        kind, grantee, channel = key
        name = f"the grant to {grantee} by {channel}"
        rows, days = stored.get(key, ()), grants.get(key, ())
        for row in rows[len(days) :]:
            yield RowChange(row, {}, f"{name} has no event")
        for row, (granted, revoked) in zip(rows, days, strict=False):
            if (row.granted_on, row.revoked_on) != (granted, revoked):
                values = {"granted_on": granted, "revoked_on": revoked}
                yield RowChange(row, values, f"{name} was not as by the events")
        for granted, revoked in days[len(rows) :]:
            made = SharingGrant(
                facility_id=facility,
                grantee_kind=kind,
                grantee=grantee,
                channel=channel,
                granted_on=granted,
                revoked_on=revoked,
            )
            yield RowChange(made, {}, f"{name} was missing")
