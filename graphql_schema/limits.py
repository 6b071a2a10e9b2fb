"""Limits that keep one request from taking the server: size of body, depth, aliases, tokens."""

from collections.abc import Callable

import orjson
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from strawberry.extensions import (
    AddValidationRules,
    MaxAliasesLimiter,
    MaxTokensLimiter,
    QueryDepthLimiter,
    SchemaExtension,
)

MAX_BODY_BYTES = 200_000
MAX_DEPTH = 15
MAX_ALIASES = 30
MAX_TOKENS = 3_000

# Made once: the validation cache knows a document only together with the same rules.
_RULES = [
    *QueryDepthLimiter(max_depth=MAX_DEPTH).validation_rules,
    *MaxAliasesLimiter(max_alias_count=MAX_ALIASES).validation_rules,
]

LIMITS: tuple[Callable[[], SchemaExtension], ...] = (
    lambda: MaxTokensLimiter(max_token_count=MAX_TOKENS),
    lambda: AddValidationRules(_RULES),
)


class BodyLimit:
    """Refuses request bodies above a size with 413, without reading more of them than that."""

    def __init__(self, app: ASGIApp, largest: int = MAX_BODY_BYTES) -> None:
        self.app = app
        self.largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body up to the limit, then hand it on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return  # the caller has gone
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self.largest:
                await self._refuse(scope, receive, send)
                return
        whole: Message = {"type": "http.request", "body": bytes(body), "more_body": False}
        messages = [whole]

        async def replay() -> Message:
            return messages.pop() if messages else await receive()

        await self.app(scope, replay, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = f"The request body is larger than {self.largest} bytes."
        error = {"message": message, "extensions": {"code": "REQUEST_TOO_LARGE"}}
        response = Response(
            orjson.dumps({"errors": [error]}), status_code=413, media_type="application/json"
        )
        await response(scope, receive, send)
