"""Connections are ended for what their clients do not do, and for nothing else."""

from __future__ import annotations

import asyncio
import datetime
import socket
import ssl
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from graphql_schema.web.connections import AT_ONCE, BufferedExchange
from graphql_schema.web.httptools_connection import HttptoolsConnection
from kb.settings import Settings
from tests.web.parsers import PARSERS, listening

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"
HI = b"HTTP/1.1 200 OK\r\n"

both_parsers = pytest.mark.parametrize("parser", PARSERS)


def at_once(_layers: Any, _scope: Any, exchange: BufferedExchange) -> None:
    """Answer everything below the app."""
    exchange.send(b"content-length: 2\r\n", b"hi")


async def hi(scope: Any, receive: Any, send: Any) -> None:
    """Answer when the body is there."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hi"})


async def ended(reader: asyncio.StreamReader) -> bool:
    """Whether the server has ended a connection."""
    try:
        return not await asyncio.wait_for(reader.read(1), 0.05)
    except TimeoutError:
        return False
    except ConnectionError:
        return True


async def test_a_connection_that_goes_on_asking_is_kept() -> None:
    settings = Settings(request_timeout=0.1)
    async with listening(HttptoolsConnection, hi, settings, **{AT_ONCE: at_once}) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        for parts in [(GET,)] * 4 + [(GET[:20], GET[20:])] + [(GET,)] * 8:
            for part in parts:
                writer.write(part)
                await asyncio.sleep(0.15)  # 2 seconds in all; who begins nothing is cut after 1.1
            assert (await asyncio.wait_for(reader.readuntil(b"hi"), 5)).startswith(HI)
        assert not await ended(reader)
        writer.close()


async def test_who_has_asked_nothing_for_the_longest_time_makes_way() -> None:
    settings = Settings(max_connections=10)
    async with listening(HttptoolsConnection, hi, settings, **{AT_ONCE: at_once}) as server:
        opened = []
        for _ in range(10):
            opened.append(await asyncio.open_connection("127.0.0.1", server.port))
            first, writer = opened[0]
            writer.write(GET)
            assert (await first.readuntil(b"hi")).startswith(HI)
        opened.append(await asyncio.open_connection("127.0.0.1", server.port))
        assert [await ended(reader) for reader, _ in opened] == [False, True] + [False] * 9
        for _, writer in opened:
            writer.close()


@both_parsers
async def test_where_all_others_ask_whose_body_has_been_coming_for_longest_makes_way(
    parser: Any,
) -> None:
    settings = Settings(max_connections=10)
    async with listening(parser, hi, settings) as server:
        opened = []
        for _ in range(10):
            opened.append(await asyncio.open_connection("127.0.0.1", server.port))
            opened[-1][1].write(POST + b"\r\nx")
            await asyncio.sleep(0.02)
        opened.append(await asyncio.open_connection("127.0.0.1", server.port))
        reader, writer = opened[-1]
        writer.write(GET)
        assert (await asyncio.wait_for(reader.readuntil(b"hi"), 5)).startswith(HI)
        opened[1][1].write(b"x")
        assert (await asyncio.wait_for(opened[1][0].readuntil(b"hi"), 5)).startswith(HI)
        assert [await ended(reader) for reader, _ in opened] == [True] + [False] * 10
        for _, writer in opened:
            writer.close()


@both_parsers
async def test_who_reads_slowly_but_steadily_is_answered(parser: Any) -> None:
    async def long(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": LENGTH})
        await send({"type": "http.response.body", "body": b"x" * SIZE})

    settings = Settings(request_timeout=0.4)
    async with listening(parser, long, settings, send_buffer=4_096) as server:
        small = socket.socket()
        small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        small.connect(("127.0.0.1", server.port))
        reader, writer = await asyncio.open_connection(sock=small, limit=2_000)
        started, got = time.monotonic(), 0
        for _ in range(3):  # one more is written between two looks at what is read
            writer.write(GET)
            await reader.readuntil(b"\r\n\r\n")
            rest = SIZE
            while rest:
                part = await reader.read(min(2_000, rest))
                assert part, f"cut after {got} bytes"
                got, rest = got + len(part), rest - len(part)
                ahead = got / BYTES_A_SECOND - (time.monotonic() - started)
                await asyncio.sleep(max(0.0, ahead))
        assert got == 3 * SIZE
        writer.close()


SIZE, BYTES_A_SECOND = 150_000, 250_000
LENGTH = [(b"content-length", b"%d" % SIZE)]


@both_parsers
async def test_a_stream_with_a_request_behind_it_ends_when_the_client_leaves(parser: Any) -> None:
    left = asyncio.Event()

    async def stream(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"one", "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass
        left.set()

    async with listening(parser, stream, Settings()) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(GET + GET)
        await reader.readuntil(b"one")
        writer.transport.abort()
        await asyncio.wait_for(left.wait(), 5)


@both_parsers
async def test_who_asks_before_it_sends_a_body_is_told_to_also_behind_a_request(
    parser: Any,
) -> None:
    async with listening(parser, hi, Settings()) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(GET + POST + b"Expect: 100-continue\r\n\r\n")
        await asyncio.wait_for(reader.readuntil(b"HTTP/1.1 100 Continue\r\n\r\n"), 5)
        writer.write(b"hu")
        assert (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)).startswith(HI)
        writer.close()


@both_parsers
async def test_an_app_that_fails_is_answered_for(parser: Any) -> None:
    async def failing(scope: Any, receive: Any, send: Any) -> None:
        raise ValueError("of no use to the client")

    async with listening(parser, failing, Settings()) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(GET)
        answer = await asyncio.wait_for(reader.read(), 5)
        assert answer.startswith(b"HTTP/1.1 500 ")
        assert b"of no use" not in answer
        writer.close()
    assert not server.faults


@both_parsers
async def test_what_is_no_http_is_refused_over_tls_too(parser: Any, tmp_path: Path) -> None:
    here, there = certified(tmp_path)
    async with listening(parser, hi, Settings(), tls=here) as server:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", server.port, ssl=there, server_hostname="localhost"
        )
        writer.write(b"nonsense\r\n\r\n")
        answer = await asyncio.wait_for(reader.read(), 5)
        assert answer.startswith(b"HTTP/1.1 400 ")
        writer.close()
    assert not server.faults


def certified(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server and its clients need for TLS, with a certificate for an hour."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file = folder / "server.pem"
    file.write_bytes(secret + pem)
    here = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    here.load_cert_chain(file)
    return here, ssl.create_default_context(cadata=pem.decode())
