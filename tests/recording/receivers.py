"""A real mail server and a real HTTP receiver on this machine, that write down what they get."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import uvicorn
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class MailServer:
    """Takes e-mail; answers `refusals` times with a temporary error first.

    It has no mailbox of the address that is `unknown`.
    """

    port: int = 0
    refusals: int = 0
    unknown: str = ""
    got: list[tuple[list[str], EmailMessage]] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address == self.unknown:
            return f"550 5.1.1 no mailbox <{address.upper()}>"
        envelope.rcpt_tos.append(address)
        return "250 yes"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd
        if self.refusals:
            self.refusals -= 1
            return "451 try again later"
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.got.append((envelope.rcpt_tos, mail))
        return "250 taken"


@contextmanager
def mail_server(refusals: int = 0) -> Iterator[MailServer]:
    server = MailServer(free_port(), refusals)
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


@dataclass
class Receiver:
    """Takes webhooks; with `fails_half`, every other request is answered 503.

    With `elsewhere`, it sends its callers to that address. `meanwhile` is what happens elsewhere
    before a request is answered.
    """

    url: str = ""
    fails_half: bool = False
    elsewhere: str = ""
    requests: int = 0
    meanwhile: Callable[[], Awaitable[None]] | None = None
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while True:
            part = await receive()
            body += part.get("body", b"")
            if not part.get("more_body"):
                break
        self.requests += 1
        failing = self.fails_half and self.requests % 2 == 1
        if not failing:
            headers = {name.decode(): value.decode() for name, value in scope["headers"]}
            self.got.append((headers, body))
        if self.meanwhile is not None:
            await self.meanwhile()
        status, headers_sent = 503 if failing else 204, []
        if self.elsewhere:
            status, headers_sent = 307, [(b"location", self.elsewhere.encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers_sent})
        await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def http_receiver(*, fails_half: bool = False) -> AsyncIterator[Receiver]:
    receiver = Receiver(fails_half=fails_half)
    port = free_port()
    receiver.url = f"http://127.0.0.1:{port}/messages"
    server = uvicorn.Server(
        uvicorn.Config(receiver, port=port, lifespan="off", log_level="error", ws="none")
    )
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells it no other way
        await asyncio.sleep(0.01)
    try:
        yield receiver
    finally:
        server.should_exit = True
        await running


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def talking(talk: Talk) -> AsyncIterator[int]:
    """A server that talks like that with all who connect, until it is left; gives its port."""
    tasks = set()

    async def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())
        with suppress(OSError, asyncio.CancelledError):
            await talk(reader, writer)
        writer.close()

    async with await asyncio.start_server(begin, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks)
    await asyncio.sleep(0)  # for the connections to be closed


def trickling(first: bytes, again: bytes, pause: float) -> Talk:
    """Say something, and then the same again and again."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        while True:
            await asyncio.sleep(pause)
            writer.write(again)
            await writer.drain()

    return talk


def mailing(pause: float, unanswered: bytes = b"") -> Talk:
    """Take mail, and answer each line after a while, but the unanswered ones."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        text = False
        while line := await reader.readline():
            text = (text or line == b"DATA\r\n") and line != b".\r\n"
            if line.strip() == unanswered or (text and line != b"DATA\r\n"):
                continue
            await asyncio.sleep(pause)
            writer.write(b"354 go on\r\n" if text else b"250 yes\r\n")

    return talk


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
