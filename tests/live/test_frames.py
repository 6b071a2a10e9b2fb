"""What is no message of the protocol closes the connection, with a code that says so."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

import pytest
import websockets

from tests.live.served import PROTOCOL, Server, connected
from tests.live.test_connections import WEB_SOCKET
from tests.live.test_transport import public, public_settings

pytestmark = [pytest.mark.served, pytest.mark.asyncio(loop_scope="module")]
__all__ = ["public", "public_settings"]

NOT_UNDERSTOOD, TOO_LARGE = 4400, 1009


def subscribe(payload: Any, id_: Any = "1") -> dict[str, Any]:
    return {"type": "subscribe", "id": id_, "payload": payload}


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (5, NOT_UNDERSTOOD),
        (None, NOT_UNDERSTOOD),
        ("x", NOT_UNDERSTOOD),
        ([], NOT_UNDERSTOOD),
        ({}, NOT_UNDERSTOOD),
        ({"type": 5}, NOT_UNDERSTOOD),
        ({"type": "subscribe"}, NOT_UNDERSTOOD),
        (subscribe("x"), NOT_UNDERSTOOD),
        (subscribe({}), NOT_UNDERSTOOD),
        (subscribe({"query": 5}), NOT_UNDERSTOOD),
        (subscribe({"query": None}), NOT_UNDERSTOOD),
        (subscribe({"query": "{ __typename }"}, 5), NOT_UNDERSTOOD),
        (subscribe({"query": "{ __typename }"}, [1]), NOT_UNDERSTOOD),
        (subscribe({"query": "{ __typename }", "variables": "x"}), NOT_UNDERSTOOD),
        (subscribe({"query": "{ __typename }", "variables": [1]}), NOT_UNDERSTOOD),
        (subscribe({"query": "{ __typename }", "operationName": 5}), NOT_UNDERSTOOD),
        (subscribe({"query": "{ __typename }", "extensions": [1]}), NOT_UNDERSTOOD),
        (subscribe({"query": "{ __typename }"}, ""), NOT_UNDERSTOOD),
        ({"type": "complete"}, NOT_UNDERSTOOD),
        ({"type": "complete", "id": ""}, NOT_UNDERSTOOD),
        ({"type": "ping", "payload": 5}, NOT_UNDERSTOOD),
        ({"type": "pong", "payload": "x"}, NOT_UNDERSTOOD),
        ({"type": "complete", "id": []}, NOT_UNDERSTOOD),
        ({"type": "connection_init"}, 4429),
        ('{"a":' * 30_000, NOT_UNDERSTOOD),
        ('"' + "a" * 4_000_000 + '"', TOO_LARGE),
        (b"{}", NOT_UNDERSTOOD),
    ],
    ids=lambda value: str(value)[:50],
)
async def test_a_frame_that_is_no_message_closes_the_connection(
    public: Server, frame: Any, code: int
):
    as_it_is = isinstance(frame, bytes) or (isinstance(frame, str) and len(frame) > 10)
    async with connected(public) as subscriber:
        with contextlib.suppress(websockets.ConnectionClosed):
            await subscriber.connection.send(frame if as_it_is else json.dumps(frame))
        assert await subscriber.closed() == code
    assert "Traceback" not in public.log.read_text()


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"query": ""}, "BAD_REQUEST"),
        ({"query": "query A { __typename }", "operationName": "B"}, "BAD_REQUEST"),
        ({"query": "{" + "a" * 90_000}, "GRAPHQL_PARSE_FAILED"),
    ],
    ids=lambda value: str(value)[:50],
)
async def test_an_operation_that_there_is_not_is_an_error_and_the_connection_stays(
    public: Server, payload: dict[str, Any], code: str
):
    async with connected(public) as subscriber:
        await subscriber.send(subscribe(payload))
        message = await subscriber.message()
        assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", code)
        await subscriber.subscribe("{ __typename }")
        async with asyncio.timeout(5):
            assert (await subscriber.message())["payload"]["data"] == {"__typename": "Query"}


async def test_a_ping_is_answered_with_what_was_sent_along_and_null_is_no_payload(public: Server):
    async with websockets.connect(public.ws, subprotocols=[PROTOCOL]) as connection:
        for sent, answer in (
            ({"type": "ping"}, {"type": "pong"}),
            ({"type": "ping", "payload": {"a": [1]}}, {"type": "pong", "payload": {"a": [1]}}),
            ({"type": "connection_init", "payload": None}, {"type": "connection_ack"}),
            ({"type": "ping", "payload": None}, {"type": "pong"}),
        ):
            await connection.send(json.dumps(sent))
            assert json.loads(await asyncio.wait_for(connection.recv(), 5)) == answer


@pytest.mark.parametrize("pause", [0.0, 0.002])
async def test_more_frames_than_anybody_sends_cut_the_connection(
    public: Server, pause: float
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", public.port)
    writer.write(b"GET /graphql HTTP/1.1\r\nHost: localhost\r\n" + WEB_SOCKET + b"\r\n")
    await reader.readuntil(b"\r\n\r\n")
    empty = b"\x00\x80" + bytes(4)  # a part of a message that goes on
    writer.write(b"\x01\x81" + bytes(4) + b"{")
    with contextlib.suppress(ConnectionError):
        for _ in range(20):
            writer.write(empty * 100)
            await writer.drain()
            await asyncio.sleep(pause)
        assert await asyncio.wait_for(reader.read(), 5) == b""  # not only after ten seconds
    writer.close()
