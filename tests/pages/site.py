"""The pages served from a process of its own, and a page of another site beside them."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

from kb.models import ApiToken, Facility, SharingGrant
from kb.rules.roles import Role
from kb.services.access.api_keys import revoke_token
from kb.services.access.matrix import OPERATOR, Viewer
from kb.services.database import connect
from kb.settings import Settings
from tests.live.serving import ServerProcess
from tests.tokens import token_for
from tests.trial_databases import run_apart

PATIENCE = 60.0


@dataclass
class Site:
    """A server with demo facilities: its address, its settings, and a token of the helpdesk."""

    url: str
    settings: Settings
    helpdesk: str
    process: ServerProcess

    def token(self, viewer: Viewer) -> str:
        """A key for a role and its scope."""
        return str(run_apart(_token(self.settings, viewer)))

    def end_tokens_of(self, role: Role) -> None:
        """Revoke all keys of a role."""
        run_apart(_end_tokens_of(self.settings, role))

    def facility_shared_with(self, brand: str) -> Facility:
        """A facility that shares with a brand now: other tests of this site end what they open."""
        return run_apart(_facility_shared_with(self.settings, brand))


async def _token(settings: Settings, viewer: Viewer) -> str:
    async with connect(settings, everywhere=False):
        return await token_for(settings, viewer)


async def _end_tokens_of(settings: Settings, role: Role) -> None:
    async with connect(settings, everywhere=False):
        for token in await ApiToken.filter(role=role):
            await revoke_token(OPERATOR, token.id)


async def _facility_shared_with(settings: Settings, brand: str) -> Facility:
    async with connect(settings, everywhere=False):
        open_grants = SharingGrant.filter(grantee=brand, revoked_on=None)
        grant = await open_grants.prefetch_related("facility").order_by("id").first()
        assert grant is not None
        return grant.facility


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


@contextmanager
def served_site(settings: Settings, log: Path, **environment: str) -> Iterator[Site]:
    """Serve a database with demo facilities until the end of this context."""
    helpdesk = str(run_apart(_token(settings, Viewer(Role.HELPDESK))))
    port = free_port()
    process = _serve(settings, port, log, **environment)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(f"{url}/readyz", process, log)
        yield Site(url, settings, helpdesk, process)
    finally:
        process.terminate()


class Restarted:
    """A server that is started at the same address again and again."""

    def __init__(self, settings: Settings, log: Path) -> None:
        self._settings = settings
        self._log = log
        self._port = free_port()
        self._process: ServerProcess | None = None

    def start(self) -> str:
        """Start it, and give its address."""
        self._process = _serve(self._settings, self._port, self._log)
        url = f"http://127.0.0.1:{self._port}"
        wait_until_ready(f"{url}/readyz", self._process, self._log)
        return url

    def stop(self) -> None:
        """End it as a supervisor does, and wait until it has ended."""
        assert self._process is not None
        self._process.terminate()
        while not self._process.ended:
            time.sleep(0.05)

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()


def _serve(settings: Settings, port: int, log: Path, **environment: str) -> ServerProcess:
    variables = {
        **{name: value for name, value in os.environ.items() if name[:3] != "KB_"},
        "KB_DATABASE_URL": settings.database_url,
        "KB_SEMANTIC_SEARCH": "false",
        **environment,
    }
    return ServerProcess("graphql_schema.app:create_app", port, variables, log)


def wait_until_ready(address: str, process: ServerProcess, log: Path) -> None:
    """Wait until a server answers that it is ready."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and not process.ended:
        try:
            if httpx.get(address, trust_env=False).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"it does not answer: {log.read_text()}")


class OtherSite:
    """Pages of somebody else, each with headers of theirs, on another origin."""

    def __init__(self, port: int) -> None:
        self.origin = f"http://127.0.0.1:{port}"
        self._pages: dict[str, tuple[str, Mapping[str, str]]] = {}

    def show(self, page: str, headers: Mapping[str, str]) -> str:
        """Serve one more page, and give its address."""
        path = f"/{len(self._pages)}"
        self._pages[path] = (page, headers)
        return self.origin + path

    def answer(self, path: str) -> tuple[int, str, Mapping[str, str]]:
        """Status, text and headers of a page."""
        return (200, *self._pages[path]) if path in self._pages else (404, "", {})


@contextmanager
def other_site(port: int) -> Iterator[OtherSite]:
    """Another site at this port, until the end of this context."""
    site = OtherSite(port)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, text, headers = site.answer(self.path)
            self.send_response(status)
            for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
