"""Keys of rows as callers get them, which tell nothing of how many rows there are.

The database numbers facilities, and suppliers of all brands, one after the other. A caller who saw
these numbers could tell how many there are, and how many came between two of its own. So global ids
and cursors hold the number encrypted, always in the same way, with the secret of the API keys.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Sequence

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from kb.models.fields import LARGEST_ID
from kb.services.access.api_keys import pepper_of
from kb.settings import Settings

FACILITY, SUPPLIER = "Facility", "Supplier"

NO_ROW = 0
"""The number that no row has."""

KEPT = 20_000
"""Keys that are remembered, about."""

_PURPOSE = b"opaque ids"
_KEY_LENGTH = 22


class OpaqueIds:
    """Turns numbers of rows into keys, and back.

    One block of AES holds the number and the name of the type: there is but one key for each row,
    and who makes one up hits the name once in 2^64 trials.
    """

    def __init__(self, secret: bytes) -> None:
        # One block alone, so that no chaining of blocks is needed.
        cipher = Cipher(algorithms.AES(hmac.digest(secret, _PURPOSE, "sha256")), modes.ECB())
        self._encryptor = cipher.encryptor()
        self._decryptor = cipher.decryptor()
        self._known: dict[tuple[int, str], str] = {}

    def key_of(self, number: int, type_name: str = FACILITY) -> str:
        """The key of the row with that number: 22 characters that URLs may hold."""
        known = self._known.get((number, type_name))
        return known or self.keys_of((number,), type_name)[0]

    def keys_of(self, numbers: Sequence[int], type_name: str = FACILITY) -> list[str]:
        """The keys of the rows with these numbers, which costs little more than that of one."""
        half = _half_block(type_name)
        sealed = self._encryptor.update(b"".join([number.to_bytes(8) + half for number in numbers]))
        keys = [
            base64.urlsafe_b64encode(sealed[start : start + 16])[:_KEY_LENGTH].decode()
            for start in range(0, len(sealed), 16)
        ]
        if len(self._known) > KEPT:
            self._known.clear()
        self._known.update(zip(((number, type_name) for number in numbers), keys, strict=True))
        return keys

    def number_of(self, key: str, type_name: str = FACILITY) -> int:
        """The number of the row with that key; NO_ROW for what is no key of that type."""
        if len(key) != _KEY_LENGTH:
            return NO_ROW
        try:
            block = base64.b64decode(key + "==", altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return NO_ROW
        opened = self._decryptor.update(block)
        number = int.from_bytes(opened[:8])
        return number if opened[8:] == _half_block(type_name) and number <= LARGEST_ID else NO_ROW

    def global_id(self, number: int) -> str:
        """The id of a facility in GraphQL."""
        return base64.b64encode(f"{FACILITY}:{self.key_of(number)}".encode()).decode()


def _half_block(type_name: str) -> bytes:
    return type_name.encode()[:8].ljust(8)


def opaque_ids(settings: Settings) -> OpaqueIds:
    """Those of the server with these settings."""
    return OpaqueIds(pepper_of(settings))
