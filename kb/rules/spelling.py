"""Names and addresses however they are spelt: case, accents, punctuation, legal forms.

`plain_words` is what all comparing starts from. Keys are equal where spellings mean the same.
"""

from __future__ import annotations

import re
import string
import unicodedata
from enum import StrEnum

from rapidfuzz import fuzz

_WITHOUT_MARK = str.maketrans("đøłıħ", "dolih")
_HYPHENS = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
_SMALL_ASCII = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_DROPPED = re.compile(r"[.'`\u00b4\u02bb\u02bc\u2018\u2019]")
_DOT_BETWEEN_WORDS = re.compile(r"\.(?=\w\w)")

_SHORT_FORMS = {
    "company": "co",
    "corporation": "corp",
    "incorporated": "inc",
    "limited": "ltd",
    "private": "pvt",
    "pte": "pvt",
}
_LEGAL_FORMS = frozenset((
    "ab", "ag", "as", "bhd", "bv", "co", "corp", "cty", "cv", "fze", "fzco", "gmbh", "inc", "jsc",
    "kg", "kk", "llc", "llp", "ltd", "mtv", "nv", "oy", "plc", "pt", "pty", "pvt", "sa", "sarl",
    "sas", "sdn", "spa", "srl", "tbk", "tnhh", "wll",
))  # fmt: skip
_LEGAL_PHRASES = re.compile(r"\b(?:cong ty(?: co phan)?|ctcp|joint stock|m s(?= ))\b")
_WORDS_OF_ADDRESSES = {
    "avenue": "ave",
    "building": "bldg",
    "district": "dist",
    "number": "no",
    "province": "prov",
    "road": "rd",
    "street": "st",
}
_ALIKE = 80  # of 100


def plain_words(text: str) -> list[str]:
    """The words in small letters, without accents, punctuation and invisible characters."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("&", " and "))
    plain = _DROPPED.sub("", plain).translate(_WITHOUT_MARK)
    letters = "".join(
        letter if unicodedata.category(letter)[0] in "LNM" else " "
        for letter in plain
        if not unicodedata.combining(letter) and unicodedata.category(letter) != "Cf"
    )
    return letters.split()


def without_traces(text: str) -> str:
    """Text without what spreadsheets, mails and web pages leave in it when it is pasted.

    That is an apostrophe in front, blanks around it, odd or several blanks within, and characters
    that cannot be seen.
    """
    plain = unicodedata.normalize("NFKC", text)
    seen = "".join(character for character in plain if unicodedata.category(character) != "Cf")
    return " ".join(seen.split()).lstrip("'\u2018\u2019`").strip()


def plain_id(text: str) -> str:
    """An id without what is left in it when it is pasted, without blanks, with usual hyphens."""
    return "".join(without_traces(text).translate(_HYPHENS).split())


def in_any_case(text: str) -> tuple[str, ...]:
    """What a database makes of a text by LOWER, whatever is a capital letter in it.

    That is one text, or a few where it has letters beyond ASCII, which SQLite leaves as they are.
    """
    cases = (text, text.upper(), text.lower())
    return tuple(dict.fromkeys(case.translate(_SMALL_ASCII) for case in cases))


def full_name_key(name: str) -> str:
    """The name of a facility with its legal form: equal for "A Limited" and "A LTD."."""
    return _joined(_words_of_name(name)) or name.casefold().strip()


def name_key(name: str) -> str:
    """The name of a facility without its legal form: equal for "A Ltd", "A" and "A Co., Ltd."."""
    words = _LEGAL_PHRASES.sub(" ", " ".join(_words_of_name(name))).split()
    return _joined([word for word in words if word not in _LEGAL_FORMS]) or full_name_key(name)


def _joined(words: list[str]) -> str:
    """The words without blanks, but for those between numbers: 1 12 is not 11 2."""
    return re.sub(r"(?<!\d) | (?!\d)", "", " ".join(words))


def _words_of_name(name: str) -> list[str]:
    words = plain_words(_DOT_BETWEEN_WORDS.sub(" ", name))
    return [_SHORT_FORMS.get(word, word) for word in words if word != "and"]


class AddressMatch(StrEnum):
    """Whether two addresses are one."""

    SAME = "SAME"
    ALIKE = "ALIKE"
    DIFFERENT = "DIFFERENT"


def compare_addresses(address: str, other: str) -> AddressMatch:
    """SAME if they differ in spelling only, or one tells a city more; ALIKE if they may be one.

    Addresses with other numbers are different.
    """
    words, others = _words_of_address(address), _words_of_address(other)
    if _joined(words) == _joined(others):
        return AddressMatch.SAME
    numbers, other_numbers = _numbers(words), _numbers(others)
    has_part = set(words) <= set(others) or set(others) <= set(words)
    if has_part and numbers == other_numbers:
        return AddressMatch.SAME
    if not (numbers <= other_numbers or other_numbers <= numbers):
        return AddressMatch.DIFFERENT
    likeness = fuzz.token_sort_ratio(" ".join(words), " ".join(others))
    return AddressMatch.ALIKE if has_part or likeness >= _ALIKE else AddressMatch.DIFFERENT


def _words_of_address(address: str) -> list[str]:
    words = plain_words(_DOT_BETWEEN_WORDS.sub(" ", address))
    return [_WORDS_OF_ADDRESSES.get(word, word) for word in words]


def _numbers(words: list[str]) -> set[str]:
    return {word for word in words if any(letter.isdigit() for letter in word)}
