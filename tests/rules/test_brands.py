"""What a brand may and must not do: on every route, by its own deadline, and never in vain."""

from __future__ import annotations

from datetime import date

import pytest

from kb.content.records import Library
from kb.rules.brand_advice import brand_advice, names_country, what_a_brand_may
from kb.rules.codes import ActionDeadline, BlockerCode
from kb.rules.decide import decide
from kb.rules.evidence import KnowledgeLayer
from kb.rules.facts import ALL_LAYERS
from kb.rules.inputs import (
    ASSESSED,
    AssessedBy,
    AssessmentKind,
    CountryKind,
    FacilityProfile,
    InterestTiming,
    Ternary,
)
from kb.rules.outcomes import Applicability
from kb.rules.rulebook import Rulebook
from tests.rules.cases import COUNTRY_OF, DAY, Answers


def codes(answer: Applicability) -> tuple[set[str], set[str]]:
    sharing = answer.sharing
    may = {statement.because for statement in sharing.brand_may}
    return may, {statement.because for statement in sharing.brand_may_not}


@pytest.mark.exhaustive
def test_every_route_tells_what_a_brand_may_and_may_not_do(answers: Answers, rulebook: Rulebook):
    routes = {}
    for profile, answer in answers:
        may, may_not = codes(answer)
        assert may_not, profile
        assert may or answer.workflow.route == "JOIN_BETTER_WORK", profile
        assert not may & may_not
        routes.setdefault(answer.workflow.route, (may, may_not))
    assert set(routes) == set(rulebook.routes) - {"DAY_NOT_COVERED", "RULES_NOT_IN_LAYERS"}


@pytest.mark.exhaustive
def test_a_brand_asks_about_enrolment_only_where_something_of_it_is_open(answers: Answers):
    seen = {}
    for profile, answer in answers:
        if answer.workflow.route in ("COUNTRY_NOT_NAMED", "UNDETERMINED"):
            known = profile.with_what_follows()
            asks = "BRAND_ASKS_ABOUT_ENROLMENT" in codes(answer)[0]
            assert asks == (Ternary.UNKNOWN in (known.enrolled, known.in_scope)), profile
            seen[asks] = True
    assert set(seen) == {True, False}


@pytest.mark.exhaustive
def test_a_brand_asks_for_the_declaration_only_where_it_leads_somewhere(answers: Answers):
    count = 0
    for profile, answer in answers:
        may, _ = codes(answer)
        if "BRAND_ASKS_SUPPLIER" in may:
            count += 1
            assert profile.country == COUNTRY_OF[CountryKind.ROLLOUT], profile
            assert answer.assessment.assessed_by is AssessedBy.BETTER_WORK, profile
            assert profile.with_what_follows().enrolled is Ternary.YES, profile
            if profile.interest is InterestTiming.BEFORE_ASSESSMENT:
                assert profile.assessment in ASSESSED, profile  # for the cycle after
        if answer.country.kind is not CountryKind.ROLLOUT and profile.enrolled is Ternary.YES:
            assert "BRAND_ASKS_SUPPLIER" not in may, profile
            if answer.workflow.route == "WAIT_FOR_COUNTRY":
                assert "BRAND_ASKS_ABOUT_COUNTRY" in may, profile
    assert count > 100


@pytest.mark.exhaustive
def test_a_brand_has_its_own_deadline_and_else_that_of_the_step(answers: Answers):
    seen = set()
    for _, answer in answers:
        seen |= {(statement.because, statement.deadline) for statement in answer.sharing.brand_may}
    assert {deadline for code, deadline in seen if code == "BRAND_ASKS_SUPPLIER"} == {
        ActionDeadline.BEFORE_NEXT_SERVICE_CYCLE  # FAQ 12
    }
    assert {deadline for code, deadline in seen if code == "BRAND_ASKS_FOR_STEPS"} == {
        *(ActionDeadline.BEFORE_ASSESSMENT, ActionDeadline.BEFORE_NEXT_ASSESSMENT)
    }


