"""The one rule for OS IDs."""

from __future__ import annotations

import pytest

from kb.rules.os_ids import check_character, problem_of_os_id
from kb.rules.payloads import os_id as read_os_id


@pytest.mark.parametrize(
    "os_id",
    ["CN2021250D1DTN7", "CN2024221G4W0WA", "CN2019303BQ3FZP", "BD2020212VEDNJC", "VN2025093077Q64"],
)
def test_an_os_id_as_open_supply_hub_gives_it_is_in_order(os_id: str) -> None:
    assert problem_of_os_id(os_id, os_id[:2]) is None


@pytest.mark.parametrize(
    ("os_id", "wrong"),
    [
        ("CN2021250D1DTN", "does not have the form of an OS ID"),
        ("CN2021250D1DTO7", "does not have the form of an OS ID"),
        ("CN2021250D1DTN8", "has the check character 8 where its other characters make 7"),
        ("CN2021250D1TDN7", None),  # an exchange of two characters leaves the sum as it is
        ("CN2021366D1DTN7", "names day 366 of the year 2021, which does not exist"),
        ("CN2021000D1DTN7", "names day 0 of the year 2021, which does not exist"),
        ("DEMO-OS-000001", None),
        ("DEMO-OS-", "does not have the form of an OS ID"),
    ],
)
def test_an_os_id_is_checked_in_every_part(os_id: str, wrong: str | None) -> None:
    problem = problem_of_os_id(os_id, None)
    assert (problem and problem[0]) == wrong


@pytest.mark.parametrize(
    ("year_and_day", "exists"),
    [
        ("2000001", True),
        ("2000366", True),
        ("1999365", False),
        ("2000000", False),
        ("2001365", True),
        ("2001366", False),
        ("2001001", True),
    ],
)
def test_the_day_of_an_os_id_is_one_of_its_year_from_2000_on(
    year_and_day: str, exists: bool
) -> None:
    start = f"VN{year_and_day}AAAAA"
    assert (problem_of_os_id(start + check_character(start), "VN") is None) == exists


def test_a_mistyped_os_id_is_told_what_is_allowed() -> None:
    assert problem_of_os_id("CN2021250D1DTN8", None) == (
        "has the check character 8 where its other characters make 7",
        "an OS ID as Open Supply Hub shows it; a character is mistyped",
    )
    assert problem_of_os_id("DEMO-OS-\u0663", None) is not None


def test_an_os_id_of_another_country_is_refused() -> None:
    assert problem_of_os_id("CN2021250D1DTN7", "VN") == (
        "belongs to CN, and the facility is in VN",
        "an OS ID of VN",
    )


def test_the_check_character_is_made_from_the_other_fourteen() -> None:
    assert check_character("CN2021250D1DTN") == "7"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("VN2025093077Q64", "VN2025093077Q64"),
        (" vn 2025093 077Q6 4", "VN2025093077Q64"),
        ("VN-2025093-077Q6-4", "VN2025093077Q64"),
        ("DEMO-OS-000001", "DEMO-OS-000001"),
    ],
)
def test_an_os_id_is_read_as_people_write_it(text: str, kept: str) -> None:
    assert read_os_id(text) == kept


@pytest.mark.parametrize("text", ["VN2021277ABCDEF", "VN1", "", None, 5, "\uff36N2025093077Q64"])
def test_what_is_no_os_id_is_refused_with_an_example_that_is_one(text: object) -> None:
    with pytest.raises(ValueError, match="OS ID") as refused:
        read_os_id(text)
    example = [word.strip(":") for word in str(refused.value).split() if len(word.strip(":")) == 15]
    assert all(problem_of_os_id(os_id, os_id[:2]) is None for os_id in example if os_id.isalnum())
