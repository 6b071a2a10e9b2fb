"""Sheets of workbooks (.xlsx) read row by row."""

from __future__ import annotations

import re
import warnings
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date, datetime, time, timedelta
from itertools import islice, repeat
from pathlib import Path
from string import digits
from typing import Any

from kb.errors import InvalidInputError
from kb.services.lists.columns import tidy
from kb.services.lists.mapping import ListMapping
from kb.services.lists.reading import (
    FIRST_LINES,
    Cell,
    Line,
    Number,
    OpenList,
    SheetName,
    UnreadableCell,
    is_header,
)
from kb.services.lists.values import MEND
from kb.services.lists.workbooks import MergedCells, check_workbook


@contextmanager
def open_sheet(path: Path, mapping: ListMapping, wanted: str | None) -> Iterator[OpenList]:
    """Open a sheet of a workbook: the wanted one, or else the first that is not hidden.

    InvalidInputError when the file is no workbook, when there is no such sheet, and when another
    sheet than the first one has the header.
    """
    found = check_workbook(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of openpyxl, about styles and the like
        values = _workbook(path, data_only=True)
        formulas = _workbook(path, data_only=False) if found.has_formulas else None
        try:
            sheets = values.worksheets
            names = [SheetName(sheet.title, sheet.sheet_state != "visible") for sheet in sheets]
            place = _place(names, wanted, path)
            sheet = sheets[place]
            last_line = sheet.max_row or 0
            beside = None if formulas is None else formulas.worksheets[place]
            merged = found.merged_in(sheet._worksheet_path)
            with closing(_readable(_lines(sheet, beside, merged), path)) as lines:
                header = next(lines, None)
                if wanted is None:
                    _look_elsewhere(header, sheets, names, place, mapping, path)
                if header is None:
                    allowed = f"a list with a header row; the sheet {names[place].title!r} is empty"
                    raise InvalidInputError("FILE", path, allowed)
                others = tuple(name for name in names if name is not names[place])
                yield OpenList(header, lines, last_line, names[place], others)
        finally:
            values.close()
            if formulas is not None:
                formulas.close()


def _workbook(path: Path, *, data_only: bool) -> Any:
    import openpyxl  # takes long to load, and few processes need it

    try:
        return openpyxl.load_workbook(path, read_only=True, data_only=data_only)
    except Exception:  # openpyxl raises whatever it stumbles over
        raise InvalidInputError("FILE", path, "a workbook as spreadsheets save it (.xlsx)") from (
            None
        )


def _place(names: Sequence[SheetName], wanted: str | None, path: Path) -> int:
    """Which sheet to read."""
    if not names:
        allowed = "a workbook as spreadsheets save it (.xlsx); no sheet can be read of this one, "
        allowed += 'as of one of the kind "Strict Open XML"'
        raise InvalidInputError("FILE", path, allowed)
    listed = ", ".join(map(str, names))
    if wanted is None:
        for place, name in enumerate(names):
            if not name.is_hidden:
                return place
        allowed = f"a workbook with a sheet that is not hidden, or --sheet with one of: {listed}"
        raise InvalidInputError("FILE", path, allowed)
    for same in (str, lambda title: tidy(title).casefold()):
        for place, name in enumerate(names):
            if same(name.title) == same(wanted):
                return place
    raise InvalidInputError("--sheet", wanted, f"a sheet of the workbook: {listed}")


def _look_elsewhere(
    header: Line | None,
    sheets: Sequence[Any],
    names: Sequence[SheetName],
    place: int,
    mapping: ListMapping,
    path: Path,
) -> None:
    """Refuse a sheet without a header if another one has one."""
    if header is not None and is_header(header, mapping):
        return
    found = [_header_of(sheet, mapping, path) for sheet in sheets]
    for line, name in zip(found, names, strict=True):
        if line is None or name is names[place]:
            continue
        allowed = f"a list with a header row; the sheet {names[place].title!r} has none, but "
        allowed += f"{name} has one in line {line}: give --sheet {name.title!r}"
        if found[place] is not None:
            allowed += f"; or delete the lines before line {found[place]}, which looks like a "
            allowed += "header too"
        raise InvalidInputError("FILE", path, allowed)


def _header_of(sheet: Any, mapping: ListMapping, path: Path) -> int | None:
    """The number of the line that looks like the header of a sheet, None if none does."""
    with closing(_readable(_lines(sheet, None, {}), path)) as lines:
        headers = (line for line in islice(lines, FIRST_LINES) if is_header(line, mapping))
        first = next(headers, None)
    return first.number if first else None


def _readable(lines: Iterator[Line], path: Path) -> Generator[Line, None, None]:
    """The lines; InvalidInputError where one holds what openpyxl cannot make sense of."""
    last = 0
    try:
        for line in lines:
            last = line.number
            yield line
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError):
        allowed = f"a workbook as spreadsheets save it; what comes after row {last} cannot be read"
        raise InvalidInputError("FILE", path, allowed) from None


