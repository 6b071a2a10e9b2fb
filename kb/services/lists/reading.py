"""Lists read line by line, never as a whole: CSV here, workbooks in `sheets`."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO

from kb.errors import InvalidInputError
from kb.services.lists.columns import READ
from kb.services.lists.mapping import ListMapping, header_key

DELIMITERS = ",;\t|"
LONGEST_LINE = 1_000_000  # bytes
MOST_LINES_OF_A_RECORD = 100

FIRST_LINES = 20
"""Among which the header is, whatever stands before it."""

_LEAST_COLUMNS = 2  # by which a header is known as one
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_WORKBOOK = b"PK\x03\x04"
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
"""How workbooks of the old kind (.xls) begin, and those that a password encrypts."""


class Number(str):
    """A number from a workbook as text; zeros before it, if there were any, are lost."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class UnreadableCell:
    """A cell of a workbook whose value is not known: what is wrong, and what is allowed instead.

    As text it is an error of a spreadsheet, which no list may hold either.
    """

    wrong: str
    allowed: str
    error: str = "#N/A"

    def __str__(self) -> str:
        return self.error


Cell = str | date | UnreadableCell
"""A text, or a day where the file says so itself."""


@dataclass(frozen=True, slots=True)
class SheetName:
    """A sheet of a workbook."""

    title: str
    is_hidden: bool

    def __str__(self) -> str:
        return f"{self.title!r} (hidden)" if self.is_hidden else repr(self.title)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a list: the number of the line in which it begins, and its cells.

    `broken` tells why there are no cells, but only the text of the line.
    """

    number: int
    cells: tuple[Cell, ...]
    broken: str | None = None


@dataclass(frozen=True, slots=True)
class OpenList:
    """A list being read; `lines` come one at a time. `last_line` is the number of the last one.

    Of a workbook one `sheet` is read, and the `other_sheets` are not.
    """

    header: Line
    lines: Iterator[Line]
    last_line: int
    sheet: SheetName | None = None
    other_sheets: tuple[SheetName, ...] = ()


@contextmanager
def open_csv(path: Path, mapping: ListMapping) -> Iterator[OpenList]:
    """Open a CSV file; InvalidInputError when it is no text in the expected encoding."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise InvalidInputError("FILE", path, f"a file that can be read ({error.strerror})") from (
            error
        )
    with file:
        last_line, delimiter = _survey(file, path, mapping)
        file.seek(0)
        lines = _records(_Lines(file, mapping.encoding), delimiter)
        header = next(lines, None)
        if header is None:
            raise InvalidInputError("FILE", path, "a list with a header line; this file is empty")
        if header.broken:
            raise InvalidInputError("FILE", path, f"a header line; here it has {header.broken}")
        yield OpenList(header, lines, last_line)


def _survey(file: BinaryIO, path: Path, mapping: ListMapping) -> tuple[int, str]:
    """Try whether all of the file can be read, before anything of it is stored."""
    start = file.read(20)
    is_half_empty = len(start) > 1 and not (any(start[::2]) and any(start[1::2]))
    if start[:2] in _UTF_16 or is_half_empty:
        raise InvalidInputError(
            "FILE", path, 'UTF-8; this is UTF-16. Save it as "CSV UTF-8" from the spreadsheet'
        )
    if start.startswith((_WORKBOOK, OLD_WORKBOOK)):
        allowed = "a text file; this is a workbook: save it as .xlsx, or as CSV UTF-8"
        raise InvalidInputError("FILE", path, allowed)
    file.seek(0)
    number, first_lines = 0, list[str]()
    while raw := file.readline(LONGEST_LINE):
        number += 1
        if len(raw) == LONGEST_LINE:
            raise InvalidInputError(
                "FILE", path, f"lines of less than {LONGEST_LINE} bytes; line {number} is longer"
            )
        try:
            text = raw.decode(_encoding(mapping.encoding, number))
        except UnicodeDecodeError as error:
            raise InvalidInputError(
                "FILE",
                path,
                f"text in {mapping.encoding}; in line {number}, byte {error.start + 1} of the line "
                f'is 0x{raw[error.start]:02X}, which is none. Save it as "CSV UTF-8", or name its '
                "encoding in the mapping file, such as encoding: cp1252",
            ) from None
        if len(first_lines) < FIRST_LINES and text.strip():
            first_lines.append(text)
    return number, _delimiter(first_lines, mapping)


def _delimiter(lines: Sequence[str], mapping: ListMapping) -> str:
    """The sign that splits a line into most of the names that are known, or most parts."""
    if lines and _names_separator(lines[0]):
        return lines[0][4]

    def fitness(delimiter: str) -> tuple[int, int]:
        try:
            headers = [next(csv.reader([line], delimiter=delimiter), []) for line in lines]
        except csv.Error:  # a cell that is too long
            headers = []
        return max(
            ((_known_columns(names, mapping), len(names)) for names in headers), default=(0, 0)
        )

    return max(DELIMITERS, key=fitness)


def _names_separator(line: str) -> bool:
    """Whether a first line names the separator of the others, as spreadsheets know it."""
    return line[:4].casefold() == "sep=" and line[4:5] in DELIMITERS


def is_header(line: Line, mapping: ListMapping) -> bool:
    """Whether a line names columns that are known."""
    return _known_columns(line.cells, mapping) >= _LEAST_COLUMNS


def _known_columns(header: Iterable[Cell], mapping: ListMapping) -> int:
    known = READ | {header_key(theirs) for theirs in mapping.columns.values()}
    return sum(header_key(str(name)) in known for name in header)


def _encoding(name: str, line: int) -> str:
    return "utf-8-sig" if line == 1 and name.replace("_", "-").lower() == "utf-8" else name


def _records(source: _Lines, delimiter: str) -> Iterator[Line]:
    """The rows; a broken one costs its own line only."""
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    while True:
        number = source.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            source.put_back()
            yield Line(number, tuple(text.rstrip("\r\n") for text in source.taken), _meaning(error))
            continue
        if number == 1 and len(cells) <= 2 and cells and cells[0][:4].casefold() == "sep=":
            continue
        if any(cell.strip() for cell in cells):
            yield Line(number, tuple(cells))


def _meaning(error: csv.Error) -> str:
    reason = str(error)
    if isinstance(error, _TooManyLinesError) or "unexpected end" in reason or "limit" in reason:
        return "a quotation mark that is never closed"
    if "expected after" in reason:
        return "text after a closed quotation mark; inside quotes a mark is written twice"
    if "new-line" in reason:
        return "a carriage return without a line feed; save the file with other line ends"
    return reason


class _TooManyLinesError(csv.Error):
    """A record goes on for so long that its quotation mark was forgotten."""


class _Lines:
    """The lines of a text file; those of the present record can be put back but for the first."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self.file = file
        self.encoding = encoding
        self.number = 0
        self.taken: list[str] = []
        self.again: deque[str] = deque()

    def begin(self) -> int:
        """Begin a record, and tell the number of its first line."""
        self.taken.clear()
        return self.number + 1

    def put_back(self) -> None:
        rest = self.taken[1:]
        del self.taken[1:]
        self.number -= len(rest)
        self.again.extendleft(reversed(rest))

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if len(self.taken) == MOST_LINES_OF_A_RECORD:
            raise _TooManyLinesError
        if self.again:
            line = self.again.popleft()
        else:
            line = self.file.readline(LONGEST_LINE).decode(
                _encoding(self.encoding, self.number + 1)
            )
            if not line:
                raise StopIteration
        self.number += 1
        self.taken.append(line)
        return line