@pytest.mark.exhaustive
def test_no_other_verifier_is_sent_to_an_enrolled_factory_and_nothing_of_it_called_verified(
    answers: Answers,
):
    for profile, answer in answers:
        _, may_not = codes(answer)
        known = {blocker.code for blocker in answer.workflow.blockers}
        enrolled = profile.with_what_follows().enrolled is Ternary.YES
        if enrolled and BlockerCode.CONTRADICTORY_INPUT not in known:
            assert {"BRAND_SENDS_NO_VERIFIER", "BRAND_NEVER_SAYS_VERIFIED"} <= may_not, profile
        if answer.assessment.assessed_by is AssessedBy.VERIFIER_BODY:
            assert "BRAND_SENDS_NO_VERIFIER" not in may_not, profile


def test_what_little_a_brand_knows_is_enough_to_encourage_an_enrolled_factory(rulebook: Rulebook):
    answer = decide(FacilityProfile("VN", enrolled=Ternary.YES), rulebook, DAY, ALL_LAYERS)
    assert [(statement.because, statement.deadline) for statement in answer.sharing.brand_may] == [
        ("BRAND_ASKS_SUPPLIER", ActionDeadline.BEFORE_NEXT_SERVICE_CYCLE),
        ("BRAND_ASKS_FOR_STEPS", ActionDeadline.BEFORE_ASSESSMENT),
        ("BRAND_RECEIVES_SHARED_DATA", None),
    ]


DEADLINES = {
    "en": (
        "that it wants to share. Deadline: before the next service cycle starts.",
        "of Steps 1, 2 or 3. Deadline: before the assessment.",
    ),
    "vi": (
        "Thời hạn: trước khi chu kỳ dịch vụ tới bắt đầu.",
        "Thời hạn: trước khi đánh giá.",
    ),
    "id": (
        "Batas waktu: sebelum siklus layanan berikutnya dimulai.",
        "Batas waktu: sebelum penilaian.",
    ),
    "bn": ("সময়সীমা: পরের সেবা চক্র শুরু হওয়ার আগে।", "সময়সীমা: মূল্যায়নের আগে।"),
}


@pytest.mark.parametrize(
    ("profile", "may", "is_of_country"),
    [
        (
            FacilityProfile("VN", Ternary.YES),
            "BRAND_ASKS_SUPPLIER BEFORE_NEXT_SERVICE_CYCLE, BRAND_ASKS_FOR_STEPS "
            "BEFORE_ASSESSMENT, BRAND_RECEIVES_SHARED_DATA",
            False,
        ),
        (FacilityProfile("PK", Ternary.YES), "BRAND_ASKS_ABOUT_COUNTRY", True),
        (
            FacilityProfile("BR"),
            "BRAND_LOOKS_UP_COUNTRY, BRAND_ASKS_ABOUT_ENROLMENT",
            True,
        ),
    ],
)
def test_advice_is_known_by_what_a_brand_may_by_when_and_by_the_country_that_it_names(
    rulebook: Rulebook, profile: FacilityProfile, may: str, is_of_country: bool
):
    sharing = decide(profile, rulebook, DAY, ALL_LAYERS).sharing
    assert (what_a_brand_may(sharing), names_country(sharing)) == (may, is_of_country)


@pytest.mark.parametrize("locale", sorted(DEADLINES))
def test_the_advice_to_paste_names_the_deadlines(library: Library, locale: str):
    profile = FacilityProfile("VN", enrolled=Ternary.YES)
    answer = decide(profile, library.rulebook, DAY, ALL_LAYERS)
    words = library.words.get(locale, {})
    text = brand_advice(answer.sharing, words)
    asks, steps, receives = text.split("\n\n")[1].splitlines()
    by_when, before = DEADLINES[locale]
    assert (asks[-len(by_when) :], steps[-len(before) :]) == (by_when, before)
    assert receives == f"- {answer.sharing.brand_may[2].sentence.in_words(words)}"


PAGES = frozenset({KnowledgeLayer.PUBLIC_RECORD})
DAY_BEFORE = date(2021, 9, 30)
NO_VERIFIER = "BRAND_SENDS_NO_VERIFIER_IF_ENROLLED"


