"""What may be inside a workbook, looked at before anything of it is read into memory.

A workbook is a ZIP archive of XML. A small one can hold gigabytes, or say in a few letters that
its cells are far apart; openpyxl would try to hold all of it.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat

from kb.errors import InvalidInputError
from kb.services.lists.reading import OLD_WORKBOOK

MOST_PARTS = 1_000
LARGEST_SHEET = 300_000_000
"""Bytes of a sheet when it is unpacked."""

LARGEST_WORKBOOK = 500_000_000
"""Bytes of all parts when they are unpacked."""

LARGEST_PART = 64_000_000
"""Bytes of another part, which is held in memory: texts of cells, styles."""

MOST_ELEMENTS = 200_000
"""Elements of a part that are held in memory as objects, such as styles."""

MOST_TEXTS = 3_000_000
MOST_ROWS = 1_048_576
MOST_CELLS = 20_000_000
"""Cells of a sheet, with the empty ones to the left of filled ones, and those merged below one."""

_CHUNK = 1 << 16
_CORNERS = re.compile(r"([A-Z]{1,3})(\d{1,7}):[A-Z]{1,3}(\d{1,7})")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError)


class _RefusedError(Exception):
    """What is wrong with the workbook: the words after "a workbook …"."""


MergedCells = Mapping[int, Sequence[tuple[int, int]]]
"""The cells of a sheet that are merged with those below them: by the first row, the column and the
last row."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the parts of a workbook hold that is not found when they are read row by row."""

    has_formulas: bool
    merged: Mapping[str, MergedCells]

    def merged_in(self, part: str) -> MergedCells:
        """The merged cells of a sheet, by the name of its part."""
        return self.merged.get(part, {})


def check_workbook(path: Path) -> Found:
    """What the sheets of a workbook hold besides values; InvalidInputError if it cannot be read.

    Refused are: what is no workbook, encrypted or broken archives, XML that is not well formed or
    declares a document type, rows or cells out of order, and more than the limits of this module.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _found_in(archive)
    except FileNotFoundError as error:
        raise InvalidInputError("FILE", path, f"a file that can be read ({error.strerror})") from (
            error
        )
    except _RefusedError as refused:
        raise InvalidInputError("FILE", path, f"a workbook {refused}") from None
    except (*_BROKEN, expat.ExpatError, ValueError):
        allowed = "a workbook as spreadsheets save it (.xlsx)"
        with path.open("rb") as file:
            is_old = file.read(len(OLD_WORKBOOK)) == OLD_WORKBOOK
        if is_old:
            allowed += "; this one is encrypted, or of the old kind (.xls)"
        raise InvalidInputError("FILE", path, allowed) from None


def _found_in(archive: zipfile.ZipFile) -> Found:
    parts = archive.infolist()
    if len(parts) > MOST_PARTS:
        raise _RefusedError(f"of at most {MOST_PARTS} parts; this one has {len(parts)}")
    for part in parts:
        largest = LARGEST_SHEET if "worksheets/" in part.filename else LARGEST_PART
        if part.file_size > largest:
            raise _RefusedError(f"in which {part.filename} has at most {largest:,} bytes")
    if sum(part.file_size for part in parts) > LARGEST_WORKBOOK:
        raise _RefusedError(f"of at most {LARGEST_WORKBOOK:,} bytes when it is unpacked")
    formulas, merged = False, dict[str, MergedCells]()
    for part in parts:
        check = _Part(part.filename)
        try:
            with archive.open(part) as file:  # which gives no more than the size that is stated
                while chunk := file.read(_CHUNK):
                    check.parser.Parse(chunk)
            check.parser.Parse(b"", True)
        except expat.ExpatError:
            # A picture, for example. What reads it as a sheet all the same gets no further either.
            if part.filename.lower().endswith((".xml", ".rels")):
                raise
        formulas |= check.formulas
        if check.merged:
            merged[part.filename] = check.merged
    return Found(formulas, merged)


class _Part:
    """One part of a workbook on its way through the parser."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.elements = 0
        self.texts = 0
        self.cells = 0
        self.row = 0
        self.column = 0
        self.columns: dict[str, int] = {}
        self.formulas = False
        self.merged: dict[int, list[tuple[int, int]]] = defaultdict(list)
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self._document_type
        self.parser.StartElementHandler = self._element

    def _document_type(self, *_: object) -> None:
        raise _RefusedError("without document types (DTD); save it in a spreadsheet")

    def _element(self, name: str, attributes: dict[str, str]) -> None:
        kind = name.rpartition(":")[2]
        if kind == "c":
            self._cell(attributes.get("r"))
        elif kind == "row":
            row = int(attributes.get("r", self.row + 1))
            if not self.row < row <= MOST_ROWS:
                raise _RefusedError(
                    f"with rows in order, up to {MOST_ROWS:,}; here row {row} comes"
                )
            self.row, self.column = row, 0
        elif kind == "f":
            self.formulas = True
        elif kind in ("si", "r"):
            self.texts += 1
        elif kind not in ("v", "is", "t"):
            self.elements += 1
            if kind == "mergeCell":
                self._merge(attributes.get("ref", ""))
        if self.elements > MOST_ELEMENTS or self.texts > MOST_TEXTS:
            raise _RefusedError(f"in which {self.name} has at most {MOST_ELEMENTS:,} elements")

    def _merge(self, cells: str) -> None:
        corners = _CORNERS.fullmatch(cells)
        if corners is None:
            return
        row, last_row = int(corners[2]), int(corners[3])
        if last_row > row:
            self.merged[row].append((self._column(corners[1]), last_row))
            self._count(last_row - row)

    def _cell(self, place: str | None) -> None:
        column = self.column + 1
        if place is not None:
            column = self._column(place.rstrip("0123456789"))
            if column <= self.column:
                raise _RefusedError(f"with the cells of a row in order; here {place} comes late")
        self._count(column - self.column)
        self.column = column

    def _column(self, letters: str) -> int:
        if letters not in self.columns:
            from openpyxl.utils import column_index_from_string

            self.columns[letters] = column_index_from_string(letters)
        return self.columns[letters]

    def _count(self, cells: int) -> None:
        self.cells += cells
        if self.cells > MOST_CELLS:
            raise _RefusedError(
                f"whose sheets have at most {MOST_CELLS:,} cells, with the empty ones between "
                "filled ones; delete the columns to the right of the list"
            )
