"""docs/import.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kb.services.lists import rows, workbooks
from kb.services.lists.columns import COLUMNS, NOT_KEPT, READ
from kb.services.lists.reading import LONGEST_LINE
from kb.services.suppliers.columns import SUPPLIER_LIST

TEXT = (Path(__file__).parents[2] / "docs" / "import.md").read_text(encoding="utf-8")


def test_the_table_of_columns_names_each_column_that_is_read_and_no_other() -> None:
    table = TEXT.split("| column | what it holds |")[1].split("\n\n")[0]
    first_cells = [line.split("|")[1] for line in table.splitlines() if line.count("|") >= 3]
    named = [name for cell in first_cells for name in re.findall(r"`(\w+)`", cell)]
    assert sorted(named) == sorted(READ)
    assert set(COLUMNS) <= set(named)


def test_the_table_of_suppliers_names_each_column_of_theirs() -> None:
    table = TEXT.split("| column of suppliers | what it holds |")[1].split("\n\n")[0]
    named = set(re.findall(r"`(\w+)`", table))
    assert set(SUPPLIER_LIST.ordered) <= named
    assert named <= SUPPLIER_LIST.read


def test_columns_that_are_not_kept_are_not_in_the_table() -> None:
    said = TEXT.split("The other columns of Open Supply Hub's lists")[1].split(")")[0]
    named = re.findall(r"\w+", said.split("(", 1)[1])
    assert {name for name in named if "_" in name} <= NOT_KEPT
    assert {"lat", "lng", "sector"} <= set(named)


@pytest.mark.parametrize(
    ("limit", "written"),
    [
        (rows.MOST_COLUMNS, "1,000 columns"),
        (LONGEST_LINE, "1,000,000 bytes"),
        (workbooks.LARGEST_WORKBOOK, "500 MB when it is unpacked"),
        (workbooks.LARGEST_SHEET, "300 MB in a sheet"),
        (workbooks.MOST_CELLS, "20,000,000 cells"),
    ],
)
def test_limits_are_as_they_are_written(limit: int, written: str) -> None:
    number, unit = re.match(r"([\d,]+) (\w+)", written).groups()
    assert limit == int(number.replace(",", "")) * (1_000_000 if unit == "MB" else 1)
    assert written in " ".join(TEXT.split())


def test_every_option_of_the_import_is_named() -> None:
    for option in ("--mapping", "--sheet", "--dry-run", "--errors"):
        assert f"[{option}" in TEXT