@pytest.mark.parametrize("country", ["VN", "BD", "ID"])
@pytest.mark.parametrize("in_scope", Ternary)
@pytest.mark.parametrize("enrolled", Ternary)
def test_on_a_day_that_is_not_covered_a_brand_asks_only_what_it_does_not_know(
    rulebook: Rulebook, country: str, enrolled: Ternary, in_scope: Ternary
):
    profile = FacilityProfile(country, enrolled, in_scope)
    answer = decide(profile, rulebook, DAY_BEFORE, ALL_LAYERS)
    is_open = enrolled is Ternary.UNKNOWN or (enrolled, in_scope) == (Ternary.NO, Ternary.UNKNOWN)
    asks = {"BRAND_ASKS_ABOUT_ENROLMENT"} if is_open else set()
    assert codes(answer) == ({"BRAND_LOOKS_UP_COUNTRY", *asks}, set())
    assert answer.workflow.route == "DAY_NOT_COVERED"


@pytest.mark.parametrize("enrolled", Ternary)
def test_without_the_shared_faqs_nothing_that_rests_on_them_is_told(
    rulebook: Rulebook, enrolled: Ternary
):
    answer = decide(FacilityProfile("VN", enrolled, Ternary.YES), rulebook, DAY, PAGES)
    assert codes(answer) == (set(), set())
    assert [citation.passage for citation in answer.citations if citation.passage] == []
    assert answer.workflow.route == "RULES_NOT_IN_LAYERS"
    assert brand_advice(answer.sharing, {}) == (
        "The sources asked name nothing that a brand may or must not do here."
    )


@pytest.mark.parametrize(
    ("profile", "may_not"),
    [
        (FacilityProfile("VN"), {NO_VERIFIER}),
        (FacilityProfile("KH"), {NO_VERIFIER}),
        (FacilityProfile("BR"), {NO_VERIFIER}),
        (FacilityProfile("IN", Ternary.YES), {NO_VERIFIER}),
        (FacilityProfile("PK", Ternary.NO, Ternary.YES), {"BRAND_CANNOT_START_SHARING"}),
        (
            FacilityProfile("JO", Ternary.UNKNOWN, Ternary.YES, Ternary.YES),
            {"BRAND_CANNOT_START_SHARING", NO_VERIFIER},
        ),
    ]
    + [
        (
            FacilityProfile(country, Ternary.YES),
            {
                *("BRAND_WAITS_WITH_V14", "BRAND_CANNOT_START_SHARING"),
                *("BRAND_SENDS_NO_VERIFIER", "BRAND_NEVER_SAYS_VERIFIED"),
            },
        )
        for country in ("KH", "PK", "JO", "BR")
    ],
)
def test_a_brand_is_forbidden_nothing_that_no_source_forbids(
    rulebook: Rulebook, profile: FacilityProfile, may_not: set[str]
):
    """FAQ 12 lets brands encourage suppliers; that sharing is not known to be open forbids none."""
    assert codes(decide(profile, rulebook, date(2026, 11, 28), ALL_LAYERS))[1] == may_not


def test_no_title_repeats_its_deadline(rulebook: Rulebook):
    for code, step in rulebook.steps.items():
        assert "before the" not in step.title, code


@pytest.mark.parametrize(
    ("in_scope", "asks"),
    [
        (Ternary.UNKNOWN, ["BRAND_LOOKS_UP_COUNTRY", "BRAND_ASKS_ABOUT_ENROLMENT"]),
        (Ternary.YES, ["BRAND_LOOKS_UP_COUNTRY"]),
    ],
)
def test_a_brand_asks_nothing_about_enrolment_that_is_known(
    rulebook: Rulebook, in_scope: Ternary, asks: list[str]
):
    answer = decide(FacilityProfile("ZA", Ternary.NO, in_scope), rulebook, DAY, ALL_LAYERS)
    assert [statement.because for statement in answer.sharing.brand_may] == asks


@pytest.mark.parametrize("assessment", sorted(ASSESSED))
def test_what_little_a_brand_knows_of_an_assessed_factory_is_for_its_next_assessment(
    rulebook: Rulebook, assessment: AssessmentKind
):
    profile = FacilityProfile("VN", enrolled=Ternary.YES, assessment=assessment)
    (asks,) = (
        statement
        for statement in decide(profile, rulebook, DAY, ALL_LAYERS).sharing.brand_may
        if statement.because == "BRAND_ASKS_FOR_STEPS"
    )
    assert asks.deadline is ActionDeadline.BEFORE_NEXT_ASSESSMENT
