"""Workbooks as spreadsheets save them."""

from __future__ import annotations

import re
import shutil
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from kb.errors import InvalidInputError
from kb.models import Facility
from kb.services.lists.mapping import ListMapping
from kb.services.lists.workbooks import check_workbook
from tests.lists.stored import Take, events_of


def workbook(path: Path, *rows: list[Any], formats: dict[str, str] | None = None) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for place, number_format in (formats or {}).items():
        sheet[place].number_format = number_format
    book.save(path)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "list.xlsx"


async def test_days_are_taken_from_date_cells_and_from_text(
    database: object, take: Take, path: Path
) -> None:
    header = ["name", "country", "enrolled_on", "cycle_opened_on", "cycle_closed_on"]
    row = ["A", "VN", date(2024, 5, 6), datetime(2024, 6, 1, 8), "2024-07-01"]
    done = await take(workbook(path, header, row))
    assert done.problems == []
    assert [(kind, day) for kind, day, _ in (await events_of("A"))[1:]] == [
        ("ENROLLED", "2024-05-06"),
        ("CYCLE_OPENED", "2024-06-01"),
        ("CYCLE_CLOSED", "2024-07-01"),
    ]


async def test_a_number_in_place_of_a_day_is_refused_with_the_day_it_means(
    database: object, take: Take, path: Path
) -> None:
    done = await take(workbook(path, ["name", "country", "enrolled_on"], ["A", "VN", 44562]))
    assert "to a spreadsheet this number is 2022-01-01" in done.problems[0]


async def test_a_number_in_an_id_column_is_refused_because_zeros_may_be_lost(
    database: object, take: Take, path: Path
) -> None:
    rows = [["name", "country", "better_work_id"], ["A", "VN", 123], ["B", "VN", "00124"]]
    done = await take(workbook(path, *rows))
    assert done.problems == [
        "list.xlsx:2: better_work_id: 123 is a number, so zeros before it may be lost. Allowed: "
        "text: format the column as text, or give id_widths in the mapping file"
    ]
    assert (await Facility.get()).better_work_id == "00124"


async def test_zeros_come_back_by_the_format_of_the_cell_or_by_the_mapping(
    database: object, take: Take, path: Path
) -> None:
    rows = [["name", "country", "better_work_id"], ["A", "VN", 123]]
    await take(workbook(path, *rows, formats={"C2": "00000"}))
    assert (await Facility.get()).better_work_id == "00123"
    done = await take(workbook(path, *rows), mapping=ListMapping(id_widths={"better_work_id": 5}))
    assert done.rows == "1 unchanged"


async def test_truth_values_and_short_rows_are_read(
    database: object, take: Take, path: Path
) -> None:
    rows = [["name", "country", "enrolled", "in_scope"], ["A", "VN", True, False], ["B", "VN"]]
    assert (await take(workbook(path, *rows))).rows == "2 created"
    assert (await events_of("A"))[1][2] == {"enrolled": "YES", "in_scope": "NO"}


async def test_lines_are_counted_with_the_empty_ones(
    database: object, take: Take, path: Path
) -> None:
    done = await take(workbook(path, ["name", "country"], [], ["", None], ["A", "XX"]))
    assert done.problems[0].startswith("list.xlsx:4: country: 'XX'")


def with_dimension(path: Path, cells: str) -> Path:
    """The workbook, with a wrong word about where its cells are."""
    wrong = path.with_name("wrong.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(wrong, "w") as new:
        for name in old.namelist():
            content = re.sub(
                rb'<dimension ref="[^"]*"', f'<dimension ref="{cells}"'.encode(), old.read(name)
            )
            new.writestr(name, content)
    return wrong


async def test_a_wrong_dimension_hides_no_rows(database: object, take: Take, path: Path) -> None:
    workbook(path, ["name", "country"], ["A", "VN"])
    assert (await take(with_dimension(path, "A1"))).rows == "1 created"


async def test_a_file_that_is_no_workbook_is_refused(
    database: object, take: Take, path: Path
) -> None:
    await take("name,country\nA,VN\n")
    with pytest.raises(InvalidInputError, match="a workbook as spreadsheets save it"):
        await take(shutil.copy(path.with_suffix(".csv"), path))


async def test_a_workbook_of_another_standard_is_called_one(
    database: object, take: Take, path: Path
) -> None:
    strict = ("http://schemas.openxmlformats.org/", "http://purl.oclc.org/ooxml/")
    with zipfile.ZipFile(workbook(path, ["name", "country"])) as book:
        parts = {name: book.read(name).decode().replace(*strict) for name in book.namelist()}
    with zipfile.ZipFile(path, "w") as book:
        for name, text in parts.items():
            book.writestr(name, text)
    with pytest.raises(InvalidInputError, match=r'no sheet can be read .* "Strict Open XML"'):
        await take(path)


def test_an_old_or_an_encrypted_workbook_is_called_one(path: Path) -> None:
    path.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))
    with pytest.raises(InvalidInputError, match=r"is encrypted, or of the old kind \(\.xls\)"):
        check_workbook(path)
