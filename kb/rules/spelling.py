"""Names and addresses however they are spelt: case, accents, punctuation, legal forms.

`plain_words` is what all comparing starts from. Keys are equal where spellings mean the same.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, Prefix

_WITHOUT_MARK = str.maketrans("đøłıħ", "dolih")
HYPHENS = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
_QUOTES = '"\u201c\u201d\u201e\u00ab\u00bb'
_SMALL_ASCII = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_DROPPED = re.compile(r"[.'`\u00b4\u02bb\u02bc\u2018\u2019]")
_QUOTED = re.compile(f"=?[{_QUOTES}]([^{_QUOTES}]+)[{_QUOTES}]")
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
    # Vietnamese and Indonesian
    "duong": "st",
    "huyen": "dist",
    "jalan": "st",
    "jl": "st",
    "jln": "st",
    "kawasan": "zone",
    "kcn": "ip",
    "lo": "lot",
    "nomor": "no",
    "phuong": "ward",
    "quan": "dist",
    "so": "no",
    "tinh": "prov",
}
_ALIKE = 80  # of 100
# Longest first: so many letters of a word may differ from this length on.
_TYPOS = ((8, 2), (4, 1))
_NUMERAL = re.compile(r"[a-z]|[ivx]+|.*\d.*")
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8"}
_MOST_WORDS = 24  # that are compared each with each; hardly a name or an address has more
_MOST_NUMBERS = 8  # by which an address is looked for; hardly one has more
_REMEMBERED = 1_000  # spellings: those of a list are compared with each other


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

    That is an apostrophe in front, quotation marks or blanks around it, odd or several blanks
    within, and characters that cannot be seen.
    """
    if not text.isascii():  # ASCII stays as it is
        plain = unicodedata.normalize("NFKC", text)
        text = "".join(character for character in plain if unicodedata.category(character) != "Cf")
    bare = " ".join(text.split()).lstrip("'\u2018\u2019`").strip()
    quoted = _QUOTED.fullmatch(bare)
    return quoted[1].strip() if quoted else bare


def plain_id(text: str) -> str:
    """An id without what is left in it when it is pasted, without blanks, with usual hyphens."""
    without_ends = without_traces(text.strip().rstrip(",;"))
    return "".join(without_ends.translate(HYPHENS).split())


def in_any_case(text: str) -> tuple[str, ...]:
    """What LOWER of a database may give for a text, however it is written in capital letters.

    One text; or a few, if it has letters beyond ASCII, which SQLite's LOWER does not change.
    """
    cases = (text, text.upper(), text.lower())
    return tuple(dict.fromkeys(case.translate(_SMALL_ASCII) for case in cases))


def full_name_key(name: str) -> str:
    """The name of a facility with its legal form: equal for "A Limited" and "A LTD."."""
    return _joined(_words_of_name(name)) or name.casefold().strip()


def name_key(name: str) -> str:
    """The name of a facility without its legal form: equal for "A Ltd", "A" and "A Co., Ltd."."""
    return _joined(_words_without_legal_form(name)) or full_name_key(name)


def are_names_alike(name: str, other: str) -> bool:
    """Whether two names may be one, misspelt, in another order, shortened or with words left out.

    That says little in itself: many factories have a name like that of another one. Names with
    other numbers, or other single letters, are not alike.
    """
    if name_key(name) == name_key(other):
        return True
    words, others = _words_without_legal_form(name), _words_without_legal_form(other)
    numerals, other_numerals = _numerals(words), _numerals(others)
    if not (numerals <= other_numerals or other_numerals <= numerals):
        return False
    fewer, more = sorted(
        ([word for word in of_name if not _NUMERAL.fullmatch(word)] for of_name in (words, others)),
        key=len,
    )
    if not fewer:
        return False
    if OSA.distance("".join(fewer), "".join(more)) <= 1:
        return True
    return _are_among(fewer, more)


def _are_among(words: Sequence[str], others: Sequence[str]) -> bool:
    """Whether each word is like another one of the others, or has the initials of some."""
    if len(others) > _MOST_WORDS:
        return False
    left = list(others)
    for word in words:
        like = next((other for other in left if _are_words_alike(word, other)), None)
        if like is not None:
            left.remove(like)
        elif len(word) < 2 or word not in "".join(other[0] for other in left):
            return False
    return True


