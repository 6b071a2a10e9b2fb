"""Files that appear when they are whole, and never in place of one that is being read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kb.errors import InvalidInputError


@contextmanager
def whole_file(to: Path, option: str, *, read: Path | None = None) -> Iterator[Path]:
    """Where to write what becomes `to` at the end; nothing becomes of it when writing fails.

    InvalidInputError names the option when nothing can be written there, or it is the file `read`.
    """
    kept = to.with_name(f".{to.name}.part")
    if read is not None and any(file.exists() and file.samefile(read) for file in (to, kept)):
        raise InvalidInputError(option, to, f"another file than {read}, which is read")
    if to.exists() and not to.is_file():
        raise InvalidInputError(option, to, "a file")
    try:
        kept.touch()
    except OSError as error:
        raise InvalidInputError(option, to, f"a place to write to ({error.strerror})") from error
    try:
        yield kept
        kept.replace(to)
    finally:
        kept.unlink(missing_ok=True)
