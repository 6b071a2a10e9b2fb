"""Answers to requests of which nothing is executed, in the form of GraphQL errors."""

import asyncio
import logging
from collections.abc import Mapping

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graphql_schema.errors import UNEXPECTED
from graphql_schema.metrics import OTHER, REQUESTS

logger = logging.getLogger("graphql_schema.operations")

PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"


GOING_AWAY = "The server stops, and did not get to answer. Ask again."


class RequestError(Exception):
    """A request that cannot be answered: HTTP status, stable code, and what to do about it."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers


def refusal(
    request: HTTPConnection,
    status: int,
    code: str,
    message: str,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """One GraphQL error as JSON, with the id under which the log has the request."""
    request_id = request.scope.get("state", {}).get("request_id")
    return refusal_response(request_id, status, code, message, headers)


def refusal_response(
    request_id: str | None,
    status: int,
    code: str,
    message: str,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The same for a request of which no more than its id is at hand."""
    REQUESTS.labels(OTHER, code).inc()
    logger.info("refused", extra={"status": status, "outcome": code})
    error = {"message": message, "extensions": {"code": code, "requestId": request_id}}
    return Response(
        orjson.dumps({"errors": [error]}),
        status_code=status,
        media_type="application/json",
        headers=dict(headers or {}),
    )


class Failures:
    """Answers what failed by a fault of ours, or was given up as the server stops.

    A fault is passed on to who logs it. A WebSocket that is not taken gets a refusal in its place.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "websocket":
            await self.app(scope, receive, _with_refusal(scope, receive, send))
            return
        started = scope["type"] != "http"

        async def noting(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except Exception:
            if not started:
                failed = refusal(Request(scope), 500, "INTERNAL_ERROR", UNEXPECTED)
                await failed(scope, receive, send)
            raise
        except asyncio.CancelledError:
            if started or not scope["app"].state.live_bus.closed:
                raise
            stopped = refusal(Request(scope), 503, "GOING_AWAY", GOING_AWAY, {"Retry-After": "5"})
            await stopped(scope, receive, send)


def _with_refusal(scope: Scope, receive: Receive, send: Send) -> Send:
    """A way to send that refuses a WebSocket in words, where it is closed before it is opened."""
    opened = "websocket.http.response" not in scope.get("extensions", {})

    async def answer(message: Message) -> None:
        nonlocal opened
        if message["type"] == "websocket.close" and not opened:
            if "endpoint" in scope:
                refused = refusal(HTTPConnection(scope), 403, "ORIGIN_NOT_ALLOWED", _FOREIGN)
            else:
                refused = refusal(HTTPConnection(scope), 404, "NOT_FOUND", _nothing_at(scope))
            await refused(scope, receive, send)
            return
        opened = True
        await send(message)

    return answer


_FOREIGN = "Pages of this origin may not ask; KB_ALLOWED_ORIGINS names those that may."


def _nothing_at(scope: Scope) -> str:
    return f"There is nothing at this address. The API is at {_root_path(scope)}/graphql."


def _root_path(scope: Scope) -> str:
    """Under which path the app is, also seen from what is mounted in it."""
    path: str = scope.get("app_root_path", scope.get("root_path", ""))
    return path


async def refused_by_routing(request: Request, error: Exception) -> Response:
    """The answer where nothing is, or nothing that answers the method.

    Where there is something with other slashes at the end, it leads there.
    """
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        code, message = "METHOD_NOT_ALLOWED", f"{request.method} is not answered here."
    elif (elsewhere := _with_other_slashes(request)) is not None:
        return RedirectResponse(elsewhere)
    else:
        code, message = "NOT_FOUND", _nothing_at(request.scope)
    return refusal(request, error.status_code, code, message, error.headers)


def _with_other_slashes(request: Request) -> str | None:
    """Where a page is, in steps from here: what name, scheme and path a proxy shows is open."""
    path: str = request.scope["path"]
    if path == _root_path(request.scope):
        return f"{path.rpartition('/')[2]}/"
    bare = path.removesuffix("/")
    there = {**request.scope, "root_path": _root_path(request.scope), "path": bare}
    routes = (route for route in request.app.routes if isinstance(route, Route))
    if bare == path or all(route.matches(there)[0] is Match.NONE for route in routes):
        return None
    query = request.scope["query_string"].decode("latin-1")
    steps = f"../{bare.rpartition('/')[2]}"
    return f"{steps}?{query}" if query else steps
