"""Keys of rows as callers get them, which tell nothing of how many rows there are.

The database numbers facilities, and suppliers of all brands, one after the other. A caller who saw
these numbers could tell how many there are, and how many came between two of its own. So global ids
and cursors hold the number encrypted, always in the same way, with the secret of the API keys.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from kb.models.fields import LARGEST_ID
from kb.services.access.api_keys import pepper_of
from kb.settings import Settings

if TYPE_CHECKING:  # it takes megabytes, and is loaded for the first id
    from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, modes

FACILITY, SUPPLIER = "Facility", "Supplier"

NO_ROW = 0
"""The number that no row has."""

KEPT = 20_000
"""Keys that are remembered, about."""

_PURPOSE = b"opaque ids"
_KEY_LENGTH = 22
_LAST_CHARACTERS = "AQgw"
"""The last character of a key holds two bits; others would spell the same key otherwise."""
_FOR_URLS = bytes.maketrans(b"+/", b"-_")


class OpaqueIds:
    """Turns numbers of rows into keys, and back.

    One block of AES holds the number and the name of the type: there is but one key for each row,
    and who makes one up hits the name once in 2^64 trials.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = hmac.digest(secret, _PURPOSE, "sha256")
        self._known: dict[str, dict[int, tuple[str, str]]] = defaultdict(dict)
        self._of_global_ids: dict[str, tuple[str, int]] = {}

    @cached_property
    def _cipher(self) -> Cipher[modes.ECB]:
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        # One block alone, so that no chaining of blocks is needed.
        return Cipher(algorithms.AES(self._secret), modes.ECB())

    @cached_property
    def _encryptor(self) -> CipherContext:
        return self._cipher.encryptor()

    @cached_property
    def _decryptor(self) -> CipherContext:
        return self._cipher.decryptor()

    def key_of(self, number: int, type_name: str = FACILITY) -> str:
        """The key of the row with that number: 22 characters that URLs may hold."""
        return self._of(number, type_name)[0]

    def global_id(self, number: int, type_name: str = FACILITY) -> str:
        """The id of the row in GraphQL."""
        return (self._known[type_name].get(number) or self._of(number, type_name))[1]

    def known(self, global_id: str) -> tuple[str, int] | None:
        """The type and the number of a row whose id in GraphQL was given out lately."""
        return self._of_global_ids.get(global_id)

    def _of(self, number: int, type_name: str) -> tuple[str, str]:
        if number not in self._known[type_name]:
            self.seal((number,), type_name)
        return self._known[type_name][number]

    def seal(self, numbers: Sequence[int], type_name: str = FACILITY) -> None:
        """Make the keys of many rows at once, which costs little more than that of one."""
        if len(self._of_global_ids) > KEPT:
            self._known.clear()
            self._of_global_ids.clear()
        known = self._known[type_name]
        unknown = [number for number in numbers if number not in known]
        if not unknown:
            return
        half, prefix = _half_block(type_name), f"{type_name}:".encode()
        sealed = self._encryptor.update(b"".join([number.to_bytes(8) + half for number in unknown]))
        for place, number in enumerate(unknown):
            block = binascii.b2a_base64(sealed[16 * place : 16 * place + 16])
            key = block[:_KEY_LENGTH].translate(_FOR_URLS)
            global_id = binascii.b2a_base64(prefix + key, newline=False).decode()
            known[number] = key.decode(), global_id
            self._of_global_ids[global_id] = type_name, number

    def number_of(self, key: str, type_name: str = FACILITY) -> int:
        """The number of the row with that key; NO_ROW for what is no key of that type."""
        if len(key) != _KEY_LENGTH or key[-1] not in _LAST_CHARACTERS:
            return NO_ROW
        try:
            block = base64.b64decode(key + "==", altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return NO_ROW
        opened = self._decryptor.update(block)
        number = int.from_bytes(opened[:8])
        return number if opened[8:] == _half_block(type_name) and number <= LARGEST_ID else NO_ROW


def _half_block(type_name: str) -> bytes:
    return type_name.encode()[:8].ljust(8)


def opaque_ids(settings: Settings) -> OpaqueIds:
    """Those of the server with these settings."""
    return OpaqueIds(pepper_of(settings))
