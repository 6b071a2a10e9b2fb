"""Demo facilities: clearly synthetic, the same for the same seed, with every route among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from tortoise.transactions import in_transaction

from kb.errors import InvalidInputError
from kb.models import Facility
from kb.progress import ProgressReport, no_report
from kb.rules.codes import Actor
from kb.rules.events import Event, EventKind
from kb.rules.os_ids import DEMO_OS_ID
from kb.services.demo.scenarios import DemoFacility, demo_facility
from kb.services.recording.append import Addition, NewEvent, append_events

SEED = 2021
EXAMPLE_IDS = tuple(f"{DEMO_OS_ID}{number:06d}" for number in (1, 2, 38, 41))
MOST = 1_000_000
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


@dataclass(frozen=True, slots=True)
class DemoCount:
    """How many demo facilities were made now, and how many there are."""

    created: int
    total: int


async def make_demo(
    count: int, seed: int = SEED, progress: ProgressReport = no_report
) -> DemoCount:
    """Make demo facilities with events and projections, until there are so many.

    Each batch is there whole or not at all, so who was interrupted calls it again. Does nothing
    when at least as many are there. InvalidInputError when there are fewer, of another seed, or
    facilities that are not demo ones, which must not be mixed with them.
    """
    if not 1 <= count <= MOST:
        raise InvalidInputError("count", count, f"1 to {MOST}")
    present = await Facility.all().count()
    demo = await Facility.filter(os_id__startswith=DEMO_OS_ID).count()
    if present > demo:
        raise InvalidInputError(
            "count",
            count,
            f"no demo facilities at all, because this database holds {present - demo} that are "
            "none; use another one (KB_DATABASE_URL)",
        )
    if demo >= count:
        return DemoCount(0, demo)
    if demo and not await _is_of_seed(demo, seed):
        raise InvalidInputError(
            "count",
            count,
            f"at most {demo}, because this database holds that many demo facilities of another "
            "seed and keeps their events for good; for more use another one (KB_DATABASE_URL)",
        )
    for start in range(demo + 1, count + 1, BATCH):
        numbers = range(start, min(start + BATCH, count + 1))
        async with in_transaction():
            await _write([demo_facility(number, seed) for number in numbers])
        progress(numbers[-1], count)
    return DemoCount(count - demo, count)


async def _is_of_seed(number: int, seed: int) -> bool:
    """Whether the demo facility with that number is there, and the one of that seed."""
    made = demo_facility(number, seed)
    return await Facility.exists(
        os_id=made.os_id, name=made.name, created_at=_noon(made.events[0].occurred_on)
    )


async def _write(batch: Sequence[DemoFacility]) -> None:
    """Write a batch; ids are read back, because the database gives them."""
    await Facility.bulk_create(
        Facility(
            name=facility.name,
            country=facility.country,
            os_id=facility.os_id,
            gateway_id=facility.gateway_id,
            better_work_id=facility.better_work_id,
            created_at=_noon(facility.events[0].occurred_on),
        )
        for facility in batch
    )
    events = {facility.os_id: facility.events for facility in batch}
    facilities = await Facility.filter(os_id__in=list(events)).order_by("id")
    await append_events(
        [
            Addition(facility, [_recorded(event) for event in events[facility.os_id or ""]])
            for facility in facilities
        ]
    )


def _recorded(event: Event) -> NewEvent:
    return NewEvent(
        kind=event.kind,
        occurred_on=event.occurred_on,
        recorded_at=_noon(event.occurred_on),
        actor_role=_RECORDED_BY.get(event.kind, Actor.FACILITY),
        actor="Demo data",
        payload=event.payload,
    )


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)
