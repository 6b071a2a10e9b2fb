"""Fitting the confidence and its threshold, and training the head that comes with the program."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any
from zlib import crc32

import numpy

from benchmarks.trials import ROOT, Trial, questions_hash
from kb.content.records import Library
from kb.search import SearchIndex
from kb.search.confidence import Coefficients, Evidence
from kb.search.head import Example, Head
from kb.search.index import Tokens
from kb.search.normalise import cleaned, terms, words
from kb.search.prepared import SHIPPED_HEAD
from kb.search.reading import QuestionReader, may_carry_on
from kb.search.texts import examples_of, hash_of, own_words_of

FITTED = ROOT / "kb" / "search" / "coefficients.json"
HEAD = FITTED.with_name(SHIPPED_HEAD)

LOCALES = ("en", "vi", "id", "bn")
FOLDS = 10
GROUPS = 5
HEADS = 3
"""Heads that are trained for each, to take their mean."""
MOST_OF_AN_AUTHOR = 1_000
SHORT = 6
"""Words of a question that the search may take for one that carries on."""
MOST_FALSE_ANSWERS = 0.05
"""The share of questions not covered that may be answered, not to be exceeded on new questions."""
MOST_FALSE_ANSWERS_UNTHOUGHT_OF = 0.12
"""The same when the nearest topic is left out, as if nobody had thought of it."""
MOST_LOST = 0.004
"""The share of covered questions for which nothing may be suggested, by each of two reasons."""
MOST_WRONG_TOPICS = 0.05
"""The share of named topics that may be wrong."""
SURELY = 2.326
"""Standard errors by which a share stays below its bound, so that it does in 99 of 100 samples."""
PENALTY = 3.0


@dataclass(frozen=True)
class Row:
    """A trial as the regression sees it; `fold` is that of its topic, so no topic is in two.

    `fresh` tells whether the head had learnt nothing of its author; `topic` is the nearest one.
    """

    trial: Trial
    evidence: Evidence
    right: bool
    weight: float
    as_it_is: bool
    fresh: bool
    fold: int
    topic: str | None
    topic_chance: float


class HeadTrainer:
    """Trains heads on a library and on questions."""

    def __init__(self, library: Library, questions: Sequence[Trial]) -> None:
        reader = QuestionReader(library, LOCALES, own_words_of(library))
        self._texts = examples_of(library)
        self._questions = [
            (trial, _example(trial, label, reader))
            for trial in questions
            for label in [*trial.passages, *(trial.topics or ())][:1]
        ]
        self._questions += _after_others(self._questions)
        self._written = Counter(map(_author, questions))

    def trained(self, without: int | None = None) -> Head:
        """The head that learnt all questions, but for those of one group."""
        learnt = [example for trial, example in self._questions if self.group_of(trial) != without]
        return Head.trained([*self._texts, *learnt], hash_of(self._texts), heads=HEADS)

    def group_of(self, trial: Trial) -> int:
        """The group that a question is left out with: that of its author.

        An author of very many is left out family by family, as little would be left to learn.
        """
        author = _author(trial)
        return crc32((author if self.is_left_out_whole(trial) else trial.family).encode()) % GROUPS

    def is_left_out_whole(self, trial: Trial) -> bool:
        """Whether all that its author wrote is left out with it."""
        return self._written[_author(trial)] <= MOST_OF_AN_AUTHOR


def _after_others(questions: Sequence[tuple[Trial, Example]]) -> list[tuple[Trial, Example]]:
    """Some short questions after unrelated ones, which do not change what they ask for."""
    short = [
        (trial, example)
        for trial, example in questions
        if example.earlier is None and len(example.words) <= SHORT
    ]
    return [
        (trial, replace(example, earlier=Tokens(other.stems, other.words)))
        for (trial, example), (_, other) in zip(short[::3], reversed(short), strict=False)
    ]


def _author(trial: Trial) -> str:
    return trial.family.partition("/")[0]


def _example(trial: Trial, label: str, reader: QuestionReader) -> Example:
    """A question as the search compares it: without courtesies, with the one it carries on."""
    question = reader.read(trial.text, trial.language, trial.previous or "")
    earlier = None
    if trial.previous and may_carry_on(question):
        before = reader.read(trial.previous, trial.language)
        earlier = _tokens(before.text, trial.language)
    own = _tokens(question.text or trial.text, trial.language)
    return Example(own.stems, own.words, label, earlier, question.signs)


def _tokens(text: str, locale: str) -> Tokens:
    text_words = words(cleaned(text))
    return Tokens(terms(text_words, locale), text_words)


def rows_of(index: SearchIndex, some: Iterable[Trial], fresh: Container[Trial]) -> list[Row]:
    """The rows of trials that something is found for; `fresh` are those of authors new to it.

    A question that is not covered counts in part as it would with its nearest topic left out:
    people ask about topics that nobody has thought of yet.
    """
    rows: list[Row] = []
    for trial in some:
        whole = index.look_up(trial.text, previous=trial.previous)
        if not whole.question.served:
            continue
        without = replace(whole, topics=whole.topics[1:])
        nearest = str(whole.topics[0].key) if whole.topics else None
        topic = nearest if nearest and not trial.covered else trial.family
        fold = sum(topic.encode()) % FOLDS
        halves = [(whole, 1.0)] if trial.covered else [(whole, 0.7), (without, 0.3)]
        for looked_up, weight in halves:
            evidence = looked_up.evidence
            if evidence is not None:
                rows.append(
                    Row(
                        trial,
                        evidence,
                        right=looked_up.faqs[0].key in trial.faqs,
                        weight=weight,
                        as_it_is=looked_up is whole,
                        fresh=trial in fresh,
                        fold=fold,
                        topic=nearest,
                        topic_chance=whole.topics[0].chance if whole.topics else 0.0,
                    )
                )
    return rows


def fit(rows: Sequence[Row]) -> dict[str, list[float] | float]:
    """Logistic regression by Newton's method, on standardised values, with a small penalty."""
    values = numpy.array([row.evidence.values() for row in rows])
    right = numpy.array([row.right for row in rows], dtype=float)
    weight = numpy.array([row.weight for row in rows])
    means, scales = values.mean(axis=0), values.std(axis=0)
    scales[scales == 0] = 1.0
    x = numpy.column_stack([numpy.ones(len(rows)), (values - means) / scales])
    penalty = numpy.full(x.shape[1], PENALTY)
    penalty[0] = 0.0
    coefficients = numpy.zeros(x.shape[1])
    for _ in range(30):
        chance = 1 / (1 + numpy.exp(-x @ coefficients))
        gradient = x.T @ (weight * (chance - right)) + penalty * coefficients
        curve = (x.T * (weight * chance * (1 - chance))) @ x + numpy.diag(penalty)
        step = numpy.linalg.solve(curve, gradient)
        coefficients -= step
        if abs(step).max() < 1e-9:
            break
    return {
        "means": means.round(6).tolist(),
        "scales": scales.round(6).tolist(),
        "weights": coefficients[1:].round(6).tolist(),
        "intercept": round(float(coefficients[0]), 6),
    }


