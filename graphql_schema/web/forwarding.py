"""What proxies say of a request, and what must not be believed of it.

Only proxies named in KB_TRUSTED_PROXIES are believed. Whether a caller is on this machine is never
taken from what is said: a proxy here, which may say nothing at all, passes on what others ask.
"""

import ipaddress
import random
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from kb import logs

REQUEST_ID = "X-Request-ID"
_REQUEST_ID = REQUEST_ID.lower().encode()

_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_SAID_BY_PROXIES = re.compile(
    rb"forwarded|(client|real|user|remote|source|peer)-?ip|^via$|^(cdn|cf|fastly|fly|ngrok|akamai)-"
    rb"|^x-(amz|appengine|arr|azure|cdn|cloud|cluster|envoy|host|original|proxy|real|scheme|vercel)"
    rb"|^(proxy|remote)-"
)
"""Names of headers that proxies, load balancers and delivery networks add; `_` counts as `-`."""
_PREFIX = re.compile(r"(/[\w.~-]+)+/?", re.ASCII)
_WITH_HEADERS = ("http.response.start", "websocket.accept", "websocket.http.response.start")
_ID = re.compile(r"[\w-]{8,64}", re.ASCII)


def proxied(app: Any, trusted: Sequence[str]) -> ProxyHeadersMiddleware:
    """An app that is told what proxies say; `trusted_hosts` has the addresses it believes."""
    return ProxyHeadersMiddleware(app, trusted_hosts=list(trusted))


class Forwarding:
    """Puts in place address, scheme, host and prefix that a trusted proxy passes on.

    Every request gets an id, a trusted proxy's if it gives one; the answer has it as a header.
    """

    def __init__(self, app: ASGIApp, trusted: Sequence[str], prefix: str = "") -> None:
        self._app = app
        with_client = proxied(app, trusted)
        self._trusted = with_client.trusted_hosts
        # uvicorn types ASGI by itself, Starlette by plain mappings; it is one protocol.
        self._with_client = cast(ASGIApp, with_client)
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        believed = bool(scope.get("client")) and scope["client"][0] in self._trusted
        request_id = assign_request_id(scope, _sent_id(scope) if believed else "")
        root = scope.get("root_path", "")
        if root and f"{scope['path']}/".startswith(f"{root}{root}/"):
            # uvicorn puts its --root-path before the path, whether a proxy has left it there or not
            scope["path"] = scope["path"].removeprefix(root)
        if self._prefix and not root:
            _put_under(scope, self._prefix)
        if believed:
            _apply_prefix_and_host(scope, Headers(scope=scope))

        async def with_id(message: Message) -> None:
            if message["type"] in _WITH_HEADERS:
                headers = message.get("headers", ())
                others = [header for header in headers if header[0] != _REQUEST_ID]
                message["headers"] = [*others, request_id_header(scope)]
            await send(message)

        before = logs.REQUEST_ID.set(request_id)
        try:
            await (self._with_client if believed else self._app)(scope, receive, with_id)
        finally:
            logs.REQUEST_ID.reset(before)


def assign_request_id(scope: Scope, sent_id: str = "") -> str:
    """Note whether the caller is on this machine, and an id, unless one was sent; that id."""
    state = scope.setdefault("state", {})
    state["on_this_machine"] = asks_from_here(scope)
    request_id: str = sent_id or state.get("request_id") or new_request_id()
    state["request_id"] = request_id
    return request_id


def request_id_header(scope: Scope) -> tuple[bytes, bytes]:
    """The header of an answer by which its request is found in the log."""
    return _REQUEST_ID, scope["state"]["request_id"].encode()


def new_request_id() -> str:
    """Unlike any other, and no secret: asking the system for each would take longer than most of
    what is done for a request."""
    return f"{random.getrandbits(128):032x}"


def on_this_machine(request: HTTPConnection) -> bool:
    """Whether the caller is on this machine itself, and nobody passes on what another asks."""
    return bool(request.scope.get("state", {}).get("on_this_machine"))


def _apply_prefix_and_host(scope: Scope, headers: Headers) -> None:
    prefix = headers.get("x-forwarded-prefix", "")
    if _PREFIX.fullmatch(prefix):
        _put_under(scope, prefix.rstrip("/"))
    host = headers.get("x-forwarded-host", "").partition(",")[0].strip()
    if host:
        others = [(name, value) for name, value in scope["headers"] if name != b"host"]
        scope["headers"] = [*others, (b"host", host.encode("latin-1"))]


def _put_under(scope: Scope, prefix: str) -> None:
    """Say under which path the app is; the whole path holds it too, as servers have it."""
    scope["root_path"] = prefix
    if not f"{scope['path']}/".startswith(f"{prefix}/"):
        scope["path"] = prefix + scope["path"]


def _sent_id(scope: Scope) -> str:
    """The id that a request came with; empty where there is none that can be used."""
    sent = Headers(scope=scope).get(REQUEST_ID, "")
    return sent if _ID.fullmatch(sent) else ""


def asks_from_here(scope: Scope) -> bool:
    """Whether the caller is on this machine, by its address and its head."""
    client = scope.get("client")
    if not client or not _is_loopback(client[0]):
        return False
    first = dict(reversed(scope["headers"]))
    return _head_is_from_here(
        scope.get("http_version"),
        first.get(b"connection", b""),
        first.get(b"host", b""),
        tuple(first),
    )


@lru_cache(maxsize=64)
def _head_is_from_here(
    http_version: str | None, connection: bytes, host: bytes, names: tuple[bytes, ...]
) -> bool:
    """Whether a head from this machine is of somebody who asks; many requests have the same."""
    if any(_is_of_a_proxy(name) for name in names):
        return False
    # nginx, unless it is told otherwise, asks by HTTP/1.0 and closes each connection.
    if http_version == "1.0" or connection.lower() == b"close":
        return False
    return _host_name(host.decode("latin-1")) in _LOOPBACK_NAMES


def _is_of_a_proxy(name: bytes) -> bool:
    return _SAID_BY_PROXIES.search(name.lower().replace(b"_", b"-")) is not None


@lru_cache(maxsize=1_000)
def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _host_name(host: str) -> str:
    """The name in a Host header; nothing else that a URL may hold is taken for one."""
    parts = re.fullmatch(r"(\[[0-9a-f:.]+\]|[\w.-]+)(:\d+)?", host.lower(), re.ASCII)
    return parts[1].strip("[]") if parts else ""
