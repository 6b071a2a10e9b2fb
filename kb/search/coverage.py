"""Questions whether a country is covered: a country of Better Work, active with SLCP, included.

They are answered from what is known of the country, whichever it is, and not from an entry.
"""

from __future__ import annotations

from typing import Any, Final

from kb.content.records import Country
from kb.rules.facts import DatedFact
from kb.rules.inputs import CountryKind
from kb.search.locales import is_small
from kb.search.normalise import cleaned, word_set, words
from kb.search.reading import Question, asks_openly

COUNTRIES: Final = "country-list"
"""The topic of what is not known of countries; the first passage near it tells of those known."""

_PROGRAMME: Final = "Better Work"
_OF_BETTER_WORK: Final = frozenset({CountryKind.ROLLOUT, CountryKind.BW_PENDING})
_COVERED: Final = word_set(
    cleaned(
        "betterwork slcp covered cover covers part included include includes including inclusive "
        "active operating supported participating participate participates joined member "
        "thuộc trong gồm tham hoạt động áp dụng phần "
        "termasuk tercakup mencakup aktif bagian ikut masuk bergabung "
        "অন্তর্ভুক্ত অংশ সক্রিয় আওতায় তালিকায় অংশগ্রহণ মধ্যে ongsho ontorvukto shokriyo"
    )
)
_BESIDE: Final = word_set(
    cleaned(
        "a an country countries program list one now yet still already too also there officially "
        "facility suppliers manufacturers "
        "nước quốc chương trình danh sách một bao nằm phải gia "
        "negara program daftar dalam resmi "
        "দেশ দেশের কর্মসূচি কর্মসূচির এর এ তে কি কী আছে একটি desh e te er ache ase ki"
    )
)
# Whoever speaks of an own facility asks for more than what is known of its country.
_OWN: Final = word_set(
    cleaned("our my we us i kami kita saya mình tôi chúng bên amader amra আমাদের আমরা আমার")
)


def asks_whether_covered(question: Question) -> bool:
    """Whether a question asks that, and nothing else, of a country or several."""
    if not question.countries or asks_openly(question.text):
        return False
    named = {word for name in question.countries.values() for word in name.split()}
    tokens = [word for word in words(question.clean) if word not in named]
    if "facility" in tokens and not _OWN.isdisjoint(tokens):
        return False
    beside = all(word in _COVERED or word in _BESIDE or is_small(word) for word in tokens)
    return beside and not _COVERED.isdisjoint(tokens)


def facts_on(country: Country | None) -> tuple[DatedFact[Any], ...]:
    """What is known last of how far a country has come; nothing of one that no source names."""
    if country is None:
        return ()
    last = country.kinds[-1:]
    if last and last[0].value is not CountryKind.NON_BW:
        return last
    return (*last, *country.notes[-1:])


def is_known(question: Question, country: Country | None) -> bool:
    """Whether what is known of a country answers a question whether it is covered."""
    facts = facts_on(country)
    if "betterwork" not in words(question.clean):
        return bool(facts)
    return any(fact.value in _OF_BETTER_WORK or _PROGRAMME in fact.text for fact in facts)
