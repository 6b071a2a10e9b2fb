"""What words mean, as vectors: texts that mean the same in other words lie near each other.

A student of a large multilingual model, small enough to come with the program: a vector for each of
some tens of thousands of words of the languages served, made by `benchmarks/distilling.py` so that
the sum over a text's words points where that model puts the text. It needs numpy alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from mmap import mmap
from typing import Any, Final
from zlib import crc32

import numpy

from kb.search.shipped import shipped

WORD_VECTORS: Final = "word-vectors.bin"
"""The vectors that come with the program."""

SIZE: Final = 128
"""Numbers of a vector."""

Array = Any  # numpy arrays; their element types do not matter to callers


@dataclass(frozen=True, slots=True)
class WordVectors:
    """Vectors by the CRC-32 of words, which are in order; each is small whole numbers times its
    `scale`, which also tells how much the word counts in a text."""

    words: Array
    scale: Array
    vectors: Array

    @classmethod
    def made(cls, by_word: dict[str, Array]) -> WordVectors:
        """Keep vectors in a form of one byte for each number."""
        known = {crc32(word.encode()): vector for word, vector in by_word.items()}
        keys = sorted(known)
        rows = numpy.array([known[key] for key in keys], dtype=numpy.float32)
        scale = (numpy.abs(rows).max(axis=1) / 127 + 1e-9).astype(numpy.float32)
        small = numpy.round(rows / scale[:, None]).astype(numpy.int8)
        return cls(numpy.array(keys, dtype=numpy.uint32), scale, small)

    def of(self, tokens: Sequence[str]) -> Array:
        """The vector of a text by its words, of length 1; zeros where none of them is known."""
        keys = numpy.array(sorted({crc32(word.encode()) for word in tokens}), dtype=numpy.uint32)
        at = numpy.searchsorted(self.words, keys)
        at = at[at < len(self.words)]
        at = at[numpy.isin(self.words[at], keys)]
        total = self.scale[at] @ self.vectors[at].astype(numpy.float32)
        return total / (float(numpy.sqrt(total @ total)) or 1.0)

    def to_bytes(self) -> bytes:
        """The vectors as they are kept: all words, all scales, then a row for each word."""
        return b"".join(array.tobytes() for array in (self.words, self.scale, self.vectors))

    @classmethod
    def from_bytes(cls, kept: bytes | mmap) -> WordVectors:
        """The vectors as they were kept, which are read where they lie."""
        count = len(kept) // (4 + 4 + SIZE)
        return cls(
            numpy.frombuffer(kept, numpy.uint32, count),
            numpy.frombuffer(kept, numpy.float32, count, offset=4 * count),
            numpy.frombuffer(kept, numpy.int8, offset=8 * count).reshape(count, SIZE),
        )


@cache
def word_vectors() -> WordVectors:
    """The vectors that come with the program."""
    kept = shipped(WORD_VECTORS)
    if kept is None:
        raise FileNotFoundError(f"{WORD_VECTORS} is missing: install the package again")
    return WordVectors.from_bytes(kept)
