"""The passage of a FAQ that comes closest to a question."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from kb.search.index import Query

_PHRASE_WEIGHT = 0.4


def best_passage(
    passages: Sequence[tuple[str, Mapping[str, int]]],
    query: Query,
    phrase: Sequence[str],
    idf: Callable[[str], float],
) -> str:
    """The id of the best among passages given with their terms; the first when none fits.

    The phrasing that matched counts as well: it often says in other words what the question means.
    """
    wanted = {term: _PHRASE_WEIGHT * idf(term) for term in phrase}
    for term, weight in query.synonyms.items():
        wanted[term] = max(wanted.get(term, 0.0), weight * idf(term))
    for term, weight in query.terms.items():
        wanted[term] = max(wanted.get(term, 0.0), weight * idf(term))
    best, best_score = passages[0][0], 0.0
    for passage, said in passages:
        # A long passage says more words; only in part does that make it the better one.
        score = sum(weight for term, weight in wanted.items() if term in said)
        score /= math.sqrt(8 + len(said))
        if score > best_score + 1e-9:
            best, best_score = passage, score
    return best
