"""How large a request may be, and how slowly it may come."""

import asyncio
import math

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graphql_schema.web.refusals import refusal
from kb.services.access.rates import MINUTE, Allowance

MAX_BODY_BYTES = 200_000


def body_deadline(scope: Scope, seconds: float) -> float:
    """When the body of a request has to be there, by the loop's clock: so long after its head."""
    state = scope.setdefault("state", {})
    deadline: float = state.setdefault("body_by", asyncio.get_running_loop().time() + seconds)
    return deadline


class BodyLimit:
    """Refuses request bodies above a size with 413, without reading more of them than that.

    One that does not arrive in time is refused with 408, what `TimeLimit` stopped is answered with
    503, and what came too often with 429 and the header Retry-After.
    """

    def __init__(self, app: ASGIApp, seconds: float, largest: int = MAX_BODY_BYTES) -> None:
        self.app = app
        self.seconds = seconds
        self.largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body up to the limit, then hand it on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced[:20]) > self.largest:
            await self._refuse_size(scope, receive, send)
            return
        try:
            async with asyncio.timeout_at(body_deadline(scope, self.seconds)):
                body = await self._body(receive)
        except TimeoutError:
            message = f"The request body did not arrive within {self.seconds:g} seconds."
            await refusal(Request(scope), 408, "TIMEOUT", message)(scope, receive, send)
            return
        if body is None:
            return
        if len(body) > self.largest:
            await self._refuse_size(scope, receive, send)
            return
        messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return messages.pop() if messages else await receive()

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                if scope["state"].get("stopped"):
                    message["status"] = 503
                if seconds := scope["state"].get("retry_after"):
                    message["status"] = 429
                    message["headers"].append((b"retry-after", str(seconds).encode()))
                if allowance := scope["state"].get("allowance"):
                    message["headers"] += rate_limit(allowance)
            await send(message)

        await self.app(scope, replay, answer)

    async def _refuse_size(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = f"The request body is larger than {self.largest} bytes."
        await refusal(Request(scope), 413, "REQUEST_TOO_LARGE", message)(scope, receive, send)

    async def _body(self, receive: Receive) -> bytes | None:
        """The body, or a little more of it than is allowed; None when the caller has gone."""
        body = bytearray()
        more = True
        while more and len(body) <= self.largest:
            message = await receive()
            if message["type"] != "http.request":
                return None
            body += message.get("body", b"")
            more = message.get("more_body", False)
        return bytes(body)


def rate_limit(allowance: Allowance) -> list[tuple[bytes, bytes]]:
    """The headers of the IETF's draft: what the caller may take a minute, and what is left."""
    policy = f'"points";q={allowance.a_minute};w={MINUTE:.0f}'
    left = f'"points";r={allowance.remaining};t={math.ceil(allowance.whole_in)}'
    return [(b"ratelimit-policy", policy.encode()), (b"ratelimit", left.encode())]
