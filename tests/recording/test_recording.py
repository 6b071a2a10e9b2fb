"""Who may record what, in which order, and what is there afterwards."""

from __future__ import annotations

import pytest

from kb.errors import (
    IllegalTransitionError,
    InvalidFieldsError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
    StaleVersionError,
)
from kb.models import (
    AuditEntry,
    Facility,
    FacilityProjection,
    IdempotencyKey,
    OutboxMessage,
    ServiceCycle,
    SharingGrant,
    WorkflowEvent,
)
from kb.rules.codes import WorkflowState
from kb.rules.events import EventKind
from kb.services.access.matrix import ANONYMOUS
from kb.services.knowledge.holder import Knowledge
from kb.services.recording.record import possible_events
from tests.recording.conftest import (
    ADMIN,
    BRAND,
    GRANTEE,
    HELPDESK,
    NOW,
    OFFICER,
    SLCP,
    TODAY,
    WAY,
    Record,
    Register,
    Walk,
    by,
    facility_user,
)

TABLES = (WorkflowEvent, OutboxMessage, AuditEntry, IdempotencyKey, SharingGrant, ServiceCycle)


async def counts() -> list[object]:
    """How many rows there are of each kind, and the version of each facility."""
    versions = await Facility.all().order_by("id").values_list("version", flat=True)
    return [await model.all().count() for model in TABLES] + list(versions)


async def test_a_factory_goes_from_registered_to_shared(register: Register, record: Record) -> None:
    made = await register(os_id="VN2021277ABCDEN")
    facility_id = made.facility.id
    assert (made.event.event.kind, made.facility.version) == ("FACILITY_REGISTERED", 1)
    states = []
    for who, kind, payload in WAY:
        done = await record(by(who, facility_id), facility_id, kind, payload=payload)
        states.append(done.workflow.state if done.workflow else None)
        assert done.event.event.kind == kind
        assert done.event.event.sequence == len(states) + 1
        # An SLCP officer counts the events of the profile: submitted, approved.
        assert done.facility.version == (2 if who == "slcp" else len(states) + 1)
    assert states[2:] == [
        WorkflowState.INTEREST_DECLARED,
        WorkflowState.BW_PLATFORM_READY,
        WorkflowState.GATEWAY_INVITED,
        WorkflowState.PROFILE_SUBMITTED,
        None,  # an SLCP officer is told nothing of what applies
        WorkflowState.LINKED,
        WorkflowState.SELF_ASSESSED,
        WorkflowState.ASSESSED,
        WorkflowState.REPORT_ON_BW_PORTAL,
        WorkflowState.ON_GATEWAY,
        WorkflowState.SHARED,
    ]
    facility = await Facility.get()
    assert (facility.gateway_id, facility.version) == ("GW-1", 14)
    row = await FacilityProjection.get(is_current=True)
    assert row.last_event_sequence == 14
    assert row.decision_key == (
        "VN|YES|UNKNOWN|UNKNOWN|LINKED|BEFORE_ASSESSMENT|ONSITE|YES|12|NONE|SHARED|OPEN||"
    )
    grant = await SharingGrant.get()
    assert (grant.grantee, grant.granted_on, grant.revoked_on) == ("Example Brand", TODAY, None)
    cycle = await ServiceCycle.get()
    assert (cycle.number, cycle.opened_on, cycle.closed_on) == (1, TODAY, None)


async def test_each_event_is_refused_to_every_role_that_is_not_named_for_it(
    walk: Walk, record: Record, knowledge: Knowledge
) -> None:
    facility_id = await walk()
    before = await counts()
    people = [OFFICER, SLCP, ADMIN, HELPDESK, BRAND, facility_user(facility_id)]
    refused = 0
    for kind, transition in knowledge.library.transitions.items():
        for viewer in people:
            if viewer.role not in transition.roles:
                on_its_word = viewer.role in transition.on_behalf
                named = "onBehalfOf" if on_its_word else str(transition.roles[0])
                with pytest.raises(NotPermittedError, match=named):
                    await record(viewer, facility_id, kind)
                refused += 1
    # Each is for just one of these roles.
    assert refused == (len(people) - 1) * len(knowledge.library.transitions)
    with pytest.raises(NotPermittedError):
        await record(ANONYMOUS, facility_id, "ENROLLED")
    assert await counts() == before


