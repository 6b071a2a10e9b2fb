"""Nothing is lost and nothing is told twice, however transactions overlap and clients come back."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from tortoise.transactions import in_transaction

from graphql_schema.web.background import keep_placing
from kb.heartbeats import Heartbeats
from kb.models import EventPosition, UnplacedEvent
from kb.rules.events import EventKind
from kb.rules.roles import Role
from kb.services.live.feed import head, place, read
from kb.services.recording.append import Addition, NewEvent, append_events
from tests.live.conftest import DAY, Writer
from tests.live.served import PORTFOLIO, Server, following, served
from tests.trial_databases import on_postgresql

pytestmark = pytest.mark.served

WRITERS = 3
EVENTS_EACH = 6


async def write_slowly(writer: Writer, name: str, kind: EventKind, seconds: float) -> None:
    """One event whose transaction stays open for a while after it was written."""
    event = NewEvent(kind, DAY, datetime.now(UTC), "HELPDESK")
    async with in_transaction():
        await append_events([Addition(writer.facilities[name], [event])])
        await asyncio.sleep(seconds)


@on_postgresql
async def test_an_event_committed_late_comes_after_one_with_a_higher_id(writer: Writer) -> None:
    await place()
    start = await head()
    written, may_commit = asyncio.Event(), asyncio.Event()

    async def write_and_wait() -> None:
        event = NewEvent(EventKind.ENROLLED, DAY, datetime.now(UTC), "HELPDESK")
        async with in_transaction():
            await append_events([Addition(writer.facilities["Alpha Garments"], [event])])
            written.set()
            await may_commit.wait()

    writing = asyncio.create_task(write_and_wait())
    await written.wait()
    await writer.happens("Beta Textiles", EventKind.ENROLLED)
    await place()
    (first,) = (await read(start, 10)).events
    may_commit.set()
    await writing
    await place()
    (second,) = (await read(first.position, 10)).events
    assert second.recorded.id < first.recorded.id
    assert (first.facility_id, second.facility_id) == (
        writer.facilities["Beta Textiles"].id,
        writer.facilities["Alpha Garments"].id,
    )


async def test_processes_that_place_at_once_place_every_event_once(writer: Writer) -> None:
    for _ in range(20):
        await asyncio.gather(
            *(place() for _ in range(4)),
            writer.happens("Alpha Garments", EventKind.SELF_ASSESSMENT_COMPLETED, steps=[1]),
        )
    await place()
    assert await UnplacedEvent.all().count() == 0
    placed = await EventPosition.all().order_by("position").values_list("event_id", flat=True)
    assert len(placed) == len(set(placed)) == 22


async def test_events_that_nobody_follows_get_their_positions_too(writer: Writer) -> None:
    before = await head()
    await writer.happens("Alpha Garments", EventKind.ENROLLED)
    with suppress(TimeoutError):
        await asyncio.wait_for(keep_placing(Heartbeats()), 0.1)
    assert await head() > before
    assert not await UnplacedEvent.exists()


async def test_a_follower_that_keeps_changing_servers_is_told_everything_once_and_in_order(
    writer: Writer, server: Server
) -> None:
    names = [f"Writer {number}" for number in range(WRITERS)]
    for name in names:
        await writer.register(name)
    token = await writer.token(Role.ADMIN)

    async def write(name: str) -> None:
        for number in range(EVENTS_EACH):
            kind = (EventKind.ENROLLED, EventKind.INTEREST_DECLARED)[number % 2]
            await write_slowly(writer, name, kind, random.uniform(0, 0.04))
            await asyncio.sleep(random.uniform(0, 0.04))

    sequences: dict[str, list[int]] = defaultdict(list)
    async with served(writer.settings) as another:
        async with following(server, token, PORTFOLIO) as subscriber:
            cursor = (await subscriber.next_message())["cursor"]
        writing = asyncio.gather(*map(write, names))
        turns = 0
        while sum(map(len, sequences.values())) < WRITERS * EVENTS_EACH:
            turns += 1
            at = (server, another)[turns % 2]
            async with following(at, token, PORTFOLIO, after=cursor) as subscriber:
                for _ in range(random.randint(1, 5)):
                    try:
                        message = await subscriber.next_message(0.5)
                    except TimeoutError:
                        break
                    cursor = message["cursor"]
                    if message["__typename"] == "FacilityEvent":
                        sequences[message["facility"]["name"]].append(message["event"]["sequence"])
        await writing
        async with following(another, token, PORTFOLIO, after=cursor) as subscriber:
            assert (await subscriber.next_message())["__typename"] == "CaughtUp"
            await subscriber.silence(0.3)
    assert sequences == {name: list(range(2, EVENTS_EACH + 2)) for name in names}
    assert turns > 2
