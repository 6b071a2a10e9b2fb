"""Which texts have a feature, and how often: a sparse matrix in arrays of numbers.

Features, which are words, pairs of words or groups of letters, are known by 64 bits of a hash: so a
language takes megabytes instead of tens of them, and is read back without making an object for each
feature.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from hashlib import blake2b
from typing import Any, Final

import numpy

Array = Any  # numpy arrays; their element types do not matter to callers

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


@dataclass(frozen=True, slots=True)
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

    def most_alike(
        self, features: Mapping[str, float], unknown: float, most: int
    ) -> tuple[Array, Array]:
        """The texts that share features with a weighted set of them, and their cosines to it.

        `unknown` is the rarity of features that no text has. At most `most` postings are walked
        through, those of the rarest features first.
        """
        known: list[tuple[int, str, float, float, int]] = []
        square = 0.0
        for (feature, times), row in zip(
            features.items(), self._rows(features).tolist(), strict=True
        ):
            used_by = int(self.starts[row + 1] - self.starts[row]) if row >= 0 else 0
            rarity = _rarity(len(self.lengths), used_by) if used_by else unknown
            weight = times * rarity
            square += weight * weight
            if used_by:
                known.append((used_by, feature, weight, rarity, row))
        known.sort()
        for place, (used_by, *_) in enumerate(known):
            if most < used_by and place:
                del known[place:]
                break
            most -= used_by
        if not known:
            return numpy.array([], dtype="u4"), numpy.array([])
        used_bys, _, weights, rarities, rows = zip(*known, strict=True)
        first = self.starts[list(rows)].astype(numpy.int64) - numpy.cumsum((0, *used_bys[:-1]))
        walked = numpy.repeat(first, used_bys) + numpy.arange(sum(used_bys))
        texts = self.texts[walked]
        shares = _BY_TIMES[self.times[walked]] * numpy.repeat(rarities, used_bys)
        cosines = numpy.bincount(
            texts, numpy.repeat(weights, used_bys) * (shares / self.lengths[texts])
        )
        alike = numpy.flatnonzero(cosines)
        return alike, cosines[alike] / math.sqrt(square)

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
    """The name of a feature: 64 bits, the same in every process."""
    return int.from_bytes(blake2b(feature.encode(), digest_size=8).digest(), "little")


def _rarity(texts: int, used_by: int) -> float:
    return math.log(1 + texts / used_by)
