"""Memory that was freed goes back to the system, where its C library keeps it (glibc)."""

from __future__ import annotations

import asyncio
import ctypes

TRIM_SECONDS = 10.0
"""How often memory that was freed is given back to the system."""

LARGE_BYTES = 65_536
"""Pieces of memory from this size on are given back as soon as they are freed."""

_LARGE_FROM, _MOST_HEAPS = -3, -8  # M_MMAP_THRESHOLD and M_ARENA_MAX of glibc


def tune_allocator() -> None:
    """Give large pieces a place of their own, and threads no heaps of theirs.

    A heap that a thread has got stays, so this comes before the first thread.
    """
    tune = getattr(ctypes.CDLL(None), "mallopt", None)
    if tune is not None:
        tune(_LARGE_FROM, LARGE_BYTES)
        tune(_MOST_HEAPS, 1)


async def keep_trimming() -> None:
    """Give back again and again what lies between pieces that are in use.

    Each answer frees what it was made of, in pieces between which other things lie.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    while trim is not None:
        await asyncio.sleep(TRIM_SECONDS)
        await asyncio.to_thread(trim, 0)
