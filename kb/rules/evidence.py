"""Citations and explained statements: what stands under every sentence the product says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from kb.rules.bengali import with_endings


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


_TAKES_ARTICLE = re.compile(
    r"United .+|U\.S\. .+|.* (?:Islands|Republic|Territor(?:y|ies))|Bahamas|Caribbean Netherlands"
    r"|Comoros|Gambia|Isle of Man|Maldives|Netherlands|Philippines|Seychelles"
)
_STARTS = re.compile(r"(?:^|(?<=[.!?] ))\{country\}")
_WITHIN = re.compile(r"(?<![Tt]he )\{country\}")

Words = Mapping[str, str]
"""The texts and names of one language by the English ones; what is not there stays English."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """An English sentence with names in braces, and the English values to fill in for them."""

    template: str
    values: Mapping[str, str]

    def in_words(self, words: Words) -> str:
        """The sentence in the words of a language; in English where they do not have it.

        In English the value of {country} gets its article: "in the Philippines".
        """
        text = words.get(self.template)
        if text is None:
            words, text = {}, self.template
            if _TAKES_ARTICLE.fullmatch(self.values.get("country", "")):
                text = _WITHIN.sub("the {country}", _STARTS.sub("The {country}", text))
        for name, value in self.values.items():
            text = text.replace(f"{{{name}}}", words.get(value, value))
        return with_endings(text) if words else text


def with_article(country: str) -> str:
    """The name of a country as it stands within an English sentence: "the Philippines"."""
    return f"the {country}" if _TAKES_ARTICLE.fullmatch(country) else country


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """What every outcome carries: a stable code, a plain sentence, and its sources.

    `text` is the sentence as it is said, in English unless it was put in other words; `sentence`
    is what it was made from.
    """

    because: str
    text: str
    sentence: Sentence
    citations: tuple[Citation, ...]


def distinct(citations: Iterable[Citation]) -> tuple[Citation, ...]:
    """Each source passage once, in order of first use, with its strongest role."""
    strength = list(CitationRole)
    best: dict[tuple[str, str | None], Citation] = {}
    for citation in citations:
        place = (citation.source, citation.passage)
        before = best.get(place)
        if before is None or strength.index(citation.role) < strength.index(before.role):
            best[place] = citation
    return tuple(best.values())
