"""A trained head of the ranking: how likely a question asks for each passage, entry or topic.

A softmax regression over words, neighbouring words, groups of letters and consonants, over what a
text tells beside its words, and over the meaning of the words (`kb.search.meanings`) by itself and
through a hidden layer, trained on the texts of the content itself: phrasings, passages and topics
in all languages. It learns which words decide between entries, which no likeness to single texts
can tell. Training leaves out words at random, so that no single one decides. It takes ten seconds,
so the head is kept as bytes; using it takes less than a millisecond.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from mmap import mmap
from typing import Any, Final
from zlib import crc32

import numpy

from kb.search.index import Tokens, letter_groups, pairs_of
from kb.search.meanings import SIZE, word_vectors
from kb.search.sounds import SHORTEST, consonants

_FEATURES: Final = 1 << 15
_HIDDEN: Final = 1024
_PASSES: Final = 14
_BATCH: Final = 16
_RATE, _HIDDEN_RATE = 0.35, 0.05
_LEFT_OUT: Final = 0.5
"""The share of the features of a text that one step of the training does not see."""

_SHARPNESS: Final = 6.0
_PAIR_WEIGHT, _LETTERS_WEIGHT, _SOUND_WEIGHT = 0.4, 0.7, 0.7
_EARLIER_WEIGHT: Final = 0.45
_MEANING_WEIGHT: Final = 5.0
_SEED: Final = 7

_NOTHING: Final = 1
"""A weight so small, of 127 at most, is none: it changes no answer, and zeros take little room."""

Array = Any  # numpy arrays; their element types do not matter to callers


@dataclass(frozen=True, slots=True)
class Example:
    """A text by its stems and words, and what it asks for.

    `earlier` is the question before that it carries on, if any; `signs` are what it tells beside
    its words (`kb.search.reading.Question.signs`).
    """

    stems: Sequence[str]
    words: Sequence[str]
    label: str
    earlier: Tokens | None = None
    signs: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Head:
    """The trained weights, each a small whole number times the `scale` of its column.

    `labels` name the columns; `texts` is the hash of what it learnt. The weights of the `meaning`
    of words are kept as they are; `into` and `out_of` are those of the hidden layer over it. Most
    weights of features are none: those of feature f are `weights[starts[f]:starts[f + 1]]`, in
    `columns`.
    """

    labels: tuple[str, ...]
    texts: str
    rarity: Array
    scale: Array
    bias: Array
    meaning: Array
    into: Array
    out_of: Array
    starts: Array
    columns: Array
    weights: Array

    @classmethod
    def trained(cls, examples: Sequence[Example], texts: str, *, heads: int = 1) -> Head:
        """Train on the examples; the same examples give the same head.

        With several `heads`, each of which sees the examples in another order and in other parts,
        the head is their mean: as large as one, and trained in so many times the time.
        """
        labels = tuple(sorted({example.label for example in examples}))
        column = {label: place for place, label in enumerate(labels)}
        counted = [
            _counted(example.stems, example.words, example.earlier, example.signs)
            for example in examples
        ]
        used = numpy.zeros(_FEATURES, dtype=numpy.float32)
        for places, _ in counted:
            used[places] += 1
        rarity = numpy.log(1 + len(examples) / numpy.maximum(used, 1)).astype(numpy.float32)
        rows = [_scaled(places, counts, rarity) for places, counts in counted]
        meant = numpy.array([_meant(example.words, example.earlier) for example in examples])
        truth = numpy.array([column[example.label] for example in examples])
        share = 1 / numpy.sqrt(numpy.bincount(truth, minlength=len(labels)))
        share = (share[truth] / share[truth].mean()).astype(numpy.float32)
        trained = [
            _Layers.trained(rows, meant, truth, share, hidden=_HIDDEN // heads, seed=_SEED + number)
            for number in range(heads)
        ]
        weights = sum(layers.features.weights for layers in trained) / heads
        scale = (numpy.abs(weights).max(axis=0) / 127 + 1e-9).astype(numpy.float32)
        small = numpy.round(weights / scale).astype(numpy.int8)
        rows_of, columns_of = numpy.nonzero(numpy.abs(small) > _NOTHING)
        starts = numpy.searchsorted(rows_of, numpy.arange(_FEATURES + 1))
        return cls(
            labels,
            texts,
            rarity,
            scale,
            sum(layers.bias for layers in trained) / heads,
            sum(layers.meaning.weights for layers in trained).astype(numpy.float16) / heads,
            numpy.hstack([layers.into.weights for layers in trained]).astype(numpy.float16),
            numpy.vstack([layers.out_of.weights / heads for layers in trained]).astype("float16"),
            starts.astype(numpy.uint32),
            columns_of.astype(_kind_of_column(len(labels))),
            small[rows_of, columns_of],
        )

    def probabilities(
        self,
        stems: Sequence[str],
        words: Sequence[str],
        earlier: Tokens | None = None,
        signs: Sequence[str] = (),
    ) -> Array:
        """The probabilities that a text asks for each label; they add up to 1."""
        places, values = _scaled(*_counted(stems, words, earlier, signs), self.rarity)
        vector = _meant(words, earlier)
        hidden = numpy.maximum(vector @ self.into, 0)
        return _softmax(
            self._by_features(places, values)
            + vector @ self.meaning
            + hidden @ self.out_of
            + self.bias
        )

    def _by_features(self, places: Array, values: Array) -> Array:
        """What the features of a text add to each label."""
        first = self.starts[places].astype(numpy.int64)
        counts = self.starts[places + 1] - first
        skipped = first - numpy.cumsum(counts) + counts
        at = numpy.repeat(skipped, counts) + numpy.arange(counts.sum())
        shares = numpy.repeat(values, counts) * self.weights[at]
        return numpy.bincount(self.columns[at], shares, len(self.labels)) * self.scale

    def to_bytes(self) -> bytes:
        """The head as it is kept: a line of JSON, then its numbers, two bytes for each weight."""
        head = {
            "texts": self.texts,
            "labels": self.labels,
            "hidden": len(self.out_of),
            "weights": len(self.weights),
        }
        numbers = (
            self.rarity, self.scale, self.bias, self.meaning, self.into, self.out_of,
            self.starts, self.columns, self.weights,
        )  # fmt: skip
        return json.dumps(head).encode() + b"\n" + b"".join(array.tobytes() for array in numbers)

    @classmethod
    def from_bytes(cls, kept: bytes | mmap) -> Head:
        """The head as it was kept. Raises ValueError for bytes that are none."""
        end = kept.find(b"\n")
        head = json.loads(kept[:end])
        numbers = memoryview(kept)[end + 1 :]  # the arrays lie in what was read, uncopied
        columns, hidden = len(head["labels"]), head["hidden"]
        shapes = (
            ("float32", (_FEATURES,)),
            ("float32", (columns,)),
            ("float32", (columns,)),
            ("float16", (SIZE, columns)),
            ("float16", (SIZE, hidden)),
            ("float16", (hidden, columns)),
            ("uint32", (_FEATURES + 1,)),
            (_kind_of_column(columns), (head["weights"],)),
            ("int8", (head["weights"],)),
        )
        sizes = [numpy.dtype(kind).itemsize * math.prod(shape) for kind, shape in shapes]
        if len(numbers) != sum(sizes):
            raise ValueError("these are not the bytes of a trained head")
        parts: list[Array] = []
        for size, (kind, shape) in zip(sizes, shapes, strict=True):
            part = numpy.frombuffer(numbers[:size], dtype=kind).reshape(shape)
            parts.append(part.astype(numpy.float32) if kind == "float16" else part)
            numbers = numbers[size:]
        return cls(tuple(head["labels"]), head["texts"], *parts)


def _kind_of_column(columns: int) -> str:
    return "uint8" if columns <= 256 else "uint16"


class _Layer:
    """Weights in training (Adagrad): the more a row has moved, the less it moves."""

    def __init__(self, weights: Array, rate: float) -> None:
        self.weights = weights.astype(numpy.float32)
        self._rate = rate
        self._squares = numpy.full((len(weights), 1), 1e-3, dtype=numpy.float32)

    def move(self, values: Array, error: Array, rows: Array | slice = slice(None)) -> None:
        """Move rows against the error that their values led to."""
        self._squares[rows, 0] += (values * values).T @ (error * error).sum(axis=1)
        self.weights[rows] -= self._rate / numpy.sqrt(self._squares[rows]) * (values.T @ error)


@dataclass(frozen=True, slots=True)
class _Layers:
    """The weights of one head in training."""

    features: _Layer
    meaning: _Layer
    into: _Layer
    out_of: _Layer
    bias: Array

    @classmethod
    def trained(
        cls,
        rows: Sequence[tuple[Array, Array]],
        meant: Array,
        truth: Array,
        share: Array,
        *,
        hidden: int,
        seed: int,
    ) -> _Layers:
        """Train on rows of features and on meanings, each of which has a true column and a share.

        `hidden` is the width of the hidden layer; the same `seed` gives the same layers.
        """
        order = numpy.random.default_rng(seed)
        columns = int(truth.max()) + 1
        features = _Layer(numpy.zeros((_FEATURES, columns)), _RATE)
        meaning = _Layer(numpy.zeros((SIZE, columns)), _RATE)
        into = _Layer(order.normal(0, 0.2 / math.sqrt(SIZE), (SIZE, hidden)), _HIDDEN_RATE)
        out_of = _Layer(numpy.zeros((hidden, columns)), _HIDDEN_RATE)
        bias = numpy.zeros(columns, dtype=numpy.float32)
        for _ in range(_PASSES):
            turn = order.permutation(len(rows))
            for batch in (turn[at : at + _BATCH] for at in range(0, len(turn), _BATCH)):
                places, values = _matrix([_in_part(rows[at], order) for at in batch])
                vectors = meant[batch]
                units = numpy.maximum(vectors @ into.weights, 0)
                error = _softmax(
                    values @ features.weights[places]
                    + vectors @ meaning.weights
                    + units @ out_of.weights
                    + bias
                )
                error[numpy.arange(len(batch)), truth[batch]] -= 1
                error *= share[batch][:, None]
                units_error = (error @ out_of.weights.T) * (units > 0)
                features.move(values, error, places)
                meaning.move(vectors, error)
                out_of.move(units, error)
                into.move(vectors, units_error)
                bias -= 0.01 * error.sum(axis=0)
        return cls(features, meaning, into, out_of, bias)


def _counted(
    stems: Sequence[str], words: Sequence[str], earlier: Tokens | None, signs: Sequence[str]
) -> tuple[Array, Array]:
    """The places of a text's features, with how much each counts before its rarity."""
    counts: dict[int, float] = {}
    _count(counts, stems, words)
    values = {place: 1 + math.log(count) if count > 1 else count for place, count in counts.items()}
    if earlier is not None:
        before: dict[int, float] = {}
        _count(before, earlier.stems, earlier.words)
        for place, count in before.items():
            values.setdefault(place, _EARLIER_WEIGHT * min(1.0, count))
    values.update((_place("f", sign), 1.0) for sign in signs)
    return (
        numpy.array(list(values), dtype=numpy.int64),
        numpy.array(list(values.values()), dtype=numpy.float32),
    )


