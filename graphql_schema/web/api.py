"""GraphQL over HTTP and WebSocket: what Strawberry's view leaves open."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import orjson
from cross_web import AsyncHTTPRequestAdapter, HTTPException, StarletteRequestAdapter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.http.streaming import SSETransport
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult
from strawberry.types.unset import UNSET, UnsetType

from graphql_schema.context import Context
from graphql_schema.errors import no_operation
from graphql_schema.limits import exhausted
from graphql_schema.plan.answering import answer
from graphql_schema.schema import documents, schema
from graphql_schema.web.persisted import PersistedDocuments
from graphql_schema.web.refusals import RequestError, refusal
from graphql_schema.web.requests import (
    EVENT_STREAM,
    GRAPHQL_RESPONSE,
    JSON,
    accepted,
    is_mutation,
    is_subscription,
    media_types,
    read_operation,
)
from graphql_schema.web.websocket import Handler, TextFrames
from kb.errors import StorageError, UnauthenticatedError
from kb.rules.roles import Role
from kb.services.access.callers import Callers
from kb.services.access.matrix import ANONYMOUS
from kb.settings import Settings


class EventStream(SSETransport):
    """Server-sent events whose lines end with LF alone: some clients split at nothing else."""

    def encode_event(self, event: str, data: str | None = None) -> str:
        """One event."""
        return f"event: {event}\ndata: {data or ''}\n\n"

    def encode_comment(self, comment: str) -> str:
        """A line that tells clients and proxies that the connection lives."""
        return f": {comment}\n\n"


class Streaming(StreamingResponse):
    """A stream that ends when its client leaves, and then holds nothing.

    Starlette's own waits in a group of tasks, where how they were ended stays and holds itself,
    with all that the stream was made of, until Python looks for that.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        parts = self.stream_response(send), self.listen_for_disconnect(receive)
        tasks = [asyncio.ensure_future(part) for part in parts]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        for task in tasks:
            if not task.cancelled():
                task.result()


class RequestAdapter(StarletteRequestAdapter):
    """Strawberry's view of a request, with the request itself."""

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self.original = request


NO_CHANGES_BY_GET = "Mutations are not allowed when using GET; use POST."

_FAULTS_OF_OURS = {StorageError.code, "INTERNAL_ERROR"}


