"""The outbox: messages written in the transaction of their event, and sent after its commit.

Delivery is at least once. A dispatcher claims a message for a while, so that several of them do
not send it twice; if one dies between sending and noting it, another sends the message again,
under the same message id.
"""

from __future__ import annotations

import asyncio
import logging
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from tortoise.expressions import F, Q

from kb.content.records import EventMessage
from kb.heartbeats import Heartbeats
from kb.models import OutboxMessage, WorkflowEvent
from kb.rules.events import EventKind
from kb.services.access.opaque_ids import opaque_ids
from kb.services.knowledge.holder import KnowledgeHolder
from kb.services.messages.channels import (
    Channel,
    DeliveryError,
    OutgoingMessage,
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
MOST_RANDOM = 1.5  # how much longer than planned a pause may become
PAUSE = 2.0  # seconds between looks into the outbox

PLACEHOLDER = re.compile(r"\{(facility|gateway_id|gateway_link|platform_link)\}")

_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"]+@[^\s<>()\[\],;:\"']+")

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
    settings: Settings, messages: Mapping[EventKind, EventMessage], clock: Callable[[], datetime]
) -> Dispatched:
    """Deliver what is due, oldest first, by every way that is set up; at most 50 messages.

    What fails is tried again later, with the reason kept, until it is given up. The clock is read
    for each message, as sending takes time and a claim holds for a while from when it is made.
    """
    channels = {"mailed_at": mail_channel(settings), "posted_at": webhook_channel(settings)}
    open_ways = {column: way for column, way in channels.items() if way is not None}
    if not open_ways:
        return Dispatched()
    delivered = failed = 0
    due = OutboxMessage.filter(_due(clock())).order_by("due_at").limit(AT_ONCE)
    for row in await due.only("id"):
        claim, now = uuid4().hex, clock()
        claimed = await OutboxMessage.filter(_due(now), id=row.id).update(
            claimed_by=claim, claimed_until=now + LEASE, attempts=F("attempts") + 1
        )
        if claimed:
            is_delivered = await _deliver(row.id, claim, settings, messages, open_ways, clock)
            delivered, failed = delivered + is_delivered, failed + (not is_delivered)
    return Dispatched(delivered, failed)


def _due(now: datetime) -> Q:
    """Messages that may be sent now: due, not finished, and claimed by nobody.

    No pause and no claim lasts longer than the longest: what seems to was set by a clock that was
    wrong and has been put right.
    """
    free = Q(claimed_until=None) | Q(claimed_until__lt=now) | Q(claimed_until__gt=now + LEASE)
    time_has_come = Q(due_at__lte=now) | Q(due_at__gt=now + LONGEST_PAUSE * MOST_RANDOM)
    return Q(free, time_has_come, finished_at=None)


async def dispatch(
    settings: Settings,
    holder: KnowledgeHolder,
    heartbeats: Heartbeats,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    pause: float = PAUSE,
) -> None:
    """Deliver messages until cancelled; whatever goes wrong is logged and tried again."""
    worked = heartbeats.of("messages", pause, needed=False)
    while True:
        try:
            dispatched = await deliver_due(settings, holder.current.library.messages, clock)
            worked()
        except Exception:
            logger.exception("the outbox could not be read")
            dispatched = Dispatched()
        if dispatched.looked_at < AT_ONCE:
            await asyncio.sleep(pause)


def pause_after(attempts: int) -> timedelta:
    """How long to wait after that many attempts: twice as long each time, more or less."""
    doubled = FIRST_PAUSE * float(2 ** min(attempts - 1, 20))
    return min(doubled, LONGEST_PAUSE) * random.uniform(0.5, MOST_RANDOM)


async def _deliver(
    id_: int,
    claim: str,
    settings: Settings,
    messages: Mapping[EventKind, EventMessage],
    ways: Mapping[str, Channel],
    clock: Callable[[], datetime],
) -> bool:
    row = await OutboxMessage.get(id=id_).select_related("event__facility")
    mine = OutboxMessage.filter(id=id_, claimed_by=claim)
    try:
        outgoing = _outgoing(row, settings, messages)
        for column, way in ways.items():
            if getattr(row, column) is None:
                await way.send(outgoing, clock())
                await mine.update(**{column: clock()})
    except Exception as error:
        now = clock()
        # Mail servers name whom they refuse; the log and the table keep no address.
        reason = _ADDRESS.sub("(an address)", f"{type(error).__name__}: {error}")[:500]
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
    await mine.update(
        finished_at=clock(),
        outcome="DELIVERED",
        last_error=None,
        claimed_by=None,
        claimed_until=None,
    )
    return True


def _outgoing(
    row: OutboxMessage, settings: Settings, messages: Mapping[EventKind, EventMessage]
) -> OutgoingMessage:
    template = messages.get(EventKind(row.kind))
    if template is None:
        raise DeliveryError("The knowledge release has no text for it.")
    event, facility = row.event, row.event.facility
    gateway_id = event.payload.get("gateway_id") or facility.gateway_id
    values = {
        "facility": facility.name,
        "gateway_id": gateway_id or "not stated",
        "gateway_link": settings.gateway_link or "(KB_GATEWAY_LINK is not set)",
        "platform_link": settings.platform_link or "(KB_PLATFORM_LINK is not set)",
    }
    # In one pass: a name that reads like a placeholder stays as it is.
    text = PLACEHOLDER.sub(lambda match: values[match[1]], template.text)
    return OutgoingMessage(
        id=event.hash[:32],
        kind=row.kind,
        facility_id=opaque_ids(settings).global_id(facility.id),
        facility=facility.name,
        gateway_id=gateway_id,
        to=facility.contact_email,
        subject=template.subject,
        text=text,
        occurred_on=event.occurred_on,
        created_at=row.created_at,
    )
