"""Countries as lists write them: by code or by English name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache

from babel import Locale
from babel.core import get_global

from kb.content.references import country_codes

# Names in use that CLDR does not list, ISO's own among them.
_OTHER_NAMES = {
    "Bolivia, Plurinational State of": "BO",
    "Czech Republic": "CZ",
    "Congo, Democratic Republic of the": "CD",
    "Democratic Republic of the Congo": "CD",
    "Great Britain": "GB",
    "Iran, Islamic Republic of": "IR",
    "Ivory Coast": "CI",
    "Korea, Republic of": "KR",
    "Lao People's Democratic Republic": "LA",
    "Lao PDR": "LA",
    "Macau": "MO",
    "Moldova, Republic of": "MD",
    "Republic of Korea": "KR",
    "Russian Federation": "RU",
    "Swaziland": "SZ",
    "Syrian Arab Republic": "SY",
    "Taiwan, Province of China": "TW",
    "Tanzania, United Republic of": "TZ",
    "The Netherlands": "NL",
    "The Philippines": "PH",
    "Turkey": "TR",
    "United States of America": "US",
    "Venezuela, Bolivarian Republic of": "VE",
    "Viet Nam": "VN",
}


def country_of(text: str) -> str | None:
    """The ISO 3166-1 alpha-2 code of a country given by its code of two or three letters, or name.

    None for a text that names no country.
    """
    return _known().get(_plain(text))


@cache
def _known() -> Mapping[str, str]:
    known = {code.casefold(): code for code in country_codes()}
    for alias, codes in get_global("territory_aliases").items():
        if len(codes) == 1 and codes[0] in country_codes() and alias.isalpha():
            known.setdefault(alias.casefold(), codes[0])
    for code, name in Locale("en").territories.items():
        if code in country_codes():
            known |= {_plain(one): code for one in _ways_to_write(name)}
    return known | {_plain(name): code for name, code in _OTHER_NAMES.items()}


def _ways_to_write(name: str) -> Iterator[str]:
    """CLDR's name; also without "SAR China", and each part of "Myanmar (Burma)" by itself."""
    yield name
    yield name.removesuffix(" SAR China")
    yield from re.split(r" \(|\)", name)[:2] if "(" in name else ()


def _plain(text: str) -> str:
    """The text in small letters without accents, and with one word for "&" and "and"."""
    letters = unicodedata.normalize("NFKD", text.replace("\u2019", "'").replace("&", "and"))
    bare = "".join(one for one in letters if not unicodedata.combining(one))
    return " ".join(bare.casefold().split())
