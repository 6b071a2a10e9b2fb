"""What each mutation records, and what it answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from graphql_schema.mutations.root import STEPS
from kb.models import AuditEntry, OutboxMessage
from kb.rules.events import EventKind
from tests.mutations.conftest import FACTORY, OFFICER, SHARE, SLCP, WAY, People, today


def test_every_kind_of_event_but_registration_has_a_mutation_of_its_own():
    kinds = [step.kind for step in STEPS.values() if step.kind is not None]
    assert sorted([*kinds, EventKind.FACILITY_REGISTERED]) == sorted(EventKind)


async def test_a_factory_is_taken_from_registered_to_shared_and_back(people: People):
    id_ = await people.register(osId="VN2021277ABCDEN")
    states = []
    slcp_versions = [2, 4]  # of the profile events alone
    for version, (who, mutation, details) in enumerate(WAY, start=2):
        done = await people.done(who, mutation, facilityId=id_, **details)
        facility = done["facility"]
        assert (facility["id"], done["replayed"]) == (id_, False)
        assert facility["version"] == (slcp_versions.pop(0) if who == SLCP else version)
        assert done["event"]["sequence"] == (None if who == SLCP else version)
        states.append((done["event"]["kind"], (done["workflow"] or {}).get("state")))
    assert states == [
        ("ENROLLED", "BW_ENROLLED"),
        ("CYCLE_OPENED", "BW_ENROLLED"),
        ("INTEREST_DECLARED", "INTEREST_DECLARED"),
        ("PLATFORM_SET_UP", "BW_PLATFORM_READY"),
        ("GATEWAY_INVITATION_SENT", "GATEWAY_INVITED"),
        ("PROFILE_SUBMITTED", "PROFILE_SUBMITTED"),
        ("PROFILE_RETURNED", None),  # an SLCP officer is told nothing of what applies
        ("PROFILE_SUBMITTED", "PROFILE_SUBMITTED"),
        ("PROFILE_APPROVED", None),
        ("LINKED", "LINKED"),
        ("SELF_ASSESSMENT_COMPLETED", "SELF_ASSESSED"),
        ("ASSESSED", "ASSESSED"),
        ("REPORT_POSTED", "REPORT_ON_BW_PORTAL"),
        ("DATA_SUBMITTED", "ON_GATEWAY"),
        ("SHARED", "SHARED"),
        ("UNSHARED", "ON_GATEWAY"),
        ("CYCLE_CLOSED", "ON_GATEWAY"),
    ]
    assert await OutboxMessage.all().order_by("id").values_list("kind", flat=True) == [
        "GATEWAY_INVITATION_SENT",
        "PROFILE_APPROVED",
    ]


async def test_an_action_names_the_roles_in_which_it_is_recorded_and_they_may_record_it(
    people: People,
):
    id_ = await people.walk("facilitySubmitProfile")
    await people.done(SLCP, "facilityApproveProfile", facilityId=id_, gatewayId="GW-1")
    query = """query ($id: ID!) { facility(by: {id: $id}) { workflow {
        nextActions { code actor event recordedBy } steps { code recordedBy } } } }"""
    workflow = (await people.ask(FACTORY, query, id=id_))["data"]["facility"]["workflow"]
    assert workflow["nextActions"][0] == {
        "code": "LOG_IN_TO_CONNECT",
        "actor": "FACILITY",
        "event": "LINKED",
        "recordedBy": ["PROGRAMME_OFFICER"],
    }
    steps = {step["code"]: step["recordedBy"] for step in workflow["steps"]}
    assert steps["APPROVE_FACILITY_PROFILE"] == ["SLCP_OFFICER"]
    done = await people.done(OFFICER, "facilityLink", facilityId=id_)
    assert done["workflow"]["nextActions"][0]["recordedBy"] == ["FACILITY", "PROGRAMME_OFFICER"]


async def test_an_officer_is_told_what_it_may_record_on_the_word_of_the_facility(people: People):
    id_ = await people.walk("facilityEnrol")
    opened = await people.done(OFFICER, "facilityOpenCycle", facilityId=id_)
    assert "INTEREST_DECLARED" in opened["allowedNow"]
    word = {"onBehalfOf": {"means": "PHONE", "givenOn": str(today())}}
    declared = await people.done(OFFICER, "facilityDeclareInterest", facilityId=id_, **word)
    assert "LINK_REQUESTED" in declared["allowedNow"]
    assert "INTEREST_DECLARED" not in declared["allowedNow"]


async def test_an_answer_tells_what_was_recorded_and_what_comes_next(people: People):
    id_ = await people.walk("facilitySendGatewayInvitation")
    done = await people.done(FACTORY, "facilitySubmitProfile", facilityId=id_)
    assert done["event"] == {
        "kind": "PROFILE_SUBMITTED",
        "occurredOn": str(today()),
        "sequence": 7,
        "actorRole": "FACILITY",
        "actor": "FACILITY, facility 1",
        "details": [],
    }
    assert [action["code"] for action in done["workflow"]["nextActions"]][:2] == [
        "APPROVE_FACILITY_PROFILE",
        "LOG_IN_TO_CONNECT",
    ]
    days = {step["code"]: step["doneOn"] for step in done["workflow"]["steps"]}
    assert days["SUBMIT_FACILITY_PROFILE"] == str(today())
    assert days["APPROVE_FACILITY_PROFILE"] is None
    assert done["allowedNow"] == ["LINK_REQUESTED", "SIGHT_GRANTED"]
    approved = await people.done(
        SLCP, "facilityApproveProfile", facilityId=id_, gatewayId="GW-20417"
    )
    assert approved["facility"]["gatewayId"] == "GW-20417"
    assert approved["event"]["details"] == [{"name": "gateway_id", "value": "GW-20417"}]
    assert (approved["workflow"], approved["allowedNow"]) == (None, [])


async def test_a_factory_with_a_gateway_profile_hands_over_its_id(people: People):
    id_ = await people.walk("facilityDeclareInterest")
    done = await people.done(FACTORY, "facilityRequestLink", facilityId=id_, gatewayId="GW-7")
    assert (done["facility"]["gatewayId"], done["workflow"]["state"]) == (None, "LINK_REQUESTED")


async def test_eligibility_and_the_way_to_a_verifier_body_are_recorded(people: People):
    id_ = await people.register()
    done = await people.done(
        OFFICER, "facilityRecordEligibility", facilityId=id_, enrolled="NO", inScope="NO"
    )
    assert done["event"]["details"] == [
        {"name": "enrolled", "value": "NO"},
        {"name": "in_scope", "value": "NO"},
    ]
    done = await people.done(OFFICER, "facilityRouteToVerifierBody", facilityId=id_)
    assert done["workflow"]["state"] == "VB_ROUTE"


async def test_a_virtual_check_is_recorded_as_one(people: People):
    id_ = await people.walk("facilityCompleteSelfAssessment")
    done = await people.done(OFFICER, "facilityRecordAssessment", facilityId=id_, kind="VCC")
    assert done["event"]["details"] == [{"name": "kind", "value": "VCC"}]


async def test_sharing_with_a_host_names_the_host(people: People):
    id_ = await people.walk("facilitySubmitData")
    host = {"channel": "ACCREDITED_HOST", "grantee": "FFC"}
    done = await people.done(FACTORY, "facilityShare", facilityId=id_, **host)
    assert {detail["name"]: detail["value"] for detail in done["event"]["details"]} == {
        "channel": "ACCREDITED_HOST",
        "grantee_kind": "ACCREDITED_HOST",
        "grantee": "FFC",
    }
    host = {"granteeKind": "ACCREDITED_HOST", "grantee": "FFC"}
    done = await people.done(FACTORY, "facilityUnshare", facilityId=id_, **host)
    assert done["facility"]["version"] == 17


async def test_a_system_records_events_of_any_kind_by_the_same_rules(people: People):
    id_ = await people.register()
    for who, kind, details in (
        (OFFICER, "ENROLLED", None),
        (OFFICER, "CYCLE_OPENED", None),
        (FACTORY, "LINK_REQUESTED", {"gatewayId": "GW-7"}),
        (OFFICER, "LINKED", {}),
        (FACTORY, "SELF_ASSESSMENT_COMPLETED", {"steps": [1]}),
    ):
        input_ = {"facilityId": id_, "kind": kind, "details": details}
        assert (await people.done(who, "facilityRecordEvent", **input_))["event"]["kind"] == kind
    input_ = {"facilityId": id_, "kind": "LINKED"}
    assert (await people.do(FACTORY, "facilityRecordEvent", **input_))["code"] == "NOT_PERMITTED"
    answer = await people.do(OFFICER, "facilityRecordEvent", **input_)
    assert answer["guard"] == "NOT_LINKED_YET"
    input_ = {"facilityId": id_, "kind": "FACILITY_REGISTERED"}
    answer = await people.do(OFFICER, "facilityRecordEvent", **input_)
    assert answer["problems"][0]["field"] == "kind"


async def test_what_happened_earlier_counts_as_if_it_had_come_in_time(people: People):
    month_ago = (today() - timedelta(days=30)).isoformat()
    week_ago = (today() - timedelta(days=7)).isoformat()
    in_utc = datetime.now(UTC).date().isoformat()
    id_ = await people.register(occurredOn=month_ago)
    enrolled = await people.done(OFFICER, "facilityEnrol", facilityId=id_, occurredOn=week_ago)
    assert enrolled["event"]["occurredOn"] == week_ago
    assert enrolled["workflow"]["state"] == "BW_ENROLLED"
    query = """query ($id: ID!, $day: Date) { facility(by: {id: $id}) {
        then: workflow(asOf: $day) { state }
        history { nodes { kind occurredOn recordedAt actorRole actor } }
    } }"""
    day_before = (today() - timedelta(days=8)).isoformat()
    facility = (await people.ask(OFFICER, query, id=id_, day=day_before))["data"]["facility"]
    assert facility["then"]["state"] == "UNKNOWN"
    assert [
        (
            event["kind"],
            event["occurredOn"],
            event["recordedAt"][:10],
            event["actorRole"],
            event["actor"],
        )
        for event in facility["history"]["nodes"]
    ] == [
        ("FACILITY_REGISTERED", month_ago, in_utc, "PROGRAMME_OFFICER", "Officer"),
        ("ENROLLED", week_ago, in_utc, "PROGRAMME_OFFICER", "Officer"),
    ]


async def test_the_audit_tells_who_did_what_before_and_after(people: People):
    id_ = await people.walk("facilityEnrol")
    query = """query ($filter: AuditFilter, $after: String) {
        audit(filter: $filter, first: 1, after: $after) {
            nodes { at who role what facilityId before { version decisionKey } after { version } }
            pageInfo { hasNextPage endCursor }
        }
    }"""
    page = (await people.ask("admin", query, filter={"facilityId": id_}))["data"]["audit"]
    (newest,) = page["nodes"]
    written = await AuditEntry.filter(what="ENROLLED").get()
    assert written is not None
    assert newest == {
        "at": written.at.isoformat(),
        "who": "token 1",
        "role": "PROGRAMME_OFFICER",
        "what": "ENROLLED",
        "facilityId": id_,
        "before": {
            "version": 1,
            "decisionKey": "VN|UNKNOWN|UNKNOWN|UNKNOWN|NONE|NOT_DECLARED|NONE|NO||NONE|NONE|NONE||",
        },
        "after": {"version": 2},
    }
    rest = {"filter": {"what": ["FACILITY_REGISTERED"]}, "after": page["pageInfo"]["endCursor"]}
    page = (await people.ask("admin", query, **rest))["data"]["audit"]
    assert [(entry["what"], entry["before"]) for entry in page["nodes"]] == [
        ("FACILITY_REGISTERED", None)
    ]
    assert page["pageInfo"]["hasNextPage"] is False
    for edge in ({"since": "0001-01-01T00:00:00Z"}, {"until": "9999-12-31T23:59:59Z"}):
        assert (await people.ask("admin", query, filter=edge))["data"]["audit"]["nodes"]
    for wrong in (
        {"since": "2026-11-23T09:30:00"},
        {"since": "0001-01-01"},
        {"since": "0001-01-01T00:00:00+14:00"},
        {"until": "9999-12-31T23:59:59-14:00"},
        {"facilityId": "?"},
    ):
        (error,) = (await people.ask("admin", query, filter=wrong))["errors"]
        assert error["extensions"]["code"] == "INVALID_INPUT"
    none = {"facilityId": "RmFjaWxpdHk6eA=="}
    assert (await people.ask("admin", query, filter=none))["data"]["audit"]["nodes"] == []
    for who in ("helpdesk", OFFICER, SLCP, FACTORY, "brand", "chatbot", "anonymous"):
        (error,) = (await people.ask(who, query))["errors"]
        assert error["extensions"]["code"] == "NOT_PERMITTED"


async def test_a_brand_sees_a_facility_from_sharing_until_unsharing(people: People):
    id_ = await people.walk("facilitySubmitData")
    query = """query ($id: ID!) {
        node(id: $id) { id ... on Facility { version } } facilities { totalCount }
    }"""
    hidden = {"node": None, "facilities": {"totalCount": 0}}
    seen = {"node": {"id": id_, "version": 15}, "facilities": {"totalCount": 1}}
    assert (await people.ask("brand", query, id=id_))["data"] == hidden
    await people.done(FACTORY, "facilityShare", facilityId=id_, **SHARE)
    assert (await people.ask("brand", query, id=id_))["data"] == seen
    assert (await people.ask("other brand", query, id=id_))["data"] == hidden
    grantee = {"granteeKind": "BRAND", "grantee": "Example Brand"}
    await people.done(FACTORY, "facilityUnshare", facilityId=id_, **grantee)
    assert (await people.ask("brand", query, id=id_))["data"] == hidden
