"""Whether two questions for yes or no ask the same, so that the "yes" to one answers the other.

Likeness cannot tell: "does A approve B" is as like "does B approve A", or "does C approve B", as
two questions can be. So a verdict is only said where both have the same words in the same order,
but for words that change nothing. What it rests on is true whatever was asked, and can be said.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from kb.search.normalise import cleaned, terms, word_set, words

_VERDICT: Final = re.compile(r"^(?:Yes|No|Có|Không|Ya|Tidak|হ্যাঁ|না)[.।]\s+", re.IGNORECASE)

_CHOICE: Final = re.compile(r"\b(?:or(?! not)|hoac|hay(?! khong| chua)|atau(?! tidak| belum))\b")

# English ways to say one thing, each made one.
_SAID_IN_WAYS: Final = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"\b(?:do|does) ((?:\S+ ){1,3}?)(?:have|need) to\b", r"must \1"),
        (r"\b(?:is|are|am) ((?:\S+ ){1,3}?)(?:obliged|required|forced) to\b", r"must \1"),
        (r"\b(?:is|are|am) ((?:\S+ ){1,3}?)(?:allowed|permitted|able) to\b", r"can \1"),
        (r"\b(?:may|could|might)\b", "can"),
        (r"\bcannot\b", "can not"),
        # What asks for a yes as the whole question does.
        (r"^(?:so )?is it (?:really )?(?:true|correct|right|the case) that\b", ""),
        (r"(?:, |[,.;] is that |\bam i )(?:right|correct|true|so)\W*$|,? or not\W*$", ""),
        (r"\bslcp[ -]verified\b", "verified"),
        (r"\bassessment data\b", "data"),
        (r"\b(?:inform|notify)\b", "tell"),
        (r"\bslcp gateway\b", "gateway"),
        (r"\bi\b", "we"),
        (r"\bme\b", "us"),
    )
)
# Words without which a question asks the same. By, from, to and with are none of them.
_EMPTY: Final = {
    "en": word_set(
        "a an the do does did is are was were be been am will would shall has have had of in on at "
        "our my your their its there any some also still just really actually please then so and "
        "but or ok well now"
    ),
    "vi": word_set("a nhi vay the thi va nhe"),
    "id": word_set("apakah apa dan ya sih dong kah"),
    "bn": word_set("ki কি কী naki নাকি ar আর"),
}


def asks_the_same(question: str, other: str, locale: str) -> bool:
    """Whether two questions of a language, or in English, are the same but for empty words.

    One that gives a choice ("yours or ours") asks for no yes.
    """
    return _CHOICE.search(cleaned(question)) is None and any(
        _content_words(question, of) == _content_words(other, of)
        for of in dict.fromkeys((locale, "en"))
    )


def without_verdict(lead: str) -> str:
    """What a lead says beside its yes or no."""
    claim = _VERDICT.sub("", lead)
    return claim[:1].upper() + claim[1:]


@lru_cache(maxsize=10_000)  # phrasings are compared again and again
def _content_words(text: str, locale: str) -> list[str]:
    text = cleaned(text)
    if locale != "en":
        return [word for word in words(text) if word not in _EMPTY[locale]]
    for pattern, replacement in _SAID_IN_WAYS:
        text = pattern.sub(replacement, text)
    return terms((word for word in words(text) if word not in _EMPTY["en"]), "en")
