"""Guided mode asks as little as it can, and ends where the whole profile would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations, islice
from operator import eq

import pytest

from kb.content.records import Library
from kb.rules.codes import ProfileQuestion
from kb.rules.facts import ALL_LAYERS
from kb.rules.guided import Guide, NextQuestion, _matters
from kb.rules.inputs import AssessmentKind, FacilityProfile, InterestTiming, Ternary
from kb.rules.missing import FIELDS
from kb.rules.wording import in_words
from tests.rules.cases import COUNTRY_OF, DAY, every_profile
from tests.rules.test_unknown import completions

LEAST_TO_SETTLE_ROUTE = 3


@pytest.fixture(scope="module")
def guide(library: Library) -> Guide:
    return Guide(library.rulebook, DAY, ALL_LAYERS, kept=100_000)


def answered(profile: FacilityProfile, question: NextQuestion, value: object) -> FacilityProfile:
    return replace(profile, **{FIELDS[question.input]: value})


def sound_completions(guide: Guide, country: str) -> list[FacilityProfile]:
    """What a facility may be: complete, without contradiction, Steps where it assessed itself."""
    return [
        profile
        for complete in completions(FacilityProfile(country))
        for profile in (
            replace(complete, self_assessment_steps=(1, 3))
            if complete.self_assessed_before is Ternary.YES
            else complete,
        )
        if guide.outcome(profile) is not None
    ]


@pytest.mark.exhaustive
def test_where_nothing_is_asked_all_that_may_still_be_true_comes_out_the_same(guide: Guide) -> None:
    for profile in every_profile():
        outcome = guide.outcome(profile)
        if outcome is not None and guide.next_question(profile) is None:
            possible = {guide.outcome(complete) for complete in completions(profile)} - {None}
            assert possible == {outcome}, profile.key


@pytest.mark.exhaustive
@pytest.mark.parametrize("country", COUNTRY_OF.values())
def test_following_the_questions_ends_at_the_outcome_of_the_whole_profile(
    guide: Guide, country: str
) -> None:
    for truth in sound_completions(guide, country):
        profile = FacilityProfile(country)
        while (question := guide.next_question(profile)) is not None:
            profile = answered(profile, question, getattr(truth, FIELDS[question.input]))
        assert guide.outcome(profile) == guide.outcome(truth), truth.key


@pytest.mark.exhaustive
@pytest.mark.parametrize("country", COUNTRY_OF.values())
def test_three_answers_settle_the_route_and_no_more_are_asked_than_announced(
    guide: Guide, country: str
) -> None:
    for truth in sound_completions(guide, country):
        routes = []
        profile = FacilityProfile(country)
        announced = None
        while (question := guide.next_question(profile)) is not None:
            assert announced is None or question.remaining < announced
            announced = question.remaining
            routes.append(guide.outcome(profile))
            profile = answered(profile, question, getattr(truth, FIELDS[question.input]))
        routes.append(guide.outcome(profile))
        settled_after = LEAST_TO_SETTLE_ROUTE if len(routes) > LEAST_TO_SETTLE_ROUTE else -1
        assert routes[settled_after] is not None
        assert routes[settled_after][0] == routes[-1][0], truth.key


def test_a_question_comes_in_words_with_its_answers(guide: Guide) -> None:
    question = guide.next_question(FacilityProfile("VN", Ternary.YES))
    assert question is not None
    assert question.input is ProfileQuestion.GATEWAY_PROFILE
    assert question.remaining == 6
    assert question.text.startswith("Has the facility an approved profile on the Gateway")
    assert [(choice.value, choice.text) for choice in question.choices] == [
        ("NONE", "No approved profile yet"),
        ("EXISTS_UNLINKED", "An approved profile, not linked yet"),
        ("LINKED", "An approved profile that is linked"),
        ("UNKNOWN", "Not known"),
    ]
    assert all(choice.citations for choice in question.choices)


@pytest.mark.parametrize(
    ("answers", "question", "remaining", "settles"),
    [
        ("VN|UNKNOWN|UNKNOWN|UNKNOWN", "ENROLLED", 7, 2.5),
        ("VN|NO|UNKNOWN|UNKNOWN", "IN_SCOPE", 2, 1.5),
        ("VN|NO|YES|UNKNOWN", "CAPACITY_AVAILABLE", 1, 1.0),
        ("PK|NO|UNKNOWN|YES", "IN_SCOPE", 1, 1.0),
        ("BR|UNKNOWN|UNKNOWN|UNKNOWN", "ENROLLED", 4, 1.5),
        ("VN|YES|YES|UNKNOWN", "GATEWAY_PROFILE", 5, 32.0),
        ("VN|YES|YES|UNKNOWN|LINKED", "INTEREST_DECLARED", 4, 10.67),
        (  # the Steps settle more of what applies, the Gateway profile settles the route
            "VN|YES|UNKNOWN|UNKNOWN|UNKNOWN|BEFORE_ASSESSMENT|UNKNOWN|YES",
            "GATEWAY_PROFILE",
            4,
            48.0,
        ),
        ("VN|YES|YES|UNKNOWN|NONE|BEFORE_ASSESSMENT", "ASSESSMENT", 3, 4.0),
        ("VN|YES|YES|UNKNOWN|UNKNOWN|UNKNOWN|NONE", "GATEWAY_PROFILE", 4, 8.0),
        (
            "VN|YES|YES|UNKNOWN|LINKED|BEFORE_ASSESSMENT|ONSITE",
            "SELF_ASSESSED_BEFORE",
            2,
            1.0,
        ),
        (
            "VN|YES|YES|UNKNOWN|LINKED|BEFORE_ASSESSMENT|ONSITE|YES",
            "SELF_ASSESSMENT_STEPS",
            1,
            3.0,
        ),
        ("VN|YES|UNKNOWN|UNKNOWN|LINKED|BEFORE_ASSESSMENT|ONSITE|NO", "IN_SCOPE", 1, 1.0),
    ],
)
def test_the_question_that_settles_most_comes_first(
    guide: Guide, answers: str, question: str, remaining: int, settles: float
) -> None:
    known = answers.split("|")
    key = "|".join([*known, *["UNKNOWN"] * (8 - len(known)), "|NONE|NONE|UNKNOWN||"])
    next_question = guide.next_question(FacilityProfile.from_key(key))
    assert next_question is not None
    assert (next_question.input, next_question.remaining, next_question.settles) == (
        question,
        remaining,
        settles,
    )


def test_a_question_matters_where_it_does_so_for_some_other_answers() -> None:
    outcomes = {("A", "C"): 1, ("A", "D"): 1, ("B", "C"): 1, ("B", "D"): 2}
    possible = [
        ((first, *answers, last), (0, 0, outcome))
        for answers, outcome in outcomes.items()
        for first in "EF"
        for last in "GHI"
    ]
    assert [_matters(place, possible) for place in range(4)] == [False, True, True, False]


def test_numbers_tell_apart_routes_then_what_applies_then_next_actions(guide: Guide) -> None:
    profiles = list(islice(every_profile(), 0, None, 331))
    known = [(guide.outcome(profile), guide._numbers_of(profile)) for profile in profiles]
    compared = set()
    for (outcome, numbers), (other, other_numbers) in combinations(known, 2):
        if outcome is not None and numbers is not None and other and other_numbers:
            same = tuple(outcome[:level] == other[:level] for level in (1, 2, 3))
            assert tuple(map(eq, numbers, other_numbers)) == same
            compared.add(same)
    assert compared == {
        (False, False, False),
        (True, False, False),
        (True, True, False),
        (True, True, True),
    }


def test_steps_are_offered_as_lists_and_nothing_else_is(guide: Guide) -> None:
    key = "VN|YES|YES|UNKNOWN|LINKED|BEFORE_ASSESSMENT|ONSITE|YES||NONE|NONE|UNKNOWN||"
    question = guide.next_question(FacilityProfile.from_key(key))
    assert question is not None
    assert [(choice.value, choice.steps) for choice in question.choices] == [
        (None, (1,)),
        (None, (1, 2)),
        (None, (1, 3)),
        (None, (1, 2, 3)),
        ("UNKNOWN", ()),
    ]
    first = guide.next_question(FacilityProfile("VN"))
    assert first is not None
    assert [(choice.value, choice.steps) for choice in first.choices] == [
        ("YES", ()),
        ("NO", ()),
        ("UNKNOWN", ()),
    ]


def test_a_question_on_the_country_names_it_and_cites_what_is_known_of_it(
    library: Library,
) -> None:
    missing = replace(
        library.rulebook.statements["MISSING_ENROLLED"],
        text="Is it enrolled in {country}?",
        cites_country=True,
    )
    statements = {**library.rulebook.statements, "MISSING_ENROLLED": missing}
    guide = Guide(replace(library.rulebook, statements=statements), DAY, ALL_LAYERS)
    question = guide.next_question(FacilityProfile("PK"))
    assert question is not None
    assert question.text == "Is it enrolled in Pakistan?"
    (fact,) = (fact for fact in library.rulebook.countries["PK"] if fact.valid_from <= DAY)
    assert question.citations == (*fact.citations, *missing.citations)


def test_what_is_not_open_may_be_not_known(guide: Guide) -> None:
    not_known = [ProfileQuestion.ASSESSMENT, ProfileQuestion.ENROLLED]
    question = guide.next_question(FacilityProfile("VN", Ternary.NO), not_known)
    assert question is not None
    assert question.input is ProfileQuestion.IN_SCOPE


def test_what_contradicts_the_known_answers_is_not_offered(guide: Guide) -> None:
    not_assessed = FacilityProfile("VN", Ternary.YES, assessment=AssessmentKind.NONE)
    while (question := guide.next_question(not_assessed)) is not None:
        values = [choice.value for choice in question.choices]
        assert InterestTiming.AFTER_ASSESSMENT not in values
        if question.input is ProfileQuestion.INTEREST_DECLARED:
            break
        not_assessed = answered(not_assessed, question, question.choices[0].value)
    assert question is not None


def test_nothing_is_asked_again_that_is_not_known(guide: Guide) -> None:
    profile, not_known = FacilityProfile("VN"), []
    while (question := guide.next_question(profile, not_known)) is not None:
        assert question.input not in not_known
        not_known.append(question.input)
    assert not_known == [
        *("ENROLLED", "ASSESSMENT", "INTEREST_DECLARED", "IN_SCOPE", "CAPACITY_AVAILABLE")
    ]


@pytest.mark.parametrize("country", COUNTRY_OF.values())
def test_who_does_not_know_whether_it_is_enrolled_is_asked_for_what_applies_all_the_same(
    guide: Guide, country: str
) -> None:
    for truth in islice(sound_completions(guide, country), 0, None, 3):
        if truth.enrolled is Ternary.YES:
            continue
        truth = replace(truth, enrolled=Ternary.UNKNOWN)
        profile, not_known = FacilityProfile(country), [ProfileQuestion.ENROLLED]
        while (question := guide.next_question(profile, not_known)) is not None:
            profile = answered(profile, question, getattr(truth, FIELDS[question.input]))
        assert guide.outcome(profile) == guide.outcome(truth), truth.key


def test_nothing_is_asked_of_a_profile_that_contradicts_itself(guide: Guide) -> None:
    contradictory = FacilityProfile("IN", Ternary.YES)
    assert guide.next_question(contradictory) is None
    assert guide.outcome(contradictory) is None


def test_nothing_is_asked_once_no_answer_would_change_what_applies(guide: Guide) -> None:
    assert guide.next_question(FacilityProfile("VN", Ternary.NO, Ternary.NO)) is None
    assert guide.next_question(FacilityProfile("VN", Ternary.NO)) is not None


@pytest.mark.parametrize(
    ("locale", "no"), [("vi", "Không"), ("id", "Tidak"), ("bn", "না"), ("en", "No")]
)
def test_questions_and_answers_are_said_in_four_languages(
    guide: Guide, library: Library, locale: str, no: str
) -> None:
    words: Mapping[str, str] = library.words.get(locale, {})
    question = guide.next_question(FacilityProfile("VN"))
    assert question is not None
    said = in_words(question, words)
    assert [choice.text for choice in said.choices][1] == no
    assert (said.text == question.text) is (locale == "en")


def test_a_guide_that_forgets_asks_the_same(guide: Guide, library: Library) -> None:
    forgetful = Guide(library.rulebook, DAY, ALL_LAYERS, kept=0)
    known = FacilityProfile("VN", in_scope=Ternary.NO)
    for profile in (known, FacilityProfile("VN"), FacilityProfile("PK"), FacilityProfile("VN")):
        assert forgetful.next_question(profile) == guide.next_question(profile)
