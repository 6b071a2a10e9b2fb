"""Which answers are compressed: by the q-values of Accept-Encoding, as RFC 9110 has them."""

from collections.abc import Sequence
from functools import lru_cache

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware, GZipResponder, IdentityResponder
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graphql_schema.packing import COMPRESS_LEVEL, COMPRESSED_FROM
from graphql_schema.web.refusals import refusal
from graphql_schema.web.requests import NEVER, preferences

GZIP, IDENTITY = "gzip", "identity"


@lru_cache(maxsize=64)
def codings(accept_encoding: str | None) -> Sequence[str]:
    """Those of gzip and identity that the caller takes, the preferred first; gzip of equals.

    What is not compressed is taken unless it is refused, and gzip only where it is named.
    """
    if not accept_encoding or not accept_encoding.strip():
        return (IDENTITY,)
    places = preferences(accept_encoding)
    wildcard = places.get("*", NEVER)
    packed = min((places[name] for name in (GZIP, "x-gzip") if name in places), default=wildcard)
    as_it_is = places.get(IDENTITY, wildcard if "*" in places else (0.0, 1))
    qualities = {GZIP: packed, IDENTITY: as_it_is}
    taken = [coding for coding, place in qualities.items() if place != NEVER]
    return tuple(sorted(taken, key=lambda coding: qualities[coding][0]))


class Compression(GZipMiddleware):
    """Compresses long answers for those who take that, but no streams of events.

    What is compressed has a weak ETag, as its bytes are others than those of the plain answer.
    """

    def __init__(self, app: ASGIApp, level: int = COMPRESS_LEVEL) -> None:
        super().__init__(app, COMPRESSED_FROM, level)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        taken = codings(",".join(Headers(scope=scope).getlist("accept-encoding")))
        if not taken:
            message = "Accept the content coding gzip or identity."
            refused = refusal(Request(scope), 406, "NOT_ACCEPTABLE", message)
            await refused(scope, receive, send)
            return
        kinds = self.exclude_content_types
        if taken[0] == GZIP:
            smallest = self.minimum_size if IDENTITY in taken else 1
            responder: ASGIApp = GZipResponder(
                self.app,
                smallest,
                self.compresslevel,
                thread_minimum_size=self.thread_minimum_size,
                exclude_content_types=kinds,
            )
        else:
            responder = IdentityResponder(self.app, self.minimum_size, exclude_content_types=kinds)

        async def with_weak_tag(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                tag = headers.get("etag", "")
                if "content-encoding" in headers and tag.startswith('"'):
                    headers["etag"] = f"W/{tag}"
            await send(message)

        await responder(scope, receive, with_weak_tag)
