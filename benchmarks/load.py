"""A small HTTP client that keeps some connections busy and takes the time of every answer."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter

CONNECTIONS = 8

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


class WrongAnswerError(Exception):
    """A server answered with an error, or not at all."""


@dataclass(slots=True)
class Tally:
    """What some seconds of load came to; `latencies` are seconds, one for each answer."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)


class _Connection(asyncio.Protocol):
    """One kept-alive connection with one request on its way at any time."""

    def __init__(self, request: Callable[[], bytes], until: float, tally: Tally) -> None:
        self.request = request
        self.until = until
        self.tally = tally
        self.done: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.received = bytearray()
        self.needed = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self.received += data
        if not self.needed:
            end = self.received.find(b"\r\n\r\n") + 4
            if end < 4:
                return
            length = _LENGTH.search(self.received, 0, end)
            self.needed = end + (int(length[1]) if length else 0)
        if len(self.received) >= self.needed:
            self._take()

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(WrongAnswerError("the server closed the connection"))

    def _ask(self) -> None:
        self.asked_at = perf_counter()
        self.transport.write(self.request())

    def _take(self) -> None:
        now = perf_counter()
        answer = bytes(self.received)
        if not answer.startswith(b"HTTP/1.1 200") or b'"errors":' in answer:
            self._end(WrongAnswerError(answer[:2000].decode(errors="replace")))
            return
        self.tally.latencies.append(now - self.asked_at)
        self.received.clear()
        self.needed = 0
        if now < self.until:
            self._ask()
        else:
            self._end(answer.partition(b"\r\n\r\n")[2])

    def _end(self, result: bytes | Exception) -> None:
        if not self.done.done():
            if isinstance(result, Exception):
                self.done.set_exception(result)
            else:
                self.done.set_result(result)
        self.transport.close()


async def drive(
    port: int, request: Callable[[], bytes], seconds: float, connections: int = CONNECTIONS
) -> Tally:
    """Ask for some seconds on all connections; WrongAnswerError at the first wrong answer."""
    tally = Tally()
    began = perf_counter()
    await _connect(port, request, began + seconds, tally, connections)
    tally.seconds = perf_counter() - began
    return tally


async def ask(port: int, request: bytes) -> bytes:
    """The body of one answer."""
    return (await _connect(port, lambda: request, 0.0, Tally(), 1))[0]


async def _connect(
    port: int, request: Callable[[], bytes], until: float, tally: Tally, connections: int
) -> list[bytes]:
    loop = asyncio.get_running_loop()
    opened = []
    for _ in range(connections):
        _, connection = await loop.create_connection(
            lambda: _Connection(request, until, tally), "127.0.0.1", port
        )
        opened.append(connection.done)
    return await asyncio.gather(*opened)
