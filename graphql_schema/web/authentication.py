"""Who is asking over HTTP: the Authorization header becomes the viewer of the request.

Over WebSocket the token comes in `connection_init` instead, because browsers cannot send headers.
"""

import logging

from starlette.authentication import (
    AuthCredentials,
    AuthenticationBackend,
    AuthenticationError,
    BaseUser,
)
from starlette.requests import HTTPConnection
from starlette.responses import Response

from graphql_schema.errors import STORAGE_FAILED
from graphql_schema.web.refusals import refusal
from kb.errors import KbError, StorageError, TooOftenError, UnauthenticatedError
from kb.services.access.callers import Callers
from kb.services.access.matrix import Viewer
from kb.services.database import FAILURES

logger = logging.getLogger("graphql_schema")


class RefusedError(AuthenticationError):
    """Why a request is not answered at all: `cause` is the error that the caller gets."""

    def __init__(self, cause: KbError) -> None:
        super().__init__(str(cause))
        self.cause = cause


class Caller(BaseUser):
    """Who asks, as Starlette keeps it for the request."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer


class Bearer(AuthenticationBackend):
    """Reads the Authorization header; the app keeps its `Callers` in `state.callers`."""

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, BaseUser] | None:
        """Say who asks; RefusedError for a token that is not good."""
        if conn.scope["type"] != "http":
            return None
        callers: Callers = conn.app.state.callers
        try:
            # Of several lines nobody could say whose the request is; together they are no token.
            shown = conn.headers.getlist("authorization")
            viewer = await callers.viewer_of(
                ", ".join(shown) if shown else None, conn.client.host if conn.client else None
            )
        except (UnauthenticatedError, TooOftenError) as error:
            raise RefusedError(error) from None
        except FAILURES as error:
            logger.warning("could not look up a token: %r", error)
            raise RefusedError(StorageError(STORAGE_FAILED)) from None
        return AuthCredentials(), Caller(viewer)


def refused(connection: HTTPConnection, error: AuthenticationError) -> Response:
    """The answer to a request that was not let in, in the form of a GraphQL error."""
    assert isinstance(error, RefusedError)
    match error.cause:
        case StorageError():
            status, headers = 503, {"Retry-After": "5"}
        case TooOftenError(wait=wait):
            status, headers = 429, {"Retry-After": str(wait)}
        case _:
            status, headers = 401, {"WWW-Authenticate": "Bearer"}
    return refusal(connection, status, error.cause.code, str(error), headers)
