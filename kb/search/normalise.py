"""From what people type to the terms that are compared: one way for questions and for content.

Text is cleaned (Unicode NFKC, no control characters, small letters, marks of Latin letters folded
away so that "đánh giá" equals "danh gia", Bengali digits as 0 to 9), the ways of writing a term of
the domain are made one (bw, BetterWork and ILO-Better Work are one word), and words are stemmed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Final

from kb.search.stemming import stem

MOST_WORDS: Final = 150
"""Words of a question that are looked at; what follows does not change what it is about."""

# What is longer is read in parts: words are remembered, and no word is as long as that.
_WORD: Final = re.compile(r"v?\d{1,20}(?:\.\d{1,20}){1,9}|[\wঀ-৿]{1,100}")
_BENGALI: Final = re.compile(r"[ঀ-৿]")
_NUMBER_WORDS: Final = {"one": "1", "two": "2", "three": "3", "i": "1", "ii": "2", "iii": "3"}
_STEP_NUMBER = r"(?:[123]|one|two|three|iii|ii|i)\b"
_STEPS: Final = re.compile(
    rf"\b(?:steps?|stages?|buoc|langkah|tahap|ধাপ)[ -]*({_STEP_NUMBER}"
    rf"(?:(?:[ ,/&+-]|and|or|to|dan|atau|sama|va|voi|hoac|ar|o|ও|এবং|আর|বা)*{_STEP_NUMBER})*)"
)

_VERSION = "version|ver|versi|phien ban|v"

# Ways of writing a term of the domain, each made one word. Earlier rules feed the later ones.
_RULES: Final = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"n['\u2019]t\b", " not"),
        (r"['\u2019]s\b", ""),
        (r"\b(?:ilo[ -]?)?(?:better[ -]?works?|bw)\b|বেটার ?ও[য়য]়?ার্ক[ঀ-৿]*", "betterwork"),
        (r"\bbetter factories cambodia\b", "betterwork cambodia"),
        (r"\b(?:non|without(?: any| a)?|outside(?: of)?|no|tanpa|khong co)[ -]+betterwork",
         "nonbetterwork betterwork"),
        (r"\bconverged assessment framework\b", "caf"),
        (r"\bcaf(?=\d)", "caf "),
        (rf"\b(caf|tool|{_VERSION})[ .]{{0,2}}1,(?=[3-9]\b)", r"\1 1."),
        (rf"\b(?:{_VERSION})?[ .]{{0,2}}1\.([3-9])(?:\.\d)?\b", r" v1.\1 "),
        # No source tells of a version after 1.7: one is asked about as what comes later.
        (rf"\bv1\.[89]\b|(?:\b(?:{_VERSION})|(?<=\bcaf)|(?<=\btool))[ .]{{0,2}}[2-9]\.\d\b",
         " v1.7 "),
        (r"\b(?:slcp )?data collection tool\b", "tool"),
        (r"\bself[ -]?assess(?:ments?|ed)?\b|\bsaq\b|\btu danh gia\b|\bpenilaian (?:diri|mandiri)\b"
         r"|স্ব[- ]?মূল্যা[য়য]়?ন|সেলফ[ -]অ্যাসেসমেন্ট", "selfassessment"),
        (r"\b(?:verif(?:ier|ying|ication)|verifer|verfier) bod(?:y|ies)\b|\bvbs?\b", "verifier"),
        (r"\bverification oversight organi[sz]ations?\b", "voo"),
        (r"\b(?:accredited )?host(?:ing)?(?: platforms?)?\b|\bahs?\b", "host"),
        (r"\b(?:national |law |legal )+overlays?\b|ল ওভারলে", "overlay"),
        (r"\bvirtual compliance checks?\b|\bvccs?\b", "vcc"),
        (r"\b(?:higg )?v?fslm\b", "vfslm"),
        (r"\bfactor(?:y|ies)\b|\bfacilit(?:y|ies)\b|\bplants?\b|\bmanufacturers?\b"
         r"|\bproduction (?:sites?|units?)\b|\bpabrik\b|\bfasilitas\b|\bnha may\b|\bco so\b"
         r"|(?:কারখানা|ফ্যাক্টরি|ফ্যাসিলিটি)[ঀ-৿]*", "facility"),
        (r"গেটও[য়য]়?ে[ঀ-৿]*", "gateway"),
        (r"\be[ -]?mails?\b|\bmails?\b", "email"),
        (r"\bcovid[ -]?(?:19)?\b|\bcorona(?:virus)?\b|কোভিড", "covid"),
        (r"\bsign(?:ed|ing)?[ -]?off\b", "signoff"),
        (r"\blog(?:ged|ging)?[ -]?(?:in|on)\b|\bsign(?:ed|ing)?[ -]in\b", "login"),
        (r"\blabour\b", "labor"),
        (r"\bprogrammes?\b", "program"),
        (r"isation(s?)\b", r"ization\1"),
        (r"\b(?:it|they|we|you|that|what|who|where|how)['\u2019](?:re|ve|ll|d|m)\b", ""),
    )
)  # fmt: skip


_ASCII_CONTROL: Final = dict.fromkeys((*range(32), 127), " ")


_FOLDED: Final = {
    **dict.fromkeys((0x200C, 0x200D, *range(0x0300, 0x0370)), None),
    **{0x09E6 + digit: str(digit) for digit in range(10)},
    ord("đ"): "d",
}
"""Joiners and marks of Latin letters, Bengali digits, and a letter that has no mark."""


def cleaned(text: str) -> str:
    """The text in small letters, folded, on one line, without control characters or marks."""
    if text.isascii():
        return " ".join(text.translate(_ASCII_CONTROL).lower().split())
    text = unicodedata.normalize("NFKC", text)
    if not text.isprintable():
        text = "".join(
            " " if unicodedata.category(character)[0] == "C" else character for character in text
        )
    return " ".join(_folded(text.casefold()).split())


def word_set(text: str) -> frozenset[str]:
    """The words of a list that is written as text."""
    return frozenset(text.split())


def is_bengali(text: str) -> bool:
    """Whether any letter of the text is Bengali."""
    return _BENGALI.search(text) is not None


def raw_words(text: str) -> list[str]:
    """The words of a cleaned text as they were typed, at most `MOST_WORDS`."""
    return [match.group() for match in islice(_WORD.finditer(text), MOST_WORDS)]


def replaced(text: str, instead: Mapping[str, str]) -> str:
    """A cleaned text with some of its words replaced, and all else as it stands."""
    return _WORD.sub(lambda match: instead.get(match.group(), match.group()), text)


def words(text: str) -> list[str]:
    """The words of a cleaned text with the terms of the domain made one word each."""
    return raw_words(_with_terms(text))


def words_of_each(texts: Sequence[str]) -> list[list[str]]:
    """The words of cleaned texts, as `words` gives them, in a third of the time."""
    # A cleaned text has one line, and no rule reaches over its end.
    return [raw_words(line) for line in _with_terms("\n".join(texts)).split("\n")] if texts else []


def _with_terms(text: str) -> str:
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return _STEPS.sub(_each_step, text).replace("_", " ")


def terms(tokens: Iterable[str], locale: str) -> list[str]:
    """The stems of words, as they are compared."""
    return [stem(word, locale) for word in tokens]


def _each_step(match: re.Match[str]) -> str:
    numbers = re.findall(r"[123]|\b(?:one|two|three|iii|ii|i)\b", match.group(1))
    return " " + " ".join(f"step{_NUMBER_WORDS.get(number, number)}" for number in numbers) + " "


def _folded(text: str) -> str:
    """Latin letters without their marks, Bengali digits as 0 to 9; Bengali signs stay."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).translate(_FOLDED))
