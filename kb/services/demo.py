"""Demo facilities: clearly synthetic, the same for the same seed, with every route among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from tortoise.transactions import in_transaction

from kb.errors import InvalidInputError
from kb.models import Facility, FacilityProjection, ServiceCycle, SharingGrant, WorkflowEvent
from kb.rules.events import Event, EventKind
from kb.rules.rulebook import Actor
from kb.services.demo_stories import OS_ID_PREFIX, DemoFacility, demo_facility
from kb.services.projections import projected

SEED = 2021
EXAMPLE_IDS = tuple(f"{OS_ID_PREFIX}{number:06d}" for number in (1, 2, 38, 41))
MOST = 999_999
BATCH = 1_000

# Who records what; a facility's own acts are the facility's.
_RECORDED_BY = {
    EventKind.FACILITY_REGISTERED: Actor.HELPDESK,
    EventKind.ENROLLED: Actor.COUNTRY_PROGRAMME,
    EventKind.ELIGIBILITY_RECORDED: Actor.COUNTRY_PROGRAMME,
    EventKind.CYCLE_OPENED: Actor.COUNTRY_PROGRAMME,
    EventKind.CYCLE_CLOSED: Actor.COUNTRY_PROGRAMME,
    EventKind.ROUTED_TO_VERIFIER_BODY: Actor.COUNTRY_PROGRAMME,
    EventKind.PLATFORM_SET_UP: Actor.FOCAL_POINT,
    EventKind.GATEWAY_INVITATION_SENT: Actor.BETTER_WORK,
    EventKind.LINKED: Actor.BETTER_WORK,
    EventKind.ASSESSED: Actor.BETTER_WORK,
    EventKind.REPORT_POSTED: Actor.BETTER_WORK,
    EventKind.DATA_SUBMITTED: Actor.BETTER_WORK,
    EventKind.PROFILE_APPROVED: Actor.SLCP,
    EventKind.PROFILE_RETURNED: Actor.SLCP,
}

Progress = Callable[[int, int], None]  # how many are made, of how many


@dataclass(frozen=True, slots=True)
class Made:
    """How many demo facilities were made now, and how many there are."""

    created: int
    total: int


async def make_demo(
    count: int, seed: int = SEED, progress: Progress = lambda done, total: None
) -> Made:
    """Make demo facilities with events and projections, all of them or none.

    Does nothing when at least as many are there. InvalidInputError when there are fewer but some,
    or facilities that are not demo ones, which must not be mixed with them.
    """
    if not 1 <= count <= MOST:
        raise InvalidInputError("count", count, f"1 to {MOST}")
    async with in_transaction():
        held = await Facility.all().count()
        demo = await Facility.filter(os_id__startswith=OS_ID_PREFIX).count()
        if held > demo:
            raise InvalidInputError(
                "count",
                count,
                f"no demo facilities at all, because this database holds {held - demo} that are "
                "none; use another one (KB_DATABASE_URL)",
            )
        if demo >= count:
            return Made(0, demo)
        if demo:
            raise InvalidInputError(
                "count",
                count,
                f"at most {demo}, because this database holds that many demo facilities and keeps "
                "their events for good; for more use another one (KB_DATABASE_URL)",
            )
        for start in range(1, count + 1, BATCH):
            numbers = range(start, min(start + BATCH, count + 1))
            await _write([demo_facility(number, seed) for number in numbers])
            progress(numbers[-1], count)
    return Made(count, count)


async def _write(batch: Sequence[DemoFacility]) -> None:
    """Write a batch; ids are read back, because the database gives them."""
    await Facility.bulk_create(
        Facility(
            name=one.name,
            country=one.country,
            os_id=one.os_id,
            gateway_id=one.gateway_id,
            better_work_id=one.better_work_id,
            created_at=_noon(one.events[0].occurred_on),
        )
        for one in batch
    )
    events = {one.os_id: one.events for one in batch}
    facilities = await Facility.filter(os_id__in=list(events)).order_by("id")
    cycles = [
        ServiceCycle(facility_id=facility.id, number=number, opened_on=opened, closed_on=closed)
        for facility in facilities
        for number, (opened, closed) in enumerate(_cycles(events[facility.os_id or ""]), start=1)
    ]
    await ServiceCycle.bulk_create(cycles)
    numbers = await ServiceCycle.filter(facility_id__in=[one.id for one in facilities]).values_list(
        "facility_id", "number", "id"
    )
    cycle_ids = {(facility, number): id_ for facility, number, id_ in numbers}

    rows: list[WorkflowEvent] = []
    projections: list[FacilityProjection] = []
    grants: list[SharingGrant] = []
    for facility in facilities:
        told = events[facility.os_id or ""]
        recorded = _recorded(facility.id, told, cycle_ids)
        rows += recorded
        projections += projected(facility, recorded)
        grants += _grants(facility.id, told)
    await WorkflowEvent.bulk_create(rows)
    await FacilityProjection.bulk_create(projections)
    await SharingGrant.bulk_create(grants)


def _cycles(events: Sequence[Event]) -> list[tuple[date, date | None]]:
    """The day on which each service cycle was opened, and on which it was closed."""
    cycles: list[tuple[date, date | None]] = []
    for event in events:
        if event.kind is EventKind.CYCLE_OPENED:
            cycles.append((event.occurred_on, None))
        elif event.kind is EventKind.CYCLE_CLOSED:
            cycles[-1] = (cycles[-1][0], event.occurred_on)
    return cycles


def _recorded(
    facility_id: int, events: Sequence[Event], cycle_ids: Mapping[tuple[int, int], int]
) -> list[WorkflowEvent]:
    rows = []
    cycle = 0
    for event in events:
        cycle += event.kind is EventKind.CYCLE_OPENED
        rows.append(
            WorkflowEvent(
                facility_id=facility_id,
                cycle_id=cycle_ids.get((facility_id, cycle)),
                sequence=event.sequence,
                kind=event.kind,
                occurred_on=event.occurred_on,
                recorded_at=_noon(event.occurred_on),
                actor_role=_RECORDED_BY.get(event.kind, Actor.FACILITY),
                actor="Demo data",
                payload=event.payload,
            )
        )
    return rows


def _grants(facility_id: int, events: Sequence[Event]) -> list[SharingGrant]:
    grants: list[SharingGrant] = []
    for event in events:
        told = event.payload
        if event.kind is EventKind.SHARED:
            grants.append(
                SharingGrant(
                    facility_id=facility_id, granted_on=event.occurred_on, revoked_on=None, **told
                )
            )
        elif event.kind is EventKind.UNSHARED:
            for grant in grants:
                if (grant.grantee_kind, grant.grantee) == (told["grantee_kind"], told["grantee"]):
                    grant.revoked_on = grant.revoked_on or event.occurred_on
    return grants


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)
