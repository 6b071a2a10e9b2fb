"""The passages of a FAQ, those that come closest to a question first."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final

from kb.search.index import Query

_PHRASE_WEIGHT: Final = 0.4
_CHANCE_WEIGHT: Final = 2.0
# A FAQ begins with what it is about: the passage for "what is a VCC" and the like.
_FIRST, _FIRST_FOR_MEANING = 1.1, 1.8
_FOR_MEANING: Final = 1.5
_MEANING: Final = frozenset({"mean", "explain", "nghia", "mane", "মানে"})
_WHAT_IS: Final = (("what", "be"), ("la", "gi"), ("apa", "itu"), ("itu", "apa"), ("কী",))


class Passages:
    """The passages of one FAQ in one language, as ids with their terms."""

    def __init__(self, ids: Iterable[str], stems: Mapping[str, Sequence[str]]) -> None:
        self.ids = tuple(ids)
        self._with_term: dict[str, list[int]] = {}
        terms_of_each = [stems[name] for name in self.ids]
        for place, terms in enumerate(terms_of_each):
            for term in dict.fromkeys(terms):
                self._with_term.setdefault(term, []).append(place)
        # A long passage says more words; only in part does that make it the better one.
        self._shares = [1 / math.sqrt(20 + len(set(terms))) for terms in terms_of_each]

    def ranked(
        self,
        query: Query,
        phrase: Sequence[str],
        idf: Callable[[str], float],
        chances: Mapping[str, float],
        favoured: Mapping[str, float],
    ) -> list[tuple[str, float]]:
        """The ids with their scores, best first; the first of the entry where nothing is known.

        The phrasing that matched counts as well: it often says in other words what the question
        means. `chances` are the probabilities of passages by the trained head, `favoured` what
        else speaks for some or against them.
        """
        wanted = dict.fromkeys(phrase, _PHRASE_WEIGHT)
        for terms in (query.synonyms, query.terms):
            for term, weight in terms.items():
                wanted[term] = max(wanted.get(term, 0.0), weight)
        scores = [0.0] * len(self.ids)
        for term, weight in wanted.items():
            places = self._with_term.get(term)
            if places is not None:
                telling = weight * idf(term)
                for place in places:
                    scores[place] += telling * self._shares[place]
        for_meaning = _asks_for_meaning(list(query.terms))
        scores[0] *= _FIRST_FOR_MEANING if for_meaning else _FIRST
        most = max(scores) or 1.0
        likely = [chances.get(passage_id, 0.0) for passage_id in self.ids]
        total = sum(likely) or 1.0
        scored = [
            (
                passage_id,
                round(
                    score / most
                    + _CHANCE_WEIGHT * chance / total
                    + favoured.get(passage_id, 0.0)
                    + _FOR_MEANING * (for_meaning and passage_id == self.ids[0]),
                    9,
                ),
            )
            for passage_id, score, chance in zip(self.ids, scores, likely, strict=True)
        ]
        return sorted(scored, key=lambda ranked: -ranked[1])


def _asks_for_meaning(terms: list[str]) -> bool:
    """Whether a short question asks what something is."""
    if len(terms) > 6:
        return False
    pairs = [*((phrase,) for phrase in terms), *pairwise(terms)]
    return bool(_MEANING & set(terms)) or any(phrase in _WHAT_IS for phrase in pairs)
