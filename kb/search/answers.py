"""The public face of the search: ask, search and suggest, over one frozen Library.

The index is built from a release and never changes; the same release and question give the same
answer in every process. Nothing is generated: hits name curated FAQs, passages and topics.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace
from functools import cache, partial
from typing import Final

from kb.content.records import Library
from kb.content.translations import outdated_parts
from kb.errors import InvalidInputError
from kb.search.completion import CompletionIndex
from kb.search.confidence import Coefficients, band_of, coefficients
from kb.search.coverage import asks_whether_covered
from kb.search.glossary import Glossary
from kb.search.handovers import Handovers
from kb.search.head import Head
from kb.search.hits import Hits
from kb.search.index import LanguageIndex, Unit
from kb.search.intents import Intents
from kb.search.likeness import Likeness
from kb.search.locales import ENGLISH, language_of, name_of
from kb.search.lookup import Inputs, LookedUp, Lookup
from kb.search.normalise import replaced
from kb.search.outcome import MOST_HITS, AnswerOutcome, Found, SearchAnswer, SearchHit, Why
from kb.search.outcomes import MOST_UNDERSTOOD_IN_PART, READ_BY_RULE, Outcomes
from kb.search.places import Places
from kb.search.prepared import PreparedSearch
from kb.search.reading import Question, QuestionReader
from kb.search.semantic import Embedder, Semantic, SemanticUnavailableError, Vectors
from kb.search.several import Weighed, each_answered
from kb.search.texts import entries_of

LONGEST_QUESTION: Final = 10_000
"""Characters of a question; a longer one is refused."""

FOUND_FROM: Final = 0.6
"""Without a word in common, a score below this is chance: so are nearly all of random letters."""

_LEAST_HITS: Final = 4
"""Hits that are always looked at: follow-ups are found by them."""

_MOST_FOLLOW_UPS: Final = 3
_LOG: Final = logging.getLogger(__name__)


class SearchIndex:
    """The search over one release; asking takes some milliseconds."""

    def __init__(
        self,
        library: Library,
        indexes: Mapping[str, LanguageIndex],
        own_words: Mapping[str, Set[str]],
        head: Head,
        fitted: Coefficients,
        semantic: Semantic | None,
    ) -> None:
        self.library = library
        self.indexes = indexes
        self.head = head
        self._own_words = own_words
        self._reader = QuestionReader(library, indexes, self._own_words)
        self._lookup = Lookup(library, indexes, self._reader, head, semantic)
        self._hits = Hits(library, self._lookup, Places(indexes))
        self._handovers = Handovers(library, indexes)
        self._outcomes = Outcomes(library, self._lookup, self._handovers, fitted)
        self._glossary = Glossary(library.glossary)
        self._outdated = {
            where
            for where, translation in library.translations.items()
            if outdated_parts(translation, library.faqs[where[1]])
        }
        self._likeness = {locale: Likeness(index) for locale, index in indexes.items()}
        # What not every question needs is made for a language when it is first asked for.
        self._intents = cache(partial(Intents, library.intents))
        self._completions = cache(partial(CompletionIndex, library))

    @classmethod
    def build(
        cls,
        library: Library,
        fitted: Coefficients | None = None,
        vectors: bytes | None = None,
        prepared: PreparedSearch | None = None,
    ) -> SearchIndex:
        """The index of a release, with one part for every language that it has texts in.

        With `prepared` of the same library it is there in a moment, else in some seconds.

        With the `vectors` kept with the release (`Vectors.to_bytes`), meaning is compared as well;
        if that cannot be done, this is logged and the search does without.
        """
        prepared = prepared or PreparedSearch.of(library)
        unit = cache(Unit)  # English texts are in every language
        indexes = {
            locale: LanguageIndex(locale, entries_of(library, locale, unit), parts)
            for locale, parts in prepared.languages.items()
        }
        semantic = None if vectors is None else _semantic(indexes, vectors)
        fitted = fitted or coefficients()
        return cls(library, indexes, prepared.own_words, prepared.trained_head(), fitted, semantic)

    @property
    def embeds(self) -> bool:
        """Whether questions are embedded, which takes some tens of milliseconds for each."""
        return self._lookup.semantic is not None

    def ask(
        self,
        question: str,
        *,
        previous: str | None = None,
        locale: str | None = None,
        profile_inputs: Inputs | None = None,
        most: int = MOST_HITS,
    ) -> SearchAnswer:
        """The outcome of a question, in any language served.

        `previous` is the question asked before, for follow-ups; `locale` the language wished for;
        `profile_inputs` are the inputs of a facility's decision
        (`kb.rules.tables.condition_inputs`). `most` is how many hits are looked at; there may be
        some more.
        Raises InvalidInputError for an empty question and for one over `LONGEST_QUESTION`.
        """
        looked_up = self.look_up(question, previous=previous, profile_inputs=profile_inputs)
        spoken = looked_up.question.locale
        served, reason = self._served(spoken, looked_up.question.served, locale)
        if served != ENGLISH:
            reason = f"{reason.removesuffix('.')}; {self._review(served)}."
        names_countries = asks_whether_covered(looked_up.question)
        most = MOST_HITS if names_countries else max(_LEAST_HITS, most)
        whole = self._weighed(looked_up, served, profile_inputs, most)
        parts = []
        if not names_countries:
            parts = self._parts(looked_up.question, previous, served, profile_inputs, most)
        several = each_answered(whole, parts or [whole])
        hits, confidence = several.first.hits, several.first.confidence
        outcome, handover = several.first.outcome, several.first.handover
        beside, intents = several.beside, several.intents
        if profile_inputs and hits and not (beside or intents or several.terms):
            intent = self._intents(spoken).part_for(looked_up.question.text)
            if intent:
                outcome, handover = AnswerOutcome.ANSWERED, None
                intents, confidence = (intent[0],), max(confidence, intent[1])
        of_countries = bool(hits) and not intents and names_countries
        if outcome is not AnswerOutcome.ANSWERED:
            confidence = min(confidence, MOST_UNDERSTOOD_IN_PART)
        if outcome is not AnswerOutcome.ANSWERED and handover and handover.locale != served:
            if outcome is AnswerOutcome.HANDOVER:
                reason = (
                    f"This hand-over has no text in {name_of(served)} that is up to date, so "
                    "English is served."
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
            intents=intents,
            beside=beside,
            terms=several.terms,
            unstated=(
                *several.unstated,
                *(self._handovers.left_open(number, served) for number in several.left_open),
            ),
            left_open=tuple(
                looked_up.question.questions[number - 1] for number in several.left_open
            ),
            facts=() if of_countries else looked_up.question.facts,
            countries=tuple(looked_up.question.countries),
            asks_of_countries=of_countries,
            why=Why(
                read_in=spoken,
                read_as=tuple(looked_up.query.terms),
                corrections=looked_up.query.corrections,
                evidence=looked_up.evidence,
                nearest_topic=str(looked_up.topics[0].key) if looked_up.topics else None,
            ),
        )

    def _weighed(
        self, looked_up: LookedUp, locale: str, inputs: Inputs | None, most: int
    ) -> Weighed:
        """What a question that was looked up gets, with so many hits at the most."""
        hits = self._hits.of(looked_up, looked_up.faqs[:most], inputs)
        if hits and asks_whether_covered(looked_up.question):
            outcome, handover, confidence = self._outcomes.of_countries(looked_up, locale)
            return Weighed(self._hits.on_countries(hits), confidence, outcome, handover)
        confidence = self._outcomes.confidence(looked_up, hits)
        outcome, handover = self._outcomes.of(confidence, looked_up, hits, locale)
        term = self._term_asked_for(looked_up, locale) if hits else None
        if term is not None and (self._is_of_a_passage(term) or not (handover and handover.topic)):
            if outcome is not AnswerOutcome.ANSWERED:
                hits = self._hits.on_term(hits, self.library.glossary[term])
            confidence = max(confidence, READ_BY_RULE)
            return Weighed(hits, confidence, AnswerOutcome.ANSWERED, None, term=term)
        if self._outcomes.is_understood_in_part(looked_up, hits):
            confidence = min(confidence, MOST_UNDERSTOOD_IN_PART)
        return Weighed(hits, confidence, outcome, handover)

    def _term_asked_for(self, looked_up: LookedUp, locale: str) -> str | None:
        """The glossary's entry, which is in English, that a question asks for."""
        question = looked_up.question
        if question.wants or not question.locale == locale == ENGLISH:
            return None
        return self._glossary.asked_for(replaced(question.clean, dict(looked_up.query.corrections)))

    def _is_of_a_passage(self, term: str) -> bool:
        """Whether a passage tells of a term; of others a topic may name more of later pages."""
        return any(citation.passage for citation in self.library.glossary[term].citations)

    def _parts(
        self,
        question: Question,
        previous: str | None,
        locale: str,
        inputs: Inputs | None,
        most: int,
    ) -> list[Weighed]:
        """What each question of a message gets; each may carry on the one before it."""
        parts: list[Weighed] = []
        for text in question.questions:
            looked_up = self._lookup.look_up(text, previous, question.locale, inputs)
            part = self._weighed(looked_up, locale, inputs, most)
            intent = inputs and self._intents(question.locale).part_for(text)
            if intent and part.hits:
                part = replace(
                    part,
                    outcome=AnswerOutcome.ANSWERED,
                    handover=None,
                    confidence=max(part.confidence, intent[1]),
                    intent=intent[0],
                )
            parts.append(part)
            previous = text
        return parts

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
        return self._lookup.look_up(question, previous, self._language(locale), profile_inputs)

    def search(
        self,
        text: str,
        *,
        limit: int = MOST_HITS,
        locale: str | None = None,
        wanted: Callable[[int], bool] = lambda _: True,
    ) -> Found:
        """The FAQs nearest to a text, those with a `wanted` number; none for one without words.

        `locale` tells the language of the text if it is known. Raises InvalidInputError as `ask`.
        """
        looked_up = self.look_up(text, locale=locale)
        ranked = [entry for entry in looked_up.faqs if wanted(int(entry.key))]
        found = [
            entry
            for entry in ranked
            if round(min(1.0, entry.score), 4) >= FOUND_FROM
            or looked_up.used_in.matched(entry.place)
        ]
        hits = self._hits.of(looked_up, found[: max(0, limit)], None)
        served = self._served(looked_up.question.locale, looked_up.question.served, None)
        return Found(hits, len(found), *served)

    def suggest(
        self, text: str, limit: int = 5, locale: str | None = None
    ) -> tuple[tuple[int, str], ...]:
        """FAQ numbers with the phrase that fits what has been typed so far, best first.

        The last word may be unfinished. Empty text suggests nothing.
        """
        spoken = self._language(locale) or language_of(text[:200], self._own_words)
        return self._completions(spoken).completed(text[:200], max(0, limit))

    def most_alike(self, locale: str, question: str, others: Sequence[str]) -> int | None:
        """The place of the other question that asks the same in the same language, if one does."""
        return self._likeness[locale].most_alike(question, others)

    def _language(self, locale: str | None) -> str | None:
        """The language served for a locale such as "vi-VN"; None when it has none."""
        language = (locale or "").replace("_", "-").partition("-")[0].lower()
        return language if language in self.indexes else None

    def language_of(self, text: str) -> tuple[str, str]:
        """The locale in which to show what a text finds, by its own language, and why."""
        spoken, served, _ = self._reader.heard(text)
        return self._served(spoken, served, None)

    def _served(self, spoken: str, served: bool, wished: str | None) -> tuple[str, str]:
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
            return language, f"{name_of(language)} was asked for."
        if not served:
            return ENGLISH, "The question is in a language that is not served, so English is used."
        return spoken, f"The question was read as {name_of(spoken)}."

    def _review(self, locale: str) -> str:
        statuses = {
            translation.status
            for (of, _), translation in self.library.translations.items()
            if of == locale
        }
        return f"the translation is {'reviewed' if statuses == {'reviewed'} else 'unreviewed'}"

    def _follow_ups(self, hits: Sequence[SearchHit]) -> tuple[int, ...]:
        if not hits:
            return ()
        related = self._lookup.related[hits[0].faq_number]
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


def _check(question: str) -> None:
    if not question.strip():
        raise InvalidInputError("question", question, "some words")
    if len(question) > LONGEST_QUESTION:
        shown = f"{question[:40]}… ({len(question)} characters)"
        raise InvalidInputError("question", shown, f"at most {LONGEST_QUESTION} characters")
