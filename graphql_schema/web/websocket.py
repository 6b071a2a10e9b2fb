"""Subscriptions over WebSocket, by the protocol graphql-transport-ws.

The token comes in the payload of `connection_init`, as {"Authorization": "Bearer …"}, for browsers
cannot send headers with a WebSocket; other clients may send the header instead. When the token
ends, the subscriptions end with an error and the connection is closed with 4403. When the database
is away, it is closed with 1013, and with 1001 when the server goes down, upon which clients connect
and subscribe again by themselves; a subscription that was completed they would take for ended.
"""

import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import ExitStack
from typing import Any

import orjson
from graphql import GraphQLError, OperationType, get_operation_ast
from starlette.websockets import WebSocketDisconnect, WebSocketState
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import (
    NonJsonMessageReceived,
    NonTextMessageReceived,
    WebSocketDisconnected,
)
from strawberry.schema.schema import StreamResult
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
    Operation,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    ConnectionInitMessage,
    PingMessage,
    SubscribeMessage,
)

from graphql_schema.context import Context
from graphql_schema.error_codes import code_of
from graphql_schema.errors import public_error
from graphql_schema.limits import exhausted
from graphql_schema.metrics import OTHER, REQUESTS
from graphql_schema.schema import documents, schema
from graphql_schema.web.body_limit import MAX_BODY_BYTES
from graphql_schema.web.persisted import PersistedDocuments
from graphql_schema.web.refusals import RequestError
from graphql_schema.web.requests import is_subscription
from kb.errors import StorageError, TooManyError, TooOftenError
from kb.rules.roles import Role
from kb.services.access.matrix import ANONYMOUS
from kb.services.access.places import ClientPlaces
from kb.services.database import FAILURES

logger = logging.getLogger("graphql_schema")

GOING_AWAY = 1001
TRY_AGAIN_LATER = 1013
TOO_LARGE = 1009
FORBIDDEN = 4403

