"""Whether those answer whom the program needs: mail server, webhook, identity provider."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from urllib.parse import urlsplit

import aiosmtplib
import httpx

from kb.services.doctor.findings import Finding, fault, ok, warning
from kb.services.messages.channels import DeliveryError, Smtp, webhook_channel
from kb.settings import Settings

SECONDS = 10.0
"""How long each may take to answer."""


async def examine_outside(settings: Settings) -> Sequence[Finding]:
    """Connect to each, and send nothing."""
    findings = [await _mail(settings), await _webhook(settings)]
    if settings.oidc_jwks_url is not None:
        findings.append(await _identity_provider(settings.oidc_jwks_url))
    return findings


async def _mail(settings: Settings) -> Finding:
    subject = "mail"
    if not settings.mail_url:
        return warning(
            subject, "No e-mail is sent (KB_MAIL_URL is empty).", "Name a mail server in it."
        )
    if settings.mail_url.startswith("file://"):
        return warning(
            subject,
            f"Messages are put into the folder {settings.mail_url.removeprefix('file://')} and "
            "reach nobody.",
            "Set KB_MAIL_URL to a mail server, and KB_MAIL_FROM to its sender.",
        )
    server = Smtp(settings)
    try:
        await server.try_out(SECONDS)
    except (aiosmtplib.SMTPException, DeliveryError, OSError) as error:
        reason = str(error).rstrip(".") or type(error).__name__
        return fault(
            subject,
            f"{server.host}:{server.port} does not take messages: {reason}.",
            "Look at KB_MAIL_URL and KB_MAIL_PASSWORD, and at the way to the server.",
        )
    if settings.mail_from.endswith("@localhost"):
        return warning(
            subject,
            f"Messages come from {settings.mail_from}, which servers refuse or take for spam.",
            "Set KB_MAIL_FROM to an address of a domain that this server may send for.",
        )
    return ok(subject, f"{server.host}:{server.port} takes messages of {settings.mail_from}.")


async def _webhook(settings: Settings) -> Finding:
    subject = "webhook"
    webhook = webhook_channel(settings)
    if webhook is None:
        return ok(subject, "None is set (KB_WEBHOOK_URL).")
    server = urlsplit(webhook.url).netloc.rpartition("@")[2]
    try:
        await webhook.try_out(SECONDS)
    except (DeliveryError, OSError) as error:
        reason = str(error).rstrip(".") or type(error).__name__
        return fault(
            subject,
            f"{server} gets no messages: {reason}.",
            "Look at KB_WEBHOOK_URL, its certificate, and the way to it; if it is meant to lie on "
            "this machine or in a private network, set KB_WEBHOOK_PRIVATE.",
        )
    return ok(subject, f"{server} answers.")


async def _identity_provider(url: str) -> Finding:
    subject = "identity provider"
    try:
        async with asyncio.timeout(SECONDS), httpx.AsyncClient(timeout=None) as client:
            answer = await client.get(url)
        if not answer.is_success:  # httpx would name the address, which may hold a key
            raise ValueError(f"it answered {answer.status_code}")
        count = len(answer.json()["keys"])
    except (httpx.HTTPError, TimeoutError, ValueError, LookupError, TypeError) as error:
        return fault(
            subject,
            f"It gives no keys: {error or type(error).__name__}. Nobody can come in with a JWT.",
            "Look at KB_OIDC_JWKS_URL, and at the way to it.",
        )
    return ok(subject, f"It gives {count} keys.")