def fitted(rows: Sequence[Row]) -> Coefficients:
    """The coefficients for rows.

    The threshold for answering comes from confidences in questions of new authors that are
    cross-validated by topic, so that it is not flattered.
    """
    settings: dict[str, Any] = {
        "questions": questions_hash(),
        "features": tuple(field.name for field in fields(Evidence)),
        "topic_from": _topic_from(rows),
    }
    covered = [row.evidence.known for row in rows if row.trial.covered]
    settings["known_from"] = round(_least(covered, MOST_LOST), 3)
    lost: list[float] = []
    crossed: dict[bool, list[tuple[float, str]]] = {True: [], False: []}
    for fold in range(FOLDS):
        part = fit([row for row in rows if row.fold != fold])
        some = Coefficients(**settings, **part, answer_from=1.0, suggest_from=0.0)
        for row in rows:
            if row.fold != fold or not row.fresh:
                continue
            if row.trial.covered:
                lost.append(some.confidence(row.evidence))
            else:
                crossed[row.as_it_is].append((some.confidence(row.evidence), _author(row.trial)))
    answer_from = max(
        _surely_below(MOST_FALSE_ANSWERS, crossed[True]),
        _surely_below(MOST_FALSE_ANSWERS_UNTHOUGHT_OF, crossed[False]),
    )
    return Coefficients(
        **settings,
        **fit(rows),
        answer_from=answer_from,
        suggest_from=round(_least(lost, MOST_LOST), 3),
    )


def _surely_below(share: float, confidences: Sequence[tuple[float, str]]) -> float:
    """The least threshold that surely at most a share of the confidences reach, in thousandths.

    Questions of an author are alike, so the standard error is that of a sample of authors.
    """
    values = numpy.array([confidence for confidence, _ in confidences])
    _, author = numpy.unique([name for _, name in confidences], return_inverse=True)
    written = numpy.bincount(author)
    for threshold in numpy.arange(1000) / 1000:
        reached = values >= threshold
        apart = numpy.bincount(author, weights=reached) - reached.mean() * written
        error = math.sqrt((apart**2).sum() * len(written) / (len(written) - 1)) / len(values)
        if reached.mean() + SURELY * error <= share:
            return float(threshold)
    return 1.0


def _least(values: Sequence[float], share: float) -> float:
    """The value below which at most this share of the values lies."""
    return sorted(values)[int(share * len(values))]


def _topic_from(rows: Sequence[Row]) -> float:
    """The probability of a topic from which at most a small share of those named are wrong."""
    first = sorted(
        (
            (row.topic_chance, row.topic not in row.trial.topics)
            for row in rows
            if row.fresh and row.as_it_is and not row.trial.covered and row.trial.topics is not None
        ),
        reverse=True,
    )
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


def write_head(head: Head) -> None:
    """Put a head beside the program."""
    HEAD.write_bytes(head.to_bytes())


def write(made: Coefficients) -> None:
    """Put coefficients beside the program."""
    FITTED.write_text(json.dumps(asdict(made), indent=1) + "\n", encoding="utf-8")
