"""A question as it is understood: its language, what it asks, and what it tells by the way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from functools import cache, cached_property, partial
from typing import Final

from kb.content.asking import Detail
from kb.content.records import Library
from kb.search.details import wanted, without_details
from kb.search.facts import FactReader, ReadFact
from kb.search.locales import ENGLISH, is_served, is_small, language_of
from kb.search.message import Message, MessageReader
from kb.search.negation import says_no
from kb.search.normalise import cleaned, raw_words, word_set
from kb.search.places import Places

_READ_CHARACTERS: Final = 4_000
# A question that carries on has few words; with more telling ones it stands on its own feet.
_MOST_FOLLOW_UP_WORDS: Final = 12
_MOST_CARRIED_ON, _MOST_STANDING_FOR = 3, 2
_MOST_OF_A_SHORT_QUESTION: Final = 3
_MOST_WORDS_OF_A_NO: Final = 2

# By language: words that carry a thought on, and words that stand for what was named before.
_CARRIES_ON: Final = {
    "en": "and|also|or|but|what about|how about|what if|then|so|same|ok and",
    "vi": "va|con|the con|vay con|vay thi|the thi|neu vay|the|vay",
    "id": "dan|lalu|terus|kalau|bagaimana dengan|gimana dengan|kalo|trus|tapi",
    "bn": "ar|aar|tahole|tarpor|ebong|r|আর|এবং|তাহলে|তারপর|কিন্তু|তো",
}
_STANDS_FOR: Final = {
    "en": word_set("it that this them those these they there one ones"),
    "vi": word_set("no cai do vay day nay"),
    "id": word_set("itu ini tersebut nya begitu gitu"),
    "bn": word_set(
        "eta ota seta oita eita setar etar otar egulo segulo "
        "ওটা এটা সেটা এটি সেটি এগুলো সেগুলো ওগুলো সেখানে"
    ),
}
# Words for whoever asks: what the question before told of a facility still holds of theirs.
_ASKERS: Final = {
    "en": word_set("we us our ours i my me"),
    "vi": word_set("toi minh em chung"),
    "id": word_set("kami kita saya"),
    "bn": word_set("amra amader ami amar amake আমরা আমাদের আমি আমার আমাকে"),
}
# Terms of the domain that tell what a question is about, as `kb.search.normalise.words` gives them.
_TERMS: Final = word_set(
    "vcc caf slcp gateway higg vfslm ffc overlay itc host hosts verifier verifiers betterwork voo "
    "ilo selfassessment tool platform profile profil profilnya"
)
_BEGINNING: Final = {
    locale: re.compile(rf"(?:{words})(?!\S)") for locale, words in _CARRIES_ON.items()
}
# Where a clause begins: "our assessment was yesterday, can we still share".
_CLAUSE: Final = r"(?:^|(?<=[,.;:!?-] ))"
_YES_OR_NO: Final = re.compile(
    rf"{_CLAUSE}(?:(?:so|and|but|then|also|or) )?(?:is|are|am|was|were|do|does|did|can|could|may|"
    rf"might|must|should|shall|will|would|has|have|had|need)\b|, (?:right|correct)\W*$|"
    rf"\bkhong\W*$|\bchua\W*$|{_CLAUSE}(?:co|lieu)\b|"
    rf"{_CLAUSE}(?:apakah|bisakah|bolehkah|haruskah|perlukah|adakah|bisa|boleh|harus)\b|"
    r"\b(?:tidak|nggak|gak|ga|belum)\W*$|(?<![\u0980-\u09ff])কি(?![\u0980-\u09ff])|\b(?:ki|naki|kina)\b"
)
_OPEN: Final = re.compile(
    r"\b(?:what|which|who|whom|whose|when|where|why|how|apa|bagaimana|gimana|berapa|siapa|kapan|"
    r"mana|kenapa|mengapa|tai sao|vi sao|the nao|bao nhieu|bao gio|khi nao|kobe|kothay|keno|"
    r"kivabe|kibhabe|koto)\b|(?<![\u0980-\u09ff])(?:কে|কখন|কবে|কোথায়|কোথায়|কেন|কীভাবে|কিভাবে|কত|কোন)(?![\u0980-\u09ff])"
)


@dataclass(frozen=True)
class Question:
    """A question read.

    `text` is what it asks and `around` the rest of its words; `courteous` tells whether words of
    politeness were left out, `thanks` whether it gives thanks and asks nothing. `wants` are the
    details it cannot be answered without, `countries` the codes of those it names with their names
    in it; `compared` is what it asks with those names in English, as it is compared with texts.
    `denies` tells whether any of it says no. `questions` are those of a message that asks several.
    """

    locale: str
    served: bool
    text: str
    around: str
    courteous: bool
    thanks: bool
    facts: tuple[ReadFact, ...]
    wants: frozenset[Detail]
    countries: Mapping[str, str]
    compared: str
    denies: bool
    questions: tuple[str, ...] = ()

    @cached_property
    def clean(self) -> str:
        """What it asks as a cleaned text."""
        return cleaned(self.text)

    @cached_property
    def words(self) -> list[str]:
        """The words of what it asks as they were typed."""
        return raw_words(self.clean)

    @cached_property
    def telling_words(self) -> list[str]:
        """Those that are no small words of a language."""
        return [word for word in self.words if not is_small(word)]

    @cached_property
    def asks_yes_or_no(self) -> bool:
        """Whether it can be answered with yes or no."""
        return asks_yes_or_no(self.text)

    @property
    def signs(self) -> list[str]:
        """What it tells beside its words, by names that are the same in all languages."""
        facts = [f"{fact.input}={fact.value}" for fact in self.facts]
        details = [f"w:{detail}" for detail in sorted(self.wants)]
        no, yes_or_no = ["no"] * self.denies, ["yn"] * self.asks_yes_or_no
        return [*facts, *details, *no, *yes_or_no]


class QuestionReader:
    """Reads questions in the languages of a library."""

    def __init__(
        self, library: Library, locales: Iterable[str], own_words: Mapping[str, Set[str]]
    ) -> None:
        locales = tuple(locales)
        self._own_words = own_words
        self._messages = {locale: MessageReader(library.courtesies, locale) for locale in locales}
        self._facts = cache(partial(FactReader, library.profile_facts))  # of a language when needed
        self._places = Places(locales)

    def read(self, text: str, locale: str | None = None, before: str = "") -> Question:
        """A question; `locale` is its language if that is known, `before` what was asked before."""
        spoken, served, message = self.heard(text, locale, before)
        whole = f"{message.question} {message.around}"
        countries = self._places.named(message.question)
        return Question(
            locale=spoken,
            served=served,
            text=message.question,
            around=message.around,
            courteous=message.courteous,
            thanks=message.thanks,
            facts=self._facts(spoken).read(whole),
            wants=wanted(message.question),
            countries=countries,
            compared=self._places.in_english(message.question, countries),
            denies=says_no(whole),
            questions=message.questions,
        )

    def heard(
        self, text: str, locale: str | None = None, before: str = ""
    ) -> tuple[str, bool, Message]:
        """The locale of a question, whether it is served, and what the message asks."""
        text = text[:_READ_CHARACTERS]
        spoken = locale or language_of(text, self._own_words, before[:200])
        message = self._messages[spoken].read(text)
        whole = f"{message.question} {message.around}"
        return spoken, is_served(message.question) or is_served(whole), message


def asks_yes_or_no(text: str) -> bool:
    """Whether a question can be answered with yes or no."""
    return _YES_OR_NO.search(cleaned(text)) is not None and not asks_openly(text)


def asks_openly(text: str) -> bool:
    """Whether a question asks who, what, when, where, why or how."""
    return _OPEN.search(cleaned(text)) is not None


def follows_on(question: Question) -> bool:
    """Whether a question cannot be understood without the one before it."""
    text, words = question.clean, question.words
    if len(words) > _MOST_FOLLOW_UP_WORDS:
        return False
    spoken = [locale for locale in (question.locale, ENGLISH) if locale in _BEGINNING]
    stand_ins = frozenset[str]().union(*(_STANDS_FOR[locale] for locale in spoken))
    named = {word for name in question.countries.values() for word in name.split()}
    rest = raw_words(without_details(text))
    telling = [word for word in rest if not is_small(word) and word not in stand_ins | named]
    if any(_BEGINNING[locale].match(text) for locale in spoken):
        return len(telling) <= _MOST_CARRIED_ON
    if stand_ins & {*words}:
        return len(telling) <= _MOST_STANDING_FOR
    return not telling


def may_carry_on(question: Question) -> bool:
    """Whether the one before it may tell what a question is about, as it says little itself."""
    return len(question.telling_words) <= _MOST_OF_A_SHORT_QUESTION or follows_on(question)


def refers_back(question: Question) -> bool:
    """Whether a question speaks of whoever asks, or of what was named before."""
    tokens = {*question.words}
    return any(
        not tokens.isdisjoint(words.get(locale, frozenset()))
        for words in (_STANDS_FOR, _ASKERS)
        for locale in (question.locale, ENGLISH)
    )


def names_nothing(tokens: Iterable[str]) -> bool:
    """Whether words hold no term of the domain."""
    return _TERMS.isdisjoint(tokens)


def is_unfinished(question: Question) -> bool:
    """Whether a question without one before it leaves open what it is about."""
    named = {word for name in question.countries.values() for word in name.split()}
    beside = [word for word in question.telling_words if word not in named]
    if not all(word.isdigit() or says_no(word) for word in beside):
        return False
    begun = _BEGINNING.get(question.locale, _BEGINNING[ENGLISH]).match(question.clean) is not None
    says_but_no = question.denies and len(question.clean.split()) <= _MOST_WORDS_OF_A_NO
    return bool(named or beside) or says_but_no or begun


def says_it(question: Question) -> bool:
    """Whether a question says no more of what it is about than "it" or "that"."""
    stand_ins = _STANDS_FOR.get(question.locale, _STANDS_FOR[ENGLISH]) | _STANDS_FOR[ENGLISH]
    askers = _ASKERS.get(question.locale, _ASKERS[ENGLISH]) | _ASKERS[ENGLISH]
    telling = [word for word in question.telling_words if word not in stand_ins | askers]
    return not stand_ins.isdisjoint(question.words) and len(telling) <= 1


def with_country_of(question: Question, previous: Question) -> str | None:
    """The previous question about the country that this one names; None if it names no other."""
    fresh = {
        code: name for code, name in question.countries.items() if code not in previous.countries
    }
    named = {word for name in question.countries.values() for word in name.split()}
    telling = [word for word in question.telling_words if word not in named]
    if not fresh or telling:
        return None
    name = " ".join(fresh.values())
    before = previous.clean
    for old in previous.countries.values():
        if old in before:
            return before.replace(old, name, 1)
    return f"{before} {name}"
