"""Guided mode: one question after the other, until what applies no longer depends on an answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from typing import Any

from kb.rules.codes import ProfileQuestion
from kb.rules.evidence import Explained
from kb.rules.facts import Layers
from kb.rules.inputs import FacilityProfile, Ternary
from kb.rules.match_rows import match_rows
from kb.rules.missing import FIELDS, POSSIBLE_ANSWERS, answer_code, outcome_of, unanswered_questions
from kb.rules.rulebook import Rulebook
from kb.rules.wording import Wording
from kb.rules.workflow import path_of

Outcome = tuple[str, tuple[object, ...], tuple[str, ...]]
"""The route of a profile, what applies to it on the route, and the codes of its next actions."""

_Numbers = tuple[int, int, int]
"""The numbers of a route, of what applies on it, and of the whole outcome: quick to compare."""

_Possible = tuple[tuple[Any, ...], _Numbers]
_Place = tuple[FacilityProfile, frozenset[ProfileQuestion]]
PLANS_KEPT = 5_000
"""How many profiles are remembered with their questions, at about a kilobyte each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Explained):
    """An answer to a question: the value of the input, or for Steps those that are covered.

    `value` is None for Steps; with value UNKNOWN the answer is not known.
    """

    value: str | None
    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NextQuestion(Explained):
    """The question to ask now.

    `remaining` is how many questions there are at most if each is answered, this one counted;
    `settles` how many of the outcomes that are still possible fall away, on average over its
    answers.
    """

    input: ProfileQuestion
    choices: tuple[Choice, ...]
    remaining: int
    settles: float


