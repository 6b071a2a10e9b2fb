"""Answers in full for enrolled factories where sharing is open: each situation of a cycle."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kb.content.records import Library
from kb.rules.decide import decide
from kb.rules.facts import ALL_LAYERS
from kb.rules.inputs import (
    AssessmentKind,
    FacilityProfile,
    GatewayProfileState,
    InterestTiming,
    Publication,
    ServiceCycle,
    Ternary,
)
from tests.rules.cases import DAY
from tests.rules.whole_answers import (
    FEES_OF_ENROLLED,
    Expected,
    shown,
)

YES, NO = Ternary.YES, Ternary.NO
LINKED = FacilityProfile(
    country="VN",
    enrolled=YES,
    in_scope=YES,
    gateway_profile=GatewayProfileState.LINKED,
    interest=InterestTiming.BEFORE_ASSESSMENT,
    assessment=AssessmentKind.NONE,
    self_assessed_before=NO,
)
ON_SITE = replace(LINKED, assessment=AssessmentKind.ONSITE)

CASES = {
    "nothing declared": (
        replace(
            LINKED, gateway_profile=GatewayProfileState.NONE, interest=InterestTiming.NOT_DECLARED
        ),
        Expected(
            assessment=(
                "ENROLLED_IN_ROLLOUT_COUNTRY BETTER_WORK no Verifier Steps (1,) 1.4 overlay True"
            ),
            workflow="BETTER_WORK_NEW_PROFILE BW_ENROLLED",
            steps=(
                "DECLARE_INTEREST NEXT, SET_UP_REGISTRATION LATER, SEND_GATEWAY_INVITATION "
                "LATER, SUBMIT_FACILITY_PROFILE LATER, APPROVE_FACILITY_PROFILE LATER, "
                "LOG_IN_TO_CONNECT LATER, COMPLETE_SELF_ASSESSMENT LATER, CARRY_OUT_ASSESSMENT "
                "LATER, POST_REPORT LATER, SUBMIT_DATA LATER, SHARE LATER"
            ),
            actions=(
                "DECLARE_INTEREST FACILITY INTEREST_DECLARED BEFORE_ASSESSMENT "
                "BEFORE_NEXT_SERVICE_CYCLE, SET_UP_REGISTRATION FOCAL_POINT PLATFORM_SET_UP, "
                "SEND_GATEWAY_INVITATION BETTER_WORK GATEWAY_INVITATION_SENT, "
                "SUBMIT_FACILITY_PROFILE FACILITY PROFILE_SUBMITTED BEFORE_ASSESSMENT, "
                "APPROVE_FACILITY_PROFILE SLCP PROFILE_APPROVED, LOG_IN_TO_CONNECT FACILITY "
                "LINKED BEFORE_ASSESSMENT, COMPLETE_SELF_ASSESSMENT FACILITY "
                "SELF_ASSESSMENT_COMPLETED BEFORE_ASSESSMENT, CARRY_OUT_ASSESSMENT BETTER_WORK "
                "ASSESSED, POST_REPORT BETTER_WORK REPORT_POSTED, SUBMIT_DATA BETTER_WORK "
                "DATA_SUBMITTED, SHARE FACILITY SHARED, USE_EXISTING_PROFILE FACILITY "
                "LINK_REQUESTED BEFORE_ASSESSMENT"
            ),
            blockers="INTEREST_NOT_DECLARED NO_GATEWAY_PROFILE SELF_ASSESSMENT_NOT_DONE",
            sharing="INTEREST_FIRST NOT_YET BEFORE_ASSESSMENT EMAIL_LINK ACCREDITED_HOST",
            brand=(
                "BRAND_ASKS_SUPPLIER BRAND_ASKS_FOR_STEPS BRAND_RECEIVES_SHARED_DATA but "
                "BRAND_CANNOT_START_SHARING BRAND_SENDS_NO_VERIFIER "
                "BRAND_NEVER_SAYS_VERIFIED"
            ),
            labels=(
                "1 ALL NO_DATA LABEL_NO_DATA_YET, 2 ALL NO_DATA LABEL_NO_DATA_YET, 3 ALL "
                "NO_DATA LABEL_NO_DATA_YET"
            ),
            fees=FEES_OF_ENROLLED,
            missing="",
            warnings="AMBIGUOUS_SOURCE TWO_DEADLINES Q4",
            faqs=[9, 12, 11, 7, 5, 13, 15, 20, 17, 18, 19, 14, 2, 4, 1, 8, 16, 21, 22],
        ),
    ),
    "linked, not self-assessed": (
        LINKED,
        Expected(
            assessment=(
                "ENROLLED_IN_ROLLOUT_COUNTRY BETTER_WORK no Verifier Steps (1,) 1.4 overlay True"
            ),
            workflow="BETTER_WORK_LINKED LINKED",
            steps=(
                "DECLARE_INTEREST DONE, LINK DONE, COMPLETE_SELF_ASSESSMENT NEXT, "
                "CARRY_OUT_ASSESSMENT LATER, POST_REPORT LATER, SUBMIT_DATA LATER, SHARE LATER"
            ),
            actions=(
                "COMPLETE_SELF_ASSESSMENT FACILITY SELF_ASSESSMENT_COMPLETED BEFORE_ASSESSMENT, "
                "CARRY_OUT_ASSESSMENT BETTER_WORK ASSESSED, POST_REPORT BETTER_WORK "
                "REPORT_POSTED, SUBMIT_DATA BETTER_WORK DATA_SUBMITTED, SHARE FACILITY SHARED"
            ),
            blockers="SELF_ASSESSMENT_NOT_DONE",
            sharing=("SELF_ASSESSMENT_NEXT NOT_YET BEFORE_ASSESSMENT EMAIL_LINK ACCREDITED_HOST"),
            brand=(
                "BRAND_ASKS_FOR_STEPS BRAND_RECEIVES_SHARED_DATA but "
                "BRAND_CANNOT_START_SHARING BRAND_SENDS_NO_VERIFIER "
                "BRAND_NEVER_SAYS_VERIFIED"
            ),
            labels=(
                "1 ALL NO_DATA LABEL_NO_DATA_YET, 2 ALL NO_DATA LABEL_NO_DATA_YET, 3 ALL "
                "NO_DATA LABEL_NO_DATA_YET"
            ),
            fees=FEES_OF_ENROLLED,
            missing="",
            warnings="AMBIGUOUS_SOURCE SELF_ASSESSMENT_MUST_OR_CAN Q5",
            faqs=[11, 15, 20, 7, 5, 13, 17, 18, 19, 14, 2, 4, 1, 8, 16, 21, 22],
        ),
    ),
    "on track": (
        replace(LINKED, self_assessed_before=YES, self_assessment_steps=(1, 2)),
        Expected(
            assessment=(
                "ENROLLED_IN_ROLLOUT_COUNTRY BETTER_WORK no Verifier Steps (1,) 1.4 overlay True"
            ),
            workflow="BETTER_WORK_LINKED SELF_ASSESSED",
            steps=(
                "DECLARE_INTEREST DONE, LINK DONE, COMPLETE_SELF_ASSESSMENT DONE, "
                "CARRY_OUT_ASSESSMENT NEXT, POST_REPORT LATER, SUBMIT_DATA LATER, SHARE LATER"
            ),
            actions=(
                "CARRY_OUT_ASSESSMENT BETTER_WORK ASSESSED, POST_REPORT BETTER_WORK "
                "REPORT_POSTED, SUBMIT_DATA BETTER_WORK DATA_SUBMITTED, SHARE FACILITY SHARED"
            ),
            blockers="",
            sharing="ASSESSMENT_NEXT ON_TRACK EMAIL_LINK ACCREDITED_HOST",
            brand=(
                "BRAND_RECEIVES_SHARED_DATA but BRAND_CANNOT_START_SHARING "
                "BRAND_SENDS_NO_VERIFIER BRAND_NEVER_SAYS_VERIFIED"
            ),
            labels=(
                "1 ALL DRAFT_SELF_ASSESSMENT LABEL_DRAFT, 2 ALL DRAFT_SELF_ASSESSMENT "
                "LABEL_DRAFT, 3 ALL NO_DATA LABEL_NO_DATA_YET"
            ),
            fees=FEES_OF_ENROLLED,
            missing="",
            warnings="",
            faqs=[15, 17, 18, 7, 5, 13, 11, 19, 14, 2, 4, 20, 1, 8, 16, 21, 22],
        ),
    ),
    "link missed": (
        replace(
            ON_SITE,
            gateway_profile=GatewayProfileState.EXISTS_UNLINKED,
            self_assessed_before=YES,
            self_assessment_steps=(1, 2),
        ),
        Expected(
            assessment=(
                "ENROLLED_IN_ROLLOUT_COUNTRY BETTER_WORK no Verifier Steps (1,) 1.4 overlay True"
            ),
            workflow="BETTER_WORK_EXISTING_PROFILE BW_ONLY_THIS_CYCLE",
            steps=(
                "DECLARE_INTEREST DONE, GIVE_GATEWAY_ID MISSED, ADD_GATEWAY_ID MISSED, "
                "COMPLETE_SELF_ASSESSMENT DONE, CARRY_OUT_ASSESSMENT DONE, POST_REPORT LATER, "
                "SUBMIT_DATA NOT_THIS_CYCLE, SHARE NOT_THIS_CYCLE"
            ),
            actions=(
                "RENEW_INTEREST FACILITY INTEREST_DECLARED BEFORE_NEXT_SERVICE_CYCLE, "
                "ASK_ABOUT_LATE_LINK FACILITY, "
                "GIVE_GATEWAY_ID FACILITY LINK_REQUESTED BEFORE_NEXT_ASSESSMENT, "
                "ADD_GATEWAY_ID BETTER_WORK LINKED BEFORE_NEXT_ASSESSMENT, "
                "SELF_ASSESS_NEXT_CYCLE FACILITY "
                "SELF_ASSESSMENT_COMPLETED BEFORE_NEXT_ASSESSMENT"
            ),
            blockers="LINK_MISSED",
            sharing="LINK_TOO_LATE NOT_THIS_CYCLE BEFORE_NEXT_SERVICE_CYCLE",
            brand=(
                "BRAND_ASKS_SUPPLIER BRAND_ASKS_FOR_STEPS BRAND_RECEIVES_SHARED_DATA but "
                "BRAND_CANNOT_START_SHARING BRAND_SENDS_NO_VERIFIER "
                "BRAND_NEVER_SAYS_VERIFIED"
            ),
            labels=(
                "1 ALL BW_PORTAL_ONLY LABEL_PORTAL_LINK, 1 ALL BW_ADVISORY_ONLY LABEL_ADVISORY, "
                "2 ALL BW_PORTAL_ONLY LABEL_ANSWERS_KEPT, 3 ALL NO_DATA LABEL_NO_DATA_STEPS_2_3"
            ),
            fees=FEES_OF_ENROLLED,
            missing="",
            warnings=(
                "AMBIGUOUS_SOURCE LINK_ORDER_STRICT_READING Q6, AMBIGUOUS_SOURCE "
                "MISSED_WINDOW_IS_DERIVED Q7"
            ),
            faqs=[9, 11, 7, 5, 13, 10, 19, 16, 18, 20, 14, 2, 4, 15, 17, 1, 8, 21, 22],
        ),
    ),
    "self-assessment missed": (
        ON_SITE,
        Expected(
            assessment=(
                "ENROLLED_IN_ROLLOUT_COUNTRY BETTER_WORK no Verifier Steps (1,) 1.4 overlay True"
            ),
            workflow="BETTER_WORK_LINKED BW_ONLY_THIS_CYCLE",
            steps=(
                "DECLARE_INTEREST DONE, LINK DONE, COMPLETE_SELF_ASSESSMENT MISSED, "
                "CARRY_OUT_ASSESSMENT DONE, POST_REPORT LATER, SUBMIT_DATA NOT_THIS_CYCLE, "
                "SHARE NOT_THIS_CYCLE"
            ),
            actions=(
                "RENEW_INTEREST FACILITY INTEREST_DECLARED BEFORE_NEXT_SERVICE_CYCLE, "
                "SELF_ASSESS_NEXT_CYCLE FACILITY SELF_ASSESSMENT_COMPLETED "
                "BEFORE_NEXT_ASSESSMENT"
            ),
            blockers="SELF_ASSESSMENT_MISSED",
            sharing="SELF_ASSESSMENT_TOO_LATE NOT_THIS_CYCLE BEFORE_NEXT_SERVICE_CYCLE",
            brand=(
                "BRAND_ASKS_SUPPLIER BRAND_ASKS_FOR_STEPS BRAND_RECEIVES_SHARED_DATA but "
                "BRAND_CANNOT_START_SHARING BRAND_SENDS_NO_VERIFIER "
                "BRAND_NEVER_SAYS_VERIFIED"
            ),
            labels=(
                "1 ALL BW_PORTAL_ONLY LABEL_PORTAL_NOT_SELF_ASSESSED, 1 ALL BW_ADVISORY_ONLY "
                "LABEL_ADVISORY, 2 ALL NO_DATA LABEL_NO_DATA_STEPS_2_3, 3 ALL NO_DATA "
                "LABEL_NO_DATA_STEPS_2_3"
            ),
            fees=FEES_OF_ENROLLED,
            missing="",
            warnings="AMBIGUOUS_SOURCE MISSED_WINDOW_IS_DERIVED Q7",
            faqs=[11, 7, 5, 13, 19, 16, 18, 20, 14, 2, 4, 15, 17, 1, 8, 21, 22],
        ),
    ),
    "interest declared too late": (
        replace(ON_SITE, interest=InterestTiming.AFTER_ASSESSMENT),
        Expected(
            assessment=(
                "ENROLLED_IN_ROLLOUT_COUNTRY BETTER_WORK no Verifier Steps (1,) 1.4 overlay True"
            ),
            workflow="BETTER_WORK_LINKED BW_ONLY_THIS_CYCLE",
            steps=(
                "DECLARE_INTEREST MISSED, LINK DONE, COMPLETE_SELF_ASSESSMENT MISSED, "
                "CARRY_OUT_ASSESSMENT DONE, POST_REPORT LATER, SUBMIT_DATA NOT_THIS_CYCLE, "
                "SHARE NOT_THIS_CYCLE"
            ),
            actions=(
                "SELF_ASSESS_NEXT_CYCLE FACILITY SELF_ASSESSMENT_COMPLETED BEFORE_NEXT_ASSESSMENT"
            ),
            blockers="WINDOW_MISSED",
            sharing="INTEREST_TOO_LATE NOT_THIS_CYCLE BEFORE_NEXT_ASSESSMENT",
            brand=(
                "BRAND_ASKS_FOR_STEPS BRAND_RECEIVES_SHARED_DATA but "
                "BRAND_CANNOT_START_SHARING BRAND_SENDS_NO_VERIFIER "
                "BRAND_NEVER_SAYS_VERIFIED"
            ),
            labels=(
                "1 ALL BW_PORTAL_ONLY LABEL_PORTAL_INTEREST, 1 ALL BW_ADVISORY_ONLY "
                "LABEL_ADVISORY, 2 ALL NO_DATA LABEL_NO_DATA_STEPS_2_3, 3 ALL NO_DATA "
                "LABEL_NO_DATA_STEPS_2_3"
            ),
            fees=FEES_OF_ENROLLED,
            missing="",
            warnings="AMBIGUOUS_SOURCE MISSED_WINDOW_IS_DERIVED Q7",
            faqs=[11, 9, 7, 5, 13, 12, 19, 16, 18, 20, 14, 2, 4, 15, 17, 1, 8, 21, 22],
        ),
    ),
    "assessed, Steps of the self-assessment unknown": (
        replace(ON_SITE, self_assessed_before=YES),
        Expected(
            assessment=(
                "ENROLLED_IN_ROLLOUT_COUNTRY BETTER_WORK no Verifier Steps (1,) 1.4 overlay True"
            ),
            workflow="BETTER_WORK_LINKED ASSESSED",
            steps=(
                "DECLARE_INTEREST DONE, LINK DONE, COMPLETE_SELF_ASSESSMENT DONE, "
                "CARRY_OUT_ASSESSMENT DONE, POST_REPORT NEXT, SUBMIT_DATA LATER, SHARE LATER"
            ),
            actions=(
                "POST_REPORT BETTER_WORK REPORT_POSTED, SUBMIT_DATA BETTER_WORK DATA_SUBMITTED, "
                "SHARE FACILITY SHARED"
            ),
            blockers="",
            sharing="ALL_DONE_ON_SITE SHAREABLE_NOW EMAIL_LINK ACCREDITED_HOST",
            brand=(
                "BRAND_RECEIVES_SHARED_DATA but BRAND_CANNOT_START_SHARING "
                "BRAND_SENDS_NO_VERIFIER BRAND_NEVER_SAYS_VERIFIED"
            ),
            labels=(
                "1 ALL BW_ASSESSED_STEP1 LABEL_BETTER_WORK_ON_SITE, 1 ALL SELF_STEP1 "
                "LABEL_SELF_BESIDE_ON_SITE, 1 ALL BW_ADVISORY_ONLY LABEL_ADVISORY, 2 ALL "
                "UNDETERMINED LABEL_SELF_ASSESSMENT_UNKNOWN, 3 ALL UNDETERMINED "
                "LABEL_SELF_ASSESSMENT_UNKNOWN"
            ),
            fees=FEES_OF_ENROLLED,
            missing="1 SELF_ASSESSMENT_STEPS 3.0",
            warnings="",
            faqs=[19, 7, 5, 13, 11, 18, 17, 15, 16, 14, 2, 4, 20, 1, 8, 21, 22],
        ),
    ),
    "assessed, self-assessment unknown": (
        replace(ON_SITE, self_assessed_before=Ternary.UNKNOWN),
        Expected(
            assessment=(
                "ENROLLED_IN_ROLLOUT_COUNTRY BETTER_WORK no Verifier Steps (1,) 1.4 overlay True"
            ),
            workflow="BETTER_WORK_LINKED UNKNOWN",
            steps=(
                "DECLARE_INTEREST DONE, LINK DONE, COMPLETE_SELF_ASSESSMENT NOT_RECORDED, "
                "CARRY_OUT_ASSESSMENT DONE, POST_REPORT LATER, SUBMIT_DATA LATER, SHARE LATER"
            ),
            actions="CONFIRM_SELF_ASSESSMENT FACILITY",
            blockers="",
            sharing="SHARING_DEPENDS_ON_WHAT_WAS_DONE UNDETERMINED",
            brand=(
                "BRAND_ASKS_FOR_STEPS BRAND_RECEIVES_SHARED_DATA but "
                "BRAND_CANNOT_START_SHARING BRAND_SENDS_NO_VERIFIER "
                "BRAND_NEVER_SAYS_VERIFIED"
            ),
            labels=(
                "1 ALL UNDETERMINED LABEL_SELF_ASSESSMENT_UNKNOWN, 2 ALL UNDETERMINED "
                "LABEL_SELF_ASSESSMENT_UNKNOWN, 3 ALL UNDETERMINED "
                "LABEL_SELF_ASSESSMENT_UNKNOWN"
            ),
            fees=FEES_OF_ENROLLED,
            missing="1 SELF_ASSESSED_BEFORE 1.0",
            warnings="",
            faqs=[11, 7, 5, 13, 14, 2, 4, 15, 20, 17, 18, 19, 1, 8, 16, 21, 22],
        ),
    ),
    "on the Gateway after a check": (
        replace(
            LINKED,
            assessment=AssessmentKind.VCC,
            self_assessed_before=YES,
            self_assessment_steps=(1, 3),
            publication=Publication.DATA_SUBMITTED,
            service_cycle=ServiceCycle.OPEN,
        ),
        Expected(
            assessment=(
                "ENROLLED_IN_ROLLOUT_COUNTRY BETTER_WORK no Verifier Steps (1,) 1.4 overlay True"
            ),
            workflow="BETTER_WORK_LINKED ON_GATEWAY",
            steps=(
                "DECLARE_INTEREST DONE, LINK DONE, COMPLETE_SELF_ASSESSMENT DONE, "
                "CARRY_OUT_ASSESSMENT DONE, POST_REPORT DONE, SUBMIT_DATA DONE, SHARE NEXT"
            ),
            actions="SHARE FACILITY SHARED",
            blockers="",
            sharing="ON_GATEWAY_VCC SHAREABLE_NOW EMAIL_LINK ACCREDITED_HOST",
            brand=(
                "BRAND_RECEIVES_SHARED_DATA but BRAND_CANNOT_START_SHARING "
                "BRAND_SENDS_NO_VERIFIER BRAND_NEVER_SAYS_VERIFIED"
            ),
            labels=(
                "1 IN_VCC_SUBSET BW_VCC_STEP1 LABEL_VCC, 1 IN_VCC_SUBSET PUBLIC_REPORTED "
                "LABEL_PUBLIC_REPORTED, 1 OUTSIDE_VCC_SUBSET SELF_STEP1_OUTSIDE_VCC "
                "LABEL_OUTSIDE_VCC, 2 ALL NO_DATA LABEL_NO_DATA_STEPS_2_3, 3 ALL ENHANCED_SELF "
                "LABEL_ENHANCED_SELF"
            ),
            fees=FEES_OF_ENROLLED,
            missing="",
            warnings="",
            faqs=[11, 19, 7, 5, 13, 23, 22, 18, 20, 14, 2, 4, 15, 17, 1, 8, 16, 21],
        ),
    ),
}


@pytest.mark.parametrize(("profile", "expected"), CASES.values(), ids=CASES)
def test_every_field_of_an_answer(
    library: Library, profile: FacilityProfile, expected: Expected
) -> None:
    assert shown(decide(profile, library.rulebook, DAY, ALL_LAYERS)) == expected
