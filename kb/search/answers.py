"""The public face of the search: ask, search and suggest, over one frozen Library.

The index is built from a release and never changes; the same release and question give the same
answer in every process. Nothing is generated: hits name curated FAQs, passages and topics.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from kb.content.records import Library
from kb.content.translations import outdated_parts
from kb.errors import InvalidInputError
from kb.rules.tables import any_holds
from kb.search.confidence import Coefficients, Evidence, band_of, coefficients
from kb.search.handovers import Handovers
from kb.search.index import LanguageIndex, Query, Ranked, UnitKind, read_text
from kb.search.likeness import Likeness
from kb.search.locales import ENGLISH, language_of
from kb.search.outcome import (
    AnswerOutcome,
    Handover,
    SearchAnswer,
    SearchHit,
    Why,
    outcome_of,
)
from kb.search.semantic import Embedder, Semantic, SemanticUnavailableError, Vectors
from kb.search.texts import entries_of, own_words_of, passages_of, related_to
from kb.search.typed import TypedIndex

LONGEST_QUESTION: Final = 10_000
"""Characters of a question; a longer one is refused."""

_READ_CHARACTERS: Final = 4_000
_PREVIOUS_WEIGHT: Final = 0.3
# A FAQ that applies to the facility goes before one equally near that does not.
_APPLIES, _DOES_NOT_APPLY = 1.1, 0.92
_MOST_HITS: Final = 10
_MOST_FOLLOW_UPS: Final = 3
# How near a topic must come, against the first FAQ, to be told beside an answer that it completes.
_COMPLETES_FROM: Final = 0.5
# A topic that is not covered and this far ahead of the first FAQ settles the outcome.
_AHEAD: Final = 1.15
# Below this score a topic is too far from the question to be named.
_TOPIC_FROM: Final = 0.12

Inputs = Mapping[str, str]
_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LookedUp:
    """A question read and ranked: FAQs and topics that are not covered apart, each best first."""

    index: LanguageIndex
    query: Query
    faqs: Sequence[Ranked]
    topics: Sequence[Ranked]


class SearchIndex:
    """The search over one release. Building it takes a second or two; asking some milliseconds."""

    def __init__(
        self,
        library: Library,
        indexes: Mapping[str, LanguageIndex],
        fitted: Coefficients,
        semantic: Semantic | None,
    ) -> None:
        self.library = library
        self.indexes = indexes
        self._fitted = fitted
        self._semantic = semantic
        self._handovers = Handovers(library)
        self._own_words = own_words_of(library)
        self._passages = {
            (locale, number): passages_of(library, locale, number)
            for locale in indexes
            for number in library.faqs
        }
        self._outdated = {
            where
            for where, translation in library.translations.items()
            if outdated_parts(translation, library.faqs[where[1]])
        }
        self._related = {number: related_to(library, number) for number in library.faqs}
        self._likeness = {locale: Likeness(index) for locale, index in indexes.items()}
        self._typed = {locale: TypedIndex(library, locale) for locale in indexes}

    @classmethod
    def build(
        cls,
        library: Library,
        fitted: Coefficients | None = None,
        vectors: bytes | None = None,
    ) -> SearchIndex:
        """The index of a release, with one part for every language that it has texts in.

        With the `vectors` kept with the release (`Vectors.to_bytes`), meaning is compared as well;
        if that cannot be done, this is logged and the search does without.
        """
        locales = {ENGLISH, *(locale for locale, _ in library.translations)}
        synonyms = {word: one.also for word, one in library.synonyms.items()}
        read = cache(read_text)  # the English texts are in every index
        indexes = {
            locale: LanguageIndex(locale, entries_of(library, locale), synonyms, read)
            for locale in sorted(locales)
        }
        semantic = None if vectors is None else _semantic(indexes, vectors)
        return cls(library, indexes, fitted or coefficients(semantic is not None), semantic)

    @property
    def embeds(self) -> bool:
        """Whether questions are embedded, which takes some tens of milliseconds for each."""
        return self._semantic is not None

    def ask(
        self,
        question: str,
        *,
        previous: str | None = None,
        locale: str | None = None,
        profile_inputs: Inputs | None = None,
    ) -> SearchAnswer:
        """The outcome of a question, in any language served.

        `previous` is the question asked before, for follow-ups; `locale` the language wished for;
        `profile_inputs` are the inputs of a facility's decision (`kb.rules.settle.Settled.inputs`).
        Raises InvalidInputError for an empty question and for one over `LONGEST_QUESTION`.
        """
        found = self.look_up(question, previous=previous, profile_inputs=profile_inputs)
        index, query, faqs, topics = found.index, found.query, found.faqs, found.topics
        spoken = index.locale
        served, reason = self._served(spoken, locale)
        evidence = evidence_of(found)
        confidence = self._fitted.confidence(evidence) if evidence else 0.0
        outcome = AnswerOutcome.HANDOVER
        if evidence is not None:
            ahead = bool(topics) and topics[0].score > _AHEAD * faqs[0].score
            outcome = outcome_of(confidence, ahead, self._fitted)
        hits = self._hits(index, query, faqs[:_MOST_HITS], profile_inputs)
        handover = self._handover(outcome, found, served)
        if outcome is AnswerOutcome.HANDOVER and handover and handover.locale != served:
            reason = (
                f"This hand-over has no text in {served} that is up to date, so English is served."
            )
            served = ENGLISH
        elif outcome is AnswerOutcome.ANSWERED and (served, hits[0].faq_number) in self._outdated:
            reason += " What has changed in English since is served in English."
        return SearchAnswer(
            outcome=outcome,
            confidence=confidence,
            band=band_of(confidence),
            hits=hits,
            handover=handover,
            served_locale=served,
            locale_reason=reason,
            follow_ups=self._follow_ups(hits),
            why=Why(
                read_in=spoken,
                read_as=tuple(query.terms),
                corrections=query.corrections,
                evidence=evidence,
                nearest_topic=str(topics[0].key) if topics else None,
            ),
        )

    def look_up(
        self,
        question: str,
        *,
        previous: str | None = None,
        locale: str | None = None,
        profile_inputs: Inputs | None = None,
    ) -> LookedUp:
        """Read and rank a question; nothing is found for a text without words.

        `locale` is the language of the question, if it is known. Raises InvalidInputError as `ask`.
        """
        _check(question)
        said = f"{question[:_READ_CHARACTERS]} {(previous or '')[:200]}"
        spoken = self._language(locale) or language_of(said, self._own_words)
        index = self.indexes[spoken]
        query = _read(index, question, previous)
        ranked: list[Ranked] = []
        if _says_something(query):
            meaning = self._meaning(index, f"{previous[:200]} {question}" if previous else question)
            ranked = self._ranked(index.rank(query, meaning), profile_inputs)
        return LookedUp(
            index,
            query,
            [one for one in ranked if isinstance(one.key, int)],
            [one for one in ranked if isinstance(one.key, str)],
        )

    def search(
        self,
        text: str,
        *,
        limit: int = _MOST_HITS,
        locale: str | None = None,
        profile_inputs: Inputs | None = None,
    ) -> tuple[SearchHit, ...]:
        """The FAQs nearest to a text, best first; none for a text without words.

        `locale` tells the language of the text if it is known. Raises InvalidInputError as `ask`.
        """
        found = self.look_up(text, locale=locale, profile_inputs=profile_inputs)
        return self._hits(found.index, found.query, found.faqs[: max(0, limit)], profile_inputs)

    def suggest(
        self, text: str, limit: int = 5, locale: str | None = None
    ) -> tuple[tuple[int, str], ...]:
        """FAQ numbers with the phrase that fits what has been typed so far, best first.

        The last word may be unfinished. Empty text suggests nothing.
        """
        spoken = self._language(locale) or language_of(text[:200], self._own_words)
        return self._typed[spoken].completed(text[:200], max(0, limit))

    def most_alike(self, locale: str, question: str, others: Sequence[str]) -> int | None:
        """The place of the other question that asks the same in the same language, if one does."""
        return self._likeness[locale].most_alike(question, others)

    def _language(self, locale: str | None) -> str | None:
        """The language served for a locale such as "vi-VN"; None when it has none."""
        language = (locale or "").replace("_", "-").partition("-")[0].lower()
        return language if language in self.indexes else None

    def _served(self, spoken: str, wished: str | None) -> tuple[str, str]:
        if wished:
            language = self._language(wished)
            if language is None:
                known = ", ".join(self.indexes)
                return (
                    ENGLISH,
                    f"There is no text in {wished[:35]}, so English is served. Known: {known}.",
                )
            if language == ENGLISH:
                return ENGLISH, "English was asked for."
            return language, f"{language} was asked for; {self._review(language)}."
        if spoken == ENGLISH:
            return ENGLISH, "The question was read as English."
        return spoken, f"The question was read as {spoken}; {self._review(spoken)}."

    def _review(self, locale: str) -> str:
        statuses = {
            one.status for (of, _), one in self.library.translations.items() if of == locale
        }
        return f"the translation is {'reviewed' if statuses == {'reviewed'} else 'unreviewed'}"

    def _meaning(self, index: LanguageIndex, question: str) -> dict[int, float] | None:
        if self._semantic is None:
            return None
        try:
            return self._semantic.likeness(index, question)
        except (OSError, RuntimeError, ValueError) as error:
            _LOG.warning("The search goes on without likeness of meaning: %s.", error)
            self._semantic, self._fitted = None, coefficients()
            return None

    def _ranked(self, ranked: list[Ranked], inputs: Inputs | None) -> list[Ranked]:
        if inputs is None:
            return ranked
        weighed = [
            one.times(_APPLIES if self._applies(one.key, inputs) else _DOES_NOT_APPLY)
            if isinstance(one.key, int)
            else one
            for one in ranked
        ]
        return sorted(weighed, key=lambda one: (-round(one.score, 9), one.place))

    def _applies(self, number: int, inputs: Inputs) -> bool:
        return any_holds(self.library.faqs[number].applies_when, inputs)

    def _hits(
        self, index: LanguageIndex, query: Query, faqs: Sequence[Ranked], inputs: Inputs | None
    ) -> tuple[SearchHit, ...]:
        hits: list[SearchHit] = []
        for one in faqs:
            assert isinstance(one.key, int)
            is_phrase = one.unit.kind is not UnitKind.PASSAGE
            passages = self._passages[index.locale, one.key]
            applies = None if inputs is None else self._applies(one.key, inputs)
            faq = self.library.faqs[one.key]
            hits.append(
                SearchHit(
                    faq_number=one.key,
                    score=round(one.score, 4),
                    passage_id=passages.best(query, one.said if is_phrase else (), index.idf),
                    matched_phrase=one.unit.text if is_phrase else faq.question,
                    matched_terms=tuple(index.matched(query, one.place)),
                    applies=applies,
                    because=faq.applies_because if applies else None,
                )
            )
        return tuple(hits)

    def _handover(self, outcome: AnswerOutcome, found: LookedUp, locale: str) -> Handover | None:
        topics, faqs = found.topics, found.faqs
        if not _says_something(found.query):
            return self._handovers.no_words(locale)
        if outcome is AnswerOutcome.HANDOVER:
            if topics and topics[0].score >= _TOPIC_FROM:
                return self._handovers.of_topic(str(topics[0].key), locale)
            return self._handovers.nothing_near(locale)
        for topic in topics if outcome is AnswerOutcome.ANSWERED else ():
            if topic.score < _COMPLETES_FROM * faqs[0].score:
                break
            name = str(topic.key)
            if faqs[0].key in self.library.not_covered[name].completes:
                return self._handovers.of_topic(name, locale)
        return None

    def _follow_ups(self, hits: Sequence[SearchHit]) -> tuple[int, ...]:
        if not hits:
            return ()
        first = hits[0].faq_number
        related = self._related[first]
        near = [hit.faq_number for hit in hits[1:4] if hit.faq_number in related]
        return tuple(dict.fromkeys([*near, *related]))[:_MOST_FOLLOW_UPS]


def _semantic(indexes: Mapping[str, LanguageIndex], vectors: bytes) -> Semantic | None:
    try:
        embedder = Embedder()
        made = Semantic(Vectors.from_bytes(vectors), embedder)
        for index in indexes.values():
            made.prepare(index)
    except SemanticUnavailableError as error:
        _LOG.warning("The search does without likeness of meaning: %s.", error)
        return None
    return made


def evidence_of(found: LookedUp) -> Evidence | None:
    """What speaks for the first FAQ; None without one."""
    if not found.faqs:
        return None
    index, query, first = found.index, found.query, found.faqs[0]
    second = found.faqs[1].score if len(found.faqs) > 1 else 0.0
    rival = found.topics[0].score if found.topics else 0.0
    weights = {term: weight * index.idf(term) for term, weight in query.terms.items()}
    total = sum(weights.values()) or 1.0
    held = set(index.matched(query, first.place))
    return Evidence(
        top=first.bm25,
        margin=(first.score - second) / first.score if first.score else 0.0,
        known=sum(weight for term, weight in weights.items() if index.knows(term)) / total,
        matched=sum(weight for term, weight in weights.items() if term in held) / total,
        words=first.words,
        letters=first.letters,
        rival=(rival - first.score) / (rival + first.score) if rival + first.score else 0.0,
    )


def _check(question: str) -> None:
    if not question.strip():
        raise InvalidInputError("question", question, "some words")
    if len(question) > LONGEST_QUESTION:
        shown = f"{question[:40]}… ({len(question)} characters)"
        raise InvalidInputError("question", shown, f"at most {LONGEST_QUESTION} characters")


def _read(index: LanguageIndex, question: str, previous: str | None) -> Query:
    query = index.read(question[:_READ_CHARACTERS])
    if previous and previous.strip():
        before = index.read(previous[:_READ_CHARACTERS], _PREVIOUS_WEIGHT)
        query = query.after(before)
    return query


def _says_something(query: Query) -> bool:
    """Whether there is a word in it: a single letter is none."""
    return any(len(term) > 1 for term in query.terms)