async def test_a_hidden_facility_is_as_missing_as_one_that_is_not_there(
    register: Register, record: Record
) -> None:
    facility_id = (await register()).facility.id
    before = await counts()
    for viewer in (BRAND, SLCP, facility_user(facility_id + 1)):
        answers = []
        for id_ in (facility_id, 999_999):
            with pytest.raises(NotFoundError) as refused:
                await record(viewer, id_, "INTEREST_DECLARED")
            answers.append(str(refused.value).replace(str(id_), "N"))
        assert answers[0] == answers[1]
    assert await counts() == before


async def test_a_wrong_order_names_the_guard_its_source_and_what_may_come_instead(
    walk: Walk, record: Record
) -> None:
    facility_id = await walk("INTEREST_DECLARED")
    before = await counts()
    with pytest.raises(IllegalTransitionError) as refused:
        await record(facility_user(facility_id), facility_id, "PROFILE_SUBMITTED")
    assert refused.value.guard == "INVITED_FIRST"
    assert refused.value.passages == ("9.invitation", "9.submit-profile")
    assert refused.value.allowed == ("LINK_REQUESTED", "SIGHT_GRANTED")
    assert await counts() == before


async def test_what_is_not_possible_now_is_refused_at_every_step_of_the_way(
    register: Register, record: Record, knowledge: Knowledge
) -> None:
    facility_id = (await register()).facility.id
    payloads = {kind: payload for _, kind, payload in WAY} | {
        "ELIGIBILITY_RECORDED": {"in_scope": "YES"},
        "LINK_REQUESTED": {"gateway_id": "GW-1"},
        "UNSHARED": GRANTEE,
        "SIGHT_WITHDRAWN": GRANTEE,
        "RECORD_CONTESTED": {"event": 1},
    }
    refused, written = 0, 1
    for who, kind, payload in WAY:
        for viewer in (OFFICER, facility_user(facility_id)):
            possible = await possible_events(viewer, facility_id, now=NOW, knowledge=knowledge)
            for other, transition in knowledge.library.transitions.items():
                if viewer.role in transition.roles and other not in possible:
                    with pytest.raises(IllegalTransitionError) as error:
                        await record(viewer, facility_id, other, payload=payloads.get(other, {}))
                    assert error.value.allowed == possible
                    refused += 1
        assert await WorkflowEvent.all().count() == written
        await record(by(who, facility_id), facility_id, kind, payload=payload)
        written += 1
    assert refused == 181


async def test_every_problem_of_a_payload_is_told_at_once(walk: Walk, record: Record) -> None:
    facility_id = await walk("DATA_SUBMITTED")
    wrong = {"channel": "FAX", "grantee": "  ", "to": "x"}
    with pytest.raises(InvalidFieldsError) as refused:
        await record(facility_user(facility_id), facility_id, "SHARED", payload=wrong)
    assert [(problem.field, problem.allowed) for problem in refused.value.problems] == [
        ("channel", "EMAIL_LINK, ACCREDITED_HOST"),
        ("grantee_kind", "BRAND, ACCREDITED_HOST"),
        ("grantee", "text of 1 to 200 characters"),
        ("to", "only channel, grantee_kind, grantee"),
    ]


