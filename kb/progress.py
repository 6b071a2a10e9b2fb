"""How work that takes long reports how far it is."""

from __future__ import annotations

from collections.abc import Callable

ProgressReport = Callable[[int, int], None]
"""Is called with how many are done, and of how many."""


def no_report(_done: int, _total: int) -> None:
    """Report to nobody."""
