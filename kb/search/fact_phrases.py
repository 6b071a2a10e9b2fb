"""The phrases that tell facts, as patterns over the words of a question.

Words are compared by their stems, and Bengali ones by their consonants, so that a phrase holds in
Bengali and in Latin letters. Among the words of a phrase stand signs:

    *             up to four words, none of which says no or begins another thought
    !             a word that says no, or several; !word is a word that says no by itself
    word~         any word that begins so
    (one/other)   ways to say the same; an empty one may be left out: (a/the/)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

from kb.search.normalise import cleaned, terms, words
from kb.search.sounds import consonants

SAYS_NO: Final = "!"
"""Stands before each word of a question that says no."""

SENTENCE_END: Final = "."
"""Stands behind the words of each sentence of a question."""

_BY_SOUND: Final = "bn"
_SHORTEST: Final = 3
"""Words with fewer consonants sound like too many others."""

_JOINING: Final = (
    "and|but|because|whether|if|who|when|va|nhung|neu|dan|tapi|tetapi|kalau|jika|ebong|kintu|slcp"
    "|scope|pham|cakup"
)
_GAP: Final = rf"(?:(?!(?:{_JOINING}) )[^\s{SAYS_NO}{SENTENCE_END}]\S* ){{0,4}}"
_NO: Final = rf"(?:{SAYS_NO}\S+ )+"
_ITEM: Final = re.compile(r"\([^)]*\)|\S+")


def compared_words(tokens: Sequence[str], locale: str) -> list[str]:
    """Words as they are compared with the phrases of a language."""
    stems = terms(tokens, locale)
    return [_sound(stem) for stem in stems] if locale == _BY_SOUND else stems


@cache  # English phrases are read in every language, and all of them again with each release
def own_words(phrase: str) -> frozenset[str]:
    """The words of a phrase without its signs."""
    return frozenset(_words(re.sub(r"[()*!~/]", " ", phrase)))


@cache
def pattern(phrase: str, locale: str) -> re.Pattern[str]:
    """A phrase as it is found in words that each have a blank before and behind them."""
    patterns: list[str] = []
    plain: list[str] = []
    for item in [*_ITEM.findall(phrase), ""]:
        if item and item[0] not in "(*!" and item[-1] != "~":
            plain.append(item)
            continue
        patterns += _plain(plain, locale)
        plain = []
        patterns.append(_sign(item, locale))
    return re.compile("(?<= )" + "".join(patterns))


@cache
def needed(phrase: str, locale: str) -> tuple[frozenset[str], ...]:
    """Sets of words as `compared_words` gives them; a text with the phrase has one of each set.

    Looking for these first takes much less time than looking for all patterns.
    """
    sets: list[frozenset[str]] = []
    plain: list[str] = []
    for item in [*_ITEM.findall(phrase), ""]:
        if item and item[0] not in "(*!" and item[-1] != "~":
            plain.append(item)
            continue
        sets += [frozenset({word}) for word in compared_words(_words(" ".join(plain)), locale)]
        plain = []
        ways = [way.strip() for way in item.strip("()").split("/")] if item[:1] == "(" else []
        if ways and "" not in ways and not any(sign in item for sign in "*~"):
            of_ways = [compared_words(_words(way.replace(SAYS_NO, "")), locale) for way in ways]
            if all(of_ways):
                sets.append(frozenset(compared[0] for compared in of_ways))
    return tuple(sets)


def _sign(item: str, locale: str) -> str:
    """A sign, or a word with one, as a pattern."""
    if item in ("", "*", "!"):
        return {"": "", "*": _GAP, "!": _NO}[item]
    if item[0] == "(":
        ways = [way.strip() for way in item[1:-1].split("/")]
        patterns = [pattern(way, locale).pattern.removeprefix("(?<= )") for way in ways if way]
        return f"(?:{'|'.join(patterns)}){'?' if '' in ways else ''}"
    no = SAYS_NO if item[0] == SAYS_NO else f"{SAYS_NO}?"
    word = cleaned(item.removeprefix(SAYS_NO).removesuffix("~"))
    if item[-1] != "~":
        return f"{no}{re.escape(compared_words([word], locale)[0])} "
    beginning = _sound(word) if locale == _BY_SOUND else word
    return rf"{no}{re.escape(beginning)}\S* "


def _plain(items: Sequence[str], locale: str) -> list[str]:
    tokens = _words(" ".join(items))
    return [rf"{SAYS_NO}?{re.escape(word)} " for word in compared_words(tokens, locale)]


def _words(text: str) -> list[str]:
    return words(cleaned(text))


def _sound(word: str) -> str:
    """The consonants of a word; the word itself where they tell too little."""
    sound = consonants(word)
    return sound if len(sound) >= _SHORTEST else word
