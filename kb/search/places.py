"""Countries that a question names, in any language served."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from kb.rules.countries import EVERYDAY_NAMES, country_names
from kb.search.normalise import cleaned, is_bengali

# Shorter names are words of some language as well ("Anh", "Mali"); these are told all the same.
_LEAST_LETTERS: Final = 5
_SHORT_NAMES: Final = {
    "iran": "IR", "iraq": "IQ", "laos": "LA", "peru": "PE", "cuba": "CU", "usa": "US", "uae": "AE",
    "cina": "CN", "viet nam": "VN", "burma": "MM", "holland": "NL", "england": "GB", "turkey": "TR",
    "চীন": "CN", "মিশর": "EG", "নেপাল": "NP",
}  # fmt: skip
_WORD: Final = re.compile(r"[\wঀ-৿]+")
_PARENTHESES: Final = re.compile("[()]")
_MOST_WORDS: Final = 3
_LONGEST_ENDING: Final = 3


class Places:
    """The names of countries in some languages, found in texts."""

    def __init__(self, locales: Iterable[str]) -> None:
        self._codes: dict[str, str] = dict(_SHORT_NAMES)
        names = [item for locale in sorted(locales) for item in country_names(locale).items()]
        names += [(code, name) for code, some in EVERYDAY_NAMES.items() for name in some]
        for code, name in names:
            # Such as Myanmar (Burma), Bosnia & Herzegovina.
            for written in (name, *_PARENTHESES.split(name), name.replace("&", "and")):
                said = " ".join(_WORD.findall(cleaned(written)))
                if len(said) >= _LEAST_LETTERS or is_bengali(said):
                    self._codes.setdefault(said, code)

    def named(self, text: str) -> dict[str, str]:
        """Code of a country to its name as the cleaned text has it, in the order of the text."""
        said = [match.group() for match in _WORD.finditer(cleaned(text))]
        found: dict[str, str] = {}
        place = 0
        while place < len(said):
            step = 1
            for length in range(min(_MOST_WORDS, len(said) - place), 0, -1):
                name = " ".join(said[place : place + length])
                code = self._codes.get(name) or self._inflected(name)
                if code is not None:
                    found.setdefault(code, name)
                    step = length
                    break
            place += step
        return found

    def _inflected(self, name: str) -> str | None:
        """The country of a Bengali name with a case ending."""
        if not is_bengali(name):
            return None
        stems = (name[:-ending] for ending in range(1, _LONGEST_ENDING + 1))
        return next((self._codes[stem] for stem in stems if stem in self._codes), None)
