"""A reader that does not read is told where to go on, and nobody waits for it."""

from __future__ import annotations

import asyncio
import socket
import time
from datetime import UTC, datetime

import pytest
import websockets
from tortoise.transactions import in_transaction

from kb.rules.events import EventKind
from kb.rules.roles import Role
from kb.services.recording.append import Addition, NewEvent, append_events
from tests.live.conftest import DAY, Writer
from tests.live.served import PORTFOLIO, PROTOCOL, Subscriber, following, served
from tests.trial_databases import on_sqlite

pytestmark = pytest.mark.served

# Some 30 KB for each event, so that the buffers between the processes are soon full.
MUCH = PORTFOLIO.replace(
    "facility { id name }",
    "facility { id name "
    + " ".join(f"s{number}: whatApplies {{ summary }}" for number in range(10))
    + " }",
    1,
)


async def burst(writer: Writer, count: int) -> None:
    """So many events, committed together."""
    event = NewEvent(EventKind.ENROLLED, DAY, datetime.now(UTC), "HELPDESK")
    async with in_transaction():
        addition = Addition(writer.facilities["Alpha Garments"], [event] * count)
        await append_events([addition])


async def test_a_burst_larger_than_the_queue_is_told_in_full_to_who_reads(writer: Writer) -> None:
    token = await writer.token(Role.HELPDESK)
    async with (
        served(writer.settings, KB_SUBSCRIPTION_QUEUE="5") as server,
        following(server, token, PORTFOLIO) as subscriber,
    ):
        await subscriber.next_message()
        await burst(writer, 300)
        await writer.happens("Alpha Garments", EventKind.INTEREST_DECLARED)
        sequences = [(await subscriber.next_message())["event"]["sequence"] for _ in range(301)]
        assert sequences == list(range(2, 303))
        await subscriber.silence(0.2)


@on_sqlite
async def test_a_slow_reader_is_told_where_to_go_on_and_others_do_not_wait(writer: Writer) -> None:
    token = await writer.token(Role.HELPDESK)
    total = 0
    async with (
        served(writer.settings, KB_SUBSCRIPTION_QUEUE="5") as server,
        following(server, token, PORTFOLIO) as quick,
    ):
        small = socket.socket()
        small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        small.connect(("127.0.0.1", server.port))
        small.setblocking(False)
        async with websockets.connect(
            server.ws,
            sock=small,
            subprotocols=[websockets.Subprotocol(PROTOCOL)],
            compression=None,
            max_queue=1,
        ) as connection:
            slow = Subscriber(connection)
            payload = {"Authorization": f"Bearer {token}"}
            await slow.send({"type": "connection_init", "payload": payload})
            await slow.message()
            await slow.subscribe(MUCH)
            assert (await slow.next_message())["__typename"] == "CaughtUp"
            await quick.next_message()
            for _ in range(25):
                await burst(writer, 20)
                total += 20
                started = time.monotonic()
                for _ in range(20):
                    await quick.next_message()
                assert time.monotonic() - started < 5
            await asyncio.sleep(1.5)
            messages = []
            while not messages or messages[-1]["__typename"] != "SlowReader":
                messages.append(await slow.next_message(20))
            assert (await slow.message())["type"] == "complete"
        sequences = [message["event"]["sequence"] for message in messages[:-1]]
        assert 0 < len(sequences) < total
        async with following(server, token, PORTFOLIO, after=messages[-1]["cursor"]) as resumed:
            while (message := await resumed.next_message())["__typename"] != "CaughtUp":
                sequences.append(message["event"]["sequence"])
        assert sequences == list(range(2, total + 2))
