"""What stands before everything that answers callers: size, time, tokens, compression."""

from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.types import ASGIApp

from graphql_schema.web.authentication import Bearer, refused
from graphql_schema.web.body_limit import BodyLimit
from graphql_schema.web.compression import Compression
from kb.settings import Settings


def guarded(app: ASGIApp, settings: Settings) -> ASGIApp:
    """The app behind the limits of a request, for callers whose token is good or who show none."""
    bounded = BodyLimit(app, settings.request_timeout)
    return Compression(AuthenticationMiddleware(bounded, Bearer(), refused))
