"""Rows that speak of one facility, or of two, told apart by name and address."""

from __future__ import annotations

import pytest

from kb.models import Facility
from tests.lists.stored import Take

HEADER = "name,country,address\n"
RECORDED = f"{HEADER}Example Shoe Ltd.,IN,1 Any Street\n"


@pytest.mark.parametrize(
    "row",
    ["EXAMPLE SHOE LTD.,IN,1 any street", "Example Shoe Ltd,India,", "Example Shoe Limited,IN,",
     "EXAMPLE\u200bSHOE Ltd.,IN\u200b,1 Any St.", "Exámple  Shoe Ltd.,IN,",
     "Example Shoe Co.,IN,\"1 Any Street, Agra\""],
)  # fmt: skip
async def test_a_facility_is_found_under_another_spelling_and_the_row_is_named(
    database: object, take: Take, row: str
) -> None:
    await take(RECORDED)
    done = await take(f"{HEADER}{row}\n")
    assert (done.rows, done.problems) == ("1 unchanged", [])
    assert (await Facility.get()).address == "1 Any Street"
    (remark,) = done.remarks
    assert remark.startswith("list.csv:2: '")
    assert remark.endswith(" is taken for 'Example Shoe Ltd.', which keeps that name")


async def test_an_id_in_another_case_is_the_same_id(database: object, take: Take) -> None:
    await take("name,country,gateway_id,better_work_id\nA,VN,GW-7x,bw1\n")
    row = "name,country,gateway_id,better_work_id\n"
    for ids in ("GW-7x,BW1", "GW-7X,BW1", ",Bw1"):
        done = await take(f"{row}A,VN,{ids}\nA,VN,{ids.lower()}\n")
        assert (done.rows, done.problems) == ("2 unchanged", [])
    facility = await Facility.get()
    assert (facility.gateway_id, facility.better_work_id) == ("GW-7x", "bw1")


async def test_invisible_characters_make_no_other_name(database: object, take: Take) -> None:
    await take(RECORDED)
    done = await take(f"{HEADER}Example\u200b Shoe Ltd.\ufeff,IN\u200b,1 Any Street\u2060\n")
    assert (done.rows, done.remarks) == ("1 unchanged", ())


def likely_the_recorded(row: str) -> str:
    """What is said of the row of a list that is likely the facility of `RECORDED`."""
    name = row.split(",")[0]
    return (
        f"list.csv:2: name: {name!r} is likely 'Example Shoe Ltd.' at '1 Any Street', under "
        "another spelling. Allowed: the name and address as recorded, or an id, if it is the same; "
        "new_facility yes if not"
    )


@pytest.mark.parametrize(
    "row", ["Example Shoe,IN,", "Example Shoe Co.,IN,", "Example Shoe Ltd.,IN,Any Street"]
)
async def test_a_likely_duplicate_is_neither_stored_nor_folded_but_told(
    database: object, take: Take, row: str
) -> None:
    await take(RECORDED)
    done = await take(f"{HEADER}{row}\n")
    assert (done.rows, await Facility.all().count()) == ("1 likely duplicate", 1)
    assert done.problems == [likely_the_recorded(row)]


async def test_what_is_said_to_be_a_new_facility_is_one_and_once_only(
    database: object, take: Take
) -> None:
    await take(RECORDED)
    row = "name,country,new_facility\nExample Shoe,IN,yes\n"
    assert (await take(row)).rows == "1 created"
    assert (await take(row)).rows == "1 unchanged"
    assert await Facility.all().count() == 2


SITES = (
    "name,country,address,enrolled,enrolled_on\n"
    "Example Cutting,HN,Road to the port building 4,yes,2024-01-10\n"
    "Example Cutting,HN,Free zone building DF,no,\n"
)


async def test_one_name_at_two_addresses_is_two_facilities_however_often_it_is_imported(
    database: object, take: Take
) -> None:
    done = await take(SITES)
    assert (done.rows, done.problems) == ("2 created", [])
    assert done.remarks == (
        "list.csv:3: 'Example Cutting' is registered as another facility than 'Example Cutting' "
        "at 'Road to the port building 4', because its address is another one",
    )
    assert (await take(SITES)).rows == "2 unchanged"
    assert {facility.address for facility in await Facility.all()} == {
        "Road to the port building 4",
        "Free zone building DF",
    }


async def test_a_like_name_at_another_address_is_told_of_as_well(
    database: object, take: Take
) -> None:
    await take("name,country,address\nSunrise Garments Ltd.,BD,Plot 12 Sector 4\n")
    done = await take("name,country,address\nSunrise Garments,BD,Plot 13 Sector 4\n")
    assert done.rows == "1 created"
    assert done.remarks == (
        "list.csv:2: 'Sunrise Garments' is registered as another facility than 'Sunrise Garments "
        "Ltd.' at 'Plot 12 Sector 4', because its address is another one",
    )


async def test_the_city_tells_two_sites_apart_too(database: object, take: Take) -> None:
    rows = "name,country,address,city\nA,HN,1 Any Street,Choloma\nA,HN,1 Any Street,Tela\n"
    await take(rows)
    assert {facility.address for facility in await Facility.all()} == {
        "1 Any Street, Choloma",
        "1 Any Street, Tela",
    }


