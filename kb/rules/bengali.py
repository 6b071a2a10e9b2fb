"""How a Bengali name takes an ending: বাংলাদেশ-এর is written বাংলাদেশের, and ভারত-এ ভারতে.

Translations write "{country}-এর"; the hyphen stays behind what is in other letters ("SLCP-এর").
"""

from __future__ import annotations

import re
from typing import Final

_WITH_ENDING: Final = re.compile("([\u0980-\u09ff])-(এর|এ|কে)(?![\u0980-\u09ff])")
_VOWEL_SIGNS: Final = frozenset("\u09be\u09bf\u09c0\u09c1\u09c2\u09c3\u09c7\u09c8\u09cb\u09cc")
_AA: Final = "\u09be"
_NO_CONSONANTS: Final = frozenset("অআইঈউঊএঐওঔংঃঁ")


def with_endings(text: str) -> str:
    """The text with the endings of Bengali words joined to them, as they sound behind them."""
    return _WITH_ENDING.sub(_joined, text)


def _joined(match: re.Match[str]) -> str:
    last, ending = match.groups()
    if ending == "কে":
        return f"{last}{ending}"
    if last in _VOWEL_SIGNS:
        in_it = "য়" if last == _AA else "তে"
        return last + ("র" if ending == "এর" else in_it)
    if last in _NO_CONSONANTS:
        return last + ("য়ের" if ending == "এর" else "য়ে")
    return last + ("ের" if ending == "এর" else "ে")