class Api(GraphQL[Context, None]):
    """GraphQL over HTTP: by POST, queries also by GET, with the media type of the standard."""

    request_adapter_class = RequestAdapter
    websocket_adapter_class = TextFrames
    graphql_transport_ws_handler_class = Handler
    stream_transport_classes_by_protocol = {GRAPHQL_SSE_PROTOCOL: EventStream}  # noqa: RUF012 - as Strawberry has it

    def __init__(self, settings: Settings, documents: PersistedDocuments) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL, GRAPHQL_SSE_PROTOCOL),
            connection_init_wait_timeout=timedelta(seconds=10),
            max_subscriptions_per_connection=None,  # the handler counts, and tells queries apart
            allowed_origins=settings.allowed_origins,
        )
        self.settings = settings
        self.documents = documents

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; whatever refuses it does so as a GraphQL error."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            request.state.operation = await self._read(request)
            response = await self._planned(request) or await self.run(request)
        except RequestError as error:
            response = refusal(request, error.status, error.code, str(error), error.headers)
        except HTTPException as error:  # Strawberry's own
            response = _refused_by_strawberry(request, error)
        response.headers["Vary"] = "Accept"
        await response(scope, receive, send)

    def should_render_graphql_ide(self, request: object) -> bool:
        """Never here: the endpoint shows GraphiQL, and a hash by GET needs no query."""
        return False

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Context:
        """One context for each request."""
        # What a plan left goes on with the same context: what was counted counts once.
        context: Context | None = getattr(request.state, "context", None)
        return context or self._context(request)

    def _context(self, request: Request | WebSocket) -> Context:
        return Context(
            knowledge=request.app.state.knowledge.current,
            settings=self.settings,
            # Over WebSocket, `on_ws_connect` says who it is before anything is executed.
            viewer=request.user.viewer if request.scope["type"] == "http" else ANONYMOUS,
            request=request,
        )

    async def _planned(self, request: Request) -> Response | None:
        """The answer of a plan; without one, graphql-core goes on with the same context."""
        operation: GraphQLRequestData = request.state.operation
        tried = hasattr(request.state, "context")  # on the fast path
        if tried or not self.settings.operation_plans or operation.protocol != "http":
            return None
        assert operation.query  # `_read` refuses what has none
        context = request.state.context = self._context(request)
        body = await answer(
            operation.query, operation.operation_name, operation.variables or {}, context
        )
        if body is None:
            return None
        return self.create_response(body, await self.get_sub_response(request))

    async def on_ws_connect(self, context: Context) -> UnsetType:
        """Take the token of `connection_init`, or of the header; a bad one closes with 4403."""
        parameters = {
            key.lower(): value for key, value in (context.connection_params or {}).items()
        }
        context.connection_params = None  # a client may send much, and keep many connections
        header = context.request.headers.get("authorization")
        authorization = parameters.get("authorization", header)
        if not isinstance(authorization, str | None):
            raise ConnectionRejectionError
        try:
            callers: Callers = context.request.app.state.callers
            context.viewer = await callers.viewer_of(authorization, context.address)
        except UnauthenticatedError as error:
            raise ConnectionRejectionError from error
        unset: UnsetType = UNSET
        return unset

    async def parse_http_body(self, request: AsyncHTTPRequestAdapter) -> GraphQLRequestData:
        """The operation that was read already."""
        assert isinstance(request, RequestAdapter)
        operation: GraphQLRequestData = request.original.state.operation
        return operation

    async def _read(self, original: Request) -> GraphQLRequestData:
        """Read the operation, and settle in which form it is answered."""
        body = await read_operation(original)
        anonymous = original.user.viewer.role is Role.ANONYMOUS
        query = self.documents.text_of(body, anonymous=anonymous)
        if not query:
            raise RequestError(400, "BAD_REQUEST", "There is no query in the request.")
        name = body.get("operationName") or None
        taken = media_types(accepted(original))
        if not taken:
            raise RequestError(
                406,
                "NOT_ACCEPTABLE",
                f"Accept one of {JSON}, {GRAPHQL_RESPONSE} and {EVENT_STREAM}.",
            )
        original.state.media_type = taken[0]
        return GraphQLRequestData(
            query=query,
            variables=body.get("variables"),
            operation_name=name,
            extensions=body.get("extensions"),
            protocol="sse" if self._streams(original, query, name, taken) else "http",
        )

    def _streams(
        self, original: Request, query: str, name: str | None, taken: Sequence[str]
    ) -> bool:
        """Whether it is answered as a stream; RequestError where it cannot be answered."""
        if documents.find(query) is None and exhausted(self._context(original)):
            return False  # it is refused, and not even parsed to know of what kind it is
        streams = taken[0] == EVENT_STREAM
        if EVENT_STREAM in taken and is_subscription(query, name):
            streams = True
        elif not streams and is_subscription(query, name):
            raise RequestError(
                406,
                "NOT_ACCEPTABLE",
                f"A subscription is answered by WebSocket, or where {EVENT_STREAM} is accepted.",
            )
        if streams and original.method == "GET" and is_mutation(query, name):
            allow = {"Allow": "POST"}
            raise RequestError(405, "METHOD_NOT_ALLOWED", NO_CHANGES_BY_GET, allow)
        return streams

    async def process_result(
        self, request: Request, result: ExecutionResult, **options: Any
    ) -> GraphQLHTTPResponse:
        """Leave `data` out where nothing was executed, as the standard has it."""
        body = await super().process_result(request, result, **options)
        refused = bool(result.errors) and result.data is None
        request.state.refused = refused and all(
            error.path is None and (error.extensions or {}).get("code") not in _FAULTS_OF_OURS
            for error in result.errors or ()
        )
        if request.state.refused:
            body.pop("data", None)
        return body

    async def create_streaming_response(
        self,
        request: Request | WebSocket,
        stream: Callable[[], AsyncIterator[str]],
        sub_response: Response,
        headers: Mapping[str, str],
    ) -> Response:
        """Answer as a stream."""
        return Streaming(stream(), headers={**sub_response.headers, **headers})

    async def get_sub_response(self, request: Request | WebSocket) -> Response:
        """Keep the request, of which the response depends."""
        response: Any = await super().get_sub_response(request)
        response.request = request
        empty: Response = response
        return empty

    def create_response(
        self,
        response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse],
        sub_response: Any,
    ) -> Response:
        """Answer in the media type asked for; only the newer one tells errors by status.

        What is asked by GET has an ETag, so that an answer that is the same is not sent again.
        """
        assert isinstance(response_data, dict)  # several at once are refused
        response = super().create_response(response_data, sub_response)
        request: Request = sub_response.request
        if request.state.media_type == GRAPHQL_RESPONSE:
            response.headers["content-type"] = f"{GRAPHQL_RESPONSE}; charset=utf-8"
            if getattr(request.state, "refused", False):
                response.status_code = 400
        if request.method == "GET" and response.status_code == 200:
            # What the caller has left, in the extensions, is no part of the answer.
            parts = [response_data.get("data"), response_data.get("errors")]
            tag = f'W/"{hashlib.sha256(orjson.dumps(parts)).hexdigest()[:32]}"'
            known = request.headers.get("if-none-match", "")
            tags = {part.strip().removeprefix("W/") for part in known.split(",")}
            if tags & {tag.removeprefix("W/"), "*"}:
                response = Response(status_code=304)
            response.headers["ETag"] = tag
            response.headers["Cache-Control"] = "private, no-cache"
        return response

    def encode_json(self, data: object) -> bytes:
        """Encode fast."""
        return orjson.dumps(data)


def _refused_by_strawberry(request: Request, error: HTTPException) -> Response:
    """An operation that is not in the document, or a change by GET."""
    if "not allowed" in error.reason:
        allow = {"Allow": "POST"}
        return refusal(request, 405, "METHOD_NOT_ALLOWED", NO_CHANGES_BY_GET, allow)
    return refusal(request, error.status_code, "BAD_REQUEST", no_operation(error.reason))
