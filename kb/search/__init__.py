"""Retrieval of curated answers, and honest abstention: pure Python, no database, no network.

The index takes long to load, numpy with it, so that comes when it is first asked for.
"""

from typing import TYPE_CHECKING, Any

from kb.search.outcome import AnswerOutcome, Handover, SearchAnswer, SearchHit

if TYPE_CHECKING:
    from kb.search.answers import SearchIndex

__all__ = ["AnswerOutcome", "Handover", "SearchAnswer", "SearchHit", "SearchIndex"]


def __getattr__(name: str) -> Any:
    if name != "SearchIndex":
        raise AttributeError(name)
    from kb.search.answers import SearchIndex

    return SearchIndex
