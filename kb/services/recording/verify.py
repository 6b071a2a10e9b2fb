"""Verification of the event chains and of everything that follows from the events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kb.models import Facility, WorkflowEvent
from kb.models.chain import GENESIS
from kb.models.facilities import event_of
from kb.progress import ProgressReport, no_report
from kb.rules.events import EventKind
from kb.services.recording.append import hash_of
from kb.services.recording.cycles_and_grants import grants_of_events
from kb.services.recording.projections import (
    differences,
    events_by_facility,
    for_all_facilities,
    projected,
)
from kb.services.recording.recount import WrongCount, wrong_counts

_RECORDED_AT_REGISTRATION = ("name", "country", "os_id", "better_work_id")


@dataclass(frozen=True, slots=True)
class Break:
    """Something that is not as it was recorded; `sequence` is the event's number, if it is one."""

    facility_id: int
    facility: str
    sequence: int | None
    problem: str

    def __str__(self) -> str:
        event = "" if self.sequence is None else f"event {self.sequence}: "
        return f"facility {self.facility_id} ({self.facility}), {event}{self.problem}"


@dataclass(frozen=True, slots=True)
class Verified:
    """What was looked through, what is not as it was recorded, and which kept counts are wrong."""

    facilities: int
    events: int
    breaks: tuple[Break, ...]
    counts: tuple[WrongCount, ...]


async def verify_chains(progress: ProgressReport = no_report) -> Verified:
    """Verify all events and what follows from them; nothing is changed.

    Finds events that were changed, removed, put in or put into another order, and facilities,
    projections, service cycles and sharing grants that are not as the events have them. Whoever
    can write to the database may rewrite everything consistently; against that, keep copies.
    """
    breaks: list[Break] = []
    count = 0

    async def look(batch: Sequence[Facility]) -> None:
        nonlocal count
        events = await events_by_facility(batch)
        for facility in batch:
            count += len(events[facility.id])
            for sequence, problem in _breaks(facility, events[facility.id]):
                breaks.append(Break(facility.id, facility.name, sequence, problem))
        # What cannot be folded was tampered with, and is among the breaks already.
        sound = [facility for facility in batch if _can_be_folded(facility, events[facility.id])]
        differing, _, _ = await differences(
            sound, {facility.id: events[facility.id] for facility in sound}
        )
        breaks.extend(
            Break(difference.facility.id, difference.facility.name, None, difference.problem)
            for difference in differing
        )

    facilities = await for_all_facilities(look, progress)
    return Verified(facilities, count, tuple(breaks), tuple(await wrong_counts()))


def _breaks(
    facility: Facility, events: Sequence[WorkflowEvent]
) -> Iterator[tuple[int | None, str]]:
    if not events:
        yield None, "it has no events at all"
        return
    last = GENESIS
    expected = 1
    for event in events:
        if event.sequence != expected:
            missing = (
                f"{expected}"
                if event.sequence == expected + 1
                else (f"{expected} to {event.sequence - 1}")
            )
            yield event.sequence, f"number {missing} before it is missing"
        elif event.previous_hash != last:
            yield event.sequence, "it does not follow the event before it"
        if event.hash != hash_of(event):
            yield event.sequence, "it is not what was recorded"
        last, expected = event.hash, event.sequence + 1
    yield from _of_facility(facility, events)


def _of_facility(facility: Facility, events: Sequence[WorkflowEvent]) -> Iterator[tuple[None, str]]:
    gateway_id: str | None = None
    requested: str | None = None
    for event in events:
        if event.kind == EventKind.FACILITY_REGISTERED:
            for name in _RECORDED_AT_REGISTRATION:
                recorded, present = event.payload.get(name), getattr(facility, name)
                if recorded is not None and recorded != present:
                    yield None, f"{name} is {present!r}, and was recorded as {recorded!r}"
        if event.kind == EventKind.LINK_REQUESTED:
            requested = event.payload.get("gateway_id")
        else:
            gateway_id = event.payload.get("gateway_id", gateway_id)
        if event.kind == EventKind.LINKED:
            gateway_id, requested = gateway_id or requested, None
    if gateway_id is not None and gateway_id != facility.gateway_id:
        yield None, f"gateway_id is {facility.gateway_id!r}, and was recorded as {gateway_id!r}"
    elif requested is not None and requested not in (
        facility.gateway_id,
        facility.requested_gateway_id,
    ):
        waits = facility.gateway_id or facility.requested_gateway_id
        yield None, f"gateway_id is {waits!r}, and was requested as {requested!r}"


def _can_be_folded(facility: Facility, events: Sequence[WorkflowEvent]) -> bool:
    try:
        projected(facility, events)
        grants_of_events(map(event_of, events))
    except Exception:  # whatever somebody wrote into an event
        return False
    return True
