"""What to ask next: the unknown inputs, ranked by how much each would settle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

from kb.rules.codes import ProfileQuestion
from kb.rules.facts import Layers
from kb.rules.inputs import (
    AssessmentKind,
    FacilityProfile,
    GatewayProfileState,
    InterestTiming,
    Ternary,
)
from kb.rules.match_rows import MatchedRows, match_rows
from kb.rules.rulebook import Rulebook
from kb.rules.tables import any_holds

_OF_OTHERS = (
    ProfileQuestion.ENROLLED,
    ProfileQuestion.IN_SCOPE,
    ProfileQuestion.CAPACITY_AVAILABLE,
)
_OF_ENROLLED = (
    ProfileQuestion.GATEWAY_PROFILE,
    ProfileQuestion.INTEREST_DECLARED,
    ProfileQuestion.ASSESSMENT,
    ProfileQuestion.SELF_ASSESSED_BEFORE,
    ProfileQuestion.SELF_ASSESSMENT_STEPS,
)
FIELDS = {question: question.lower() for question in ProfileQuestion} | {
    ProfileQuestion.INTEREST_DECLARED: "interest"
}
"""The field of a profile that each question is about."""

_STEPS = ((1,), (1, 2), (1, 3), (1, 2, 3))
_KINDS_OF_ANSWER = {
    ProfileQuestion.GATEWAY_PROFILE: GatewayProfileState,
    ProfileQuestion.INTEREST_DECLARED: InterestTiming,
    ProfileQuestion.ASSESSMENT: AssessmentKind,
}
POSSIBLE_ANSWERS: Mapping[ProfileQuestion, tuple[Any, ...]] = {
    question: tuple(
        answer for answer in _KINDS_OF_ANSWER.get(question, Ternary) if answer != "UNKNOWN"
    )
    for question in ProfileQuestion
} | {ProfileQuestion.SELF_ASSESSMENT_STEPS: _STEPS}
"""What may be answered to each question."""


def unanswered_questions(
    profile: FacilityProfile, *, enrolled_or_not: bool = False
) -> Mapping[ProfileQuestion, tuple[Any, ...]]:
    """The inputs of the profile that are not known, each with the answers it may get.

    What happens in a service cycle is asked about enrolled facilities, scope and capacity about
    others. With `enrolled_or_not` nobody knows whether it is enrolled, and both are asked.
    """
    profile = profile.with_what_follows()
    applicable: tuple[ProfileQuestion, ...] = _OF_OTHERS
    if profile.enrolled is Ternary.YES:
        applicable = _OF_ENROLLED
    elif enrolled_or_not and profile.enrolled is Ternary.UNKNOWN:
        applicable = _OF_OTHERS + _OF_ENROLLED
    questions: dict[ProfileQuestion, tuple[Any, ...]] = {}
    for question in applicable:
        value = getattr(profile, FIELDS[question])
        without_steps = value == () and profile.self_assessed_before is Ternary.YES
        if value == Ternary.UNKNOWN or without_steps:
            questions[question] = POSSIBLE_ANSWERS[question]
    return questions


def answer_code(question: ProfileQuestion, answer: Any) -> str:
    """The name of the statement that says an answer to a question."""
    if question is ProfileQuestion.SELF_ASSESSMENT_STEPS:
        return f"ANSWER_{question}_{''.join(map(str, answer))}"
    return f"ANSWER_{answer}" if isinstance(answer, Ternary) else f"ANSWER_{question}_{answer}"


def worth_asking(
    profile: FacilityProfile, rulebook: Rulebook, as_of: date, layers: Layers
) -> tuple[tuple[ProfileQuestion, float], ...]:
    """The questions worth asking with what each settles, most settling first.

    Every combination of answers is tried, contradictions left out. A question settles the
    outcomes that fall away, on average over its answers; one on which no outcome depends is not
    asked.
    """
    questions = unanswered_questions(profile)
    names = [FIELDS[question] for question in questions]
    possible: list[tuple[tuple[Any, ...], object]] = []
    for answers in product(*questions.values()):
        answered = replace(profile, **dict(zip(names, answers, strict=True)))
        rows = match_rows(answered, rulebook, as_of, layers)
        if not rows.contradictory:
            possible.append((answers, outcome_of(rows)))

    total = len({outcome for _, outcome in possible})
    ranked: list[tuple[ProfileQuestion, float]] = []
    for place, question in enumerate(questions):
        by_answer: dict[object, set[object]] = {}
        by_others: dict[object, set[object]] = {}
        for answers, outcome in possible:
            by_answer.setdefault(answers[place], set()).add(outcome)
            by_others.setdefault(answers[:place] + answers[place + 1 :], set()).add(outcome)
        if any(len(outcomes) > 1 for outcomes in by_others.values()):
            left = [len(outcomes) for outcomes in by_answer.values()]
            ranked.append((question, round(total - sum(left) / len(left), 2)))
    return tuple(sorted(ranked, key=lambda pair: -pair[1]))


def outcome_of(rows: MatchedRows) -> tuple[object, ...]:
    """What a reader would notice of an answer, apart from the wording, to compare answers by."""
    blockers = tuple(rule.code for rule in rows.blockers if any_holds(rule.when, rows.inputs))
    labels = tuple(tuple(result.labels) for result, _ in rows.labels.values())
    fees = tuple((fee.code, fee.charge) for fee in rows.fees.fees) if rows.fees else ()
    return (rows.assessment.assessed_by, rows.status, blockers, labels, fees)
