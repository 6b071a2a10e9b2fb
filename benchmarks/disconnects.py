"""Disconnect abruptly, many times, and tell what the server still holds afterwards.

    python -m benchmarks.disconnects --count 1000 [--url postgres://…]

The database must be migrated and hold published knowledge and facilities. Each round opens
connections over WebSocket and over server-sent events, subscribes, and tears them down without a
word, some before and some after the first message. What the server holds is taken after a first
round, which fills its caches, and again after each later one.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import random
import socket
import struct
from contextlib import suppress

import httpx
from pydantic import SecretStr

from kb.rules.roles import Role
from kb.services.access.api_keys import ApiKeys
from kb.services.access.matrix import OPERATOR, Viewer
from kb.services.database import connect
from kb.settings import Settings
from tests.live.served import PEPPER, PORTFOLIO, PROTOCOL, Server, served

AT_ONCE = 50
INSTRUMENTED = "tests.live.instrumented:create_app"


async def still_open(server: Server, tasks: int | None = None) -> dict[str, int]:
    """What the server holds, once it has had time to notice who is gone.

    With `tasks` it has time, too, to end those that are more than so many.
    """
    async with httpx.AsyncClient(timeout=120) as client:
        counts: dict[str, int] = {}
        for _ in range(100):
            counts = (await client.get(f"{server.http}/held")).json()
            if counts["listeners"] == 0 and (tasks is None or counts["tasks"] <= tasks):
                await asyncio.sleep(0.3)
                return dict((await client.get(f"{server.http}/held")).json())
            await asyncio.sleep(0.1)
        return counts


async def disconnect_abruptly(server: Server, token: str, over: str) -> None:
    """One subscription that is torn down at a moment that nobody can foresee."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    host = f"Host: 127.0.0.1:{server.port}\r\n"
    if over == "sse":
        body = json.dumps({"query": PORTFOLIO})
        writer.write(
            f"POST /graphql HTTP/1.1\r\n{host}Accept: text/event-stream\r\n"
            f"Content-Type: application/json\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
        )
    else:
        key = base64.b64encode(os.urandom(16)).decode()
        writer.write(
            f"GET /graphql HTTP/1.1\r\n{host}Upgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: {PROTOCOL}\r\n\r\n".encode()
        )
        await reader.readuntil(b"\r\n\r\n")
        payload = {"Authorization": f"Bearer {token}"}
        writer.write(_frame({"type": "connection_init", "payload": payload}))
        subscribe = {"id": "1", "type": "subscribe", "payload": {"query": PORTFOLIO}}
        writer.write(_frame(subscribe))
    if random.random() < 0.7:
        with suppress(TimeoutError):
            async with asyncio.timeout(5):
                while b"CaughtUp" not in await reader.read(4096):
                    pass
    else:
        await asyncio.sleep(random.uniform(0, 0.05))
    # No farewell, not even of TCP: the connection is reset.
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def _frame(message: object) -> bytes:
    """A masked text frame, as clients send them."""
    data = json.dumps(message).encode()
    mask = os.urandom(4)
    size = (
        struct.pack("!B", 0x80 | len(data))
        if len(data) < 126
        else struct.pack("!BH", 0x80 | 126, len(data))
    )
    return b"\x81" + size + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data))


async def disconnect_many(server: Server, token: str, over: str, count: int) -> None:
    """So many of them, some at once."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def disconnect() -> None:
        async with gate:
            await disconnect_abruptly(server, token, over)

    await asyncio.gather(*(disconnect() for _ in range(count)))


async def measure(settings: Settings, count: int, rounds: int) -> None:
    async with connect(settings, everywhere=False):
        keys = ApiKeys(settings)
        token = (await keys.create(OPERATOR, Viewer(Role.HELPDESK))).key
    async with served(settings, app=INSTRUMENTED) as server:
        for over in ("websocket", "sse"):
            await disconnect_many(server, token, over, AT_ONCE * 2)
        print("after the first round:", await still_open(server))
        for number in range(1, rounds + 1):
            for over in ("websocket", "sse"):
                await disconnect_many(server, token, over, count)
                print(f"round {number}, {count} more over {over}:", await still_open(server))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--url", default="sqlite://kb.sqlite3")
    options = parser.parse_args()
    settings = Settings(database_url=options.url, token_pepper=SecretStr(PEPPER))
    asyncio.run(measure(settings, options.count, options.rounds))
