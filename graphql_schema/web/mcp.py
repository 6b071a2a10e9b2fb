"""`/mcp`: the tools over streamable HTTP, without sessions, so that any process can answer."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from graphql_schema.context import Context
from graphql_schema.web.refusals import RequestError, refusal
from graphql_schema.web.requests import require_json
from kb.settings import Settings

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

INSTALLED = importlib.util.find_spec("mcp") is not None
"""Whether the extra `mcp` is installed."""

METHOD = "POST"


class McpEndpoint:
    """Answers calls of tools in the name of whoever shows the token, as `/graphql` does.

    A call that is refused, for a rate too, is answered 200 with the refusal as its result: clients
    give their user no more of another answer than its status.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._running: asyncio.Task[None] | None = None
        self._handler: asyncio.Future[ASGIApp] | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """End with this context what the first call started."""
        try:
            yield
        finally:
            if self._running is not None:
                self._running.cancel()
                await asyncio.gather(self._running, return_exceptions=True)

    async def _started(self) -> ASGIApp:
        """What answers calls. The tools are loaded with the first: they take 20 MB of memory.

        A caller who gives up meanwhile does not stop that.
        """
        if self._handler is None:
            self._handler = asyncio.get_running_loop().create_future()
            self._running = asyncio.create_task(self._run(self._handler))
        return await asyncio.shield(self._handler)

    async def _run(self, handler: asyncio.Future[ASGIApp]) -> None:
        # The manager must end in the task in which it began, which no task of a caller can be.
        try:
            manager = await asyncio.to_thread(self._manager)
            async with manager.run():
                handler.set_result(manager.handle_request)
                await asyncio.Future()
        except Exception as error:
            self._handler = None  # the next call tries again
            handler.set_exception(error)

    def _manager(self) -> StreamableHTTPSessionManager:
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

        from graphql_schema.mcp.server import make_server

        server = make_server(self._context_of)
        return StreamableHTTPSessionManager(server, json_response=True, stateless=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope)
        if not INSTALLED:
            message = "This server has no MCP. Whoever runs it installs kb-status-api[mcp]."
            app: ASGIApp = refusal(request, 404, "NOT_INSTALLED", message)
        elif request.method != METHOD:
            message = "There are no sessions and no streams here; send each message by POST."
            app = refusal(request, 405, "METHOD_NOT_ALLOWED", message, {"Allow": METHOD})
        elif not self._is_welcome(request):
            message = "Pages of this origin may not ask; KB_ALLOWED_ORIGINS names those that may."
            app = refusal(request, 403, "ORIGIN_NOT_ALLOWED", message)
        elif (refused := _refused_body(request)) is not None:
            app = refused
        else:
            app = await self._started()
            # What is marked for the status of a GraphQL answer is not for this one.
            scope = {**scope, "state": dict(scope["state"])}
        await app(scope, receive, send)

    def _is_welcome(self, request: Request) -> bool:
        """Whether a browser's page may ask; the standard wants it to be looked at."""
        origin = request.headers.get("origin")
        allowed = self._settings.allowed_origins
        own = f"{request.url.scheme}://{request.headers.get('host')}"
        return origin is None or origin == own or "*" in allowed or origin in allowed

    async def _context_of(self, request_context: Any) -> Context:
        request: Request = request_context.request
        return Context(
            knowledge=request.app.state.knowledge.current,
            settings=self._settings,
            viewer=request.user.viewer,
            request=request,
        )


def _refused_body(request: Request) -> Response | None:
    """The answer to a body that is no JSON, in words of ours: those of the SDK have no type."""
    try:
        require_json(request)
    except RequestError as error:
        return refusal(request, error.status, error.code, str(error), error.headers)
    return None
