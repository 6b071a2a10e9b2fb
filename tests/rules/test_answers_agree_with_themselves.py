"""What an answer says, what it asks for and by when agree, at each point of a service cycle."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kb.content.records import Library
from kb.rules.codes import ActionDeadline, SharingStatus
from kb.rules.counterfactual import Goal, what_would_change
from kb.rules.decide import decide
from kb.rules.events import EventKind
from kb.rules.facts import ALL_LAYERS
from kb.rules.folding import fold
from kb.rules.inputs import (
    AssessmentKind,
    FacilityProfile,
    GatewayProfileState,
    InterestTiming,
    Publication,
    Registration,
    ServiceCycle,
    Ternary,
)
from kb.rules.outcomes import Applicability
from tests.rules.cases import DAY
from tests.rules.happened import (
    APPROVED,
    CLOSED,
    DECLARED,
    LINKED,
    ON_SITE,
    OPENED,
    READY,
    REPORTED,
    SHARED,
    SUBMITTED_DATA,
    Happened,
    days,
)
from tests.rules.letters import TODAY, write

ENROLLED = EventKind.ENROLLED
REQUESTED = (EventKind.LINK_REQUESTED, {"gateway_id": "DEMO-GW-1"})
BY_MESSAGE = (
    *(EventKind.PLATFORM_SET_UP, EventKind.GATEWAY_INVITATION_SENT, EventKind.PROFILE_SUBMITTED),
    APPROVED,
)
YES, NO, UNKNOWN = Ternary.YES, Ternary.NO, Ternary.UNKNOWN
BEFORE = InterestTiming.BEFORE_ASSESSMENT
UNDECLARED = FacilityProfile(
    "VN",
    YES,
    gateway_profile=GatewayProfileState.NONE,
    interest=InterestTiming.NOT_DECLARED,
    assessment=AssessmentKind.NONE,
    self_assessed_before=NO,
)
SHAREABLE = replace(
    UNDECLARED,
    gateway_profile=GatewayProfileState.LINKED,
    interest=BEFORE,
    assessment=AssessmentKind.ONSITE,
    self_assessed_before=YES,
)


def answer(library: Library, profile: FacilityProfile) -> Applicability:
    return decide(profile, library.rulebook, DAY, ALL_LAYERS)


def after(library: Library, *happened: Happened | EventKind, country: str = "VN") -> Applicability:
    return answer(library, fold(country, days(ENROLLED, *happened)).profile)


def actions(answer: Applicability) -> str:
    return " ".join(action.code for action in answer.workflow.next_actions)


def steps(answer: Applicability) -> str:
    return " ".join(f"{step.code}:{step.state}" for step in answer.workflow.steps)


@pytest.mark.parametrize("cycle", ServiceCycle)
def test_interest_is_due_before_the_assessment_of_a_cycle_that_has_started(
    library: Library, cycle: ServiceCycle
) -> None:
    """The start of the next cycle is an earlier moment only before this one has started."""
    profile = replace(UNDECLARED, service_cycle=cycle)
    started = cycle is ServiceCycle.OPEN
    advised = None if started else ActionDeadline.BEFORE_NEXT_SERVICE_CYCLE
    found, text = write(library, profile)
    first = found.workflow.next_actions[0]
    assert (first.code, first.deadline, first.advised) == (
        *("DECLARE_INTEREST", ActionDeadline.BEFORE_ASSESSMENT),
        advised,
    )
    assert found.workflow.steps[0].advised is advised
    (brand,) = [
        may.deadline for may in found.sharing.brand_may if may.because == "BRAND_ASKS_SUPPLIER"
    ]
    assert brand is (advised or ActionDeadline.BEFORE_ASSESSMENT)
    moment = (
        "before the assessment"
        if started
        else "before the next service cycle starts, and at the latest before the assessment"
    )
    assert f"1. Tell Better Work that the factory wants to share (the facility, {moment})." in text
    goal = Goal(sharing=SharingStatus.SHAREABLE_NOW)
    ways = what_would_change(profile, goal, library.rulebook, TODAY, ALL_LAYERS).sets
    assert [(way[0].code, way[0].advised) for way in ways] == [("DECLARE_INTEREST", advised)]


def test_deadlines_for_interest_are_told_apart_only_to_who_has_not_declared_it(
    library: Library,
) -> None:
    unknown = replace(UNDECLARED, gateway_profile=GatewayProfileState.UNKNOWN, interest=BEFORE)
    assert answer(library, unknown).warnings == ()
    told = {warning.because for warning in answer(library, UNDECLARED).warnings}
    assert told == {"TWO_DEADLINES"}


@pytest.mark.parametrize(
    ("assessment", "publication", "covers_step_1", "because"),
    [
        (AssessmentKind.NONE, Publication.NONE, "ASSESSMENT_NEXT", None),
        (AssessmentKind.ONSITE, Publication.NONE, "ALL_DONE_ON_SITE", None),
        (AssessmentKind.VCC, Publication.REPORT_POSTED, "REPORTED_VCC", None),
        (AssessmentKind.ONSITE, Publication.DATA_SUBMITTED, "ON_GATEWAY_ON_SITE", "as before"),
        (AssessmentKind.VCC, Publication.SHARED, "SHARED_VCC", "as before"),
    ],
)
def test_no_summary_calls_all_done_where_the_self_assessment_leaves_out_step_1(
    library: Library,
    assessment: AssessmentKind,
    publication: Publication,
    covers_step_1: str,
    because: str | None,
) -> None:
    """What is on the Gateway is there; before that, FAQ 11 read strictly leaves it open."""
    profile = replace(SHAREABLE, assessment=assessment, publication=publication)
    whole = replace(profile, self_assessment_steps=(1, 2))
    assert answer(library, whole).sharing.because == covers_step_1
    left_out = answer(library, replace(profile, self_assessment_steps=(2,)))
    done = "ASSESSMENT_NEXT" if assessment is AssessmentKind.NONE else "ALL_DONE"
    assert left_out.sharing.because == (covers_step_1 if because else f"{done}_WITHOUT_STEP_1")
    if because is None:
        assert "is for the country programme to say" in left_out.sharing.text


@pytest.mark.parametrize(
    ("registration", "because", "first", "warned"),
    [
        (Registration.NONE, "GATEWAY_PROFILE_NEXT", "SET_UP_REGISTRATION", True),
        (Registration.PLATFORM_SET_UP, "GATEWAY_MESSAGE_NEXT", "SEND_GATEWAY_INVITATION", False),
        (Registration.GATEWAY_INVITED, "FACILITY_PROFILE_NEXT", "SUBMIT_FACILITY_PROFILE", False),
        (
            Registration.PROFILE_SUBMITTED,
            "PROFILE_APPROVAL_NEXT",
            "APPROVE_FACILITY_PROFILE",
            False,
        ),
    ],
)
def test_the_summary_names_what_comes_next_of_the_gateway_profile(
    library: Library, registration: Registration, because: str, first: str, warned: bool
) -> None:
    """That registering all takes 12 months is no news to who is registered (FAQ 9)."""
    found = answer(library, replace(UNDECLARED, interest=BEFORE, registration=registration))
    assert found.sharing.because == because
    assert found.workflow.next_actions[0].code == first
    assert [warning.because for warning in found.warnings] == ["TWELVE_MONTHS_IS_NO_DATE"] * warned


@pytest.mark.parametrize("assessment", [AssessmentKind.ONSITE, AssessmentKind.VCC])
def test_the_summary_has_the_report_posted_only_where_it_is_not(
    library: Library, assessment: AssessmentKind
) -> None:
    said = {}
    for publication in (Publication.NONE, Publication.REPORT_POSTED):
        found = answer(library, replace(SHAREABLE, assessment=assessment, publication=publication))
        said[publication] = (
            found.workflow.next_actions[0].code,
            "First Better Work posts its report and sends the data" in found.sharing.text,
            "the report is on the Better Work portal. Next Better Work sends" in found.sharing.text,
        )
    assert said == {
        Publication.NONE: ("POST_REPORT", True, False),
        Publication.REPORT_POSTED: ("SUBMIT_DATA", False, True),
    }


def test_a_profile_that_is_submitted_is_not_submitted_again_to_reach_a_goal(
    library: Library,
) -> None:
    profile = replace(UNDECLARED, interest=BEFORE, service_cycle=ServiceCycle.OPEN)
    goal = Goal(sharing=SharingStatus.SHAREABLE_NOW)
    ways = {}
    for registration in (Registration.GATEWAY_INVITED, Registration.PROFILE_SUBMITTED):
        found = what_would_change(
            replace(profile, registration=registration), goal, library.rulebook, DAY, ALL_LAYERS
        )
        (way,) = found.sets
        ways[registration] = " ".join(action.code for action in way)
    rest = "APPROVE_FACILITY_PROFILE LINK COMPLETE_SELF_ASSESSMENT CARRY_OUT_ASSESSMENT"
    assert ways == {
        Registration.GATEWAY_INVITED: f"SUBMIT_FACILITY_PROFILE {rest}",
        Registration.PROFILE_SUBMITTED: rest,
    }


def test_the_late_link_is_asked_about_and_the_report_posted_before_the_cycle_is_closed(
    library: Library,
) -> None:
    late = (OPENED, DECLARED, REQUESTED, ON_SITE, LINKED, DECLARED)
    rest = "OPEN_NEXT_SERVICE_CYCLE SELF_ASSESS_NEXT_CYCLE"
    report = "POST_REPORT_BEFORE_CLOSING"
    assert actions(after(library, *late)) == (
        f"ASK_ABOUT_LATE_LINK {report} CLOSE_SERVICE_CYCLE {rest}"
    )
    assert actions(after(library, *late, CLOSED)) == f"ASK_ABOUT_LATE_LINK {report} {rest}"
    assert actions(after(library, *late, REPORTED)) == (
        f"ASK_ABOUT_LATE_LINK CLOSE_SERVICE_CYCLE {rest}"
    )
    assert actions(after(library, *late[:-1], REPORTED)) == (
        f"RENEW_INTEREST ASK_ABOUT_LATE_LINK CLOSE_SERVICE_CYCLE {rest}"
    )


def test_every_step_that_makes_the_link_is_due_before_the_assessment(library: Library) -> None:
    """FAQ 11, whoever takes it."""
    this, following = ActionDeadline.BEFORE_ASSESSMENT, ActionDeadline.BEFORE_NEXT_ASSESSMENT
    for happened, code, deadline in (
        ((OPENED, DECLARED, REQUESTED), "ADD_GATEWAY_ID", this),
        ((OPENED, DECLARED, REQUESTED, ON_SITE), "ADD_GATEWAY_ID", following),
        ((OPENED, DECLARED), "USE_EXISTING_PROFILE", this),
        ((OPENED, DECLARED, ON_SITE), "USE_EXISTING_PROFILE", following),
    ):
        by_code = {
            action.code: action for action in after(library, *happened).workflow.next_actions
        }
        assert by_code[code].deadline is deadline, happened
        assert "11.before-assessment" in [cited.passage for cited in by_code[code].citations]


def test_a_link_that_came_late_is_missed_on_the_way_that_it_came(library: Library) -> None:
    end = (
        "COMPLETE_SELF_ASSESSMENT:MISSED CARRY_OUT_ASSESSMENT:DONE POST_REPORT:LATER "
        "SUBMIT_DATA:NOT_THIS_CYCLE SHARE:NOT_THIS_CYCLE"
    )
    by_message = (OPENED, DECLARED, *BY_MESSAGE, ON_SITE)
    for happened in (by_message, (*by_message, LINKED)):
        found = after(library, *happened)
        assert found.workflow.route == "BETTER_WORK_NEW_PROFILE"
        assert steps(found) == (
            "DECLARE_INTEREST:DONE SET_UP_REGISTRATION:DONE SEND_GATEWAY_INVITATION:DONE "
            "SUBMIT_FACILITY_PROFILE:DONE APPROVE_FACILITY_PROFILE:DONE LOG_IN_TO_CONNECT:MISSED "
            f"{end}"
        )
    by_hand = (OPENED, DECLARED, REQUESTED, ON_SITE)
    for happened in (by_hand, (*by_hand, LINKED)):
        assert steps(after(library, *happened)) == (
            f"DECLARE_INTEREST:DONE GIVE_GATEWAY_ID:DONE ADD_GATEWAY_ID:MISSED {end}"
        )


def test_nothing_for_sharing_was_missed_where_sharing_is_not_open(library: Library) -> None:
    for country in ("PK", "BR"):
        assert steps(after(library, OPENED, ON_SITE, country=country)) == (
            "ASK_ABOUT_SIGN_OFF:NEXT WAIT_FOR_SIGN_OFF:LATER DECLARE_INTEREST:LATER"
        )


@pytest.mark.parametrize(
    ("enrolled", "in_scope", "capacity", "expected"),
    [
        (UNKNOWN, UNKNOWN, UNKNOWN, "ASK_ABOUT_ENROLMENT REGISTER_IF_POSSIBLE"),
        (UNKNOWN, NO, UNKNOWN, "ASK_ABOUT_ENROLMENT FOLLOW_STANDARD_SLCP_PROCESS_IF_NOT_ENROLLED"),
        (UNKNOWN, YES, NO, "ASK_ABOUT_ENROLMENT FOLLOW_STANDARD_SLCP_PROCESS_IF_NOT_ENROLLED"),
        (NO, UNKNOWN, YES, "ASK_ABOUT_CAPACITY REGISTER_IF_POSSIBLE"),
        (NO, YES, UNKNOWN, "ASK_ABOUT_CAPACITY REGISTER_WITH_BETTER_WORK"),
    ],
)
def test_nobody_is_told_to_register_who_cannot_or_asked_what_is_known(
    library: Library, enrolled: Ternary, in_scope: Ternary, capacity: Ternary, expected: str
) -> None:
    assert actions(answer(library, FacilityProfile("VN", enrolled, in_scope, capacity))) == expected


@pytest.mark.parametrize("country", ["VN", "PK", "BR"])
def test_enrolled_and_out_of_scope_is_a_gap_of_the_table_in_every_country(
    library: Library, country: str
) -> None:
    def told(in_scope: Ternary) -> list[str]:
        found = answer(library, FacilityProfile(country, YES, in_scope))
        return [warning.because for warning in found.warnings]

    assert told(NO)[:1] == ["ENROLLED_OUT_OF_SCOPE_NOT_IN_TABLE"]
    assert "ENROLLED_OUT_OF_SCOPE_NOT_IN_TABLE" not in told(YES) + told(UNKNOWN)


def test_where_there_is_a_law_overlay_is_cited_where_none_is_said_to_be(library: Library) -> None:
    """Only the list of FAQ 4 tells; support that is intended does not."""
    for country in ("PK", "IN"):
        tool = answer(library, FacilityProfile(country, NO, NO)).assessment.tool
        assert "there is no Law Overlay" in tool.text
        assert "4.countries" in [citation.passage for citation in tool.citations]


def test_what_was_told_for_an_earlier_cycle_is_not_denied(library: Library) -> None:
    again = after(library, OPENED, DECLARED, ON_SITE, CLOSED, OPENED)
    assert again.workflow.blockers[0].text == (
        "The factory has not told Better Work that it wants to share the data of this service "
        "cycle."
    )
    assert again.workflow.next_actions[0].asks[-1] == (
        "If it told it for an earlier cycle, tell it again; whether that still counts is not "
        "stated."
    )


def test_after_a_cycle_whose_data_is_shared_interest_is_told_again_before_the_next_starts(
    library: Library,
) -> None:
    """FAQ 12; whether the earlier word lasts is not stated, whatever became of that cycle."""
    shared = (OPENED, *READY, ON_SITE, REPORTED, SUBMITTED_DATA, SHARED)
    assert actions(after(library, *shared)) == ""
    for happened, expected in (
        ((*shared, CLOSED), "RENEW_INTEREST_AFTER_SHARING"),
        ((*shared[:-1], CLOSED), "SHARE RENEW_INTEREST_AFTER_SHARING"),
    ):
        closed = after(library, *happened)
        assert actions(closed) == expected
        assert steps(closed).endswith("RENEW_INTEREST_AFTER_SHARING:NEXT") == (
            expected[:5] != "SHARE"
        )
        renewal = closed.workflow.next_actions[-1]
        assert renewal.deadline is ActionDeadline.BEFORE_NEXT_SERVICE_CYCLE
        assert closed.sharing.deadline is None
        asked = [(may.because, may.deadline) for may in closed.sharing.brand_may]
        assert asked[0] == ("BRAND_ASKS_SUPPLIER", ActionDeadline.BEFORE_NEXT_SERVICE_CYCLE)
    again = after(library, *shared, CLOSED, DECLARED)
    assert actions(again) == ""
    assert [may.because for may in again.sharing.brand_may] == ["BRAND_RECEIVES_SHARED_DATA"]


def test_why_a_faq_matters_is_said_alike_before_and_after_its_deadline(library: Library) -> None:
    late = replace(SHAREABLE, interest=InterestTiming.AFTER_ASSESSMENT)
    for profile in (UNDECLARED, late):
        said = {faq.number: faq.text for faq in answer(library, profile).faqs}
        assert said[12] == (
            "This says by when the enrolled facility has to tell Better Work that it wants to "
            "share, and what a brand can do for it."
        )
        assert "still" not in said[9]
