"""`/healthz` and `/readyz`: whether the process runs, and whether it can answer."""

import asyncio
import logging

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from kb.heartbeats import Heartbeats
from kb.services.knowledge.holder import KnowledgeHolder
from kb.services.knowledge.releases import current_release

PATIENCE = 2.0
"""Seconds that the database has to answer; whoever asks gives up soon after."""

logger = logging.getLogger("graphql_schema")


async def healthz(_request: Request) -> Response:
    """The process runs."""
    return PlainTextResponse("ok")


async def readyz(request: Request) -> Response:
    """The database answers within `PATIENCE`, the knowledge is loaded, and what is needed runs."""
    knowledge: KnowledgeHolder | None = getattr(request.app.state, "knowledge", None)
    try:
        async with asyncio.timeout(PATIENCE):
            await current_release()
    except Exception as error:  # whatever the database says, it is not ready
        logger.warning("not ready: %r", error)
        return JSONResponse({"ready": False, "reason": "The database does not answer."}, 503)
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
