"""From which days on what later pages add to an answer may be another."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kb.content.records import Library
from kb.rules.decide import decide
from kb.rules.evidence import KnowledgeLayer
from kb.rules.facts import ALL_LAYERS
from kb.rules.inputs import AssessmentKind, CountryKind, FacilityProfile, Ternary
from kb.rules.public_record import RELIANCE, turning_days
from kb.rules.rulebook import FactTopic
from kb.rules.tables import condition_inputs
from tests.rules.cases import DAY


def test_without_the_public_record_nothing_turns(library: Library) -> None:
    layers = frozenset({KnowledgeLayer.SHARED_FAQS_2021})
    assert list(turning_days(library.rulebook, layers, RELIANCE)) == []


def test_an_answer_turns_when_a_page_is_known_and_when_it_is_too_old(library: Library) -> None:
    days = set(turning_days(library.rulebook, ALL_LAYERS, RELIANCE))
    expected = set()
    for rule in library.rulebook.later_facts.values():
        for fact in rule.facts:
            too_old = fact.checked_on + timedelta(RELIANCE[rule.topic] + 1)
            expected |= {fact.valid_from, too_old}
    for facts in library.rulebook.countries.values():
        for country in facts:
            expected.add(country.valid_from + timedelta(RELIANCE[FactTopic.COUNTRY] + 1))
    assert days == expected != set()


def test_a_decision_is_read_by_conditions_with_what_follows_from_its_answers(
    library: Library,
) -> None:
    profile = FacilityProfile(country="VN", enrolled=Ternary.YES)
    inputs = condition_inputs(decide(profile, library.rulebook, DAY, ALL_LAYERS))
    assert inputs["assessed_by"] == "BETTER_WORK"
    assert inputs["sharing"] == "UNDETERMINED"
    assert inputs["country_kind"] == CountryKind.ROLLOUT
    assert inputs["enrolled"] == Ternary.YES


@pytest.mark.parametrize(
    ("assessment", "before", "named", "answers"),
    [
        ("NONE", "YES", (1, 3), "YES NO YES"),
        ("NONE", "NO", (1, 3), "YES NO YES"),
        ("UNKNOWN", "NO", (1, 3), "UNKNOWN NO UNKNOWN"),
        ("UNKNOWN", "YES", (1, 3), "YES NO YES"),
        ("ONSITE", "NO", (1, 3), "NO NO NO"),
        ("ONSITE", "YES", (2,), "NO YES NO"),
        ("ONSITE", "UNKNOWN", (2,), "NO UNKNOWN NO"),
        ("ONSITE", "YES", (), "YES UNKNOWN UNKNOWN"),
        ("VCC", "NO", (), "NO NO NO"),
        ("UNKNOWN", "UNKNOWN", (), "UNKNOWN UNKNOWN UNKNOWN"),
    ],
)
def test_which_steps_were_self_assessed(
    assessment: str, before: str, named: tuple[int, ...], answers: str
) -> None:
    profile = FacilityProfile(
        country="VN",
        assessment=AssessmentKind(assessment),
        self_assessed_before=Ternary(before),
        self_assessment_steps=named,
    )
    assert [profile.self_assessed(step) for step in (1, 2, 3)] == answers.split()
