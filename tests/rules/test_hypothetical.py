"""Where facilities would stand if something changed, and what a brand may do for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from kb.content.records import Library
from kb.rules.brand_advice import brand_advice
from kb.rules.codes import BlockerCode, SharingStatus
from kb.rules.decide import decide
from kb.rules.facts import ALL_LAYERS, DatedFact, DatePrecision
from kb.rules.hypothetical import (
    SUPPOSED,
    Standing,
    Supposition,
    signed_off,
    standing,
    supposed,
)
from kb.rules.inputs import (
    AssessedBy,
    AssessmentKind,
    CountryKind,
    FacilityProfile,
    InterestTiming,
    Ternary,
)
from kb.rules.rulebook import Rulebook
from tests.rules.cases import DAY

YES = Ternary.YES
NOT_DECLARED = InterestTiming.NOT_DECLARED
BEFORE = FacilityProfile("VN", YES, interest=NOT_DECLARED, assessment=AssessmentKind.NONE)
AFTER = FacilityProfile("VN", YES, interest=NOT_DECLARED, assessment=AssessmentKind.ONSITE)
PENDING = FacilityProfile("PK", YES)


def supposing(rulebook: Rulebook, profile: FacilityProfile, supposition: Supposition) -> Standing:
    changed, rules = supposed(profile, rulebook, supposition, DAY)
    return standing(changed, rules, DAY, ALL_LAYERS)


@pytest.mark.parametrize(
    ("profile", "supposition", "expected"),
    [
        (
            PENDING,
            Supposition(),
            Standing(
                AssessedBy.BETTER_WORK,
                SharingStatus.NOT_THIS_CYCLE,
                BlockerCode.COUNTRY_NOT_ROLLED_OUT,
                None,
            ),
        ),
        (
            PENDING,
            Supposition(signed_off=frozenset({"PK"})),
            Standing(AssessedBy.BETTER_WORK, SharingStatus.UNDETERMINED, None, "1.4"),
        ),
        (
            PENDING,
            Supposition(signed_off=frozenset({"KH"}), tool_version="1.5"),
            Standing(
                AssessedBy.BETTER_WORK,
                SharingStatus.NOT_THIS_CYCLE,
                BlockerCode.COUNTRY_NOT_ROLLED_OUT,
                None,
            ),
        ),
        (
            BEFORE,
            Supposition(tool_version="1.5"),
            Standing(
                AssessedBy.BETTER_WORK,
                SharingStatus.NOT_YET,
                BlockerCode.INTEREST_NOT_DECLARED,
                "1.5",
            ),
        ),
    ],
)
def test_a_supposition_changes_where_a_facility_stands(
    rulebook: Rulebook, profile: FacilityProfile, supposition: Supposition, expected: Standing
) -> None:
    assert supposing(rulebook, profile, supposition) == expected


def test_interest_declared_before_the_assessment_counts_for_this_cycle(rulebook: Rulebook) -> None:
    then = supposing(rulebook, BEFORE, Supposition(interest_declared=True))
    assert then.primary_blocker is not BlockerCode.INTEREST_NOT_DECLARED


@pytest.mark.parametrize(
    "profile",
    [AFTER, FacilityProfile("VN", YES, interest=NOT_DECLARED), FacilityProfile("IN")],
)
def test_interest_changes_nothing_after_an_assessment_nor_where_it_may_have_been(
    rulebook: Rulebook, profile: FacilityProfile
) -> None:
    then = supposing(rulebook, profile, Supposition(interest_declared=True))
    assert then == standing(profile, rulebook, DAY, ALL_LAYERS)


def test_interest_that_is_declared_after_an_assessment_counts_for_the_next_cycle(
    rulebook: Rulebook,
) -> None:
    declared = Supposition(interest_declared=True)
    assert supposed(AFTER, rulebook, declared, DAY) == (
        replace(AFTER, interest_next=YES),
        rulebook,
    )
    assert supposed(BEFORE, rulebook, declared, DAY)[0] == replace(
        BEFORE, interest=InterestTiming.BEFORE_ASSESSMENT
    )


@pytest.mark.parametrize(
    ("profile", "interest"),
    [
        (replace(BEFORE, interest=InterestTiming.UNKNOWN), InterestTiming.BEFORE_ASSESSMENT),
        (replace(BEFORE, enrolled=Ternary.NO), NOT_DECLARED),
        (replace(BEFORE, enrolled=Ternary.UNKNOWN), NOT_DECLARED),
        (replace(BEFORE, assessment=AssessmentKind.UNKNOWN), NOT_DECLARED),
    ],
)
def test_interest_is_supposed_of_enrolled_facilities_before_an_assessment_that_is_to_come(
    rulebook: Rulebook, profile: FacilityProfile, interest: InterestTiming
) -> None:
    then, _ = supposed(profile, rulebook, Supposition(interest_declared=True), DAY)
    assert then == replace(profile, interest=interest)


def test_a_sign_off_is_one_more_fact_of_the_country(rulebook: Rulebook) -> None:
    fact = DatedFact(
        valid_from=DAY,
        precision=DatePrecision.DAY,
        value=CountryKind.ROLLOUT,
        text="",
        citations=(SUPPOSED,),
        checked_on=DAY,
    )
    then = signed_off(rulebook, ["PK", "XX"], DAY)
    assert then.countries == {
        **rulebook.countries,
        "PK": (*rulebook.countries["PK"], fact),
        "XX": (fact,),
    }


def test_where_a_facility_stands_tells_the_first_blocker_that_holds(rulebook: Rulebook) -> None:
    undetermined = (AssessedBy.UNDETERMINED, SharingStatus.UNDETERMINED)
    not_enrolled = standing(FacilityProfile("VN", Ternary.NO), rulebook, DAY, ALL_LAYERS)
    assert not_enrolled == Standing(*undetermined, BlockerCode.NEEDS_SCOPE, "1.4")
    before = standing(FacilityProfile("VN", YES), rulebook, date(2021, 1, 1), ALL_LAYERS)
    assert before == Standing(*undetermined, BlockerCode.COUNTRY_UNKNOWN, None)


def test_what_a_brand_may_do_is_a_text_in_the_words_asked_for(library: Library) -> None:
    sharing = decide(FacilityProfile("VN", YES), library.rulebook, DAY, ALL_LAYERS).sharing
    (first, second, *_), (never, *_) = sharing.brand_may, sharing.brand_may_not
    short = replace(sharing, brand_may=(first, second), brand_may_not=(never,))
    assert brand_advice(short, {}) == (
        f"What a brand may do:\n\n- {first.text} Deadline: before the next service cycle starts.\n"
        f"- {second.text} Deadline: before the assessment.\n\n"
        f"What a brand must not do:\n\n- {never.text}"
    )
    words = {first.sentence.template: "Đề nghị.", "What a brand may do:": "Được phép:"}
    assert brand_advice(replace(short, brand_may=(first,), brand_may_not=()), words) == (
        "Được phép:\n\n- Đề nghị. Deadline: before the next service cycle starts."
    )


def test_where_the_sources_name_nothing_for_a_brand_it_says_so(library: Library) -> None:
    sharing = decide(FacilityProfile("BR"), library.rulebook, DAY, ALL_LAYERS).sharing
    silent = replace(sharing, brand_may=(), brand_may_not=())
    assert brand_advice(silent, {}) == (
        "The sources asked name nothing that a brand may or must not do here."
    )
    said = library.words["id"][
        "The sources asked name nothing that a brand may or must not do here."
    ]
    assert brand_advice(silent, library.words["id"]).split("\n\n")[0] == said


def test_of_a_supposition_its_country_takes_its_own_sign_off_and_all_else() -> None:
    supposition = Supposition(
        signed_off=frozenset({"PK", "KH"}), tool_version="1.5", interest_declared=True
    )
    assert supposition.in_country("PK") == Supposition(
        signed_off=frozenset({"PK"}), tool_version="1.5", interest_declared=True
    )
    assert supposition.in_country("VN") == Supposition(tool_version="1.5", interest_declared=True)
