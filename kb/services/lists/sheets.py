"""Workbooks (.xlsx) read row by row."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
from openpyxl.utils.exceptions import InvalidFileException  # type: ignore[import-untyped]

from kb.errors import InvalidInputError
from kb.services.lists.reading import Cell, Line, Number, OpenList


@contextmanager
def open_sheet(path: Path) -> Iterator[OpenList]:
    """Open the first sheet of a workbook; InvalidInputError when the file is none."""
    try:
        workbook = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except OSError as error:
        raise InvalidInputError("FILE", path, f"a file that can be read ({error.strerror})") from (
            error
        )
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, TypeError):
        raise InvalidInputError("FILE", path, "a workbook as spreadsheets save it (.xlsx)") from (
            None
        )
    try:
        sheet = workbook.worksheets[0]
        last_line = sheet.max_row or 0
        sheet.reset_dimensions()  # some programs write wrong ones
        lines = _lines(sheet.iter_rows())
        header = next(lines, None)
        if header is None:
            raise InvalidInputError("FILE", path, "a list with a header row; the sheet is empty")
        yield OpenList(header, lines, last_line, pads=True)
    finally:
        workbook.close()


def _lines(rows: Iterable[Iterable[Any]]) -> Iterator[Line]:
    for number, row in enumerate(rows, start=1):
        cells = [_cell(one) for one in row]
        while cells and cells[-1] == "":
            cells.pop()
        if cells:
            yield Line(number, tuple(cells))


def _cell(cell: Any) -> Cell:
    """The value as text; a number with as many zeros before it as its format shows."""
    match cell.value:
        case None:
            return ""
        case bool() as truth:
            return "yes" if truth else "no"
        case datetime() as moment:
            return moment.date()
        case date() as day:
            return day
        case int() as number:
            zeros = re.fullmatch("0+", cell.number_format or "")
            return f"{number:0{len(zeros[0])}d}" if zeros else Number(number)
        case float() as number:
            return Number(int(number) if number.is_integer() else number)
        case other:
            text = str(other)
            return "" if not text.strip() else text
