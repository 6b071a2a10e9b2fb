"""How changes are refused: by a typed answer, and without any trace."""

from __future__ import annotations

import asyncio
import base64
from datetime import timedelta
from typing import Any

from tests.mutations.conftest import FACTORY, OFFICER, SHARE, SLCP, People, recorded, today

YESTERDAY = today() - timedelta(days=1)
TO_COME = YESTERDAY + timedelta(days=3)  # also when a day ends while the tests run


async def test_a_step_out_of_order_names_the_guard_the_source_and_what_is_possible(people: People):
    id_ = await people.walk("facilityRecordAssessment")
    before = await recorded()
    answer = await people.do(FACTORY, "facilityShare", facilityId=id_, **SHARE)
    reason = "The data is not on the Gateway yet; Better Work sends it there if the factory wishes"
    assert answer == {
        "__typename": "IllegalTransition",
        "code": "ILLEGAL_TRANSITION",
        "guard": "ON_GATEWAY_FIRST",
        "reason": f"{reason} it.",
        "message": f"{reason} it. Possible now: INTEREST_DECLARED, "
        "SELF_ASSESSMENT_COMPLETED, SIGHT_GRANTED.",
        "allowedNow": ["INTEREST_DECLARED", "SELF_ASSESSMENT_COMPLETED", "SIGHT_GRANTED"],
        "citations": [
            {
                "faqNumber": 19,
                "role": "STATED",
                "passage": {"id": "19.gateway-if-wished"},
                "source": {"key": "shared-faqs-2021-10"},
            }
        ],
    }
    assert await recorded() == before


async def test_a_guard_that_the_source_only_implies_says_so(people: People):
    id_ = await people.walk("facilityEnrol")
    answer = await people.do(OFFICER, "facilityCloseCycle", facilityId=id_)
    assert [(citation["passage"]["id"], citation["role"]) for citation in answer["citations"]] == [
        ("12.timing", "DERIVED")
    ]


async def test_whoever_read_an_older_version_is_told_so(people: People):
    id_ = await people.walk("facilityEnrol")
    before = await recorded()
    answer = await people.do(OFFICER, "facilityOpenCycle", facilityId=id_, expectedVersion=1)
    assert answer == {
        "__typename": "StaleVersion",
        "code": "STALE_VERSION",
        "message": "The facility is at version 2, not 1. Read it again, then decide.",
        "expected": 1,
        "current": 2,
    }
    assert await recorded() == before
    await people.done(OFFICER, "facilityOpenCycle", facilityId=id_, expectedVersion=2)


async def test_of_two_at_once_exactly_one_is_in_time(people: People):
    id_ = await people.walk("facilityEnrol")
    details = {"facilityId": id_, "expectedVersion": 2}
    answers = await asyncio.gather(
        *(people.do(OFFICER, "facilityOpenCycle", **details) for _ in range(5))
    )
    kinds = sorted(answer["__typename"] for answer in answers)
    assert kinds == ["FacilityRecorded", *["StaleVersion"] * 4]


async def test_the_same_key_gives_the_first_answer_and_refuses_anything_else(people: People):
    id_ = await people.walk("facilityEnrol")
    details = {"facilityId": id_, "idempotencyKey": "a", "occurredOn": str(today())}
    first = await people.done(OFFICER, "facilityOpenCycle", **details)
    await people.done(FACTORY, "facilityDeclareInterest", facilityId=id_)
    before = await recorded()
    again = await people.done(OFFICER, "facilityOpenCycle", **details)
    assert again["replayed"] is True
    for name in ("event", "facility", "workflow"):
        assert again[name] == first[name]
    other = await people.do(OFFICER, "facilityCloseCycle", **details)
    assert other == {
        "__typename": "IdempotencyConflict",
        "code": "IDEMPOTENCY_CONFLICT",
        "message": "The idempotency key 'a' was used for another change. Use a new key for a new "
        "one.",
        "key": "a",
    }
    assert await recorded() == before
    # Keys are the caller's own.
    mine = {"facilityId": id_, "idempotencyKey": "a"}
    refused = await people.do(FACTORY, "facilityDeclareInterest", **mine)
    assert refused["guard"] == "NOT_DECLARED_YET"


async def test_a_facility_is_registered_once_for_a_key(people: People):
    details = {"name": "Second", "country": "VN", "idempotencyKey": "register-2"}
    first = await people.done(OFFICER, "facilityRegister", **details)
    again = await people.done(OFFICER, "facilityRegister", **details)
    assert (first["replayed"], again["replayed"]) == (False, True)
    assert again["facility"] == first["facility"]
    other = {**details, "name": "Third"}
    answer = await people.do(OFFICER, "facilityRegister", **other)
    assert answer["__typename"] == "IdempotencyConflict"