def _lines(sheet: Any, formulas: Any | None, merged: MergedCells) -> Iterator[Line]:
    sheet.reset_dimensions()  # some programs write wrong ones
    above: dict[int, tuple[int, str]] = {}  # by column: the last row of merged cells, and the first
    width = 0
    beside: Iterable[Sequence[Any]] = repeat(())
    if formulas is not None:
        formulas.reset_dimensions()
        beside = formulas.iter_rows()
    for number, (row, written) in enumerate(zip(sheet.iter_rows(), beside, strict=False), start=1):
        cells = [_cell(cell) for cell in row]
        for place, cell in enumerate(written):
            if cell.data_type == "f" and cells[place] == "":
                cells[place] = _without_value(cell)
        while cells and cells[-1] == "":
            cells.pop()
        if cells:
            width = width or len(cells)
            above = {place: cell for place, cell in above.items() if number <= cell[0]}
            for place, (_, first) in above.items():
                if place < width:
                    _put_below(cells, place, number, first)
            yield Line(number, tuple(cells))
        for column, last in merged.get(number, ()):
            if column <= len(cells) and cells[column - 1] != "":
                above[column - 1] = last, row[column - 1].coordinate


def _put_below(cells: list[Cell], place: int, number: int, first: str) -> None:
    """Say of an empty cell that it is merged with the first one, which holds the value of both."""
    cells += [""] * (place + 1 - len(cells))
    if cells[place] == "":
        cell = f"{first.rstrip(digits)}{number}"
        cells[place] = UnreadableCell(
            f"the cell {cell} is empty, being merged with {first}",
            "a value in each row; take the cells apart and fill all of them",
        )


def _without_value(cell: Any) -> UnreadableCell:
    text = str(getattr(cell.value, "text", cell.value))
    shown = text if len(text) <= 40 else f"{text[:40]}…"
    return UnreadableCell(
        f"the cell {cell.coordinate} holds the formula {shown} without a value",
        "a value; open the workbook in a spreadsheet and save it there, which computes formulas",
    )


def _cell(cell: Any) -> Cell:
    """The value as text; a number with as many zeros before it as its format shows."""
    if cell.data_type == "e":
        error = str(cell.value)
        return UnreadableCell(f"the cell {cell.coordinate} holds the error {error}", MEND, error)
    match cell.value:
        case None:
            return ""
        case bool() as truth:
            return "yes" if truth else "no"
        case datetime() as moment:
            return moment.date()
        case date() as day:
            return day
        case time() | timedelta() as duration:
            return str(duration)
        case int() as number:
            zeros = re.fullmatch("0+", cell.number_format or "")
            return f"{number:0{len(zeros[0])}d}" if zeros else Number(number)
        case float() as number:
            return Number(int(number) if number.is_integer() else number)
        case other:
            text = str(other)
            if "_x" in text:  # a carriage return is _x000D_ in the file
                from openpyxl.utils.escape import unescape

                text = unescape(text)
            return "" if not text.strip() else text
