"""Fitting the confidence and its threshold, and training the head that comes with the program."""

from __future__ import annotations

import json
import lzma
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from benchmarks.trials import ROOT, Trial, questions_hash
from kb.content.records import Library
from kb.search import SearchIndex
from kb.search.confidence import Coefficients, Evidence
from kb.search.head import Example, Head
from kb.search.lookup import evidence_of
from kb.search.message import MessageReader
from kb.search.normalise import cleaned, terms, words
from kb.search.prepared import SHIPPED_HEAD
from kb.search.texts import examples_of, hash_of

FITTED = ROOT / "kb" / "search" / "coefficients.json"
FITTED_WITH_MEANING = FITTED.with_name("coefficients-with-meaning.json")
HEAD = FITTED.with_name(SHIPPED_HEAD)

LOCALES = ("en", "vi", "id", "bn")
FOLDS = 10
MOST_FALSE_ANSWERS = 0.028
"""The threshold is set for fewer false answers than the 0.05 that are allowed on new questions."""
MOST_FALSE_ANSWERS_UNTHOUGHT_OF = 0.12
"""The same when the nearest topic is left out, as if nobody had thought of it."""
MOST_LOST = 0.004
"""The share of covered questions for which nothing may be suggested, by each of two reasons."""
MOST_WRONG_TOPICS = 0.03
"""The share of named topics that may be wrong."""
PENALTY = 3.0


@dataclass(frozen=True)
class Row:
    """A trial as the regression sees it; `fold` is that of its topic, so no topic is in two."""

    trial: Trial
    evidence: Evidence
    right: bool
    weight: float
    as_it_is: bool
    fold: int


def train_head(library: Library, some: Iterable[Trial]) -> None:
    """Train the head on a library and on questions, and put it beside the program."""
    examples = examples_of(library)
    readers = {locale: MessageReader(library.courtesies, locale) for locale in LOCALES}
    asked = [
        _example(trial, label, readers[trial.language])
        for trial in some
        for label in [*trial.passages, *(trial.topics or ())][:1]
    ]
    head = Head.trained([*examples, *asked], hash_of(examples))
    HEAD.write_bytes(lzma.compress(head.to_bytes()))


def _example(trial: Trial, label: str, reader: MessageReader) -> Example:
    """A question as the search compares it: without courtesies, after the one before it."""
    asked = reader.read(trial.text).asked or trial.text
    said = words(cleaned(f"{trial.previous or ''} {asked}"))
    return Example(terms(said, trial.language), said, label)


def rows_of(index: SearchIndex, some: Iterable[Trial]) -> list[Row]:
    """The rows of trials that something is found for.

    A question that is not covered counts in part as it would with its nearest topic left out:
    people ask about topics that nobody has thought of yet.
    """
    rows: list[Row] = []
    for trial in some:
        found = index.look_up(trial.text, previous=trial.previous)
        if not found.question.served:
            continue
        without = replace(found, topics=found.topics[1:])
        topic = str(found.topics[0].key) if found.topics and not trial.covered else trial.family
        fold = sum(topic.encode()) % FOLDS
        halves = [(found, 1.0)] if trial.covered else [(found, 0.7), (without, 0.3)]
        for looked_up, weight in halves:
            evidence = evidence_of(looked_up)
            if evidence is not None:
                right = looked_up.faqs[0].key in trial.faqs
                rows.append(Row(trial, evidence, right, weight, looked_up is found, fold))
    return rows


def fit(rows: Sequence[Row]) -> dict[str, list[float] | float]:
    """Logistic regression by Newton's method, on standardised values, with a small penalty."""
    values = [row.evidence.values() for row in rows]
    width = len(values[0])
    means = [sum(row[at] for row in values) / len(rows) for at in range(width)]
    scales = [
        math.sqrt(sum((row[at] - means[at]) ** 2 for row in values) / len(rows)) or 1.0
        for at in range(width)
    ]
    xs = [[1.0, *((row[at] - means[at]) / scales[at] for at in range(width))] for row in values]
    weights = [0.0] * (width + 1)
    for _ in range(30):
        gradient = [PENALTY * weight if at else 0.0 for at, weight in enumerate(weights)]
        curve = [
            [PENALTY * (at == other > 0) for other in range(width + 1)] for at in range(width + 1)
        ]
        for x, row in zip(xs, rows, strict=True):
            chance = 1 / (1 + math.exp(-sum(a * b for a, b in zip(weights, x, strict=True))))
            for at in range(width + 1):
                gradient[at] += row.weight * (chance - row.right) * x[at]
                for other in range(width + 1):
                    curve[at][other] += row.weight * chance * (1 - chance) * x[at] * x[other]
        step = _solved(curve, gradient)
        weights = [weight - by for weight, by in zip(weights, step, strict=True)]
        if max(map(abs, step)) < 1e-9:
            break
    return {
        "means": [round(value, 6) for value in means],
        "scales": [round(value, 6) for value in scales],
        "weights": [round(value, 6) for value in weights[1:]],
        "intercept": round(weights[0], 6),
    }


