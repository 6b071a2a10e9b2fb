"""The web app: pages for people, `/graphql` for programs and, in a browser, GraphiQL; `/mcp` for
assistants; `/healthz`, `/readyz` and `/metrics`.

Serve it with `uvicorn --factory graphql_schema.app:create_app`, or with `kb serve`.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route, WebSocketRoute

from graphql_schema.metrics import metrics
from graphql_schema.tracing import Traced, spans_sent
from graphql_schema.web.background import (
    OneLineStart,
    keep_fresh,
    keep_noting,
    keep_placing,
    keep_purging,
    keep_sharing,
    warm_up,
)
from graphql_schema.web.connections import AT_ONCE, SETTINGS
from graphql_schema.web.docs import ROUTES as DOCS_ROUTES
from graphql_schema.web.endpoint import Endpoint
from graphql_schema.web.fast_path import PATHS, FastPath, FastPathMiddleware
from graphql_schema.web.forwarding import Forwarding
from graphql_schema.web.graphiql import STATIC
from graphql_schema.web.guards import guarded
from graphql_schema.web.head_limit import HeadLimit
from graphql_schema.web.health import healthz, readyz
from graphql_schema.web.mcp import McpEndpoint
from graphql_schema.web.memory import keep_trimming, tune_allocator
from graphql_schema.web.origins import Origins
from graphql_schema.web.pages import ROUTES as PAGE_ROUTES
from graphql_schema.web.refusals import Failures, refused_by_routing
from graphql_schema.web.serving import AcceptErrors
from graphql_schema.web.shutdown import ended_by_signals
from kb.collecting import collect_while_serving
from kb.heartbeats import Heartbeats
from kb.logs import set_up_for_uvicorn
from kb.services.access import rates
from kb.services.access.api_keys import pepper_of
from kb.services.access.callers import Callers
from kb.services.access.opaque_ids import opaque_ids
from kb.services.access.places import ClientPlaces
from kb.services.access.shared_rates import SharedRates
from kb.services.database import FAILURES, connect_migrated
from kb.services.knowledge.holder import KnowledgeHolder, load_knowledge
from kb.services.live.bus import Bus
from kb.services.messages.outbox import dispatch
from kb.settings import Settings


def create_app(settings: Settings | None = None) -> Starlette:
    """The app with these settings; without any, with those of the environment."""
    tune_allocator()
    used = settings or Settings()
    if settings is None:
        set_up_for_uvicorn(used)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[Mapping[str, Any]]:
        async with spans_sent(used), connect_migrated(used):
            holder = KnowledgeHolder(await load_knowledge(used.reliance))
            app.state.knowledge = holder
            app.state.settings = used
            app.state.metrics_open = used.metrics_open
            app.state.introspection = used.introspection
            callers = app.state.callers = Callers(used)
            app.state.opaque_ids = opaque_ids(used)
            heartbeats = app.state.heartbeats = Heartbeats()
            bus = app.state.live_bus = Bus(used, callers.still_valid, heartbeats)
            app.state.rates = rates.operations(used)
            app.state.points = rates.points(used)
            app.state.sockets = ClientPlaces(used.max_sockets, "connections")
            app.state.subscriptions = ClientPlaces(
                used.max_subscriptions_per_client, "subscriptions"
            )
            asyncio.get_running_loop().set_exception_handler(AcceptErrors())
            collect_while_serving()  # the knowledge stays
            tasks = [
                asyncio.create_task(keep_fresh(holder, bus, heartbeats)),
                asyncio.create_task(keep_noting(callers, heartbeats)),
                asyncio.create_task(dispatch(used, holder, heartbeats)),
                asyncio.create_task(warm_up(holder)),
                asyncio.create_task(keep_purging(used, heartbeats)),
                asyncio.create_task(keep_trimming()),
                asyncio.create_task(keep_placing(heartbeats)),
            ]
            if used.shared_allowances:
                by_name = {"operations": app.state.rates, "points": app.state.points}
                shared = SharedRates(by_name, pepper_of(used))
                tasks.append(asyncio.create_task(keep_sharing(shared, heartbeats)))
            bus.start()
            try:
                async with mcp.open():
                    with ended_by_signals(bus, app.state, used.drain_seconds):
                        state: dict[str, Any] = {SETTINGS: used}
                        if used.operation_plans and not used.traces:
                            state[AT_ONCE] = partial(fast_path.at_once, app)
                        yield state
            finally:
                await bus.stop()
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                with contextlib.suppress(*FAILURES):
                    await callers.keys.note_uses()

    endpoint = Endpoint(used)
    fast_path = FastPath(used, endpoint.documents)
    mcp = McpEndpoint(used)
    tools = guarded(mcp, used)
    app = Starlette(
        routes=[
            *(route(path, endpoint) for path in PATHS for route in (Route, WebSocketRoute)),
            *(Route(path, tools) for path in ("/mcp", "/mcp/")),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", metrics),
            *PAGE_ROUTES,
            *DOCS_ROUTES,
            STATIC,
        ],
        middleware=[
            Middleware(OneLineStart),
            Middleware(Forwarding, trusted=used.trusted_proxies, prefix=used.root_path),
            Middleware(Origins, allowed=used.allowed_origins),
            Middleware(Failures),
            Middleware(HeadLimit),
            *([Middleware(Traced)] if used.traces else []),
            Middleware(FastPathMiddleware, fast_path=fast_path),
        ],
        exception_handlers={HTTPException: refused_by_routing},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # `refused_by_routing` does so
    return app
