"""When Python looks for unused objects: whatever is to be said of that is said here."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_pauses: set[object] = set()
_START = object()


def collect_seldom() -> None:
    """Look seldom: what is loaded at a start stays, and an answer makes thousands that soon go."""
    gc.set_threshold(10_000, 20, 50)


@contextmanager
def paused_collection() -> Iterator[None]:
    """Do not look meanwhile, nor later while somebody else has it paused."""
    pause = object()
    _pauses.add(pause)
    gc.disable()
    try:
        yield
    finally:
        _end_pause(pause)


def pause_until_served() -> None:
    """Do not look while a server starts, also in processes forked from it: what is loaded stays."""
    _pauses.add(_START)
    gc.disable()


def collect_while_serving() -> None:
    """Look from here on, but seldom, and not at what is there by now."""
    gc.freeze()
    collect_seldom()
    _end_pause(_START)


def collect_now() -> None:
    """Look at all there is, though it be paused."""
    gc.collect()


def keep_for_forks() -> None:
    """Look a last time; what is left is never looked at, which would copy it in each process."""
    gc.collect()
    gc.freeze()


def _end_pause(pause: object) -> None:
    _pauses.discard(pause)
    if not _pauses:
        gc.enable()
