"""Messages that events send: put down with the event, delivered after it was committed.

Delivery is at least once. A dispatcher claims a message for a while, so that several of them do
not send it twice; if one dies between sending and noting it, another sends the message again,
under the same message id.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from tortoise.expressions import F, Q

from kb.content.records import Message
from kb.models import OutboxMessage, WorkflowEvent
from kb.rules.events import EventKind
from kb.services.knowledge.holder import KnowledgeHolder
from kb.services.messages.channels import (
    Channel,
    DeliveryError,
    Letter,
    mail_channel,
    webhook_channel,
)
from kb.settings import Settings

SENDING = (EventKind.GATEWAY_INVITATION_SENT, EventKind.PROFILE_APPROVED)
"""The events that send a message: the invitation and the e-mail with the Facility ID (FAQ 9)."""

GIVEN_UP = "GIVEN_UP"
"""The outcome of a message that was tried too often; see `undelivered.retry`."""

LEASE = timedelta(minutes=2)  # longer than mail server and webhook may take together
AT_ONCE = 50
MOST_ATTEMPTS = 14  # the last comes about ten hours after the first
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=2)
PAUSE = 2.0  # seconds between looks into the outbox

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Dispatched:
    """What one look into the outbox did."""

    delivered: int = 0
    failed: int = 0

    @property
    def looked_at(self) -> int:
        """How many messages were due and not claimed by somebody else."""
        return self.delivered + self.failed


async def put_message(event: WorkflowEvent, *, now: datetime) -> None:
    """Put the message down that an event sends, if any, in the transaction of the event."""
    if event.kind in SENDING:
        await OutboxMessage.create(event_id=event.id, kind=event.kind, created_at=now, due_at=now)


async def deliver_due(
    settings: Settings, messages: Mapping[EventKind, Message], now: datetime
) -> Dispatched:
    """Deliver what is due, oldest first, by every way that is set up; at most 50 messages.

    What fails is tried again later, with the reason kept, until it is given up.
    """
    channels = {"mailed_at": mail_channel(settings), "posted_at": webhook_channel(settings)}
    open_ways = {column: way for column, way in channels.items() if way is not None}
    if not open_ways:
        return Dispatched()
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    due = OutboxMessage.filter(free, finished_at=None, due_at__lte=now)
    delivered = failed = 0
    for row in await due.order_by("due_at").limit(AT_ONCE).only("id"):
        claim = uuid4().hex
        claimed = await OutboxMessage.filter(
            free, id=row.id, finished_at=None, due_at__lte=now
        ).update(claimed_by=claim, claimed_until=now + LEASE, attempts=F("attempts") + 1)
        if claimed:
            done = await _deliver(row.id, claim, settings, messages, open_ways, now)
            delivered, failed = delivered + done, failed + (not done)
    return Dispatched(delivered, failed)


async def dispatch(
    settings: Settings,
    holder: KnowledgeHolder,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    pause: float = PAUSE,
) -> None:
    """Deliver messages until cancelled; whatever goes wrong is logged and tried again."""
    while True:
        try:
            done = await deliver_due(settings, holder.current.library.messages, clock())
        except Exception:
            logger.exception("the outbox could not be read")
            done = Dispatched()
        if done.looked_at < AT_ONCE:
            await asyncio.sleep(pause)


def pause_after(attempts: int) -> timedelta:
    """How long to wait after that many attempts: twice as long each time, more or less."""
    doubled = FIRST_PAUSE * float(2 ** min(attempts - 1, 20))
    return min(doubled, LONGEST_PAUSE) * random.uniform(0.5, 1.5)


async def _deliver(
    id_: int,
    claim: str,
    settings: Settings,
    messages: Mapping[EventKind, Message],
    ways: Mapping[str, Channel],
    now: datetime,
) -> bool:
    row = await OutboxMessage.get(id=id_).select_related("event__facility")
    mine = OutboxMessage.filter(id=id_, claimed_by=claim)
    try:
        letter = _letter(row, settings, messages)
        for column, way in ways.items():
            if getattr(row, column) is None:
                await way.send(letter, now)
                await mine.update(**{column: now})
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"[:500]
        given_up = row.attempts >= MOST_ATTEMPTS
        level = logging.ERROR if given_up else logging.WARNING
        logger.log(level, "message %d was not delivered: %s", id_, reason)
        await mine.update(
            last_error=reason,
            due_at=now + pause_after(row.attempts),
            claimed_by=None,
            claimed_until=None,
            **({"finished_at": now, "outcome": GIVEN_UP} if given_up else {}),
        )
        return False
    await mine.update(finished_at=now, outcome="DELIVERED", claimed_by=None, claimed_until=None)
    return True


def _letter(
    row: OutboxMessage, settings: Settings, messages: Mapping[EventKind, Message]
) -> Letter:
    template = messages.get(EventKind(row.kind))
    if template is None:
        raise DeliveryError("The knowledge release has no text for it.")
    event, facility = row.event, row.event.facility
    gateway_id = event.payload.get("gateway_id") or facility.gateway_id
    text = template.text
    for name, value in {
        "facility": facility.name,
        "gateway_id": gateway_id or "not stated",
        "gateway_link": settings.gateway_link or "(KB_GATEWAY_LINK is not set)",
        "platform_link": settings.platform_link or "(KB_PLATFORM_LINK is not set)",
    }.items():
        text = text.replace(f"{{{name}}}", value)
    return Letter(
        id=event.hash[:32],
        kind=row.kind,
        facility_id=facility.id,
        facility=facility.name,
        gateway_id=gateway_id,
        to=facility.contact_email,
        subject=template.subject,
        text=text,
        occurred_on=event.occurred_on,
        created_at=row.created_at,
    )
