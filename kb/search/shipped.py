"""The files beside this one: those of numbers, and the code as a whole."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files
from mmap import ACCESS_READ, mmap

from kb.content.files import files_hash


def shipped(name: str) -> mmap | None:
    """The bytes of such a file, None where it is not there.

    They stay in the file, so that only what is looked at takes memory, and once for all processes.
    """
    with as_file(files("kb.search") / name) as path:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return mmap(file.fileno(), 0, access=ACCESS_READ)


@cache
def code_version() -> str:
    """The hash of the files of the search: other ones may prepare, or read, in another way."""
    return files_hash(files("kb.search"))
