"""Connections that ask nothing, ask by the byte, or never read: they hold up nobody else."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import resource
import socket
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
import websockets

from kb.settings import Settings
from tests.live.served import PROTOCOL, RELEASES, Server, Subscriber, connected, served
from tests.live.test_transport import public_settings

pytestmark = [pytest.mark.served, pytest.mark.asyncio(loop_scope="module")]
__all__ = ["public_settings"]

DESCRIPTORS = 1_024
HEAD = b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
CLOSE = b"Connection: close\r\n"
WEB_SOCKET = (
    b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n"
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bounded(public_settings: Settings) -> AsyncIterator[Server]:
    """A server with few places for each client, and no more descriptors than usual."""
    async with served(
        public_settings,
        KB_REQUEST_TIMEOUT="0.5",
        KB_MAX_SOCKETS="3",
        KB_MAX_SUBSCRIPTIONS="2",
        KB_MAX_SUBSCRIPTIONS_PER_CLIENT="3",
    ) as server:
        descriptors = (DESCRIPTORS, DESCRIPTORS)
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, descriptors)
        yield server


async def ask(server: Server) -> int:
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{server.http}/graphql", json={"query": "{ __typename }"})
    return answer.status_code


async def answered(server: Server, *parts: bytes) -> bytes:
    """All that comes back until the server closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    got = b""
    with contextlib.suppress(ConnectionError):
        for part in parts:
            writer.write(part)
            await writer.drain()
        got = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return got


