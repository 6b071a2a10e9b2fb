"""What could not be delivered can be looked at, mended and tried anew."""

from __future__ import annotations

import asyncio
from contextvars import copy_context
from datetime import timedelta

import pytest
from tortoise.transactions import in_transaction

from kb.errors import NotFoundError, NotPermittedError
from kb.models import AuditEntry, OutboxMessage
from kb.services.facilities.contacts import correct_contact
from kb.services.knowledge.holder import Knowledge
from kb.services.messages.outbox import MOST_ATTEMPTS, Dispatched, deliver_due
from kb.services.messages.undelivered import retry, undelivered
from tests.recording.conftest import ADMIN, BRAND, HELPDESK, NOW, OFFICER, SLCP, Walk, at
from tests.recording.receivers import mail_server
from tests.recording.test_outbox import EMAIL, by_mail

LATER = NOW + timedelta(days=3)


async def given_up(knowledge: Knowledge) -> int:
    """The number of the message, after it was tried as often as it is."""
    for attempt in range(MOST_ATTEMPTS):
        settings = by_mail(9)  # which nobody needs: the facility has no address
        moment = NOW + attempt * timedelta(hours=4)
        await deliver_due(settings, knowledge.library.messages, at(moment))
    return (await OutboxMessage.get(outcome="GIVEN_UP")).id


async def test_a_message_without_an_address_is_sent_once_there_is_one_and_it_is_tried_anew(
    walk: Walk, knowledge: Knowledge
) -> None:
    facility_id = await walk("GATEWAY_INVITATION_SENT")
    (waiting,) = await undelivered(ADMIN)
    assert (waiting.facility, waiting.attempts, waiting.due_at) == ("Example Garments", 0, NOW)
    assert await undelivered(ADMIN, given_up=True) == ()

    message = await given_up(knowledge)
    (failed,) = await undelivered(ADMIN, given_up=True)
    assert (failed.id, failed.attempts, failed.due_at) == (message, MOST_ATTEMPTS, None)
    assert failed.last_error == "DeliveryError: The facility has no e-mail address."

    await correct_contact(OFFICER, facility_id, EMAIL, now=LATER)
    assert await retry(ADMIN, [message], now=LATER) == 1
    with mail_server() as server:
        done = await deliver_due(by_mail(server.port), knowledge.library.messages, at(LATER))
    assert done == Dispatched(delivered=1)
    assert [recipients for recipients, _ in server.got] == [[EMAIL]]
    assert await undelivered(ADMIN) == ()
    entry = await AuditEntry.get(what="MESSAGE_RETRIED")
    assert (entry.facility_id, entry.role, entry.at) == (facility_id, "ADMIN", LATER)


async def test_only_what_was_given_up_is_tried_anew_and_otherwise_nothing_is_changed(
    walk: Walk, knowledge: Knowledge
) -> None:
    await walk("PROFILE_APPROVED")
    approval = OutboxMessage.filter(kind="PROFILE_APPROVED")
    await approval.update(finished_at=NOW)
    message = await given_up(knowledge)
    await approval.update(finished_at=None)
    (other,) = [
        undelivered_message.id
        for undelivered_message in await undelivered(ADMIN)
        if undelivered_message.id != message
    ]
    with pytest.raises(NotFoundError, match=f"There is no message that was given up '{other}'"):
        await retry(ADMIN, [message, other], now=LATER)
    assert len(await undelivered(ADMIN, given_up=True)) == 1
    assert await retry(ADMIN, None, now=LATER) == 1
    assert await retry(ADMIN, None, now=LATER) == 0


async def test_messages_are_for_those_who_look_after_the_server(walk: Walk) -> None:
    await walk("GATEWAY_INVITATION_SENT")
    for viewer in (HELPDESK, OFFICER, SLCP, BRAND):
        with pytest.raises(NotPermittedError):
            await undelivered(viewer)
        with pytest.raises(NotPermittedError):
            await retry(viewer, None, now=NOW)


async def test_of_two_who_retry_at_once_one_does_and_the_audit_has_it_once(
    walk: Walk, knowledge: Knowledge
) -> None:
    await walk("GATEWAY_INVITATION_SENT")
    await given_up(knowledge)
    elsewhere = copy_context()
    async with in_transaction():
        first = await retry(ADMIN, None, now=LATER)
        second = asyncio.create_task(retry(ADMIN, None, now=LATER), context=elsewhere)
        await asyncio.sleep(0.2)
    assert (first, await second) == (1, 0)
    assert await AuditEntry.filter(what="MESSAGE_RETRIED").count() == 1
