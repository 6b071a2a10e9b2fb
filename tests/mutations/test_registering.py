"""What registering a facility tells of those that are likely the same."""

from __future__ import annotations

import pytest

from tests.mutations.conftest import FACTORY, OFFICER, People

NAME, ADDRESS = "Example Garments Co., Ltd.", "12 Any Street, Hanoi"


@pytest.mark.parametrize(
    ("name", "country", "address", "likely"),
    [
        ("EXAMPLE GARMENTS LTD", "VN", None, True),
        ("Example Garments Company Limited", "VN", "12 Any St.", True),
        (NAME, "VN", "98 Harbour Road, Da Nang", False),
        ("Other Garments", "VN", ADDRESS, False),
        ("Garment Exampel", "VN", "12 Any St.", True),
        ("Garment Exampel", "VN", "14 Any St.", False),
        ("Garment Exampel", "VN", None, False),
    ],
)
async def test_a_likely_duplicate_is_registered_and_told(
    people: People, name: str, country: str, address: str | None, likely: bool
):
    id_ = await people.register(name=NAME, address=ADDRESS)
    more = {} if address is None else {"address": address}
    done = await people.done(OFFICER, "facilityRegister", name=name, country=country, **more)
    assert done["facility"]["address"] == address
    assert done["likelyDuplicates"] == ([{"id": id_}] if likely else [])


async def test_nobody_is_told_of_a_duplicate_that_is_hidden_from_him(people: People):
    await people.register(name=NAME)
    elsewhere = await people.done("officer elsewhere", "facilityRegister", name=NAME, country="BD")
    assert elsewhere["likelyDuplicates"] == []
    await people.register("other factory", name=NAME)
    done = await people.walk("facilityDeclareInterest", name=NAME)
    again = await people.do(FACTORY, "facilityDeclareInterest", facilityId=done)
    assert again["__typename"] == "IllegalTransition"
    requested = await people.done(FACTORY, "facilityRequestLink", facilityId=done, gatewayId="GW-1")
    assert requested["likelyDuplicates"] == []  # a factory sees none but its own


async def test_an_address_that_is_too_long_is_refused_by_name(people: People):
    answer = await people.do(
        OFFICER, "facilityRegister", name=NAME, country="VN", address="a" * 501
    )
    assert [(problem["field"], problem["allowed"]) for problem in answer["problems"]] == [
        ("address", "text of 1 to 500 characters")
    ]
