"""Which questions are open, what they settle, and how answers are named."""

from __future__ import annotations

from typing import Any

import pytest

from kb.rules.codes import (
    BlockerCode,
    DataLabelCode,
    FeeCharge,
    FeeCode,
    ProfileQuestion,
    SharingStatus,
)
from kb.rules.facts import ALL_LAYERS
from kb.rules.inputs import (
    AssessedBy,
    AssessmentKind,
    FacilityProfile,
    GatewayProfileState,
    InterestTiming,
    Ternary,
)
from kb.rules.match_rows import match_rows
from kb.rules.missing import answer_code, outcome_of, unanswered_questions, worth_asking
from kb.rules.rulebook import Rulebook
from tests.rules.cases import DAY

YES, NO = Ternary.YES, Ternary.NO
Q = ProfileQuestion
ENROLLED = FacilityProfile("VN", YES)
SELF_ASSESSED = FacilityProfile(
    "VN",
    YES,
    gateway_profile=GatewayProfileState.LINKED,
    interest=InterestTiming.BEFORE_ASSESSMENT,
    assessment=AssessmentKind.NONE,
    self_assessed_before=YES,
)
FACTORIES = {Q.ENROLLED: (YES, NO), Q.IN_SCOPE: (YES, NO), Q.CAPACITY_AVAILABLE: (YES, NO)}
STEPS = ((1,), (1, 2), (1, 3), (1, 2, 3))


@pytest.mark.parametrize(
    ("question", "answer", "code"),
    [
        (Q.ENROLLED, YES, "ANSWER_YES"),
        (Q.SELF_ASSESSED_BEFORE, NO, "ANSWER_NO"),
        (
            Q.GATEWAY_PROFILE,
            GatewayProfileState.EXISTS_UNLINKED,
            "ANSWER_GATEWAY_PROFILE_EXISTS_UNLINKED",
        ),
        (Q.ASSESSMENT, AssessmentKind.VCC, "ANSWER_ASSESSMENT_VCC"),
        (Q.SELF_ASSESSMENT_STEPS, (1, 3), "ANSWER_SELF_ASSESSMENT_STEPS_13"),
    ],
)
def test_an_answer_is_named_by_its_question_but_for_yes_and_no(
    rulebook: Rulebook, question: ProfileQuestion, answer: Any, code: str
) -> None:
    assert answer_code(question, answer) == code
    assert code in rulebook.statements


@pytest.mark.parametrize(
    ("profile", "questions"),
    [
        (FacilityProfile("VN"), FACTORIES),
        (
            ENROLLED,
            {
                Q.GATEWAY_PROFILE: ("NONE", "EXISTS_UNLINKED", "LINKED"),
                Q.INTEREST_DECLARED: ("NOT_DECLARED", "BEFORE_ASSESSMENT", "AFTER_ASSESSMENT"),
                Q.ASSESSMENT: ("NONE", "ONSITE", "VCC"),
                Q.SELF_ASSESSED_BEFORE: (YES, NO),
            },
        ),
        (SELF_ASSESSED, {Q.SELF_ASSESSMENT_STEPS: STEPS}),
        (FacilityProfile("VN", NO, YES), {Q.CAPACITY_AVAILABLE: (YES, NO)}),
        # That it was assessed tells that it is enrolled.
        (
            FacilityProfile("VN", assessment=AssessmentKind.ONSITE, self_assessed_before=NO),
            {
                Q.GATEWAY_PROFILE: ("NONE", "EXISTS_UNLINKED", "LINKED"),
                Q.INTEREST_DECLARED: ("NOT_DECLARED", "BEFORE_ASSESSMENT", "AFTER_ASSESSMENT"),
            },
        ),
    ],
)
def test_what_is_not_known_is_open_with_the_answers_it_may_get(
    profile: FacilityProfile, questions: dict[ProfileQuestion, tuple[Any, ...]]
) -> None:
    assert list(unanswered_questions(profile).items()) == list(questions.items())


@pytest.mark.parametrize(
    ("profile", "ranked"),
    [
        (
            FacilityProfile("VN"),
            [(Q.ENROLLED, 1.5), (Q.IN_SCOPE, 0.5), (Q.CAPACITY_AVAILABLE, 0.5)],
        ),
        (
            ENROLLED,
            [
                (Q.INTEREST_DECLARED, 18.67),
                (Q.ASSESSMENT, 18.67),
                (Q.SELF_ASSESSED_BEFORE, 14.0),
                (Q.GATEWAY_PROFILE, 12.0),
            ],
        ),
        (FacilityProfile("PK", NO), [(Q.IN_SCOPE, 0.5), (Q.CAPACITY_AVAILABLE, 0.5)]),
        (FacilityProfile("VN", NO, NO), []),
    ],
)
def test_questions_are_ranked_by_how_many_outcomes_fall_away(
    rulebook: Rulebook, profile: FacilityProfile, ranked: list[tuple[ProfileQuestion, float]]
) -> None:
    assert list(worth_asking(profile, rulebook, DAY, ALL_LAYERS)) == ranked


def test_answers_are_compared_by_assessor_sharing_blockers_labels_and_fees(
    rulebook: Rulebook,
) -> None:
    linked = FacilityProfile(
        "VN", YES, gateway_profile=GatewayProfileState.LINKED, assessment=AssessmentKind.NONE
    )
    assert outcome_of(match_rows(FacilityProfile("VN", NO), rulebook, DAY, ALL_LAYERS)) == (
        AssessedBy.UNDETERMINED,
        SharingStatus.UNDETERMINED,
        (BlockerCode.NEEDS_SCOPE,),
        ((DataLabelCode.UNDETERMINED,),) * 4,
        (
            (FeeCode.GATEWAY_REGISTRATION, FeeCharge.NONE),
            (FeeCode.HOST_SHARING, FeeCharge.POSSIBLE),
            (FeeCode.BETTER_WORK_SERVICE, FeeCharge.NOT_STATED),
            (FeeCode.VERIFICATION, FeeCharge.NOT_STATED),
        ),
    )
    assert outcome_of(match_rows(linked, rulebook, DAY, frozenset()))[4] == ()
