"""How sure the knowledge base is that its first FAQ is the right one: a calibrated probability.

A logistic regression over what the ranking found. Its coefficients are fitted by
`benchmarks/retrieval.py --fit` on questions that the trained head had not learnt, and lie in
`coefficients.json`, together with the hash of the questions they were fitted on.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, Final

_LEAST_CHANCE: Final = 0.003
_MOST_ODDS: Final = math.log((1 + _LEAST_CHANCE) / _LEAST_CHANCE)


class ConfidenceBand(StrEnum):
    """The confidence in words, for people."""

    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for the first FAQ; each value lies between about -1 and 1.

    `top` is its score and `margin` how far ahead of the second FAQ it is, as a share; `known` the
    share of the question's weight on words that the knowledge base uses at all, `matched` the
    share on words of this FAQ; `words` and `letters` its likeness to the best phrasing; `rival` by
    how much the nearest topic that is not covered is ahead of it. `chance`, `other_chance` and
    `rival_chance` are the probabilities by the trained head (see `odds`) of this FAQ, of the
    likeliest other one and of the likeliest topic, `passage_chance` that of its likeliest passage.
    `length` grows with the telling words of the question; `carries_on` is 1 where it needs the one
    before it and a half where it may; `denies` is 1 where it says no, and the last three are 1 for
    a question in that language.
    """

    top: float
    margin: float
    known: float
    matched: float
    words: float
    letters: float
    rival: float
    chance: float
    other_chance: float
    rival_chance: float
    passage_chance: float
    length: float
    carries_on: float
    denies: float
    vietnamese: float
    indonesian: float
    bengali: float

    def values(self) -> list[float]:
        """The values in the order of the fields."""
        return [getattr(self, field.name) for field in fields(self)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coefficients:
    """The fitted regression, what each outcome needs at least, and what it was fitted on.

    `answer_from` and `suggest_from` are confidences, `known_from` is the share of a question on
    known words below which nothing is suggested, and `topic_from` the probability by the trained
    head from which a topic is named. `questions` is the SHA-256 of the question files. Values are
    standardised by `means` and `scales` before they are weighted.
    """

    questions: str
    features: tuple[str, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float
    answer_from: float
    suggest_from: float
    known_from: float
    topic_from: float

    def confidence(self, evidence: Evidence) -> float:
        """The probability that the first FAQ answers the question, 0 to 1."""
        total = self.intercept
        for value, mean, scale, weight in zip(
            evidence.values(), self.means, self.scales, self.weights, strict=True
        ):
            total += weight * (value - mean) / scale
        return round(1 / (1 + math.exp(-max(-30.0, min(30.0, total)))), 4)


def odds(probability: float) -> float:
    """A probability as the logarithm of its odds, between -1 and 1."""
    return math.log((probability + _LEAST_CHANCE) / (1 - probability + _LEAST_CHANCE)) / _MOST_ODDS


@cache
def coefficients() -> Coefficients:
    """The coefficients that come with the program."""
    kept: dict[str, Any] = json.loads(files("kb.search").joinpath("coefficients.json").read_text())
    for key, value in kept.items():
        kept[key] = tuple(value) if isinstance(value, list) else value
    return Coefficients(**kept)


def band_of(confidence: float) -> ConfidenceBand:
    """HIGH from 0.75, MEDIUM from 0.45, LOW below."""
    if confidence >= 0.75:
        return ConfidenceBand.HIGH
    return ConfidenceBand.MEDIUM if confidence >= 0.45 else ConfidenceBand.LOW
