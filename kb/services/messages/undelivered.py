"""Undelivered messages, for administrators: those that wait, and those given up with the reason."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from kb.errors import NotFoundError
from kb.models import OutboxMessage
from kb.services.access.matrix import Capability, Viewer, require
from kb.services.audit import note_change
from kb.services.messages.outbox import GIVEN_UP

RETRIED = "MESSAGE_RETRIED"
"""What the audit says was done."""


@dataclass(frozen=True, slots=True)
class UndeliveredMessage:
    """A message that has not left: by which event of which facility, how often it was tried, why.

    `due_at` is when it is tried next, None for one that was given up.
    """

    id: int
    kind: str
    facility_id: int
    facility: str
    created_at: datetime
    attempts: int
    last_error: str | None
    due_at: datetime | None


async def undelivered(
    viewer: Viewer, *, given_up: bool = False, most: int = 1_000
) -> tuple[UndeliveredMessage, ...]:
    """The messages that wait or were given up, oldest first; with `given_up` only the latter."""
    require(viewer, Capability.MAINTAIN_FACILITIES)
    wanted = Q(outcome=GIVEN_UP) if given_up else Q(outcome=GIVEN_UP) | Q(finished_at=None)
    rows = OutboxMessage.filter(wanted)
    messages = await rows.order_by("id").limit(most).select_related("event__facility")
    return tuple(
        UndeliveredMessage(
            id=row.id,
            kind=row.kind,
            facility_id=row.event.facility_id,
            facility=row.event.facility.name,
            created_at=row.created_at,
            attempts=row.attempts,
            last_error=row.last_error,
            due_at=None if row.finished_at else row.due_at,
        )
        for row in messages
    )


async def retry(viewer: Viewer, ids: Collection[int] | None, *, now: datetime) -> int:
    """Put messages that were given up back among those that are due; None is all of them.

    They are tried as often as new ones. Returns how many there were; NotFoundError names an id of
    which no message was given up, and nothing is changed then.
    """
    require(viewer, Capability.MAINTAIN_FACILITIES)
    async with in_transaction():
        # Of several who retry the same at once, the others wait here and then find none.
        rows = OutboxMessage.filter(outcome=GIVEN_UP).select_for_update(of=("outbox_message",))
        if ids is not None:
            rows = rows.filter(id__in=list(ids))
        messages = {row.id: row for row in await rows.order_by("id").select_related("event")}
        for id_ in ids or ():
            if id_ not in messages:
                raise NotFoundError("message that was given up", id_)
        await OutboxMessage.filter(id__in=list(messages)).update(
            finished_at=None, outcome=None, attempts=0, due_at=now
        )
        for row in messages.values():
            facility = row.event.facility_id
            await note_change(viewer, facility, RETRIED, before=None, after=None, now=now)
    return len(messages)
