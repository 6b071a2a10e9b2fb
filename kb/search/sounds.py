"""The consonants of a word, alike for Bengali and Latin letters and for most ways to misspell it.

"করবে", "korbe" and "korbey" have the same, and so have "assessment" and "asesment". Which vowels a
Bengali word is written with in Latin letters is up to each writer, and so is the h after many
consonants.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

SHORTEST: Final = 2
"""Fewer consonants tell nothing of a word."""

_LETTERS: Final = str.maketrans(
    "কখগঘঙচছজঝঞটঠডঢণতথদধনপফবভমযরলশষসহংৎzvfq",
    "kkggnccjjnttddnttddnppbbmjrlssshntjbpk",
    "w",
)
# Two letters that sound like r when they have a dot below.
_R_WITH_DOT: Final = re.compile("[\u09a1\u09a2]\u09bc")
# What sounds like y, with a dot or joined to the letter before, is a vowel in Latin letters.
_LIKE_Y: Final = re.compile("\u09af\u09bc|\u09cd\u09af")
_DIGRAPHS: Final = re.compile(r"(?<=[bcdgjkpst])h")
_NO_CONSONANT: Final = re.compile(r"[^bcdghjklmnprstx]")
_TWICE: Final = re.compile(r"(.)\1+")


@lru_cache(maxsize=5_000)
def consonants(word: str) -> str:
    """The consonants of a cleaned word as Latin letters, none twice in a row."""
    letters = _R_WITH_DOT.sub("\u09b0", unicodedata.normalize("NFC", word))
    plain = _DIGRAPHS.sub("", _LIKE_Y.sub("", letters)).translate(_LETTERS)
    return _TWICE.sub(r"\1", _NO_CONSONANT.sub("", plain))
