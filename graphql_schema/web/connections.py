"""Connections that have to ask in time, read their answers, and make way while they ask nothing.

HTTP is parsed by httptools (`httptools_connection`), or by h11 (`h11_connection`) where that is not
installed, or where somebody asks for another protocol than HTTP/1.1.
"""

import asyncio
import logging
import re
import resource
import time
from collections.abc import Callable
from http import HTTPStatus
from itertools import chain
from typing import Any, ClassVar, Final, Protocol

from starlette.types import ASGIApp, Scope

from graphql_schema.web.forwarding import REQUEST_ID, new_request_id
from graphql_schema.web.origins import readable_by
from graphql_schema.web.refusals import refusal_response
from kb import logs
from kb.settings import Settings

logger = logging.getLogger("graphql_schema")

BACKLOG = 100
"""How many connections may wait to be accepted; asyncio accepts as many before it serves any."""

KEPT_BACK = 2 * BACKLOG + 124
"""Descriptors left for what is accepted at once, the database, files and the log."""

LINGER_SECONDS = 1.0
"""How long the client may go on sending after it was refused."""

PASSED_OVER = 1_000_000
"""Bytes of a head that is too long that are looked through for what the refusal depends on."""

ORIGIN = re.compile(rb"\norigin:[ \t]*([!-~]{1,300})[ \t]*\r?\n", re.IGNORECASE)
_LONGEST_ORIGIN = 320

LAST_REQUEST_SECONDS = 0.2
"""How long a connection that asks nothing is kept while the server goes down."""

BUFFERED_EXCHANGE: Final = "kb.buffered_exchange"
"""The extension of ASGI for requests and answers that come in one piece: a `BufferedExchange`."""

AT_ONCE: Final = "kb.at_once"
"""Where the state of the app's lifespan has an `AtOnce`."""

SETTINGS: Final = "kb.settings"
"""Where the state of the app's lifespan has its settings."""

NOT_HTTP = (
    400,
    "BAD_REQUEST",
    "This is no request of HTTP/1.1. In an address, blanks and what is not ASCII are written as "
    "%20 and the like.",
)
_TOO_SLOW = (408, "TIMEOUT", "The request did not arrive in time.")


def most_connections(settings: Settings) -> int:
    """How many connections this process takes: as many as is set, and as it has descriptors for."""
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(10, min(settings.max_connections, descriptors - KEPT_BACK))


def raise_descriptors(settings: Settings) -> None:
    """Let this process, and those it starts, have as many descriptors as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = settings.max_connections + KEPT_BACK
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))


class Head:
    """The head of a request; those on one connection that come with the same bytes share one.

    `scope` is what is parsed from it, and `body_length` the bytes of the body that follow, once it
    is kept. `profile` is what the app reads in it; `...` until it does.
    """

    __slots__ = ("body_length", "profile", "scope")

    scope: Scope
    body_length: int

    def __init__(self) -> None:
        self.profile: Any = ...


class BufferedExchange(Protocol):
    """A request that may have come in one piece, and may be answered so.

    One piece takes one call of the system, and wakes the client once.
    """

    head: Head

    def body(self) -> bytes | None:
        """The body of the request, which is still to be received; None while it is on its way."""

    def can_send(self) -> bool:
        """Whether `send` can answer now."""

    def send(self, head: bytes, body: bytes) -> bool:
        """Answer with status 200 and lines of a head; False where that has to be sent as ever."""


AtOnce = Callable[[ASGIApp, Scope, BufferedExchange], ASGIApp | None]
"""What answers a request before any layer of the app.

It takes the app with all its layers too, and gives what is to answer where it has not.
"""


class CountingTransport:
    """A transport that counts the bytes that are written to it."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._write = transport.write
        self.get_write_buffer_size = transport.get_write_buffer_size
        self.is_closing = transport.is_closing
        self.written = 0

    def write(self, data: bytes) -> None:
        """Send something, now or when the client has read what was sent before."""
        self.written += len(data)
        self._write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    @property
    def taken(self) -> int:
        """Bytes of what was written that have left for the client."""
        return self.written - self.get_write_buffer_size()


