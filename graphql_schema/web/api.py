"""GraphQL over HTTP and WebSocket: what Strawberry's view leaves open."""

from datetime import timedelta
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http import GraphQLHTTPResponse
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult
from strawberry.types.unset import UNSET, UnsetType

from graphql_schema.context import Context
from graphql_schema.schema import schema
from graphql_schema.web.websocket import Handler, TextFrames
from kb.errors import UnauthenticatedError
from kb.services.access.callers import Callers
from kb.services.access.matrix import ANONYMOUS
from kb.settings import Settings

GRAPHQL_RESPONSE = "application/graphql-response+json"


class Api(GraphQL[Context, None]):
    """GraphQL over HTTP: by POST, queries also by GET, with the media type of the standard."""

    websocket_adapter_class = TextFrames
    graphql_transport_ws_handler_class = Handler

    def __init__(self, settings: Settings) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL, GRAPHQL_SSE_PROTOCOL),
            connection_init_wait_timeout=timedelta(seconds=10),
            max_subscriptions_per_connection=settings.max_subscriptions,
            allowed_origins=settings.allowed_origins,
        )
        self.settings = settings

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Context:
        """One context for each request."""
        return Context(
            knowledge=request.app.state.knowledge.current,
            settings=self.settings,
            # Over WebSocket, `on_ws_connect` says who it is before anything is executed.
            viewer=request.user.viewer if request.scope["type"] == "http" else ANONYMOUS,
            request=request,
        )

    async def on_ws_connect(self, context: Context) -> UnsetType:
        """Take the token of `connection_init`, or of the header; a bad one closes with 4403."""
        given = {key.lower(): value for key, value in (context.connection_params or {}).items()}
        header = context.request.headers.get("authorization")
        authorization = given.get("authorization", header)
        if not isinstance(authorization, str | None):
            raise ConnectionRejectionError
        try:
            callers: Callers = context.request.app.state.callers
            context.viewer = await callers.viewer_of(authorization)
        except UnauthenticatedError as error:
            raise ConnectionRejectionError from error
        unset: UnsetType = UNSET
        return unset

    async def process_result(
        self, request: Request, result: ExecutionResult, **options: Any
    ) -> GraphQLHTTPResponse:
        """Leave `data` out where nothing was executed, as the standard has it."""
        body = await super().process_result(request, result, **options)
        refused = bool(result.errors) and result.data is None
        request.state.refused = refused and all(error.path is None for error in result.errors or ())
        if request.state.refused:
            body.pop("data", None)
        return body

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
        """Answer in the media type asked for; only the newer one tells errors by status."""
        response = super().create_response(response_data, sub_response)
        request = sub_response.request
        response.headers["Vary"] = "Accept"
        if GRAPHQL_RESPONSE in request.headers.get("accept", ""):
            response.headers["content-type"] = f"{GRAPHQL_RESPONSE}; charset=utf-8"
            if getattr(request.state, "refused", False):
                response.status_code = 400
        return response

    def encode_json(self, data: object) -> bytes:
        """Encode fast."""
        return orjson.dumps(data)
