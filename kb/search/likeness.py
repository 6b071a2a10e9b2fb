"""How alike two questions are, to gather those that ask the same in other words or spellings."""

from __future__ import annotations

import math
import re
from array import array
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final
from zlib import crc32

from kb.search.index import LanguageIndex, letter_groups
from kb.search.negation import says_no
from kb.search.normalise import cleaned, terms, word_set, words

ALIKE_FROM: Final = 0.65
"""From this likeness on, questions are taken to ask the same."""

_GISTS_KEPT: Final = 1_024
# The least share of their words that sentences have in common which say the same.
_COMMON_FROM: Final = 0.5


# Of these, one instead of another asks for something else.
_NAMED: Final = word_set("betterwork slcp gateway higg worldly vfslm ffc itc ilo vcc overlay host")
# A no that is none: it belongs to the name of the assessment.
_UNANNOUNCED: Final = re.compile(r"unannounced|khong bao truoc|tanpa pemberitahuan|অঘোষিত|না জানিয়ে")


class Likeness:
    """Compares questions by their groups of letters, those of telling words counting more."""

    def __init__(self, index: LanguageIndex) -> None:
        self._index = index
        self._gist = lru_cache(_GISTS_KEPT)(self._made)

    def most_alike(self, question: str, others: Sequence[str]) -> int | None:
        """The place of the other question that is most alike, the first of equals.

        None where none is alike enough, says no as the question does, and names the same systems.
        """
        own, told = dict(zip(*self._gist(question), strict=True)), _told(question)
        best, place = max(
            (
                (_cosine(own, *self._gist(other)), -place)
                for place, other in enumerate(others)
                if _told(other) == told
            ),
            default=(0.0, 0),
        )
        return -place if best >= ALIKE_FROM else None

    def _made(self, question: str) -> tuple[array[int], array[float]]:
        """The CRC-32 of letter groups, and their weights, whose squares add up to 1.

        A thousand of these are kept for each language, so they are numbers and nothing else.
        """
        weights: dict[int, float] = defaultdict(float)
        for term in terms(words(cleaned(question)), self._index.locale):
            for group in letter_groups([term]):
                weights[crc32(group.encode())] += self._index.idf(term)
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return array("I", weights), array("f", (weight / length for weight in weights.values()))


@lru_cache(_GISTS_KEPT)
def _told(question: str) -> tuple[bool, bool, frozenset[str]]:
    """What tells questions apart, however alike they are: their no, and the systems they name."""
    text = cleaned(question)
    named = _NAMED.intersection(words(text))
    return says_no(text), _UNANNOUNCED.search(text) is not None, named - {"slcp"} or named


def say_the_same(claim: str, sentence: str, locale: str) -> bool:
    """Whether two sentences have most of their words in common, and both say no or neither does."""
    first, second = ({*terms(words(cleaned(text)), locale)} for text in (claim, sentence))
    alike = len(first & second) >= _COMMON_FROM * len(first | second)
    return alike and says_no(claim) == says_no(sentence)


def _cosine(first: Mapping[int, float], names: array[int], weights: array[float]) -> float:
    return sum(first.get(name, 0.0) * weight for name, weight in zip(names, weights, strict=True))
