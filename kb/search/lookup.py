"""A question read and ranked: what every public search function begins with."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import compress
from typing import Final

import numpy

from kb.content.asking import Detail
from kb.content.records import Library
from kb.rules.tables import any_holds
from kb.search.confidence import Evidence, odds
from kb.search.facts import certain, contradicted, inputs_of
from kb.search.head import Head, entry_of
from kb.search.index import LanguageIndex, Query, Ranked, UsedIn
from kb.search.locales import ENGLISH
from kb.search.reading import (
    Question,
    QuestionReader,
    follows_on,
    may_carry_on,
    names_nothing,
    refers_back,
    with_country_of,
)
from kb.search.semantic import Semantic
from kb.search.texts import labels_of, related_to

Inputs = Mapping[str, str]

_AROUND_WEIGHT: Final = 0.3
_PREVIOUS_WEIGHT: Final = 0.3
# A FAQ that applies to the facility goes before one equally near that does not.
_APPLIES, _DOES_NOT_APPLY = 1.1, 0.65
# The same for facts that the question tells: those decide what is asked.
_FITS_FACTS, _AGAINST_FACTS = 1.1, 0.7
# A question that carries on stays with the entry of the one before it, or goes to a related one.
_SAME_ENTRY, _RELATED_ENTRY = 0.18, 0.06
_MOST_NEAR: Final = 4
# A short question with an entry or topic at least so likely owes nothing to the one before it.
_STANDS_ALONE_FROM: Final = 0.5
_LEAST_STANDING_ALONE: Final = 3
_LONG: Final = math.log1p(20)
_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True)
class LookedUp:
    """A question read and ranked: FAQs and topics that are not covered apart, each best first.

    `chances` are the probabilities of passages, entries and topics by the trained head; they add up
    to less than 1 where the release lacks some that the head knows. `before` is the entry of the
    previous question where this one carries it on; `swapped` tells whether it is that question
    about another country. `known` are the inputs of the profile, if one is given, with what the
    question tells.
    """

    index: LanguageIndex
    question: Question
    query: Query
    faqs: Sequence[Ranked]
    topics: Sequence[Ranked]
    chances: Mapping[str, float]
    before: int | None
    swapped: bool
    known: Inputs

    @cached_property
    def used_in(self) -> UsedIn:
        """Which entries use the terms of the question."""
        return self.index.used_in(self.query)

    @cached_property
    def evidence(self) -> Evidence | None:
        """What speaks for the first FAQ; None without one."""
        return _evidence_of(self) if self.faqs else None


@dataclass(frozen=True, slots=True)
class _Carried:
    """A question with what it takes from the one before, if it carries that on.

    `earlier` is the earlier question as a query, `entry` the FAQ that it found; `swapped` tells
    whether this one is the earlier question about another country.
    """

    question: Question
    earlier: Query | None = None
    entry: int | None = None
    swapped: bool = False


class Lookup:
    """Reads and ranks questions over one release."""

    def __init__(
        self,
        library: Library,
        indexes: Mapping[str, LanguageIndex],
        reader: QuestionReader,
        head: Head,
        semantic: Semantic | None,
    ) -> None:
        self._library = library
        self._indexes = indexes
        self._reader = reader
        self._head = head
        # Entries have the same places in all languages; those that only the head knows come after.
        places = {entry.key: place for place, entry in enumerate(indexes[ENGLISH].entries)}
        self._entries = len(places)
        self._entry_of = numpy.array(
            [places.setdefault(entry_of(label), len(places)) for label in head.labels]
        )
        held = labels_of(library)
        self._held = numpy.array([label in held for label in head.labels], dtype=bool)
        self._held_labels = list(compress(head.labels, self._held))
        self.semantic = semantic
        self.related = {number: related_to(library, number) for number in library.faqs}

    def look_up(
        self, text: str, previous: str | None, locale: str | None, profile: Inputs | None
    ) -> LookedUp:
        """Read and rank a question; nothing is found for a text without words."""
        before = previous if previous and previous.strip() else None
        question = self._reader.read(text, locale, before or "")
        index = self._indexes[question.locale]
        carried = _Carried(question)
        if before is not None and not question.facts and refers_back(question):
            facts = self._reader.read(before, question.locale).facts
            carried = _Carried(replace(question, facts=facts))
        if before is not None and may_carry_on(question):
            carried = self._carried(carried.question, before, profile)
        question, earlier, entry = carried.question, carried.earlier, carried.entry
        query = index.read(question.compared)
        if question.around:
            query = query.with_words_of(index.read(question.around, _AROUND_WEIGHT))
        if earlier is not None:
            query = query.after(earlier)
        known = {**(profile or {}), **inputs_of(question.facts), **(profile or {})}
        if not says_something(query):
            return LookedUp(index, question, query, [], [], {}, entry, carried.swapped, known)
        likely = self._head.probabilities(query.stems, query.words, query.earlier, question.signs)
        chances = likely[self._held]  # a head may know more than this release has
        of_entries = numpy.bincount(self._entry_of[self._held], chances, self._entries)
        meaning = self._meaning(index, f"{before[:200]} {text}" if before and earlier else text)
        ranked = self._weighed(
            index.rank(query, of_entries, meaning), profile is not None, known, entry
        )
        return LookedUp(
            index,
            question,
            query,
            [faq for faq in ranked if isinstance(faq.key, int)],
            [topic for topic in ranked if isinstance(topic.key, str)],
            dict(zip(self._held_labels, chances.tolist(), strict=True)),
            entry,
            carried.swapped,
            known,
        )

    def _carried(self, question: Question, before: str, profile: Inputs | None) -> _Carried:
        """A short question with what it takes from the one before it."""
        index = self._indexes[question.locale]
        question_before = self._reader.read(before, question.locale)
        if not follows_on(question):
            alone = self._stands_alone(index, question)
            return _Carried(question, None if alone else _earlier(index, question_before))
        swapped = with_country_of(question, question_before)
        if swapped is not None:
            again = self._reader.read(swapped, question.locale)
            again = replace(again, countries=question.countries, facts=question_before.facts)
            return _Carried(again, swapped=True)
        faqs = self.look_up(before, None, question.locale, profile).faqs
        question = replace(question, facts=question.facts or question_before.facts)
        entry = self._stating(int(faqs[0].key), question.wants) if faqs else None
        return _Carried(question, _earlier(index, question_before), entry)

    def _stating(self, number: int, wants: Set[Detail]) -> int:
        """An entry, or the nearest related one with a date, if that is wanted and it has none.

        A deadline holds for all that belongs together; a duration is that of one thing.
        """
        for near in (number, *self.nearest(number)) if Detail.DATE in wants else ():
            if any(Detail.DATE in passage.holds for passage in self._library.faqs[near].passages):
                return near
        return number

    def _stands_alone(self, index: LanguageIndex, question: Question) -> bool:
        """Whether the words of a short question tell by themselves what it asks for."""
        own = index.read(question.compared)
        if names_nothing(own.words) and len(question.telling_words) < _LEAST_STANDING_ALONE:
            return False
        likely = self._head.probabilities(own.stems, own.words, signs=question.signs)
        return bool(numpy.bincount(self._entry_of, likely).max() >= _STANDS_ALONE_FROM)

    def nearest(self, number: int) -> tuple[int, ...]:
        """The entries that share most with one."""
        return self.related[number][:_MOST_NEAR]

    def applies(self, number: int, inputs: Inputs) -> bool:
        """Whether a FAQ applies to a profile."""
        return any_holds(self._library.faqs[number].applies_when, inputs)

    def against(self, number: int, known: Inputs) -> bool:
        """Whether a FAQ is about others, by what is known."""
        faq = self._library.faqs[number]
        return contradicted(faq.applies_when, known) or all(
            certain(passage.unless_when, known) for passage in faq.passages
        )

    def _weighed(
        self, ranked: list[Ranked], has_profile: bool, known: Inputs, before: int | None
    ) -> list[Ranked]:
        if not known and before is None:
            return ranked
        weighed = [self._weighed_entry(entry, has_profile, known, before) for entry in ranked]
        return sorted(weighed, key=lambda entry: (-round(entry.score, 9), entry.place))

    def _weighed_entry(
        self, entry: Ranked, has_profile: bool, known: Inputs, before: int | None
    ) -> Ranked:
        if not isinstance(entry.key, int):
            return entry
        factor, bonus = 1.0, 0.0
        if has_profile:
            factor = _APPLIES if self.applies(entry.key, known) else _DOES_NOT_APPLY
        elif known:
            if self.against(entry.key, known):
                factor = _AGAINST_FACTS
            elif certain(self._library.faqs[entry.key].applies_when, known):
                factor = _FITS_FACTS
        if before is not None:
            bonus = _SAME_ENTRY if entry.key == before else 0.0
            bonus = bonus or _RELATED_ENTRY * (entry.key in self.nearest(before))
        return entry._replace(score=factor * entry.score + bonus, carried=bonus)

    def _meaning(self, index: LanguageIndex, question: str) -> dict[int, float] | None:
        if self.semantic is None:
            return None
        try:
            return self.semantic.likeness(index, question)
        except (OSError, RuntimeError, ValueError) as error:
            _LOG.warning("The search goes on without likeness of meaning: %s.", error)
            self.semantic = None
            return None


def _earlier(index: LanguageIndex, before: Question) -> Query:
    """The question before as it is taken into the one that carries it on."""
    return index.read(before.compared, _PREVIOUS_WEIGHT)


def says_something(query: Query) -> bool:
    """Whether there is a word in it: a single letter is none."""
    return any(len(term) > 1 for term in query.terms)


def _evidence_of(looked_up: LookedUp) -> Evidence:
    index, query, first = looked_up.index, looked_up.query, looked_up.faqs[0]
    second = looked_up.faqs[1].score if len(looked_up.faqs) > 1 else 0.0
    rival = looked_up.topics[0].score if looked_up.topics else 0.0
    own = first.score - first.carried
    weights = {term: weight * index.idf(term) for term, weight in query.terms.items()}
    total = sum(weights.values()) or 1.0
    shared = set(looked_up.used_in.matched(first.place))
    others = max((faq.chance for faq in looked_up.faqs[1:]), default=0.0)
    likely = max((topic.chance for topic in looked_up.topics), default=0.0)
    passages = index.entries[first.place].passages
    passage = max((looked_up.chances.get(name, 0.0) for name in passages), default=0.0)
    return Evidence(
        top=first.bm25,
        margin=(first.score - second) / first.score if first.score else 0.0,
        known=sum(weight for term, weight in weights.items() if index.knows(term)) / total,
        matched=sum(weight for term, weight in weights.items() if term in shared) / total,
        words=first.words,
        letters=first.letters,
        rival=(rival - own) / (rival + own) if rival + own else 0.0,
        chance=odds(first.chance),
        other_chance=odds(others),
        rival_chance=odds(likely),
        passage_chance=passage,
        length=math.log1p(len(looked_up.question.telling_words)) / _LONG,
        carries_on=(float(looked_up.before is not None) + float(query.earlier is not None)) / 2,
        denies=float(looked_up.question.denies),
        vietnamese=float(index.locale == "vi"),
        indonesian=float(index.locale == "id"),
        bengali=float(index.locale == "bn"),
    )
