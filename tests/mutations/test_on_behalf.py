"""What an officer records on the facility's word, and how the facility contests it (FAQ 9)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kb.models import AuditEntry, WorkflowEvent
from tests.mutations.conftest import FACTORY, OFFICER, SHARE, SLCP, UNSHARE, People, recorded

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
FACILITY = """
query ($id: ID!) { facility(by: {id: $id}) {
    history(first: 100) { nodes {
        sequence kind occurredOn actorRole details { name value }
        onBehalfOf { means givenOn person }
    } }
    whatApplies { summary warnings { code text } }
} }
"""


def day(back: int) -> str:
    return (datetime.now(UTC).astimezone(HANOI).date() - timedelta(back)).isoformat()


def word(back: int = 0, **more: str) -> dict[str, Any]:
    return {"onBehalfOf": {"means": "PHONE", "givenOn": day(back), **more}}


async def seen(people: People, who: str, id_: str) -> dict[str, Any]:
    body = await people.ask(who, FACILITY, id=id_)
    facility: dict[str, Any] = body["data"]["facility"]
    return facility


async def test_an_officer_records_what_the_facility_has_told_and_both_are_kept(people: People):
    id_ = await people.walk("facilityOpenCycle")
    done = await people.done(
        OFFICER, "facilityDeclareInterest", facilityId=id_, **word(person="Ms Example")
    )
    assert done["event"]["actorRole"] == "PROGRAMME_OFFICER"
    assert done["workflow"]["state"] == "INTEREST_DECLARED"
    expected = {"means": "PHONE", "givenOn": day(0), "person": "Ms Example"}
    for who in (FACTORY, OFFICER, "helpdesk"):
        last = (await seen(people, who, id_))["history"]["nodes"][-1]
        assert last["onBehalfOf"] == expected
        assert last["details"] == []
    entry = await AuditEntry.filter(what="INTEREST_DECLARED").get()
    assert entry.role == "PROGRAMME_OFFICER"
    assert entry.after["on_behalf_of"] == {
        "means": "PHONE",
        "given_on": day(0),
        "person": "Ms Example",
    }


async def test_who_spoke_is_kept_from_those_who_may_not_read_who_recorded(people: People):
    id_ = await people.walk("facilitySendGatewayInvitation")
    await people.done(OFFICER, "facilitySubmitProfile", facilityId=id_, **word(person="Ms Example"))
    query = """query ($id: ID!) { facility(by: {id: $id}) { history { nodes {
        kind onBehalfOf { means person } details { value } } } } }"""
    nodes = (await people.ask(SLCP, query, id=id_))["data"]["facility"]["history"]["nodes"]
    assert nodes == [
        {
            "kind": "PROFILE_SUBMITTED",
            "onBehalfOf": {"means": "PHONE", "person": None},
            "details": [],
        }
    ]


@pytest.mark.parametrize(
    ("details", "field"),
    [
        (word(-2), "givenOn"),
        (word(9000), "givenOn"),  # before the facility was registered
        ({**word(1), "occurredOn": day(0)}, "occurredOn"),
        ({**word(0), "occurredOn": day(1)}, "occurredOn"),
        (word(0, person=" "), "person"),
    ],
)
async def test_a_word_that_is_still_to_come_or_of_another_day_is_refused(
    people: People, details: dict[str, Any], field: str
):
    id_ = await people.walk("facilityOpenCycle")
    before = await recorded()
    answer = await people.do(OFFICER, "facilityDeclareInterest", facilityId=id_, **details)
    assert answer["__typename"] == "InvalidInput"
    assert [problem["field"] for problem in answer["problems"]] == [field]
    assert await recorded() == before


async def test_a_facility_shares_through_an_officer_only_by_its_own_word(people: People):
    id_ = await people.walk("facilitySubmitData")
    refused = await people.do(OFFICER, "facilityShare", facilityId=id_, **SHARE)
    assert refused["__typename"] == "NotPermitted"
    assert "onBehalfOf" in refused["message"]
    others = await people.do("helpdesk", "facilityShare", facilityId=id_, **SHARE, **word())
    assert others["__typename"] == "NotPermitted"
    assert others["message"].endswith("That is for FACILITY, or for PROGRAMME_OFFICER on its word.")
    own = await people.do(FACTORY, "facilityShare", facilityId=id_, **SHARE, **word())
    assert [problem["field"] for problem in own["problems"]] == ["onBehalfOf"]
    await people.done(OFFICER, "facilityShare", facilityId=id_, **SHARE, **word())
    assert (await seen(people, "brand", id_))["history"]["nodes"] != []
    await people.done(OFFICER, "facilityUnshare", facilityId=id_, **UNSHARE, **word())
    other = await people.do(OFFICER, "facilityLink", facilityId=id_, **word())
    assert other["__typename"] == "InvalidInput"  # it is the officer's own to record


async def test_what_a_facility_contests_is_marked_until_it_is_recorded_anew(people: People):
    id_ = await people.walk("facilityLink")
    steps = {"facilityId": id_, "steps": [1]}
    done = await people.done(OFFICER, "facilityCompleteSelfAssessment", **steps, **word())
    number = done["event"]["sequence"]
    assert "RECORD_CONTESTED" not in done["allowedNow"]
    contest = {"facilityId": id_, "event": number, "reason": "We have not finished Step 1."}
    for wrong in (number - 1, number + 1):
        refused = await people.do(FACTORY, "facilityContestRecord", **{**contest, "event": wrong})
        assert refused["guard"] == "RECORDED_ON_BEHALF"
    await people.done(FACTORY, "facilityContestRecord", **contest)
    again = await people.do(FACTORY, "facilityContestRecord", **contest)
    assert again["guard"] == "RECORDED_ON_BEHALF"
    for who in (FACTORY, OFFICER, "helpdesk"):
        applies = (await seen(people, who, id_))["whatApplies"]
        assert [warning["code"] for warning in applies["warnings"]][-1] == "RECORD_CONTESTED"
        assert applies["warnings"][-1]["text"] in " ".join(applies["summary"].split())
        for _ in range(2):  # the second time by a plan
            page = await people.ask(
                who, "{ facilities { nodes { whatApplies { warnings { code } } } } }"
            )
            (node,) = page["data"]["facilities"]["nodes"]
            assert node["whatApplies"]["warnings"][-1] == {"code": "RECORD_CONTESTED"}
    await people.done(FACTORY, "facilityCompleteSelfAssessment", **steps)
    applies = (await seen(people, FACTORY, id_))["whatApplies"]
    assert "RECORD_CONTESTED" not in [warning["code"] for warning in applies["warnings"]]
    assert await WorkflowEvent.filter(kind="RECORD_CONTESTED").count() == 1


async def test_a_brand_is_not_told_that_a_record_is_contested_that_may_be_of_others(
    people: People,
):
    id_ = await people.walk("facilityShare")
    before = await seen(people, "brand", id_)
    shared = await people.done(
        OFFICER, "facilityShare", facilityId=id_, channel="EMAIL_LINK", grantee="Third", **word()
    )
    number = shared["event"]["sequence"]
    await people.done(FACTORY, "facilityContestRecord", facilityId=id_, event=number)
    assert await seen(people, "brand", id_) == before
    warned = (await seen(people, FACTORY, id_))["whatApplies"]["warnings"]
    assert [warning["code"] for warning in warned][-1] == "RECORD_CONTESTED"
