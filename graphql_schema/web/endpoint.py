"""The one address `/graphql`: GraphiQL for browsers, GraphQL for programs."""

import json

from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from graphql_schema.web.api import Api
from graphql_schema.web.authentication import Bearer, refused
from graphql_schema.web.body_limit import BodyLimit
from graphql_schema.web.graphiql import graphiql_page, load_tabs, wants_graphiql
from kb.settings import Settings

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class Endpoint:
    """GraphiQL for browsers, GraphQL for programs, at one address."""

    def __init__(self, settings: Settings) -> None:
        bounded = BodyLimit(Api(settings), settings.request_timeout)
        self.api = AuthenticationMiddleware(bounded, Bearer(), refused)
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
