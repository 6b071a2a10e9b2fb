"""Personal data taken out of a question before it is kept for the learning loop."""

from __future__ import annotations

import re
from typing import Final

from kb.search.normalise import word_set

# Each takes time in proportion to the text: a run of letters is looked at from its start only, and
# what was taken of it is not given back.
_EMAIL: Final = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)++")
_WEB_ADDRESS: Final = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)
_UUID: Final = re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", re.IGNORECASE)
_WORD: Final = re.compile(r"[\w-]+")
_PHONE: Final = re.compile(r"\+?\(?\d(?:[ ().\-/]{0,2}\d){7,}")
_NUMBER: Final = re.compile(r"\d{5,}")
_DIGITS_OF_AN_ID: Final = 5
_REPLACED: Final = re.compile(r"\[(?:e-mail|address|id|phone)\]")
_LETTERS: Final = re.compile(r"[^\W\d_]+")
# Words that say of an id what it is the id of.
_NAMES_OF_IDS: Final = word_set("id ids os hub gateway slcp bw facility factory no number")


def redacted(text: str) -> str:
    """The text with e-mail and web addresses, telephone numbers and ids replaced.

    Names of people cannot be told from other words and stay; see the retention setting.
    """
    text = _EMAIL.sub("[e-mail]", text)
    text = _WEB_ADDRESS.sub("[address]", text)
    text = _UUID.sub("[id]", text)
    text = _WORD.sub(_without_id, text)
    text = _PHONE.sub("[phone]", text)
    return _NUMBER.sub("[id]", text)


def is_only_an_id(text: str) -> bool:
    """Whether a text is an id or number, or several, and asks nothing about it."""
    clean = redacted(text)
    if "[id]" not in clean and "[phone]" not in clean:
        return False
    return {*_LETTERS.findall(_REPLACED.sub(" ", clean).casefold())} <= _NAMES_OF_IDS


def _without_id(word: re.Match[str]) -> str:
    """Gateway, OS Hub and Better Work ids: letters and digits mixed, five digits or more."""
    digits = sum(character.isdecimal() for character in word[0])
    is_id = digits >= _DIGITS_OF_AN_ID and re.search("[A-Za-z]", word[0])
    return "[id]" if is_id else word[0]
