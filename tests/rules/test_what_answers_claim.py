"""No answer claims more than what is known for its facility on its day, whatever is asked."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice

import pytest

from kb.content.records import Library
from kb.rules.codes import (
    ActionDeadline,
    BlockerCode,
    DataLabelCode,
    FeeCharge,
    FeeCode,
    SharingStatus,
)
from kb.rules.decide import decide
from kb.rules.events import EventKind
from kb.rules.evidence import KnowledgeLayer
from kb.rules.facts import ALL_LAYERS
from kb.rules.folding import fold
from kb.rules.inputs import (
    ASSESSED,
    AssessedBy,
    AssessmentKind,
    CountryKind,
    FacilityProfile,
    GatewayProfileState,
    InterestTiming,
    Publication,
    ServiceCycle,
    Ternary,
)
from kb.rules.outcomes import Applicability
from tests.rules.cases import every_profile
from tests.rules.happened import ON_SITE, OPENED, READY, REPORTED, SHARED, SUBMITTED_DATA, days
from tests.rules.letters import TODAY, row_letters, write

SHARED_FAQS = frozenset({KnowledgeLayer.SHARED_FAQS_2021})
SOME = [*islice(every_profile((1, 2)), 0, None, 59), *islice(every_profile((2,)), 7, None, 97)]

SHAREABLE = FacilityProfile(
    "VN",
    Ternary.YES,
    gateway_profile=GatewayProfileState.LINKED,
    interest=InterestTiming.BEFORE_ASSESSMENT,
    assessment=AssessmentKind.ONSITE,
    self_assessed_before=Ternary.YES,
    self_assessment_steps=(1,),
)


@pytest.fixture(scope="module")
def answers(library: Library) -> list[Applicability]:
    return [decide(profile, library.rulebook, TODAY, ALL_LAYERS) for profile in SOME]


def test_where_a_verifier_body_may_have_to_come_its_price_is_left_open(
    answers: list[Applicability],
) -> None:
    provisional = [answer for answer in answers if answer.assessment.provisional]
    assert provisional
    for answer in provisional:
        (verification,) = [fee for fee in answer.fees if fee.code is FeeCode.VERIFICATION]
        assert verification.charge is FeeCharge.NOT_STATED
        assert verification.text.startswith("If Better Work has no room for the factory, ")


def test_no_draft_is_said_to_be_shareable_later_where_sharing_is_not_open(
    answers: list[Applicability],
) -> None:
    said = {
        (answer.country.kind is CountryKind.ROLLOUT, label.text.rpartition(", because ")[2][:20])
        for answer in answers
        for label in answer.data_labels
        if label.code is DataLabelCode.DRAFT_SELF_ASSESSMENT
    }
    assert said == {(True, "A draft self-assessm"), (False, "sharing is not known")}


def test_step_1_that_was_left_out_does_not_contradict_that_data_can_be_shared(
    library: Library,
) -> None:
    profile = replace(SHAREABLE, self_assessment_steps=(2,))
    answer = decide(profile, library.rulebook, TODAY, ALL_LAYERS)
    assert answer.sharing.status is SharingStatus.SHAREABLE_NOW
    assert "on a strict reading, because the self-assessment leaves out" in (
        answer.data_labels[0].text
    )
    missed = replace(profile, interest=InterestTiming.NOT_DECLARED)
    answer = decide(missed, library.rulebook, TODAY, ALL_LAYERS)
    assert "strict reading" not in answer.data_labels[0].text


def test_after_an_assessment_a_brand_is_not_sent_to_ask_for_what_had_to_come_before_it(
    answers: list[Applicability],
) -> None:
    late = [
        answer.profile.key
        for answer in answers
        if answer.profile.with_what_follows().assessment in ASSESSED
        for statement in answer.sharing.brand_may
        if statement.deadline is ActionDeadline.BEFORE_ASSESSMENT
    ]
    assert late == []


@pytest.mark.slow
@pytest.mark.parametrize("day", [date(2020, 6, 1), date(2021, 4, 15), date(2024, 5, 1), TODAY])
def test_who_assesses_is_not_forgotten_when_later_pages_are_asked_too(
    library: Library, day: date
) -> None:
    """But for a country where those pages say that the answers contradict each other."""
    rules = library.rulebook
    for profile in islice(every_profile((1,)), 0, None, 211):
        for country in ("VN", "PK", "IN", "BR", "KH", "JO"):
            there = replace(profile, country=country)
            alone = decide(there, rules, day, SHARED_FAQS).assessment.assessed_by
            both = decide(there, rules, day, ALL_LAYERS)
            contradicts = BlockerCode.CONTRADICTORY_INPUT in {
                blocker.code for blocker in both.workflow.blockers
            }
            assert contradicts or alone in (AssessedBy.UNDETERMINED, both.assessment.assessed_by)


def test_of_an_early_day_only_what_its_country_cannot_change_is_told(library: Library) -> None:
    rules, day = library.rulebook, date(2024, 5, 1)
    for enrolled, because in (
        (Ternary.YES, "ENROLLED_IN_COUNTRY_NOT_NAMED"),
        (Ternary.NO, "DAY_NOT_COVERED"),
        (Ternary.UNKNOWN, "DAY_NOT_COVERED"),
    ):
        answer = decide(FacilityProfile("JO", enrolled), rules, day, ALL_LAYERS)
        assert answer.assessment.because == because
    assert [question.input for question in answer.missing] == ["ENROLLED"]
    before = decide(FacilityProfile("VN", Ternary.YES), rules, date(2021, 9, 30), ALL_LAYERS)
    assert (before.assessment.because, before.missing) == ("DAY_NOT_COVERED", ())


def test_a_letter_of_a_day_before_its_rules_says_that_they_came_later(library: Library) -> None:
    kenya = FacilityProfile("KE", Ternary.NO)
    for day, age in (
        (date(2021, 9, 30), "of October 2021, which came after that day."),
        (date(2021, 10, 1), "of October 2021; they may have changed since."),
    ):
        _, text = write(library, kenya, as_of=day)
        assert age in text


def test_a_letter_of_a_day_that_is_still_to_come_says_so(library: Library) -> None:
    enrolled = FacilityProfile("VN", Ternary.YES)
    to_come = f"That day is still to come: this is what is known on {TODAY}."
    for as_of, is_said in ((TODAY, False), (TODAY + timedelta(1), True), (date(2030, 1, 1), True)):
        _, text = write(library, enrolled, as_of=as_of, today=TODAY)
        assert (to_come in text) is is_said, as_of
        _, text = write(library, enrolled, as_of=as_of, today=TODAY, locale="vi")
        assert ("Ngày đó chưa tới" in text) is is_said, as_of


def test_no_warning_speaks_of_a_page_that_was_not_there_on_the_day(library: Library) -> None:
    verified = FacilityProfile("IN", Ternary.NO)
    for day, is_said in ((date(2024, 5, 1), False), (TODAY, True)):
        _, text = write(library, verified, as_of=day)
        assert ("the newer article" in text) is is_said
        assert ("14 calendar days" in text) is True


def test_what_is_said_of_caf_v14_today_is_said_of_its_time(library: Library) -> None:
    of_its_time = re.compile("October 2021|March 2021|not stated|have to wait")
    said = {line for letter in row_letters(library) for line in letter.text.splitlines()}
    listed = re.compile("listed in early 2021|early-2021 list")
    claims = [line for line in said if "CAF v1.4" in line and not listed.search(line)]
    assert [line for line in claims if not of_its_time.search(line)] == []


def test_what_is_done_in_place_of_other_actions_is_a_remark_after_them(library: Library) -> None:
    for interest in (InterestTiming.NOT_DECLARED, InterestTiming.BEFORE_ASSESSMENT):
        for assessment in (AssessmentKind.NONE, AssessmentKind.ONSITE):
            answer, text = write(
                library,
                FacilityProfile(
                    "BD",
                    Ternary.YES,
                    gateway_profile=GatewayProfileState.NONE,
                    interest=interest,
                    assessment=assessment,
                    self_assessed_before=Ternary.NO,
                ),
            )
            *others, last = answer.workflow.next_actions
            assert (last.code, last.alternative) == ("USE_EXISTING_PROFILE", True)
            assert not any(action.alternative for action in others)
            numbers = [int(number) for number in re.findall(r"^(\d+)\. ", text, re.MULTILINE)]
            assert numbers == list(range(1, len(others) + 1))
            assert "\n\nIf the factory has a Gateway profile after all, give its ID" in text


def test_a_waiting_time_of_a_later_page_does_not_contradict_that_data_can_be_shared_now(
    library: Library,
) -> None:
    by_publication = {}
    for publication in Publication:
        profile = replace(SHAREABLE, publication=publication)
        answer, text = write(library, profile)
        warned = "SHARING_MAY_OPEN_LATER" in [warning.because for warning in answer.warnings]
        by_publication[publication] = (
            "opens 15 days after" in text,
            warned,
            "share it now" in text,
        )
    assert by_publication == {
        Publication.NONE: (True, False, False),
        Publication.REPORT_POSTED: (True, False, False),
        Publication.DATA_SUBMITTED: (True, True, True),
        Publication.SHARED: (False, False, False),
    }


def test_what_may_still_save_this_cycle_comes_before_what_is_for_the_next(
    library: Library,
) -> None:
    for gateway in (GatewayProfileState.NONE, GatewayProfileState.EXISTS_UNLINKED):
        late = replace(SHAREABLE, gateway_profile=gateway, service_cycle=ServiceCycle.OPEN)
        answer = decide(late, library.rulebook, TODAY, ALL_LAYERS)
        codes = [action.code for action in answer.workflow.next_actions]
        assert codes.index("ASK_ABOUT_LATE_LINK") == 1 < codes.index("CLOSE_SERVICE_CYCLE")


def test_nobody_is_told_to_register_who_may_be_enrolled_or_out_of_scope(
    answers: list[Applicability],
) -> None:
    for answer in answers:
        codes = {action.code for action in answer.workflow.next_actions}
        if "REGISTER_WITH_BETTER_WORK" in codes:
            profile = answer.profile
            assert (profile.enrolled, profile.in_scope) == (Ternary.NO, Ternary.YES)


@pytest.mark.parametrize(
    ("found", "label"),
    [
        ({"in_scope": "NO"}, "LABEL_SLCP_VERIFIED"),
        ({}, "LABEL_UNDETERMINED"),
        ({"in_scope": "YES", "capacity_available": "YES"}, "LABEL_NO_DATA"),
    ],
)
def test_what_a_factory_shared_before_it_left_better_work_is_not_called_verified(
    library: Library, found: dict[str, str], label: str
) -> None:
    shared = (*(EventKind.ENROLLED, OPENED), *READY, ON_SITE, REPORTED, SUBMITTED_DATA, SHARED)
    left = (EventKind.ELIGIBILITY_RECORDED, {"enrolled": "NO", **found})
    for happened in (shared, shared[:-1]):
        profile = fold("VN", days(*happened, left)).profile
        answer = decide(profile, library.rulebook, TODAY, ALL_LAYERS)
        assert {told.because for told in answer.data_labels} == {f"{label}_AFTER_BETTER_WORK"}
        assert answer.data_labels[0].text.endswith(
            "Data from the time with Better Work keeps its own labels and is not called verified."
        )
    never = fold("VN", days(left)).profile
    answer = decide(never, library.rulebook, TODAY, ALL_LAYERS)
    assert not any("time with" in told.text for told in answer.data_labels)


def test_what_a_label_may_claim_holds_for_all_that_bears_it(
    library: Library, answers: list[Applicability]
) -> None:
    """Answers of the factory stay on the platform too, and nobody has assessed them."""
    of_step = {
        (label.step, label.because)
        for answer in answers
        for label in answer.data_labels
        if label.code is DataLabelCode.BW_PORTAL_ONLY
    }
    assert {(1, "LABEL_PORTAL_COUNTRY"), (2, "LABEL_ANSWERS_KEPT")} <= of_step
    kept = library.labels["BW_PORTAL_ONLY"]
    assert kept.may_claim == (
        "That it stays on Better Work's own platform and, of the Step 1 data alone, that Better "
        "Work assessed it."
    )
    assert kept.must_not_claim.endswith(
        "or that Better Work assessed or verified the factory's own answers."
    )
    undetermined = {
        label.because
        for answer in answers
        for label in answer.data_labels
        if label.code is DataLabelCode.UNDETERMINED
    }
    assert undetermined >= {"LABEL_UNDETERMINED", "LABEL_SELF_ASSESSMENT_UNKNOWN"}
    assert library.labels["UNDETERMINED"].may_claim == "Nothing, until that is known."


def test_a_verifier_body_is_named_with_its_source_and_nobody_told_to_choose_it(
    library: Library,
) -> None:
    """FAQ 7 brings it in; who chooses it is not stated, and by a later page a list does."""
    steps = {
        code: step
        for code, step in library.rulebook.steps.items()
        if code.startswith("FOLLOW_STANDARD_SLCP_PROCESS")
    }
    assert len(steps) == 3
    for code, step in steps.items():
        assert step.asks[1] == "Have a Verifier Body verify the assessment.", code
        assert "7.capacity-note" in [citation.passage for citation in step.citations], code


def test_a_line_on_several_steps_speaks_of_none_as_this_step(library: Library) -> None:
    lines = [line for letter in row_letters(library) for line in letter.text.splitlines()]
    assert [line for line in lines if line.startswith("- Steps ") and "this Step" in line] == []
