"""Servers of this process whose connections one parser reads."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn

from graphql_schema.web.connections import SETTINGS
from graphql_schema.web.h11_connection import H11Connection
from graphql_schema.web.httptools_connection import HttptoolsConnection
from graphql_schema.web.serving import WebSocket
from kb.settings import Settings

PARSERS = (H11Connection, HttptoolsConnection)


@dataclass
class Listening:
    """Where a server listens, and what its loop was told of faults."""

    port: int
    state: uvicorn.server.ServerState
    faults: list[Any] = field(default_factory=list)


@asynccontextmanager
async def listening(
    parser: Any,
    app: Any,
    settings: Settings,
    *,
    tls: ssl.SSLContext | None = None,
    send_buffer: int | None = None,
    **state: Any,
) -> AsyncIterator[Listening]:
    """Serve an app on 127.0.0.1; `state` is what its lifespan would leave beside its settings."""
    config = uvicorn.Config(
        app,
        http=parser,
        ws=WebSocket,
        lifespan="off",
        access_log=False,
        h11_max_incomplete_event_size=32_768,
    )
    config.load()
    of_all = uvicorn.server.ServerState()
    loop = asyncio.get_running_loop()

    def connection() -> Any:
        kept = {SETTINGS: settings, **state}
        return parser(config=config, server_state=of_all, app_state=kept, _loop=loop)

    with socket.socket() as place:
        if send_buffer:
            place.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
        place.bind(("127.0.0.1", 0))
        server = await loop.create_server(connection, sock=place, ssl=tls)
        listens = Listening(place.getsockname()[1], of_all)
        loop.set_exception_handler(lambda _, fault: listens.faults.append(fault))
        yield listens
        server.close()
        for left in list(of_all.connections):
            left.transport.abort()
        await server.wait_closed()
