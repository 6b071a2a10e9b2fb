"""The countries of ISO 3166-1 and Kosovo: the one list, and how people write their names.

Codes are those that ISO assigns, so that EU or UN are none; Kosovo has the code that CLDR and Open
Supply Hub give it. Names come from ISO (pycountry), from CLDR in the languages of lists (babel),
and from a small table of everyday forms.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

import pycountry
from babel.core import get_global
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from kb.errors import InvalidInputError
from kb.rules.cldr import territories
from kb.rules.spelling import plain_words

LONGEST_NAME = 100
"""Characters of the longest text that is looked up as a name."""

# Where garments and shoes are made and bought. English comes first, and wins.
_LANGUAGES = (
    "vi", "id", "bn", "km", "my", "si", "ta", "hi", "ur", "ne", "th", "lo", "ms", "fil", "zh",
    "zh_Hant", "ja", "ko", "mn", "tr", "ar", "he", "fa", "am", "sw", "mg", "fr", "es", "pt",
    "de", "it", "nl", "sv", "da", "no", "fi", "et", "lv", "lt", "pl", "cs", "sk", "hu", "ro",
    "bg", "hr", "sr", "sl", "mk", "sq", "el", "uk", "ru", "ka", "hy", "az", "uz",
)  # fmt: skip

# Codes of those that stand in lists of factories and to which ISO assigns none.
_BESIDE_ISO = ("XK",)

EVERYDAY_NAMES: Mapping[str, tuple[str, ...]] = {
    "AE": ("UAE", "Emirates"),
    "BA": ("Bosnia", "BiH"),
    "BD": ("Bangla Desh", "B'desh"),
    "CD": ("DR Congo", "DRC", "Zaire"),
    "CG": ("Congo Republic",),
    "CI": ("Ivory Coast",),
    "CN": ("Mainland China", "PR China", "PRC"),
    "CV": ("Cape Verde",),
    "CZ": ("Czech Republic",),
    "DE": ("BRD",),
    "DO": ("Rep. Dominicana", "R. Dominicana"),
    "EG": ("Misr",),
    "FM": ("Micronesia", "Micronesia, Fed. Sts."),
    "GB": ("Great Britain", "Britain", "England", "Scotland", "Wales", "Northern Ireland"),
    "GR": ("EL",),
    "HK": ("Hong Kong", "Hong Kong, China", "HKSAR"),
    "HT": ("Ayiti",),
    "ID": ("Republik Indonesia",),
    "IE": ("Eire",),
    "IN": ("Bharat",),
    "KH": ("Kampuchea",),
    "KP": ("DPRK", "DPR Korea"),
    "KR": ("ROK",),
    "LA": ("Lao PDR", "Laos PDR", "Lao"),
    "LC": ("St Lucia",),
    "LK": ("Ceylon",),
    "MK": ("Macedonia", "FYROM", "Former Yugoslav Republic of Macedonia", "FYR Macedonia"),
    "MM": ("Burma", "Union of Myanmar"),
    "MO": ("Macau", "Macao", "Macau, China", "Macao, China"),
    "MX": ("Mejico", "Estados Unidos Mexicanos"),
    "NL": ("Holland",),
    "PH": ("Phils",),
    "PS": ("Palestine", "West Bank and Gaza", "Occupied Palestinian Territory"),
    "RU": ("Russia",),
    "SA": ("KSA",),
    "ST": ("Sao Tome",),
    "SZ": ("Swaziland",),
    "TL": ("East Timor",),
    "TR": ("Turkey",),
    "TW": ("Republic of China", "Taiwan ROC", "Taiwan, China", "Chinese Taipei"),
    "US": ("America", "US of America", "EEUU"),
    "VA": ("Vatican",),
    "VE": ("Venezuela, RB",),
    "VN": ("SRVN", "SRV"),
    "XK": ("XKX", "Kosova", "Kosovo UNSCR 1244"),
    "ZA": ("RSA",),
}
"""Codes with names in English that neither ISO nor CLDR has."""

_ABBREVIATIONS = {
    "dem": "democratic",
    "dom": "dominican",
    "fed": "federal",
    "federation": "federal",
    "herz": "herzegovina",
    "is": "islands",
    "rep": "republic",
    "repub": "republic",
    "soc": "socialist",
    "st": "saint",
}
_DIRECTIONS = frozenset(
    f"{direction}{ending}"
    for direction in ("north", "south", "east", "west")
    for ending in ("", "ern")
)
_LONGEST_CODE = 3
_LITTLE_WORDS = frozenset({"the", "of", "and"})
_FORMS_OF_STATE = frozenset((
    "administrative", "arab", "bolivarian", "commonwealth", "cooperative", "democratic",
    "duchy", "federal", "federative", "grand", "hashemite", "independent", "islamic", "kingdom",
    "oriental", "people", "peoples", "plurinational", "principality", "region", "republic",
    "sar", "socialist", "sovereign", "special", "state", "sultanate", "union",
))  # fmt: skip
# The same in Vietnamese, Indonesian, Bengali, Spanish, French and German.
_FORMS_IN_LANGUAGES = frozenset(plain_words(
    "nước cộng hòa xã hội chủ nghĩa nhân dân dân chủ liên bang hồi giáo vương quốc chxhcn "
    "negara kesatuan republik kerajaan rakyat sosialis demokratik federal islam persatuan "
    "গণপ্রজাতন্ত্রী প্রজাতন্ত্রী প্রজাতন্ত্র সমাজতান্ত্রিক ইসলামি ইসলামী যুক্তরাষ্ট্রীয় রাজ্য "
    "república popular socialista democrática federal islámica reino de del la el "
    "république populaire socialiste démocratique fédérale islamique royaume du des le "
    "volksrepublik bundesrepublik republik sozialistische demokratische königreich der"
))  # fmt: skip
_TOLD_APART_BY_FORM = frozenset(
    "".join(plain_words(name))
    for name in ("china", "congo", "korea", "kongo", "corea", "corée", "chine", "tiongkok", "cina",
                 "trung quốc", "trung hoa", "চীন", "কোরিয়া", "কঙ্গো")
)  # fmt: skip
_BETWEEN_NAMES = re.compile(r"[-\u2013\u2014:()\[\]/|,;_]")
_MOST_PARTS = 6


@cache
def country_names(locale: str = "en") -> Mapping[str, str]:
    """The alpha-2 codes in order, each with the name in CLDR in that language."""
    names = {**territories("en"), **territories(locale)}
    codes = sorted([*(country.alpha_2 for country in pycountry.countries), *_BESIDE_ISO])
    return MappingProxyType({code: names[code] for code in codes})


@lru_cache(maxsize=10_000)
def country_of(text: str) -> str | None:
    """The alpha-2 code of a country given by code or name; None for a text that names no country.

    Codes have two or three letters, or three digits. Names may be ISO's, CLDR's or everyday
    ones, in English or another language of lists; case, accents, punctuation, the order of words
    and the form of state ("Republic of …", "S.R. …") do not matter. "VN - Vietnam" is one country.
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
    """The codes of the countries whose names are in the text or most like it, likeliest first."""
    text = text[:LONGEST_NAME]
    key = "".join(_words(text))
    names = _english_names() if key.isascii() else _other_names()
    nearest = process.extract(
        key,
        [name for name in names if len(name) > _LONGEST_CODE],
        scorer=JaroWinkler.normalized_similarity,
        score_cutoff=0.85,
        limit=20,
    )
    within = [
        code
        for part in (*_BETWEEN_NAMES.split(text), *text.split())
        if len("".join(plain_words(part))) > _LONGEST_CODE
        and (code := _by_name(_words(part))) is not None
    ]
    return tuple(dict.fromkeys([*within, *(names[name] for name, _, _ in nearest)]))[:limit]


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
    code = None if _has_accents(text) else _code_in(plain, words)
    if code is not None and text in (text.upper(), text.lower()):
        return code  # "NGA" is Nigeria, and "Nga" Russia in Vietnamese
    return _by_name(words) or code or _by_name_beside_code(plain)


