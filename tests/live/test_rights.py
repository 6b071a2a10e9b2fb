"""Everyone is told only what is theirs, and only for as long as it is."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import pytest

from kb.rules.events import EventKind
from kb.rules.roles import Role
from kb.services.access.api_keys import CACHE_SECONDS
from tests.global_ids import global_id
from tests.live.conftest import Writer
from tests.live.served import FACILITY, PORTFOLIO, Server, connected, following, streaming

pytestmark = pytest.mark.served

ALPHA, BETA = "Alpha Garments", "Beta Textiles"


async def test_a_brand_sees_a_facility_appear_when_it_shares_and_vanish_when_it_does_not(
    writer: Writer, server: Server
) -> None:
    token = await writer.token(Role.BRAND, "Northwind")
    alpha = writer.id(ALPHA)
    async with following(server, token, PORTFOLIO) as subscriber:
        await subscriber.next_message()
        await writer.happens(ALPHA, EventKind.ENROLLED)
        await writer.share(ALPHA, "Southwind")
        await writer.share(ALPHA, "Northwind")
        message = await subscriber.next_message()
        del message["cursor"]
        assert message == {
            "__typename": "FacilityAppeared",
            "facility": {"id": alpha, "name": ALPHA},
        }
        await writer.happens(BETA, EventKind.ENROLLED)
        await writer.unshare(ALPHA, "Southwind")
        await writer.happens(ALPHA, EventKind.INTEREST_DECLARED)
        assert (await subscriber.next_message())["event"]["kind"] == "INTEREST_DECLARED"
        await writer.unshare(ALPHA, "Northwind")
        message = await subscriber.next_message()
        del message["cursor"]
        assert message == {"__typename": "FacilityVanished", "facilityId": alpha}
        await writer.happens(ALPHA, EventKind.PLATFORM_SET_UP)
        await subscriber.silence()


async def test_a_brand_that_comes_back_is_told_only_what_happened_while_it_was_shared_with(
    writer: Writer, server: Server
) -> None:
    token = await writer.token(Role.BRAND, "Northwind")
    async with following(server, token, PORTFOLIO) as subscriber:
        cursor = (await subscriber.next_message())["cursor"]
    await writer.happens(ALPHA, EventKind.ENROLLED)
    await writer.share(ALPHA, "Northwind")
    await writer.happens(ALPHA, EventKind.INTEREST_DECLARED)
    await writer.share(BETA, "Northwind")
    await writer.happens(BETA, EventKind.ENROLLED)
    await writer.unshare(BETA, "Northwind")
    async with following(server, token, PORTFOLIO, after=cursor) as subscriber:
        messages = [await subscriber.next_message() for _ in range(4)]
    assert [
        (message["__typename"], message.get("event", {}).get("kind")) for message in messages
    ] == [
        ("FacilityAppeared", None),
        ("FacilityEvent", "INTEREST_DECLARED"),
        ("FacilityVanished", None),
        ("CaughtUp", None),
    ]
    assert messages[2]["facilityId"] == writer.id(BETA)


async def test_a_facility_that_ceases_to_share_ends_what_a_brand_follows_of_it(
    writer: Writer, server: Server
) -> None:
    token = await writer.token(Role.BRAND, "Northwind")
    alpha = writer.id(ALPHA)
    await writer.share(ALPHA, "Northwind")
    async with following(server, token, FACILITY, id=alpha) as subscriber:
        await subscriber.next_message()
        await writer.happens(ALPHA, EventKind.ENROLLED)
        assert (await subscriber.next_message())["event"]["kind"] == "ENROLLED"
        started = time.monotonic()
        await writer.unshare(ALPHA, "Northwind")
        error = await subscriber.error()
        assert time.monotonic() - started < 5
        assert error["code"] == "NOT_FOUND"
        assert (await subscriber.message())["type"] == "complete"
        await subscriber.subscribe(FACILITY, id=alpha)
        assert await subscriber.error() == error


async def test_a_hidden_facility_and_a_missing_one_are_refused_in_the_same_words(
    writer: Writer, server: Server
) -> None:
    token = await writer.token(Role.BRAND, "Northwind")
    hidden = writer.id(BETA)
    missing = global_id(999)
    messages = []
    async with connected(server, token) as subscriber:
        for id_ in (hidden, missing):
            await subscriber.subscribe(FACILITY, id=id_)
            message = await subscriber.message()
            assert message["type"] == "error"
            messages.append(str({**message, "id": ""}).replace(id_, "ID"))
    assert messages[0] == messages[1]
    assert "'code': 'NOT_FOUND'" in messages[0]


async def test_who_sees_no_facilities_cannot_follow_them(writer: Writer, server: Server) -> None:
    for token in (None, await writer.token(Role.CHATBOT)):
        async with connected(server, token) as subscriber:
            for query in (PORTFOLIO, FACILITY):
                await subscriber.subscribe(query, id=writer.id(ALPHA))
                assert (await subscriber.error())["code"] == "NOT_PERMITTED"


async def test_a_facility_user_follows_its_own_facility_only(
    writer: Writer, server: Server
) -> None:
    own = (writer.facilities[ALPHA].id,)
    token = await writer.token(Role.FACILITY, facility_ids=own)
    async with following(server, token, PORTFOLIO) as subscriber:
        await subscriber.next_message()
        await writer.happens(BETA, EventKind.ENROLLED)
        await writer.happens(ALPHA, EventKind.ENROLLED)
        assert (await subscriber.next_message())["facility"]["name"] == ALPHA
        await subscriber.silence()


async def test_an_slcp_officer_is_told_of_gateway_profiles_only(
    writer: Writer, server: Server
) -> None:
    token = await writer.token(Role.SLCP_OFFICER)
    async with following(server, token, PORTFOLIO) as subscriber:
        await subscriber.next_message()
        for kind in (EventKind.ENROLLED, EventKind.PROFILE_SUBMITTED, EventKind.INTEREST_DECLARED):
            await writer.happens(ALPHA, kind)
        await writer.happens(ALPHA, EventKind.PROFILE_RETURNED)
        kinds = [(await subscriber.next_message())["event"]["kind"] for _ in range(2)]
        assert kinds == ["PROFILE_SUBMITTED", "PROFILE_RETURNED"]


async def test_a_revoked_token_ends_its_subscriptions_within_five_seconds_and_is_answered_no_more(
    writer: Writer, server: Server
) -> None:
    token, asks, other = [await writer.token(Role.HELPDESK) for _ in range(3)]
    async with (
        following(server, token, PORTFOLIO) as subscriber,
        streaming(server, token, PORTFOLIO) as stream,
        following(server, other, PORTFOLIO) as undisturbed,
        connected(server, asks) as asking,
    ):
        await asking.subscribe("{ viewer { role } }")
        assert await asking.next_message() == {"role": "HELPDESK"}
        for reader in (subscriber, stream, undisturbed):
            assert (await reader.next_message())["__typename"] == "CaughtUp"
        started = time.monotonic()
        await writer.revoke(token)
        await writer.revoke(asks)
        revoked = time.monotonic()
        assert (await subscriber.error())["code"] == "UNAUTHENTICATED"
        assert (await subscriber.message())["type"] == "complete"
        assert await subscriber.closed() == 4403
        name, data = await stream.event()
        assert (name, data["errors"][0]["extensions"]["code"]) == ("next", "UNAUTHENTICATED")
        assert await stream.event() == ("complete", None)
        assert time.monotonic() - started < 5
        await asyncio.sleep(max(0.0, revoked + CACHE_SECONDS - time.monotonic()))
        await asking.subscribe("{ viewer { role } }")
        assert await asking.closed() == 4403
        await writer.happens(ALPHA, EventKind.ENROLLED)
        assert (await undisturbed.next_message())["event"]["kind"] == "ENROLLED"


async def test_an_expired_token_ends_its_subscriptions(writer: Writer, server: Server) -> None:
    token = await writer.token(Role.HELPDESK, lifetime=timedelta(seconds=3))
    async with following(server, token, PORTFOLIO) as subscriber:
        await subscriber.next_message()
        assert (await subscriber.error())["code"] == "UNAUTHENTICATED"
        assert await subscriber.closed() == 4403
