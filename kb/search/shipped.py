"""The files of numbers that come with the program, beside this one."""

from __future__ import annotations

from importlib.resources import as_file, files
from mmap import ACCESS_READ, mmap


def shipped(name: str) -> mmap | None:
    """The bytes of such a file, None where it is not there.

    They stay in the file, so that only what is looked at takes memory, and once for all processes.
    """
    with as_file(files("kb.search") / name) as path:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return mmap(file.fileno(), 0, access=ACCESS_READ)
