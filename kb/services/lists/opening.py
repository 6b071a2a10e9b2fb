"""Opening a list, whatever kind of file it is."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from kb.errors import InvalidInputError
from kb.services.lists.mapping import ListMapping
from kb.services.lists.reading import OpenList, open_csv
from kb.services.lists.sheets import open_sheet


def open_list(
    path: Path, mapping: ListMapping, sheet: str | None = None
) -> AbstractContextManager[OpenList]:
    """Open a list by the ending of its name; `sheet` names a sheet of a workbook.

    InvalidInputError for another ending, and on entering when the file cannot be read.
    """
    match path.suffix.lower():
        case ".csv" | ".tsv" | ".txt":
            if sheet is not None:
                raise InvalidInputError("--sheet", sheet, "nothing; only workbooks have sheets")
            return open_csv(path, mapping)
        case ".xlsx" | ".xlsm":
            return open_sheet(path, mapping, sheet)
    raise InvalidInputError("FILE", path, "a list that ends in .csv or .xlsx")
