"""What a question tells of the facility: facts that decide which passages can answer it.

"We are not in Better Work" turns most answers into wrong ones. Such facts are read by the phrases
of `kb.content.asking.ProfileFact` and used as those of a profile are: as inputs of conditions.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final, NamedTuple

from kb.content.asking import ProfileFact
from kb.rules.rulebook import Condition
from kb.search.fact_phrases import (
    SAYS_NO,
    SENTENCE_END,
    compared_words,
    needed,
    own_words,
    pattern,
)
from kb.search.locales import is_small
from kb.search.negation import denying
from kb.search.normalise import cleaned, word_set, words
from kb.search.wishes import unknown, wished

# What others may not do tells nothing of a facility: "verifiers can't work in Better Work".
_OTHERS: Final = word_set(
    "verifier verifiers brand brands buyer buyers auditor auditors host hosts audit audits "
    "verifikator pembeli ভেরিফায়ার অডিট ব্র্যান্ড ক্রেতা"
)
_ASKERS: Final = word_set(
    "we us our i my me facility toi minh chung em kami kita saya amra amader amar আমরা আমাদের আমার"
)
# Data that is not on the Gateway tells of no profile; a profile or an account does.
_DATA: Final = word_set(
    "data report reports result results assessment findings answers overlay laporan hasil "
    "penilaian lieu cao qua ডেটা রিপোর্ট প্রতিবেদন তথ্য ফলাফল মূল্যায়ন"
)
_PROFILES: Final = word_set(
    "profile account id profil akun so khoan ma প্রোফাইল অ্যাকাউন্ট একাউন্ট আইডি register registered"
)
# Who leaves is still there; with words that have no past of their own, so is who must or wants to.
_LEAVING: Final = word_set("leave leaves leaving stop stops drop drops skip skips")
_NOT_YET: Final = word_set(
    "to must should can may will phai can nen se muon dinh neu harus ingin mau akan kalau jika "
    "perlu boleh bisa"
)
_MAY_HAVE_LEFT: Final = word_set("quit roi rut ngung keluar mundur berhenti mengundurkan")
_WOULD_BE: Final = re.compile(r" (?:if|unless) .*?(?:were|had) .* would | would .* (?:if|unless) ")
_BRANDS: Final = word_set("brand brands buyer buyers pembeli ব্র্যান্ড ক্রেতা")
# What is compared with a virtual check tells of neither.
_VIRTUAL: Final = word_set("vcc virtual virtually remote remotely online")
_ASSESSMENT: Final = "assessment"
_FACILITY: Final = "facility"
_PROFILE: Final = "gateway_profile"
_WISH: Final = "wishes_to_share"
# What is named before "or" is in question: "who comes, Better Work or a verifier".
_OR: Final = word_set("or hay hoac atau naki নাকি")
_NO_OR: Final = word_set("na না")
_SENTENCE_ENDS: Final = re.compile(r"[!?\u0964\n]+|\.(?=\s|$)")
_CLAUSE_ENDS: Final = re.compile(r"[,;:]+")
_SHORTENED: Final = tuple(
    (re.compile(rf"['\u2019]{short}\b", re.IGNORECASE), f" {whole}")
    for short, whole in (("re", "are"), ("ve", "have"), ("m", "am"), ("ll", "will"))
)


@dataclass(frozen=True, slots=True)
class ReadFact:
    """A fact by its name in the content, with the input of the rules and its value."""

    name: str
    input: str
    value: str


class _Phrase(NamedTuple):
    """A phrase that tells a fact: how it is found, its own words, and the fact.

    A text that has the phrase has one word of each of the sets in `needs`. `has_gaps` tells whether
    other words may stand between its own. `is_a_state` tells whether it is something that one may
    also wish for, so that a wish is not taken for the fact; denials and wishes themselves are none.
    """

    pattern: re.Pattern[str]
    needs: tuple[frozenset[str], ...]
    own: frozenset[str]
    has_gaps: bool
    fact: ReadFact
    is_a_state: bool


class _Phrases:
    """Phrases by one of the sets of words that they need, the one that fewest others need."""

    def __init__(self, phrases: Iterable[_Phrase]) -> None:
        self._phrases = tuple(phrases)
        counts = Counter(word for phrase in self._phrases for need in phrase.needs for word in need)
        self._always: list[int] = []
        self._by_word: dict[str, list[int]] = {}
        for place, phrase in enumerate(self._phrases):
            if not phrase.needs:
                self._always.append(place)
                continue
            rarest = min(phrase.needs, key=lambda need: sum(map(counts.__getitem__, need)))
            for word in rarest:
                self._by_word.setdefault(word, []).append(place)

    def that_may_be_in(self, present: Set[str]) -> Iterator[_Phrase]:
        """Those whose words are all there, in their order."""
        places = {place for word in present for place in self._by_word.get(word, ())}
        for place in sorted(places.union(self._always)):
            phrase = self._phrases[place]
            if not any(map(present.isdisjoint, phrase.needs)):
                yield phrase


class FactReader:
    """Reads the facts that questions in one language tell, English phrases among them."""

    def __init__(self, facts: Mapping[str, ProfileFact], locale: str) -> None:
        self._locale = locale
        self._phrases = {
            of: _Phrases(
                _Phrase(
                    pattern(phrase, of),
                    needed(phrase, of),
                    own_words(phrase),
                    "*" in phrase,
                    ReadFact(name, fact.input, fact.value),
                    fact.input != _WISH and not _denies(phrase, of),
                )
                for name, fact in facts.items()
                for phrase in fact.phrases.get(of, ())
            )
            for of in (locale, "en")
        }

    def read(self, question: str) -> tuple[ReadFact, ...]:
        """The facts told; where two phrases overlap one that says no counts, and then the longer.

        An input of which a question tells two values is left open.
        """
        text = _Text.of(question, self._locale)
        matches: list[tuple[bool, int, str, range, ReadFact]] = []
        for locale, phrases in self._phrases.items():
            compared = text.compared(locale)
            present = {*compared.replace(SAYS_NO, "").split()}
            for phrase in phrases.that_may_be_in(present):
                match = phrase.pattern.search(compared)
                if match is None:
                    continue
                first = compared.count(" ", 0, match.start()) - 1
                at = range(first, first + match.group().count(" "))
                if _tells(phrase, text, at):
                    fact = phrase.fact
                    matches.append((phrase.is_a_state, -len(match.group()), fact.name, at, fact))
        kept: list[tuple[range, ReadFact]] = []
        for *_, at, fact in sorted(matches, key=lambda match: match[:3]):
            if not any(
                fact.input == of.input and at.start < other.stop and other.start < at.stop
                for other, of in kept
            ):
                kept.append((at, fact))
        values: dict[str, set[str]] = {}
        for _, fact in kept:
            values.setdefault(fact.input, set()).add(fact.value)
        certain_facts = {fact.input: fact for _, fact in kept if len(values[fact.input]) == 1}
        return tuple(certain_facts[name] for name in sorted(certain_facts))


@dataclass(frozen=True, slots=True)
class _Text:
    """The words of a question with a sign at the end of each sentence.

    `begins` are the places where clauses begin, and `no` those of the words that say no.
    """

    words: list[str]
    begins: Sequence[int]
    no: Set[int]

    @classmethod
    def of(cls, question: str, locale: str) -> _Text:
        tokens: list[str] = []
        begins: list[int] = []
        no: set[int] = set()
        for sentence in _SENTENCE_ENDS.split(question):
            for clause in _CLAUSE_ENDS.split(sentence):
                words_of_clause = _words(clause)
                begins.append(len(tokens))
                no.update(len(tokens) + place for place in denying(words_of_clause, locale))
                tokens += words_of_clause
            tokens.append(SENTENCE_END)
        return cls(tokens, begins, no)

    def sentence(self, place: int) -> list[str]:
        """The words of the sentence in which a word stands."""
        begin = place - ([SENTENCE_END, *self.words[:place]][::-1]).index(SENTENCE_END)
        return self.words[begin : self.words.index(SENTENCE_END, place)]

    def compared(self, locale: str) -> str:
        """The words as they are compared, each with a blank before and behind it."""
        compared = enumerate(compared_words(self.words, locale))
        return "".join(f" {SAYS_NO * (at in self.no)}{word}" for at, word in compared) + " "


def _tells(phrase: _Phrase, text: _Text, at: range) -> bool:
    """Whether a phrase that was found at some words tells how it is with the facility."""
    behind = text.words[at.stop : at.stop + 1]
    in_question = not _OR.isdisjoint(behind) or (
        text.words[at[-1]] in _NO_OR and at.stop not in text.begins and _OTHERS & {*behind}
    )
    if in_question or _is_no_fact(phrase, text, at):
        return False
    if _crosses_clauses(phrase, text, at) or (phrase.has_gaps and _is_of_others(phrase, text, at)):
        return False
    begin = max(place for place in text.begins if place <= at.start)
    end = text.words.index(SENTENCE_END, at.start)
    clause, start, stop = text.words[begin:end], at.start - begin, at.stop - begin
    if unknown(clause, start, stop):
        return False
    return not (phrase.is_a_state and wished(clause, start, stop))


def _is_no_fact(phrase: _Phrase, text: _Text, at: range) -> bool:
    """Whether a phrase stands where it tells of no facility as it is.

    It tells of data instead of a profile, of leaving that is still to come, of what would be, or of
    factories of no one to which a brand does something.
    """
    clause = text.words[max(place for place in text.begins if place <= at.start) : at.start]
    found = text.words[at.start : at.stop]
    if phrase.fact.input == _ASSESSMENT:
        return not _VIRTUAL.isdisjoint(text.words)
    if phrase.fact.input == _PROFILE:
        return not _DATA.isdisjoint(clause) and _PROFILES.isdisjoint(found)
    if not _LEAVING.isdisjoint(found):
        return True
    if not _MAY_HAVE_LEFT.isdisjoint(found) and not _NOT_YET.isdisjoint((*clause, *found)):
        return True
    if not _BRANDS.isdisjoint(clause) and _ASKERS.isdisjoint(clause[:-1]):
        return True
    return _WOULD_BE.search(f" {' '.join(text.sentence(at.start))} ") is not None


def _is_of_others(phrase: _Phrase, text: _Text, at: range) -> bool:
    """Whether a phrase found in parts tells of others, as "no audit in Better Work plants"."""
    near = text.words[max(0, at.start - 2) : at.stop]
    last = text.words[at.stop - 1 : at.stop + 1]
    between = {text.words[place] for place in at if place not in text.no} - phrase.own
    of_a_place = _FACILITY in last and not all(len(word) < 2 or is_small(word) for word in between)
    return of_a_place or not _OTHERS.isdisjoint(near)


def _crosses_clauses(phrase: _Phrase, text: _Text, at: range) -> bool:
    """Whether a phrase was found in clauses that have nothing to do with each other.

    "If it is not shared, is it still on the portal of Better Work" denies sharing alone, and "not
    in Better Work, not knowing what to do" does not say what Better Work knows. Other words may
    stand between commas before a no: "we, a mill in Dhaka, are not in Better Work".
    """
    no = next((place for place in at if place in text.no), at.stop)
    own = at.start if not phrase.has_gaps else no
    return any(own < begin < at.stop for begin in text.begins)


def _words(text: str) -> list[str]:
    for short, whole in _SHORTENED:
        text = short.sub(whole, text)
    return words(cleaned(text))


def _denies(phrase: str, locale: str) -> bool:
    return SAYS_NO in phrase or bool(denying(words(cleaned(phrase)), locale))


def inputs_of(facts: Iterable[ReadFact]) -> dict[str, str]:
    """Facts as inputs of conditions."""
    return {fact.input: fact.value for fact in facts}


def contradicted(alternatives: tuple[Condition, ...], known: Mapping[str, str]) -> bool:
    """Whether none of the alternatives can hold, whatever the inputs that are not known."""
    return bool(alternatives) and all(
        any(name in known and known[name] not in accepted for name, accepted in condition.items())
        for condition in alternatives
    )


def certain(alternatives: tuple[Condition, ...], known: Mapping[str, str]) -> bool:
    """Whether one of the alternatives holds by what is known alone."""
    return any(
        bool(condition)
        and all(name in known and known[name] in accepted for name, accepted in condition.items())
        for condition in alternatives
    )
