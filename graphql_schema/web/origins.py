"""Whom a browser lets read answers: pages of the origins in KB_ALLOWED_ORIGINS, and our own.

It holds for every answer, whatever layer it comes from: a page that cannot read a refusal takes it
for a network that is down.
"""

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp

from graphql_schema.web.forwarding import REQUEST_ID
from graphql_schema.web.refusals import refusal_response
from kb.logs import REQUEST_ID as REQUEST_ID_NOW

METHODS = ("GET", "POST", "HEAD", "OPTIONS")
EXPOSED_HEADERS = (
    "Allow",
    "ETag",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "WWW-Authenticate",
    REQUEST_ID,
)


class Origins(CORSMiddleware):
    """Answers preflight requests, and marks all other answers for browsers."""

    def __init__(self, app: ASGIApp, allowed: Collection[str]) -> None:
        super().__init__(
            app,
            allow_origins=allowed,
            allow_methods=METHODS,
            allow_headers=("*",),  # what a page adds, of tracing for example, gives it no rights
            allow_private_network=True,
            expose_headers=EXPOSED_HEADERS,
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        """What a page may send; a refusal where it may not send what it asks to."""
        response = super().preflight_response(request_headers)
        if response.status_code == 200:
            return response
        refused = refusal_response(
            REQUEST_ID_NOW.get(),
            response.status_code,
            "CROSS_ORIGIN_REFUSED",
            f"{bytes(response.body).decode()}. KB_ALLOWED_ORIGINS names the origins whose pages "
            f"may ask; the methods are {', '.join(METHODS)}.",
        )
        for name, value in response.headers.items():
            if name.startswith("access-control-") or name == "vary":
                refused.headers[name] = value
        return refused


def readable_by(origin: str | None, allowed: Collection[str]) -> dict[str, str]:
    """Headers of an answer that no middleware sends."""
    if origin is None or origin not in allowed:
        return {"Vary": "Origin"}
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": ", ".join(EXPOSED_HEADERS),
        "Vary": "Origin",
    }
