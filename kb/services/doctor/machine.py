"""What the settings and this machine say, without asking anybody else."""

from __future__ import annotations

import resource
import shutil
from collections.abc import Iterator
from pathlib import Path

from kb.errors import KbError
from kb.services.access.api_keys import pepper_of
from kb.services.doctor.findings import Finding, fault, ok, warning
from kb.settings import Settings
from kb.settings.access import AnonymousDocuments, AnonymousReads

FEW_CHARACTERS = 10
"""A secret of fewer different characters was hardly chosen at random."""

LITTLE_SPACE, TOO_LITTLE_SPACE = 2_000, 200  # MB
ENOUGH_FILES = 4_096


def examine_machine(settings: Settings) -> Iterator[Finding]:
    """Look at secrets, addresses, what strangers may read, and what the machine has left."""
    yield _pepper(settings)
    yield _proxies(settings)
    yield _origins(settings)
    yield _reads_without_token(settings)
    if settings.metrics_open:
        yield warning(
            "metrics",
            "KB_METRICS_OPEN is set: whoever reaches the API reads its numbers.",
            "Let the proxy refuse /metrics, or unset it.",
        )
    yield _space(settings)
    yield _open_files()


def _pepper(settings: Settings) -> Finding:
    subject = "token pepper"
    try:
        pepper = pepper_of(settings)
    except KbError as error:
        return fault(
            subject, str(error), "Set KB_TOKEN_PEPPER, the same for all processes; keep it safe."
        )
    file = settings.sqlite_file
    if settings.token_pepper is None and file is not None:
        return warning(
            subject,
            f"It is kept in {file.name}.pepper beside the database, and lost or copied with it.",
            "Set KB_TOKEN_PEPPER to what the file holds, and keep it elsewhere.",
        )
    if len(set(pepper)) < FEW_CHARACTERS:
        return fault(
            subject,
            "It has few different characters: whoever gets the database could guess the keys.",
            "Set a random one (openssl rand -base64 32), and make all API keys anew.",
        )
    return ok(subject, "It is set.")


def _proxies(settings: Settings) -> Finding:
    subject = "proxy"
    if settings.trusted_proxies:
        return ok(subject, f"Believed: {', '.join(settings.trusted_proxies)}.")
    if settings.loopback:
        return warning(
            subject,
            "Only this machine is answered, and KB_TRUSTED_PROXIES is not set: behind a proxy, all "
            "callers would count as one.",
            "Set KB_TRUSTED_PROXIES to the address of the proxy that ends TLS.",
        )
    return fault(
        subject,
        f"{settings.host} is reached from other machines without a proxy that ends TLS: tokens "
        "can be read on the way.",
        "Put a proxy in front (docs/proxies.md), and set KB_TRUSTED_PROXIES to its address.",
    )


def _origins(settings: Settings) -> Finding:
    subject = "origins"
    if not settings.allowed_origins:
        return ok(subject, "Pages of no other site may ask (KB_ALLOWED_ORIGINS).")
    plain = [origin for origin in settings.allowed_origins if origin.startswith("http://")]
    if plain:
        return warning(
            subject,
            f"Pages of {', '.join(plain)} may ask, and can be changed on their way to the reader.",
            "Name origins with https:// in KB_ALLOWED_ORIGINS.",
        )
    return ok(subject, f"Pages of {', '.join(settings.allowed_origins)} may ask.")


def _reads_without_token(settings: Settings) -> Finding:
    subject = "anonymous reads"
    if settings.anonymous_reads is AnonymousReads.NOTHING:
        return ok(subject, "Who has no token reads nothing.")
    text = "Who has no token reads the FAQs and what is public"
    if settings.anonymous_documents is AnonymousDocuments.TRUSTED:
        return ok(subject, f"{text}, by the operations that kb documents lists.")
    if settings.anonymous_rate == 0:
        return warning(
            subject,
            f"{text}, as often as it likes.",
            "Set KB_ANONYMOUS_RATE, or KB_ANONYMOUS_READS=NOTHING.",
        )
    return ok(subject, f"{text}, {settings.anonymous_rate} times a minute at most.")


def _space(settings: Settings) -> Finding:
    subject = "disk space"
    folder = settings.sqlite_file.parent if settings.sqlite_file else Path()
    try:
        free = shutil.disk_usage(folder).free // 1_000_000
    except OSError as error:
        return fault(subject, f"{folder}: {error.strerror}.", "Make the folder, or name another.")
    text = f"{free:,} MB are free where {folder.resolve()} is"
    if free < TOO_LITTLE_SPACE:
        return fault(subject, f"{text}: soon nothing can be recorded.", "Make room now.")
    if free < LITTLE_SPACE:
        return warning(subject, f"{text}.", "Make room, and watch it.")
    return ok(subject, f"{text}.")


def _open_files() -> Finding:
    subject = "open files"
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < ENOUGH_FILES:
        return warning(
            subject,
            f"A process may open {most} files, and each connection is one: callers who only "
            "connect could keep all others out.",
            f"Raise the limit to {ENOUGH_FILES} or more (LimitNOFILE of systemd, ulimit -n), and "
            "let the proxy bound connections per address.",
        )
    return ok(subject, f"A process may open {most:,}.")