MOST_QUERIES = 100
"""Queries and changes under way at once on one connection; who waits for answers has few."""


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
    """One connection, which takes one of its client's places."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._documents: PersistedDocuments = options["view"].documents
        self._subscriptions: set[str] = set()
        self._place = ExitStack()

    async def handle(self) -> None:
        """Answer all messages, unless the client has too many connections."""
        with self._place:
            if await self._take_place():
                await super().handle()

    async def _take_place(self) -> bool:
        """Take a place for who asks, as far as that is known, instead of the one held."""
        self._place.close()
        places: ClientPlaces = self.context.request.app.state.sockets
        try:
            self._place.enter_context(places.place(self.context.viewer, self.context.address))
        except TooManyError:
            await self.websocket.close(TRY_AGAIN_LATER, "Too many connections")
            return False
        return True

    async def handle_message(self, message: Any) -> None:
        """Answer one message; what is no message of the protocol closes the connection."""
        if _is_message(message):
            await super().handle_message(message)
            message.clear()  # it is held until the next one comes, which may be never
        else:
            await self.handle_invalid_message("Failed to parse message")

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        """Let the caller in, unless its token is bad or cannot be looked up now."""
        if message.get("payload") is None:
            message = {"type": "connection_init"}
        try:
            await super().handle_connection_init(message)
            self.connection_init_timeout_task = None  # ended, it holds how it was
            if self.connection_acknowledged and self.context.viewer is not ANONYMOUS:
                await self._take_place()
        except TooOftenError:
            await self.websocket.close(TRY_AGAIN_LATER, "Too many bad tokens")
        except FAILURES as error:
            logger.warning("could not look up a token: %r", error)
            await self.websocket.close(TRY_AGAIN_LATER, "Try again later")

    async def handle_ping(self, message: PingMessage) -> None:
        """Answer with what was sent along, if anything was."""
        sent = {"payload": message["payload"]} if message.get("payload") else {}
        await self.websocket.send_json({"type": "pong", **sent})

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        """Begin an operation, unless the caller may not ask it or the connection has too many."""
        if message["payload"].get("operationName") == "":
            del message["payload"]["operationName"]
        refused = self._refused(message) if self.connection_acknowledged else None
        if refused is None:
            await super().handle_subscribe(message)
            return
        public = public_error(refused, schema._schema)
        REQUESTS.labels(OTHER, code_of(refused)).inc()
        await self.send_message(
            {"id": message["id"], "type": "error", "payload": [public.formatted]}
        )

    def _refused(self, message: SubscribeMessage) -> GraphQLError | None:
        """Why an operation is not begun, as over HTTP; what is begun is counted by its kind."""
        payload = message["payload"]
        anonymous = self.context.viewer.role is Role.ANONYMOUS
        try:
            self._documents.text_of(payload, anonymous=anonymous)
        except RequestError as error:
            return GraphQLError(str(error), extensions={"code": error.code})
        if documents.find(payload["query"]) is None:
            refused = exhausted(self.context)  # it is parsed to know of what kind it is
            if refused is not None:
                return refused
        self._subscriptions &= self.operations.keys()
        queries = len(self.operations) - len(self._subscriptions)
        most = self.context.settings.max_subscriptions
        if not is_subscription(payload["query"], payload.get("operationName")):
            many = TooManyError("queries", MOST_QUERIES) if queries >= MOST_QUERIES else None
        elif len(self._subscriptions) >= most:
            many = TooManyError("subscriptions on this connection", most)
        else:
            many = None
            self._subscriptions.add(message["id"])
        return None if many is None else GraphQLError(str(many), original_error=many)

    async def run_operation(self, operation: Operation[Context, None]) -> None:
        """Run one operation, if the caller may still ask at all; look again when it has ended."""
        try:
            if await self._ended():
                return
            await super().run_operation(operation)
            await self._ended()
        except WebSocketDisconnected:
            return

    async def _send_result_stream(
        self, operation: Operation[Context, None], result_source: StreamResult
    ) -> None:
        """Send what an operation answers, or close the connection of one that goes on elsewhere."""
        await super()._send_result_stream(operation, self._while_served(operation, result_source))

    async def _while_served(
        self, operation: Operation[Context, None], results: StreamResult
    ) -> StreamResult:
        async for result in results:
            if _lost_its_database(result) and _is_followed(operation):
                operation.completed = True  # nothing more is sent of it
                await self.websocket.close(TRY_AGAIN_LATER, "Try again later")
                return
            yield result
        if self.context.live_bus.closed and _is_followed(operation):
            operation.completed = True
            await self.websocket.close(GOING_AWAY, "Going away")

    async def handle_task_exception(self, error: Exception) -> None:
        """Log what is unexpected; that clients go away is not."""
        if not isinstance(error, WebSocketDisconnected):
            await super().handle_task_exception(error)

    async def _ended(self) -> bool:
        """Close the connection when its token has ended or the server goes down."""
        bus = self.context.live_bus
        if bus.closed:
            await self.websocket.close(GOING_AWAY, "Going away")
            return True
        try:
            if await bus.still_valid(self.context.viewer):
                return False
        except FAILURES as error:
            logger.warning("could not look up a token: %r", error)
            await self.websocket.close(TRY_AGAIN_LATER, "Try again later")
        else:
            await self.websocket.close(FORBIDDEN, "Forbidden")
        return True


def _is_message(message: Any) -> bool:
    """Whether the parts that the protocol names are of the types that it names."""
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return False
    payload = message.get("payload")
    if message["type"] in ("subscribe", "complete"):
        id_ = message.get("id")
        if not isinstance(id_, str) or not id_:
            return False
    elif message["type"] in ("ping", "pong", "connection_init"):
        return isinstance(payload, dict | None)
    return message["type"] != "subscribe" or (
        isinstance(payload, dict)
        and isinstance(payload.get("query"), str)
        and isinstance(payload.get("variables"), dict | None)
        and isinstance(payload.get("operationName"), str | None)
        and isinstance(payload.get("extensions"), dict | None)
    )


def _lost_its_database(result: Any) -> bool:
    """Whether an operation ends because the database is away."""
    if not result.errors or result.data is not None:
        return False
    return any((error.extensions or {}).get("code") == StorageError.code for error in result.errors)


def _is_followed(operation: Operation[Context, None]) -> bool:
    """Whether an operation is a subscription."""
    document = documents.find(operation.query)
    definition = get_operation_ast(document, operation.operation_name) if document else None
    return definition is not None and definition.operation is OperationType.SUBSCRIPTION
