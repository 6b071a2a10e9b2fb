"""A list made so that each of its rows has to be compared with all others keeps nobody waiting."""

from __future__ import annotations

import asyncio
import cProfile
import pstats

import pytest

from kb.services.suppliers.importing import SupplierBatch
from tests.suppliers.test_importing_suppliers import take

HEADER = "name,country,address\n"


async def compared(text: str) -> tuple[str, list[str], int]:
    """What an import tells of its rows, and how often two names or addresses were compared."""
    profile = cProfile.Profile()
    with profile:
        counts, problems = await take(text)
    stats = pstats.Stats(profile).get_stats_profile().func_profiles
    calls = sum(
        int(stats[name].ncalls.split("/")[0])
        for name in ("are_names_alike", "compare_addresses")
        if name in stats
    )
    return counts, problems, calls


async def test_a_row_whose_name_more_than_two_hundred_have_is_refused_and_not_compared(
    database: object,
) -> None:
    rows = [f"A B,VN,Road {number}" for number in range(1, 601)]
    counts, problems, calls = await compared(HEADER + "\n".join(rows))
    assert counts == "201 created, 399 refused"
    assert problems[0] == (
        "list.csv:203: name: more than 200 suppliers in VN have the name 'A B', too many to tell "
        "by their addresses which one is meant. Allowed: one of reference, os_id, gateway_id on "
        "record; new_supplier yes for a new one"
    )
    assert calls == 200 * 201 // 2  # each of the first ones with those before it
    declared = "name,country,address,new_supplier\n" + "\n".join(f"{row},yes" for row in rows)
    assert (await take(declared))[0] == "399 created, 201 unchanged"


async def test_a_row_is_compared_with_two_hundred_at_its_place(database: object) -> None:
    rows = [f"Mill {number},VN,Road 7" for number in range(600)]
    counts, _, calls = await compared(HEADER + "\n".join(rows))
    assert counts == "600 created"
    assert calls == 200 * 201 // 2 + 399 * 200


async def test_who_has_another_number_is_not_compared(database: object) -> None:
    rows = [f"Name{number} Of{number},VN,Road 7 {number}" for number in range(10, 600)]
    counts, _, calls = await compared(HEADER + "\n".join(rows))
    assert (counts, calls) == ("590 created", 0)


async def test_a_new_supplier_is_known_at_its_place_to_the_rows_that_follow(
    database: object,
) -> None:
    names = ("Northern Knits", "Sunrise Garments", "Sunrse Garmets")
    counts, problems = await take(HEADER + "".join(f"{name},VN,7 Any Road\n" for name in names))
    assert counts == "2 created, 1 likely duplicate"
    assert "'Sunrse Garmets' is likely 'Sunrise Garments' at '7 Any Road'" in problems[0]


async def test_addresses_made_of_numbers_are_looked_for_by_some_of_them(database: object) -> None:
    rows = [
        f"N{row},VN,{' '.join(str(row * 100 + place) for place in range(80))}"
        for row in range(11, 511)
    ]
    assert (await take(HEADER + "\n".join(rows)))[0] == "500 created"


async def test_others_have_their_turn_between_two_rows(
    database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = 0
    taken_in: list[int] = []

    async def other() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    def noted(batch: SupplierBatch, row: object, take_row: object = SupplierBatch.take) -> object:
        taken_in.append(turns)
        return take_row(batch, row)

    monkeypatch.setattr(SupplierBatch, "take", noted)
    others = asyncio.create_task(other())
    assert (await take(HEADER + "".join(f"N{row},VN,\n" for row in range(50))))[0] == "50 created"
    others.cancel()
    assert len(set(taken_in)) == 50