def _count(counts: dict[int, float], stems: Sequence[str], words: Sequence[str]) -> None:
    for prefix, weight, features in (
        ("w", 1.0, stems),
        ("p", _PAIR_WEIGHT, pairs_of(stems)),
        ("l", _LETTERS_WEIGHT, letter_groups(words)),
        ("s", _SOUND_WEIGHT, [sound for sound in map(consonants, words) if len(sound) >= SHORTEST]),
    ):
        for feature in features:
            place = _place(prefix, feature)
            counts[place] = counts.get(place, 0.0) + weight


def _place(prefix: str, feature: str) -> int:
    return crc32(f"{prefix}{feature}".encode()) % _FEATURES


def _in_part(row: tuple[Array, Array], order: Any) -> tuple[Array, Array]:
    """The features of a text with some left out at random and the rest scaled up (dropout)."""
    places, values = row
    kept = order.random(len(places)) >= _LEFT_OUT
    if not kept.any():
        return places, values
    return places[kept], values[kept] / math.sqrt(1 - _LEFT_OUT)


def _scaled(places: Array, counts: Array, rarity: Array) -> tuple[Array, Array]:
    values = counts * rarity[places]
    length = math.sqrt(float(values @ values)) or 1.0
    return places, values * (_SHARPNESS / length)


