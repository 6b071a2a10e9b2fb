"""The web app: `/graphql` for programs and, in a browser, GraphiQL; `/healthz`,
`/readyz` and `/metrics`.

Serve it with `uvicorn --factory graphql_schema.app:create_app`, or with `kb serve`.
"""

import asyncio
import contextlib
import gc
import json
import logging
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http import GraphQLHTTPResponse
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult
from strawberry.types.unset import UNSET, UnsetType

from graphql_schema.authentication import Bearer, refused
from graphql_schema.context import Context
from graphql_schema.graphiql import STATIC, graphiql_page, load_tabs, wants_graphiql
from graphql_schema.limits import BodyLimit
from graphql_schema.metrics import metrics
from graphql_schema.schema import schema
from graphql_schema.subscriptions.ending import ended_by_signals
from graphql_schema.subscriptions.transport import Handler, TextFrames
from kb.errors import KbError, UnauthenticatedError
from kb.services.access import ANONYMOUS
from kb.services.authentication import Callers
from kb.services.database import FAILURES, connect, require_migrated
from kb.services.knowledge import KnowledgeHolder, load_knowledge
from kb.services.learning import purge
from kb.services.live.bus import Bus
from kb.services.outbox import dispatch
from kb.services.rates import Rates
from kb.services.releases import current_release
from kb.settings import Settings

logger = logging.getLogger("graphql_schema")

REFRESH_SECONDS = 5.0
"""How often to look for a newer knowledge release; about what one waits for it at most."""

USES_NOTED_SECONDS = 60.0
"""How often it is written down when API keys were last used."""

PURGE_SECONDS = 6 * 3600.0
"""How often old questions and ratings are removed."""

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

COLLECT_AFTER = (10_000, 20, 50)
"""When Python looks for unused objects: seldom, as an answer makes thousands that soon go."""

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
            viewer=request.user if request.scope["type"] == "http" else ANONYMOUS,
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
        return UNSET

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
        response = await super().get_sub_response(request)
        response.request = request
        return response

    def create_response(
        self,
        response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse],
        sub_response: Response,
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


class Endpoint:
    """GraphiQL for browsers, GraphQL for programs, at one address."""

    def __init__(self, settings: Settings) -> None:
        self.api = AuthenticationMiddleware(BodyLimit(Api(settings)), Bearer(), refused)
        self.tabs = load_tabs()
        token = settings.graphiql_token if settings.on_trial else None
        self.trial_token = token.get_secret_value() if token else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        page = scope["type"] == "http" and wants_graphiql(Request(scope))
        app = self.page(Request(scope)) if page else self.api
        await app(scope, receive, send)

    def page(self, request: Request) -> Response:
        """GraphiQL, in the trial set-up with a token filled in.

        Not under another host name: it may be one that a hostile page made to lead to this machine.
        """
        if self.trial_token is None or request.url.hostname not in LOOPBACK_NAMES:
            return graphiql_page(self.tabs)
        headers = json.dumps({"Authorization": f"Bearer {self.trial_token}"})
        return graphiql_page(self.tabs, default_headers=headers)


class OneLineStart:
    """Makes an expected error at start one line in the log instead of a traceback."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on but the message that starting has failed."""
        if scope["type"] != "lifespan":
            await self.app(scope, receive, send)
            return

        async def told(message: Message) -> None:
            if message["type"] != "lifespan.startup.failed":
                await send(message)

        try:
            await self.app(scope, receive, told)
        except KbError as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})


async def healthz(_request: Request) -> Response:
    """The process runs."""
    return PlainTextResponse("ok")


async def readyz(request: Request) -> Response:
    """The database answers and the knowledge is loaded."""
    knowledge: KnowledgeHolder | None = getattr(request.app.state, "knowledge", None)
    try:
        await current_release()
    except Exception as error:  # whatever the database says, it is not ready
        logger.warning("not ready: %s", error)
        return JSONResponse({"ready": False, "reason": "The database does not answer."}, 503)
    if knowledge is None:
        return JSONResponse({"ready": False, "reason": "No knowledge is loaded."}, 503)
    return JSONResponse({"ready": True, "knowledge": knowledge.current.release.number})


async def keep_fresh(holder: KnowledgeHolder, bus: Bus) -> None:
    """Take over newer knowledge releases, for as long as the app runs, and tell who follows."""
    while True:
        await bus.release_may_have_come(REFRESH_SECONDS)
        try:
            if await holder.refresh_if_newer():
                bus.tell_release(holder.current.release)
                logger.info("knowledge release %s is in use", holder.current.release.number)
        except Exception as error:  # the answers go on with what is held
            logger.warning("could not look for newer knowledge: %s", error)


async def keep_noting(callers: Callers) -> None:
    """Write down once a minute when API keys were last used."""
    while True:
        await asyncio.sleep(USES_NOTED_SECONDS)
        try:
            await callers.keys.note_uses()
        except Exception as error:  # it is only for people to look at
            logger.warning("could not note the use of API keys: %s", error)


async def keep_purging(settings: Settings) -> None:
    """Remove, a few times a day, questions and ratings that were kept long enough."""
    while True:
        try:
            await purge(settings, datetime.now(UTC))
        except Exception as error:  # the next time will do
            logger.warning("could not remove old questions and ratings: %s", error)
        await asyncio.sleep(PURGE_SECONDS)


async def warm_up(holder: KnowledgeHolder) -> None:
    """Make the search ready, so that the first question does not wait for it."""
    try:
        await holder.current.searching.index()
    except Exception:  # the first question tries again, and tells what is wrong
        logger.exception("the search could not be made ready")


def create_app(settings: Settings | None = None) -> Starlette:
    """The app with these settings; without any, with those of the environment."""
    used = settings or Settings()

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[Mapping[str, Any]]:
        await require_migrated(used)
        async with connect(used):
            holder = KnowledgeHolder(await load_knowledge())
            app.state.knowledge = holder
            app.state.metrics_open = used.metrics_open
            callers = app.state.callers = Callers(used)
            app.state.rates = Rates(used)
            bus = app.state.live_bus = Bus(used, callers.still_valid)
            gc.freeze()  # the knowledge stays; it need not be looked through again and again
            gc.set_threshold(*COLLECT_AFTER)
            tasks = [
                asyncio.create_task(keep_fresh(holder, bus)),
                asyncio.create_task(keep_noting(callers)),
                asyncio.create_task(dispatch(used, holder)),
                asyncio.create_task(warm_up(holder)),
                asyncio.create_task(keep_purging(used)),
            ]
            bus.start()
            try:
                with ended_by_signals(bus):
                    yield {}
            finally:
                await bus.stop()
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                with contextlib.suppress(*FAILURES):
                    await callers.keys.note_uses()

    endpoint = Endpoint(used)
    return Starlette(
        routes=[
            Route("/graphql", endpoint, methods=["GET", "POST"]),
            WebSocketRoute("/graphql", endpoint),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", metrics),
            STATIC,
        ],
        middleware=[Middleware(OneLineStart)],
        lifespan=lifespan,
    )
