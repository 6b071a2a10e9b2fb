"""What to ask next: the unknown inputs, ranked by how much each would settle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

from kb.rules.facts import Layers
from kb.rules.inputs import FacilityProfile, Ternary
from kb.rules.rulebook import BlockerCode, ProfileQuestion, Rulebook
from kb.rules.settle import Settled, settle

_TERNARY = (Ternary.YES, Ternary.NO)
_STEPS = ((1,), (1, 2), (1, 3), (1, 2, 3))

# What the outcomes are compared by: all that a reader would notice, apart from the wording.
_Outcome = tuple[object, ...]


def open_questions(profile: FacilityProfile) -> Mapping[ProfileQuestion, tuple[Any, ...]]:
    """The inputs of the profile that are not known, each with the answers it may get."""
    questions: dict[ProfileQuestion, tuple[Any, ...]] = {
        ProfileQuestion(name.upper()): _TERNARY
        for name in ("enrolled", "in_scope", "capacity_available", "self_assessed_before")
        if getattr(profile, name) is Ternary.UNKNOWN
    }
    if profile.self_assessed_before is Ternary.YES and not profile.self_assessment_steps:
        questions[ProfileQuestion.SELF_ASSESSMENT_STEPS] = _STEPS
    return questions


def settling(
    profile: FacilityProfile, rulebook: Rulebook, as_of: date, layers: Layers
) -> tuple[tuple[ProfileQuestion, float], ...]:
    """The questions worth asking with what each settles, most settling first.

    Every combination of answers is decided, contradictions left out. A question settles the
    outcomes that fall away, on average over its answers; one that settles nothing is not asked.
    """
    questions = open_questions(profile)
    names = tuple(questions)
    possible: list[tuple[tuple[Any, ...], _Outcome]] = []
    for answers in product(*questions.values()):
        known = {name.lower(): answer for name, answer in zip(names, answers, strict=True)}
        settled = settle(replace(profile, **known), rulebook, as_of, layers)
        if not _contradictory(settled):
            possible.append((answers, _outcome(settled)))

    total = len({outcome for _, outcome in possible})
    ranked = []
    for place, name in enumerate(names):
        left = [
            len({outcome for answers, outcome in possible if answers[place] == answer})
            for answer in questions[name]
        ]
        left = [count for count in left if count]
        settles = round(total - sum(left) / len(left), 2) if left else 0.0
        if settles > 0:
            ranked.append((name, settles))
    return tuple(sorted(ranked, key=lambda one: -one[1]))


def _contradictory(settled: Settled) -> bool:
    blockers = settled.assessment.blockers + (settled.sharing.blockers if settled.sharing else ())
    return any(blocker.code is BlockerCode.CONTRADICTORY_INPUT for blocker in blockers)


def _outcome(settled: Settled) -> _Outcome:
    labels = tuple(tuple(result.labels) for result in settled.labels.values())
    fees = tuple((fee.code, fee.charge) for fee in settled.fees.fees) if settled.fees else ()
    return (settled.assessment.assessed_by, settled.status, labels, fees)
