"""A connection that h11 parses, which is slower than httptools, but is all Python."""

import sys

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from graphql_schema.web.connections import NOT_HTTP, ORIGIN, LimitedConnection
from graphql_schema.web.head_limit import TOO_LARGE_HEAD, TOO_LONG_ADDRESS


class H11Connection(LimitedConnection, H11Protocol):
    """A connection that h11 parses."""

    def data_received(self, data: bytes) -> None:
        """Take what the client sends, unless it was refused already."""
        if self.closed_to_input:
            self.pass_over(data)
        else:
            super().data_received(data)

    def handle_events(self) -> None:
        """Take what the client has sent; what it has begun it has to end in time."""
        super().handle_events()
        state = self.conn.their_state
        self.update_timers(
            begun=state is h11.IDLE and bool(self.conn.trailing_data[0]),
            body=state is h11.SEND_BODY,
            answered=state in (h11.IDLE, h11.SEND_BODY)
            and self.conn.our_state is not h11.SEND_RESPONSE,
        )

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Hand the connection over."""
        self.closed_to_input = True
        self.leave()
        self.stop_watching()
        super().handle_websocket_upgrade(event)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, or has too long a head, as a GraphQL error."""
        error, seen = sys.exc_info()[1], self.conn.trailing_data[0]
        if getattr(error, "error_status_hint", 400) != 431:
            self.refuse(*NOT_HTTP)
        else:
            self.refuse_head(TOO_LARGE_HEAD if b"\n" in seen else TOO_LONG_ADDRESS, seen)

    @property
    def origin(self) -> bytes | None:
        """The header Origin of what is being read, if it has come."""
        origin = ORIGIN.search(self.conn.trailing_data[0])
        return origin[1] if origin else dict(self.headers or ()).get(b"origin")

    def waits_for_head(self) -> bool:
        """Whether the head of a request has begun, and nothing before it is still answered."""
        return bool(self.conn.trailing_data[0]) and self.conn.our_state is h11.IDLE
