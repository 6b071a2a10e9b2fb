"""What a brand may do for a supplier and what it must not, as a text to paste."""

from __future__ import annotations

from typing import Final

from kb.rules.evidence import Explained, Words
from kb.rules.letter_phrases import UNREVIEWED
from kb.rules.outcomes import SharingDecision
from kb.rules.saying import with_deadline

_MAY: Final = "What a brand may do:"
_MAY_NOT: Final = "What a brand must not do:"
_NOTHING: Final = "The sources asked name nothing that a brand may or must not do here."
PHRASES: Final = (_MAY, _MAY_NOT, _NOTHING)
"""Everything that is said besides the statements, for translators."""


def what_a_brand_may(sharing: SharingDecision) -> str:
    """The codes of what a brand may do, each with its deadline if there is one, such as
    "BRAND_ASKS_FOR_STEPS BEFORE_ASSESSMENT, BRAND_RECEIVES_SHARED_DATA".
    """
    return ", ".join(
        " ".join(filter(None, (statement.because, statement.deadline)))
        for statement in sharing.brand_may
    )


def names_country(sharing: SharingDecision) -> bool:
    """Whether the advice speaks of the country, and so holds for facilities there alone."""
    statements: tuple[Explained, ...] = (*sharing.brand_may, *sharing.brand_may_not)
    return any("country" in statement.sentence.values for statement in statements)


def brand_advice(sharing: SharingDecision, words: Words) -> str:
    """Markdown in some words; English where these words have none."""
    parts = []
    note = words.get(UNREVIEWED)
    may = [
        with_deadline(statement.sentence.in_words(words), words, statement.deadline)
        for statement in sharing.brand_may
    ]
    may_not = [statement.sentence.in_words(words) for statement in sharing.brand_may_not]
    for heading, texts in ((_MAY, may), (_MAY_NOT, may_not)):
        if texts:
            lines = (f"- {text}" for text in texts)
            parts.append("\n".join((f"{words.get(heading, heading)}\n", *lines)))
    parts = parts or [words.get(_NOTHING, _NOTHING)]
    return "\n\n".join((*parts, note) if note else parts)
