"""Spelling correction: a word that no language has becomes one of the knowledge base.

Words of everyday language are right as they are, whether the knowledge base uses them or not: else
"officer" would be read as "office" and "your" as "four".
"""

from __future__ import annotations

import lzma
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

REAL_WORDS: Final = "real-words.txt.xz"
"""The list of everyday words beside this file; its first lines say where it comes from."""

SHORTEST: Final = 4
"""Shorter words are left alone: among them are the acronyms, and too many resemble each other."""
_TWO_MISTAKES_FROM: Final = 8
_MOST_MISTAKES: Final = 2
_LONGEST: Final = 24


class Speller:
    """Finds the known word that an unknown one is meant to be.

    `counts` tells how often each word is used.
    """

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts
        self._by_length: dict[int, list[str]] = defaultdict(list)
        for word in sorted(filter(_is_corrected, counts)):
            self._by_length[len(word)].append(word)

    def knows(self, word: str) -> bool:
        """Whether the knowledge base uses the word."""
        return word in self._counts

    def corrected(self, word: str) -> str | None:
        """The known word that is meant; None when the word is right, short, or like none."""
        if word in self._counts or not _is_corrected(word) or word in real_words():
            return None
        best: tuple[int, int, int, str] | None = None
        for length in range(len(word) - _MOST_MISTAKES, len(word) + _MOST_MISTAKES + 1):
            most = _MOST_MISTAKES if min(len(word), length) >= _TWO_MISTAKES_FROM else 1
            near = extract(
                word,
                self._by_length.get(length, ()),
                scorer=OSA.distance,
                processor=None,
                score_cutoff=most,
                limit=None,
            )
            for known, distance, _ in near:
                rank = (int(distance), int(word[0] != known[0]), -self._counts[known], known)
                if best is None or rank < best:
                    best = rank
        return best[3] if best else None


def _is_corrected(word: str) -> bool:
    """Whether a word is of a kind that is corrected, or that others are corrected to."""
    return SHORTEST <= len(word) <= _LONGEST and word.isascii() and word.isalpha()


@cache
def real_words() -> frozenset[str]:
    """Words of English, Indonesian and Vietnamese without marks, of four letters and more."""
    text = lzma.decompress(files("kb.search").joinpath(REAL_WORDS).read_bytes()).decode()
    return frozenset(line for line in text.splitlines() if not line.startswith("#"))
