"""CSV files as programs and people really write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.errors import InvalidInputError
from kb.models import Facility
from tests.lists.stored import Take, events_of


async def names() -> list[str]:
    return [facility.name for facility in await Facility.all().order_by("id")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
async def test_the_separator_is_found_by_the_header(
    database: object, take: Take, delimiter: str
) -> None:
    lines = [["name", "country", "enrolled"], ["A", "VN", "yes"]]
    done = await take("\n".join(delimiter.join(line) for line in lines))
    assert done.rows == "1 created"


@pytest.mark.parametrize("named", ["sep=;", "\ufeffSEP=;"])
async def test_a_separator_named_in_the_first_line_is_taken(
    database: object, take: Take, named: str
) -> None:
    assert (await take(f"{named}\nname;country\nA, B;VN\n")).rows == "1 created"
    assert await names() == ["A, B"]


async def test_byte_order_mark_empty_lines_and_windows_line_ends_do_no_harm(
    database: object, take: Take
) -> None:
    done = await take(b"\xef\xbb\xbfname,country\r\n\r\nA,VN\r\n,\r\nB,XX\r\n")
    assert done.rows == "1 created, 1 refused"
    assert done.problems[0].startswith("list.csv:5: country: 'XX'")


async def test_a_line_break_inside_quotes_is_a_blank_and_later_lines_keep_their_numbers(
    database: object, take: Take
) -> None:
    done = await take('name,country\n"Nhà máy\r\nMột",VN\nB,XX\n')
    assert await names() == ["Nhà máy Một"]
    assert done.problems[0].startswith("list.csv:4: ")


async def test_an_open_quotation_mark_costs_its_own_line_only(database: object, take: Take) -> None:
    rest = "".join(f"F{number},VN\n" for number in range(300))
    done = await take(f'name,country\n"Lost,VN\n{rest}"Last,VN\n')
    assert done.problems == [
        "list.csv:2: the line has a quotation mark that is never closed. Allowed: a line as the "
        "header has it",
        "list.csv:303: the line has a quotation mark that is never closed. Allowed: a line as the "
        "header has it",
    ]
    assert done.rows == "300 created, 2 refused"


async def test_text_after_a_closed_quotation_mark_is_refused(database: object, take: Take) -> None:
    done = await take('name,country\n"A" B,VN\nC,VN\n')
    assert "text after a closed quotation mark" in done.problems[0]
    assert await names() == ["C"]


async def test_names_are_kept_in_composed_form(database: object, take: Take) -> None:
    await take("name,country\nNha\u0300 ma\u0301y,VN\n")
    assert await names() == ["Nhà máy"]


async def test_another_encoding_is_refused_with_line_and_byte(database: object, take: Take) -> None:
    with pytest.raises(InvalidInputError) as caught:
        await take("name,country\nA,VN\nCafé,VN\n".encode("cp1252"))
    assert "in line 3, byte 4 of the line is 0xE9, which is none" in str(caught.value)
    assert await names() == []


async def test_a_bad_byte_far_down_stops_all_before_anything_is_written(
    database: object, take: Take
) -> None:
    many = b"".join(b"F%d,VN\n" % number for number in range(1_200))
    with pytest.raises(InvalidInputError, match="in line 1202, byte 1 "):
        await take(b"name,country\n" + many + b"\xff,VN\n")
    assert await names() == []


async def test_utf_16_is_refused_by_name(database: object, take: Take) -> None:
    for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
        with pytest.raises(InvalidInputError, match="this is UTF-16"):
            await take("name,country\nA,VN\n".encode(encoding))


@pytest.mark.parametrize("start", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0"])
async def test_a_workbook_is_no_text_file(database: object, take: Take, start: bytes) -> None:
    with pytest.raises(InvalidInputError, match=r"this is a workbook: save it as \.xlsx"):
        await take(start + bytes(600))


async def test_lines_that_end_with_a_carriage_return_alone_are_refused(
    database: object, take: Take
) -> None:
    with pytest.raises(InvalidInputError, match="a carriage return without a line feed"):
        await take("name,country\rA,VN\r")


async def test_an_apostrophe_that_kept_a_cell_from_being_a_formula_is_taken_off(
    database: object, take: Take
) -> None:
    await take("name,country\n'=SUM(A1),VN\n''+84,VN\n'Quoted',VN\n")
    assert await names() == ["=SUM(A1)", "'+84", "'Quoted'"]


async def test_a_missing_file_is_told(database: object, take: Take, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="No such file"):
        await take(tmp_path / "none.csv")
    with pytest.raises(InvalidInputError, match=r"ends in \.csv or \.xlsx"):
        await take(tmp_path / "list.pdf")


async def test_days_may_have_a_midnight(database: object, take: Take) -> None:
    await take("name,country,enrolled_on\nA,VN,2024-05-06T00:00:00\n")
    assert ("ENROLLED", "2024-05-06", {}) in await events_of("A")
