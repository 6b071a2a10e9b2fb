"""What runs beside the requests for as long as the app does, and how it starts."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.errors import KbError
from kb.heartbeats import Heartbeat, Heartbeats
from kb.services.access.callers import Callers
from kb.services.access.shared_rates import SharedRates, remove_old
from kb.services.asking.learning import purge
from kb.services.knowledge.holder import KnowledgeHolder
from kb.services.live.bus import Bus
from kb.services.live.feed import place
from kb.settings import Settings

logger = logging.getLogger("graphql_schema")

REFRESH_SECONDS = 5.0
"""How often to look for a newer knowledge release; about what one waits for it at most."""

USES_NOTED_SECONDS = 60.0
"""How often it is written down when API keys were last used."""

SHARED_SECONDS = 1.0
"""How often processes tell each other what callers took."""

PLACE_SECONDS = 5.0
"""How often events get their positions that nobody follows."""

PURGE_SECONDS = 6 * 3600.0
"""How often old questions and ratings are removed."""


class OneLineStart:
    """Makes an expected error at start one line in the log instead of a traceback."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on but the message that starting has failed."""
        if scope["type"] != "lifespan":
            await self.app(scope, receive, send)
            return

        async def without_failure(message: Message) -> None:
            if message["type"] != "lifespan.startup.failed":
                await send(message)

        try:
            await self.app(scope, receive, without_failure)
        except KbError as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})


@contextlib.contextmanager
def _one_round(worked: Heartbeat, what: str) -> Iterator[None]:
    """A round of a loop: when it fails, that is logged and the loop goes on."""
    try:
        yield
        worked()
    except Exception as error:
        logger.warning("could not %s: %s", what, error)


async def keep_fresh(holder: KnowledgeHolder, bus: Bus, heartbeats: Heartbeats) -> None:
    """Take over newer knowledge releases while the app runs, and send them to subscribers.

    Until that works, answers come from the release that is in use.
    """
    worked = heartbeats.of("releases", REFRESH_SECONDS)
    while True:
        await bus.release_may_have_come(REFRESH_SECONDS)
        with _one_round(worked, "look for newer knowledge"):
            if await holder.refresh_if_newer():
                bus.tell_release(holder.current.release)
                logger.info("knowledge release %s is in use", holder.current.release.number)


async def keep_noting(callers: Callers, heartbeats: Heartbeats) -> None:
    """Write down once a minute when API keys were last used, for people to look at."""
    worked = heartbeats.of("key_uses", USES_NOTED_SECONDS, needed=False)
    while True:
        await asyncio.sleep(USES_NOTED_SECONDS)
        with _one_round(worked, "note the use of API keys"):
            await callers.keys.note_uses()


async def keep_sharing(shared: SharedRates, heartbeats: Heartbeats) -> None:
    """Tell other processes every second what callers took here, and learn what they took there.

    Until that works, what this process knows counts.
    """
    worked = heartbeats.of("allowances", SHARED_SECONDS, needed=False)
    while True:
        with _one_round(worked, "share allowances"):
            await shared.exchange(time.monotonic())
        await asyncio.sleep(SHARED_SECONDS)


async def keep_placing(heartbeats: Heartbeats) -> None:
    """Give events their positions, so that the first who follows them need not wait for that."""
    worked = heartbeats.of("positions", PLACE_SECONDS, needed=False)
    while True:
        with _one_round(worked, "give events their positions"):
            await place()
        await asyncio.sleep(PLACE_SECONDS)


async def keep_purging(settings: Settings, heartbeats: Heartbeats) -> None:
    """Remove, a few times a day, questions, ratings and rates that were kept long enough."""
    worked = heartbeats.of("purge", PURGE_SECONDS, needed=False)
    while True:
        with _one_round(worked, "remove old questions and ratings"):
            await purge(settings, datetime.now(UTC))
            await remove_old()
        await asyncio.sleep(PURGE_SECONDS)


async def warm_up(holder: KnowledgeHolder) -> None:
    """Make the search ready, so that the first question does not wait for it."""
    try:
        await holder.current.searching.index()
    except Exception:  # the first question tries again, and tells what is wrong
        logger.exception("the search could not be made ready")
