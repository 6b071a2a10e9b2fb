"""The same call twice, and two callers at once."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import pytest

from kb.errors import (
    IdempotencyConflictError,
    IllegalTransitionError,
    InvalidInputError,
    KbError,
    StaleVersionError,
)
from kb.models import Facility, FacilityProjection, OutboxMessage, WorkflowEvent
from kb.rules.events import EventKind
from kb.services.access.matrix import Viewer
from kb.services.knowledge.holder import load_knowledge
from kb.services.recording.record import record as record_with
from tests.recording.conftest import (
    ADMIN,
    NOW,
    OFFICER,
    SLCP,
    TODAY,
    Record,
    Register,
    Walk,
    facility_user,
)


async def test_the_same_key_with_the_same_content_gives_the_first_answer_again(
    walk: Walk, record: Record
) -> None:
    facility_id = await walk("PLATFORM_SET_UP")
    first = await record(OFFICER, facility_id, "GATEWAY_INVITATION_SENT", idempotency_key="k1")
    await record(facility_user(facility_id), facility_id, "PROFILE_SUBMITTED")
    again = await record(
        OFFICER,
        facility_id,
        "GATEWAY_INVITATION_SENT",
        idempotency_key="k1",
        expected_version=5,
        now=NOW + timedelta(3),
    )
    assert (first.replayed, again.replayed) == (False, True)
    assert again.event == first.event
    assert again.facility == first.facility
    assert again.workflow == first.workflow
    assert await WorkflowEvent.filter(kind="GATEWAY_INVITATION_SENT").count() == 1
    assert await OutboxMessage.all().count() == 1


async def test_an_answer_is_given_again_by_another_process(
    walk: Walk, record: Record, published: object
) -> None:
    facility_id = await walk("INTEREST_DECLARED")
    first = await record(OFFICER, facility_id, "PLATFORM_SET_UP", idempotency_key="k")
    other = await load_knowledge()  # nothing is left in memory of the first answer
    again = await record_with(
        OFFICER,
        facility_id,
        EventKind.PLATFORM_SET_UP,
        now=NOW,
        knowledge=other,
        idempotency_key="k",
    )
    assert (again.event, again.facility, again.workflow) == (
        first.event,
        first.facility,
        first.workflow,
    )


@pytest.mark.parametrize("change", ["kind", "payload", "day", "facility"])
async def test_the_same_key_for_something_else_is_a_conflict(
    register: Register, record: Record, change: str
) -> None:
    facility_id = (await register()).facility.id
    other = (await register(name="Other")).facility.id
    call = {"payload": {"in_scope": "YES"}, "idempotency_key": "k"}
    await record(OFFICER, facility_id, "ELIGIBILITY_RECORDED", **call)
    changed = {
        "kind": (facility_id, "ENROLLED", {**call, "payload": {}}),
        "payload": (facility_id, "ELIGIBILITY_RECORDED", {**call, "payload": {"in_scope": "NO"}}),
        "day": (facility_id, "ELIGIBILITY_RECORDED", {**call, "occurred_on": TODAY}),
        "facility": (other, "ELIGIBILITY_RECORDED", call),
    }
    id_, kind, arguments = changed[change]
    with pytest.raises(IdempotencyConflictError, match="'k' was used for another change"):
        await record(OFFICER, id_, kind, **arguments)
    assert await WorkflowEvent.all().count() == 3


async def test_a_key_is_the_callers_own(register: Register, record: Record) -> None:
    facility_id = (await register()).facility.id
    colleague = Viewer(OFFICER.role, countries=("VN",), token_id=99, label="Colleague")
    for viewer, scope in ((OFFICER, "YES"), (colleague, "NO")):
        done = await record(
            viewer,
            facility_id,
            "ELIGIBILITY_RECORDED",
            payload={"in_scope": scope},
            idempotency_key="k",
        )
        assert not done.replayed
    assert await WorkflowEvent.all().count() == 3


async def test_a_refused_call_leaves_its_key_free(register: Register, record: Record) -> None:
    facility_id = (await register()).facility.id
    with pytest.raises(IllegalTransitionError):
        await record(OFFICER, facility_id, "CYCLE_OPENED", idempotency_key="k")
    done = await record(OFFICER, facility_id, "ENROLLED", idempotency_key="k")
    assert not done.replayed


@pytest.mark.parametrize("key", ["", "   ", "x" * 201, "a\0b"])
async def test_a_key_must_be_text(register: Register, key: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        await register(idempotency_key=key)
    assert refused.value.field == "idempotency_key"


async def test_a_facility_is_registered_once_for_a_key(register: Register) -> None:
    first = await register(idempotency_key="k", os_id="VN2021277ABCDEN")
    again = await register(idempotency_key="k", os_id="VN2021277ABCDEN")
    assert (again.facility, again.event, again.replayed) == (first.facility, first.event, True)
    with pytest.raises(IdempotencyConflictError):
        await register(idempotency_key="k", name="Other")
    assert await Facility.all().count() == 1


async def test_of_two_writers_who_expect_the_same_version_one_wins(
    walk: Walk, record: Record
) -> None:
    facility_id = await walk()
    version = (await Facility.get(id=facility_id)).version

    async def share(place: int) -> object:
        payload = {"channel": "EMAIL_LINK", "grantee_kind": "BRAND", "grantee": f"Brand {place}"}
        return await record(
            facility_user(facility_id),
            facility_id,
            "SHARED",
            payload=payload,
            expected_version=version,
        )

    answers = await asyncio.gather(*(share(place) for place in range(8)), return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, Exception)]
    assert [type(error) for error in refused] == [StaleVersionError] * 7
    assert await WorkflowEvent.filter(facility_id=facility_id).count() == 15
    row = await FacilityProjection.get(facility_id=facility_id, is_current=True)
    assert row.last_event_sequence == 15


async def test_of_two_writers_without_a_version_the_second_is_checked_against_the_new_state(
    walk: Walk, record: Record
) -> None:
    facility_id = await walk("ENROLLED")
    answers = await asyncio.gather(
        *(record(OFFICER, facility_id, "CYCLE_OPENED") for _ in range(6)), return_exceptions=True
    )
    refused = [answer for answer in answers if isinstance(answer, KbError)]
    assert len(refused) == 5
    assert {error.guard for error in refused if isinstance(error, IllegalTransitionError)} == {
        "NO_OPEN_CYCLE"
    }
    assert await WorkflowEvent.filter(kind="CYCLE_OPENED").count() == 1


async def test_a_call_repeated_while_it_runs_is_made_once(walk: Walk, record: Record) -> None:
    facility_id = await walk("PLATFORM_SET_UP")
    answers = await asyncio.gather(
        *(
            record(OFFICER, facility_id, "GATEWAY_INVITATION_SENT", idempotency_key="k")
            for _ in range(6)
        )
    )
    assert sorted(answer.replayed for answer in answers) == [False] + [True] * 5
    assert {answer.event.id for answer in answers} == {answers[0].event.id}


async def test_a_registration_repeated_while_it_runs_is_made_once(register: Register) -> None:
    answers = await asyncio.gather(*(register(idempotency_key="k") for _ in range(6)))
    assert {answer.facility.id for answer in answers} == {answers[0].facility.id}
    assert await Facility.all().count() == 1


async def test_of_two_who_register_the_same_os_id_one_is_told_so(register: Register) -> None:
    answers = await asyncio.gather(
        *(register(os_id="VN2021277ABCDEN") for _ in range(4)), return_exceptions=True
    )
    refused = [answer for answer in answers if isinstance(answer, InvalidInputError)]
    assert [error.field for error in refused] == ["os_id"] * 3


async def test_two_facilities_cannot_take_one_gateway_id_at_once(
    walk: Walk, record: Record
) -> None:
    ids = [await walk("PROFILE_SUBMITTED") for _ in range(3)]
    answers = await asyncio.gather(
        *(record(SLCP, id_, "PROFILE_APPROVED", payload={"gateway_id": "GW-1"}) for id_ in ids),
        return_exceptions=True,
    )
    refused = [answer for answer in answers if isinstance(answer, InvalidInputError)]
    assert [error.field for error in refused] == ["gateway_id"] * 2
    assert await Facility.filter(gateway_id="GW-1").count() == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " "}, "name"),
        ({"country": "vn"}, "country"),
        ({"country": "XX"}, "country"),
        ({"country": "XA"}, "country"),
        ({"os_id": "VN123"}, "os_id"),
        ({"os_id": "VN2021277ABCDEF"}, "os_id"),
        ({"os_id": "CN2021250D1DTN7"}, "os_id"),
        ({"gateway_id": "a b"}, "gateway_id"),
        ({"contact_email": "nobody"}, "contact_email"),
        ({"contact_email": "a@b.example\nBcc: c@d.example"}, "contact_email"),
        ({"occurred_on": date(2026, 11, 24)}, "occurred_on"),
    ],
)
async def test_a_facility_is_registered_with_well_formed_ids_only(
    register: Register, fields: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        await register(**fields)
    assert refused.value.field == field
    assert await Facility.all().count() == 0


async def test_who_may_register_and_where(register: Register) -> None:
    with pytest.raises(KbError, match="You may register facilities in VN, BD, PK, IN, and not"):
        await register(country="ID")
    await register(ADMIN, country="ID")
    for viewer in (SLCP, facility_user(1)):
        with pytest.raises(KbError, match="ADMIN, to register a facility; yours is of"):
            await register(viewer)
    assert await Facility.all().count() == 1
