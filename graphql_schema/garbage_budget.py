"""What is dropped from memory and holds itself, so that Python has to look for it."""

from typing import Final

from kb.collecting import collect_now

MOST_BYTES: Final = 30_000_000
"""About as much may lie about; to look through all that is old holds up the others."""


class GarbageBudget:
    """Counts what was dropped since Python last looked among old objects.

    Tokens of a document hold each other, and functions of a plan their names. Left to itself,
    Python looks among old objects after millions of new ones.
    """

    def __init__(self) -> None:
        self._size = 0

    def note(self, size: int) -> None:
        """Count so many bytes, about; have Python look for them when there are many."""
        self._size += size
        if self._size >= MOST_BYTES:
            self._size = 0
            collect_now()


garbage_budget = GarbageBudget()
