"""What must hold whatever is put in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.content.records import Library
from kb.rules.codes import BlockerCode
from kb.rules.decide import decide
from kb.rules.evidence import KnowledgeLayer
from kb.rules.facts import ALL_LAYERS
from kb.rules.inputs import AssessedBy, FacilityProfile, Ternary
from kb.rules.rulebook import Rulebook
from kb.rules.tables import matching_row
from tests.rules.cases import DAY, profiles
from tests.rules.letters import write

pytestmark = pytest.mark.exhaustive

QUESTIONS = ("enrolled", "in_scope", "capacity_available", "self_assessed_before")


@given(profile=profiles)
def test_the_same_input_gives_the_same_bytes(library: Library, profile: FacilityProfile) -> None:
    first, letter = write(library, profile, as_of=DAY)
    again, letter_again = write(library, FacilityProfile.from_key(profile.key), as_of=DAY)
    assert repr(first).encode() == repr(again).encode()
    assert letter.encode() == letter_again.encode()


@given(profile=profiles)
def test_a_decision_key_reads_back_as_its_profile(profile: FacilityProfile) -> None:
    assert FacilityProfile.from_key(profile.key) == profile


@given(profile=profiles)
def test_replaying_a_trace_gives_its_outcome(rulebook: Rulebook, profile: FacilityProfile) -> None:
    answer = decide(profile, rulebook, DAY, ALL_LAYERS)
    inputs = {
        tried.name: tried.value
        for outcome in answer.trace
        if outcome.table in {"A", "B"}
        for tried in outcome.inputs
    }
    assessment = matching_row(rulebook.assessment, inputs).then
    assert assessment.assessed_by is answer.assessment.assessed_by
    inferred = assessment.because_assessed if profile.enrolled is Ternary.UNKNOWN else None
    assert answer.assessment.because == (inferred or assessment.because)
    status = assessment.sharing or matching_row(rulebook.sharing, inputs).then.sharing
    assert status is answer.sharing.status
    for outcome in answer.trace:
        shown = {tried.name: tried.value for tried in outcome.inputs}
        assert outcome.matched == all(
            shown[input.name] in input.accepts for input in outcome.inputs
        )


@given(profile=profiles, question=st.sampled_from(QUESTIONS), answer=st.sampled_from(["YES", "NO"]))
def test_more_information_never_turns_one_assessor_into_another(
    rulebook: Rulebook, profile: FacilityProfile, question: str, answer: str
) -> None:
    unknown = replace(profile, **{question: Ternary.UNKNOWN})
    before = decide(unknown, rulebook, DAY, ALL_LAYERS).assessment
    if before.assessed_by is AssessedBy.UNDETERMINED or before.provisional:
        return
    after = decide(replace(unknown, **{question: Ternary(answer)}), rulebook, DAY, ALL_LAYERS)
    contradicted = BlockerCode.CONTRADICTORY_INPUT in [
        blocker.code for blocker in after.workflow.blockers
    ]
    assert contradicted or after.assessment.assessed_by is before.assessed_by


@given(profile=profiles)
def test_a_provisional_answer_names_its_fallback(
    rulebook: Rulebook, profile: FacilityProfile
) -> None:
    answer = decide(profile, rulebook, DAY, ALL_LAYERS).assessment
    assert answer.provisional == (answer.fallback is not None)


_IN_ANY_COUNTRY = ("ENROLLED_IN_COUNTRY_NOT_NAMED", "ASSESSED_IN_COUNTRY_NOT_NAMED")


@given(profile=profiles, days=st.integers(min_value=1, max_value=2000))
def test_before_the_first_fact_nothing_is_guessed(
    rulebook: Rulebook, profile: FacilityProfile, days: int
) -> None:
    facts = rulebook.countries.get(profile.country, ())
    if not facts:
        return
    before = min(fact.valid_from for fact in facts) - timedelta(days=days)
    answer = decide(profile, rulebook, before, ALL_LAYERS)
    if answer.assessment.because in _IN_ANY_COUNTRY:
        assert profile.with_what_follows().enrolled is Ternary.YES
        assert {fact.layer for fact in facts} == {KnowledgeLayer.PUBLIC_RECORD}
        return
    assert answer.assessment.assessed_by is AssessedBy.UNDETERMINED
    assert answer.assessment.tool_version is None
    blockers = [blocker.code for blocker in answer.workflow.blockers]
    if blockers == [BlockerCode.CONTRADICTORY_INPUT]:  # as it would be in any country
        return
    assert answer.assessment.because == "DAY_NOT_COVERED"
    assert blockers == [BlockerCode.COUNTRY_UNKNOWN]
    assert answer.country.kind is None


@given(profile=profiles, day=st.dates(date(2020, 1, 1), date(2027, 1, 1)))
def test_one_layer_alone_cites_nothing_of_the_other(
    rulebook: Rulebook, profile: FacilityProfile, day: date
) -> None:
    layers = frozenset({KnowledgeLayer.SHARED_FAQS_2021})
    answer = decide(profile, rulebook, day, layers)
    assert {citation.layer for citation in answer.citations} == layers


@given(profile=profiles)
def test_better_work_data_is_never_called_verified(
    rulebook: Rulebook, profile: FacilityProfile
) -> None:
    answer = decide(profile, rulebook, DAY, ALL_LAYERS)
    if answer.assessment.assessed_by is AssessedBy.BETTER_WORK:
        assert "SLCP_VERIFIED" not in [label.code for label in answer.data_labels]


@given(profile=profiles)
def test_what_is_missing_is_ranked_by_what_it_settles(
    rulebook: Rulebook, profile: FacilityProfile
) -> None:
    missing = decide(profile, rulebook, DAY, ALL_LAYERS).missing
    assert [question.rank for question in missing] == list(range(1, len(missing) + 1))
    shares = [question.settles for question in missing]
    assert shares == sorted(shares, reverse=True)
    assert all(share > 0 for share in shares)
