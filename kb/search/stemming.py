"""Light stemming: enough that "sharing" meets "share", too little to merge what differs."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_VOWEL: Final = re.compile(r"[aeiouy]")
# Families that no rule below brings together.
_IRREGULAR: Final = {
    "registration": "register", "registered": "register", "comparison": "compar",
    "comparable": "compar", "equivalence": "equival", "equivalent": "equival",
    "declaration": "declar", "enrolment": "enrol", "enrollment": "enrol", "enroll": "enrol",
    "enrolled": "enrol", "enrolls": "enrol", "signatories": "signatory", "paid": "pay",
    "sent": "send", "done": "do", "does": "do", "did": "do", "was": "be", "were": "be", "is": "be",
    "are": "be", "been": "be", "has": "have", "had": "have", "hosts": "host", "linking": "link",
    "linked": "link", "safety": "safe", "security": "secur", "secure": "secur", "costs": "cost",
    "independence": "independ", "independent": "independ", "membership": "member",
    "eligible": "eligib", "eligibility": "eligib", "approval": "approv", "assessors": "assessor",
    "countrie": "country", "gots": "gots", "chosen": "choos", "choice": "choos", "chose": "choos",
}  # fmt: skip

_INDONESIAN_ENDINGS: Final = ("nya", "kah", "lah", "kan", "an")
_INDONESIAN_STARTS: Final = (
    "meng", "meny", "mem", "men", "me", "peng", "peny", "pem", "pen", "pe", "ber", "ter", "per",
    "di", "se", "ke",
)  # fmt: skip
# Before and after: without their first letters they would say not yet and already.
_INDONESIAN_WHOLE: Final = frozenset({"sebelum", "sesudah", "setelah"})
# How the root of an Indonesian word begins; "sertifikat" is a loan word, not se- before "rtifikat".
_BEGINS_ROOT: Final = re.compile(
    r"[aeiou]|[b-df-hj-np-tv-z][aeiou]|(?:[bdfgkp][lr]|tr|s[klmnptwy]|kh|n[gy]|kw)[aeiour]"
)
_BENGALI_ENDINGS: Final = (
    "গুলোর", "গুলোকে", "গুলোতে", "গুলো", "গুলি", "দের", "ের", "টির",
    "টিকে", "টি", "টা", "রা", "কে", "তে", "র", "ে",
)  # fmt: skip


@lru_cache(maxsize=5_000)
def stem(word: str, locale: str) -> str:
    """The stem of a folded word, by the rules of the language of the index it is looked up in."""
    if "ঀ" <= word[0] <= "৿":
        return _bengali(word)
    if not word.isascii() or word[0].isdigit() or len(word) <= 3:
        return _IRREGULAR.get(word, word)
    if locale == "id":
        word = _indonesian(word)
    return _english(word)


def _english(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    for ending, least in (("ing", 3), ("ed", 3), ("ly", 4), ("ment", 5)):
        begun = word.removesuffix(ending)
        if begun != word and len(begun) >= least and _VOWEL.search(begun):
            word = begun
            if ending in ("ing", "ed") and word[-1] == word[-2] and word[-1] not in "lsz":
                word = word[:-1]
            break
    for ending, instead in (("ification", "ify"), ("ption", "pt"), ("ction", "ct"), ("i", "y")):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            word = word.removesuffix(ending) + instead
            break
    return word[:-1] if word.endswith("e") and len(word) > 4 else word


def _indonesian(word: str) -> str:
    for ending in _INDONESIAN_ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            word = word.removesuffix(ending)
            break
    if word in _INDONESIAN_WHOLE:
        return word
    for start in _INDONESIAN_STARTS:
        rest = word.removeprefix(start)
        if rest != word and len(rest) >= 4 and _BEGINS_ROOT.match(rest):
            # "menilai" is me- before "nilai": the n belongs to the root.
            if start in ("men", "mem", "pen", "pem") and rest[0] in "aeiou":
                rest = start[-1] + rest
            return rest
    return word


def _bengali(word: str) -> str:
    for ending in _BENGALI_ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word
