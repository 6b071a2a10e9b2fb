"""Channels of messages: a folder of files, an SMTP server, a signed webhook."""

from __future__ import annotations

import asyncio
import hmac
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote, urlsplit

import orjson

from kb.settings import Settings

if TYPE_CHECKING:  # each channel loads its own when it sends
    import aiosmtplib

SECONDS = 15.0
"""How long a mail server or a webhook may take over a message, altogether."""
GOODBYE_SECONDS = 1.0
"""How long a mail server may take over the goodbye."""
_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")


class DeliveryError(Exception):
    """The message did not leave; the text says why."""


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A message ready to leave. `id` stays the same however often it is sent."""

    id: str
    kind: str
    facility_id: str
    facility: str
    gateway_id: str | None
    to: str | None
    subject: str
    text: str
    occurred_on: date
    created_at: datetime


class Channel(Protocol):
    """One way out."""

    async def send(self, message: OutgoingMessage, now: datetime) -> None:
        """Send a message, or raise an exception that says why it did not leave.

        However a receiver answers, that takes no longer than SECONDS and GOODBYE_SECONDS.
        """


def mail_channel(settings: Settings) -> Channel | None:
    """Where e-mail goes; None when KB_MAIL_URL is empty."""
    if not settings.mail_url:
        return None
    if settings.mail_url.startswith("file://"):
        return Mailbox(Path(unquote(settings.mail_url.removeprefix("file://"))), settings.mail_from)
    return Smtp(settings)


def webhook_channel(settings: Settings) -> Webhook | None:
    """The webhook; None when KB_WEBHOOK_URL is not set."""
    if settings.webhook_url is None or settings.webhook_secret is None:
        return None
    secret = settings.webhook_secret.get_secret_value()
    return Webhook(settings.webhook_url, secret, private=settings.webhook_private)


class Mailbox:
    """A folder with a file for each message, to look at while trying out."""

    def __init__(self, folder: Path, sender: str) -> None:
        self.folder = folder
        self.sender = sender

    async def send(self, message: OutgoingMessage, now: datetime) -> None:
        """Write the file; a message that is sent again replaces its own."""
        mail = _mail(message, self.sender)
        name = f"{message.created_at:%Y%m%dT%H%M%S}-{message.kind.lower()}-{message.id[:12]}.eml"
        await asyncio.to_thread(self._write, name, mail.as_bytes(policy=SMTP))

    def _write(self, name: str, content: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished = self.folder / f".{name}.{os.getpid()}"
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self.folder / name)


class Smtp:
    """A mail server. A password is never sent without encryption, but to this machine."""

    def __init__(self, settings: Settings) -> None:
        url = urlsplit(settings.mail_url)
        self.host = url.hostname or ""
        self.tls = url.scheme == "smtps"
        self.port = url.port or (465 if self.tls else 25)
        self.user = unquote(url.username) if url.username else None
        password = settings.mail_password
        self.password = password.get_secret_value() if password else None
        self.sender = settings.mail_from

    async def send(self, message: OutgoingMessage, now: datetime) -> None:
        """Hand the message to the server, which takes it over or raises SMTPException."""
        if message.to is None:
            raise DeliveryError("The facility has no e-mail address.")
        async with self._connected(SECONDS) as server:
            await server.send_message(_mail(message, self.sender))

    async def try_out(self, seconds: float) -> None:
        """Come as far as to where a message would be handed over, or raise why not."""
        async with self._connected(seconds) as server:
            await server.noop()

    @asynccontextmanager
    async def _connected(self, seconds: float) -> AsyncIterator[aiosmtplib.SMTP]:
        """A connection, for as many seconds altogether; DeliveryError when they have passed."""
        import aiosmtplib

        is_loopback = self.host in ("localhost", "127.0.0.1", "::1")
        server = aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.user,
            password=self.password,
            use_tls=self.tls,
            start_tls=True if self.password and not is_loopback and not self.tls else None,
            timeout=None,
        )
        try:
            async with _within(seconds, "mail server"):
                await server.connect()
                yield server
            # What it took over is sent, whatever it says to the goodbye.
            with suppress(aiosmtplib.SMTPException):
                await server.quit(timeout=GOODBYE_SECONDS)
        finally:
            server.close()


class Webhook:
    """An address that takes messages as JSON, signed so that the receiver can tell they are ours.

    The header KB-Signature is "sha256=" and the HMAC-SHA-256, in hexadecimal, of the header
    KB-Timestamp (seconds since 1970), a dot and the body. A message may come more than once;
    the header KB-Message-Id is then the same.
    """

    def __init__(self, url: str, secret: str, *, private: bool) -> None:
        self.url = url
        self.secret = secret
        self.private = private

    async def send(self, message: OutgoingMessage, now: datetime) -> None:
        """Post the message; anything but a 2xx answer is a DeliveryError. Its text is not read."""
        import httpx

        body = orjson.dumps(
            {
                "id": message.id,
                "kind": message.kind,
                "facilityId": message.facility_id,
                "facility": message.facility,
                "gatewayId": message.gateway_id,
                "to": message.to,
                "subject": message.subject,
                "text": message.text,
                "occurredOn": message.occurred_on,
                "createdAt": message.created_at,
            }
        )
        url = httpx.URL(self.url)
        timestamp = str(int(now.timestamp()))
        headers = {
            "Content-Type": "application/json",
            "Host": url.netloc.decode(),
            "KB-Message-Id": message.id,
            "KB-Timestamp": timestamp,
            "KB-Signature": signature(self.secret, timestamp, body),
        }
        # It is sent to the very address that was looked at, whatever the name leads to by then.
        async with (
            _within(SECONDS, "webhook"),
            httpx.AsyncClient(timeout=None, follow_redirects=False) as client,
            client.stream(
                "POST",
                url.copy_with(host=await self._address()),
                content=body,
                headers=headers,
                extensions={"sni_hostname": url.host},
            ) as answer,
        ):
            if not answer.is_success:
                raise DeliveryError(f"The webhook answered {answer.status_code}.")

    async def try_out(self, seconds: float) -> None:
        """Connect to where messages would be sent, as `send` does, or raise why not."""
        import httpx

        url = urlsplit(self.url)
        secure = url.scheme == "https"
        async with _within(seconds, "webhook"):
            _, writer = await asyncio.open_connection(
                await self._address(),
                url.port or (443 if secure else 80),
                ssl=httpx.create_ssl_context() if secure else None,
                server_hostname=url.hostname if secure else None,
            )
            writer.close()

    async def _address(self) -> str:
        """Where the name of the webhook leads; DeliveryError unless all of it may be asked."""
        parts, loop = urlsplit(self.url), asyncio.get_running_loop()
        places = await loop.getaddrinfo(parts.hostname, parts.port, type=socket.SOCK_STREAM)
        addresses = [ip_address(str(place[0])) for *_, place in places]
        if not self.private and not all(map(_is_public, addresses)):
            raise DeliveryError(
                "The webhook lies on this machine or in a private network (KB_WEBHOOK_PRIVATE)."
            )
        return str(addresses[0])


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address):
        within = _ipv4_within(address)
        if within is not None:
            return _is_public(within)
        if address not in _UNICAST:
            return False
    return address.is_global and not address.is_multicast


def _ipv4_within(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one leads to: mapped, by 6to4 or by NAT64."""
    if address in _NAT64:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour


@asynccontextmanager
async def _within(seconds: float, what: str) -> AsyncIterator[None]:
    """Raise DeliveryError after that many seconds; limits of libraries begin anew at each step."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise DeliveryError(f"The {what} took longer than {seconds:g} seconds.") from None


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What the header KB-Signature must be."""
    signed = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, sha256)
    return f"sha256={signed.hexdigest()}"


def _mail(message: OutgoingMessage, sender: str) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = message.to or "undisclosed-recipients:;"
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(message.created_at)
    mail["Message-ID"] = f"<{message.id}@{sender.rpartition('@')[2].rstrip('>')}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text)
    return mail
