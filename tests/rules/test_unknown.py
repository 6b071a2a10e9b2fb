"""Unknown is not no: what is not known changes an answer only where something depends on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from itertools import product

import pytest

from kb.content.records import Library
from kb.rules.codes import BlockerCode, ProfileQuestion
from kb.rules.decide import decide
from kb.rules.evidence import KnowledgeLayer
from kb.rules.facts import ALL_LAYERS
from kb.rules.inputs import (
    AssessmentKind,
    CountryKind,
    FacilityProfile,
    GatewayProfileState,
    InterestTiming,
    Ternary,
)
from kb.rules.match_rows import MatchedRows, match_rows
from kb.rules.missing import outcome_of
from kb.rules.outcomes import StepState
from tests.rules.cases import COUNTRY_OF, DAY, every_profile, spread

pytestmark = pytest.mark.exhaustive

Values = Mapping[str, object]
INPUTS = {
    "enrolled": Ternary,
    "in_scope": Ternary,
    "capacity_available": Ternary,
    "gateway_profile": GatewayProfileState,
    "interest": InterestTiming,
    "assessment": AssessmentKind,
    "self_assessed_before": Ternary,
}
FIELD_OF = {
    ProfileQuestion.INTEREST_DECLARED: "interest",
    **{question: question.lower() for question in ProfileQuestion if question.lower() in INPUTS},
}
UNNAMED = COUNTRY_OF[CountryKind.NOT_NAMED]


def completions(profile: FacilityProfile) -> Iterator[FacilityProfile]:
    """The profile with every combination of answers to what is not known."""
    unknown = [name for name in INPUTS if getattr(profile, name) == "UNKNOWN"]
    answers = ([value for value in INPUTS[name] if value != "UNKNOWN"] for name in unknown)
    known = {field.name: getattr(profile, field.name) for field in fields(profile)}
    for values in product(*answers):
        yield FacilityProfile(**known | dict(zip(unknown, values, strict=True)))


def outcome_values(rows: MatchedRows) -> Values:
    """What is decided for a profile, field by field."""
    assert rows.fees is not None
    assert rows.tool is not None
    return {
        "assessed_by": rows.assessment.assessed_by,
        "verifier_excluded": rows.assessment.verifier_excluded,
        "sharing": rows.status,
        "tool_version": rows.tool.tool_version,
        "law_overlay": rows.tool.law_overlay,
        **{f"fee {fee.code}": fee.charge for fee in rows.fees.fees},
        **{f"label {part}": tuple(result.labels) for part, (result, _) in rows.labels.items()},
    }


@dataclass(frozen=True)
class Case:
    """A profile with its rows; `sound` is what is decided for its possible completions."""

    profile: FacilityProfile
    rows: MatchedRows
    sound: list[Values]


Rows = Mapping[FacilityProfile, MatchedRows]


@pytest.fixture(scope="module")
def rows(library: Library) -> Rows:
    """Every profile with the rows that match."""
    return {
        profile: match_rows(profile, library.rulebook, DAY, ALL_LAYERS)
        for profile in every_profile()
    }


@pytest.fixture(scope="module")
def cases(rows: Rows) -> Mapping[str, list[Case]]:
    """Country to every profile there."""
    answers = {
        profile: None if answer.contradictory else outcome_values(answer)
        for profile, answer in rows.items()
        if all(getattr(profile, name) != "UNKNOWN" for name in INPUTS)
    }
    answer: dict[str, list[Case]] = {country: [] for country in COUNTRY_OF.values()}
    for profile, of_profile in rows.items():
        possible = (answers[complete] for complete in completions(profile))
        sound = [values for values in possible if values is not None]
        answer[profile.country].append(Case(profile, of_profile, sound))
    return answer


@pytest.mark.parametrize("country", COUNTRY_OF.values())
def test_what_all_completions_agree_on_is_told(
    cases: Mapping[str, list[Case]], country: str
) -> None:
    weaker = []
    for case in cases[country]:
        if not case.sound:
            assert case.rows.contradictory, case.profile.key
            continue
        answered = outcome_values(case.rows)
        for name in answered.keys() & case.sound[0].keys():
            first = case.sound[0][name]
            if answered[name] != first and all(values.get(name) == first for values in case.sound):
                weaker.append((case.profile.key, name, answered[name], first))
    assert weaker == []


@pytest.mark.parametrize("country", COUNTRY_OF.values())
def test_only_what_contradicts_itself_is_called_contradictory(
    cases: Mapping[str, list[Case]], country: str
) -> None:
    for case in cases[country]:
        assert case.rows.contradictory is not bool(case.sound), case.profile.key


@pytest.mark.parametrize("country", COUNTRY_OF.values())
def test_nothing_is_asked_on_which_no_outcome_depends(
    library: Library, rows: Rows, country: str
) -> None:
    @cache
    def outcome(profile: FacilityProfile) -> object:
        return None if rows[profile].contradictory else outcome_of(rows[profile])

    for profile in spread(every_profile()):
        if profile.country != country:
            continue
        for missing in decide(profile, library.rulebook, DAY, ALL_LAYERS).missing:
            if missing.input is ProfileQuestion.SELF_ASSESSMENT_STEPS:
                assert profile.self_assessed_before is Ternary.YES
                continue
            name = FIELD_OF[missing.input]
            assert getattr(profile, name) == "UNKNOWN"
            known = [value for value in INPUTS[name] if value != "UNKNOWN"]
            outcomes: dict[FacilityProfile, set[object]] = {}
            for complete in completions(profile):
                rest = replace(complete, **{name: known[0]})
                reached = outcome(complete)
                if reached is not None:
                    outcomes.setdefault(rest, set()).add(reached)
            assert any(len(several) > 1 for several in outcomes.values()), (profile.key, name)


def test_what_is_not_given_is_unknown() -> None:
    profile = FacilityProfile("VN")
    assert {getattr(profile, name) for name in INPUTS} == {"UNKNOWN"}
    assert profile.self_assessment_steps == ()


@pytest.mark.parametrize(
    ("profile", "reason"),
    [
        (FacilityProfile("IN", Ternary.YES), "CONTRADICTION_ENROLLED_WITHOUT_PROGRAMME"),
        (
            FacilityProfile("IN", in_scope=Ternary.YES),
            "CONTRADICTION_IN_SCOPE_WITHOUT_PROGRAMME",
        ),
        (
            FacilityProfile("IN", assessment=AssessmentKind.VCC),
            "CONTRADICTION_ASSESSED_WITHOUT_PROGRAMME",
        ),
        (
            FacilityProfile("IN", interest=InterestTiming.AFTER_ASSESSMENT),
            "CONTRADICTION_ASSESSED_WITHOUT_PROGRAMME",
        ),
        (
            FacilityProfile("VN", Ternary.NO, assessment=AssessmentKind.ONSITE),
            "CONTRADICTION_ASSESSED_NOT_ENROLLED",
        ),
        (
            FacilityProfile("PK", Ternary.NO, assessment=AssessmentKind.VCC),
            "CONTRADICTION_VCC_NOT_ENROLLED",
        ),
        (
            FacilityProfile(UNNAMED, Ternary.NO, assessment=AssessmentKind.VCC),
            "CONTRADICTION_VCC_NOT_ENROLLED",
        ),
        (
            FacilityProfile(
                "VN",
                Ternary.YES,
                interest=InterestTiming.AFTER_ASSESSMENT,
                assessment=AssessmentKind.NONE,
            ),
            "CONTRADICTION_INTEREST_AFTER_NOTHING",
        ),
        (
            FacilityProfile("VN", Ternary.NO, interest=InterestTiming.AFTER_ASSESSMENT),
            "CONTRADICTION_INTEREST_AFTER_NOTHING",
        ),
    ],
)
def test_each_kind_of_contradiction_has_a_reason_of_its_own(
    library: Library, profile: FacilityProfile, reason: str
) -> None:
    blockers = decide(profile, library.rulebook, DAY, ALL_LAYERS).workflow.blockers
    assert [(blocker.code, blocker.because) for blocker in blockers] == [
        (BlockerCode.CONTRADICTORY_INPUT, reason)
    ]


@pytest.mark.parametrize(
    "profile",
    [
        FacilityProfile("KH", Ternary.YES),
        FacilityProfile("JO", Ternary.YES),
        FacilityProfile("ZA", Ternary.YES),
        FacilityProfile("VN", Ternary.YES, self_assessed_before=Ternary.YES),
        FacilityProfile(
            "VN",
            Ternary.YES,
            assessment=AssessmentKind.NONE,
            self_assessed_before=Ternary.YES,
        ),
        FacilityProfile("KH", Ternary.NO, Ternary.YES),
    ],
)
def test_silence_contradicts_nothing(library: Library, profile: FacilityProfile) -> None:
    layers = frozenset({KnowledgeLayer.SHARED_FAQS_2021})
    blockers = decide(profile, library.rulebook, DAY, layers).workflow.blockers
    assert BlockerCode.CONTRADICTORY_INPUT not in [blocker.code for blocker in blockers]


def test_a_step_is_missed_or_left_for_later_only_where_it_is_known_not_to_be_taken(
    library: Library,
) -> None:
    rulebook = library.rulebook
    for profile in spread(every_profile()):
        answer = decide(profile, rulebook, DAY, ALL_LAYERS)
        if answer.assessment.assessed_by != "BETTER_WORK" or answer.country.kind != "ROLLOUT":
            continue
        known = profile.with_what_follows()
        for step in answer.workflow.steps:
            known_by = {name for when in rulebook.steps[step.code].done_when for name in when}
            values = [getattr(known, name) for name in known_by & INPUTS.keys()]
            if "UNKNOWN" in values and known.enrolled == "YES":
                assert step.state in (StepState.NOT_RECORDED, StepState.DONE), (profile.key, step)


def test_without_capacity_scope_is_not_asked(library: Library) -> None:
    for country in ("VN", "PK"):
        profile = FacilityProfile(country, Ternary.NO, capacity_available=Ternary.NO)
        answer = decide(profile, library.rulebook, DAY, ALL_LAYERS)
        assert answer.assessment.assessed_by == "VERIFIER_BODY"
        assert answer.missing == ()


def test_that_no_better_work_is_named_in_a_country_rests_on_the_list_that_leaves_it_out(
    library: Library,
) -> None:
    answer = decide(FacilityProfile("IN"), library.rulebook, DAY, ALL_LAYERS)
    roles = {
        (citation.passage or citation.source): citation.role
        for citation in answer.assessment.citations
    }
    assert roles == {
        "howtohigg-vfslm": "STATED",
        "3.launch": "DERIVED",
        "5.not-enrolled": "COMBINED",
    }
    tool = {
        (citation.passage or citation.source): citation.role
        for citation in answer.assessment.tool.citations
    }
    assert tool["howtohigg-vfslm"] == "STATED"
    assert tool["3.launch"] == "DERIVED"


def test_v14_is_never_said_to_be_in_use_where_slcp_was_only_planned(library: Library) -> None:
    for country in library.rulebook.countries:
        answer = decide(FacilityProfile(country), library.rulebook, DAY, ALL_LAYERS)
        if answer.country.kind is CountryKind.NOT_NAMED:
            assert answer.assessment.tool_version is None
            assert "v1.4 has been in use" not in answer.assessment.tool.text
