"""A trained head of the ranking: how likely a question asks for each passage, entry or topic.

A softmax regression over words, neighbouring words, groups of letters and consonants, trained on
the texts of the content itself: phrasings, passages and topics in all languages. It learns which
words decide between entries, which no likeness to single texts can tell. Training takes some
seconds, so the head is kept as bytes; using it takes microseconds.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from zlib import crc32

import numpy

from kb.search.index import letter_groups, pairs_of
from kb.search.sounds import SHORTEST, consonants

_FEATURES: Final = 1 << 15
_PASSES: Final = 12
_RATE: Final = 0.35
_SHARPNESS: Final = 6.0
_PAIR_WEIGHT, _LETTERS_WEIGHT, _SOUND_WEIGHT = 0.4, 0.7, 0.7
_SEED: Final = 7

Array = Any  # numpy arrays; their element types do not matter to callers


@dataclass(frozen=True, slots=True)
class Example:
    """A text by its stems and words, and what it asks for."""

    stems: Sequence[str]
    words: Sequence[str]
    label: str


@dataclass(frozen=True, slots=True)
class Head:
    """The trained weights, each a small whole number times the `scale` of its column.

    `labels` name the columns; `texts` is the hash of what it learnt.
    """

    labels: tuple[str, ...]
    texts: str
    rarity: Array
    scale: Array
    bias: Array
    weights: Array

    @classmethod
    def trained(cls, examples: Sequence[Example], texts: str) -> Head:
        """Train on the examples; the same examples give the same head."""
        labels = tuple(sorted({one.label for one in examples}))
        column = {label: place for place, label in enumerate(labels)}
        counted = [_counted(one.stems, one.words) for one in examples]
        used = numpy.zeros(_FEATURES, dtype=numpy.float32)
        for places, _ in counted:
            used[places] += 1
        rarity = numpy.log(1 + len(examples) / numpy.maximum(used, 1)).astype(numpy.float32)
        rows = [_scaled(places, counts, rarity) for places, counts in counted]
        truth = numpy.array([column[one.label] for one in examples])
        share = 1 / numpy.sqrt(numpy.bincount(truth, minlength=len(labels)))
        share = (share[truth] / share[truth].mean()).astype(numpy.float32)
        weights = numpy.zeros((_FEATURES, len(labels)), dtype=numpy.float32)
        bias = numpy.zeros(len(labels), dtype=numpy.float32)
        squares = numpy.full((_FEATURES, 1), 1e-3, dtype=numpy.float32)
        order = numpy.random.default_rng(_SEED)
        for _ in range(_PASSES):
            for at in order.permutation(len(rows)):
                places, values = rows[at]
                error = _softmax(values @ weights[places] + bias)
                error[truth[at]] -= 1
                error *= share[at]
                size = float(error @ error)
                squares[places, 0] += values * values * size
                step = values / numpy.sqrt(squares[places, 0])
                weights[places] -= _RATE * step[:, None] * error[None, :]
                bias -= 0.01 * error
        scale = (numpy.abs(weights).max(axis=0) / 127 + 1e-9).astype(numpy.float32)
        small = numpy.round(weights / scale).astype(numpy.int8)
        return cls(labels, texts, rarity, scale, bias, small)

    def probabilities(self, stems: Sequence[str], words: Sequence[str]) -> dict[str, float]:
        """Label to the probability that a text asks for it; they add up to 1."""
        places, values = _scaled(*_counted(stems, words), self.rarity)
        weights = self.weights[places].astype(numpy.float32) * self.scale
        chances = _softmax(values @ weights + self.bias)
        return dict(zip(self.labels, chances.tolist(), strict=True))

    def to_bytes(self) -> bytes:
        """The head as it is kept: a line of JSON, then its numbers, one byte for each weight."""
        head = {"texts": self.texts, "labels": self.labels}
        numbers = (self.rarity, self.scale, self.bias, self.weights)
        return json.dumps(head).encode() + b"\n" + b"".join(one.tobytes() for one in numbers)

    @classmethod
    def from_bytes(cls, kept: bytes) -> Head:
        """The head as it was kept. Raises ValueError for bytes that are none."""
        line, _, numbers = kept.partition(b"\n")
        head = json.loads(line)
        columns = len(head["labels"])
        sizes = [4 * _FEATURES, 4 * columns, 4 * columns, _FEATURES * columns]
        if len(numbers) != sum(sizes):
            raise ValueError("these are not the bytes of a trained head")
        parts: list[Array] = []
        for size, kind in zip(sizes, ("float32", "float32", "float32", "int8"), strict=True):
            parts.append(numpy.frombuffer(numbers[:size], dtype=kind))
            numbers = numbers[size:]
        rarity, scale, bias, small = parts
        weights = small.reshape(_FEATURES, columns)
        return cls(tuple(head["labels"]), head["texts"], rarity, scale, bias, weights)


def _counted(stems: Sequence[str], words: Sequence[str]) -> tuple[Array, Array]:
    """The places of a text's features, with how much each counts before its rarity."""
    counts: dict[int, float] = {}
    for prefix, weight, features in (
        ("w", 1.0, stems),
        ("p", _PAIR_WEIGHT, pairs_of(stems)),
        ("l", _LETTERS_WEIGHT, letter_groups(words)),
        ("s", _SOUND_WEIGHT, [one for one in map(consonants, words) if len(one) >= SHORTEST]),
    ):
        for feature in features:
            place = crc32(f"{prefix}{feature}".encode()) % _FEATURES
            counts[place] = counts.get(place, 0.0) + weight
    values = [1 + math.log(count) if count > 1 else count for count in counts.values()]
    return numpy.array(list(counts), dtype=numpy.int64), numpy.array(values, dtype=numpy.float32)


def _scaled(places: Array, counts: Array, rarity: Array) -> tuple[Array, Array]:
    values = counts * rarity[places]
    length = math.sqrt(float(values @ values)) or 1.0
    return places, values * (_SHARPNESS / length)


def _softmax(scores: Array) -> Array:
    grown = numpy.exp(scores - scores.max())
    return grown / grown.sum()


def by_entry(probabilities: Mapping[str, float]) -> dict[int | str, float]:
    """FAQ number or topic to its probability, that of its passages added up."""
    found: dict[int | str, float] = {}
    for label, chance in probabilities.items():
        number = label.partition(".")[0]
        key = int(number) if number.isdigit() else label
        found[key] = found.get(key, 0.0) + chance
    return found
