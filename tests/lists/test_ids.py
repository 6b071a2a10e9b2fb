"""Which facility a row of a list is about: by its ids, or by name and country."""

from __future__ import annotations

import pytest

from kb.errors import InvalidInputError
from kb.models import Facility
from kb.services.access.matrix import OPERATOR
from kb.services.facilities.views import find_by_any_id
from kb.services.recording.ids import refuse_taken
from kb.services.recording.verify import verify_chains
from tests.lists.stored import WHOLE, Take


@pytest.mark.parametrize(
    ("row", "names_kept"),
    [
        ("Another name,VN,VN2025093077Q64,,", 1),
        (",,,GW1,", 0),
        (",,,,BW1", 0),
        ("May Mot,VN,,,", 0),
    ],
)
async def test_a_facility_is_found_by_each_of_its_ids_or_by_name_and_country(
    database: object, take: Take, row: str, names_kept: int
) -> None:
    await take(WHOLE)
    taken = await take(f"name,country,os_id,gateway_id,better_work_id\n{row}\n")
    assert (taken.rows, taken.problems, len(taken.remarks)) == ("1 unchanged", [], names_kept)
    assert [facility.name for facility in await Facility.all()] == ["May Mot"]
    assert (await verify_chains()).breaks == ()


async def test_an_id_is_the_same_whatever_is_a_capital_letter_in_it(
    database: object, take: Take
) -> None:
    await take("name,country,gateway_id,better_work_id\nA,VN,Gw-aB1,Bw-cD2\n")
    taken = await take("gateway_id,better_work_id\ngW-Ab1,\n,bW-Cd2\n")
    assert taken.rows == "2 unchanged"
    facility = await Facility.get()
    for column, spellings in (
        ("gateway_id", ("Gw-aB1", "gw-ab1", "GW-AB1", "gW-Ab1")),
        ("better_work_id", ("Bw-cD2", "bW-Cd2")),
    ):
        for id_ in spellings:
            assert [view.id for view in await find_by_any_id(id_, OPERATOR)] == [facility.id]
            with pytest.raises(InvalidInputError, match="this is the id of A"):
                await refuse_taken(OPERATOR, column, id_)


async def test_an_id_that_was_missing_is_filled_in(database: object, take: Take) -> None:
    await take("name,country,better_work_id\nA,VN,BW1\n")
    taken = await take("name,country,os_id,better_work_id\nA,VN,VN2025093077Q64,\n")
    assert taken.rows == "1 updated"
    facility = await Facility.get()
    assert (facility.os_id, facility.better_work_id, facility.version) == (
        "VN2025093077Q64",
        "BW1",
        2,
    )
    assert (await verify_chains()).breaks == ()


async def test_two_facilities_of_one_name_need_an_id_and_other_ids_make_another_facility(
    database: object, take: Take
) -> None:
    taken = await take("name,country,better_work_id\nA,VN,BW1\nA,VN,BW2\nA,VN,\nA,ID,\n")
    assert taken.rows == "3 created, 1 refused"
    assert taken.problems == [
        "list.csv:4: name: 2 facilities in VN have the name 'A'. Allowed: one of os_id, "
        "gateway_id, better_work_id, or the address on record, to tell which"
    ]


async def test_ids_that_contradict_each_other_or_the_record_are_refused(
    database: object, take: Take
) -> None:
    await take("name,country,gateway_id,better_work_id\nA,VN,GW1,BW1\nB,VN,GW2,BW2\n")
    taken = await take(
        "name,country,gateway_id,better_work_id\nA,VN,GW1,BW2\nA,VN,GW1,BW9\nA,ID,GW1,\n,,GW9,\n"
    )
    assert taken.rows == "4 refused"
    assert taken.problems == [
        "list.csv:2: better_work_id: 'BW2' is an id of B, and not of A, which gateway_id GW1 "
        "names. Allowed: ids of one facility",
        "list.csv:3: better_work_id: 'BW9' contradicts BW1 of A, which gateway_id GW1 names. "
        "Allowed: the id that is recorded, because ids are never changed",
        "list.csv:4: country: ID contradicts VN, the country of A, which gateway_id GW1 names. "
        "Allowed: the country that is recorded",
        "list.csv:5: name: is empty, and no facility is known by gateway_id GW9. Allowed: name and "
        "country, to register a facility",
    ]


async def test_a_refused_row_leaves_no_id_behind(database: object, take: Take) -> None:
    taken = await take(
        "name,country,better_work_id,os_id,cycle_closed_on\n"
        "A,VN,BW1,,\nA,VN,BW1,VN2025093077Q64,2024-01-01\nA,VN,BW1,,\n"
    )
    assert taken.rows == "1 created, 1 refused, 1 unchanged"
    assert (await Facility.get()).os_id is None
