"""The fast path: a usual request whose operation has a plan, answered below all middleware.

It does for such a request what the middleware does: who asks, within which limits, in which form.
Whatever is out of the ordinary, and so every refusal, goes through the layers instead.
"""

import asyncio
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import NamedTuple

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graphql_schema.context import Context
from graphql_schema.packing import COMPRESSED_FROM, gzipped
from graphql_schema.plan.answering import Planned, answered_before, planned
from graphql_schema.web.body_limit import MAX_BODY_BYTES, body_deadline, rate_limit
from graphql_schema.web.compression import GZIP, IDENTITY, codings
from graphql_schema.web.connections import BUFFERED_EXCHANGE, BufferedExchange
from graphql_schema.web.forwarding import (
    asks_from_here,
    new_request_id,
    proxied,
    request_id_header,
)
from graphql_schema.web.head_limit import refused_head
from graphql_schema.web.persisted import PersistedDocuments
from graphql_schema.web.refusals import Failures, RequestError
from graphql_schema.web.requests import EVENT_STREAM, GRAPHQL_RESPONSE, JSON, checked, media_types
from kb import logs
from kb.rules.roles import Role
from kb.services.access.callers import Callers
from kb.services.access.matrix import Viewer
from kb.services.access.rates import Allowance
from kb.settings import Settings

PATHS = ("/graphql", "/graphql/")
_IN_A_THREAD_FROM = 128 * 1_024

_UNUSUAL = frozenset((b"content-encoding", b"transfer-encoding", b"expect", b"if-none-match"))
_CONTENT_TYPES = {
    JSON: JSON.encode(),
    GRAPHQL_RESPONSE: f"{GRAPHQL_RESPONSE}; charset=utf-8".encode(),
}
_VARY_ORIGIN = (b"vary", b"Origin")
_TRIED = "fast_path_tried"
"""Notes in the state of a request that the fast path was tried, and is not to be tried again."""
_JSON = frozenset((b"application/json", b"application/json; charset=utf-8"))


class AcceptedRequest(NamedTuple):
    """A usual request whose operation has a plan, which its caller may ask."""

    profile: "_HeadProfile"
    planned: Planned


