"""Cursors of events: places in the feed, sealed.

A bare position would show a brand how much happens at facilities that it may not know of.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
from functools import cached_property
from typing import TYPE_CHECKING

from kb.errors import InvalidInputError

if TYPE_CHECKING:  # it takes megabytes, and is loaded for the first cursor
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

ALLOWED = "a cursor that a subscription of this server gave"

_NONCE = 12  # bytes, as AES-GCM has it
_PURPOSE = b"event cursor"


class Cursors:
    """Seals positions with a secret, so that cursors of one place look different every time."""

    def __init__(self, secret: bytes) -> None:
        self._secret = hmac.digest(secret, _PURPOSE, "sha256")

    @cached_property
    def _cipher(self) -> AESGCM:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(self._secret)

    def seal(self, position: int) -> str:
        """The cursor of a position."""
        nonce = os.urandom(_NONCE)
        sealed = self._cipher.encrypt(nonce, position.to_bytes(8), _PURPOSE)
        return base64.urlsafe_b64encode(nonce + sealed).decode()

    def open(self, cursor: str) -> int:
        """The position of a cursor; InvalidInputError for anything else."""
        from cryptography.exceptions import InvalidTag

        try:
            sealed = base64.b64decode(cursor, altchars=b"-_", validate=True)
            opened = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], _PURPOSE)
        except (binascii.Error, InvalidTag, ValueError):
            raise InvalidInputError("after", cursor, ALLOWED) from None
        return int.from_bytes(opened)
