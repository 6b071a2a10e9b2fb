"""The processes, on ports of this machine, with the configuration that lies in deploy/cluster."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import psutil

ROOT = Path(__file__).parents[2]
CONFIGURATION = ROOT / "deploy" / "cluster"
PROGRAMS = ("etcd", "patroni", "haproxy", "pgbouncer")
PASSWORD = "only-on-this-machine"
PATIENCE = 60.0

ETCD, ETCD_PEERS = 21379, 21380
PRIMARY, API, POOLER = 21500, 21501, 21632
NODES = (21432, 21433, 21434)
PATRONI = (21008, 21009, 21010)
SERVERS = (21801, 21802)


def missing() -> Sequence[str]:
    """The programs that are not installed; Debian has packages of all of them."""
    paths = {name: shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin") for name in PROGRAMS}
    return [name for name, path in paths.items() if path is None]


@dataclass(slots=True)
class Cluster:
    """Everything that runs. PostgreSQL does not run as root, so root starts it as postgres."""

    folder: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, command: Sequence[str], **environment: str) -> None:
        """Start one process; its output goes to a file of its own."""
        as_another = os.geteuid() == 0 and not name.startswith("server")
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                command,
                cwd=ROOT if name.startswith("server") else self.folder,
                env={**_plain_environment(), **environment},
                stdout=log,
                stderr=log,
                user="postgres" if as_another else None,
                group="postgres" if as_another else None,
                start_new_session=True,
            )

    def start_storage(self) -> None:
        """Start etcd, three nodes, HAProxy and PgBouncer."""
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        here = f"http://127.0.0.1:{ETCD}"
        peers = f"http://127.0.0.1:{ETCD_PEERS}"
        options = {
            "data-dir": str(self.folder / "etcd"),
            "name": "one",
            "listen-client-urls": here,
            "advertise-client-urls": here,
            "listen-peer-urls": peers,
            "initial-advertise-peer-urls": peers,
            "initial-cluster": f"one={peers}",
            "log-level": "warn",
        }
        self.start("etcd", ["etcd", *(f"--{name}={value}" for name, value in options.items())])
        for place in range(len(NODES)):
            self.start_node(place)
        addresses = {f"NODE_{n}": f"127.0.0.1:{port}" for n, port in enumerate(NODES, 1)}
        addresses |= {f"PATRONI_{n}": str(port) for n, port in enumerate(PATRONI, 1)}
        addresses |= {f"SERVER_{n}": f"127.0.0.1:{port}" for n, port in enumerate(SERVERS, 1)}
        self.start(
            "haproxy",
            ["/usr/sbin/haproxy", "-db", "-f", str(self._copied("haproxy.cfg"))],
            PRIMARY_BIND=f"127.0.0.1:{PRIMARY}",
            API_BIND=f"127.0.0.1:{API}",
            **addresses,
        )
        users = self.folder / "userlist.txt"
        users.write_text(f'"kb" "{PASSWORD}"\n')
        configuration = self._copied("pgbouncer.ini")
        text = configuration.read_text().replace(
            "host=haproxy port=5000", f"host=127.0.0.1 port={PRIMARY}"
        )
        text = text.replace("0.0.0.0", "127.0.0.1").replace("6432", str(POOLER))
        configuration.write_text(text.replace("/etc/pgbouncer/userlist.txt", str(users)))
        self.start("pgbouncer", ["/usr/sbin/pgbouncer", "-q", str(configuration)])

    def start_node(self, place: int) -> None:
        """Start Patroni, which starts PostgreSQL."""
        port, rest = f"127.0.0.1:{NODES[place]}", f"127.0.0.1:{PATRONI[place]}"
        self.start(
            f"node{place + 1}",
            ["patroni", str(self._copied("patroni.yaml"))],
            PATRONI_NAME=f"node{place + 1}",
            PATRONI_ETCD3_HOSTS=f"'127.0.0.1:{ETCD}'",
            PATRONI_RESTAPI_LISTEN=rest,
            PATRONI_RESTAPI_CONNECT_ADDRESS=rest,
            PATRONI_POSTGRESQL_LISTEN=port,
            PATRONI_POSTGRESQL_CONNECT_ADDRESS=port,
            PATRONI_POSTGRESQL_DATA_DIR=str(self._data(place)),
            PATRONI_POSTGRESQL_PGPASS=str(self.folder / f"pgpass{place + 1}"),
            PATRONI_SUPERUSER_USERNAME="postgres",
            PATRONI_SUPERUSER_PASSWORD=PASSWORD,
            PATRONI_REPLICATION_USERNAME="replicator",
            PATRONI_REPLICATION_PASSWORD=PASSWORD,
            PATRONI_RESTAPI_USERNAME="patroni",
            PATRONI_RESTAPI_PASSWORD=PASSWORD,
        )

    def start_servers(self, **settings: str) -> None:
        """Start two servers of the API, as two hosts would have them."""
        replicas = [url_of(port) for port in NODES]
        app = "graphql_schema.app:create_app"
        uvicorn = [sys.executable, "-m", "uvicorn", "--factory", app, "--host=127.0.0.1"]
        uvicorn += ["--http", "graphql_schema.web.serving:Http"]
        uvicorn += ["--ws", "graphql_schema.web.serving:WebSocket"]
        for place, port in enumerate(SERVERS, 1):
            self.start(
                f"server{place}",
                [*uvicorn, f"--port={port}", "--no-access-log"],
                KB_DATABASE_URL=f"{url_of(POOLER)}?statement_cache_size=0",
                KB_DATABASE_LISTEN_URL=url_of(PRIMARY),
                KB_DATABASE_REPLICA_URLS=json.dumps(replicas),
                KB_SHARED_ALLOWANCES="true",
                KB_TRUSTED_PROXIES='["127.0.0.1"]',
                **settings,
            )

    def primary(self) -> int | None:
        """The place of the node that is the primary now, if there is one."""
        for place, port in enumerate(PATRONI):
            if f"node{place + 1}" in self.running and answers(f"http://127.0.0.1:{port}/primary"):
                return place
        return None

    def synchronous(self) -> bool:
        """Whether a replica is one without which nothing is acknowledged."""
        return any(answers(f"http://127.0.0.1:{port}/synchronous") for port in PATRONI)

    def lose(self, place: int) -> None:
        """Kill a node with all that runs on it, as if its machine had lost its power."""
        lost = self.running.pop(f"node{place + 1}")
        file = self._data(place) / "postmaster.pid"
        postmaster = psutil.Process(int(file.read_text().split()[0]))
        for process in (psutil.Process(lost.pid), postmaster):
            process.suspend()  # neither ends the others in order, nor starts them again
        for process in (*postmaster.children(recursive=True), postmaster):
            process.kill()  # a connection left alone would go on committing
        lost.kill()
        lost.wait()

    def stop(self) -> None:
        """End all that was started, the last first."""
        for process in reversed(self.running.values()):
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _data(self, place: int) -> Path:
        return self.folder / f"data{place + 1}"

    def _copied(self, name: str) -> Path:
        """A configuration file where the user postgres can read it."""
        copy = self.folder / name
        if not copy.exists():
            shutil.copyfile(CONFIGURATION / name, copy)
            copy.chmod(0o644)
        return copy


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """A cluster whose database `kb` is there and empty."""
    folder = Path(tempfile.mkdtemp(prefix="kb-scale-"))
    cluster = Cluster(folder)
    try:
        cluster.start_storage()
        wait_until(lambda: cluster.primary() is not None, "a primary")
        wait_until(cluster.synchronous, "a synchronous replica")
        wait_until(lambda: asyncio.run(_made()), "the database")
        yield cluster
    except BaseException:
        for log in sorted(folder.glob("*.log")):
            print(f"== {log.name}", *log.read_text(errors="replace").splitlines()[-15:], sep="\n")
        raise
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def _made() -> bool:
    """Make the user and the database, through HAProxy; whether they are there."""
    try:
        connection = await asyncpg.connect(url_of(PRIMARY, "postgres", "postgres"), timeout=3)
    except (OSError, asyncpg.PostgresError):
        return False
    try:
        await connection.execute(f"CREATE ROLE kb LOGIN PASSWORD '{PASSWORD}'")
        await connection.execute("CREATE DATABASE kb OWNER kb")
    finally:
        await connection.close()
    return True


def url_of(port: int, user: str = "kb", database: str = "kb") -> str:
    """Where something that speaks PostgreSQL's protocol answers."""
    return f"postgres://{user}:{PASSWORD}@127.0.0.1:{port}/{database}"


def answers(url: str) -> bool:
    """Whether there is a good answer now."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def wait_until(holds: object, what: str) -> None:
    """Wait for something; SystemExit when it does not come."""
    assert callable(holds)
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            raise SystemExit(f"There is not {what} after {PATIENCE:.0f} seconds.")
        time.sleep(0.2)


def _plain_environment() -> Mapping[str, str]:
    kept = {name: value for name, value in os.environ.items() if not re.match("KB_|PG", name)}
    return kept | {"PATH": f"{kept.get('PATH', '')}:/usr/sbin"}