class FastPath:
    """Reads usual requests, and finds the plans of their operations."""

    def __init__(self, settings: Settings, documents: PersistedDocuments) -> None:
        self.settings = settings
        self.documents = documents
        self._trusted = proxied(None, settings.trusted_proxies).trusted_hosts

    def accept(
        self, scope: Scope, profile: "_HeadProfile", viewer: Viewer, body: bytes
    ) -> AcceptedRequest | None:
        """What a body asks for; None for what goes through the layers.

        The context stays in the state of the request, with what was counted.
        """
        context = Context(
            knowledge=scope["app"].state.knowledge.current,
            settings=self.settings,
            viewer=viewer,
            request=Request(scope),
        )
        scope["state"]["context"] = context
        operation = answered_before(body, context, compress=profile.compress)
        if operation is None:
            try:
                parts = checked(orjson.loads(body))
                query = self.documents.text_of(parts, anonymous=viewer.role is Role.ANONYMOUS)
            except (orjson.JSONDecodeError, RequestError):
                return None
            if not query:
                return None
            name, variables = parts.get("operationName") or None, parts.get("variables") or {}
            operation = planned(query, name, variables, context, body, compress=profile.compress)
        return None if operation is None else AcceptedRequest(profile, operation)

    def at_once(
        self, app: Starlette, layers: ASGIApp, scope: Scope, exchange: BufferedExchange
    ) -> ASGIApp | None:
        """Answer a request before any layer sees it, where all of the answer is ready.

        Else what is to answer it: what a plan waits for needs no layers either, and whatever is
        out of the ordinary goes through them.
        """
        if exchange.head.profile is ...:
            exchange.head.profile = self._profile_below_layers(app.state.callers, scope)
        profile: _HeadProfile | None = exchange.head.profile
        viewer = profile and profile.caller()
        body = exchange.body()
        if profile is None or viewer is None or body is None or not exchange.can_send():
            return layers
        scope["app"] = app
        state = scope["state"]
        state["on_this_machine"] = profile.from_here
        state["request_id"] = request_id = new_request_id()
        before = logs.REQUEST_ID.set(request_id)
        try:
            try:
                accepted = self.accept(scope, profile, viewer, body)
            except Exception:  # the layers meet it again, and say so; here the connection would end
                accepted = None
            if accepted is None:
                state[_TRIED] = True
                return layers
            if accepted.planned.data is None:
                return Failures(partial(self._finish, layers, accepted, exchange))
            body, compressed = accepted.planned.encoded_response()
            if profile.compress and not compressed and len(body) >= COMPRESSED_FROM:
                body, compressed = gzipped(body), True  # what is longer is packed already
            exchange.send(_response_head(profile, body, scope, compressed=compressed), body)
            scope.clear()  # the parts of a request hold each other, and would wait for a collection
        finally:
            logs.REQUEST_ID.reset(before)
        return None

    def _profile_below_layers(self, callers: Callers, scope: Scope) -> "_HeadProfile | None":
        """The profile of a head of which the layers would make nothing else; None for any other."""
        client = scope["client"]
        profile = _profile(scope, callers) if client and not scope["root_path"] else None
        if profile is None or profile.of_a_page or profile.passed_on:
            return None
        return None if client[0] in self._trusted or refused_head(scope) else profile

    async def _finish(
        self,
        layers: ASGIApp,
        accepted: AcceptedRequest,
        exchange: BufferedExchange,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        """Answer when there is what the plan waits for; through the layers if it steps aside."""
        logs.REQUEST_ID.set(scope["state"]["request_id"])
        if not await accepted.planned.execute():
            scope["state"][_TRIED] = True
            await layers(scope, receive, send)
            return
        body, compressed = await _written(accepted)
        if not exchange.send(
            _response_head(accepted.profile, body, scope, compressed=compressed), body
        ):
            head = _response_headers(accepted.profile, body, scope, compressed=compressed)
            head += (_VARY_ORIGIN, request_id_header(scope))
            await send({"type": "http.response.start", "status": 200, "headers": head})
            await send({"type": "http.response.body", "body": body})


class FastPathMiddleware:
    """Middleware that answers what it can, and passes on what it cannot."""

    def __init__(self, app: ASGIApp, fast_path: FastPath) -> None:
        self.app = app
        self.fast_path = fast_path
        self.settings = fast_path.settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        rest: Receive | None = receive
        if scope["type"] == "http" and self.settings.operation_plans:
            rest = await self._answer(scope, receive, send)
        if rest is not None:
            await self.app(scope, rest, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> Receive | None:
        """Answer a request and give None, or give what is to be received in its place."""
        if _TRIED in scope["state"]:
            return receive
        profile = _profile(scope, scope["app"].state.callers)
        viewer = profile and profile.caller()
        if profile is None or viewer is None:
            return receive
        exchange: BufferedExchange | None = scope.get("extensions", {}).get(BUFFERED_EXCHANGE)
        text = None if exchange is None else exchange.body()
        if text is None:
            text, receive = await self._received(scope, receive)
            if text is None:
                return receive
        accepted = self.fast_path.accept(scope, profile, viewer, text)
        if accepted is None or not await accepted.planned.execute():
            return receive
        body, compressed = await _written(accepted)
        # A span learns the status of an answer that is sent as ever, and a browser its headers.
        if (
            exchange is None
            or self.settings.traces
            or profile.of_a_page
            or not exchange.send(_response_head(profile, body, scope, compressed=compressed), body)
        ):
            head = _response_headers(profile, body, scope, compressed=compressed)
            await send({"type": "http.response.start", "status": 200, "headers": head})
            await send({"type": "http.response.body", "body": body})
        return None

    async def _received(self, scope: Scope, receive: Receive) -> tuple[bytes | None, Receive]:
        """The body of a request that comes in one message, and what is to be received then."""
        try:
            async with asyncio.timeout_at(body_deadline(scope, self.settings.request_timeout)):
                message = await receive()
        except TimeoutError:
            return None, receive
        waiting: list[Message] = [message]

        async def replay() -> Message:
            return waiting.pop() if waiting else await receive()

        if message["type"] != "http.request" or message.get("more_body"):
            return None, replay
        return message.get("body", b""), replay


class _HeadProfile(NamedTuple):
    """Who asks, as far as that is known without the database, and how it is to be answered."""

    caller: Callable[[], Viewer | None]
    content_type: bytes
    compress: bool
    of_a_page: bool
    passed_on: bool
    from_here: bool


def _profile(scope: Scope, callers: Callers) -> _HeadProfile | None:
    """What the head of a request says, if it is as programs usually send it; else None."""
    if scope["method"] != "POST" or scope["query_string"]:
        return None
    if scope["path"] not in PATHS and scope["path"].removeprefix(scope["root_path"]) not in PATHS:
        return None
    headers = dict(scope["headers"])
    if len(headers) != len(scope["headers"]) or not _UNUSUAL.isdisjoint(headers):
        return None
    length = headers.get(b"content-length", b"")
    if headers.get(b"content-type") not in _JSON or not length.isdigit():
        return None
    if len(length) > len(str(MAX_BODY_BYTES)) or int(length) > MAX_BODY_BYTES:
        return None
    wanted = _negotiated(headers.get(b"accept"), headers.get(b"accept-encoding"))
    if wanted is None:
        return None
    token = headers.get(b"authorization")
    return _HeadProfile(
        callers.who_shows(None if token is None else token.decode("latin-1")),
        *wanted,
        of_a_page=b"origin" in headers,
        passed_on=b"x-forwarded-for" in headers or b"x-forwarded-proto" in headers,
        from_here=asks_from_here(scope),
    )


@lru_cache(maxsize=64)
def _negotiated(accept: bytes | None, accept_encoding: bytes | None) -> tuple[bytes, bool] | None:
    """The media type of the answer, and whether it is compressed; None for streams and refusals."""
    media = media_types(accept and accept.decode("latin-1"))
    taken = codings(accept_encoding and accept_encoding.decode("latin-1"))
    if not media or EVENT_STREAM in media or IDENTITY not in taken:
        return None
    return _CONTENT_TYPES[media[0]], taken[0] == GZIP


async def _written(accepted: AcceptedRequest) -> tuple[bytes, bool]:
    """The body of an answer that is there, and whether it is compressed."""
    body, compressed = accepted.planned.encoded_response()
    if compressed or not accepted.profile.compress or len(body) < COMPRESSED_FROM:
        return body, compressed
    if len(body) < _IN_A_THREAD_FROM:
        return gzipped(body), True
    return await asyncio.to_thread(gzipped, body), True


def _response_head(profile: _HeadProfile, body: bytes, scope: Scope, *, compressed: bool) -> bytes:
    """The lines of the head of an answer, with what the layers put there too."""
    state = scope["state"]
    return b"%bcontent-length: %d\r\n%b: %b\r\n%b" % (
        _usual_lines(profile.content_type, len(body) >= COMPRESSED_FROM, compressed),
        len(body),
        *request_id_header(scope),
        _rate_limit_lines(state.get("allowance")),
    )


@lru_cache(maxsize=64)
def _usual_lines(content_type: bytes, long: bool, compressed: bool) -> bytes:
    """Lines that many answers have."""
    return _as_lines((*_usual(content_type, long, compressed), _VARY_ORIGIN))


def _rate_limit_lines(allowance: Allowance | None) -> bytes:
    return b"" if allowance is None else _as_lines(rate_limit(allowance))


def _as_lines(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    return b"".join([b"%b: %b\r\n" % header for header in headers])


def _response_headers(
    profile: _HeadProfile, body: bytes, scope: Scope, *, compressed: bool
) -> list[tuple[bytes, bytes]]:
    """The headers of an answer."""
    headers = _usual(profile.content_type, len(body) >= COMPRESSED_FROM, compressed)
    headers.append((b"content-length", b"%d" % len(body)))
    allowance: Allowance | None = scope["state"].get("allowance")
    if allowance is not None:
        headers += rate_limit(allowance)
    return headers


def _usual(content_type: bytes, long: bool, compressed: bool) -> list[tuple[bytes, bytes]]:
    if not (long or compressed):
        return [(b"content-type", content_type), (b"vary", b"Accept")]
    headers = [(b"content-type", content_type), (b"vary", b"Accept, Accept-Encoding")]
    return [*headers, (b"content-encoding", b"gzip")] if compressed else headers
