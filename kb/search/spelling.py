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

REAL_WORDS: Final = "real-words.txt.xz"
"""The list of everyday words beside this file; its first lines say where it comes from."""

SHORTEST: Final = 4
"""Shorter words are left alone: among them are the acronyms, and too many resemble each other."""
_TWO_MISTAKES_FROM: Final = 8
_LONGEST: Final = 24


class Speller:
    """Finds the known word that an unknown one is meant to be.

    `counts` tells how often each word is used. A word is found through what is left of it when one
    letter is dropped (two, in long words), so the cost does not grow with the vocabulary.
    """

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts
        by_rest: dict[str, list[str]] = defaultdict(list)
        for word in sorted(counts):
            if SHORTEST <= len(word) <= _LONGEST and word.isascii() and word.isalpha():
                for rest in _rests(word):
                    by_rest[rest].append(word)
        self._by_rest = dict(by_rest)

    def knows(self, word: str) -> bool:
        """Whether the knowledge base uses the word."""
        return word in self._counts

    def corrected(self, word: str) -> str | None:
        """The known word that is meant; None when the word is right, short, or like none."""
        if (
            word in self._counts
            or word in real_words()
            or not SHORTEST <= len(word) <= _LONGEST
            or not (word.isascii() and word.isalpha())
        ):
            return None
        best: tuple[int, int, int, str] | None = None
        for rest in _rests(word):
            for known in self._by_rest.get(rest, ()):
                most = 2 if min(len(word), len(known)) >= _TWO_MISTAKES_FROM else 1
                apart = OSA.distance(word, known, score_cutoff=most)
                if apart > most:
                    continue
                rank = (apart, int(word[0] != known[0]), -self._counts[known], known)
                if best is None or rank < best:
                    best = rank
        return best[3] if best else None


def _rests(word: str) -> set[str]:
    """What is left of a word when no, one, or (in long words) two letters are dropped."""
    once = [(place, word[:place] + word[place + 1 :]) for place in range(len(word))]
    rests = {word, *(rest for _, rest in once)}
    if len(word) >= _TWO_MISTAKES_FROM - 1:
        for place, rest in once:
            rests.update([rest[:at] + rest[at + 1 :] for at in range(place, len(rest))])
    return rests


@cache
def real_words() -> frozenset[str]:
    """Words of English, Indonesian and Vietnamese without marks, of four letters and more."""
    text = lzma.decompress(files("kb.search").joinpath(REAL_WORDS).read_bytes()).decode()
    return frozenset(line for line in text.splitlines() if not line.startswith("#"))
