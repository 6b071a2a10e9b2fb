"""Spelling correction against the words of the knowledge base itself, never of acronyms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

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
        """The known word that is meant; None when the word is known, short, or like none."""
        if (
            word in self._counts
            or not SHORTEST <= len(word) <= _LONGEST
            or not (word.isascii() and word.isalpha())
        ):
            return None
        best: tuple[int, int, int, str] | None = None
        for rest in _rests(word):
            for known in self._by_rest.get(rest, ()):
                apart = _distance(word, known)
                if apart > (2 if min(len(word), len(known)) >= _TWO_MISTAKES_FROM else 1):
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


def _distance(one: str, other: str) -> int:
    """Letters to add, drop, change or swap with a neighbour to make one word of the other."""
    if abs(len(one) - len(other)) > 2:
        return 3
    two_above: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        above, row = row, [i]
        for j, b in enumerate(other, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, two_above[j - 2] + 1)
            row.append(cost)
        two_above = above
    return row[-1]
