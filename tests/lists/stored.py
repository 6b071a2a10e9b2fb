"""What an import did, and what it stored."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kb.models import Facility, WorkflowEvent
from kb.services.lists.importing import Imported

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
WHOLE = (
    "name,country,os_id,gateway_id,better_work_id,enrolled,in_scope,capacity_available,enrolled_on,"
    "cycle_opened_on,interest_declared_on,platform_set_up_on,gateway_invited_on,"
    "profile_submitted_on,profile_approved_on,linked_on,self_assessed_on,self_assessment_steps,"
    "assessed_on,assessment_kind,report_posted_on,data_submitted_on,cycle_closed_on\n"
    "May Mot,VN,VN2025093077Q64,GW1,BW1,yes,yes,yes,2024-01-02,2024-02-01,2024-02-03,2024-02-04,"
    "2024-02-05,2024-02-06,2024-02-07,2024-02-08,2024-02-09,1+2,2024-05-01,onsite,2024-06-01,"
    "2024-06-15,2024-12-01\n"
)
"""A list of one facility whose service cycle has been gone through to its end."""


@dataclass(frozen=True)
class Taken:
    """What an import did: counts of rows as text, events written, problems as they are printed."""

    rows: str
    events: int
    problems: list[str]
    remarks: tuple[str, ...]
    unknown: tuple[str, ...]
    imported: Imported


Take = Callable[..., Awaitable[Taken]]


async def events_of(name: str) -> list[tuple[str, str, dict[str, Any]]]:
    """The events of the facility with that name: kind, day and payload, as they were recorded."""
    facility = await Facility.get(name=name)
    rows = await WorkflowEvent.filter(facility_id=facility.id).order_by("sequence")
    return [(row.kind, row.occurred_on.isoformat(), row.payload) for row in rows]


async def counts() -> tuple[int, int]:
    """How many facilities and events there are."""
    return await Facility.all().count(), await WorkflowEvent.all().count()