def refusal_of(answer: bytes) -> tuple[int, str]:
    """Status and code of a refusal."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/json" in head.lower()
    (error,) = json.loads(body)["errors"]
    return int(head.split()[1]), error["extensions"]["code"]


async def test_more_half_open_connections_than_descriptors_stop_nobody(bounded: Server) -> None:
    opened = []
    try:
        for number in range(DESCRIPTORS + 76):
            half_open = socket.create_connection(("127.0.0.1", bounded.port))
            half_open.sendall(HEAD if number % 2 else b"")
            opened.append(half_open)
            if number % 100 == 99:
                assert await ask(bounded) == 200
        assert await ask(bounded) == 200
    finally:
        for half_open in opened:
            half_open.close()
    log = bounded.log.read_text()
    # A line for each request that did not arrive in time, one for each answer, and a few others.
    assert log.count("\n") < len(opened) + 25
    assert "Traceback" not in log


async def test_a_connection_that_sends_nothing_is_closed(bounded: Server) -> None:
    assert await answered(bounded) == b""


async def test_a_head_that_does_not_arrive_in_time_is_refused(bounded: Server) -> None:
    assert refusal_of(await answered(bounded, HEAD)) == (408, "TIMEOUT")


async def test_a_body_that_nobody_waits_for_is_not_waited_for_either(bounded: Server) -> None:
    head = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n"
    assert (await answered(bounded, head)).startswith(b"HTTP/1.1 200 OK")


async def test_what_is_no_http_is_refused_as_a_graphql_error(bounded: Server) -> None:
    coded = HEAD + b"Transfer-Encoding: twice\r\n\r\n"
    tls = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"
    for sent in (tls, b"nonsense\r\n\r\n", coded):
        assert refusal_of(await answered(bounded, sent)) == (400, "BAD_REQUEST")
    assert "Traceback" not in bounded.log.read_text()


@pytest.mark.parametrize("size", [20_000, 40_000, 1_000_000])
async def test_an_address_or_a_head_that_is_too_long_is_refused(bounded: Server, size: int) -> None:
    long = b"x" * size
    address = b"GET /graphql?query=" + long + b" HTTP/1.1\r\nHost: localhost\r\n" + CLOSE + b"\r\n"
    assert refusal_of(await answered(bounded, address)) == (414, "ADDRESS_TOO_LONG")
    many = b"".join(b"x%d: %s\r\n" % (number, b"y" * 1_000) for number in range(2 * size // 1_000))
    refused = refusal_of(
        await answered(bounded, HEAD + many + CLOSE + b"Content-Length: 0\r\n\r\n")
    )
    assert refused == (431, "HEADERS_TOO_LARGE")


@pytest.mark.parametrize("upgrade", [b"", WEB_SOCKET], ids=["request", "web socket"])
@pytest.mark.parametrize(
    "hosts", [b"", b"Host: localhost\r\nHost: example.org\r\n", b"Host: a/b\r\n"]
)
async def test_a_request_names_one_host(bounded: Server, hosts: bytes, upgrade: bytes) -> None:
    request = b"GET /graphql HTTP/1.1\r\n" + hosts + (upgrade or CLOSE) + b"\r\n"
    assert refusal_of(await answered(bounded, request)) == (400, "BAD_REQUEST")


async def test_who_offers_another_protocol_of_http_is_answered_in_this_one(bounded: Server) -> None:
    body = b'{"query": "{ __typename }"}'
    offer = b"Connection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n"
    length = b"Content-Length: %d\r\n\r\n" % len(body)
    answer = await answered(bounded, HEAD + offer + length + body)
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b'"__typename":"Query"' in answer


async def test_what_comes_after_a_body_is_no_header(bounded: Server) -> None:
    body = b'{"query": "{ __typename }"}'
    chunked = b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n" % (len(body), body)
    trailer = b"Authorization: Bearer kb_made-up\r\n\r\n"
    answer = await answered(bounded, HEAD + CLOSE + chunked + trailer)
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b'"__typename":"Query"' in answer


async def test_requests_sent_before_the_answers_come_are_answered_in_order(bounded: Server) -> None:
    requests = [
        b"GET /%d HTTP/1.1\r\nHost: localhost\r\n%b\r\n" % (number, b"" if number < 19 else CLOSE)
        for number in range(20)
    ]
    requests[3] = requests[3].replace(b"/3 ", b"/healthz ")
    statuses = re.findall(rb"HTTP/1.1 (\d+) ", await answered(bounded, b"".join(requests)))
    assert statuses == [b"404"] * 3 + [b"200"] + [b"404"] * 16


async def test_more_requests_than_anybody_sends_at_once_are_cut_off(bounded: Server) -> None:
    requests = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" * 1_000
    assert (await answered(bounded, requests)).count(b"HTTP/1.1 200 OK") < 1_000


async def test_who_reads_nothing_of_an_answer_is_cut(bounded: Server) -> None:
    async with httpx.AsyncClient() as client:
        page = await client.get(f"{bounded.http}/graphql", headers={"Accept": "text/html"})
        script = page.text.partition('src="/static/')[2].partition('"')[0]
        whole = (await client.get(f"{bounded.http}/static/{script}")).content
    requests = f"GET /static/{script} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() * 20
    with socket.socket() as unread:
        unread.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        unread.connect(("127.0.0.1", bounded.port))
        unread.sendall(requests)
        await asyncio.sleep(2)
        unread.setblocking(False)
        loop, got = asyncio.get_running_loop(), 0
        with contextlib.suppress(ConnectionError):
            while part := await asyncio.wait_for(loop.sock_recv(unread, 65_536), 10):
                got += len(part)
    assert got < 20 * len(whole)
    assert "Traceback" not in bounded.log.read_text()


async def test_a_client_has_only_so_many_connections(bounded: Server) -> None:
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(3):
            await stack.enter_async_context(connected(bounded))
        protocols = [websockets.Subprotocol(PROTOCOL)]
        async with websockets.connect(bounded.ws, subprotocols=protocols) as fourth:
            assert await Subscriber(fourth).closed() == 1013
    async with connected(bounded) as again:
        await again.subscribe("{ viewer { role } }")
        assert await again.next_message() == {"role": "ANONYMOUS"}


async def test_a_websocket_may_be_silent_for_longer_than_a_request_may_take(
    bounded: Server,
) -> None:
    async with connected(bounded) as subscriber:
        await subscriber.silence(2.5)
        await subscriber.subscribe("{ viewer { role } }")
        assert await subscriber.next_message() == {"role": "ANONYMOUS"}


async def test_queries_are_answered_beside_as_many_subscriptions_as_are_allowed(
    bounded: Server,
) -> None:
    async with connected(bounded) as subscriber:
        for _ in range(3):
            await subscriber.subscribe(RELEASES)
        message = await subscriber.message()
        assert (message["id"], message["type"]) == ("3", "error")
        extensions = message["payload"][0]["extensions"]
        assert extensions["code"] == "TOO_MANY"
        assert re.fullmatch(r"[0-9a-f]{32}", extensions["requestId"])
        for _ in range(5):
            await subscriber.subscribe("{ viewer { role } }")
            assert await subscriber.next_message() == {"role": "ANONYMOUS"}
            assert (await subscriber.message())["type"] == "complete"


async def test_a_client_has_only_so_many_subscriptions_on_all_its_connections(
    bounded: Server,
) -> None:
    async with connected(bounded) as first, connected(bounded) as second:
        for _ in range(2):
            await first.subscribe(RELEASES)
            await first.subscribe("{ __typename }")
            assert (await first.message())["type"] == "next"
            assert (await first.message())["type"] == "complete"
        for _ in range(2):
            await second.subscribe(RELEASES)
        message = await second.message()
        assert message["id"] == "2"
        assert "TOO_MANY" in json.dumps(message)


async def test_a_subscription_with_a_long_document_takes_several_places(bounded: Server) -> None:
    others = " ".join(f"query Other{number} {{ __typename }}" for number in range(90))
    async with connected(bounded) as subscriber:
        named = {"query": f"{RELEASES.replace('{', 'Own {', 1)} {others}", "operationName": "Own"}
        await subscriber.send({"id": "long", "type": "subscribe", "payload": named})
        await subscriber.subscribe("{ __typename }")
        assert (await subscriber.message())["type"] == "next"  # so the first is under way
        assert (await subscriber.message())["type"] == "complete"
        await subscriber.subscribe(RELEASES)
        message = await subscriber.message()
        assert message["id"] == "2"
        assert "TOO_MANY" in json.dumps(message)


async def test_a_websocket_that_cannot_be_had_is_refused_as_a_graphql_error(
    bounded: Server,
) -> None:
    def asking(
        path: str = "/graphql", key: str = "dGhlIHNhbXBsZSBub25jZQ==", more: str = ""
    ) -> bytes:
        return (
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n{more}\r\n"
        ).encode()

    for sent, status, code in (
        (asking("/nothing"), 404, "NOT_FOUND"),
        (asking("/healthz"), 404, "NOT_FOUND"),
        (asking("/gr\u00e4phql"), 400, "BAD_REQUEST"),
        (asking(key="x"), 400, "BAD_REQUEST"),
        (asking(more="Origin: https://hostile.example\r\n"), 403, "ORIGIN_NOT_ALLOWED"),
        (asking().replace(b"GET", b"POST"), 405, "METHOD_NOT_ALLOWED"),
        (asking(more="Content-Length: 1\r\n").replace(b"GET", b"POST") + b"x", 400, "BAD_REQUEST"),
        (asking(more="Transfer-Encoding: chunked\r\n"), 400, "BAD_REQUEST"),
        (asking(more="X: y\r\n" * 200), 431, "HEADERS_TOO_LARGE"),
        (asking(more=f"X: {'y' * 10_000}\r\n"), 431, "HEADERS_TOO_LARGE"),
    ):
        answer = await answered(bounded, sent)
        assert refusal_of(answer) == (status, code)
        head, _, body = answer.lower().partition(b"\r\n\r\n")
        id_ = json.loads(body)["errors"][0]["extensions"]["requestid"]
        assert f"x-request-id: {id_}".encode() in head
    assert "Traceback" not in bounded.log.read_text()