def _solved(matrix: list[list[float]], right: list[float]) -> list[float]:
    """The solution of a system of linear equations, by Gauss with pivots."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for at in range(len(rows)):
        pivot = max(range(at, len(rows)), key=lambda row: abs(rows[row][at]))
        rows[at], rows[pivot] = rows[pivot], rows[at]
        for other in range(len(rows)):
            if other != at:
                factor = rows[other][at] / rows[at][at]
                rows[other] = [a - factor * b for a, b in zip(rows[other], rows[at], strict=True)]
    return [row[-1] / row[at] for at, row in enumerate(rows)]


def fitted(index: SearchIndex, on: Sequence[Trial]) -> Coefficients:
    """The coefficients for development questions.

    The threshold for answering comes from confidences that are cross-validated by topic, so that
    it is not flattered.
    """
    settings: dict[str, Any] = {
        "questions": questions_hash(),
        "features": tuple(field.name for field in fields(Evidence)),
        "topic_from": _topic_from(index, on),
    }
    rows = rows_of(index, on)
    covered = [row.evidence.known for row in rows if row.trial.covered]
    settings["known_from"] = round(_least(covered, MOST_LOST), 3)
    lost: list[float] = []
    crossed: dict[bool, list[float]] = {True: [], False: []}
    for fold in range(FOLDS):
        part = fit([row for row in rows if row.fold != fold])
        some = Coefficients(**settings, **part, answer_from=1.0, suggest_from=0.0)
        for row in rows:
            if row.fold == fold and row.trial.covered:
                lost.append(some.confidence(row.evidence))
            elif row.fold == fold:
                crossed[row.as_it_is].append(some.confidence(row.evidence))
    answer_from = max(
        sorted(values, reverse=True)[int(share * len(values))]
        for values, share in (
            (crossed[True], MOST_FALSE_ANSWERS),
            (crossed[False], MOST_FALSE_ANSWERS_UNTHOUGHT_OF),
        )
    )
    return Coefficients(
        **settings,
        **fit(rows),
        answer_from=math.ceil(1000 * answer_from) / 1000,
        suggest_from=round(_least(lost, MOST_LOST), 3),
    )


def _least(values: Sequence[float], share: float) -> float:
    """The value below which at most this share of the values lies."""
    return sorted(values)[int(share * len(values))]


def _topic_from(index: SearchIndex, on: Sequence[Trial]) -> float:
    """The probability of a topic from which at most a small share of those named are wrong."""
    first: list[tuple[float, bool]] = []
    for trial in on:
        found = index.look_up(trial.text, previous=trial.previous)
        if not trial.covered and trial.topics is not None and found.topics:
            topic = found.topics[0]
            first.append((topic.chance, topic.key not in trial.topics))
    first.sort(reverse=True)
    least, wrong = 1.0, 0
    for place, (chance, is_wrong) in enumerate(first, 1):
        wrong += is_wrong
        if wrong <= MOST_WRONG_TOPICS * place:
            least = chance
    return round(least, 3)


def unfitted() -> Coefficients:
    """Coefficients with which an index can be built before any are fitted."""
    names = tuple(field.name for field in fields(Evidence))
    flat = (1.0,) * len(names)
    return Coefficients(
        questions="", features=names, means=flat, scales=flat, weights=flat, intercept=0.0,
        answer_from=1.0, suggest_from=1.0, known_from=0.0, topic_from=1.0,
    )  # fmt: skip


def write(made: Coefficients, *, with_meaning: bool) -> None:
    """Put coefficients beside the program."""
    path = FITTED_WITH_MEANING if with_meaning else FITTED
    path.write_text(json.dumps(asdict(made), indent=1) + "\n", encoding="utf-8")