def _code_in(plain: list[str], words: list[str]) -> str | None:
    if len(plain) == 1 and plain[0] in _codes():  # "IS" is Iceland, before it stands for islands
        return _codes()[plain[0]]
    return _codes().get("".join(words))


def _has_accents(text: str) -> bool:
    return any(map(unicodedata.combining, unicodedata.normalize("NFD", text)))


def _by_name(words: list[str]) -> str | None:
    keys = ("".join(words), "".join(sorted(words)))
    for names in (_english_names, _other_names, _short_names):
        for key in keys:
            if key in names():
                return names()[key]
    for names, forms in (
        (_english_names, _FORMS_OF_STATE),
        (_other_names, _FORMS_IN_LANGUAGES),
        (_english_names, _FORMS_IN_LANGUAGES),
    ):
        bare = "".join(word for word in words if word not in forms)
        if bare not in _TOLD_APART_BY_FORM and bare in names():
            return names()[bare]
    return None


def _by_name_beside_code(plain: list[str]) -> str | None:
    """The country of "VN Vietnam" or "Vietnam VN", where both are the same."""
    for code, words in ((plain[:1], plain[1:]), (plain[-1:], plain[:-1])):
        country_code = _codes().get("".join(code))
        if country_code is not None and country_code == _by_name(_words(" ".join(words))):
            return country_code
    return None


