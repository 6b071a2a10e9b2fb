"""Mail servers and webhooks get messages whole, and none can hold up the others."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from kb.errors import InvalidInputError
from kb.models import OutboxMessage
from kb.services.facilities.contacts import correct_contact
from kb.services.knowledge.holder import Knowledge
from kb.services.messages import channels
from kb.services.messages.channels import signature
from kb.services.messages.outbox import (
    LEASE,
    Dispatched,
    deliver_due,
)
from kb.settings import Settings
from tests.global_ids import global_id
from tests.recording.conftest import NOW, OFFICER, Walk, at
from tests.recording.delivering import (
    EMAIL,
    MINUTE,
    SECRET,
    by_mail,
    by_webhook,
    outcome,
)
from tests.recording.receivers import (
    Talk,
    free_port,
    http_receiver,
    mail_server,
    mailing,
    talking,
    trickling,
)


async def test_a_mail_server_gets_the_message_with_a_stable_id(
    walk: Walk, knowledge: Knowledge
) -> None:
    await walk("GATEWAY_INVITATION_SENT", contact_email=EMAIL)
    with mail_server() as server:
        done = await deliver_due(by_mail(server.port), knowledge.library.messages, at(NOW))
    assert done == Dispatched(delivered=1)
    [(recipients, mail)] = server.got
    row = await OutboxMessage.get().select_related("event")
    assert recipients == [EMAIL]
    assert (mail["From"], mail["To"]) == ("kb@kb.example", EMAIL)
    assert mail["Message-ID"] == f"<{row.event.hash[:32]}@kb.example>"
    assert (row.outcome, row.mailed_at, row.posted_at) == ("DELIVERED", NOW, None)


async def test_a_refused_mail_is_sent_again_later_and_the_reason_is_kept(
    walk: Walk, knowledge: Knowledge
) -> None:
    await walk("GATEWAY_INVITATION_SENT", contact_email=EMAIL)
    texts = knowledge.library.messages
    with mail_server(refusals=2) as server:
        settings = by_mail(server.port)
        assert await deliver_due(settings, texts, at(NOW)) == Dispatched(failed=1)
        assert await deliver_due(settings, texts, at(NOW)) == Dispatched()  # not due yet
        kept = await outcome()
        assert kept[:2] == (None, 1)
        assert kept[2] is not None
        assert "try again later" in kept[2]
        assert await deliver_due(settings, texts, at(NOW + MINUTE)) == Dispatched(failed=1)
        assert await deliver_due(settings, texts, at(NOW + 3 * MINUTE)) == Dispatched(delivered=1)
    assert len(server.got) == 1
    assert await outcome() == ("DELIVERED", 3, None)


async def test_whom_a_mail_server_refuses_is_not_written_down(
    walk: Walk, knowledge: Knowledge, caplog: pytest.LogCaptureFixture
) -> None:
    facility_id = await walk("GATEWAY_INVITATION_SENT", contact_email=EMAIL)
    with mail_server() as server:
        server.unknown = EMAIL
        settings, texts = by_mail(server.port), knowledge.library.messages
        assert await deliver_due(settings, texts, at(NOW)) == Dispatched(failed=1)
        kept = str((await outcome())[2])
        assert "no mailbox <(an address)>" in kept
        assert "no mailbox <(an address)>" in caplog.text
        assert "office" not in (kept + caplog.text).lower()
        await correct_contact(OFFICER, facility_id, "desk@factory.example", now=NOW)
        assert await outcome() == (None, 1, None)
        assert await deliver_due(settings, texts, at(NOW + MINUTE)) == Dispatched(delivered=1)


async def test_a_mail_server_that_is_down_is_tried_again(walk: Walk, knowledge: Knowledge) -> None:
    await walk("GATEWAY_INVITATION_SENT", contact_email=EMAIL)
    down = by_mail(free_port())
    assert await deliver_due(down, knowledge.library.messages, at(NOW)) == Dispatched(failed=1)
    assert "SMTPConnectError" in str((await outcome())[2])


@pytest.mark.parametrize(
    ("way", "talk"),
    [
        (lambda port: by_mail(port), mailing(0.2)),
        (
            lambda port: by_webhook(f"http://127.0.0.1:{port}"),
            trickling(b"HTTP/1.1 200 OK\r\n", b"x: y\r\n", 0.2),
        ),
    ],
    ids=("mail", "webhook"),
)
async def test_who_answers_a_little_at_a_time_holds_no_message_longer_than_it_is_claimed(
    walk: Walk,
    knowledge: Knowledge,
    monkeypatch: pytest.MonkeyPatch,
    way: Callable[[int], Settings],
    talk: Talk,
) -> None:
    await walk("GATEWAY_INVITATION_SENT", contact_email=EMAIL)
    monkeypatch.setattr(channels, "SECONDS", 0.5)
    async with talking(talk) as port, asyncio.timeout(20):
        done = await deliver_due(way(port), knowledge.library.messages, at(NOW))
    assert done == Dispatched(failed=1)
    assert re.fullmatch(
        r"DeliveryError: The (mail server|webhook) took longer than 0\.5 seconds\.",
        str((await outcome())[2]),
    )


def test_mail_server_and_webhook_together_take_less_than_a_claim_lasts() -> None:
    longest = 2 * (channels.SECONDS + channels.GOODBYE_SECONDS)
    assert timedelta(seconds=longest) < LEASE


async def test_a_webhook_has_a_message_when_it_says_so_whatever_it_goes_on_to_say(
    walk: Walk, knowledge: Knowledge
) -> None:
    await walk("GATEWAY_INVITATION_SENT", contact_email=EMAIL)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
    async with talking(trickling(head, b"x", 0.2)) as port, asyncio.timeout(20):
        settings = by_webhook(f"http://127.0.0.1:{port}")
        done = await deliver_due(settings, knowledge.library.messages, at(NOW))
    assert done == Dispatched(delivered=1)


async def test_a_mail_that_was_taken_is_sent_even_without_an_answer_to_the_goodbye(
    walk: Walk, knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    await walk("GATEWAY_INVITATION_SENT", contact_email=EMAIL)
    monkeypatch.setattr(channels, "GOODBYE_SECONDS", 0.1)
    async with talking(mailing(0.0, unanswered=b"QUIT")) as port:
        done = await deliver_due(by_mail(port), knowledge.library.messages, at(NOW))
    assert done == Dispatched(delivered=1)


async def test_a_webhook_is_signed_over_its_time_and_body(walk: Walk, knowledge: Knowledge) -> None:
    facility_id = await walk("PROFILE_APPROVED", contact_email=EMAIL)
    await OutboxMessage.filter(kind="GATEWAY_INVITATION_SENT").delete()
    async with http_receiver() as receiver:
        await deliver_due(by_webhook(receiver.url), knowledge.library.messages, at(NOW))
    [(headers, body)] = receiver.got
    timestamp = str(int(NOW.timestamp()))
    assert headers["kb-timestamp"] == timestamp
    assert headers["kb-signature"] == signature(SECRET, timestamp, body)
    assert headers["kb-signature"] != signature(SECRET, timestamp, body + b" ")
    assert headers["kb-signature"] != signature(SECRET, "0", body)
    message_sent = json.loads(body)
    assert message_sent["id"] == headers["kb-message-id"]
    assert (
        message_sent["kind"],
        message_sent["facilityId"],
        message_sent["gatewayId"],
        message_sent["to"],
    ) == (
        "PROFILE_APPROVED",
        global_id(facility_id),
        "GW-1",
        EMAIL,
    )
    assert "https://platform.example/" in message_sent["text"]


async def test_a_signed_message_is_not_taken_to_where_the_receiver_points(
    walk: Walk, knowledge: Knowledge
) -> None:
    await walk("GATEWAY_INVITATION_SENT", contact_email=EMAIL)
    async with http_receiver() as other, http_receiver() as receiver:
        receiver.elsewhere = other.url
        done = await deliver_due(by_webhook(receiver.url), knowledge.library.messages, at(NOW))
    assert (done, receiver.requests, other.requests) == (Dispatched(failed=1), 1, 0)
    assert (await outcome())[2] == "DeliveryError: The webhook answered 307."


async def test_a_webhook_on_this_machine_is_asked_only_where_it_is_allowed(
    walk: Walk, knowledge: Knowledge
) -> None:
    await walk("GATEWAY_INVITATION_SENT", contact_email=EMAIL)
    async with http_receiver() as receiver:
        settings = by_webhook(receiver.url).model_copy(update={"webhook_private": False})
        done = await deliver_due(settings, knowledge.library.messages, at(NOW))
    assert (done, receiver.got) == (Dispatched(failed=1), [])
    assert (await outcome())[2] == (
        "DeliveryError: The webhook lies on this machine or in a private network "
        "(KB_WEBHOOK_PRIVATE)."
    )


@pytest.mark.parametrize(
    ("values", "setting"),
    [
        ({"mail_url": "ftp://example"}, "KB_MAIL_URL"),
        ({"mail_url": "file://"}, "KB_MAIL_URL"),
        ({"mail_url": "smtp://user:word@mail.example"}, "KB_MAIL_URL"),
        ({"mail_url": "smtp://mail.example:x"}, "KB_MAIL_URL"),
        ({"mail_url": "smtp://mail.example"}, "KB_GATEWAY_LINK"),
        ({"webhook_url": "https://hook.example"}, "KB_WEBHOOK_SECRET"),
        ({"webhook_url": "https://hook.example", "webhook_secret": "short"}, "KB_WEBHOOK_SECRET"),
        ({"webhook_url": "http://hook.example", "webhook_secret": SECRET}, "KB_WEBHOOK_URL"),
    ],
)
def test_settings_that_could_not_work_are_refused(values: dict[str, str], setting: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        Settings(**values)
    assert refused.value.field == setting
    assert "word" not in str(refused.value).replace("password", "").replace("PASSWORD", "")
