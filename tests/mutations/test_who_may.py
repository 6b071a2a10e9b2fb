"""Every role and every mutation, as one table."""

from __future__ import annotations

import pytest

from graphql_schema.schema import schema
from tests.global_ids import global_id
from tests.mutations.conftest import FACTORY, OFFICER, SCOPES, SLCP, UNSHARE, People, recorded

DETAILS = {
    "facilityApproveProfile": {"gatewayId": "GW-2"},
    "facilityCompleteSelfAssessment": {"steps": [1]},
    "facilityContestRecord": {"event": 1},
    "facilityGrantSight": {"grantee": "Third Brand"},
    "facilityWithdrawSight": {"grantee": "Third Brand"},
    "facilityRecordAssessment": {"kind": "VCC"},
    "facilityRecordEligibility": {"inScope": "YES"},
    "facilityRecordEvent": {"kind": "ENROLLED"},
    "facilityRequestLink": {"gatewayId": "GW-2"},
    "facilityShare": {"channel": "EMAIL_LINK", "grantee": "Third Brand"},
    "facilityUnshare": UNSHARE,
}

MAY = {
    "facilityApproveProfile": SLCP,
    "facilityCloseCycle": OFFICER,
    "facilityCompleteSelfAssessment": FACTORY,
    "facilityContestRecord": FACTORY,
    "facilityDeclareInterest": FACTORY,
    "facilityEnrol": OFFICER,
    "facilityGrantSight": FACTORY,
    "facilityLink": OFFICER,
    "facilityOpenCycle": OFFICER,
    "facilityPublishReport": OFFICER,
    "facilityRecordAssessment": OFFICER,
    "facilityRecordEligibility": OFFICER,
    "facilityRecordEvent": OFFICER,
    "facilityRequestLink": FACTORY,
    "facilityReturnProfile": SLCP,
    "facilityRouteToVerifierBody": OFFICER,
    "facilitySendGatewayInvitation": OFFICER,
    "facilitySetUpOnPlatform": OFFICER,
    "facilityShare": FACTORY,
    "facilitySubmitData": OFFICER,
    "facilitySubmitProfile": FACTORY,
    "facilityUnshare": FACTORY,
    "facilityWithdrawSight": FACTORY,
}
"""Who may record what at a facility that they see."""

DO_NOT_SEE = ("officer elsewhere", "other brand", "other factory")
"""For them the facility of the table, which shares with the brand, does not exist."""

EVERYBODY = (*SCOPES, FACTORY, "other factory", "anonymous")


def test_the_table_has_every_mutation():
    fields = schema._schema.mutation_type.fields
    others = ("facilityRegister", "facilityCorrectContact", "knowledgePublish")
    # Those of brands have their table in tests/suppliers.
    of_brands = ("supplierAdd", "supplierListImport", "supplierRemove", "supplierUpdate")
    assert {*MAY, *others, *of_brands, "answerRate", "questionClose"} == set(fields)


@pytest.mark.slow
async def test_each_mutation_at_a_facility_is_for_one_role_that_sees_it(people: People):
    await people.register("other factory")
    id_ = await people.walk("facilityShare")
    before = await recorded()
    answers = {}
    for mutation, person in MAY.items():
        details = {"facilityId": id_, "expectedVersion": 99, **DETAILS.get(mutation, {})}
        for who in EVERYBODY:
            answer = await people.do(who, mutation, **details)
            # Whoever may record it comes as far as the version, which is wrong.
            expected = (
                "NotFound"
                if who in DO_NOT_SEE
                else "StaleVersion"
                if who == person
                else "NotPermitted"
            )
            answers[mutation, who] = (answer["__typename"], expected)
    assert {cell: got for cell, got in answers.items() if got[0] != got[1]} == {}
    assert len(answers) == 253
    assert await recorded() == before


async def test_officers_register_facilities_in_their_countries_and_admins_publish(people: People):
    await people.register(gatewayId="GW-1")
    await people.register("other factory")
    before = await recorded()
    details = {"name": "Third", "country": "VN", "gatewayId": "GW-1"}
    for who in EVERYBODY:
        answer = await people.do(who, "facilityRegister", **details)
        # Whoever may register it comes as far as the id, which is in use.
        allowed = who in (OFFICER, "admin")
        assert answer["__typename"] == ("InvalidInput" if allowed else "NotPermitted"), who
        if who != "admin":
            answer = await people.do(who, "knowledgePublish")
            assert answer["__typename"] == "NotPermitted", who
    assert await recorded() == before


async def test_hidden_and_missing_facilities_are_told_apart_by_nobody(people: People):
    id_ = await people.walk("facilityEnrol")
    missing = global_id(999)
    for who in ("brand", "officer elsewhere", SLCP):
        hidden = await people.do(who, "facilityEnrol", facilityId=id_)
        absent = await people.do(who, "facilityEnrol", facilityId=missing)
        assert hidden == {
            "__typename": "NotFound",
            "code": "NOT_FOUND",
            "message": f"There is no facility {id_!r}.",
            "what": "facility",
            "value": id_,
        }
        assert str(absent) == str(hidden).replace(id_, missing)
