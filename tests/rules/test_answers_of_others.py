"""Answers in full for facilities that are not enrolled, or where sharing is not open."""

from __future__ import annotations

import pytest

from kb.content.records import Library
from kb.rules.decide import decide
from kb.rules.facts import ALL_LAYERS
from kb.rules.inputs import (
    AssessmentKind,
    FacilityProfile,
    Ternary,
)
from tests.rules.cases import DAY
from tests.rules.whole_answers import (
    FEES_OF_ENROLLED,
    FEES_OF_UNDETERMINED,
    Expected,
    shown,
)

YES, NO = Ternary.YES, Ternary.NO

CASES = {
    "capacity unknown": (
        FacilityProfile(country="VN", enrolled=NO, in_scope=YES),
        Expected(
            assessment=(
                "IN_SCOPE_CAPACITY_UNKNOWN BETTER_WORK provisional else VERIFIER_BODY Steps "
                "(1,) 1.4 overlay True"
            ),
            workflow="JOIN_BETTER_WORK BW_REGISTRATION_ADVISED",
            steps=(
                "ASK_ABOUT_CAPACITY NEXT, REGISTER_WITH_BETTER_WORK LATER, DECLARE_INTEREST LATER"
            ),
            actions=(
                "ASK_ABOUT_CAPACITY FACILITY ELIGIBILITY_RECORDED, REGISTER_WITH_BETTER_WORK "
                "FACILITY ENROLLED IN_NEXT_SERVICE_CYCLE"
            ),
            blockers="NOT_ENROLLED",
            sharing="SHARING_AFTER_ENROLMENT NOT_YET EMAIL_LINK ACCREDITED_HOST",
            brand="BRAND_ASKS_TO_ENROL but BRAND_CANNOT_START_SHARING",
            labels=(
                "1 ALL NO_DATA LABEL_NO_DATA_BEFORE_ENROLMENT, 2 ALL NO_DATA "
                "LABEL_NO_DATA_BEFORE_ENROLMENT, 3 ALL NO_DATA LABEL_NO_DATA_BEFORE_ENROLMENT"
            ),
            fees=(
                "BETTER_WORK_SERVICE STARTS_WITH_ENROLMENT FACILITY, GATEWAY_REGISTRATION NONE, "
                "HOST_SHARING POSSIBLE FACILITY, VERIFICATION NOT_STATED"
            ),
            missing="1 CAPACITY_AVAILABLE 1.0",
            warnings=(
                "CAPACITY_UNKNOWN CAPACITY_NOT_KNOWN Q2, AMBIGUOUS_SOURCE "
                "GENERAL_PROCESS_OR_BETTER_WORK Q3"
            ),
            faqs=[7, 8, 5, 14, 2, 4, 1],
        ),
    ),
    "Verifier Body": (
        FacilityProfile(country="VN", enrolled=NO, in_scope=NO),
        Expected(
            assessment="OUT_OF_SCOPE_IN_ROLLOUT_COUNTRY VERIFIER_BODY 1.4 overlay True",
            workflow="VERIFIER_BODY VB_ROUTE",
            steps="FOLLOW_STANDARD_SLCP_PROCESS NEXT",
            actions="FOLLOW_STANDARD_SLCP_PROCESS FACILITY",
            blockers="",
            sharing="SHARING_BY_STANDARD_PROCESS NOT_APPLICABLE",
            brand="BRAND_ASKS_FOR_SLCP_ASSESSMENT but BRAND_SENDS_NOTHING_TO_BETTER_WORK",
            labels=(
                "1 ALL SLCP_VERIFIED LABEL_SLCP_VERIFIED, 2 ALL SLCP_VERIFIED "
                "LABEL_SLCP_VERIFIED, 3 ALL SLCP_VERIFIED LABEL_SLCP_VERIFIED"
            ),
            fees=(
                "GATEWAY_REGISTRATION NONE, HOST_SHARING POSSIBLE FACILITY, VERIFICATION "
                "NOT_STATED, BETTER_WORK_SERVICE NOT_APPLICABLE"
            ),
            missing="",
            warnings="",
            faqs=[5, 7, 2, 4, 6, 14, 1],
        ),
    ),
    "only the country": (
        FacilityProfile(country="VN"),
        Expected(
            assessment="ENROLMENT_OR_SCOPE_UNKNOWN UNDETERMINED 1.4 overlay True",
            workflow="UNDETERMINED UNKNOWN",
            steps="",
            actions=(
                "ASK_ABOUT_ENROLMENT FACILITY ELIGIBILITY_RECORDED, REGISTER_IF_POSSIBLE "
                "FACILITY ENROLLED IN_NEXT_SERVICE_CYCLE"
            ),
            blockers="NEEDS_ENROLMENT",
            sharing="SHARING_NEEDS_ASSESSOR UNDETERMINED",
            brand="BRAND_ASKS_ABOUT_ENROLMENT but BRAND_SENDS_NO_VERIFIER_IF_ENROLLED",
            labels=(
                "1 ALL UNDETERMINED LABEL_UNDETERMINED, 2 ALL UNDETERMINED LABEL_UNDETERMINED, "
                "3 ALL UNDETERMINED LABEL_UNDETERMINED"
            ),
            fees=FEES_OF_UNDETERMINED,
            missing="1 ENROLLED 1.5, 2 IN_SCOPE 0.5, 3 CAPACITY_AVAILABLE 0.5",
            warnings="",
            faqs=[7, 8, 5, 2, 4, 1],
        ),
    ),
    "enrolled, state of the cycle unknown": (
        FacilityProfile(country="VN", enrolled=YES),
        Expected(
            assessment=(
                "ENROLLED_IN_ROLLOUT_COUNTRY BETTER_WORK no Verifier Steps (1,) 1.4 overlay True"
            ),
            workflow="BETTER_WORK_PROFILE_UNKNOWN UNKNOWN",
            steps=(
                "DECLARE_INTEREST NOT_RECORDED, LINK NOT_RECORDED, COMPLETE_SELF_ASSESSMENT "
                "NOT_RECORDED, CARRY_OUT_ASSESSMENT NOT_RECORDED, POST_REPORT LATER, "
                "SUBMIT_DATA LATER, SHARE LATER"
            ),
            actions=(
                "CONFIRM_ASSESSMENT FACILITY, CONFIRM_INTEREST FACILITY, "
                "CONFIRM_GATEWAY_PROFILE FACILITY, CONFIRM_SELF_ASSESSMENT FACILITY"
            ),
            blockers="",
            sharing="ASSESSMENT_UNKNOWN UNDETERMINED",
            brand=(
                "BRAND_ASKS_SUPPLIER BRAND_ASKS_FOR_STEPS BRAND_RECEIVES_SHARED_DATA but "
                "BRAND_CANNOT_START_SHARING BRAND_SENDS_NO_VERIFIER "
                "BRAND_NEVER_SAYS_VERIFIED"
            ),
            labels=(
                "1 ALL UNDETERMINED LABEL_ASSESSMENT_UNKNOWN, 2 ALL UNDETERMINED "
                "LABEL_ASSESSMENT_UNKNOWN, 3 ALL UNDETERMINED LABEL_ASSESSMENT_UNKNOWN"
            ),
            fees=FEES_OF_ENROLLED,
            missing=(
                "1 INTEREST_DECLARED 18.67, 2 ASSESSMENT 18.67, 3 SELF_ASSESSED_BEFORE 14.0, 4 "
                "GATEWAY_PROFILE 12.0"
            ),
            warnings="",
            faqs=[11, 7, 5, 13, 18, 14, 2, 4, 15, 20, 17, 19, 1, 8, 16, 21, 22],
        ),
    ),
    "country not signed off": (
        FacilityProfile(country="PK", enrolled=YES),
        Expected(
            assessment=(
                "ENROLLED_IN_PENDING_COUNTRY BETTER_WORK no Verifier Steps (1,) overlay False"
            ),
            workflow="WAIT_FOR_COUNTRY WAITING_FOR_COUNTRY",
            steps=("ASK_ABOUT_SIGN_OFF NEXT, WAIT_FOR_SIGN_OFF LATER, DECLARE_INTEREST LATER"),
            actions="ASK_ABOUT_SIGN_OFF FACILITY, WAIT_FOR_SIGN_OFF NATIONAL_CONSTITUENTS",
            blockers="COUNTRY_NOT_ROLLED_OUT",
            sharing="SHARING_WAITS_FOR_COUNTRY NOT_THIS_CYCLE",
            brand=(
                "BRAND_ASKS_ABOUT_COUNTRY but BRAND_WAITS_WITH_V14 "
                "BRAND_CANNOT_START_SHARING "
                "BRAND_SENDS_NO_VERIFIER BRAND_NEVER_SAYS_VERIFIED"
            ),
            labels=(
                "1 ALL UNDETERMINED LABEL_ASSESSMENT_UNKNOWN, 2 ALL UNDETERMINED "
                "LABEL_ASSESSMENT_UNKNOWN, 3 ALL UNDETERMINED LABEL_ASSESSMENT_UNKNOWN"
            ),
            fees=FEES_OF_ENROLLED,
            missing="1 ASSESSMENT 4.0, 2 SELF_ASSESSED_BEFORE 3.0",
            warnings="",
            faqs=[2, 5, 7, 14, 4, 1, 8, 22],
        ),
    ),
    "no Better Work": (
        FacilityProfile(country="IN"),
        Expected(
            assessment="NO_BETTER_WORK_IN_COUNTRY VERIFIER_BODY 1.4 overlay False",
            workflow="VERIFIER_BODY VB_ROUTE",
            steps="FOLLOW_STANDARD_SLCP_PROCESS NEXT",
            actions="FOLLOW_STANDARD_SLCP_PROCESS FACILITY",
            blockers="",
            sharing="SHARING_BY_STANDARD_PROCESS NOT_APPLICABLE",
            brand="BRAND_ASKS_FOR_SLCP_ASSESSMENT but BRAND_SENDS_NOTHING_TO_BETTER_WORK",
            labels=(
                "1 ALL SLCP_VERIFIED LABEL_SLCP_VERIFIED, 2 ALL SLCP_VERIFIED "
                "LABEL_SLCP_VERIFIED, 3 ALL SLCP_VERIFIED LABEL_SLCP_VERIFIED"
            ),
            fees=(
                "GATEWAY_REGISTRATION NONE, HOST_SHARING POSSIBLE FACILITY, VERIFICATION "
                "NOT_STATED, BETTER_WORK_SERVICE NOT_APPLICABLE"
            ),
            missing="",
            warnings=(
                "NO_LAW_OVERLAY NO_LAW_OVERLAY_IN_COUNTRY, AMBIGUOUS_SOURCE "
                "LAUNCH_OR_AVAILABILITY Q21"
            ),
            faqs=[5, 3, 6, 14, 4, 2],
        ),
    ),
    "enrolled where there is no Better Work": (
        FacilityProfile(country="IN", enrolled=YES),
        Expected(
            assessment="BETTER_WORK_WITHOUT_PROGRAMME UNDETERMINED 1.4 overlay False",
            workflow="CONTRADICTORY UNKNOWN",
            steps="",
            actions="CORRECT_COUNTRY_OR_ENROLMENT USER ELIGIBILITY_RECORDED",
            blockers="CONTRADICTORY_INPUT",
            sharing="SHARING_NEEDS_ASSESSOR UNDETERMINED",
            brand="BRAND_ASKS_WHAT_IS_RIGHT but BRAND_SENDS_NO_VERIFIER_IF_ENROLLED",
            labels=(
                "1 ALL UNDETERMINED LABEL_UNDETERMINED, 2 ALL UNDETERMINED LABEL_UNDETERMINED, "
                "3 ALL UNDETERMINED LABEL_UNDETERMINED"
            ),
            fees=FEES_OF_UNDETERMINED,
            missing="",
            warnings="",
            faqs=[7, 3, 4, 2],
        ),
    ),
    "not named": (
        FacilityProfile(country="BR"),
        Expected(
            assessment="COUNTRY_NOT_NAMED UNDETERMINED overlay None",
            workflow="COUNTRY_NOT_NAMED UNKNOWN",
            steps="",
            actions="CHECK_GATEWAY_COUNTRY_LIST FACILITY",
            blockers="COUNTRY_UNKNOWN",
            sharing="SHARING_NEEDS_ASSESSOR UNDETERMINED",
            brand=(
                "BRAND_LOOKS_UP_COUNTRY BRAND_ASKS_ABOUT_ENROLMENT "
                "but BRAND_SENDS_NO_VERIFIER_IF_ENROLLED"
            ),
            labels=(
                "1 ALL UNDETERMINED LABEL_UNDETERMINED, 2 ALL UNDETERMINED LABEL_UNDETERMINED, "
                "3 ALL UNDETERMINED LABEL_UNDETERMINED"
            ),
            fees=FEES_OF_UNDETERMINED,
            missing="1 ENROLLED 1.0",
            warnings="",
            faqs=[2, 3],
        ),
    ),
    "enrolled, not named": (
        FacilityProfile(country="BR", enrolled=YES),
        Expected(
            assessment=(
                "ENROLLED_IN_COUNTRY_NOT_NAMED BETTER_WORK no Verifier Steps (1,) overlay None"
            ),
            workflow="WAIT_FOR_COUNTRY WAITING_FOR_COUNTRY",
            steps=("ASK_ABOUT_SIGN_OFF NEXT, WAIT_FOR_SIGN_OFF LATER, DECLARE_INTEREST LATER"),
            actions="ASK_ABOUT_SIGN_OFF FACILITY, WAIT_FOR_SIGN_OFF NATIONAL_CONSTITUENTS",
            blockers="COUNTRY_NOT_ROLLED_OUT",
            sharing="SHARING_NOT_OPEN_IN_COUNTRY NOT_THIS_CYCLE",
            brand=(
                "BRAND_ASKS_ABOUT_COUNTRY but BRAND_WAITS_WITH_V14 "
                "BRAND_CANNOT_START_SHARING "
                "BRAND_SENDS_NO_VERIFIER BRAND_NEVER_SAYS_VERIFIED"
            ),
            labels=(
                "1 ALL UNDETERMINED LABEL_ASSESSMENT_UNKNOWN, 2 ALL UNDETERMINED "
                "LABEL_ASSESSMENT_UNKNOWN, 3 ALL UNDETERMINED LABEL_ASSESSMENT_UNKNOWN"
            ),
            fees=FEES_OF_ENROLLED,
            missing="1 ASSESSMENT 4.0, 2 SELF_ASSESSED_BEFORE 3.0",
            warnings="",
            faqs=[2, 7, 14, 3, 8],
        ),
    ),
    "assessed though not enrolled": (
        FacilityProfile(country="VN", enrolled=NO, assessment=AssessmentKind.ONSITE),
        Expected(
            assessment="ASSESSED_WITHOUT_ENROLMENT UNDETERMINED 1.4 overlay True",
            workflow="CONTRADICTORY UNKNOWN",
            steps="",
            actions="CORRECT_ASSESSMENT_OR_ENROLMENT USER ELIGIBILITY_RECORDED",
            blockers="CONTRADICTORY_INPUT",
            sharing="SHARING_NEEDS_ASSESSOR UNDETERMINED",
            brand="BRAND_ASKS_WHAT_IS_RIGHT but BRAND_SENDS_NO_VERIFIER_IF_ENROLLED",
            labels=(
                "1 ALL UNDETERMINED LABEL_UNDETERMINED, 2 ALL UNDETERMINED LABEL_UNDETERMINED, "
                "3 ALL UNDETERMINED LABEL_UNDETERMINED"
            ),
            fees=FEES_OF_UNDETERMINED,
            missing="",
            warnings="",
            faqs=[7, 5, 2, 4, 1, 8],
        ),
    ),
}


@pytest.mark.parametrize(("profile", "expected"), CASES.values(), ids=CASES)
def test_every_field_of_an_answer(
    library: Library, profile: FacilityProfile, expected: Expected
) -> None:
    assert shown(decide(profile, library.rulebook, DAY, ALL_LAYERS)) == expected