class Guide:
    """Plans questions under one rulebook, for one day and set of layers.

    First comes the question that settles most routes, then the one that settles most of what
    applies on the route, then the one that settles most next actions. Answers that contradict
    what is known are not offered. What was planned is remembered, for `kept` profiles or a few
    more.
    """

    def __init__(
        self, rulebook: Rulebook, as_of: date, layers: Layers, kept: int = PLANS_KEPT
    ) -> None:
        self._rulebook = rulebook
        self._as_of = as_of
        self._layers = layers
        self._kept = kept
        self._outcomes: dict[FacilityProfile, Outcome | None] = {}
        self._numbers: dict[tuple[object, ...], int] = {}
        self._numbered: dict[FacilityProfile, _Numbers | None] = {}
        self._plans: dict[_Place, _Plan | None] = {}
        self._longest: dict[_Place, int] = {}

    def next_question(
        self, profile: FacilityProfile, not_known: Iterable[ProfileQuestion] = ()
    ) -> NextQuestion | None:
        """The question to ask about a profile, or None when no answer would change what applies.

        Answers that contradict what is known do not count.
        Of `not_known` nothing is asked: the one who answers does not know.
        """
        skipped = frozenset(not_known)
        if len(self._plans) > self._kept:
            self._plans.clear()
            self._longest.clear()
            self._outcomes.clear()
            self._numbered.clear()
            self._numbers.clear()
        plan = self._plan(profile, skipped)
        if plan is None:
            return None
        fact = match_rows(profile, self._rulebook, self._as_of, self._layers).fact
        wording = Wording(self._rulebook, profile.country, self._layers, fact)
        return NextQuestion(
            **wording.parts(f"MISSING_{plan.question}"),
            input=plan.question,
            choices=(
                *(_choice(plan.question, answer, wording) for answer in plan.answers),
                Choice(**wording.parts("ANSWER_NOT_KNOWN"), value="UNKNOWN", steps=()),
            ),
            remaining=self._remaining(profile, skipped),
            settles=round(plan.settles[-1], 2),
        )

    def outcome(self, profile: FacilityProfile) -> Outcome | None:
        """What applies to a profile; None where it contradicts itself."""
        if profile not in self._outcomes:
            rows = match_rows(profile, self._rulebook, self._as_of, self._layers)
            route, coming = path_of(rows, self._rulebook)
            self._outcomes[profile] = (
                None if rows.contradictory else (route, outcome_of(rows), coming)
            )
        return self._outcomes[profile]

    def _numbers_of(self, profile: FacilityProfile) -> _Numbers | None:
        if profile not in self._numbered:
            outcome = self.outcome(profile)
            self._numbered[profile] = outcome and (
                self._number(outcome[:1]),
                self._number(outcome[:2]),
                self._number(outcome),
            )
        return self._numbered[profile]

    def _number(self, outcome: tuple[object, ...]) -> int:
        return self._numbers.setdefault(outcome, len(self._numbers))

    def _plan(self, profile: FacilityProfile, skipped: frozenset[ProfileQuestion]) -> _Plan | None:
        place = profile, skipped
        if place not in self._plans:
            self._plans[place] = self._planned(profile, skipped)
        return self._plans[place]

    def _planned(
        self, profile: FacilityProfile, skipped: frozenset[ProfileQuestion]
    ) -> _Plan | None:
        unclear = ProfileQuestion.ENROLLED in skipped
        questions = dict(unanswered_questions(profile, enrolled_or_not=unclear))
        if profile.in_scope is Ternary.UNKNOWN:
            # That an enrolled factory is out of scope is something to ask about (FAQ 7).
            questions[ProfileQuestion.IN_SCOPE] = POSSIBLE_ANSWERS[ProfileQuestion.IN_SCOPE]
        for question in skipped:
            questions.pop(question, None)
        names = [FIELDS[question] for question in questions]
        possible: list[_Possible] = []
        for answers in product(*questions.values()):
            answered = replace(profile, **dict(zip(names, answers, strict=True)))
            numbers = self._numbers_of(answered)
            if numbers is not None:
                possible.append((answers, numbers))
        plans = [
            _Plan.of(question, place, possible)
            for place, question in enumerate(questions)
            if _matters(place, possible)
        ]
        return max(plans, key=lambda plan: plan.settles, default=None)

    def _remaining(self, profile: FacilityProfile, skipped: frozenset[ProfileQuestion]) -> int:
        place = profile, skipped
        plan = self._plan(*place)
        if plan is not None and place not in self._longest:
            name = FIELDS[plan.question]
            answered = (replace(profile, **{name: answer}) for answer in plan.answers)
            self._longest[place] = 1 + max(
                self._remaining(following, skipped) for following in answered
            )
        return self._longest.get(place, 0)


@dataclass(frozen=True, slots=True)
class _Plan:
    """A question with the answers it may get.

    `settles` counts what falls away on average: routes, what applies on them, and outcomes.
    """

    question: ProfileQuestion
    answers: tuple[Any, ...]
    settles: tuple[float, ...]

    @classmethod
    def of(cls, question: ProfileQuestion, place: int, possible: list[_Possible]) -> _Plan:
        by_answer: dict[Any, list[_Numbers]] = {}
        for answers, numbers in possible:
            by_answer.setdefault(answers[place], []).append(numbers)
        settles = []
        for level in range(3):
            total = len({numbers[level] for _, numbers in possible})
            left = [
                len({numbers[level] for numbers in of_answer}) for of_answer in by_answer.values()
            ]
            settles.append(total - sum(left) / len(left))
        return cls(question, tuple(by_answer), tuple(settles))


def _matters(place: int, possible: list[_Possible]) -> bool:
    """Whether, with the other answers fixed, some answer at the place changes what applies."""
    by_others: dict[object, int] = {}
    for answers, (_, _, outcome) in possible:
        others = answers[:place] + answers[place + 1 :]
        if by_others.setdefault(others, outcome) != outcome:
            return True
    return False


def _choice(question: ProfileQuestion, answer: Any, wording: Wording) -> Choice:
    of_steps = question is ProfileQuestion.SELF_ASSESSMENT_STEPS
    return Choice(
        **wording.parts(answer_code(question, answer)),
        value=None if of_steps else answer,
        steps=answer if of_steps else (),
    )
