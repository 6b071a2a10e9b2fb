"""The questions of our own on which the search is measured, from tests/retrieval."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parent.parent
QUESTIONS = ROOT / "tests" / "retrieval"


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
    return [trial for path in _files() for trial in _lines(path)]


def questions_hash() -> str:
    """The SHA-256 of the question files."""
    whole = sha256()
    for path in _files():
        whole.update(path.name.encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()


def _files() -> list[Path]:
    return sorted(QUESTIONS.glob("*.jsonl"))


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
            faqs=frozenset(int(passage.partition(".")[0]) for passage in passages),
            passages=passages,
            topics=tuple(record.get("topics", ())),
            facts=record.get("facts", {}),
            never=tuple(record.get("never", ())),
        )
