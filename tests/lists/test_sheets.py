"""Workbooks with several sheets, formulas and errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from kb.errors import InvalidInputError
from kb.models import Facility
from tests.lists.stored import Take

HEADER = ["name", "country", "enrolled_on"]


def workbook(path: Path, hidden: tuple[str, ...] = (), /, **sheets: list[list[Any]]) -> Path:
    """A workbook with these sheets in order."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        sheet.sheet_state = "hidden" if title in hidden else "visible"
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "list.xlsx"


async def names() -> list[str]:
    return sorted([facility.name for facility in await Facility.all()])


async def test_the_sheet_that_was_read_is_named_and_those_that_were_not(
    database: object, take: Take, path: Path
) -> None:
    north, south = [HEADER, ["A", "VN"]], [HEADER, ["B", "VN"], ["C", "VN"]]
    done = (await take(workbook(path, ("Old",), North=north, South=south, Old=south))).imported
    assert str(done.sheet) == "'North'"
    assert list(map(str, done.other_sheets)) == ["'South'", "'Old' (hidden)"]
    assert await names() == ["A"]


@pytest.mark.parametrize(("wanted", "expected"), [("South", "B"), (" south ", "B"), ("Old", "C")])
async def test_another_sheet_can_be_asked_for_a_hidden_one_too(
    database: object, take: Take, path: Path, wanted: str, expected: str
) -> None:
    sheets = {title: [HEADER, [name, "VN"]] for title, name in (("North", "A"), ("South", "B"))}
    workbook(path, ("Old",), **sheets, Old=[HEADER, ["C", "VN"]])
    await take(path, sheet=wanted)
    assert await names() == [expected]


async def test_a_hidden_sheet_is_not_read_before_a_visible_one(
    database: object, take: Take, path: Path
) -> None:
    workbook(path, ("Old",), Old=[HEADER, ["Gone", "VN"]], List=[HEADER, ["A", "VN"]])
    await take(path)
    assert await names() == ["A"]


@pytest.mark.parametrize("first", [[["How to fill in this list"]], []])
async def test_a_sheet_without_a_header_is_refused_with_the_sheet_that_has_one(
    database: object, take: Take, path: Path, first: list[list[Any]]
) -> None:
    workbook(path, **{"Read me": first, "Factories": [HEADER, ["A", "VN"]]})
    with pytest.raises(InvalidInputError) as refused:
        await take(path)
    assert refused.value.allowed == (
        "a list with a header row; the sheet 'Read me' has none, but 'Factories' has one in line "
        "1: give --sheet 'Factories'"
    )
    await take(path, sheet="Factories")
    assert await names() == ["A"]


async def test_a_header_below_a_title_is_found_on_another_sheet(
    database: object, take: Take, path: Path
) -> None:
    workbook(path, **{"Read me": [["How to"]], "List": [["Suppliers of 2026"], [], HEADER]})
    with pytest.raises(InvalidInputError, match="'List' has one in line 3: give --sheet 'List'"):
        await take(path)
    with pytest.raises(InvalidInputError, match="line 3 looks like one: delete the lines before"):
        await take(path, sheet="List")


async def test_a_header_below_a_title_is_named_beside_that_of_another_sheet(
    database: object, take: Take, path: Path
) -> None:
    workbook(path, List=[["Suppliers of 2026"], [], HEADER], Codes=[["country", "name"]])
    with pytest.raises(InvalidInputError) as refused:
        await take(path)
    assert refused.value.allowed == (
        "a list with a header row; the sheet 'List' has none, but 'Codes' has one in line 1: "
        "give --sheet 'Codes'; or delete the lines before line 3, which looks like a header too"
    )


async def test_a_sheet_that_is_not_there_is_refused_with_those_that_are(
    database: object, take: Take, path: Path
) -> None:
    workbook(path, ("Old",), North=[HEADER], Old=[HEADER])
    with pytest.raises(InvalidInputError, match=r"--sheet: 'West' .*'North', 'Old' \(hidden\)"):
        await take(path, sheet="West")
    with pytest.raises(InvalidInputError, match="only workbooks have sheets"):
        await take("name,country\nA,VN\n", sheet="North")


