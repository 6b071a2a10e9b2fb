"""Names of countries and languages in CLDR.

Read without the tables of `babel.Locale`, which keeps all else that is known of a language: a
megabyte for each.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from itertools import accumulate
from pkgutil import get_data

from babel import Locale


def territories(locale: str) -> Mapping[str, str]:
    """The names of countries and regions by their codes, in the language of a locale."""
    return _names("territories", locale)


def language_name(language: str, locale: str) -> str:
    """The name of a language in the language of a locale; both are names of locales."""
    names = _names("languages", locale)
    return names.get(language) or names[Locale.parse(language).language]


def _names(table: str, locale: str) -> dict[str, str]:
    """Those of the locale, and where it has none, those of its language."""
    names: dict[str, str] = {}
    for held in accumulate(str(Locale.parse(locale)).split("_"), "{}_{}".format):
        kept = get_data("babel", f"locale-data/{held}.dat")
        assert kept is not None  # babel brings them all
        names |= {code: str(name) for code, name in pickle.loads(kept)[table].items()}
    return names