class StalledReaderGuard:
    """A connection that is cut when the client reads nothing of what it is sent.

    It stands before a protocol of uvicorn among the bases of a class.
    """

    loop: asyncio.AbstractEventLoop
    app_state: dict[str, Any]
    transport: Any  # a CountingTransport; uvicorn calls it a Transport
    _look: asyncio.TimerHandle | None = None

    @property
    def settings(self) -> Settings:
        """The settings of the app that is served."""
        settings: Settings = self.app_state[SETTINGS]
        return settings

    def connection_made(self, transport: Any) -> None:
        """Take a connection, or one that another protocol has had until now."""
        if not isinstance(transport, CountingTransport):
            transport = CountingTransport(transport)
        super().connection_made(transport)  # type: ignore[misc]  # of what it is mixed into

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection."""
        self.stop_watching()
        super().connection_lost(exc)  # type: ignore[misc]  # of what it is mixed into

    def pause_writing(self) -> None:
        """Wait until the client has read."""
        super().pause_writing()  # type: ignore[misc]  # of what it is mixed into
        self.watch_reading()

    def watch_reading(self) -> None:
        """Look after a while whether the client has read something, if there is anything."""
        if self._look is None and self.transport.get_write_buffer_size():
            later = self.settings.request_timeout
            self._look = self.loop.call_later(later, self._check_reading, self.transport.taken)

    def stop_watching(self) -> None:
        """Leave the connection to another protocol, or to nobody."""
        if self._look is not None:
            self._look.cancel()
            self._look = None

    def _check_reading(self, taken: int) -> None:
        self._look = None
        if self.transport.taken > taken:
            self.watch_reading()
        else:
            self.transport.abort()


class LimitedConnection(StalledReaderGuard):
    """What holds for every connection of HTTP, whatever parses it.

    It stands before a protocol of uvicorn among the bases of a class.
    """

    # Those that ask nothing, and those whose bodies are on their way, the longest first.
    idle: ClassVar[dict["LimitedConnection", None]] = {}
    sending: ClassVar[dict["LimitedConnection", None]] = {}
    _refused_at: ClassVar[float] = -60.0

    connections: set[Any]
    cycle: Any

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._deadline: asyncio.TimerHandle | None = None
        self._expected = ""
        self.closed_to_input = False  # refused, or handed over
        self._refused_head: tuple[int, str, str] | None = None
        self._seen, self._passed_over = b"", 0
        self.draining = False  # the server goes down

    def connection_made(self, transport: Any) -> None:
        """Take a connection, in place of the one that has asked nothing for the longest time.

        Where all others ask something, in place of the one whose body has been coming for longest.
        """
        super().connection_made(transport)
        self.idle[self] = None
        self.expect("a request")
        most = most_connections(self.settings)
        if len(self.connections) > most:
            others = (each for each in chain(self.idle, self.sending) if each is not self)
            longest = next(others, self)
            longest.leave()
            longest.transport.abort()
            _note_full(most)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection."""
        self.leave()
        super().connection_lost(exc)
        if self.cycle is not None:
            # They lead back here, and Python would have to look for what holds itself.
            self.cycle.scope.pop("extensions", None)
            self.cycle.on_response = _do_nothing

    def shutdown(self) -> None:
        """End with the answer to what has been asked, or when nothing is asked for a moment.

        A request may be on its way already. Cut off, its client could not know whether it was
        answered, and a proxy would not ask another server.
        """
        self.draining = True
        if self in self.idle:
            self.loop.call_later(LAST_REQUEST_SECONDS, self._end_if_idle)
        elif self.cycle is not None:
            self.cycle.keep_alive = False

    def _end_if_idle(self) -> None:
        if self in self.idle:
            self.leave()
            self.transport.close()

    def on_response_complete(self) -> None:
        """Wait for the next request, and for the client to read this answer."""
        self.idle.pop(self, None)
        self.idle[self] = None  # the last to make way
        self.watch_reading()
        super().on_response_complete()  # type: ignore[misc]  # of what it is mixed into

    def update_timers(self, *, begun: bool, body: bool, answered: bool) -> None:
        """Have what is asked for end in time, now that something of it has come.

        `begun` says that the head of a request is still to be completed, `body` that a body is.
        `answered` says that no answer is being made.
        """
        if self.draining and self.cycle is not None:
            self.cycle.keep_alive = False
        if self.closed_to_input:
            return
        if not (begun or body or answered) or self.transport.is_closing():
            self.leave()
            return
        if answered:
            self.idle.setdefault(self)
        else:
            self.idle.pop(self, None)
        if body:
            self.sending.setdefault(self)
            self.expect("the rest of a body")
            return
        self.sending.pop(self, None)
        if begun:
            self.expect("the rest of a request")
        elif self._expected:
            self._stop_waiting()  # uvicorn waits for the next request

    def expect(self, what: str) -> None:
        """Wait for something from the client, only so long."""
        if what != self._expected:
            self._stop_waiting()
            self._expected = what
            # The app refuses a body that is late, so its own limit comes first.
            seconds = self.settings.request_timeout + 1.0
            self._deadline = self.loop.call_later(seconds, self._give_up)

    def leave(self) -> None:
        """Wait for nothing from the client, and make way for nobody."""
        self.idle.pop(self, None)
        self.sending.pop(self, None)
        self._stop_waiting()

    def _stop_waiting(self) -> None:
        self._expected = ""
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        if self._refused_head or self.waits_for_head():
            self.refuse(*(self._refused_head or _TOO_SLOW))
        else:
            self.transport.abort()

    def waits_for_head(self) -> bool:
        """Whether the head of a request has begun, and nothing before it is still answered."""
        raise NotImplementedError

    @property
    def origin(self) -> bytes | None:
        """The header Origin of what is being read, if it has come."""
        raise NotImplementedError

    def refuse_head(self, refused: tuple[int, str, str], seen: bytes) -> None:
        """Refuse a head that is too long, once its Origin has come: who may read it depends on it.

        `seen` is the end of what has come.
        """
        self.closed_to_input, self._refused_head, self._seen = True, refused, b""
        self.expect("the rest of a request")
        self.pass_over(seen)

    def pass_over(self, data: bytes) -> None:
        """Take more from a client that is refused."""
        if self._refused_head is None:
            return
        self._seen = self._seen[-_LONGEST_ORIGIN:] + data
        self._passed_over += len(data)
        ended = b"\n\r\n" in self._seen or self._passed_over > PASSED_OVER
        if ended or self.origin or ORIGIN.search(self._seen):
            self.refuse(*self._refused_head)

    def refuse(self, status: int, code: str, message: str) -> None:
        """Answer with a GraphQL error, and take no more."""
        self.closed_to_input, self._refused_head = True, None
        self._stop_waiting()
        if self.cycle is not None and not self.cycle.response_complete:
            if self.cycle.response_started:
                self.transport.abort()
                return
            self.cycle.disconnected = True  # what it would answer is not sent
            self.cycle.message_event.set()
        later = ORIGIN.search(self._seen)
        origin = (self.origin or (later and later[1]) or b"").decode("latin-1")
        request_id = new_request_id()
        before = logs.REQUEST_ID.set(request_id)
        headers = {
            **readable_by(origin, self.settings.allowed_origins),
            REQUEST_ID: request_id,
            "Connection": "close",
        }
        response = refusal_response(request_id, status, code, message, headers)
        logs.REQUEST_ID.reset(before)
        content = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode()]
        content += (b"%b: %b" % header for header in response.raw_headers)
        self.transport.write(b"\r\n".join([*content, b"", bytes(response.body)]))
        # Closed at once while more comes, the connection would be reset, and the answer lost.
        if self.transport.can_write_eof():  # TLS has no half of a connection to close
            self.transport.write_eof()
        self.loop.call_later(LINGER_SECONDS, self.transport.abort)


def _do_nothing() -> None:
    pass


def _note_full(most: int) -> None:
    now = time.monotonic()
    if now - LimitedConnection._refused_at >= 60.0:
        LimitedConnection._refused_at = now
        logger.warning("all %d connections are taken; those that ask nothing make way", most)
