"""What runs beside the requests for as long as the app does, and how it starts."""

import asyncio
import logging
import time
from datetime import UTC, datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.errors import KbError
from kb.heartbeats import Heartbeats
from kb.services.access.callers import Callers
from kb.services.access.shared_rates import SharedRates, remove_old
from kb.services.asking.learning import purge
from kb.services.knowledge.holder import KnowledgeHolder
from kb.services.live.bus import Bus
from kb.settings import Settings

logger = logging.getLogger("graphql_schema")

REFRESH_SECONDS = 5.0
"""How often to look for a newer knowledge release; about what one waits for it at most."""

USES_NOTED_SECONDS = 60.0
"""How often it is written down when API keys were last used."""

SHARED_SECONDS = 1.0
"""How often processes tell each other what callers took."""

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


async def keep_fresh(holder: KnowledgeHolder, bus: Bus, heartbeats: Heartbeats) -> None:
    """Take over newer knowledge releases while the app runs, and send them to subscribers."""
    worked = heartbeats.of("releases", REFRESH_SECONDS)
    while True:
        await bus.release_may_have_come(REFRESH_SECONDS)
        try:
            if await holder.refresh_if_newer():
                bus.tell_release(holder.current.release)
                logger.info("knowledge release %s is in use", holder.current.release.number)
            worked()
        except Exception as error:  # the answers go on with what is held
            logger.warning("could not look for newer knowledge: %s", error)


async def keep_noting(callers: Callers, heartbeats: Heartbeats) -> None:
    """Write down once a minute when API keys were last used."""
    worked = heartbeats.of("key_uses", USES_NOTED_SECONDS, needed=False)
    while True:
        await asyncio.sleep(USES_NOTED_SECONDS)
        try:
            await callers.keys.note_uses()
            worked()
        except Exception as error:  # it is only for people to look at
            logger.warning("could not note the use of API keys: %s", error)


async def keep_sharing(shared: SharedRates, heartbeats: Heartbeats) -> None:
    """Tell other processes every second what callers took here, and learn what they took there."""
    worked = heartbeats.of("allowances", SHARED_SECONDS, needed=False)
    while True:
        try:
            await shared.exchange(time.monotonic(), time.time())
            worked()
        except Exception as error:  # what this process knows counts meanwhile
            logger.warning("could not share allowances: %s", error)
        await asyncio.sleep(SHARED_SECONDS)


async def keep_purging(settings: Settings, heartbeats: Heartbeats) -> None:
    """Remove, a few times a day, questions, ratings and rates that were kept long enough."""
    worked = heartbeats.of("purge", PURGE_SECONDS, needed=False)
    while True:
        try:
            await purge(settings, datetime.now(UTC))
            await remove_old(time.time())
            worked()
        except Exception as error:  # the next time will do
            logger.warning("could not remove old questions and ratings: %s", error)
        await asyncio.sleep(PURGE_SECONDS)


async def warm_up(holder: KnowledgeHolder) -> None:
    """Make the search ready, so that the first question does not wait for it."""
    try:
        await holder.current.searching.index()
    except Exception:  # the first question tries again, and tells what is wrong
        logger.exception("the search could not be made ready")
