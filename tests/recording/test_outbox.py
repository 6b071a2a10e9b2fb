"""The messages of FAQ 9 reach the factory: after the commit, and once if all goes well."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from tortoise.transactions import in_transaction

from kb.heartbeats import Heartbeats
from kb.models import OutboxMessage
from kb.services.knowledge.holder import Knowledge, KnowledgeHolder
from kb.services.messages.outbox import (
    FIRST_PAUSE,
    LEASE,
    LONGEST_PAUSE,
    MOST_ATTEMPTS,
    Dispatched,
    deliver_due,
    dispatch,
    pause_after,
)
from kb.settings import Settings
from tests.recording.conftest import NOW, OFFICER, SLCP, Record, Walk, at
from tests.recording.delivering import (
    EMAIL,
    MINUTE,
    NEEDED,
    SECRET,
    by_files,
    by_mail,
    by_webhook,
    files_in,
    outcome,
)
from tests.recording.receivers import (
    http_receiver,
    mail_server,
)


async def test_only_the_invitation_and_the_approval_send_a_message(walk: Walk) -> None:
    await walk()
    kinds = await OutboxMessage.all().order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["GATEWAY_INVITATION_SENT", "PROFILE_APPROVED"]


async def test_the_file_mailbox_holds_each_message_once(
    walk: Walk, knowledge: Knowledge, tmp_path: Path
) -> None:
    await walk(contact_email=EMAIL)
    settings, texts = by_files(tmp_path / "box"), knowledge.library.messages
    assert await deliver_due(settings, texts, at(NOW)) == Dispatched(delivered=2)
    assert await deliver_due(settings, texts, at(NOW + MINUTE)) == Dispatched()
    files = files_in(tmp_path / "box")
    mails = [message_from_bytes(file.read_bytes(), policy=default) for file in files]
    assert [mail["Subject"] for mail in mails] == [
        "Register on the SLCP Gateway",
        "Your Gateway Facility ID",
    ]
    assert {mail["To"] for mail in mails} == {EMAIL}
    invitation, approval = (mail.get_content().replace("\r", "") for mail in mails)
    assert invitation.startswith("To Example Garments\n")
    assert "\nhttps://gateway.example/register\n" in invitation
    assert "\nGW-1\n" in approval
    assert "{" not in invitation + approval


async def test_a_message_is_not_there_before_the_event_is_committed(
    walk: Walk, record: Record
) -> None:
    facility_id = await walk("PLATFORM_SET_UP")

    async def fail_at_the_end() -> None:
        async with in_transaction():
            await record(OFFICER, facility_id, "GATEWAY_INVITATION_SENT")
            assert await OutboxMessage.all().count() == 1
            raise RuntimeError("the power goes")

    with pytest.raises(RuntimeError, match="the power goes"):
        await fail_at_the_end()
    assert await OutboxMessage.all().count() == 0


async def test_without_an_address_the_mail_is_given_up_at_last_and_says_why(
    walk: Walk, knowledge: Knowledge
) -> None:
    await walk("GATEWAY_INVITATION_SENT")
    texts, now = knowledge.library.messages, NOW
    with mail_server() as server:
        for _ in range(MOST_ATTEMPTS + 3):
            await deliver_due(by_mail(server.port), texts, at(now))
            now += LONGEST_PAUSE * 2
    assert server.got == []
    assert await outcome() == (
        "GIVEN_UP",
        MOST_ATTEMPTS,
        "DeliveryError: The facility has no e-mail address.",
    )


@pytest.mark.slow
async def test_a_receiver_that_fails_half_the_time_gets_every_message_once(
    walk: Walk, knowledge: Knowledge
) -> None:
    for _ in range(6):
        await walk("GATEWAY_INVITATION_SENT")
    texts, now = knowledge.library.messages, NOW
    async with http_receiver(fails_half=True) as receiver:
        settings = by_webhook(receiver.url)
        rounds = []
        while await OutboxMessage.filter(finished_at=None).exists():
            rounds.append(await deliver_due(settings, texts, at(now)))
            now += LONGEST_PAUSE
    ids = [headers["kb-message-id"] for headers, _ in receiver.got]
    assert (len(ids), len(set(ids))) == (6, 6)
    assert sum(report.failed for report in rounds) == receiver.requests - 6 >= 5
    assert await OutboxMessage.filter(outcome="DELIVERED").count() == 6


async def test_what_one_way_has_had_is_not_sent_there_again_when_the_other_fails(
    walk: Walk, knowledge: Knowledge
) -> None:
    await walk("GATEWAY_INVITATION_SENT", contact_email=EMAIL)
    texts = knowledge.library.messages
    with mail_server() as server:
        async with http_receiver(fails_half=True) as receiver:
            settings = Settings(
                mail_url=f"smtp://127.0.0.1:{server.port}",
                webhook_url=receiver.url,
                webhook_secret=SECRET,
                webhook_private=True,
                **NEEDED,
            )
            assert await deliver_due(settings, texts, at(NOW)) == Dispatched(failed=1)
            assert (await outcome())[2] == "DeliveryError: The webhook answered 503."
            assert await deliver_due(settings, texts, at(NOW + MINUTE)) == Dispatched(delivered=1)
        assert (len(server.got), len(receiver.got)) == (1, 1)


async def test_several_dispatchers_at_once_deliver_each_message_once(
    walk: Walk, knowledge: Knowledge
) -> None:
    for _ in range(5):
        await walk("GATEWAY_INVITATION_SENT")
    async with http_receiver() as receiver:
        settings, texts = by_webhook(receiver.url), knowledge.library.messages
        done = await asyncio.gather(*(deliver_due(settings, texts, at(NOW)) for _ in range(4)))
    assert sum(report.delivered for report in done) == len(receiver.got) == 5


async def test_a_claim_lasts_its_whole_time_however_long_the_messages_before_took(
    walk: Walk, knowledge: Knowledge
) -> None:
    for _ in range(2):
        await walk("GATEWAY_INVITATION_SENT")
    moment, elsewhere = NOW, []
    async with http_receiver() as receiver:
        settings, texts = by_webhook(receiver.url), knowledge.library.messages

        async def sending_takes_long() -> None:
            nonlocal moment
            moment += LEASE * 0.75
            if len(receiver.got) == 2:
                elsewhere.append(await deliver_due(settings, texts, lambda: moment))

        receiver.meanwhile = sending_takes_long
        assert await deliver_due(settings, texts, lambda: moment) == Dispatched(delivered=2)
    assert elsewhere == [Dispatched()]
    assert len(receiver.got) == 2


async def test_messages_of_a_clock_that_was_ahead_go_out_when_it_is_put_right(
    walk: Walk, knowledge: Knowledge, tmp_path: Path
) -> None:
    await walk("GATEWAY_INVITATION_SENT")
    ahead = NOW + timedelta(days=10)
    await OutboxMessage.all().update(due_at=ahead, claimed_by="dead", claimed_until=ahead + LEASE)
    settings, texts = by_files(tmp_path), knowledge.library.messages
    assert await deliver_due(settings, texts, at(NOW)) == Dispatched(delivered=1)


async def test_a_name_that_reads_like_a_placeholder_stays_as_it_is(
    walk: Walk, knowledge: Knowledge, tmp_path: Path
) -> None:
    await walk("GATEWAY_INVITATION_SENT", name="{gateway_link} Garments")
    await deliver_due(by_files(tmp_path), knowledge.library.messages, at(NOW))
    [mail] = [message_from_bytes(file.read_bytes(), policy=default) for file in files_in(tmp_path)]
    assert mail.get_content().startswith("To {gateway_link} Garments")


async def test_a_message_whose_dispatcher_died_is_sent_by_another_under_the_same_id(
    walk: Walk, knowledge: Knowledge
) -> None:
    await walk("GATEWAY_INVITATION_SENT")
    async with http_receiver() as receiver:
        settings, texts = by_webhook(receiver.url), knowledge.library.messages
        await deliver_due(settings, texts, at(NOW))
        # As the dispatcher would have left it, had it died after sending and before noting it.
        await OutboxMessage.all().update(
            posted_at=None,
            finished_at=None,
            outcome=None,
            claimed_by="dead",
            claimed_until=NOW + LEASE,
        )
        assert await deliver_due(settings, texts, at(NOW + MINUTE)) == Dispatched()
        later = NOW + LEASE + MINUTE
        assert await deliver_due(settings, texts, at(later)) == Dispatched(delivered=1)
    first, second = (headers["kb-message-id"] for headers, _ in receiver.got)
    assert first == second


async def test_a_dispatcher_in_the_background_delivers_until_it_is_stopped(
    walk: Walk, record: Record, knowledge: Knowledge, tmp_path: Path
) -> None:
    facility_id = await walk("PROFILE_SUBMITTED")
    running = asyncio.create_task(
        dispatch(
            by_files(tmp_path), KnowledgeHolder(knowledge), Heartbeats(), lambda: NOW, pause=0.02
        )
    )
    try:
        await record(SLCP, facility_id, "PROFILE_APPROVED", payload={"gateway_id": "GW-1"})
        async with asyncio.timeout(10):
            while await OutboxMessage.filter(finished_at=None).exists():  # noqa: ASYNC110 - by the app
                await asyncio.sleep(0.02)
    finally:
        running.cancel()
    assert len(files_in(tmp_path)) == 2


async def test_without_any_way_out_messages_wait(walk: Walk, knowledge: Knowledge) -> None:
    await walk("GATEWAY_INVITATION_SENT")
    done = await deliver_due(Settings(mail_url=""), knowledge.library.messages, at(NOW))
    assert done == Dispatched()
    assert await outcome() == (None, 0, None)


def test_pauses_double_up_to_two_hours_and_vary_by_half() -> None:
    for attempts, expected in ((1, FIRST_PAUSE), (2, FIRST_PAUSE * 2), (30, LONGEST_PAUSE)):
        pauses = [pause_after(attempts) for _ in range(200)]
        assert expected * 0.5 <= min(pauses) < expected * 0.7
        assert expected * 1.3 < max(pauses) <= expected * 1.5
