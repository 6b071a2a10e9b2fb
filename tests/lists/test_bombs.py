"""Files made to exhaust the reader: each is refused in one sentence, and nothing is stored."""

from __future__ import annotations

import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from kb.errors import InvalidInputError
from kb.services.lists import workbooks
from kb.services.lists.mapping import OURS
from kb.services.lists.opening import open_list
from tests.lists.stored import Take, counts
from tests.trial_databases import on_sqlite

SHEET = "xl/worksheets/sheet1.xml"
STYLES = "xl/styles.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def with_part(path: Path, name: str, change: Callable[[str], str]) -> Path:
    """A workbook with one facility, and one of its parts changed."""
    book = openpyxl.Workbook()
    book.active.append(["name", "country"])
    book.active.append(["A", "VN"])
    book.save(path)
    changed = path.with_name("changed.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            text = old.read(part).decode()
            new.writestr(part, change(text) if part == name else text)
    return changed


def sheet_of(rows: str) -> Callable[[str], str]:
    return lambda _: f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def row(number: int, *places: str) -> str:
    cells = "".join(f'<c r="{place}" t="str"><v>x</v></c>' for place in places)
    return f'<row r="{number}">{cells}</row>'


ENTITIES = "".join(f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' for level in range(1, 10))
BOMBS: dict[str, tuple[str, Callable[[str], str], str]] = {
    "entities": (
        SHEET,
        lambda text: f'<!DOCTYPE x [<!ENTITY e0 "lol">{ENTITIES}]>{text}',
        "document types",
    ),
    "a document type": (SHEET, lambda text: f"<!DOCTYPE worksheet>{text}", "document types"),
    "an external entity": (
        STYLES,
        lambda text: f'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>{text}',
        "document types",
    ),
    "cells far to the right": (
        SHEET,
        sheet_of("".join(row(number, f"XFD{number}") for number in range(1, 1300))),
        "at most 20,000,000 cells",
    ),
    "a row far below": (SHEET, sheet_of(row(99_999_999, "A99999999")), "rows in order"),
    "rows out of order": (SHEET, sheet_of(row(2, "A2") + row(1, "A1")), "rows in order"),
    "cells out of order": (SHEET, sheet_of(row(1, "B1", "A1")), "cells of a row in order"),
    "styles without end": (
        STYLES,
        lambda text: text.replace("</cellXfs>", "<xf/>" * 250_000 + "</cellXfs>"),
        "at most 200,000 elements",
    ),
    "texts without end": (
        STYLES,
        lambda _: f"<sst>{'<si/>' * 30_001}</sst>",
        "styles.xml has at most",
    ),
    "broken XML": (SHEET, lambda text: text[:-9], "as spreadsheets save it"),
    "no XML": (STYLES, lambda _: "styles", "as spreadsheets save it"),
    "a number that is none": (
        SHEET,
        sheet_of(row(1, "A1", "B1") + '<row r="2"><c r="A2"><v>x</v></c></row>'),
        "comes after row 1 cannot be read",
    ),
    "merged cells without end": (
        SHEET,
        lambda text: text.replace(
            "</sheetData>",
            "</sheetData><mergeCells>"
            + "".join(f'<mergeCell ref="{at}1:{at}1048576"/>' for at in "ABCDEFGHIJKLMNOPQRST")
            + "</mergeCells>",
        ),
        "at most 20,000,000 cells",
    ),
}


@pytest.mark.slow
@on_sqlite
@pytest.mark.parametrize("kind", BOMBS)
async def test_a_workbook_made_to_exhaust_the_reader_is_refused(
    database: object, take: Take, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbooks, "MOST_TEXTS", 30_000)  # three million take seconds
    name, change, said = BOMBS[kind]
    path = with_part(tmp_path / "list.xlsx", name, change)
    with pytest.raises(InvalidInputError) as refused:
        await take(path)
    assert said in str(refused.value)
    assert await counts() == (0, 0)


def test_a_sheet_is_looked_at_under_any_name(tmp_path: Path) -> None:
    far = sheet_of("".join(row(number, f"XFD{number}") for number in range(1, 1300)))
    formula = sheet_of('<row r="1"><c r="A1"><f>1+1</f><v>2</v></c></row>')
    path = renamed(with_part(tmp_path / "list.xlsx", SHEET, formula))
    assert openpyxl.load_workbook(path, read_only=True).active["A1"].value == "=1+1"
    assert workbooks.check_workbook(path).has_formulas
    path = renamed(with_part(tmp_path / "list.xlsx", SHEET, far))
    with pytest.raises(InvalidInputError, match="at most 20,000,000 cells"):
        workbooks.check_workbook(path)


def renamed(path: Path) -> Path:
    """The same workbook, whose sheet is in a part that is not named as XML."""
    name = SHEET.rpartition("/")[2]
    other = name.replace(".xml", ".bin")
    changed = path.with_name("renamed.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            text = old.read(part).decode().replace(name, other)
            new.writestr(part.replace(name, other), text)
        new.writestr("xl/media/image1.png", b"\x89PNG\r\n\x1a\n<")
    return changed


@pytest.mark.parametrize(
    ("name", "size", "said"),
    [
        (STYLES, 64_000_001, "in which xl/styles.xml has at most 64,000,000 bytes"),
        (SHEET, 300_000_001, "in which xl/worksheets/sheet1.xml has at most 300,000,000 bytes"),
        ("xl/*.xml", 62_500_001, "of at most 500,000,000 bytes when it is unpacked"),
    ],
)
def test_what_is_large_when_unpacked_is_refused_before_it_is_unpacked(
    tmp_path: Path, name: str, size: int, said: str
) -> None:
    path = tmp_path / "list.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for part in [name.replace("*", str(number)) for number in range(8 if "*" in name else 1)]:
            archive.writestr(part, "<x/>")
            archive.getinfo(part).file_size = size
    with pytest.raises(InvalidInputError) as refused:
        workbooks.check_workbook(path)
    assert said in str(refused.value)


def test_a_part_that_unpacks_to_more_than_it_states_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(SHEET, "<x>" + " " * 100_000 + "</x>")
        archive.getinfo(SHEET).file_size = 10
    with pytest.raises(InvalidInputError, match="as spreadsheets save it"):
        workbooks.check_workbook(path)


def test_a_bomb_is_refused_before_it_is_held_in_memory(tmp_path: Path) -> None:
    name, change, _ = BOMBS["cells far to the right"]
    path = with_part(tmp_path / "list.xlsx", name, change)
    tracemalloc.start()
    try:
        with pytest.raises(InvalidInputError), open_list(path, OURS):
            pass
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_a_workbook_of_ten_thousand_parts_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(workbooks.MOST_PARTS + 1):
            archive.writestr(f"xl/{number}.xml", "<x/>")
    with pytest.raises(InvalidInputError, match="at most 1000 parts"):
        workbooks.check_workbook(path)


@on_sqlite
@pytest.mark.parametrize(
    ("header", "said"),
    [
        (",".join(str(number) for number in range(100_000)), "at most 1000 columns"),
        ("x" * 200_000, "a header line"),
        ("x" * 1_100_000, "lines of less than 1000000 bytes"),
        ('"' + "x" * 200_000, "a header line"),
        ("name,country" + "," * 500_000, ""),
    ],
)
async def test_a_wide_header_is_refused_in_one_sentence(
    database: object, take: Take, header: str, said: str
) -> None:
    if not said:
        assert (await take(f"{header}\nA,VN\n")).rows == "1 created"
        return
    with pytest.raises(InvalidInputError) as refused:
        await take(f"{header}\nA,VN\n")
    assert said in str(refused.value)
    assert len(str(refused.value)) < 700
