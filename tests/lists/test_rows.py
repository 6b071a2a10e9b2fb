"""What a row may say, and what is said against it."""

from __future__ import annotations

import pytest

from kb.models import Facility
from tests.lists.stored import Take, counts, events_of

HEADER = (
    "name,country,os_id,gateway_id,better_work_id,enrolled,in_scope,assessed_on,assessment_kind,"
    "self_assessed_on,self_assessment_steps\n"
)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (
            "A,Vietnm,,,,,,,,,",
            "country: 'Vietnm' is no country. Allowed: the name of a country or its ISO 3166-1 "
            "code, such as Vietnam, VN or VNM; the nearest: Vietnam (VN)",
        ),
        (
            ",VN,,,,,,,,,",
            "name: is empty. Allowed: a name, or an id under which the facility is known",
        ),
        (
            "A,NI,,,,,,2026-11-24,onsite,,",
            "assessed_on: 2026-11-24 is in the future. Allowed: days from 2000-01-01 to 2026-11-23",
        ),
        ("A,VN,,,,maybe,,,,,", "enrolled: 'maybe' is no answer. Allowed: yes, no or unknown"),
        (
            "A,VN,,,,,,2026-11-24,onsite,,",
            "assessed_on: 2026-11-24 is in the future. Allowed: days from 2000-01-01 to 2026-11-23",
        ),
        (
            "A,VN,,,,,,1999-12-31,onsite,,",
            "assessed_on: 1999-12-31 is too long ago. Allowed: days from 2000-01-01 to 2026-11-23",
        ),
        (
            "A,VN,,,,,,31/12/2024,onsite,,",
            "assessed_on: '31/12/2024' is no day. Allowed: a day of the calendar as YYYY-MM-DD",
        ),
        (
            "A,VN,,,,,,2025-02-29,onsite,,",
            "assessed_on: '2025-02-29' is no day. Allowed: a day of the calendar as YYYY-MM-DD",
        ),
        (
            "A,VN,,,,,,44562,onsite,,",
            "assessed_on: '44562' is no day. Allowed: a day of the calendar as YYYY-MM-DD; to a "
            "spreadsheet this number is 2022-01-01, so format the column as a date",
        ),
        (
            "A,VN,,,,,,2025-01-02,,,",
            "assessment_kind: is empty, while assessed_on is given. Allowed: both or neither",
        ),
        (
            "A,VN,,,,,,,,2025-01-02,1.2",
            "self_assessment_steps: '1.2' names no steps. Allowed: 1, 2 and 3, joined by +, such "
            "as 1+2",
        ),
        (
            "A,VN,,1.23E+11,,,,,,,",
            "gateway_id: '1.23E+11' is what a spreadsheet made of a number. Allowed: the id in "
            "full, as text",
        ),
        (
            "A,VN,,12.0,,,,,,,",
            "gateway_id: '12.0' is what a spreadsheet made of a number. Allowed: the id in full, "
            "as text",
        ),
        (
            "A,VN,,00,,,,,,,",
            "gateway_id: '00' is no id. Allowed: the id; or nothing, where there is none",
        ),
        (
            "A,VN,,,,,,45296.75,onsite,,",
            "assessed_on: '45296.75' is no day. Allowed: a day of the calendar as YYYY-MM-DD; to a "
            "spreadsheet this number is 2024-01-05, so format the column as a date",
        ),
        (
            "A,VN,,G 1,,,,,,,",
            "gateway_id: 'G 1' is no id. Allowed: 1 to 50 letters, digits, dots, hyphens, "
            "underscores and slashes",
        ),
        (
            "A\0B,VN,,,,,,,,,",
            "name: has the control character '\\x00'. Allowed: text without such characters",
        ),
        (f"{'x' * 301},VN,,,,,,,,,", "name: has 301 characters. Allowed: at most 300"),
        (
            "A,VN,CN2021250D1DTN7,,,,,,,,",
            "os_id: 'CN2021250D1DTN7' belongs to CN, and the facility is in VN. Allowed: an OS ID "
            "of VN",
        ),
        (
            "A,VN,,,,,,,,,,x",
            "cell 12 is filled and the header has 11 cells. Allowed: nothing beyond the header; "
            "texts with the separator in quotes",
        ),
    ],
)
async def test_a_wrong_value_is_named_with_line_column_and_what_is_allowed(
    database: object, take: Take, row: str, problem: str
) -> None:
    done = await take(f"{HEADER}{row}\nGood,VN,,,,,,,,,\n")
    assert done.problems == [f"list.csv:2: {problem}"]
    assert done.rows == "1 created, 1 refused"


async def test_every_way_in_refuses_what_iso_does_not_name(database: object, take: Take) -> None:
    done = await take("name,country\nA,XA\nB,Europe\nC,EU\nD,UN\nE,AC\n")
    assert (done.rows, await counts()) == ("5 refused", (0, 0))
    assert "is no country" in done.problems[0]


