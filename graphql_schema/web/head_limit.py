"""How long the address and the headers of a request may be."""

import re
from itertools import chain

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from graphql_schema.web.refusals import refusal

MAX_ADDRESS_BYTES = 16_384
MAX_HEAD_BYTES = 32_768

TOO_LONG_ADDRESS = (
    414,
    "ADDRESS_TOO_LONG",
    f"The address is longer than {MAX_ADDRESS_BYTES} bytes. Send the operation by POST.",
)
TOO_LARGE_HEAD = (
    431,
    "HEADERS_TOO_LARGE",
    f"The headers are larger than {MAX_HEAD_BYTES} bytes.",
)

NO_HOST = "The header Host is neither a name nor an address."
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(:\d{0,5})?", re.ASCII)


def is_host(*values: str) -> bool:
    """Whether the headers Host of a request are a single one, and that a name or an address."""
    return len(values) == 1 and _HOST.fullmatch(values[0]) is not None


class HeadLimit:
    """Refuses addresses that are too long with 414, and headers that are too large with 431.

    What is no host is refused with 400, as HTTP has it: it would stand in redirects.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is short enough."""
        refused = refused_head(scope) if scope["type"] == "http" else None
        answer = refusal(Request(scope), *refused) if refused else self.app
        await answer(scope, receive, send)


def refused_head(scope: Scope) -> tuple[int, str, str] | None:
    """Status, code and message for a head that is refused; None for any other."""
    for name, value in scope["headers"]:
        if name == b"host" and not is_host(value.decode("latin-1")):
            return 400, "BAD_REQUEST", NO_HOST
    if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MAX_ADDRESS_BYTES:
        return TOO_LONG_ADDRESS
    if sum(map(len, chain.from_iterable(scope["headers"]))) > MAX_HEAD_BYTES:
        return TOO_LARGE_HEAD
    return None
