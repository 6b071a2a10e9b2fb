"""Retrieval of curated answers, and honest abstention: pure Python, no database, no network."""

from kb.search.answers import SearchIndex
from kb.search.outcome import AnswerOutcome, Handover, SearchAnswer, SearchHit

__all__ = ["AnswerOutcome", "Handover", "SearchAnswer", "SearchHit", "SearchIndex"]
