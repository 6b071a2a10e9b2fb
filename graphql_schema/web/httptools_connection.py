"""A connection that httptools parses: the parser of Node.js, with the limits of h11."""

import asyncio
from functools import partial
from typing import Any

import httptools
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from graphql_schema.web.connections import (
    AT_ONCE,
    BUFFERED_EXCHANGE,
    NOT_HTTP,
    AtOnce,
    Head,
    LimitedConnection,
)
from graphql_schema.web.h11_connection import H11Connection
from graphql_schema.web.head_limit import (
    MAX_ADDRESS_BYTES,
    MAX_HEAD_BYTES,
    TOO_LARGE_HEAD,
    TOO_LONG_ADDRESS,
)

MOST_WAITING = 100
"""Requests that a client may send before the one before them is answered."""

HEADS_KEPT = 4
LONGEST_KEPT = 2_000
"""Heads that a connection remembers as parsed, and bytes of the longest of them."""

_END_OF_HEAD = b"\r\n\r\n"
_OF_ONE_REQUEST = frozenset(("extensions", "state"))


class HttptoolsConnection(LimitedConnection, HttpToolsProtocol):
    """A connection that httptools parses."""

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self._in_head = False
        self._in_body = False
        self._hosts = 0  # headers Host of the request that is read
        self._answering: Any = None  # the last request whose answer has begun to be made
        self._coded = False  # whether its body is compressed, too, and not just chunked
        self._waiting: tuple[Any, Any] | None = None  # an exchange whose body is on its way
        self._unparsed = 0  # bytes since a head was complete, or something of a body came
        self._heads: dict[bytes, Head] = {}  # of its last requests, as programs repeat them

    def data_received(self, data: bytes) -> None:
        """Take what the client sends; what it has begun it has to end in time."""
        if self.closed_to_input:
            self.pass_over(data)
            return
        self._unset_keepalive_if_required()
        between = self._answered and not self._begun and not self._in_body
        end = data.find(_END_OF_HEAD) + len(_END_OF_HEAD) if between else 0
        head = self._heads.get(data[:end])
        if head is not None and end + head.body_length == len(data):
            self._start_from_known_head(head, data[end:])
            self._start_waiting(self.app_state.get(AT_ONCE))
            if not self._answered:
                self._note_asked()
            return
        self._unparsed += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._start_waiting()
            if not self.closed_to_input:
                self._hand_over(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self._start_waiting()
            if not self.closed_to_input:
                self.refuse(*NOT_HTTP)
        else:
            if between and self._waiting is not None:
                self._keep_head(data, end)
            self._start_waiting(self.app_state.get(AT_ONCE))
            if self._unparsed > MAX_HEAD_BYTES:
                long = self._in_head and len(self.url) > MAX_ADDRESS_BYTES
                self.refuse_head(TOO_LONG_ADDRESS if long else TOO_LARGE_HEAD, data)
            self._note_asked()

    def _keep_head(self, data: bytes, end: int) -> None:
        """Remember the head of a request that is all of what came."""
        cycle = self.cycle
        read_whole = cycle is self._answering and not cycle.more_body
        alone = read_whole and end + len(cycle.body) == len(data)
        usual = cycle.keep_alive and not self.expect_100_continue and end <= LONGEST_KEPT
        if alone and usual and self.limit_concurrency is None:
            if len(self._heads) >= HEADS_KEPT:
                self._heads.clear()
            head: Head = cycle.scope["extensions"][BUFFERED_EXCHANGE].head
            head.scope = {
                name: value for name, value in cycle.scope.items() if name not in _OF_ONE_REQUEST
            }
            head.scope["headers"] = tuple(cycle.scope["headers"])  # the app may change the list
            head.body_length = len(cycle.body)
            self._heads[data[:end]] = head

    def _start_from_known_head(self, head: Head, body: bytes) -> None:
        """Have a request answered whose head is known, as it is when it is parsed."""
        self.headers = headers = list(head.scope["headers"])
        scope: Any = {**head.scope, "headers": headers, "state": self.app_state.copy()}
        self.scope = scope
        self.cycle = RequestResponseCycle(
            scope=scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=False,
            keep_alive=True,
            on_response=self.on_response_complete,
        )
        scope["extensions"] = {BUFFERED_EXCHANGE: Exchange(self, self.cycle, head)}
        self.cycle.body, self.cycle.more_body = body, False
        self.cycle.message_event.set()
        self._answering = self.cycle
        self._waiting = self.cycle, self.app

    def on_response_complete(self) -> None:
        """Wait for the next request, or have the one answered that came already."""
        super().on_response_complete()
        self._start_waiting()
        self._note_asked()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection; what is being answered, which others may wait behind, is told."""
        if self._answering is not None:
            self._answering.disconnected = True
            self._answering.message_event.set()
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        """Have a request answered, once all that has come with its head is read."""
        self._answering = cycle
        cycle.scope["extensions"] = {BUFFERED_EXCHANGE: Exchange(self, cycle, Head())}
        self._waiting = cycle, app

    def _start_waiting(self, at_once: AtOnce | None = None) -> None:
        """Have the request answered that waits for it, without any layer of the app if it can."""
        if self._waiting is None:
            return
        (cycle, app), self._waiting = self._waiting, None
        if self.draining:
            cycle.keep_alive = False
        exchange = cycle.scope["extensions"][BUFFERED_EXCHANGE]
        if at_once is not None and not cycle.more_body:
            app = at_once(app, cycle.scope, exchange)
        if app is not None:
            super()._start_asgi_task(cycle, partial(_answer, app))

    def _note_asked(self) -> None:
        self.update_timers(begun=self._begun, body=self._in_body, answered=self._answered)

    @property
    def _begun(self) -> bool:
        return self._in_head or bool(self._unparsed and not self._in_body)

    @property
    def _answered(self) -> bool:
        return self.cycle is None or (self.cycle.response_complete and not self.pipeline)

    def waits_for_head(self) -> bool:
        """Whether the head of a request has begun, and nothing before it is still answered."""
        return self._begun and self._answered

    @property
    def origin(self) -> bytes | None:
        """The header Origin of what is being read, if it has come."""
        return next((value for name, value in self.headers or () if name == b"origin"), None)

    def refuse(self, status: int, code: str, message: str) -> None:
        """Answer with a GraphQL error, and take no more."""
        if self.pipeline:
            self.closed_to_input = True
            self.transport.abort()
        else:
            super().refuse(status, code, message)

    def on_message_begin(self) -> None:
        """Read a head."""
        self._in_head = True
        self._hosts = 0
        self._coded = False
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; what comes after a body is not taken for one."""
        if self._in_head:
            name = name.lower()
            self._hosts += name == b"host"
            if name == b"expect" and value.lower() == b"100-continue":
                self.expect_100_continue = True
            elif name == b"transfer-encoding" and value.lower() != b"chunked":
                self._coded = True
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Have a request answered."""
        self._in_head, self._in_body, self._unparsed = False, True, 0
        if self.closed_to_input:
            return
        if self.parser.should_upgrade():
            self.scope["method"] = self.parser.get_method().decode("ascii")
        elif (
            self._coded
            or self._hosts > 1
            or (not self._hosts and self.parser.get_http_version() != "1.0")
        ):
            self.refuse(*NOT_HTTP)
        elif len(self.pipeline) >= MOST_WAITING:
            self.closed_to_input = True
            self.transport.abort()
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of a body."""
        self._unparsed = 0
        if not self.closed_to_input:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Wait for another request."""
        self._in_body, self._unparsed = False, 0
        if not self.closed_to_input and not self.parser.should_upgrade():
            super().on_message_complete()

    def _hand_over(self, rest: bytes) -> None:
        """Have another protocol go on, or h11, which passes over those that nobody speaks here.

        httptools would take what follows for that protocol's, and not for a body.
        """
        self.closed_to_input = True
        self.parser = None  # type: ignore[assignment]  # which holds this object, too
        self.leave()
        self.stop_watching()
        if not self._answered:
            self.transport.abort()
        elif self._should_upgrade():
            self.handle_websocket_upgrade()
        else:
            self.connections.discard(self)
            connection = H11Connection(self.config, self.server_state, self.app_state, self.loop)
            connection.connection_made(self.transport)
            head = [b"%b %b HTTP/1.1" % (self.scope["method"].encode(), self.url)]
            head += [b"%b: %b" % header for header in self.headers]
            connection.data_received(b"\r\n".join([*head, b"", rest]))
            self.transport.set_protocol(connection)


async def _answer(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Have a request answered, and free it at once: its parts hold each other.

    What uvicorn answers in place of an app that fails depends on the request, so that stays.
    """
    await app(scope, receive, send)
    scope.clear()


class Exchange:
    """A request with its answer, as `BufferedExchange` has them."""

    __slots__ = ("_connection", "_cycle", "head")

    def __init__(self, connection: HttptoolsConnection, cycle: Any, head: Head) -> None:
        self._connection = connection
        self._cycle = cycle
        self.head = head

    def body(self) -> bytes | None:
        """The body of the request, if all of it is there."""
        return None if self._cycle.more_body else bytes(self._cycle.body)

    def can_send(self) -> bool:
        """Whether `send` answers; else uvicorn's own way has to, as for a client that is slow."""
        cycle = self._cycle
        if cycle.disconnected or cycle.response_started or cycle.access_log:
            return False
        return not self._connection.flow.write_paused

    def send(self, head: bytes, body: bytes) -> bool:
        """Answer, if that can be."""
        if not self.can_send():
            return False
        cycle, connection = self._cycle, self._connection
        content = [STATUS_LINE[200]]
        for name, value in cycle.default_headers:  # the date is one of them
            content += (name, b": ", value, b"\r\n")
        content.append(head)
        if not cycle.keep_alive:
            content.append(b"connection: close\r\n")
        content += (b"\r\n", body)
        cycle.response_started = cycle.response_complete = True
        connection.transport.write(b"".join(content))
        cycle.message_event.set()
        if not cycle.keep_alive:
            connection.transport.close()
        cycle.on_response()
        return True