@pytest.mark.parametrize("nothing", ["N/A", "-", "none", "NULL", "NaN", "TBC", "\u2014", "NA", "?"])
async def test_a_word_for_nothing_is_no_id_no_address_and_no_day(
    database: object, take: Take, nothing: str
) -> None:
    header = "name,country,address,os_id,better_work_id,contact_email,enrolled,assessed_on\n"
    rest = ",".join([nothing] * 6)
    done = await take(f"{header}A,VN,{rest}\nB,VN,{rest}\n")
    assert (done.rows, done.problems, done.remarks) == ("2 created", [], ())
    kept = [(row.name, row.address, row.better_work_id) for row in await Facility.all()]
    assert sorted(kept) == [("A", None, None), ("B", None, None)]


async def test_na_is_namibia(database: object, take: Take) -> None:
    await take("name,country\nA,NA\n")
    assert (await Facility.get()).country == "NA"


@pytest.mark.parametrize("name", ["N/A", "-", "null", "。", "...", "Unknown"])
async def test_what_names_nobody_is_no_name(database: object, take: Take, name: str) -> None:
    done = await take(f"name,country\n{name},VN\n")
    assert done.problems == [
        f"list.csv:2: name: {name!r} is no name. Allowed: a name; or nothing, where an id tells "
        "whom"
    ]


@pytest.mark.parametrize("error", ["#REF!", "#N/A", "#NAME?", "#DIV/0!", "########"])
@pytest.mark.parametrize("column", ["name", "address", "enrolled_on"])
async def test_an_error_that_a_spreadsheet_wrote_is_no_value(
    database: object, take: Take, error: str, column: str
) -> None:
    values = {"name": "A", "country": "VN", "address": "", "enrolled_on": "", column: error}
    done = await take(f"{','.join(values)}\n{','.join(values.values())}\n")
    assert done.problems == [
        f"list.csv:2: {column}: holds the error {error}. Allowed: a value; mend the formula, or "
        "write the value itself"
    ]


async def test_what_is_left_of_pasting_is_no_part_of_an_id_or_a_day(
    database: object, take: Take
) -> None:
    done = await take(
        "name,country,gateway_id,better_work_id,enrolled_on\n"
        'A,"=""VN""","=""0012""",GW\u20111,2024\u201101\u201105\n'
        "B,VN,'0013,\u00a00014\u00a0,'2024-01-06\n"
    )
    assert done.problems == []
    kept = [(row.gateway_id, row.better_work_id) for row in await Facility.all().order_by("id")]
    assert kept == [("0012", "GW-1"), ("0013", "0014")]
    assert ("ENROLLED", "2024-01-05", {}) in await events_of("A")


async def test_what_turns_the_order_of_letters_is_not_kept(database: object, take: Take) -> None:
    await take("name,country\n\u202eevil \u2066Ltd\u2069,VN\n")
    assert (await Facility.get()).name == "evil Ltd"


async def test_every_problem_of_a_row_is_told_at_once(database: object, take: Take) -> None:
    done = await take(HEADER + "A,XX,,,,perhaps,,2031-01-01,drone,,\n")
    assert [problem.split(": ")[1] for problem in done.problems] == [
        "country",
        "enrolled",
        "assessed_on",
        "assessment_kind",
    ]


async def test_country_columns_must_agree(database: object, take: Take) -> None:
    done = await take("name,country_code,country_name\nA,VN,Vietnam\nB,VN,China\n")
    assert done.problems == [
        "list.csv:3: country_name: 'China' is not the same as VN in country_code. Allowed: one "
        "country"
    ]
    assert done.rows == "1 created, 1 refused"


async def test_columns_of_open_supply_hub_are_taken_and_unknown_ones_named_once(
    database: object, take: Take
) -> None:
    done = await take(
        "os_id,contribution_date,name,address,country_code,country_name,lat,lng,sector,"
        "contributor (list),number_of_workers,parent_company,processing_type_facility_type_raw,"
        "facility_type,processing_type,product_type,is_closed,Shoe size\n"
        "VN2025093077Q64,2025-04-03,May Mot,1 Street,VN,Vietnam,1,2,Apparel,X (List),10,,,,,,False,"
        "42\n"
    )
    assert (done.rows, done.unknown, done.problems) == ("1 created", ("Shoe size",), [])


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("name,country,Name\n", "'name' (cell 1) and 'Name' (cell 3) of the header are both name"),
        ("name,lat\n", "a header with name and country, or with one of os_id"),
        ("Factory,Land\n", "Factory, Land, and a mapping file may say which of them is which"),
        (
            "Suppliers of 2026\n\nName;Country;City\nA;VN;Hue\n",
            "this one has: Suppliers of 2026; line 3 looks like one: delete the lines before it",
        ),
        ("\n \n", "this file is empty"),
    ],
)
async def test_a_header_that_cannot_be_used_ends_the_import(
    database: object, take: Take, header: str, message: str
) -> None:
    with pytest.raises(Exception, match="is not valid") as caught:
        await take(header)
    assert message in str(caught.value)
