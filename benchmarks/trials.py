"""The questions of our own on which the search is measured, from tests/retrieval."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
QUESTIONS = ROOT / "tests" / "retrieval"
LANGUAGES = {"vietnamese": "vi", "indonesian": "id", "bengali": "bn"}


@dataclass(frozen=True)
class Trial:
    """A question with what answers it.

    `split` is train, dev or test. `faqs` are the numbers of the entries that answer it, none where
    it is not covered; `passages` the ids of their passages, where those are known. `topics` are
    those that a hand-over may name; None where that is not known. `never` are passages that must
    not be answered at HIGH.
    """

    text: str
    previous: str | None
    language: str
    style: str
    split: str
    family: str
    faqs: frozenset[int]
    passages: tuple[str, ...] = ()
    topics: tuple[str, ...] | None = None
    facts: dict[str, str] = field(default_factory=dict, hash=False)
    never: tuple[str, ...] = ()

    @property
    def covered(self) -> bool:
        return bool(self.faqs)


def trials() -> list[Trial]:
    """All questions, in the order of files and lines."""
    return [
        *(one for path in sorted(QUESTIONS.glob("*.jsonl")) for one in _lines(path)),
        *(one for path in sorted(QUESTIONS.glob("*.yaml")) for one in _listed(path)),
    ]


def questions_hash() -> str:
    """The SHA-256 of the question files."""
    whole = sha256()
    for path in sorted([*QUESTIONS.glob("*.jsonl"), *QUESTIONS.glob("*.yaml")]):
        whole.update(path.name.encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()


def _lines(path: Path) -> Iterator[Trial]:
    for line in path.read_text("utf-8").splitlines():
        record = json.loads(line)
        passages = tuple(record["passages"])
        yield Trial(
            text=record["text"],
            previous=record.get("previous"),
            language=record["language"],
            style=record["style"],
            split=record["split"],
            family=record["family"],
            faqs=frozenset(int(one.partition(".")[0]) for one in passages),
            passages=passages,
            topics=tuple(record.get("topics", ())),
            facts=record.get("facts", {}),
            never=tuple(record.get("never", ())),
        )


def _listed(path: Path) -> Iterator[Trial]:
    language = LANGUAGES.get(path.stem, "en")
    held = yaml.safe_load(path.read_text("utf-8"))
    by_number = {"not_covered": held} if path.stem == "english-not-covered" else held
    for number, styles in by_number.items():
        for style, questions in styles.items():
            for one in questions:
                previous, text = one if isinstance(one, list) else (None, one)
                even = int(sha256(text.encode()).hexdigest(), 16) % 2 == 0
                faqs = frozenset[int]() if number == "not_covered" else frozenset({int(number)})
                yield Trial(text, previous, language, style, "dev" if even else "test", text, faqs)
