"""`/healthz` and `/readyz`: whether the process runs, and whether it can answer."""

import logging

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from kb.services.knowledge.holder import KnowledgeHolder
from kb.services.knowledge.releases import current_release

logger = logging.getLogger("graphql_schema")


async def healthz(_request: Request) -> Response:
    """The process runs."""
    return PlainTextResponse("ok")


async def readyz(request: Request) -> Response:
    """The database answers and the knowledge is loaded."""
    knowledge: KnowledgeHolder | None = getattr(request.app.state, "knowledge", None)
    try:
        await current_release()
    except Exception as error:  # whatever the database says, it is not ready
        logger.warning("not ready: %s", error)
        return JSONResponse({"ready": False, "reason": "The database does not answer."}, 503)
    if knowledge is None:
        return JSONResponse({"ready": False, "reason": "No knowledge is loaded."}, 503)
    return JSONResponse({"ready": True, "knowledge": knowledge.current.release.number})
