"""How uvicorn serves the app: how many connections it takes, and how long it waits for them.

Whoever connects and asks nothing, asks by the byte, or never reads what it is answered, makes way
for others. `kb serve` serves so; by itself, uvicorn does with
``--http graphql_schema.web.serving:Http --ws graphql_schema.web.serving:WebSocket``.
"""

import asyncio
import logging
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from graphql_schema.errors import UNEXPECTED
from graphql_schema.web.body_limit import MAX_BODY_BYTES
from graphql_schema.web.connections import BACKLOG, StalledReaderGuard
from graphql_schema.web.forwarding import REQUEST_ID, new_request_id
from graphql_schema.web.h11_connection import H11Connection
from graphql_schema.web.head_limit import MAX_HEAD_BYTES, NO_HOST, is_host
from graphql_schema.web.refusals import refusal_response
from kb.logs import configuration
from kb.settings import Settings

logger = logging.getLogger("graphql_schema")

TAKEN_AT_ONCE = 16_384
"""Bytes of a WebSocket after which its frames are counted."""

MOST_FRAMES = 1_000
"""Frames that may come in one go, and parts of a message."""

Http: type[asyncio.Protocol]
"""What serves HTTP."""
try:
    from graphql_schema.web.httptools_connection import HttptoolsConnection
except ImportError:  # there is no wheel of httptools for the machine
    Http = H11Connection
else:
    Http = HttptoolsConnection


def uvicorn_options(settings: Settings) -> Mapping[str, Any]:
    """What `uvicorn.run` takes beside the app, its address and its processes."""
    return {
        "http": "graphql_schema.web.serving:Http",
        "ws": "graphql_schema.web.serving:WebSocket",
        "ws_max_size": MAX_BODY_BYTES,
        "ws_per_message_deflate": False,  # it holds memory for each connection
        "h11_max_incomplete_event_size": MAX_HEAD_BYTES,
        "backlog": BACKLOG,
        "log_config": dict(configuration(settings)),
        "timeout_graceful_shutdown": 10,  # who does not read cannot hold up the end
        "access_log": False,  # it would hold questions and tokens that stand in addresses
        "proxy_headers": False,  # KB_TRUSTED_PROXIES says whom to believe
        "server_header": False,
    }


class WebSocket(StalledReaderGuard, WebSocketsSansIOProtocol):
    """A WebSocket that has to read what it is sent, and sends no more frames than anybody would."""

    _frames_at_once = 0

    def connection_made(self, transport: Any) -> None:
        """Begin a connection."""
        super().connection_made(transport)
        self.conn.reject = _refused  # type: ignore[method-assign]  # its own is plain text

    def data_received(self, data: bytes) -> None:
        """Take what the client sends; what cannot be read as a way of opening one is refused."""
        self._frames_at_once = 0
        for begin in range(0, len(data), TAKEN_AT_ONCE):
            if self.transport.is_closing():
                return
            super().data_received(data[begin : begin + TAKEN_AT_ONCE])
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            written = b"".join(self.conn.data_to_send())
            self._end(written or _refused(400, "A WebSocket is opened without a body.").serialize())

    def handle_events(self) -> None:
        """Act on frames, unless they are very many: each takes as long as a thousand bytes."""
        self._frames_at_once += len(self.conn.events)
        if max(self._frames_at_once, len(self.frames)) > MOST_FRAMES:
            self.transport.abort()
        else:
            super().handle_events()

    def handle_connect(self, event: Request) -> None:
        """Open it, or refuse as a GraphQL error what is no way of opening one."""
        if not event.path.isascii():
            self._refuse("The address is not written in ASCII.")
        elif not is_host(*event.headers.get_all("Host")):
            self._refuse(NO_HOST)
        else:
            super().handle_connect(event)

    def start_keepalive(self) -> None:
        """Look from now on whether the client is there; nobody asks any more how it was opened."""
        super().start_keepalive()
        del self.request, self.response

    def _refuse(self, message: str) -> None:
        self.conn.send_response(_refused(400, message))
        self._end(b"".join(self.conn.data_to_send()))

    def _end(self, answer: bytes) -> None:
        self.handshake_initiated = self.handshake_complete = self.close_sent = True
        self.transport.write(answer)
        self.transport.close()


_CODES = {
    405: "METHOD_NOT_ALLOWED",
    414: "ADDRESS_TOO_LONG",
    431: "HEADERS_TOO_LARGE",
    500: "INTERNAL_ERROR",
}


def _refused(status: int, text: str) -> Response:
    """What is answered to who cannot have a WebSocket, as `websockets` has it."""
    code = _CODES.get(status, "BAD_REQUEST")
    request_id = new_request_id()
    refusal = refusal_response(request_id, status, code, text.strip() or UNEXPECTED)
    headers = Headers({REQUEST_ID: request_id, "Connection": "close", **refusal.headers})
    return Response(status, HTTPStatus(status).phrase, headers, bytes(refusal.body))


class AcceptErrors:
    """Notes once a minute that there is no descriptor for another connection.

    asyncio tells of it for each connection that waits, with a traceback.
    """

    def __init__(self) -> None:
        self._noted_at = -60.0

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Handle what goes wrong beside all tasks."""
        if "accept" not in context.get("message", ""):
            loop.default_exception_handler(context)
        elif time.monotonic() - self._noted_at >= 60.0:
            self._noted_at = time.monotonic()
            logger.warning("no connection can be accepted: %s", context.get("exception"))
