"""Connections that h11 parses, where there is no httptools, are bounded in the same way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import uvicorn

from graphql_schema.web.h11_connection import H11Connection
from graphql_schema.web.httptools_connection import HttptoolsConnection

HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\n"


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answer with the body that was sent."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


@pytest_asyncio.fixture(params=[H11Connection, HttptoolsConnection])
async def port(request: pytest.FixtureRequest) -> AsyncIterator[int]:
    """Where a server listens whose connections are of that class."""
    config = uvicorn.Config(
        echo, http=request.param, lifespan="off", h11_max_incomplete_event_size=32_768
    )
    state = uvicorn.server.ServerState()
    config.load()
    loop = asyncio.get_running_loop()

    def connection() -> Any:
        return request.param(config=config, server_state=state, app_state={}, _loop=loop)

    server = await loop.create_server(connection, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    for left in list(state.connections):
        left.transport.abort()
    await server.wait_closed()


async def statuses(port: int, *parts: bytes) -> list[int]:
    """The statuses of all answers until the server closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for part in parts:
        writer.write(part)
        await writer.drain()
    got = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    heads = [part for part in got.split(b"HTTP/1.1 ") if part]
    if b"errors" in heads[-1]:
        assert json.loads(heads[-1].partition(b"\r\n\r\n")[2])["errors"]
    return [int(head[:3]) for head in heads]


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (HEAD + b"Content-Length: 2\r\n\r\nhi" + HEAD + b"Connection: close\r\n\r\n", [200, 200]),
        (b"\x16\x03\x01\x02\x00\r\n\r\n", [400]),
        (HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nhi", [400]),
        (b"POST / HTTP/1.1\r\n\r\n", [400]),
        (HEAD + b"Host: example.org\r\n\r\n", [400]),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", [400]),
        (b"GET /" + b"x" * 40_000, [414]),
        (HEAD + b"X: " + b"x" * 40_000, [431]),
    ],
)
async def test_both_parsers_answer_and_refuse_alike(
    port: int, sent: bytes, expected: list[int]
) -> None:
    assert await statuses(port, sent) == expected