def _meant(words: Sequence[str], earlier: Tokens | None) -> Array:
    """The vector of what a text means, that of the question before it in part."""
    vector = word_vectors().of(words)
    if earlier is not None:
        vector = vector + _EARLIER_WEIGHT * word_vectors().of(earlier.words)
        vector = vector / (float(numpy.sqrt(vector @ vector)) or 1.0)
    return (_MEANING_WEIGHT * vector).astype(numpy.float32)


def _matrix(rows: Sequence[tuple[Array, Array]]) -> tuple[Array, Array]:
    """The places of the features of some texts, and a row of values at these for each text."""
    places, at = numpy.unique(numpy.concatenate([row[0] for row in rows]), return_inverse=True)
    values = numpy.zeros((len(rows), len(places)), dtype=numpy.float32)
    of_row = numpy.repeat(numpy.arange(len(rows)), [len(row[0]) for row in rows])
    values[of_row, at] = numpy.concatenate([row[1] for row in rows])
    return places, values


def _softmax(scores: Array) -> Array:
    grown = numpy.exp(scores - scores.max(axis=-1, keepdims=True))
    return grown / grown.sum(axis=-1, keepdims=True)


def entry_of(label: str) -> int | str:
    """The FAQ number or topic of a label, which may be a passage."""
    number = label.partition(".")[0]
    return int(number) if number.isdigit() else label
