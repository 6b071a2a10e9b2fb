"""Values that more than one setting takes."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr

LEAST_CHARACTERS = 32
"""How long a secret is that nobody guesses."""


def _long(secret: SecretStr) -> SecretStr:
    if len(secret) < LEAST_CHARACTERS:
        raise ValueError(f"{LEAST_CHARACTERS} characters or more, chosen at random")
    return secret


def _safe(url: str) -> str:
    parts = urlsplit(url)
    _ = parts.port  # ValueError when it is no number
    is_loopback = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if (
        not parts.hostname
        or "@" in parts.netloc
        or not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback))
    ):
        raise ValueError("an address with https://, or with http:// on this machine")
    return url


LongSecret = Annotated[SecretStr, AfterValidator(_long)]
"""A secret that cannot be guessed."""

SafeUrl = Annotated[str, AfterValidator(_safe)]
"""An address of which nothing can be read or forged on the way; it names no user."""
