"""Answers to requests of which nothing is executed, in the form of GraphQL errors."""

import logging
from collections.abc import Mapping

import orjson
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from graphql_schema.errors import UNEXPECTED
from graphql_schema.metrics import OTHER, REQUESTS
from graphql_schema.web.forwarding import REQUEST_ID

logger = logging.getLogger("graphql_schema.operations")

PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"


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
    REQUESTS.labels(OTHER, code).inc()
    logger.info("refused", extra={"status": status, "outcome": code})
    extensions = {"code": code, "requestId": request.scope.get("state", {}).get("request_id")}
    error = {"message": message, "extensions": extensions}
    return Response(
        orjson.dumps({"errors": [error]}),
        status_code=status,
        media_type="application/json",
        headers=dict(headers or {}),
    )


async def unexpected(request: Request, _error: Exception) -> Response:
    """The answer to a request that failed by a fault of ours, which the server logs.

    It is sent outside of the middleware that gives other answers the id of their request.
    """
    request_id: str = request.scope.get("state", {}).get("request_id", "")
    return refusal(request, 500, "INTERNAL_ERROR", UNEXPECTED, {REQUEST_ID: request_id})