WRONG: tuple[tuple[str, str, dict[str, Any], list[str]], ...] = (
    (SLCP, "facilityApproveProfile", {"gatewayId": "no spaces please"}, ["gatewayId"]),
    (FACTORY, "facilityCompleteSelfAssessment", {"steps": [1, 4]}, ["steps"]),
    (FACTORY, "facilityCompleteSelfAssessment", {"steps": []}, ["steps"]),
    (OFFICER, "facilityRecordAssessment", {"kind": "NONE"}, ["kind"]),
    (OFFICER, "facilityRecordEligibility", {}, ["payload"]),
    (FACTORY, "facilityShare", {**SHARE, "grantee": "a\0b"}, ["grantee"]),
    (FACTORY, "facilityDeclareInterest", {"occurredOn": str(YESTERDAY)}, ["occurredOn"]),
    (OFFICER, "facilityOpenCycle", {"occurredOn": str(TO_COME)}, ["occurredOn"]),
    (OFFICER, "facilityOpenCycle", {"occurredOn": "1999-12-31"}, ["occurredOn"]),
    (OFFICER, "facilityOpenCycle", {"idempotencyKey": ""}, ["idempotencyKey"]),
    (OFFICER, "facilityOpenCycle", {"facilityId": "?"}, ["facilityId"]),
    (
        FACTORY,
        "facilityRecordEvent",
        {"kind": "SHARED", "details": {"grantee": "", "steps": [1]}},
        ["channel", "granteeKind", "grantee", "steps"],
    ),
)


async def test_every_wrong_field_is_named_at_once(people: People):
    id_ = await people.walk("facilitySubmitProfile")
    before = await recorded()
    for who, mutation, details, fields in WRONG:
        answer = await people.do(who, mutation, **{"facilityId": id_, **details})
        assert answer["__typename"] == "InvalidInput", answer
        assert [problem["field"] for problem in answer["problems"]] == fields
        assert all(problem["allowed"] for problem in answer["problems"])
    assert await recorded() == before


async def test_a_facility_is_not_registered_with_wrong_fields(people: People):
    details = {"name": " ", "country": "VN", "osId": "VN1", "contactEmail": "nobody"}
    answer = await people.do(OFFICER, "facilityRegister", **details)
    assert [(problem["field"], problem["value"]) for problem in answer["problems"]] == [
        ("name", " "),
        ("osId", "VN1"),
        ("contactEmail", "nobody"),
    ]


async def test_ids_that_cannot_be_are_answered_like_ids_that_are_not(people: People):
    await people.register()
    for key in ("Facility:x", "Facility:99999999999999999999999", "Facility:0"):
        id_ = base64.b64encode(key.encode()).decode()
        answer = await people.do(OFFICER, "facilityEnrol", facilityId=id_)
        assert (answer["__typename"], answer["value"]) == ("NotFound", id_)


async def test_changes_are_not_made_by_get(people: People):
    id_ = await people.register()
    query = f'mutation {{ facilityEnrol(input: {{facilityId: "{id_}"}}) {{ __typename }} }}'
    before = await recorded()
    answer = await people.http.get("/graphql", params={"query": query})
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert await recorded() == before


async def test_a_message_names_fields_as_the_schema_does_and_leaves_values_as_they_are(
    people: People,
):
    id_ = await people.register()
    refused = await people.do(OFFICER, "facilityEnrol", facilityId=id_, occurredOn="2099-01-01")
    assert refused["message"].startswith("occurredOn: '2099-01-01' is not valid. Allowed: ")
    refused = await people.do(OFFICER, "facilityRecordEligibility", facilityId=id_)
    assert refused["problems"][0]["allowed"] == (
        "at least one of enrolled, inScope and capacityAvailable"
    )
    query = "query ($after: String) { facilities(after: $after) { totalCount } }"
    (error,) = (await people.ask(OFFICER, query, after="my_own_cursor"))["errors"]
    assert "after: 'my_own_cursor' is not valid" in error["message"]


async def test_a_facility_is_named_by_an_id_of_any_system_where_one_is_asked_for(people: People):
    id_ = await people.register(osId="VN2021277ABCDEN", betterWorkId="BW-7")
    done = await people.done(OFFICER, "facilityEnrol", facilityId=" vn2021277abcden")
    assert done["facility"]["id"] == id_
    done = await people.done(OFFICER, "facilityOpenCycle", facilityId="'BW-7")
    assert done["facility"]["id"] == id_
    query = "query ($id: ID!) { facility(by: {id: $id}) { id } }"
    body = await people.ask(OFFICER, query, id="BW-7")
    assert body["data"]["facility"]["id"] == id_
    hidden = await people.do("officer elsewhere", "facilityCloseCycle", facilityId="BW-7")
    missing = await people.do("officer elsewhere", "facilityCloseCycle", facilityId="BW-8")
    assert hidden["__typename"] == "NotFound"
    assert str(hidden).replace("BW-7", "ID") == str(missing).replace("BW-8", "ID")
