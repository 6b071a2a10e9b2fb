"""The one address `/graphql`: GraphiQL for browsers, GraphQL for programs."""

import asyncio
import hashlib
import hmac
import json

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graphql_schema.web.api import Api
from graphql_schema.web.forwarding import on_this_machine
from graphql_schema.web.graphiql import (
    DEFAULT_HEADERS,
    USER_GROUPS,
    examples_of,
    graphiql_page,
    group_links,
    load_tabs,
    wants_graphiql,
)
from graphql_schema.web.guards import guarded
from graphql_schema.web.origins import METHODS
from graphql_schema.web.pages import page_documents
from graphql_schema.web.persisted import PersistedDocuments
from graphql_schema.web.refusals import refusal
from kb.settings import Settings
from kb.settings.access import AnonymousDocuments


def trial_secret(token: str) -> str:
    """What a browser must name to get GraphiQL with the trial token filled in."""
    return hashlib.sha256(f"trial page: {token}".encode()).hexdigest()[:24]


class Endpoint:
    """GraphiQL for browsers, GraphQL for programs, at one address."""

    def __init__(self, settings: Settings) -> None:
        self.tabs = load_tabs()
        self.documents = PersistedDocuments(
            [*(tab.document for tab in self.tabs), *page_documents()],
            only_trusted=settings.anonymous_documents is AnonymousDocuments.TRUSTED,
        )
        self.api = guarded(Api(settings, self.documents), settings)
        self.graphiql = settings.graphiql
        token = settings.graphiql_token if settings.on_trial else None
        self.trial_token = token.get_secret_value() if token else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.api(scope, receive, send)
            return
        app = self._app(Request(scope))
        if scope["method"] == "HEAD":
            await _answer_head(app, scope, receive, send)
        else:
            await app(scope, receive, send)

    def _app(self, request: Request) -> ASGIApp:
        allow = {"Allow": ", ".join(METHODS)}
        if request.method not in METHODS:
            message = f"{request.method} is not answered here; use POST, or GET for queries."
            return refusal(request, 405, "METHOD_NOT_ALLOWED", message, allow)
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=allow)
        shown = self.graphiql and wants_graphiql(request)
        return self.page(request) if shown else self.api

    def page(self, request: Request) -> Response:
        """GraphiQL, in the trial set-up with a token filled in for who names its secret.

        Never for somebody on another machine, nor under another host name: it may be one that a
        hostile page made to lead to this machine.
        """
        prefix = request.scope.get("root_path", "")
        places = {"endpoint": f"{prefix}/graphql", "static": f"{prefix}/static"}
        secret = request.query_params.get("trial", "")
        headers, kept = DEFAULT_HEADERS, {}
        if self._is_let_in(request, secret):
            headers = json.dumps({"Authorization": f"Bearer {self.trial_token}"})
            kept = {"trial": secret}
        wanted = request.query_params.get("for", "")
        # Without a token, the chatbot's examples are those that run.
        group = wanted if wanted in USER_GROUPS else "helpdesk" if kept else "chatbot"
        return graphiql_page(
            examples_of(self.tabs, group),
            default_headers=headers,
            group=group,
            others=group_links(group, **kept),
            **places,
        )

    def _is_let_in(self, request: Request, secret: str) -> bool:
        if self.trial_token is None or not on_this_machine(request):
            return False
        return hmac.compare_digest(secret.encode(), trial_secret(self.trial_token).encode())


async def _answer_head(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer as by GET, without the body. A stream, which may have no end, ends with its head."""
    started = asyncio.Event()
    ended = read = False

    async def without_body(message: Message) -> None:
        nonlocal ended
        if message["type"] == "http.response.start":
            await send(message)
            started.set()
        elif not message.get("more_body", False):
            ended = True
            await send({**message, "body": b""})

    async def leaving() -> Message:
        nonlocal read
        if not read:
            message = await receive()
            read = not message.get("more_body", False)
            return message
        await started.wait()
        return {"type": "http.disconnect"}

    await app({**scope, "method": "GET"}, leaving, without_body)
    if started.is_set() and not ended:
        await send({"type": "http.response.body", "body": b""})
