"""Files that appear when they are whole, and never in place of one that is being read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

from kb.errors import InvalidInputError


@contextmanager
def whole_file(to: Path, option: str, *, read: Path | None = None) -> Iterator[Path]:
    """Where to write what becomes `to` at the end; nothing becomes of it when writing fails.

    InvalidInputError names the option when nothing can be written there, or it is the file `read`.
    """
    to = to.resolve()  # what a link leads to is written, and the link stays
    if read is not None and to.exists() and to.samefile(read):
        raise InvalidInputError(option, to, f"another file than {read}, which is read")
    if to.exists() and not to.is_file():
        raise InvalidInputError(option, to, "a file")
    kept = to.with_name(f".{to.name}.{token_hex(4)}.part")
    try:
        kept.touch(exist_ok=False)
    except OSError as error:
        raise InvalidInputError(option, to, f"a place to write to ({error.strerror})") from error
    try:
        yield kept
        if to.exists():
            kept.chmod(to.stat().st_mode)  # who might read it before may read it now
        kept.replace(to)
    finally:
        kept.unlink(missing_ok=True)
