"""How soon an event reaches thousands of subscribers, and what memory is left when they are gone.

    python -m benchmarks.subscriptions [--sockets 2000] [--events 5] [--url postgres://…]

Serves demo facilities, on SQLite if no server's database is named, from a process of its own. Every
socket follows the whole portfolio in the name of the helpdesk. An event is recorded by another
process than the server; the times are those from its commit until it has arrived on a socket, in
milliseconds, for the middle one and the last. The clients of all sockets are one process, which
takes a share of the time too.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median

import psutil
from pydantic import SecretStr
from tortoise.transactions import in_transaction

from kb.models import Facility
from kb.rules.events import EventKind
from kb.rules.roles import Role
from kb.services.access.api_keys import ApiKeys
from kb.services.access.matrix import OPERATOR, Viewer
from kb.services.database import connect, migrate
from kb.services.demo.facilities import make_demo
from kb.services.knowledge.publishing import publish_content
from kb.services.recording.append import Addition, NewEvent, append_events
from kb.settings import Settings
from tests.live.served import PEPPER, PORTFOLIO, Server, Subscriber, connected, served

OPENED_AT_ONCE = 50
PATIENCE = 60.0
FREED_WITHIN = 40.0
"""Seconds after which freed memory has been given back to the system."""


async def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sockets", type=int, default=2_000)
    parser.add_argument("--events", type=int, default=5)
    parser.add_argument("--url", help="a database of its own on PostgreSQL, which it fills")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = arguments.url or f"sqlite://{Path(folder) / 'kb.sqlite3'}"
        settings = Settings(database_url=url, token_pepper=SecretStr(PEPPER))
        await migrate(settings)
        async with connect(settings, everywhere=False):
            await publish_content(None, at=datetime.now(UTC))
            await make_demo(200)
            token = (await ApiKeys(settings).create(OPERATOR, Viewer(Role.HELPDESK))).key
            room = str(2 * arguments.sockets)
            limits = ("CONNECTIONS", "SOCKETS", "SUBSCRIPTIONS_PER_CLIENT")
            options = {f"KB_MAX_{name}": room for name in limits}
            async with served(settings, **options) as server:
                await _measure(server, token, arguments.sockets, arguments.events)


async def _measure(server: Server, token: str, sockets: int, events: int) -> None:
    process = psutil.Process(server.process.pid)
    before = _megabytes(process)
    async with AsyncExitStack() as stack:
        subscribers = await _opened(stack, server, token, sockets)
        print(f"memory: {before:.0f} MB, with {sockets} sockets {_megabytes(process):.0f} MB")
        for number in range(events):
            arriving = [asyncio.create_task(_arrival(each)) for each in subscribers]
            await asyncio.sleep(0.5)
            cpu = sum(process.cpu_times()[:2])
            committed = await _record(number)
            taken = [1_000 * (at - committed) for at in await asyncio.gather(*arriving)]
            cpu = 1_000 * (sum(process.cpu_times()[:2]) - cpu)
            print(
                f"event {number + 1}: the middle one after {median(taken):.0f} ms, the last after "
                f"{max(taken):.0f} ms; the server took {cpu:.0f} ms of a processor"
            )
    await asyncio.sleep(FREED_WITHIN)
    print(f"memory {FREED_WITHIN:.0f} s after all have gone: {_megabytes(process):.0f} MB")


async def _opened(
    stack: AsyncExitStack, server: Server, token: str, sockets: int
) -> list[Subscriber]:
    opened: list[Subscriber] = []
    while len(opened) < sockets:
        wanted = min(OPENED_AT_ONCE, sockets - len(opened))
        opened += await asyncio.gather(
            *(stack.enter_async_context(_following(server, token)) for _ in range(wanted))
        )
    return opened


@asynccontextmanager
async def _following(server: Server, token: str) -> AsyncIterator[Subscriber]:
    async with connected(server, token, compression=None, open_timeout=PATIENCE) as subscriber:
        await subscriber.subscribe(PORTFOLIO)
        caught_up = await subscriber.next_message(PATIENCE)
        assert caught_up["__typename"] == "CaughtUp", caught_up
        yield subscriber


async def _arrival(subscriber: Subscriber) -> float:
    await subscriber.connection.recv()
    return time.perf_counter()


async def _record(number: int) -> float:
    """Record an event; when it was committed."""
    facility = await Facility.get(os_id="DEMO-OS-000002")
    event = NewEvent(EventKind.INTEREST_DECLARED, date(2026, 11, 1), datetime.now(UTC), "FACILITY")
    async with in_transaction():
        await append_events([Addition(facility, [event])])
    return time.perf_counter()


def _megabytes(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / 1_000_000


if __name__ == "__main__":
    asyncio.run(main())
