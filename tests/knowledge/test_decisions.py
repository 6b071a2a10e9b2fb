"""Decisions are made once for each key, day among the dated facts, and layers."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest

from kb.content.records import Library
from kb.rules.codes import SharingStatus
from kb.rules.counterfactual import Goal, what_would_change
from kb.rules.decide import decide
from kb.rules.evidence import KnowledgeLayer
from kb.rules.facts import ALL_LAYERS
from kb.rules.hypothetical import Supposition, standing, supposed
from kb.rules.inputs import AssessedBy, FacilityProfile, GatewayProfileState, Ternary
from kb.services.knowledge.decisions import Decisions
from tests.rules.shipped import shipped_library

ENROLLED = FacilityProfile(country="VN", enrolled=Ternary.YES)
FAQS_ONLY = frozenset({KnowledgeLayer.SHARED_FAQS_2021})


@pytest.fixture(scope="module")
def library() -> Library:
    return shipped_library()


def test_a_kept_decision_is_the_one_that_the_rules_make(library: Library) -> None:
    day = date(2021, 10, 31)
    kept = Decisions(library).on(ENROLLED, day, ALL_LAYERS)
    assert kept == decide(ENROLLED, library.rulebook, day, ALL_LAYERS)


def test_a_profile_and_its_key_get_the_same_object(library: Library) -> None:
    decisions = Decisions(library)
    by_profile = decisions.on(ENROLLED, date(2022, 1, 1), ALL_LAYERS)
    assert decisions.on(ENROLLED.key, date(2023, 1, 1), ALL_LAYERS) is by_profile


def test_what_is_made_of_a_decision_in_a_way_is_made_once(library: Library) -> None:
    decisions = Decisions(library)
    decision = decisions.on(ENROLLED, date(2022, 1, 1), ALL_LAYERS)
    made = decisions.made_of(decision, "A", lambda kept: replace(kept, data_labels=()))
    assert made == replace(decision, data_labels=())
    assert decisions.made_of(decision, "A", lambda kept: kept) is made
    assert decisions.made_of(decision, "B", lambda kept: kept) is decision


def test_a_day_before_the_first_fact_gets_another_decision(library: Library) -> None:
    decisions = Decisions(library)
    before = decisions.on(ENROLLED, date(2021, 9, 30), FAQS_ONLY)
    after = decisions.on(ENROLLED, date(2021, 10, 1), FAQS_ONLY)
    assert before.assessment.assessed_by is AssessedBy.UNDETERMINED
    assert after.assessment.assessed_by is AssessedBy.BETTER_WORK


def test_layers_are_decided_apart(library: Library) -> None:
    decisions = Decisions(library)
    india = FacilityProfile(country="IN")
    with_record = decisions.on(india, date(2022, 1, 1), ALL_LAYERS)
    without = decisions.on(india, date(2022, 1, 1), FAQS_ONLY)
    assert with_record.assessment.assessed_by is AssessedBy.VERIFIER_BODY
    assert without.assessment.assessed_by is AssessedBy.UNDETERMINED


def test_the_oldest_decision_gives_way(library: Library) -> None:
    decisions = Decisions(library, kept=2)
    first = decisions.on(
        "IN|NO|NO|NO|NONE|NOT_DECLARED|NONE|NO||NONE|NONE|NONE||", date.max, ALL_LAYERS
    )
    second = decisions.on(
        "IN|NO|NO|YES|NONE|NOT_DECLARED|NONE|NO||NONE|NONE|NONE||", date.max, ALL_LAYERS
    )
    decisions.on(ENROLLED, date.max, ALL_LAYERS)
    assert len(decisions) == 2
    assert decisions.on(second.profile, date.max, ALL_LAYERS) is second
    assert decisions.on(first.profile, date.max, ALL_LAYERS) is not first


def test_threads_that_ask_at_once_get_the_same_object(library: Library) -> None:
    decisions = Decisions(library)
    with ThreadPoolExecutor(8) as pool:
        decisions_made = [
            pool.submit(decisions.on, ENROLLED, date(2022, 1, 1), ALL_LAYERS) for _ in range(32)
        ]
    assert len({id(decision.result()) for decision in decisions_made}) == 1


def test_decisions_that_are_kept_are_found_for_many_keys_on_the_days_of_their_countries(
    library: Library,
) -> None:
    decisions = Decisions(library)
    elsewhere = replace(ENROLLED, country="BD")
    before, after = date(2021, 9, 30), date(2021, 10, 1)
    keys, today = [elsewhere.key, ENROLLED.key], {"VN": after, "BD": after}
    for layers in (ALL_LAYERS, FAQS_ONLY):
        assert decisions.kept_on(keys, today, layers) == {}
        kept = decisions.on(ENROLLED, after, layers)
        found = decisions.kept_on(keys, today, layers)
        assert list(found) == [ENROLLED.key]
        assert found[ENROLLED.key] is kept
        assert decisions.kept_on(keys, today | {"VN": before}, layers) == {}


def test_where_facilities_would_stand_is_found_out_once_for_each_day_layers_and_supposition(
    library: Library,
) -> None:
    decisions = Decisions(library)
    india = replace(ENROLLED, country="IN")
    suppositions = (
        Supposition(),
        Supposition(signed_off=frozenset({"IN"})),
        Supposition(interest_declared=True),
        Supposition(tool_version="9"),
    )
    for profile, as_of, layers, supposition in itertools.product(
        (ENROLLED, india),
        (date(2021, 9, 30), date(2022, 1, 1)),
        (ALL_LAYERS, FAQS_ONLY),
        suppositions,
    ):
        changed, rules = supposed(profile, library.rulebook, supposition, as_of)
        stands = standing(profile, library.rulebook, as_of, layers)
        would_stand = standing(changed, rules, as_of, layers)
        turn = decisions.turns(as_of, layers, supposition)[profile.key]
        assert turn == (stands, would_stand)
        assert (turn[0] is turn[1]) is (stands == would_stand)
        assert decisions.turns(as_of, layers, supposition)[profile.key] is turn


def test_turns_give_way_when_there_are_many(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.services.knowledge.decisions.TURNS_KEPT", 2)
    decisions, day = Decisions(library), date(2022, 1, 1)
    suppositions = [Supposition(tool_version=str(number)) for number in range(3)]
    first, *_ = [decisions.turns(day, ALL_LAYERS, each)[ENROLLED.key] for each in suppositions]
    again = decisions.turns(day, ALL_LAYERS, suppositions[0])[ENROLLED.key]
    assert again == first
    assert again is not first


def test_suppositions_give_way_when_there_are_many_also_where_nothing_turns(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.services.knowledge.decisions.SUPPOSITIONS_KEPT", 2)
    decisions, day = Decisions(library), date(2022, 1, 1)
    suppositions = [Supposition(tool_version=str(number)) for number in range(3)]
    first, second, _ = [decisions.turns(day, ALL_LAYERS, each) for each in suppositions]
    assert decisions.turns(day, ALL_LAYERS, suppositions[0]) is not first
    assert decisions.turns(day, ALL_LAYERS, suppositions[1]) is not second


def test_of_a_supposition_what_is_supposed_of_other_countries_does_not_matter() -> None:
    supposition = Supposition(signed_off=frozenset({"IN", "PK"}), tool_version="1.5")
    assert supposition.in_country("IN") == replace(supposition, signed_off=frozenset({"IN"}))
    assert supposition.in_country("VN") == replace(supposition, signed_off=frozenset())


def test_what_would_change_is_found_out_once_for_each_goal_day_and_layers(library: Library) -> None:
    decisions, day = Decisions(library), date(2022, 1, 1)
    unlinked = replace(ENROLLED, gateway_profile=GatewayProfileState.EXISTS_UNLINKED)
    asked = [
        (profile, goal, as_of, layers)
        for profile in (ENROLLED, unlinked)
        for goal in (Goal(sharing=SharingStatus.ON_TRACK), Goal(assessed_by=AssessedBy.BETTER_WORK))
        for as_of in (day, date(2021, 9, 30))
        for layers in (ALL_LAYERS, FAQS_ONLY)
    ]
    for each in asked:
        assert decisions.kept_ways(*each) is None
        found = decisions.what_would_change(*each)
        profile, goal, as_of, layers = each
        assert found == what_would_change(profile, goal, library.rulebook, as_of, layers)
        assert decisions.what_would_change(*each) is decisions.kept_ways(*each) is found


def test_ways_give_way_when_there_are_many(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.services.knowledge.decisions.WAYS_KEPT", 2)
    decisions, goal = Decisions(library), Goal(sharing=SharingStatus.ON_TRACK)
    first, second, third = (date(2022, 1, number) for number in (1, 2, 3))
    for day in (first, second, third):
        decisions.what_would_change(ENROLLED, goal, day, ALL_LAYERS)
    assert decisions.kept_ways(ENROLLED, goal, third, ALL_LAYERS) is not None
    assert decisions.kept_ways(ENROLLED, goal, first, ALL_LAYERS) is None
