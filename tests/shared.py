"""What the test processes of a run share: files, each made by whoever needs it first."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

SHARED = "KB_TEST_SHARED"
"""The environment variable that names the folder."""


@contextmanager
def made_once(folder: Path, name: str) -> Iterator[bool]:
    """Whether something is still to be made; other processes wait until it is there."""
    done = folder / f"{name}.done"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield not done.exists()
        done.touch()  # not reached when making it has failed


def bytes_made_once(name: str, make: Callable[[], bytes]) -> bytes:
    """A file of the folder; outside a run of tests, where there is none, what would be in it."""
    shared = os.environ.get(SHARED)
    if shared is None:
        return make()
    file = Path(shared) / name
    with made_once(file.parent, name) as missing:
        if missing:
            file.write_bytes(make())
    return file.read_bytes()