async def test_nothing_of_an_address_is_left_out_but_what_is_said_twice(
    database: object, take: Take
) -> None:
    await take(
        "name,country,address,city,state,postal_code\n"
        'A,US,12 Main St,Gary,IN,46402.0\nB,US,"1000 Oak Ave, Cary",CARY,CA,100\n'
    )
    addresses = [facility.address for facility in await Facility.all().order_by("id")]
    assert addresses == ["12 Main St, Gary, IN, 46402", "1000 Oak Ave, Cary, CA, 100"]


async def test_a_name_without_an_address_that_two_sites_have_is_refused(
    database: object, take: Take
) -> None:
    await take(SITES)
    done = await take("name,country\nEXAMPLE CUTTING,HN\n")
    assert done.problems == [
        "list.csv:2: name: 2 facilities in HN have the name 'EXAMPLE CUTTING'. Allowed: one of "
        "os_id, gateway_id, better_work_id, or the address on record, to tell which"
    ]


async def test_an_address_that_was_missing_is_filled_in(database: object, take: Take) -> None:
    await take("name,country\nA,VN\n")
    assert (await take("name,country,address\nA,VN,1 Any Street\n")).rows == "1 updated"
    assert (await Facility.get()).address == "1 Any Street"


async def test_another_address_beside_an_id_replaces_the_one_on_record(
    database: object, take: Take
) -> None:
    header = "name,country,better_work_id,address\n"
    await take(f"{header}A,VN,BW1,1 Any Street\n")
    assert (await take(f"{header}A,VN,BW1,9 New Road\n")).rows == "1 updated"
    assert (await Facility.get()).address == "9 New Road"


async def test_two_rows_of_a_list_that_contradict_each_other_are_not_folded(
    database: object, take: Take
) -> None:
    many = "".join(f"F{number},VN,\n" for number in range(600))
    done = await take(f"name,country,in_scope\nA,VN,yes\n{many}A,VN,no\n")
    assert done.rows == "601 created, 1 refused"
    assert done.problems == [
        "list.csv:603: in_scope: says no, but line 2 says yes of the same facility. Allowed: one "
        "answer; or an address or an id for each, if they are two facilities"
    ]


async def test_every_row_is_counted(database: object, take: Take) -> None:
    await take(RECORDED)
    done = await take(
        f"{HEADER}Example Shoe Ltd.,IN,1 Any Street\nExample Shoe,IN,\nNew,IN,\nNew,IN,\nB,XA,\n"
        '"C,IN,\nNew,IN,2 Street\n\n,,\n'
    )
    assert done.imported.rows.total() == 7
    assert done.rows == ("1 created, 1 likely duplicate, 2 refused, 2 unchanged, 1 updated")


@pytest.mark.parametrize(
    "row",
    ["Exampel Shoe Ltd.,IN,1 Any Street", "Shoe Example,IN,1 ANY ST.", "Example Shoes Co.,IN,1 Any "
     "Street Agra", "Exmple Shoe,IN,Floor 3 1 Any Street"],
)  # fmt: skip
async def test_a_misspelt_name_at_an_address_on_record_is_a_likely_duplicate(
    database: object, take: Take, row: str
) -> None:
    await take(RECORDED)
    done = await take(f"{HEADER}{row}\n")
    assert (done.rows, await Facility.all().count()) == ("1 likely duplicate", 1)
    assert done.problems == [likely_the_recorded(row)]


async def test_a_misspelt_name_is_found_within_a_list_and_once_an_address_has_changed(
    database: object, take: Take
) -> None:
    twice = await take(f"{RECORDED}Exmple Shoe Ltd.,IN,1 Any Street\n")
    assert twice.rows == "1 created, 1 likely duplicate"
    header = "name,country,better_work_id,address\n"
    await take(f"{header}A Factory,VN,BW1,1 Any Street\n")
    await take(f"{header}A Factory,VN,BW1,9 New Road\n")
    assert (await take(f"{HEADER}A Factry,VN,9 New Road\n")).rows == "1 likely duplicate"
    assert (await take(f"{HEADER}A Factry,VN,1 Any Street\n")).rows == "1 created"


@pytest.mark.parametrize(
    "row",
    ["Other Bags Ltd.,IN,1 Any Street", "Exmple Shoe Ltd.,BD,1 Any Street",
     "Exmple Shoe Ltd.,IN,2 Any Street", "Exmple Shoe Ltd.,IN,"],
)  # fmt: skip
async def test_another_factory_in_the_building_and_a_like_name_elsewhere_are_registered(
    database: object, take: Take, row: str
) -> None:
    await take(RECORDED)
    assert (await take(f"{HEADER}{row}\n")).rows == "1 created"


async def test_a_like_name_in_the_same_building_may_be_said_to_be_another_facility(
    database: object, take: Take
) -> None:
    await take(RECORDED)
    header = "name,country,address,new_facility\n"
    row = f"{header}Example Shoe Soles,IN,1 Any Street,yes\n"
    assert (await take(row)).rows == "1 created"
    assert (await take(row)).rows == "1 unchanged"
    assert (await take(f"{HEADER}Example Shoe Soles,IN,1 Any Street\n")).rows == "1 unchanged"
    ids = "name,country,address,os_id,gateway_id\n"
    await take(f"{ids}Bag Maker,IN,5 Any Street,,GW-1\n")
    assert (await take(f"{ids}Bag Makers,IN,5 Any Street,,GW-2\n")).rows == "1 created"
