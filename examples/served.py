"""The product as its users meet it: `kb serve` as a process, and tokens by `kb token create`."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

import httpx

KB = Path(sys.executable).with_name("kb")


class Served:
    """A server on this machine, and the commands of whoever looks after it."""

    def __init__(self, folder: Path, port: int) -> None:
        self.http = f"http://127.0.0.1:{port}/graphql"
        self.websocket = f"ws://127.0.0.1:{port}/graphql"
        self.log = folder / "serve.log"
        self._folder = folder
        self._environment = {
            "KB_DATABASE_URL": f"sqlite://{folder / 'kb.sqlite3'}",
            "KB_TOKEN_PEPPER": secrets.token_urlsafe(32),
            "KB_MAIL_URL": f"file://{folder / 'mailbox'}",
            **os.environ,
            "KB_PORT": str(port),
        }

    async def kb(self, *command: str) -> str:
        """What a command prints; RuntimeError with its last words when it fails."""
        process = await self._start(*command, output=asyncio.subprocess.PIPE)
        out, err = await process.communicate()
        if process.returncode:
            raise RuntimeError(f"kb {' '.join(command)}: {err.decode().strip()}")
        return out.decode().strip()

    async def serve(self) -> asyncio.subprocess.Process:
        """The server, which runs on and writes its log to a file: nobody would empty a pipe."""
        with self.log.open("wb") as log:
            return await self._start("serve", output=log)

    async def _start(self, *command: str, output: int | IO[bytes]) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            KB,
            *command,
            env=self._environment,
            cwd=self._folder,
            stdout=output,
            stderr=output,
        )

    async def token(self, role: str, *scope: str) -> str:
        """A new API key, such as for "BRAND", "--org", "Example Brand".

        The first one, an administrator's, is made without showing any; with it the others are.
        """
        key = await self.kb("token", "create", "--role", role, *scope, "--expires", "1h")
        self._environment.setdefault("KB_TOKEN", key)
        return key


@asynccontextmanager
async def served() -> AsyncIterator[Served]:
    """Serve the database of KB_DATABASE_URL, or a temporary one, until the end of this context."""
    with tempfile.TemporaryDirectory(prefix="kb-story-") as folder:
        server = Served(Path(folder), _free_port())
        await server.kb("migrate")
        await server.kb("content", "publish")
        process = await server.serve()
        try:
            await _until_ready(server, process)
            yield server
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


async def _until_ready(server: Served, process: asyncio.subprocess.Process) -> None:
    async with httpx.AsyncClient() as client:
        for _ in range(600):
            try:
                if (await client.get(server.http.replace("graphql", "readyz"))).is_success:
                    return
            except httpx.TransportError:
                pass
            if process.returncode is not None:
                break
            await asyncio.sleep(0.1)
    if process.returncode is None:
        process.terminate()
    await process.wait()
    raise RuntimeError(f"the server does not answer: {server.log.read_text().strip()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