def _are_words_alike(word: str, other: str) -> bool:
    """Whether a word is another one misspelt, with another ending, or shortened."""
    short, long = sorted((word, other), key=len)
    if OSA.distance(short, long) <= _typos_in(short):
        return True
    if Prefix.similarity(short, long) >= max(5, len(long) * 2 // 3):
        return True
    letters = iter(long)
    return len(short) > 1 and short[0] == long[0] and all(letter in letters for letter in short)


def _typos_in(word: str) -> int:
    return next((typos for length, typos in _TYPOS if len(word) >= length), 0)


def _numerals(words: Sequence[str]) -> set[str]:
    """Numbers, in letters as well, and what units are named by: unit II is unit 2."""
    return {_ROMAN.get(word, word) for word in words if _NUMERAL.fullmatch(word)}


@lru_cache(maxsize=_REMEMBERED)
def _words_without_legal_form(name: str) -> tuple[str, ...]:
    words = _LEGAL_PHRASES.sub(" ", " ".join(_words_of_name(name))).split()
    return tuple(word for word in words if word not in _LEGAL_FORMS)


def _joined(words: Sequence[str]) -> str:
    """The words without blanks, but for those between numbers: 1 12 is not 11 2."""
    return re.sub(r"(?<!\d) | (?!\d)", "", " ".join(words))


@lru_cache(maxsize=_REMEMBERED)
def _words_of_name(name: str) -> tuple[str, ...]:
    words = plain_words(_DOT_BETWEEN_WORDS.sub(" ", name))
    return tuple(_SHORT_FORMS.get(word, word) for word in words if word != "and")


class AddressMatch(StrEnum):
    """Whether two addresses are one."""

    SAME = "SAME"
    ALIKE = "ALIKE"
    DIFFERENT = "DIFFERENT"


def compare_addresses(address: str, other: str) -> AddressMatch:
    """SAME if they differ in spelling only, or one tells a city more; ALIKE if they may be one."""
    words, joined, numbers = _read_address(address)
    others, other_joined, other_numbers = _read_address(other)
    if joined == other_joined:
        return AddressMatch.SAME
    if not may_be_one_address(address, other):
        return AddressMatch.DIFFERENT
    has_part = set(words) <= set(others) or set(others) <= set(words)
    if has_part and numbers == other_numbers:
        return AddressMatch.SAME
    fewer, more = sorted(
        (
            [word for word in side if word not in numbers | other_numbers]
            for side in (words, others)
        ),
        key=len,
    )
    likeness = fuzz.token_sort_ratio(" ".join(words), " ".join(others))
    is_alike = has_part or likeness >= _ALIKE or (fewer and _are_among(fewer, more))
    return AddressMatch.ALIKE if is_alike else AddressMatch.DIFFERENT


def may_be_one_address(address: str, other: str) -> bool:
    """Whether it is worth comparing two addresses: those with other numbers are different."""
    (_, joined, numbers), (_, other_joined, others) = _read_address(address), _read_address(other)
    return joined == other_joined or numbers <= others or others <= numbers


def place_key(address: str | None) -> str | None:
    """By what an address is kept to be compared: its first number, else its first two words."""
    return next(iter(place_keys(address)), None)


def place_keys(address: str | None) -> tuple[str, ...]:
    """By what addresses that may be the same are kept: each number, and the first two words.

    Of what has more numbers than an address has, the first ones.
    """
    words, _, numbers = _read_address(address or "")
    start = "".join([word for word in words if word not in numbers][:2])
    in_order = dict.fromkeys(word for word in words if word in numbers)
    return tuple(key for key in (*islice(in_order, _MOST_NUMBERS), start) if key)


class _Address(NamedTuple):
    words: tuple[str, ...]
    joined: str
    numbers: frozenset[str]


@lru_cache(maxsize=_REMEMBERED)
def _read_address(address: str) -> _Address:
    plain = plain_words(_DOT_BETWEEN_WORDS.sub(" ", address))
    words = tuple(_WORDS_OF_ADDRESSES.get(word, word) for word in plain)
    numbers = frozenset(word for word in words if any(letter.isdigit() for letter in word))
    return _Address(words, _joined(words), numbers)
