"""Where facilities would stand if something changed, and what a brand may do for them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kb.content.records import Library
from kb.rules.brand_advice import brand_advice
from kb.rules.decide import decide
from kb.rules.facts import ALL_LAYERS
from kb.rules.hypothetical import Standing, Supposition, standing, supposed
from kb.rules.inputs import (
    AssessedBy,
    AssessmentKind,
    FacilityProfile,
    InterestTiming,
    Ternary,
)
from kb.rules.rulebook import BlockerCode, Rulebook, SharingStatus
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


def test_what_a_brand_may_do_is_a_text_in_the_words_asked_for(library: Library) -> None:
    sharing = decide(FacilityProfile("VN", YES), library.rulebook, DAY, ALL_LAYERS).sharing
    (first, second, *_), (never, *_) = sharing.brand_may, sharing.brand_may_not
    short = replace(sharing, brand_may=(first, second), brand_may_not=(never,))
    assert brand_advice(short, {}) == (
        f"What a brand may do:\n\n- {first.text}\n- {second.text}\n\n"
        f"What a brand must not do:\n\n- {never.text}"
    )
    words = {first.sentence.template: "Đề nghị.", "What a brand may do:": "Được phép:"}
    assert brand_advice(replace(short, brand_may=(first,), brand_may_not=()), words) == (
        "Được phép:\n\n- Đề nghị."
    )


def test_where_the_sources_name_nothing_for_a_brand_it_says_so(library: Library) -> None:
    sharing = decide(FacilityProfile("BR"), library.rulebook, DAY, ALL_LAYERS).sharing
    silent = replace(sharing, brand_may=(), brand_may_not=())
    assert brand_advice(silent, {}) == (
        "The sources name nothing that a brand may or must not do here."
    )
    assert (
        brand_advice(silent, library.words["id"])
        == library.words["id"]["The sources name nothing that a brand may or must not do here."]
    )
