"""What followers are told: over both transports, on both databases, by several processes."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import UTC, datetime

import httpx
import pytest

from kb.models import AuditEntry
from kb.rules.events import EventKind
from kb.rules.roles import Role
from kb.services.knowledge.releases import publish
from tests.live.conftest import Writer
from tests.live.served import FACILITY, PORTFOLIO, RELEASES, Server, following, served, streaming
from tests.rules.shipped import two_faqs
from tests.trial_databases import on_sqlite

pytestmark = pytest.mark.served

FOLLOW = {"websocket": following, "sse": streaming}


@pytest.fixture(params=FOLLOW)
def follow(request: pytest.FixtureRequest):
    return FOLLOW[request.param]


async def test_an_event_is_told_with_its_facility_as_soon_as_it_is_recorded(
    writer: Writer, server: Server, follow
) -> None:
    token = await writer.token(Role.HELPDESK)
    alpha = writer.id("Alpha Garments")
    async with follow(server, token, FACILITY, id=alpha) as subscriber:
        assert (await subscriber.next_message())["__typename"] == "CaughtUp"
        await writer.happens("Beta Textiles", EventKind.ENROLLED)
        await writer.happens("Alpha Garments", EventKind.ENROLLED)
        message = await subscriber.next_message(2)
        del message["cursor"]
        assert message == {
            "__typename": "FacilityEvent",
            "event": {"kind": "ENROLLED", "sequence": 2},
            "facility": {"id": alpha, "name": "Alpha Garments"},
        }


async def test_what_was_missed_is_told_first_then_what_happens_without_gap_or_repeat(
    writer: Writer, server: Server, follow
) -> None:
    token = await writer.token(Role.HELPDESK)
    async with follow(server, token, PORTFOLIO) as subscriber:
        cursor = (await subscriber.next_message())["cursor"]
    for kind in (EventKind.ENROLLED, EventKind.INTEREST_DECLARED, EventKind.PLATFORM_SET_UP):
        await writer.happens("Alpha Garments", kind)
    async with follow(server, token, PORTFOLIO, after=cursor) as subscriber:
        first = await subscriber.next_message()
        assert first["event"]["kind"] == "ENROLLED"
    async with (
        served(writer.settings) as another,
        follow(another, token, PORTFOLIO, after=first["cursor"]) as subscriber,
    ):
        messages = [await subscriber.next_message() for _ in range(3)]
        await writer.happens("Beta Textiles", EventKind.ENROLLED)
        messages.append(await subscriber.next_message())
    assert [
        (message["__typename"], message.get("event", {}).get("kind")) for message in messages
    ] == [
        ("FacilityEvent", "INTEREST_DECLARED"),
        ("FacilityEvent", "PLATFORM_SET_UP"),
        ("CaughtUp", None),
        ("FacilityEvent", "ENROLLED"),
    ]


ASKING_MORE = """
    subscription ($id: ID!, $after: String, $named: Boolean!) {
        facilityEvents(facilityId: $id, after: $after) {
            __typename
            ... on CaughtUp { cursor }
            ... on FacilityEvent {
                cursor
                event { kind sequence }
                facility { name @include(if: $named) }
            }
        }
    }
"""


@on_sqlite
async def test_all_who_ask_alike_with_equal_rights_get_one_answer_and_others_their_own(
    writer: Writer, server: Server
) -> None:
    alpha = writer.id("Alpha Garments")
    await writer.share("Alpha Garments", "Northwind")
    helpdesk, colleague, brand = [
        await writer.token(Role.HELPDESK),
        await writer.token(Role.HELPDESK),
        await writer.token(Role.BRAND, "Northwind"),
    ]
    async with following(server, helpdesk, ASKING_MORE, id=alpha, named=True) as subscriber:
        cursor = (await subscriber.next_message())["cursor"]
    followers = [
        (helpdesk, {"named": True}),
        (helpdesk, {"named": True, "after": cursor}),
        (colleague, {"named": True}),
        (helpdesk, {"named": False}),
        (brand, {"named": True}),
    ]
    async with AsyncExitStack() as stack:
        subscribers = [
            await stack.enter_async_context(
                following(server, token, ASKING_MORE, id=alpha, **variables)
            )
            for token, variables in followers
        ]
        for subscriber in subscribers:
            assert (await subscriber.next_message())["__typename"] == "CaughtUp"
        await writer.happens("Alpha Garments", EventKind.ENROLLED)
        first, *others = [await subscriber.next_message() for subscriber in subscribers]
    assert others[:2] == [first, first]
    assert first["facility"] == {"name": "Alpha Garments"}
    assert others[2]["facility"] == {}
    assert others[3]["facility"] == {"name": "Alpha Garments"}
    assert first["event"] == {"kind": "ENROLLED", "sequence": 3}
    assert others[3]["event"] == {"kind": "ENROLLED", "sequence": None}
    async with httpx.AsyncClient() as client:
        numbers = (await client.get(f"{server.http}/metrics")).text
    assert 'kb_subscription_answers_total{outcome="made"} 3.0' in numbers
    assert 'kb_subscription_answers_total{outcome="shared"} 2.0' in numbers
    noted = await AuditEntry.filter(what="READ", role="HELPDESK")
    assert len(noted) == 2, "each caller is noted, and once for all that it follows"


async def test_cursors_of_one_place_tell_nothing_and_look_different(
    writer: Writer, server: Server
) -> None:
    token = await writer.token(Role.HELPDESK)
    cursors = set()
    for _ in range(2):
        async with following(server, token, PORTFOLIO) as subscriber:
            cursors.add((await subscriber.next_message())["cursor"])
    assert len(cursors) == 2
    async with following(server, token, PORTFOLIO, after="WyJBIiwxXQ") as subscriber:
        assert await subscriber.error() == {
            "message": "after: 'WyJBIiwxXQ' is not valid. Allowed: a cursor that a subscription of "
            "this server gave.",
            "code": "INVALID_INPUT",
            "field": "after",
            "value": "WyJBIiwxXQ",
            "allowed": "a cursor that a subscription of this server gave",
        }


async def test_a_new_facility_appears_to_its_programme_officer(
    writer: Writer, server: Server
) -> None:
    token = await writer.token(Role.PROGRAMME_OFFICER, countries=("VN",))
    async with following(server, token, PORTFOLIO) as subscriber:
        await subscriber.next_message()
        await writer.register("Gamma Knits", "BD")
        gamma = await writer.register("Delta Denim")
        message = await subscriber.next_message()
        assert message["__typename"] == "FacilityAppeared"
        assert message["facility"] == {"id": gamma, "name": "Delta Denim"}
        await writer.happens("Delta Denim", EventKind.ENROLLED)
        assert (await subscriber.next_message())["event"]["kind"] == "ENROLLED"


async def test_a_knowledge_release_is_told_to_all_when_it_is_in_use(
    writer: Writer, server: Server, follow
) -> None:
    async with follow(server, None, RELEASES) as subscriber:
        done = await publish(two_faqs(), at=datetime.now(UTC))
        assert done.created
        # The search over the new release is built first, which takes a slow machine a while.
        assert await subscriber.next_message(patience=60) == {"number": done.number}
