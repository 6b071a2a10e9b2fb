"""Answers to requests of which nothing is executed, in the form of GraphQL errors."""

import logging
from collections.abc import Mapping

import orjson
from starlette.requests import HTTPConnection
from starlette.responses import Response

from graphql_schema.metrics import OTHER, REQUESTS

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
