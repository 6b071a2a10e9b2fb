"""How much one client may have open at once in this process, such as connections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from kb.errors import TooManyError
from kb.services.access.matrix import Viewer
from kb.services.access.rates import client_of


class ClientPlaces:
    """So many places for each client: for its token, or without one for its address.

    `what` names in the plural what takes a place, for the one who finds none free.
    """

    def __init__(self, most: int, what: str) -> None:
        self.most = most
        self._what = what
        self._taken: Counter[object] = Counter()

    @contextmanager
    def place(self, viewer: Viewer, address: str | None, size: int = 1) -> Iterator[None]:
        """Hold a place, or as many as something large takes.

        TooManyError where the client has not so many left.
        """
        client = client_of(viewer, address)
        if self._taken[client] + size > self.most:
            raise TooManyError(self._what, self.most)
        self._taken[client] += size
        try:
            yield
        finally:
            self._taken[client] -= size
            if not self._taken[client]:
                del self._taken[client]
