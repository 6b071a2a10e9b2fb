"""Names of countries and languages in CLDR.

Read without the tables of `babel.Locale`, which keeps all else that is known of a language: a
megabyte for each.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pkgutil import get_data

from babel import Locale
from babel.core import get_global


def territories(locale: str) -> Mapping[str, str]:
    """The names of countries and regions by their codes, in the language of a locale."""
    return _names("territories", locale)


def language_name(language: str, locale: str) -> str:
    """The name of a language in the language of a locale; both are names of locales.

    It is the code where CLDR has no name.
    """
    names = _names("languages", locale)
    return names.get(language) or names.get(Locale.parse(language).language, language)


def _names(table: str, locale: str) -> dict[str, str]:
    """Those of the locale, and where it has none, those of the ones above it."""
    names: dict[str, str] = {}
    above = str(Locale.parse(locale))
    while above not in ("", "root"):
        data = get_data("babel", f"locale-data/{above}.dat")
        assert data is not None  # babel brings them all
        names = {code: str(name) for code, name in pickle.loads(data)[table].items()} | names
        above = get_global("parent_exceptions").get(above) or above.rpartition("_")[0]
    return names
