"""Subscriptions over WebSocket, by the protocol graphql-transport-ws.

The token comes in the payload of `connection_init`, as {"Authorization": "Bearer …"}, for browsers
cannot send headers with a WebSocket; other clients may send the header instead. When the token
ends, the subscriptions end with an error and the connection is closed with 4403.
"""

import logging
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import orjson
from starlette.websockets import WebSocketDisconnect, WebSocketState
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import (
    NonJsonMessageReceived,
    NonTextMessageReceived,
    WebSocketDisconnected,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
    Operation,
)

from graphql_schema.context import Context
from graphql_schema.web.body_limit import MAX_BODY_BYTES

logger = logging.getLogger("graphql_schema")

GOING_AWAY = 1001
TOO_LARGE = 1009
FORBIDDEN = 4403


class TextFrames(ASGIWebSocketAdapter):
    """Sends text frames, as the protocol wants them, and takes none that are too large."""

    async def iter_json(
        self, *, ignore_parsing_errors: bool = False
    ) -> AsyncGenerator[object, None]:
        """Everything that the client sends."""
        try:
            while self.ws.application_state != WebSocketState.DISCONNECTED:
                text = await self.ws.receive_text()
                if len(text) > MAX_BODY_BYTES:
                    await self.close(TOO_LARGE, "Message too large")
                    return
                try:
                    yield orjson.loads(text)
                except orjson.JSONDecodeError as error:
                    raise NonJsonMessageReceived from error
        except KeyError as error:
            raise NonTextMessageReceived from error
        except WebSocketDisconnect:
            return

    async def send_json(self, message: Mapping[str, object]) -> None:
        """Send one message."""
        try:
            await self.ws.send_text(orjson.dumps(message).decode())
        except WebSocketDisconnect as gone:
            raise WebSocketDisconnected from gone

    async def close(self, code: int, reason: str) -> None:
        """Close the connection, if it is still open."""
        if self.ws.application_state == WebSocketState.CONNECTED:
            try:
                await self.ws.close(code=code, reason=reason)
            except (WebSocketDisconnect, RuntimeError):  # the other side was faster
                logger.debug("the connection was closed already")


class Handler(BaseGraphQLTransportWSHandler[Context, None]):
    """One connection."""

    async def handle_message(self, message: Any) -> None:
        """Answer one message; what is no message of the protocol closes the connection."""
        try:
            await super().handle_message(message)
        except (TypeError, AttributeError):  # not an object, or with parts of the wrong type
            await self.handle_invalid_message("Failed to parse message")

    async def run_operation(self, operation: Operation[Context, None]) -> None:
        """Run one operation, if the caller may still ask at all; look again when it has ended."""
        try:
            if await self._ended():
                return
            await super().run_operation(operation)
            await self._ended()
        except WebSocketDisconnected:
            return

    async def handle_task_exception(self, error: Exception) -> None:
        """Log what is unexpected; that clients go away is not."""
        if not isinstance(error, WebSocketDisconnected):
            await super().handle_task_exception(error)

    async def _ended(self) -> bool:
        """Close the connection when its token has ended or the server goes down."""
        bus = self.context.live_bus
        if bus.closed:
            await self.websocket.close(GOING_AWAY, "Going away")
        elif not await bus.still_valid(self.context.viewer):
            await self.websocket.close(FORBIDDEN, "Forbidden")
        else:
            return False
        return True
