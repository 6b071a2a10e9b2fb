"""A warning of what no profile tells is added to an answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from kb.content.records import Library
from kb.rules.decide import decide, with_warning
from kb.rules.evidence import CitationRole, KnowledgeLayer
from kb.rules.facts import ALL_LAYERS
from kb.rules.inputs import AssessmentKind, FacilityProfile, InterestTiming, Ternary
from kb.rules.rulebook import Rulebook
from tests.rules.cases import DAY


def test_that_a_record_is_contested_is_said_last_and_nothing_else_changes(
    library: Library,
) -> None:
    profile = FacilityProfile(country="VN", enrolled=Ternary.YES)
    answer = decide(profile, library.rulebook, DAY, ALL_LAYERS)
    warned = with_warning(answer, library.rulebook, "RECORD_IS_CONTESTED")
    *before, contested = warned.warnings
    assert tuple(before) == answer.warnings
    assert (contested.because, contested.code) == ("RECORD_IS_CONTESTED", "RECORD_CONTESTED")
    assert contested.text.startswith("The facility contests something")
    assert [citation.passage for citation in contested.citations] == ["9.tell-better-work"]
    passages = [citation.passage for citation in warned.citations]
    assert passages.count("9.tell-better-work") == 1
    assert (warned.assessment, warned.sharing) == (answer.assessment, answer.sharing)


def without_what_came_later(library: Library) -> Rulebook:
    """The rules of a release that was published by an older version of the program."""
    rules = library.rulebook
    later = {"DAY_NOT_COVERED", "RULES_NOT_IN_LAYERS", "ENROLMENT_FOLLOWS_FROM_ASSESSMENT"}
    return replace(
        rules,
        routes={code: rules.routes[code] for code in rules.routes.keys() - later},
        warnings={code: rules.warnings[code] for code in rules.warnings.keys() - later},
    )


@pytest.mark.parametrize(
    ("day", "layers"),
    [(date(2019, 1, 1), ALL_LAYERS), (DAY, frozenset({KnowledgeLayer.PUBLIC_RECORD}))],
)
def test_a_release_of_an_older_program_is_decided_by(
    library: Library, day: date, layers: frozenset[KnowledgeLayer]
) -> None:
    profile = FacilityProfile(country="VN", assessment=AssessmentKind.VCC)
    answer = decide(profile, without_what_came_later(library), day, layers)
    assert answer.workflow.route == "UNDETERMINED"


def test_what_an_older_release_has_no_warning_of_is_not_warned_of(library: Library) -> None:
    profile = FacilityProfile(country="VN", assessment=AssessmentKind.VCC)
    code = "ENROLMENT_INFERRED"
    now = decide(profile, library.rulebook, DAY, ALL_LAYERS)
    before = decide(profile, without_what_came_later(library), DAY, ALL_LAYERS)
    assert code in {warning.code for warning in now.warnings}
    assert [each for each in now.warnings if each.code != code] == list(before.warnings)


@pytest.mark.parametrize(
    ("country", "in_scope", "code"),
    [
        ("VN", Ternary.UNKNOWN, "IN_ROLLOUT_COUNTRY"),
        ("BD", Ternary.YES, "IN_ROLLOUT_COUNTRY"),
        ("ID", Ternary.NO, "OUT_OF_SCOPE"),
        ("PK", Ternary.UNKNOWN, "IN_PENDING_COUNTRY"),
        ("BR", Ternary.UNKNOWN, "IN_COUNTRY_NOT_NAMED"),
    ],
)
@pytest.mark.parametrize(
    ("assessment", "interest"),
    [
        (AssessmentKind.ONSITE, InterestTiming.UNKNOWN),
        (AssessmentKind.VCC, InterestTiming.BEFORE_ASSESSMENT),
        (AssessmentKind.UNKNOWN, InterestTiming.AFTER_ASSESSMENT),
    ],
)
def test_enrolment_that_follows_from_an_assessment_is_told_as_derived_and_warned_of(
    library: Library,
    country: str,
    in_scope: Ternary,
    code: str,
    assessment: AssessmentKind,
    interest: InterestTiming,
) -> None:
    profile = FacilityProfile(country, in_scope=in_scope, assessment=assessment, interest=interest)
    answer = decide(profile, library.rulebook, DAY, ALL_LAYERS)
    assert (answer.assessment.assessed_by, answer.assessment.because) == (
        "BETTER_WORK",
        f"ASSESSED_{code}",
    )
    assert answer.assessment.text.startswith(
        "Better Work has assessed this factory, so it is taken to be enrolled. "
    )
    assert "because it is enrolled" not in answer.assessment.text
    roles = {c.role for c in answer.assessment.citations if c.passage and c.passage[0] in "57"}
    assert roles == {CitationRole.DERIVED}
    inferred = answer.warnings[0]
    assert (inferred.because, inferred.code, inferred.ambiguity) == (
        *("ENROLMENT_FOLLOWS_FROM_ASSESSMENT", "ENROLMENT_INFERRED", None),
    )
    told = replace(profile, enrolled=Ternary.YES)
    said = decide(told, library.rulebook, DAY, ALL_LAYERS)
    assert said.assessment.because == f"ENROLLED_{code}"
    assert "ENROLMENT_INFERRED" not in {warning.code for warning in said.warnings}


def test_nothing_is_inferred_where_it_contradicts_itself_or_nothing_is_decided(
    library: Library,
) -> None:
    for country, layers in (
        ("IN", ALL_LAYERS),
        ("VN", frozenset({KnowledgeLayer.PUBLIC_RECORD})),
    ):
        profile = FacilityProfile(country, assessment=AssessmentKind.ONSITE)
        answer = decide(profile, library.rulebook, DAY, layers)
        assert "ENROLMENT_INFERRED" not in {warning.code for warning in answer.warnings}
        assert not answer.assessment.because.startswith("ASSESSED_IN")
