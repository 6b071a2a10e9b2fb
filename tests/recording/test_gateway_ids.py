"""Whose a Gateway ID is, and what is said of one that another facility has."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from kb.errors import (
    IllegalTransitionError,
    InvalidInputError,
)
from kb.models import (
    Facility,
)
from kb.services.recording.verify import verify_chains
from tests.recording.conftest import (
    OFFICER,
    SLCP,
    Record,
    Register,
    Walk,
    facility_user,
)


async def test_a_factory_with_a_gateway_profile_is_linked_by_its_id(
    register: Register, record: Record
) -> None:
    facility_id = (await register()).facility.id
    own = facility_user(facility_id)
    with pytest.raises(IllegalTransitionError) as refused:
        await record(own, facility_id, "LINK_REQUESTED", payload={"gateway_id": "GW-7"})
    assert refused.value.guard == "REGISTERED_WITH_BETTER_WORK"
    await record(OFFICER, facility_id, "ENROLLED")
    done = await record(own, facility_id, "LINK_REQUESTED", payload={"gateway_id": "GW-7"})
    assert (done.facility.gateway_id, done.facility.requested_gateway_id) == (None, "GW-7")
    assert "|EXISTS_UNLINKED|" in done.facility.decision_key
    done = await record(OFFICER, facility_id, "LINKED")
    assert (done.facility.gateway_id, done.facility.requested_gateway_id) == ("GW-7", None)
    assert "|LINKED|" in done.facility.decision_key


async def test_a_facility_registered_with_a_gateway_id_has_a_profile(register: Register) -> None:
    made = await register(gateway_id="GW-9")
    assert made.facility.gateway_id == "GW-9"
    assert "|EXISTS_UNLINKED|" in made.facility.decision_key


async def test_a_facility_may_hand_over_the_gateway_id_that_is_on_record_and_no_other(
    register: Register, record: Record
) -> None:
    facility_id = (await register(gateway_id="GW-9")).facility.id
    own = facility_user(facility_id)
    await record(OFFICER, facility_id, "ENROLLED")
    with pytest.raises(InvalidInputError) as refused:
        await record(own, facility_id, "LINK_REQUESTED", payload={"gateway_id": "GW-8"})
    assert refused.value.allowed == "GW-9, which is on record"
    done = await record(own, facility_id, "LINK_REQUESTED", payload={"gateway_id": "GW-9"})
    assert (done.facility.gateway_id, done.facility.requested_gateway_id) == ("GW-9", None)
    assert (await record(OFFICER, facility_id, "LINKED")).facility.gateway_id == "GW-9"


async def test_a_gateway_id_belongs_to_one_facility(walk: Walk, record: Record) -> None:
    await walk("PROFILE_APPROVED")
    other = await walk("PROFILE_SUBMITTED")
    for same in ("GW-1", "gw-1"):
        with pytest.raises(InvalidInputError) as refused:
            await record(SLCP, other, "PROFILE_APPROVED", payload={"gateway_id": same})
        assert refused.value.allowed.startswith("another one, because this is the id of ")
    await record(SLCP, other, "PROFILE_APPROVED", payload={"gateway_id": "GW-2"})
    assert await Facility.all().order_by("id").values_list("gateway_id", flat=True) == [
        "GW-1",
        "GW-2",
    ]


async def test_a_facility_cannot_take_an_id_or_learn_that_another_has_it(
    register: Register, walk: Walk, record: Record
) -> None:
    holder = (await register(country="BD", gateway_id="GW-1")).facility.id
    first, second = await walk("INTEREST_DECLARED"), await walk("INTEREST_DECLARED")
    answers = []
    for facility_id, gateway_id in ((first, "GW-1"), (second, "GW-5")):
        payload = {"gateway_id": gateway_id}
        done = await record(
            facility_user(facility_id), facility_id, "LINK_REQUESTED", payload=payload
        )
        answers.append((done.facility.gateway_id, done.facility.decision_key))
    assert answers[0] == answers[1]
    # One that only waits hinders nobody.
    await record(facility_user(first), first, "LINK_REQUESTED", payload={"gateway_id": "GW-5"})
    assert (await record(OFFICER, second, "LINKED")).facility.gateway_id == "GW-5"
    await record(facility_user(first), first, "LINK_REQUESTED", payload={"gateway_id": "GW-1"})
    elsewhere = replace(OFFICER, countries=("VN",))
    with pytest.raises(InvalidInputError) as refused:
        await record(elsewhere, first, "LINKED")
    assert refused.value.allowed == (
        "an id that can be used here; if this one is right, an admin can find out why not"
    )
    with pytest.raises(InvalidInputError) as refused:
        await register(elsewhere, gateway_id="GW-1")
    assert "an admin can find out" in refused.value.allowed
    assert (await Facility.get(id=holder)).gateway_id == "GW-1"
    assert (await verify_chains()).breaks == ()


async def test_a_facility_cannot_ask_to_be_linked_by_another_id_than_its_own(
    walk: Walk, record: Record
) -> None:
    facility_id = await walk("PROFILE_APPROVED")
    with pytest.raises(InvalidInputError) as refused:
        await record(
            facility_user(facility_id),
            facility_id,
            "LINK_REQUESTED",
            payload={"gateway_id": "GW-2"},
        )
    assert refused.value.allowed == "GW-1, which is on record"


async def test_an_id_in_two_cases_is_not_given_to_two_facilities_at_once(
    register: Register,
) -> None:
    done = await asyncio.gather(
        *(register(gateway_id=id_) for id_ in ("gw-1", "GW-1", "Gw-1", "gW-1")),
        return_exceptions=True,
    )
    assert sum(isinstance(each, InvalidInputError) for each in done) == 3
    assert await Facility.all().count() == 1
