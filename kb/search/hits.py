"""Hits: an entry that may answer, with the passages of it to show and how the answer begins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Final

from kb.content.asking import Detail
from kb.content.faq_records import Faq
from kb.content.records import GlossaryEntry, Library
from kb.search.coverage import COUNTRIES
from kb.search.facts import certain
from kb.search.index import LanguageIndex, Ranked, Unit, UnitKind
from kb.search.lookup import Inputs, LookedUp, Lookup
from kb.search.meanings import Array, word_vectors
from kb.search.negation import says_no
from kb.search.normalise import cleaned, replaced, words
from kb.search.outcome import SearchHit
from kb.search.passages import Passages
from kb.search.places import Places
from kb.search.reading import Question, asks_yes_or_no
from kb.search.verdicts import asks_the_same, without_verdict

# How like a phrasing a question must be for its answer to begin with what the lead claims, in words
# or letters, and in meaning.
_LEAD_FROM, _LEAD_FROM_MEANING = 0.44, 0.82
_FAVOURED: Final = 1.0
# An entry with so many passages is shown whole; of a longer one the best are.
_SHORT_ENTRY: Final = 3
_SHOWN_OF_LONG_ENTRY: Final = 2


@dataclass(frozen=True, slots=True)
class _YesOrNo:
    """A phrasing that asks for yes or no: whether it says no, and what it means as a vector."""

    denies: bool
    meaning: Array


class Hits:
    """Makes hits of ranked entries."""

    def __init__(self, library: Library, lookup: Lookup, places: Places) -> None:
        self._library = library
        self._lookup = lookup
        self._passages = cache(partial(_passages, library))
        self._phrasings = cache(_yes_or_no)  # of those with leads
        self._places = places
        self._named = cache(places.named)  # of phrasings and their leads

    def of(
        self, looked_up: LookedUp, ranked: Sequence[Ranked], inputs: Inputs | None
    ) -> tuple[SearchHit, ...]:
        """The hits of ranked entries; `inputs` are those of a facility or profile, if any."""
        hits = [self._hit(looked_up, entry, inputs) for entry in ranked]
        if hits and ranked[0] is looked_up.faqs[0]:
            hits[0] = replace(hits[0], lead=self._lead(looked_up, ranked[0], hits[0].passage_id))
        return tuple(hits)

    def on_countries(self, hits: Sequence[SearchHit]) -> tuple[SearchHit, ...]:
        """The hits for a question whether countries are covered, the passage on some first."""
        topic = self._library.not_covered.get(COUNTRIES)
        passage = topic.near[0] if topic else ""
        number = int(passage.partition(".")[0] or 0)
        first = next((hit for hit in hits if hit.faq_number == number), None)
        if first is None:
            return tuple(hits)
        lead = first.lead if first.passage_id == passage else None
        first = replace(first, passage_id=passage, shown=(passage,), lead=lead)
        return (first, *(hit for hit in hits if hit.faq_number != number))

    def on_term(self, hits: Sequence[SearchHit], entry: GlossaryEntry) -> tuple[SearchHit, ...]:
        """The hits for a question what a term means, that with the passages it is from first.

        Nothing is shown beside a term that no passage tells of.
        """
        cited = [citation.passage for citation in entry.citations if citation.passage]
        numbers = [int(passage.partition(".")[0]) for passage in cited]
        first = next((hit for hit in hits if hit.faq_number in numbers), hits[0])
        shown = tuple(
            passage
            for passage, number in zip(cited, numbers, strict=True)
            if number == first.faq_number
        )
        best = first.passage_id if first.passage_id in shown or not shown else shown[0]
        first = replace(first, passage_id=best, shown=shown, lead=None)
        return (first, *(hit for hit in hits if hit.faq_number != first.faq_number))

    def _hit(self, looked_up: LookedUp, entry: Ranked, inputs: Inputs | None) -> SearchHit:
        assert isinstance(entry.key, int)
        faq = self._library.faqs[entry.key]
        index = looked_up.index
        unit = index.units[entry.text]
        is_phrase = unit.kind is not UnitKind.PASSAGE
        favoured = self._favoured(faq, looked_up.question.wants, looked_up.known)
        if unit.passage is not None:
            like = favoured.get(unit.passage, 0.0) + max(entry.words, entry.letters)
            favoured[unit.passage] = like
        passages = self._passages(index, entry.key)
        ranked = passages.ranked(
            looked_up.query,
            index.stems_of(entry.text) if is_phrase else (),
            index.idf,
            looked_up.chances,
            favoured,
        )
        best = ranked[0][0]
        applies = None if inputs is None else self._lookup.applies(entry.key, inputs)
        return SearchHit(
            faq_number=entry.key,
            score=round(min(1.0, entry.score), 4),
            passage_id=best,
            shown=_shown(passages, ranked),
            matched_phrase=unit.text if is_phrase else faq.question,
            matched_terms=tuple(looked_up.used_in.matched(entry.place)),
            applies=applies,
            because=faq.applies_because if applies else None,
        )

    def _favoured(self, faq: Faq, wants: Set[Detail], known: Inputs) -> dict[str, float]:
        """What speaks for passages or against them, by what is wanted and known."""
        if not wants and not known:
            return {}
        favoured = {
            passage.id: _FAVOURED * (not wants.isdisjoint(passage.holds))
            - 10 * _FAVOURED * certain(passage.unless_when, known)
            for passage in faq.passages
        }
        dated = [passage.id for passage in faq.passages if Detail.DATE in passage.holds]
        if Detail.DATE in wants and len(dated) == 1:
            favoured[dated[0]] += 2 * _FAVOURED  # a deadline holds for all that an entry tells
        return favoured

    def _lead(self, looked_up: LookedUp, entry: Ranked, best: str) -> str | None:
        """How the answer begins: with yes or no only where a phrasing of that asks the same."""
        question, matched = looked_up.question, looked_up.index.units[entry.text]
        if question.asks_yes_or_no:
            asked = replaced(cleaned(question.text), dict(looked_up.query.corrections))
            for unit in looked_up.index.entries[entry.place].units:
                if unit.lead and unit.passage == best and self._is_asked(asked, unit, question):
                    return unit.lead
        begins = self._begins(question, entry, matched, best)
        lead = matched.lead if begins else self._lead_by_meaning(looked_up, entry, best)
        return lead and without_verdict(lead)

    def _is_asked(self, asked: str, unit: Unit, question: Question) -> bool:
        """Whether a phrasing asks the same, about these countries or about others of its lead."""
        named, there = self._named(unit.text), question.countries
        if named.keys() == there.keys():
            return asks_the_same(asked, unit.text, question.locale)
        if not (
            named and there and named.keys() | there.keys() <= self._named(unit.lead or "").keys()
        ):
            return False
        other = _without(cleaned(unit.text), named.values())
        return asks_the_same(_without(asked, there.values()), other, question.locale)

    def _begins(self, question: Question, entry: Ranked, unit: Unit, best: str) -> bool:
        """Whether the answer may begin with what the lead of the phrasing that matched claims.

        Both ask for yes or no, or neither does, and both say no or neither does: "which countries
        are not included" has another lead than "which countries are included".
        """
        if not unit.lead or unit.passage != best or max(entry.words, entry.letters) < _LEAD_FROM:
            return False
        if question.asks_yes_or_no != asks_yes_or_no(unit.text):
            return False
        if not question.asks_yes_or_no and question.denies != says_no(unit.text):
            return False
        return self._names_all_countries(unit.lead, question)

    def _lead_by_meaning(self, looked_up: LookedUp, entry: Ranked, best: str) -> str | None:
        """How the answer to a question for yes or no begins, by phrasings that mean the same."""
        question = looked_up.question
        if not question.asks_yes_or_no:
            return None
        meaning = _meaning(question.text)
        alike = [
            (float(meaning @ phrasing.meaning), unit.lead)
            for unit in looked_up.index.entries[entry.place].units
            if unit.lead
            and unit.passage == best
            and (phrasing := self._phrasings(unit.text))
            and question.denies == phrasing.denies
            and self._names_all_countries(unit.lead, question)
        ]
        likeness, lead = max(alike, default=(0.0, None))
        return lead if likeness >= _LEAD_FROM_MEANING else None

    def _names_all_countries(self, lead: str, question: Question) -> bool:
        named = self._places.named(lead) if question.countries else {}
        return question.countries.keys() <= named.keys()


def _without(text: str, names: Iterable[str]) -> str:
    for name in names:
        text = text.replace(name, "")
    return text


def _yes_or_no(text: str) -> _YesOrNo | None:
    return _YesOrNo(says_no(text), _meaning(text)) if asks_yes_or_no(text) else None


def _meaning(text: str) -> Array:
    return word_vectors().of(words(cleaned(text)))


def _passages(library: Library, index: LanguageIndex, number: int) -> Passages:
    ids = [passage.id for passage in library.faqs[number].passages]
    return Passages(ids, index.passages(number))


def _shown(passages: Passages, ranked: Sequence[tuple[str, float]]) -> tuple[str, ...]:
    """The ids to show, the best first: all of a short entry, in its order, else the best two.

    None of them is about others.
    """
    fitting = [name for name, score in ranked if score > -_FAVOURED]
    best = ranked[0][0]
    if len(ranked) > _SHORT_ENTRY:
        return tuple(fitting[:_SHOWN_OF_LONG_ENTRY]) or (best,)
    return (best, *(name for name in passages.ids if name in fitting and name != best))
