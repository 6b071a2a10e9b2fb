"""What stands before everything that answers callers: size, time, tokens, origins, compression."""

from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp

from graphql_schema.web.authentication import Bearer, refused
from graphql_schema.web.body_limit import BodyLimit
from graphql_schema.web.forwarding import REQUEST_ID
from kb.settings import Settings

METHODS = ("GET", "POST", "HEAD", "OPTIONS")
EXPOSED_HEADERS = ("Retry-After", "RateLimit", "RateLimit-Policy", "ETag", REQUEST_ID)
SENT_HEADERS = (
    "Authorization",
    "Content-Type",
    "If-None-Match",
    REQUEST_ID,
    "X-Requested-With",
    "Apollo-Require-Preflight",
    "X-Apollo-Operation-Name",
    "Apollographql-Client-Name",
    "Apollographql-Client-Version",
    "Last-Event-ID",
    "Cache-Control",
    "MCP-Protocol-Version",
    "Mcp-Method",
    "Mcp-Name",
)
COMPRESSED_FROM = 1_024  # bytes
COMPRESS_LEVEL = 3


def guarded(app: ASGIApp, settings: Settings) -> ASGIApp:
    """The app behind the limits of a request, for callers whose token is good or who show none."""
    bounded = BodyLimit(app, settings.request_timeout)
    authenticated: ASGIApp = AuthenticationMiddleware(bounded, Bearer(), refused)
    compressed = GZipMiddleware(authenticated, COMPRESSED_FROM, COMPRESS_LEVEL)
    return CORSMiddleware(
        compressed,
        allow_origins=settings.allowed_origins,
        allow_methods=METHODS,
        allow_headers=SENT_HEADERS,
        expose_headers=EXPOSED_HEADERS,
    )
