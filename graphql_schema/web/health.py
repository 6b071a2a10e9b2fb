"""`/healthz` and `/readyz`: whether the process runs, and whether it can answer."""

import asyncio
import logging

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from kb.heartbeats import Heartbeats
from kb.services.database import primary_is_away, why_unwritable
from kb.services.knowledge.holder import KnowledgeHolder
from kb.services.knowledge.releases import current_release

PATIENCE = 2.0
"""Seconds that the database has to answer; whoever asks gives up soon after."""

logger = logging.getLogger("graphql_schema")


async def healthz(_request: Request) -> Response:
    """The process runs."""
    return PlainTextResponse("ok")


async def readyz(request: Request) -> Response:
    """The server is not about to stop, has its knowledge, and what it needs runs.

    The database has to answer within `PATIENCE`, and to be one that records; or, while the primary
    is away, a replica on which can be read meanwhile.
    """
    knowledge: KnowledgeHolder | None = getattr(request.app.state, "knowledge", None)
    if getattr(request.app.state, "draining", False):
        return JSONResponse({"ready": False, "reason": "The server is about to stop."}, 503)
    try:
        async with asyncio.timeout(PATIENCE):
            if await primary_is_away():
                return JSONResponse({"ready": True, "recording": False})
            await current_release()
            unwritable = await why_unwritable(request.app.state.settings)
    except Exception as error:  # whatever the database says, it is not ready
        logger.warning("not ready: %r", error)
        return JSONResponse({"ready": False, "reason": "The database does not answer."}, 503)
    if unwritable is not None:
        logger.warning("not ready: %s", unwritable)
        reason = f"{unwritable} Nothing can be recorded."
        return JSONResponse({"ready": False, "reason": reason}, 503)
    if knowledge is None:
        return JSONResponse({"ready": False, "reason": "No knowledge is loaded."}, 503)
    heartbeats: Heartbeats = request.app.state.heartbeats
    stopped = ", ".join(heartbeats.stopped())
    if stopped:
        logger.warning("not ready: stopped working: %s", stopped)
        return JSONResponse({"ready": False, "reason": f"Stopped working: {stopped}."}, 503)
    ages = {loop: round(age, 1) for loop, age in heartbeats.ages().items()}
    return JSONResponse(
        {
            "ready": True,
            "knowledge": knowledge.current.release.number,
            "secondsSinceWorked": ages,
        }
    )