@pytest.mark.parametrize(
    ("kind", "payload", "field"),
    [
        ("SELF_ASSESSMENT_COMPLETED", {"steps": []}, "steps"),
        ("SELF_ASSESSMENT_COMPLETED", {"steps": [1, 4]}, "steps"),
        ("SELF_ASSESSMENT_COMPLETED", {"steps": [True]}, "steps"),
        ("SELF_ASSESSMENT_COMPLETED", {"steps": "1"}, "steps"),
        ("LINK_REQUESTED", {"gateway_id": "two words"}, "gateway_id"),
        ("LINK_REQUESTED", {}, "gateway_id"),
        ("INTEREST_DECLARED", {"note": "x"}, "note"),
        ("SHARED", {"channel": "ACCREDITED_HOST", **GRANTEE}, "grantee_kind"),
        ("UNSHARED", {"grantee_kind": "BRAND", "grantee": "a\0b"}, "grantee"),
        ("UNSHARED", {"grantee_kind": "BRAND", "grantee": "a\ud800"}, "grantee"),
    ],
)
async def test_a_payload_that_does_not_fit_its_event_is_refused(
    register: Register, record: Record, kind: str, payload: dict[str, object], field: str
) -> None:
    facility_id = (await register()).facility.id
    with pytest.raises(InvalidInputError) as refused:
        await record(facility_user(facility_id), facility_id, kind, payload=payload)
    assert refused.value.field == field
    assert await WorkflowEvent.all().count() == 1


async def test_who_expects_an_older_version_is_told_the_present_one(
    walk: Walk, record: Record
) -> None:
    facility_id = await walk("CYCLE_OPENED")
    own = facility_user(facility_id)
    with pytest.raises(StaleVersionError) as refused:
        await record(own, facility_id, "INTEREST_DECLARED", expected_version=2)
    assert (refused.value.expected, refused.value.current) == (2, 3)
    done = await record(own, facility_id, "INTEREST_DECLARED", expected_version=3)
    assert done.facility.version == 4


async def test_sharing_ends_and_begins_again(walk: Walk, record: Record) -> None:
    facility_id = await walk()
    own = facility_user(facility_id)
    await record(own, facility_id, "UNSHARED", payload=GRANTEE)
    grant = await SharingGrant.get()
    assert grant.revoked_on == TODAY
    with pytest.raises(IllegalTransitionError, match="not shared with this recipient"):
        await record(own, facility_id, "UNSHARED", payload=GRANTEE)
    await record(own, facility_id, "SHARED", payload={"channel": "EMAIL_LINK", **GRANTEE})
    revoked = await SharingGrant.all().order_by("id").values_list("revoked_on", flat=True)
    assert list(revoked) == [TODAY, None]


async def test_possible_events_are_those_of_the_role_whose_guards_hold(
    walk: Walk, knowledge: Knowledge
) -> None:
    facility_id = await walk("PROFILE_SUBMITTED")
    slcp = await possible_events(SLCP, facility_id, now=NOW, knowledge=knowledge)
    assert slcp == (EventKind.PROFILE_APPROVED, EventKind.PROFILE_RETURNED)
    assert await possible_events(HELPDESK, facility_id, now=NOW, knowledge=knowledge) == ()
    with pytest.raises(NotFoundError):
        await possible_events(BRAND, facility_id, now=NOW, knowledge=knowledge)


async def test_what_a_change_did_is_in_the_audit(walk: Walk) -> None:
    facility_id = await walk("ENROLLED")
    rows = await AuditEntry.filter(facility_id=facility_id).order_by("id")
    assert [(row.who, row.role, row.what, row.facility_id) for row in rows] == [
        ("token 1", "PROGRAMME_OFFICER", "FACILITY_REGISTERED", facility_id),
        ("token 1", "PROGRAMME_OFFICER", "ENROLLED", facility_id),
    ]
    start = "VN|UNKNOWN|UNKNOWN|UNKNOWN|NONE|NOT_DECLARED|NONE|NO||NONE|NONE|NONE||"
    assert rows[0].before is None
    assert rows[1].before == {"version": 1, "gateway_id": None, "decision_key": start}
    assert rows[1].after == {
        "version": 2,
        "gateway_id": None,
        "decision_key": start.replace("VN|UNKNOWN", "VN|YES"),
    }


async def test_a_change_reads_the_events_of_the_facility_once(
    walk: Walk, record: Record, statements: list[str]
) -> None:
    facility_id = await walk("FACILITY_REGISTERED")
    statements.clear()
    await record(OFFICER, facility_id, "ENROLLED")
    reads = [text for text in statements if text.startswith("SELECT") and "workflow_event" in text]
    assert len(reads) == 1
    assert len(statements) == 8, "\n".join(statements)
