"""The passage of a FAQ that comes closest to a question."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from kb.search.index import Query

_PHRASE_WEIGHT: Final = 0.4


class Passages:
    """The passages of one FAQ in one language, as ids with their terms."""

    def __init__(self, said: Mapping[str, Sequence[str]]) -> None:
        self.ids = tuple(said)
        self._with_term: dict[str, list[int]] = defaultdict(list)
        for place, terms in enumerate(said.values()):
            for term in dict.fromkeys(terms):
                self._with_term[term].append(place)
        # A long passage says more words; only in part does that make it the better one.
        self._shares = [1 / math.sqrt(8 + len(set(terms))) for terms in said.values()]

    def best(self, query: Query, phrase: Sequence[str], idf: Callable[[str], float]) -> str:
        """The id of the best passage; the first when none has a word of the question.

        The phrasing that matched counts as well: it often says in other words what the question
        means.
        """
        wanted = dict.fromkeys(phrase, _PHRASE_WEIGHT)
        for terms in (query.synonyms, query.terms):
            for term, weight in terms.items():
                wanted[term] = max(wanted.get(term, 0.0), weight)
        scores = [0.0] * len(self.ids)
        for term, weight in wanted.items():
            for place in self._with_term.get(term, ()):
                scores[place] += weight * idf(term) * self._shares[place]
        return self.ids[
            max(range(len(scores)), key=lambda place: (round(scores[place], 9), -place))
        ]
