"""How uvicorn serves the app: how many connections it takes, and how long it waits for them.

Whoever connects and asks nothing, asks by the byte, or never reads what it is answered, makes way
for others. `kb serve` serves so; by itself, uvicorn does with
``--http graphql_schema.web.serving:Http --ws graphql_schema.web.serving:WebSocket``.
"""

import asyncio
import logging
import resource
import sys
import time
from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar, Protocol, cast

import h11
import orjson
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES, H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from graphql_schema.web.body_limit import MAX_BODY_BYTES
from graphql_schema.web.head_limit import MAX_HEAD_BYTES, TOO_LARGE_HEAD, TOO_LONG_ADDRESS
from kb.logs import configuration
from kb.settings import Settings

logger = logging.getLogger("graphql_schema")

BACKLOG = 100
"""How many connections may wait to be accepted; asyncio accepts as many before it serves any."""

KEPT_BACK = 2 * BACKLOG + 124
"""Descriptors left for what is accepted at once, the database, files and the log."""

LINGER_SECONDS = 1.0
"""How long the client may go on sending after it was refused."""

LAST_REQUEST_SECONDS = 0.2
"""How long a connection that asks nothing is kept while the server goes down."""

_NOT_HTTP = (400, "BAD_REQUEST", "This is no request of HTTP/1.1.")
_TOO_SLOW = (408, "TIMEOUT", "The request did not arrive in time.")


@cache
def _settings() -> Settings:
    return Settings()


def most_connections() -> int:
    """How many connections this process takes: as many as is set, and as it has descriptors for."""
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(10, min(_settings().max_connections, descriptors - KEPT_BACK))


def raise_descriptors() -> None:
    """Let this process, and those it starts, have as many descriptors as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _settings().max_connections + KEPT_BACK
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))


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


class _Writes(Protocol):
    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport


class _Reader:
    """Cuts a client that reads nothing of what it is sent."""

    def __init__(self, connection: _Writes) -> None:
        self._connection = connection
        self._look: asyncio.TimerHandle | None = None

    def watch(self) -> None:
        """Look after a while whether the client has read something, if there is anything."""
        unread = self._connection.transport.get_write_buffer_size()
        if unread and self._look is None:
            loop = self._connection.loop
            self._look = loop.call_later(_settings().request_timeout, self._check, unread)

    def _check(self, unread: int) -> None:
        self._look = None
        transport = self._connection.transport
        if transport.get_write_buffer_size() < unread:
            self.watch()
        else:
            transport.abort()


class Http(H11Protocol):
    """A connection that has to ask in time, and that makes way while it asks nothing."""

    # Those that ask nothing, the longest first.
    idle: ClassVar[dict["Http", None]] = {}
    _refused_at: ClassVar[float] = -60.0

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._reader = _Reader(self)
        self._deadline: asyncio.TimerHandle | None = None
        self._expected = ""
        self._over = False  # refused, or handed over
        self._last = False  # the server goes down

    # The ignore: uvicorn too names the transport more narrowly than asyncio does.
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, in place of the one that has asked nothing for the longest time."""
        super().connection_made(transport)
        self.idle[self] = None
        self._expect("a request")
        if len(self.connections) > most_connections():
            longest = next(iter(self.idle))
            longest._leave()
            longest.transport.abort()
            self._note_full()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection."""
        self._leave()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what the client sends, unless it was refused already."""
        if not self._over:
            super().data_received(data)

    def handle_events(self) -> None:
        """Take what the client has sent; what it has begun it has to end in time."""
        super().handle_events()
        if self._last and self.cycle is not None:
            self.cycle.keep_alive = False
        state, answered = self.conn.their_state, self.conn.our_state is not h11.SEND_RESPONSE
        if self._over:
            return
        if state in (h11.IDLE, h11.SEND_BODY) and not self.transport.is_closing():
            if answered:
                self.idle.setdefault(self)
            else:
                self.idle.pop(self, None)
            if state is h11.SEND_BODY:
                self._expect("the rest of a body")
            elif self.conn.trailing_data[0]:
                self._expect("the rest of a request")
        else:
            self._leave()

    def shutdown(self) -> None:
        """End with the answer to what has been asked, or when nothing is asked for a moment.

        A request may be on its way already. Cut off, its client could not know whether it was
        answered, and a proxy would not ask another server.
        """
        self._last = True
        if self in self.idle:
            self.loop.call_later(LAST_REQUEST_SECONDS, self._end_if_idle)
        elif self.cycle is not None:
            self.cycle.keep_alive = False

    def _end_if_idle(self) -> None:
        if self in self.idle:
            self._leave()
            self.transport.close()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Hand the connection over."""
        self._over = True
        self._leave()
        super().handle_websocket_upgrade(event)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, or has too long a head, as a GraphQL error."""
        error = sys.exc_info()[1]
        if getattr(error, "error_status_hint", 400) != 431:
            self._refuse(*_NOT_HTTP)
        elif b"\n" in self.conn.trailing_data[0]:
            self._refuse(*TOO_LARGE_HEAD)
        else:
            self._refuse(*TOO_LONG_ADDRESS)

    def on_response_complete(self) -> None:
        """Wait for the next request, and for the client to read this answer."""
        self.idle[self] = None
        self._reader.watch()
        super().on_response_complete()

    def pause_writing(self) -> None:
        """Wait until the client has read."""
        super().pause_writing()
        self._reader.watch()

    def _expect(self, what: str) -> None:
        if what != self._expected:
            self._stop_waiting()
            self._expected = what
            # The app refuses a body that is late, so its own limit comes first.
            seconds = _settings().request_timeout + 1.0
            self._deadline = self.loop.call_later(seconds, self._give_up)

    def _stop_waiting(self) -> None:
        self._expected = ""
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _leave(self) -> None:
        self.idle.pop(self, None)
        self._stop_waiting()

    def _give_up(self) -> None:
        self._deadline = None
        if self.conn.trailing_data[0] and self.conn.our_state is h11.IDLE:
            self._refuse(*_TOO_SLOW)
        else:
            self.transport.abort()

    def _refuse(self, status: int, code: str, message: str) -> None:
        body = orjson.dumps({"errors": [{"message": message, "extensions": {"code": code}}]})
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        head = h11.Response(status_code=status, headers=headers, reason=STATUS_PHRASES[status])
        for event in (head, h11.Data(data=body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        # Closed at once while more comes, the connection would be reset, and the answer lost.
        self._over = True
        self._stop_waiting()
        self.transport.write_eof()
        self.loop.call_later(LINGER_SECONDS, self.transport.abort)

    def _note_full(self) -> None:
        now = time.monotonic()
        if now - Http._refused_at >= 60.0:
            Http._refused_at = now
            logger.warning(
                "all %d connections are taken; those that ask nothing make way", most_connections()
            )


class WebSocket(WebSocketsSansIOProtocol):
    """A WebSocket that has to read what it is sent."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take over a connection."""
        super().connection_made(transport)
        self._reader = _Reader(cast(_Writes, self))

    def pause_writing(self) -> None:
        """Wait until the client has read."""
        super().pause_writing()
        self._reader.watch()


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
