"""Citations and explained statements: what stands under every sentence the product says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class KnowledgeLayer(StrEnum):
    """Where a statement comes from: the source document, or later and outside public knowledge."""

    SHARED_FAQS_2021 = "SHARED_FAQS_2021"
    PUBLIC_RECORD = "PUBLIC_RECORD"


class CitationRole(StrEnum):
    """How a source supports a statement: it says so, says so read with another, or implies it."""

    STATED = "STATED"
    COMBINED = "COMBINED"
    DERIVED = "DERIVED"


@dataclass(frozen=True, slots=True)
class Citation:
    """One source under one statement.

    `passage` is a FAQ passage id such as "7.assessed-by", or None for a source without FAQs.
    """

    source: str
    layer: KnowledgeLayer
    role: CitationRole = CitationRole.STATED
    passage: str | None = None

    @property
    def faq_number(self) -> int | None:
        """The FAQ number of the passage, or None."""
        return int(self.passage.partition(".")[0]) if self.passage else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """What every outcome carries: a stable code, a plain sentence, and its sources."""

    because: str
    text: str
    citations: tuple[Citation, ...]


def distinct(citations: Iterable[Citation]) -> tuple[Citation, ...]:
    """Each source passage once, in order of first use, with its strongest role."""
    strength = list(CitationRole)
    best: dict[tuple[str, str | None], Citation] = {}
    for citation in citations:
        place = (citation.source, citation.passage)
        held = best.get(place)
        if held is None or strength.index(citation.role) < strength.index(held.role):
            best[place] = citation
    return tuple(best.values())
