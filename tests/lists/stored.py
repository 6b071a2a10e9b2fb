"""What an import did, and what it stored."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kb.models import Facility, WorkflowEvent
from kb.services.lists.importing import Imported

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


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
