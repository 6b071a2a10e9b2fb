"""Countries that a question names, in any language served."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from kb.rules.countries import EVERYDAY_NAMES, country_names
from kb.search.normalise import cleaned, is_bengali, word_set

# Shorter names are words of some language as well ("Anh", "Mali"); these are told all the same.
_LEAST_LETTERS: Final = 5
_SHORT_NAMES: Final = {
    "iran": "IR", "iraq": "IQ", "laos": "LA", "peru": "PE", "cuba": "CU", "usa": "US", "uae": "AE",
    "cina": "CN",
}  # fmt: skip
# As people write what CLDR writes in another way.
_ALSO_WRITTEN: Final = {
    "JO": ("জর্ডান", "জর্দান"), "EG": ("মিসর",), "MM": ("মিয়ানমার", "বার্মা"),
    "US": ("আমেরিকা", "যুক্তরাষ্ট্র", "amerika"), "GB": ("ব্রিটেন", "ইংল্যান্ড", "inggris"),
    "KR": ("কোরিয়া",), "KH": ("ক্যাম্বোডিয়া", "campuchia"), "TR": ("তুর্কি",),
    "LK": ("শ্রীলংকা",), "MG": ("মাদাগাস্কর",), "UZ": ("উজবেকিস্থান",),
    "IN": ("ইন্ডিয়া",), "IT": ("ইটালি",), "CZ": ("চেক প্রজাতন্ত্র",),
}  # fmt: skip
# Vietnamese ones that CLDR has in a longer form only.
_SHORT_IN_VIETNAMESE: Final = {"Anh": "GB", "Mỹ": "US", "Ý": "IT"}
# A short name with its capital and its marks is one behind such a word, or as what a question is
# about: "ở Đức", "is Mali", "Bỉ có ...". "Anh có" is "have you".
_LEADS_TO_A_PLACE: Final = (
    "nước|ở|tại|từ|sang|tới|đến|cho|và|còn|thế|vậy|hay|trong|di|dari|ke|untuk|dan|negara|kalau"
    "|in|for|from|to|at|and|about|is|does|has|are|or"
)
_ABOUT_IT: Final = "có|đã|được|thì|thuộc|nằm|chưa|cũng|sao|is|has|termasuk|sudah|bagaimana"
_WORD: Final = re.compile(r"[\wঀ-৿]+")
_PARENTHESES: Final = re.compile("[()]")
_MOST_WORDS: Final = 3
# Bengali case endings: of, in, to, also.
_ENDINGS: Final = word_set(cleaned("র ের এর ে এ তে য় য়ে য়ের কে ও ই েও তেও য়ও রও েই তেই েরও েরই"))


class Places:
    """The names of countries in some languages, found in texts."""

    def __init__(self, locales: Iterable[str]) -> None:
        self._codes: dict[str, str] = dict(_SHORT_NAMES)
        names = [item for locale in sorted(locales) for item in country_names(locale).items()]
        names += [(code, name) for code, some in EVERYDAY_NAMES.items() for name in some]
        names += [(code, name) for code, some in _ALSO_WRITTEN.items() for name in some]
        short = dict(_SHORT_IN_VIETNAMESE)
        for code, name in names:
            # Such as Myanmar (Burma), Bosnia & Herzegovina.
            for written in (name, *_PARENTHESES.split(name), name.replace("&", "and")):
                key = " ".join(_WORD.findall(cleaned(written)))
                if len(key) >= _LEAST_LETTERS or is_bengali(key):
                    self._codes.setdefault(key, code)
                elif key and key not in self._codes and written.strip()[0].isupper():
                    short.setdefault(written.strip(), code)
        self._begins = {name.partition(" ")[0] for name in self._codes if " " in name}
        self._short = {cleaned(name): code for name, code in short.items()}
        names_in_a_row = "|".join(map(re.escape, short))
        self._short_name = re.compile(
            rf"(?<!\w)(?i:{_LEADS_TO_A_PLACE})\s+({names_in_a_row})(?!\w)"
            rf"|^\W*(?!Anh)({names_in_a_row})(?=\s+(?:{_ABOUT_IT})(?!\w)|\W*$)"
        )

    def named(self, text: str) -> dict[str, str]:
        """Code of a country to its name as the cleaned text has it, in the order of the text."""
        tokens = [match.group() for match in _WORD.finditer(cleaned(text))]
        names: dict[str, str] = {}
        place = 0
        while place < len(tokens):
            step = 1
            longest = _MOST_WORDS if tokens[place] in self._begins else 1
            for length in range(min(longest, len(tokens) - place), 0, -1):
                name = " ".join(tokens[place : place + length])
                code = self._codes.get(name) or self._inflected(name)
                if code is not None:
                    names.setdefault(code, name)
                    step = length
                    break
            place += step
        for match in self._short_name.finditer(unicodedata.normalize("NFC", text)):
            name = cleaned(match[1] or match[2])
            names.setdefault(self._short[name], name)
        return names

    def _inflected(self, name: str) -> str | None:
        """The country of a Bengali name with a case ending."""
        if not is_bengali(name):
            return None
        stems = (name.removesuffix(ending) for ending in _ENDINGS if name.endswith(ending))
        return next((self._codes[stem] for stem in stems if stem in self._codes), None)