@cache
def _codes() -> Mapping[str, str]:
    """All codes, and those that were used before, in small letters."""
    known = {code.casefold(): code for code in _BESIDE_ISO}
    for alias, codes in get_global("territory_aliases").items():
        if len(codes) == 1 and codes[0] in country_names():
            known[alias.casefold()] = codes[0]
    for country in pycountry.countries:
        for code in (country.alpha_2, country.alpha_3, country.numeric):
            known[code.casefold()] = country.alpha_2
    return known


@cache
def _english_names() -> Mapping[str, str]:
    """English names, as they are compared, with the countries they mean."""
    return dict(_keyed(_in_english()))


@cache
def _short_names() -> Mapping[str, str]:
    """English names shortened by initials, and those with initials beside them."""
    return dict(_keyed((text, code) for name, code in _in_english() for text in _short(name, code)))


def _in_english() -> Iterator[tuple[str, str]]:
    for country in pycountry.countries:
        yield from ((name, country.alpha_2) for name in _names_in_iso(country))
    yield from ((name, code) for code, name in country_names().items())
    yield from ((name, code) for code, names in EVERYDAY_NAMES.items() for name in names)


@cache
def _other_names() -> Mapping[str, str]:
    """Names in other languages; one that means different countries in two languages is left out."""
    meanings: dict[str, set[str]] = {}
    for language in _LANGUAGES:
        names = territories(language)
        named = [(names[code], code) for code in country_names() if code in names]
        for key, code in _keyed(named):
            meanings.setdefault(key, set()).add(code)
    return {key: codes.pop() for key, codes in meanings.items() if len(codes) == 1 and len(key) > 1}


def _short(name: str, code: str) -> Iterator[str]:
    """A name with its direction or the form of its state in initials: "S. Korea", "S.R. Vietnam".

    Initials may be those of the name, too, and stand before or behind it: "Vietnam (SRV)".
    """
    first, *others = words = _words(name)
    if others:
        yield " ".join([_initials(words), *words])
        if first in _DIRECTIONS:
            yield " ".join([first[0], *others])
    country = pycountry.countries.get(alpha_2=code)
    official = getattr(country, "official_name", getattr(country, "name", name))
    core = plain_words(name.split(",")[0])
    forms = [word for word in _words(official) if word not in core]
    if not forms or not {*_FORMS_OF_STATE, "united"}.issuperset(forms):
        return
    form, whole = _initials(forms), _initials([*forms, *core])
    for short in (form, f"{form}o", whole, f"{form}o{_initials(core)}"):
        yield " ".join([short, *core])


def _initials(words: Iterable[str]) -> str:
    return "".join(word[0] for word in words)


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
