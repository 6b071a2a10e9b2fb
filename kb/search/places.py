"""Countries that a question names, in any language served."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from kb.rules.countries import EVERYDAY_NAMES, country_names
from kb.search.normalise import cleaned, is_bengali, word_set
from kb.search.spelling import real_words

# Shorter names are words of some language as well ("Anh", "Mali"); these are told all the same.
_LEAST_LETTERS: Final = 5
_SHORT_NAMES: Final = {
    "iran": "IR", "iraq": "IQ", "laos": "LA", "peru": "PE", "cuba": "CU", "usa": "US", "uae": "AE",
    "cina": "CN", "chin": "CN",
}  # fmt: skip
# As people write what CLDR writes in another way.
_ALSO_WRITTEN: Final = {
    "BD": ("bang la det", "বাংলাদেশি", "বাংলাদেশী"), "CN": ("চীনা", "চাইনিজ", "চায়না", "chiner"),
    "EG": ("মিসর", "মিশরীয়", "misor"), "ET": ("ইথিওপীয়", "e ti o pi a"), "HT": ("ha i ti",),
    "ID": ("in do ne xi a", "in do nesia", "ইন্দোনেশীয়"), "JO": ("জর্ডান", "জর্দান", "gio oc da ni"),
    "KH": ("ক্যাম্বোডিয়া", "কম্বোডীয়", "campuchia", "cam pu chia", "kombodia"),
    "LK": ("শ্রীলংকা", "srilanka", "srilonka", "xri lan ca"), "MM": ("মিয়ানমার", "বার্মা", "mi an ma"),
    "MY": ("ma lai xi a",), "NI": ("ni ca ra goa",), "PH": ("phi lip pin",),
    "PK": ("পাকিস্তানি", "পাকিস্তানী", "pa ki xtan"),
    "US": ("আমেরিকা", "যুক্তরাষ্ট্র", "মার্কিন", "amerika"), "GB": ("ব্রিটেন", "ইংল্যান্ড", "inggris"),
    "KR": ("কোরিয়া", "han quoc"), "TR": ("তুর্কি", "turosko"), "VN": ("ভিয়েতনামি",),
    "MG": ("মাদাগাস্কর",), "UZ": ("উজবেকিস্থান",), "IT": ("ইটালি",), "CZ": ("চেক প্রজাতন্ত্র",),
    "IN": ("ইন্ডিয়া", "ভারতীয়", "varot", "bharot", "bharat"),
}  # fmt: skip
# English words for what is of a country; before such a thing they name it, else often a language.
_OF_A_COUNTRY: Final = {
    "american": "US", "bangladeshi": "BD", "british": "GB", "bulgarian": "BG", "burmese": "MM",
    "cambodian": "KH", "chinese": "CN", "colombian": "CO", "egyptian": "EG", "ethiopian": "ET",
    "filipino": "PH", "french": "FR", "german": "DE", "guatemalan": "GT", "haitian": "HT",
    "honduran": "HN", "indian": "IN", "indonesian": "ID", "italian": "IT", "japanese": "JP",
    "jordanian": "JO", "kenyan": "KE", "korean": "KR", "lankan": "LK", "malagasy": "MG",
    "malaysian": "MY", "mauritian": "MU", "mexican": "MX", "moroccan": "MA", "nicaraguan": "NI",
    "pakistani": "PK", "peruvian": "PE", "philippine": "PH", "polish": "PL", "portuguese": "PT",
    "romanian": "RO", "salvadoran": "SV", "serbian": "RS", "spanish": "ES", "taiwanese": "TW",
    "thai": "TH", "tunisian": "TN", "turkish": "TR", "vietnamese": "VN",
}  # fmt: skip
_THINGS: Final = re.compile("factor|facilit|supplier|manufactur|plants?$|vendor|mills?$|producer")
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
_MOST_WORDS: Final = 5
# Shorter names are too like other words to be told when they are misspelt.
_LEAST_MISSPELT: Final = 6
# Bengali case endings: of, in, to, also.
_ENDINGS: Final = word_set(cleaned("র ের এর ে এ তে য় য়ে য়ের কে ও ই েও তেও য়ও রও েই তেই েরও েরই"))
# The same in Latin letters.
_LATIN_ENDINGS: Final = ("er", "te", "ye", "ey", "r", "e", "y")


class Places:
    """The names of countries in some languages, found in texts."""

    def __init__(self, locales: Iterable[str]) -> None:
        self._english = {
            code: _PARENTHESES.split(name)[0].strip() for code, name in country_names().items()
        } | {"TR": "Turkey"}
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
        self._may_be_misspelt = [
            name
            for name in self._codes
            if name.isascii() and name.isalpha() and len(name) >= _LEAST_MISSPELT
        ]
        self._begins = {name.partition(" ")[0] for name in self._codes if " " in name}
        self._code_of = lru_cache(maxsize=5_000)(self._code_of_name)
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
                code = self._code_of(name)
                if length == 1 and name in _OF_A_COUNTRY:
                    behind = tokens[place + 1 : place + 3]
                    code = _OF_A_COUNTRY[name] if any(map(_THINGS.match, behind)) else None
                if code is not None:
                    names.setdefault(code, name)
                    step = length
                    break
            place += step
        for match in self._short_name.finditer(unicodedata.normalize("NFC", text)):
            name = cleaned(match[1] or match[2])
            names.setdefault(self._short[name], name)
        return names

    def in_english(self, text: str, names: Mapping[str, str]) -> str:
        """A text with the names of countries that were found in it as English has them.

        Texts in all languages are searched with English ones, and not every country is named in
        the others.
        """
        if not names:
            return text
        text = cleaned(text)
        for code, name in names.items():
            written = r"\W+".join(map(re.escape, name.split()))
            text = re.sub(rf"(?<!\w){written}(?!\w)", self._english[code], text, count=1)
        return text

    def _code_of_name(self, name: str) -> str | None:
        return self._codes.get(name) or self._inflected(name) or self._misspelt(name)

    def _inflected(self, name: str) -> str | None:
        """The country of a Bengali name with a case ending."""
        endings = _ENDINGS if is_bengali(name) else _LATIN_ENDINGS
        stems = (name.removesuffix(ending) for ending in endings if name.endswith(ending))
        return next((self._codes[stem] for stem in stems if stem in self._codes), None)

    def _misspelt(self, word: str) -> str | None:
        """The country of a name with one letter wrong, too many or too few, if it is like no other.

        A word of everyday language is no misspelt name.
        """
        if len(word) < _LEAST_MISSPELT:
            return None
        alike = process.extract_iter(
            word, self._may_be_misspelt, scorer=OSA.distance, processor=None, score_cutoff=1
        )
        codes = {self._codes[name] for name, _, _ in alike}
        # The words take megabytes, and are loaded for the first name that is misspelt.
        return codes.pop() if len(codes) == 1 and word not in real_words() else None
