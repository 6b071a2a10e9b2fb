"""Which texts have a feature, and how often: a sparse matrix in arrays of numbers.

Features, which are words, pairs of words or groups of letters, are known by 64 bits: their letters
or a hash. So a language takes megabytes instead of tens of them, and is read back without making an
object for each feature.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from hashlib import blake2b
from typing import Any, Final

import numpy

Array = Any  # numpy arrays; their element types do not matter to callers

_NAME_BYTES: Final = 8
_MOST_TIMES: Final = 255
_BY_TIMES: Final = numpy.array([0.0, *(1 + math.log(n) for n in range(1, _MOST_TIMES + 1))])


class FeatureNames(dict[str, int]):
    """The names of features: each is hashed when it is first looked up."""

    def __missing__(self, feature: str) -> int:
        self[feature] = hashed(feature)
        return self[feature]


@dataclass(frozen=True, slots=True)
class FeatureCounts:
    """The features of one text by their names, with how often it has each."""

    names: Array
    times: Array

    @classmethod
    def of(cls, features: Iterable[int]) -> FeatureCounts:
        """The features by their names, counted; one that comes very often counts 255 times."""
        counts = Counter(features)
        try:
            times = bytes(counts.values())
        except ValueError:
            times = bytes(min(times, _MOST_TIMES) for times in counts.values())
        return cls(numpy.fromiter(counts, "<u8", len(counts)), numpy.frombuffer(times, "u1"))


@dataclass(frozen=True)
class Postings:
    """The texts of each feature, all features in the order of their `names`.

    Those of feature f are `texts[starts[f]:starts[f + 1]]`, and `times` tells how often each has
    it. `lengths` is that of each text as a vector of weights.
    """

    names: Array
    starts: Array
    texts: Array
    times: Array
    lengths: Array

    @classmethod
    def of(cls, counted: Sequence[FeatureCounts]) -> Postings:
        """The postings of texts, numbered in their order."""
        numbers = numpy.arange(len(counted), dtype=numpy.min_scalar_type(len(counted)))
        of_text = numpy.repeat(numbers, [len(text.names) for text in counted])
        features = numpy.concatenate([numpy.array([], "<u8"), *(text.names for text in counted)])
        times = numpy.concatenate([numpy.array([], "u1"), *(text.times for text in counted)])
        order = numpy.argsort(features, kind="stable")
        ordered = features[order]
        starts = numpy.flatnonzero(numpy.concatenate(([True], ordered[1:] != ordered[:-1])))
        starts = starts[: len(ordered)]  # of no features, none begins
        used_by = numpy.diff(starts, append=len(ordered))
        rarity = numpy.zeros(len(counted) + 1)
        for by in set(used_by.tolist()):
            rarity[by] = _rarity(len(counted), by)
        weights = numpy.empty(len(ordered))
        weights[order] = _BY_TIMES[times[order]] * numpy.repeat(rarity[used_by], used_by)
        lengths = numpy.sqrt(numpy.bincount(of_text, weights * weights, len(counted)))
        lengths[lengths == 0] = 1.0
        return cls(
            ordered[starts],
            numpy.append(starts, len(ordered)).astype("<u4"),
            of_text[order],
            times[order],
            lengths,
        )

    @cached_property
    def rarities(self) -> Array:
        """How telling a feature is, by how many texts have it."""
        texts = len(self.lengths)
        return numpy.array([0.0, *(_rarity(texts, used_by) for used_by in range(1, texts + 1))])

    def cosines(self, features: Mapping[str, float], unknown: float, most: int) -> Array:
        """The cosine of each text to a weighted set of features; 0 where they share none.

        `unknown` is the rarity of features that no text has. At most `most` postings are walked
        through, those of the rarest features first.
        """
        rows = self._rows(features)
        first = self.starts[rows].astype(numpy.int64)
        used_by = numpy.where(rows < 0, 0, self.starts[rows + 1] - first)
        known = sorted(zip(used_by.tolist(), features, range(len(rows)), strict=True))
        order = numpy.array([place for count, _, place in known if count], dtype=numpy.int64)
        if not len(order):
            return numpy.zeros(len(self.lengths))
        rarities = numpy.where(rows < 0, unknown, self.rarities[used_by])
        weights = numpy.fromiter(features.values(), float, len(rows)) * rarities
        square = numpy.cumsum(weights * weights)[-1]  # one after the other, as `sum` may not add
        ends = numpy.cumsum(used_by[order])
        order = order[: max(1, numpy.searchsorted(ends, most, "right"))]
        counts = used_by[order]
        skipped = first[order] - numpy.cumsum(counts) + counts
        walked = numpy.repeat(skipped, counts) + numpy.arange(counts.sum())
        texts = self.texts[walked]
        shares = _BY_TIMES[self.times[walked]] * numpy.repeat(rarities[order], counts)
        shares /= self.lengths[texts]
        shares *= numpy.repeat(weights[order], counts)
        return numpy.bincount(texts, shares, len(self.lengths)) / math.sqrt(square)

    def _rows(self, features: Iterable[str]) -> Array:
        """The place of each feature, -1 for one that no text has."""
        names = numpy.array([hashed(feature) for feature in features], dtype="<u8")
        if not len(self.names):
            return numpy.full(len(names), -1)
        rows = numpy.minimum(numpy.searchsorted(self.names, names), len(self.names) - 1)
        return numpy.where(self.names[rows] == names, rows, -1)


POSTINGS_PARTS: Final = tuple(field.name for field in fields(Postings))
"""The names of the arrays of postings."""


def hashed(feature: str) -> int:
    """The name of a feature: 64 bits, the same in every process; a short one is its own name."""
    name = feature.encode()
    if len(name) > _NAME_BYTES:
        name = blake2b(name, digest_size=_NAME_BYTES).digest()
    return int.from_bytes(name, "little")


def _rarity(texts: int, used_by: int) -> float:
    return math.log(1 + texts / used_by)
