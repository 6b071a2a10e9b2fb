"""What follows from the events of a facility."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from kb.errors import InvalidInputError
from kb.rules.events import (
    Event,
    EventKind,
    yes_or_no,
)
from kb.rules.folding import GRANTING, fold, fold_cycles, fold_grants
from kb.rules.inputs import (
    AssessmentKind,
    GatewayProfileState,
    InterestTiming,
    Publication,
    Registration,
    ServiceCycle,
    Ternary,
)
from tests.rules.happened import (
    APPROVED,
    BY_LINK,
    CLOSED,
    DECLARED,
    FIRST_DAY,
    LINKED,
    ON_SITE,
    OPENED,
    READY,
    REPORTED,
    SELF_ASSESSED,
    SHARED,
    SUBMITTED_DATA,
    UNSHARED,
    VCC,
    Happened,
    after,
    days,
)


def test_without_events_nothing_is_known() -> None:
    state = fold("VN", [])
    assert (
        state.profile.key
        == "VN|UNKNOWN|UNKNOWN|UNKNOWN|NONE|NOT_DECLARED|NONE|NO||NONE|NONE|NONE||"
    )
    assert (state.cycle, state.opened_on, state.closed_on) == (0, None, None)
    assert state.last_sequence == 0
    assert state.standing["interest_ever"] == "NO"


def test_a_facility_remembers_its_last_event_and_that_interest_was_ever_declared() -> None:
    state = after(OPENED, *READY, ON_SITE)
    assert state.last_sequence == 6
    assert (state.standing["interest_open"], state.standing["interest_ever"]) == ("NO", "YES")


def test_the_last_event_is_the_one_recorded_last_though_it_happened_before_others() -> None:
    earlier = Event(EventKind.ENROLLED, FIRST_DAY, 2)
    later = Event(EventKind.CYCLE_OPENED, FIRST_DAY + timedelta(days=1), 1)
    assert fold("VN", [later, earlier]).last_sequence == 2


def test_interest_after_the_assessment_is_a_step_towards_the_next_cycle() -> None:
    state = after(OPENED, LINKED, ON_SITE, DECLARED)
    assert state.step_dates["DECLARE_INTEREST_NEXT_CYCLE"] == FIRST_DAY + timedelta(days=3)
    assert "DECLARE_INTEREST" not in state.step_dates


def test_a_self_assessment_may_name_no_steps() -> None:
    profile = after(OPENED, LINKED, EventKind.SELF_ASSESSMENT_COMPLETED).profile
    assert (profile.self_assessed_before, profile.self_assessment_steps) == (Ternary.YES, ())


def test_enrolment_is_known_from_joining() -> None:
    assert after(EventKind.FACILITY_REGISTERED).profile.enrolled is Ternary.UNKNOWN
    assert after(EventKind.ENROLLED).profile.enrolled is Ternary.YES


def test_a_facility_routed_to_a_verifier_body_is_not_enrolled() -> None:
    assert after(EventKind.ROUTED_TO_VERIFIER_BODY).profile.enrolled is Ternary.NO


def test_eligibility_changes_only_what_it_names() -> None:
    profile = after(
        (EventKind.ELIGIBILITY_RECORDED, {"enrolled": "NO", "in_scope": "YES"}),
        (EventKind.ELIGIBILITY_RECORDED, {"capacity_available": "NO"}),
    ).profile
    assert (profile.enrolled, profile.in_scope, profile.capacity_available) == (
        Ternary.NO,
        Ternary.YES,
        Ternary.NO,
    )


def test_interest_before_the_assessment_counts_as_before() -> None:
    assert after(OPENED, DECLARED, ON_SITE).profile.interest is InterestTiming.BEFORE_ASSESSMENT


def test_interest_after_the_assessment_counts_as_after() -> None:
    assert after(OPENED, ON_SITE, DECLARED).profile.interest is InterestTiming.AFTER_ASSESSMENT


def test_interest_after_the_assessment_counts_as_before_in_the_next_cycle() -> None:
    state = after(OPENED, ON_SITE, DECLARED, OPENED)
    assert state.profile.interest is InterestTiming.BEFORE_ASSESSMENT
    assert state.step_dates == {"DECLARE_INTEREST": date(2025, 1, 3)}


def test_interest_that_an_assessment_used_does_not_last_into_the_next_cycle() -> None:
    profile = after(OPENED, DECLARED, ON_SITE, OPENED).profile
    assert profile.interest is InterestTiming.NOT_DECLARED


def test_interest_renewed_after_the_assessment_lasts_into_the_next_cycle() -> None:
    happened = (OPENED, DECLARED, ON_SITE, DECLARED)
    assert after(*happened).profile.interest is InterestTiming.BEFORE_ASSESSMENT
    assert after(*happened, OPENED).profile.interest is InterestTiming.BEFORE_ASSESSMENT


def test_interest_that_no_assessment_used_lasts_into_the_next_cycle() -> None:
    assert after(DECLARED, OPENED, OPENED).profile.interest is InterestTiming.BEFORE_ASSESSMENT


def test_a_new_cycle_forgets_assessment_and_self_assessment_but_not_the_link() -> None:
    profile = after(OPENED, *READY, ON_SITE, REPORTED, OPENED).profile
    assert profile.assessment is AssessmentKind.NONE
    assert profile.self_assessed_before is Ternary.NO
    assert profile.self_assessment_steps == ()
    assert profile.publication is Publication.NONE
    assert profile.gateway_profile is GatewayProfileState.LINKED


def test_an_approved_profile_exists_unlinked_until_it_is_linked() -> None:
    assert after(APPROVED).profile.gateway_profile is GatewayProfileState.EXISTS_UNLINKED
    assert after(APPROVED, LINKED).profile.gateway_profile is GatewayProfileState.LINKED


def test_a_link_made_after_the_assessment_does_not_reach_back() -> None:
    happened = (OPENED, DECLARED, APPROVED, SELF_ASSESSED, ON_SITE, LINKED)
    assert after(*happened).profile.gateway_profile is GatewayProfileState.EXISTS_UNLINKED
    assert after(*happened, OPENED).profile.gateway_profile is GatewayProfileState.LINKED


def test_without_interest_in_time_a_late_link_is_shown_for_the_next_cycle() -> None:
    assert after(OPENED, ON_SITE, LINKED).profile.gateway_profile is GatewayProfileState.LINKED


def test_a_self_assessment_finished_after_the_assessment_does_not_count() -> None:
    for declared in ((DECLARED,), ()):
        profile = after(OPENED, *declared, APPROVED, LINKED, ON_SITE, SELF_ASSESSED).profile
        assert profile.self_assessed_before is Ternary.NO
        assert profile.self_assessment_steps == ()


def test_a_self_assessment_before_the_assessment_counts_with_its_steps() -> None:
    profile = after(OPENED, *READY, VCC).profile
    key = "VN|UNKNOWN|UNKNOWN|UNKNOWN|LINKED|BEFORE_ASSESSMENT|VCC|YES|12|NONE|NONE|OPEN||"
    assert profile.key == key


def test_the_first_assessment_of_a_cycle_settles_it() -> None:
    profile = after(OPENED, VCC, DECLARED, ON_SITE).profile
    assert profile.assessment is AssessmentKind.VCC
    assert profile.interest is InterestTiming.AFTER_ASSESSMENT


@pytest.mark.parametrize(
    ("happened", "registration"),
    [
        ((EventKind.PLATFORM_SET_UP,), Registration.PLATFORM_SET_UP),
        (
            (EventKind.GATEWAY_INVITATION_SENT, EventKind.PLATFORM_SET_UP),
            Registration.GATEWAY_INVITED,
        ),
        ((EventKind.PROFILE_SUBMITTED,), Registration.PROFILE_SUBMITTED),
        ((EventKind.PROFILE_SUBMITTED, EventKind.PROFILE_RETURNED), Registration.NONE),
        (
            (
                EventKind.GATEWAY_INVITATION_SENT,
                EventKind.PROFILE_SUBMITTED,
                EventKind.PROFILE_RETURNED,
            ),
            Registration.GATEWAY_INVITED,
        ),
        (
            (EventKind.PROFILE_SUBMITTED, APPROVED, EventKind.PROFILE_RETURNED),
            Registration.PROFILE_SUBMITTED,
        ),
        ((APPROVED, EventKind.LINK_REQUESTED), Registration.LINK_REQUESTED),
        ((APPROVED, EventKind.LINK_REQUESTED, LINKED), Registration.NONE),
        ((EventKind.PROFILE_SUBMITTED, OPENED), Registration.PROFILE_SUBMITTED),
        ((EventKind.PROFILE_SUBMITTED, OPENED, ON_SITE, REPORTED), Registration.PROFILE_SUBMITTED),
    ],
)
def test_the_registration_stands_at_its_furthest_step_until_it_is_linked(
    happened: tuple[Happened, ...], registration: Registration
) -> None:
    assert after(*happened).profile.registration is registration


@pytest.mark.parametrize(
    ("happened", "publication"),
    [
        ((OPENED, *READY, ON_SITE), Publication.NONE),
        ((OPENED, *READY, ON_SITE, REPORTED), Publication.REPORT_POSTED),
        ((OPENED, *READY, ON_SITE, SUBMITTED_DATA, REPORTED), Publication.DATA_SUBMITTED),
        ((OPENED, *READY, ON_SITE, SUBMITTED_DATA, SHARED), Publication.SHARED),
        ((OPENED, *READY, ON_SITE, SUBMITTED_DATA, SHARED, UNSHARED), Publication.DATA_SUBMITTED),
        ((OPENED, *READY, ON_SITE, SHARED, OPENED), Publication.NONE),
    ],
)
def test_report_and_data_stand_at_their_furthest_step(
    happened: tuple[Happened, ...], publication: Publication
) -> None:
    assert after(*happened).profile.publication is publication


@pytest.mark.parametrize(
    ("happened", "cycle"),
    [
        ((), ServiceCycle.NONE),
        ((OPENED,), ServiceCycle.OPEN),
        ((OPENED, CLOSED), ServiceCycle.CLOSED),
        ((OPENED, CLOSED, OPENED), ServiceCycle.OPEN),
    ],
)
def test_a_service_cycle_is_open_until_it_is_closed(
    happened: tuple[Happened, ...], cycle: ServiceCycle
) -> None:
    state = after(*happened)
    assert state.profile.service_cycle is cycle
    assert state.standing["cycle"] is cycle


def test_a_self_assessment_ends_with_a_cycle_that_had_no_assessment() -> None:
    state = after(OPENED, *READY, CLOSED)
    assert state.profile.self_assessed_before is Ternary.NO
    assert state.profile.self_assessment_steps == ()
    assert "COMPLETE_SELF_ASSESSMENT" not in state.step_dates


def test_a_self_assessment_that_an_assessment_used_outlasts_the_end_of_the_cycle() -> None:
    state = after(OPENED, *READY, ON_SITE, CLOSED)
    assert state.profile.self_assessed_before is Ternary.YES
    assert "COMPLETE_SELF_ASSESSMENT" in state.step_dates


def test_a_facility_that_has_left_better_work_has_no_assessment_of_the_cycle_it_left() -> None:
    left = (EventKind.ELIGIBILITY_RECORDED, {"enrolled": "NO"})
    state = after(EventKind.ENROLLED, OPENED, *READY, ON_SITE, left)
    assert state.profile.assessment is AssessmentKind.NONE
    assert state.profile.self_assessed_before is Ternary.NO
    assert state.profile.self_assessment_steps == ()
    assert state.standing["assessed"] == "NO"


def test_a_facility_that_was_assessed_stays_enrolled_unless_it_is_said_to_have_left() -> None:
    unknown = (EventKind.ELIGIBILITY_RECORDED, {"enrolled": "UNKNOWN"})
    assert after(EventKind.ENROLLED, unknown).profile.enrolled is Ternary.UNKNOWN
    assert after(EventKind.ENROLLED, OPENED, ON_SITE, unknown).profile.enrolled is Ternary.YES


def test_what_holds_for_the_next_cycle_is_told_only_where_it_differs() -> None:
    missed = (OPENED, DECLARED, APPROVED, ON_SITE)
    profile = after(*missed).profile
    assert (profile.gateway_now, profile.interest_next) == (None, None)
    profile = after(*missed, LINKED, DECLARED).profile
    assert (profile.gateway_now, profile.interest_next) == (
        GatewayProfileState.LINKED,
        Ternary.YES,
    )


def test_a_facility_registered_with_a_gateway_id_has_a_profile() -> None:
    with_id = (EventKind.FACILITY_REGISTERED, {"gateway_id": "GW-1"})
    assert after(with_id).profile.gateway_profile is GatewayProfileState.EXISTS_UNLINKED
    assert after((EventKind.FACILITY_REGISTERED, {})).profile.gateway_profile == "NONE"


def test_a_facility_that_hands_over_a_gateway_id_has_a_profile() -> None:
    state = after((EventKind.LINK_REQUESTED, {"gateway_id": "DEMO-GW-1"}))
    assert state.profile.gateway_profile is GatewayProfileState.EXISTS_UNLINKED


def test_a_profile_that_is_approved_anew_stays_linked() -> None:
    state = after(*READY, APPROVED)
    assert state.profile.gateway_profile is GatewayProfileState.LINKED


def test_an_assessed_facility_is_enrolled_to_the_guards_of_its_next_event() -> None:
    state = after(OPENED, ON_SITE)
    assert state.profile.enrolled is Ternary.UNKNOWN
    assert state.standing["enrolled"] == "YES"


def test_a_returned_profile_and_withdrawn_data_are_no_longer_steps_taken() -> None:
    submitted = (EventKind.PROFILE_SUBMITTED, {})
    state = after(
        DECLARED, EventKind.GATEWAY_INVITATION_SENT, submitted, EventKind.PROFILE_RETURNED
    )
    assert sorted(state.step_dates) == ["DECLARE_INTEREST", "SEND_GATEWAY_INVITATION"]
    assert state.profile.registration is Registration.GATEWAY_INVITED
    assert after(submitted, EventKind.PROFILE_RETURNED).profile.registration is Registration.NONE
    assert after(EventKind.PROFILE_RETURNED).step_dates == {}
    shared = after(OPENED, *READY, ON_SITE, SHARED)
    withdrawn = after(OPENED, *READY, ON_SITE, SHARED, UNSHARED)
    assert shared.step_dates.keys() - withdrawn.step_dates.keys() == {"SHARE"}


def test_yes_and_no_are_answers_of_guards() -> None:
    assert (yes_or_no(True), yes_or_no(False)) == (Ternary.YES, Ternary.NO)


def test_steps_are_dated_by_their_events() -> None:
    state = after(EventKind.ENROLLED, OPENED, DECLARED, EventKind.PLATFORM_SET_UP, APPROVED, LINKED)
    assert state.step_dates == {
        "REGISTER_WITH_BETTER_WORK": date(2025, 1, 1),
        "DECLARE_INTEREST": date(2025, 1, 3),
        "SET_UP_REGISTRATION": date(2025, 1, 4),
        "APPROVE_FACILITY_PROFILE": date(2025, 1, 5),
        "LINK": date(2025, 1, 6),
        "LOG_IN_TO_CONNECT": date(2025, 1, 6),
    }


def test_a_link_asked_for_with_a_gateway_id_is_made_by_hand() -> None:
    dates = after(APPROVED, EventKind.LINK_REQUESTED, LINKED).step_dates
    assert "ADD_GATEWAY_ID" in dates
    assert "LOG_IN_TO_CONNECT" not in dates


def test_events_are_taken_by_day_and_then_by_sequence() -> None:
    day = date(2025, 5, 5)
    late = Event(EventKind.INTEREST_DECLARED, day, 9)
    assessed = Event(EventKind.ASSESSED, day, 2, {"kind": "ONSITE"})
    opened = Event(EventKind.CYCLE_OPENED, date(2025, 5, 4), 10)
    assert fold("VN", [late, assessed, opened]).profile.interest is InterestTiming.AFTER_ASSESSMENT


@pytest.mark.parametrize(
    ("day", "interest", "assessment"),
    [
        (date(2025, 1, 1), InterestTiming.NOT_DECLARED, AssessmentKind.NONE),
        (date(2025, 1, 2), InterestTiming.BEFORE_ASSESSMENT, AssessmentKind.NONE),
        (date(2025, 1, 3), InterestTiming.BEFORE_ASSESSMENT, AssessmentKind.ONSITE),
    ],
)
def test_a_day_in_the_past_knows_only_what_had_happened(
    day: date, interest: InterestTiming, assessment: AssessmentKind
) -> None:
    profile = fold("VN", days(OPENED, DECLARED, ON_SITE), day).profile
    assert (profile.interest, profile.assessment) == (interest, assessment)


def test_each_cycle_has_its_last_state() -> None:
    first, second = fold_cycles(
        "VN", days(EventKind.ENROLLED, OPENED, ON_SITE, EventKind.CYCLE_CLOSED, OPENED)
    )
    assert (first.cycle, first.opened_on, first.closed_on) == (
        1,
        date(2025, 1, 2),
        date(2025, 1, 4),
    )
    assert first.profile.assessment is AssessmentKind.ONSITE
    assert (second.cycle, second.opened_on, second.closed_on) == (2, date(2025, 1, 5), None)
    assert second.profile.assessment is AssessmentKind.NONE


def test_grants_follow_from_events_of_three_kinds_in_whatever_order_those_come() -> None:
    by_host = {**BY_LINK, "channel": "ACCREDITED_HOST"}
    other = {**BY_LINK, "grantee": "Other"}
    happened = days(
        *(EventKind.ENROLLED, OPENED, (EventKind.SHARED, BY_LINK), (EventKind.SHARED, by_host)),
        *((EventKind.SHARED, other), ON_SITE, (EventKind.UNSHARED, other), OPENED),
        *((EventKind.SHARED, other), (EventKind.SHARED, BY_LINK), EventKind.CYCLE_CLOSED),
    )
    events = list(happened)
    grants = fold("VN", events).grants
    assert [(grant.grantee, grant.channel, grant.cycle) for grant in grants] == [
        (BY_LINK["grantee"], "EMAIL_LINK", 2),
        (BY_LINK["grantee"], "ACCREDITED_HOST", 1),
        ("Other", "EMAIL_LINK", 2),
    ]
    granting = [event for event in events if event.kind in GRANTING]
    assert len(granting) == 8
    assert fold_grants(granting[::-1]) == fold_grants(granting) == grants


@pytest.mark.parametrize(
    ("happened", "message"),
    [
        (
            (EventKind.ASSESSED, {"kind": "REMOTE"}),
            "ASSESSED.kind: 'REMOTE' is not valid. Allowed: ONSITE, VCC.",
        ),
        (
            (EventKind.ASSESSED, {}),
            "ASSESSED.kind: 'None' is not valid. Allowed: ONSITE, VCC.",
        ),
        (
            (EventKind.ELIGIBILITY_RECORDED, {"in_scope": "MAYBE"}),
            "ELIGIBILITY_RECORDED.in_scope: 'MAYBE' is not valid. Allowed: YES, NO, UNKNOWN.",
        ),
        (
            (EventKind.SELF_ASSESSMENT_COMPLETED, {"steps": [4]}),
            "selfAssessmentSteps: '4' is not valid. Allowed: 1, 2 and 3.",
        ),
        (
            (EventKind.SHARED, {**BY_LINK, "channel": "FAX"}),
            "SHARED.channel: 'FAX' is not valid. Allowed: EMAIL_LINK, ACCREDITED_HOST.",
        ),
    ],
)
def test_a_payload_that_does_not_fit_is_refused(happened: Happened, message: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        after(happened)
    assert str(refused.value) == message
