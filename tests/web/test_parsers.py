"""Connections that h11 parses, where there is no httptools, are bounded in the same way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from kb.settings import Settings
from tests.web.parsers import PARSERS, listening

HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\n"
ORIGIN = b"Origin: https://dashboard.example\r\n"


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answer with the body that was sent, and leave a trace in the headers, as middleware may."""
    seen = (b"seen", b"yes")
    body, more = b"seen" if seen in scope["headers"] else b"", True
    scope["headers"].append(seen)
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


@pytest_asyncio.fixture(params=PARSERS)
async def port(request: pytest.FixtureRequest) -> AsyncIterator[int]:
    """Where a server listens whose connections are of that class; one dashboard may ask."""
    settings = Settings(allowed_origins=("https://dashboard.example",))
    async with listening(request.param, echo, settings) as server:
        yield server.port
    assert not server.faults


async def answered(port: int, *parts: bytes) -> bytes:
    """All that comes back until the server closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for part in parts:
        writer.write(part)
        await writer.drain()
    got = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return got


async def statuses(port: int, *parts: bytes) -> list[int]:
    """The statuses of all answers until the server closes the connection."""
    got = await answered(port, *parts)
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
        (HEAD + b"Host: b\r\n\r\n" + HEAD + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n", [400]),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", [400]),
        (HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", [400]),
        (b"GET /" + b"x" * 400_000 + b" HTTP/1.1\r\n\r\n", [414]),
        (HEAD + b"X: " + b"x" * 400_000 + b"\r\n\r\n", [431]),
        (b"GET /" + b"x" * 1_100_000, [414]),
    ],
)
async def test_both_parsers_answer_and_refuse_alike(
    port: int, sent: bytes, expected: list[int]
) -> None:
    assert await statuses(port, sent) == expected


UPGRADE = HEAD.replace(b"POST", b"GET") + b"Connection: Upgrade\r\nUpgrade: websocket\r\n"


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (UPGRADE + b"\r\n", [400]),
        (UPGRADE + b"Content-Length: 2\r\n\r\nhi", [400]),
        (UPGRADE.replace(b"GET", b"POST") + b"Content-Length: 2\r\n\r\nhi", [400]),
        (UPGRADE + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", [400]),
        (UPGRADE.replace(b"/ ", b"/" + b"x" * 9_000 + b" ", 1) + b"\r\n", [414]),
        (UPGRADE + b"Cookie: " + b"x" * 9_000 + b"\r\n\r\n", [431]),
    ],
)
async def test_what_is_no_way_of_opening_a_websocket_is_refused_at_once(
    port: int, sent: bytes, expected: list[int]
) -> None:
    assert await statuses(port, sent) == expected


async def test_requests_with_the_same_head_are_apart(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for body in (b"hi", b"ho", b"hu"):
        writer.write(HEAD + b"Content-Length: 2\r\n\r\n" + body)
        answer = await asyncio.wait_for(reader.readuntil(b"\r\n0\r\n\r\n"), 10)
        assert answer.split(b"\r\n")[-4] == body
    writer.close()


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ([b"GET /" + b"x" * 400_000 + b" HTTP/1.1\r\n", ORIGIN, b"\r\n"], 414),
        ([b"GET /" + b"x" * 400_000 + b" HTTP/1.1\r\nOri", ORIGIN[3:] + b"\r\n"], 414),
        ([HEAD + ORIGIN + b"X: " + b"x" * 400_000], 431),
        ([HEAD + b"X: " + b"x" * 400_000 + b"\r\n" + ORIGIN], 431),
        ([HEAD + ORIGIN + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"], 400),
    ],
)
async def test_a_page_can_read_what_the_connection_itself_refuses(
    port: int, parts: list[bytes], status: int
) -> None:
    head, _, body = (await answered(port, *parts)).partition(b"\r\n\r\n")
    lines = head.decode().lower().splitlines()
    assert lines[0].startswith(f"http/1.1 {status} ")
    assert "access-control-allow-origin: https://dashboard.example" in lines
    assert "vary: origin" in lines
    (error,) = json.loads(body)["errors"]
    assert f"x-request-id: {error['extensions']['requestId']}" in lines
    others = [part.replace(b"dashboard", b"hostile") for part in parts]
    refused = (await answered(port, *others)).lower()
    assert refused.startswith(f"http/1.1 {status} ".encode())
    assert b"access-control-allow-origin" not in refused
    assert b"vary: origin" in refused
