"""Wakes a process when something was committed, by itself or by another process."""

from __future__ import annotations

import asyncio
import logging
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from uuid import uuid4

from tortoise.connection import get_connection

from kb.heartbeats import Heartbeat
from kb.models.announcing import CHANNEL
from kb.services.database import FAILURES, connect_to_listen
from kb.settings import Settings

logger = logging.getLogger("kb.live")

POLL_SECONDS = 0.05
"""How often to look whether the SQLite file has changed, which takes a few microseconds."""

PROBE_SECONDS = 15.0
"""How often to try whether notifications of PostgreSQL still arrive."""

HEARD_WITHIN = 3.0
"""How many seconds a notification of our own may take."""

DEAF = (
    "notifications of PostgreSQL do not arrive, so subscriptions tell nothing: behind a pooler of "
    "connections, set KB_DATABASE_LISTEN_URL to a URL that leads to PostgreSQL itself"
)

Wake = Callable[[str | None], None]
"""Called with the name of the table that has new rows, or None when that is not known."""


async def wake_up(settings: Settings, wake: Wake, wanted: asyncio.Event, worked: Heartbeat) -> None:
    """Call `wake` after every commit that may matter, for as long as `wanted` is set.

    Runs until it is cancelled. One call may stand for many commits.
    """
    file = settings.sqlite_file
    if file is not None:
        await _poll(file, wake, wanted, worked)
    else:
        await _listen(settings, wake, wanted, worked)


async def _poll(file: Path, wake: Wake, wanted: asyncio.Event, worked: Heartbeat) -> None:
    with closing(sqlite3.connect(file)) as connection:
        seen = None
        while True:
            await worked.wait_for(wanted)
            worked()
            try:
                version = connection.execute("PRAGMA data_version").fetchone()[0]
            except sqlite3.OperationalError:  # locked just now: somebody writes
                version = None
            if version is None or version != seen:
                seen = version
                wake(None)
            await asyncio.sleep(POLL_SECONDS)


async def _listen(settings: Settings, wake: Wake, wanted: asyncio.Event, worked: Heartbeat) -> None:
    failures = 0
    while True:
        await worked.wait_for(wanted)
        try:
            await _listen_until_lost(settings, wake, worked)
            failures = 0
            logger.warning("the connection that listens to PostgreSQL was lost; opening it again")
        except _NotificationLostError:
            failures += 1
            logger.error(DEAF)
        except FAILURES as error:
            failures += 1
            logger.warning("cannot listen to PostgreSQL, trying again: %r", error)
        await asyncio.sleep(pause_after(failures))


def pause_after(failures: int) -> float:
    """Seconds until one who cannot listen tries again, after so many failures in a row."""
    doubled = 0.2 * 2.0 ** min(failures, 6)
    return min(10.0, doubled) * random.uniform(0.5, 1.0)


class _NotificationLostError(Exception):
    """What is notified on the connection does not arrive on it."""


async def _listen_until_lost(settings: Settings, wake: Wake, worked: Heartbeat) -> None:
    """Listen on a connection of its own: those of the pool are handed on, and forget it.

    _NotificationLostError when a notification of our own does not arrive.
    """
    probe, heard = f"probe {uuid4().hex}", asyncio.Event()
    lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def on_loss(_connection: object) -> None:
        if not lost.done():
            lost.set_result(None)

    def on_notify(_connection: object, _sender: int, _channel: str, table: str) -> None:
        if table == probe:
            heard.set()
        elif not table.startswith("probe "):  # of another process
            wake(table)

    connection = await connect_to_listen(settings)
    try:
        connection.add_termination_listener(on_loss)
        await connection.add_listener(CHANNEL, on_notify)
        wake(None)  # for whatever was committed while nobody listened
        while not lost.done():
            heard.clear()
            # Another connection: through a pooler, this one may hear itself and nobody else.
            await get_connection("default").execute_query(f"NOTIFY {CHANNEL}, '{probe}'")
            try:
                async with asyncio.timeout(HEARD_WITHIN):
                    await heard.wait()
            except TimeoutError:
                raise _NotificationLostError from None
            worked()
            await asyncio.wait([lost], timeout=PROBE_SECONDS)
    finally:
        connection.terminate()