async def test_a_formula_without_a_value_is_refused_with_its_cell(
    database: object, take: Take, path: Path
) -> None:
    rows = [HEADER, ["A", "VN", "=DATE(2026,1,5)"], ["B", '="Viet"&"nam"'], ["C", "VN"]]
    done = await take(workbook(path, List=rows))
    assert done.rows == "1 created, 2 refused"
    allowed = (
        ". Allowed: a value; open the workbook in a spreadsheet and save it there, which computes "
        "formulas"
    )
    assert done.problems == [
        "list.xlsx:2: enrolled_on: the cell C2 holds the formula =DATE(2026,1,5) without a value"
        + allowed,
        'list.xlsx:3: country: the cell B3 holds the formula ="Viet"&"nam" without a value'
        + allowed,
    ]


async def test_a_formula_in_a_column_that_is_not_kept_does_not_matter(
    database: object, take: Take, path: Path
) -> None:
    rows = [["name", "country", "sector"], ["A", "VN", "=1+1"]]
    assert (await take(workbook(path, List=rows))).rows == "1 created"


@pytest.mark.parametrize("error", ["#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?"])
async def test_an_error_is_no_name(database: object, take: Take, path: Path, error: str) -> None:
    done = await take(workbook(path, List=[HEADER, [error, "VN"]]))
    assert done.problems == [
        f"list.xlsx:2: name: the cell A2 holds the error {error}. Allowed: a value; mend the "
        "formula, or write the value itself"
    ]


async def test_a_value_merged_with_cells_below_is_not_lost_without_a_word(
    database: object, take: Take, path: Path
) -> None:
    rows = [[*HEADER, "enrolled"], ["A", "VN", None, "yes"], ["B"], ["C", "KH", None, "no"], ["D"]]
    book = openpyxl.load_workbook(workbook(path, List=[*rows, [], ["E", "VN"]]))
    for cells in ("B2:B3", "D2:D3", "C2:C7", "A6:F6"):
        book.active.merge_cells(cells)
    book.save(path)
    done = await take(path)
    mended = ". Allowed: a value in each row; take the cells apart and fill all of them"
    assert sorted(done.problems[:2]) == [
        f"list.xlsx:3: country: the cell B3 is empty, being merged with B2{mended}",
        f"list.xlsx:3: enrolled: the cell D3 is empty, being merged with D2{mended}",
    ]
    assert done.problems[2].startswith("list.xlsx:5: country: is empty")
    assert await names() == ["A", "C", "E"]


async def test_an_entry_of_two_merged_rows_is_one_row(
    database: object, take: Take, path: Path
) -> None:
    book = openpyxl.load_workbook(workbook(path, List=[HEADER, ["A", "VN"], [], ["B", "VN"]]))
    for cells in ("A2:A3", "B2:B3", "H1:H4"):
        book.active.merge_cells(cells)
    book.save(path)
    assert (await take(path)).rows == "2 created"


async def test_a_carriage_return_in_a_cell_is_a_blank(
    database: object, take: Take, path: Path
) -> None:
    await take(workbook(path, List=[HEADER, ["A_x000D_\nB", "VN"]]))
    assert await names() == ["A B"]


async def test_cells_beyond_the_header_are_refused_only_when_they_are_filled(
    database: object, take: Take, path: Path
) -> None:
    rows = [[*HEADER, "", None], ["A", "VN", None, "", " "], ["B"], ["C", "VN", None, None, "x"]]
    done = await take(workbook(path, List=rows))
    assert done.rows == "1 created, 2 refused"
    assert done.problems[1].startswith("list.xlsx:4: cell 5 is filled and the header has 3 cells")


async def test_a_column_without_a_name_is_told(database: object, take: Take, path: Path) -> None:
    done = await take(workbook(path, List=[["", "name", "country"], [1, "A", "VN"]]))
    assert (done.rows, done.unknown) == ("1 created", ("column 1 without a name",))
