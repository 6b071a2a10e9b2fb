"""The countries of ISO 3166-1 and Kosovo: the one list, and how people write their names.

Codes are those that ISO assigns, so that EU or UN are none; Kosovo has the code that CLDR and Open
Supply Hub give it. Names come from ISO (pycountry), from CLDR in the languages of lists (babel),
and from a small table of everyday forms.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

import pycountry
from babel import Locale
from babel.core import get_global
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from kb.errors import InvalidInputError
from kb.rules.spelling import plain_words

LONGEST_NAME = 100
"""Characters of the longest text that is looked up as a name."""

# Where garments and shoes are made and bought. English comes first, and wins.
_LANGUAGES = (
    "vi", "id", "bn", "km", "my", "si", "ta", "hi", "ur", "ne", "th", "lo", "ms", "fil", "zh",
    "zh_Hant", "ja", "ko", "mn", "tr", "ar", "he", "fa", "am", "sw", "mg", "fr", "es", "pt",
    "de", "it", "nl", "sv", "da", "nb", "fi", "et", "lv", "lt", "pl", "cs", "sk", "hu", "ro",
    "bg", "hr", "sr", "sl", "mk", "sq", "el", "uk", "ru", "ka", "hy", "az", "uz",
)  # fmt: skip

# Codes of those that stand in lists of factories and to which ISO assigns none.
_BESIDE_ISO = ("XK",)

EVERYDAY_NAMES: Mapping[str, tuple[str, ...]] = {
    "AE": ("UAE", "Emirates"),
    "BA": ("Bosnia",),
    "BD": ("Bangla Desh", "B'desh"),
    "CD": ("DR Congo", "DRC", "Zaire"),
    "CG": ("Congo Republic",),
    "CI": ("Ivory Coast",),
    "CN": ("Mainland China", "PR China", "PRC"),
    "CV": ("Cape Verde",),
    "CZ": ("Czech Republic",),
    "FM": ("Micronesia", "Micronesia, Fed. Sts."),
    "GB": ("Great Britain", "Britain", "England", "Scotland", "Wales", "Northern Ireland"),
    "GR": ("EL",),
    "HK": ("Hong Kong", "Hong Kong, China", "HKSAR"),
    "ID": ("Republik Indonesia",),
    "IN": ("Bharat",),
    "KH": ("Kampuchea",),
    "KP": ("DPRK", "DPR Korea"),
    "KR": ("ROK",),
    "LA": ("Lao PDR", "Laos PDR", "Lao"),
    "LC": ("St Lucia",),
    "MK": ("Macedonia", "FYROM", "Former Yugoslav Republic of Macedonia", "FYR Macedonia"),
    "MM": ("Burma", "Union of Myanmar"),
    "MO": ("Macau", "Macao", "Macau, China", "Macao, China"),
    "NL": ("Holland",),
    "PS": ("Palestine", "West Bank and Gaza", "Occupied Palestinian Territory"),
    "RU": ("Russia",),
    "SA": ("KSA",),
    "ST": ("Sao Tome",),
    "SZ": ("Swaziland",),
    "TL": ("East Timor",),
    "TR": ("Turkey",),
    "TW": ("Republic of China", "Taiwan ROC", "Taiwan, China", "Chinese Taipei"),
    "US": ("America", "US of America"),
    "VA": ("Vatican",),
    "VE": ("Venezuela, RB",),
    "VN": ("SRVN",),
    "XK": ("XKX", "Kosova"),
    "ZA": ("RSA",),
}
"""Codes with names in English that neither ISO nor CLDR has."""

_ABBREVIATIONS = {
    "dem": "democratic",
    "fed": "federal",
    "is": "islands",
    "rep": "republic",
    "st": "saint",
}
_LONGEST_CODE = 3
_LITTLE_WORDS = frozenset({"the", "of", "and"})
_FORMS_OF_STATE = frozenset((
    "administrative", "arab", "bolivarian", "commonwealth", "cooperative", "democratic",
    "duchy", "federal", "federative", "grand", "hashemite", "independent", "islamic", "kingdom",
    "oriental", "people", "peoples", "plurinational", "principality", "region", "republic",
    "sar", "socialist", "sovereign", "special", "state", "sultanate", "union",
))  # fmt: skip
_TOLD_APART_BY_FORM = frozenset({"china", "congo", "korea"})
_BETWEEN_NAMES = re.compile(r"[-\u2013\u2014:()\[\]/|,;]")
_MOST_PARTS = 6


@cache
def country_names(locale: str = "en") -> Mapping[str, str]:
    """The alpha-2 codes in order, each with the name in CLDR in that language."""
    names = {**Locale("en").territories, **Locale.parse(locale).territories}
    codes = sorted([*(country.alpha_2 for country in pycountry.countries), *_BESIDE_ISO])
    return MappingProxyType({code: str(names[code]) for code in codes})


@lru_cache(maxsize=10_000)
def country_of(text: str) -> str | None:
    """The alpha-2 code of a country given by code or name; None for a text that names no country.

    Codes have two or three letters, or three digits. Names may be ISO's, CLDR's or everyday
    ones, in English or another language of lists; case, accents, punctuation, the order of words
    and the form of state ("Republic of …") do not matter. "VN - Vietnam" is one country.
    """
    if len(text) > LONGEST_NAME:
        return None
    parts = [part for part in _BETWEEN_NAMES.split(text) if _words(part)]
    return _by_whole_name(text) or (_by_parts(parts) if len(parts) <= _MOST_PARTS else None)


def read_country(field: str, text: str) -> str:
    """The alpha-2 code of a country given by code or name, or InvalidInputError for that field."""
    code = country_of(text)
    if code is None:
        raise InvalidInputError(field, text, problem_of_country(text)[1])
    return code


def problem_of_country(text: str) -> tuple[str, str]:
    """What is said of a text that names no country: what is wrong, and what is allowed instead."""
    shown = text if len(text) <= LONGEST_NAME else f"{text[:LONGEST_NAME]}…"
    near = ", ".join(f"{country_names()[code]} ({code})" for code in nearest_countries(text))
    allowed = "the name of a country or its ISO 3166-1 code, such as Vietnam, VN or VNM"
    return f"{shown!r} is no country", f"{allowed}; the nearest: {near}" if near else allowed


@lru_cache(maxsize=1_000)
def nearest_countries(text: str, limit: int = 3) -> tuple[str, ...]:
    """The codes of the countries whose names are most like the text, the likeliest first."""
    key = "".join(_words(text[:LONGEST_NAME]))
    names = _english_names() if key.isascii() else _other_names()
    nearest = process.extract(
        key,
        [name for name in names if len(name) > _LONGEST_CODE],
        scorer=JaroWinkler.normalized_similarity,
        score_cutoff=0.85,
        limit=20,
    )
    return tuple(dict.fromkeys(names[name] for name, _, _ in nearest))[:limit]


def _by_parts(parts: Sequence[str]) -> str | None:
    """The country that all parts name, where a part may be made of several, as "Korea, South"."""
    if (code := _by_whole_name(" ".join(parts))) is not None:
        return code
    for place in range(1, len(parts)):
        code = _by_whole_name(" ".join(parts[:place]))
        if code is not None and code == _by_parts(parts[place:]):
            return code
    return None


def _by_whole_name(text: str) -> str | None:
    plain, words = plain_words(text), _words(text)
    if len(plain) == 1 and plain[0] in _codes():  # "IS" is Iceland, before it stands for islands
        return _codes()[plain[0]]
    keys = ("".join(words), "".join(sorted(words)))
    if keys[0] in _codes():
        return _codes()[keys[0]]
    for names in (_english_names, _other_names):
        for key in keys:
            if key in names():
                return names()[key]
    bare = "".join(word for word in words if word not in _FORMS_OF_STATE)
    return None if bare in _TOLD_APART_BY_FORM else _english_names().get(bare)


@cache
def _codes() -> Mapping[str, str]:
    """All codes, and those that were used before, in small letters."""
    known = {code.casefold(): code for code in _BESIDE_ISO}
    for alias, meant in get_global("territory_aliases").items():
        if len(meant) == 1 and meant[0] in country_names():
            known[alias.casefold()] = meant[0]
    for country in pycountry.countries:
        for code in (country.alpha_2, country.alpha_3, country.numeric):
            known[code.casefold()] = country.alpha_2
    return known


@cache
def _english_names() -> Mapping[str, str]:
    """English names, as they are compared, with the countries they mean."""
    codes = country_names()
    named: list[tuple[str, str]] = []
    for country in pycountry.countries:
        named += [(name, country.alpha_2) for name in _names_in_iso(country)]
    named += [(name, code) for code, name in codes.items()]
    named += [(name, code) for code, names in EVERYDAY_NAMES.items() for name in names]
    return dict(_keyed(named))


@cache
def _other_names() -> Mapping[str, str]:
    """Names in other languages; one that means different countries in two languages is left out."""
    meanings: dict[str, set[str]] = {}
    for language in _LANGUAGES:
        names = Locale.parse(language).territories
        named = [(str(names[code]), code) for code in country_names() if code in names]
        for key, code in _keyed(named):
            meanings.setdefault(key, set()).add(code)
    return {key: codes.pop() for key, codes in meanings.items() if len(codes) == 1 and len(key) > 1}


def _names_in_iso(country: Any) -> Iterator[str]:
    for field in ("name", "official_name", "common_name"):
        if name := getattr(country, field, None):
            yield name


def _keyed(named: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Each name as it is compared: its words one after the other, and the same in order."""
    for name, code in named:
        words = _words(name)
        yield "".join(sorted(words)), code
        yield "".join(words), code


def _words(text: str) -> list[str]:
    """The words as names are compared: without "the" and "of", and with "rep." in full."""
    words = (_ABBREVIATIONS.get(word, word) for word in plain_words(text))
    return [word for word in words if word not in _LITTLE_WORDS]
