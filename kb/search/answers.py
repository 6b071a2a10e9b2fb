"""The public face of the search: ask, search and suggest, over one frozen Library.

The index is built from a release and never changes; the same release and question give the same
answer in every process. Nothing is generated: hits name curated FAQs, passages and topics.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence, Set
from functools import cache, partial
from typing import Final

from kb.content.asking import Detail
from kb.content.records import Library
from kb.content.translations import outdated_parts
from kb.errors import InvalidInputError
from kb.search.confidence import Coefficients, Evidence, band_of, coefficients
from kb.search.facts import certain
from kb.search.handovers import Handovers
from kb.search.head import Head
from kb.search.index import LanguageIndex, Ranked, UnitKind
from kb.search.intents import Intents
from kb.search.likeness import Likeness
from kb.search.locales import ENGLISH, language_of
from kb.search.lookup import Inputs, LookedUp, Lookup, evidence_of, says_something
from kb.search.outcome import AnswerOutcome, Handover, SearchAnswer, SearchHit, Why
from kb.search.passages import Passages
from kb.search.places import Places
from kb.search.prepared import PreparedSearch
from kb.search.reading import QuestionReader, asks_yes_or_no, is_unfinished, says_no
from kb.search.semantic import Embedder, Semantic, SemanticUnavailableError, Vectors
from kb.search.texts import entries_of
from kb.search.typed import TypedIndex

LONGEST_QUESTION: Final = 10_000
"""Characters of a question; a longer one is refused."""

_MOST_HITS: Final = 10
_MOST_FOLLOW_UPS: Final = 3
# How near a topic must come, against the first FAQ, to be told beside an answer that it completes.
_COMPLETES_FROM: Final = 0.5
# A topic that is not covered and this far ahead of the first FAQ settles the outcome.
_AHEAD: Final = 1.15
# A topic is named from this score on, and only where the trained head takes it to be likely.
_TOPIC_FROM: Final = 0.21
_TOPIC_CHANCE_FROM: Final = 0.18
# With less of the question's weight on words that the knowledge base uses, nothing is near.
_KNOWN_FROM: Final = 0.45
# Where a part of the question was not understood or is not stated, the confidence is not HIGH: a
# question says no and what it matched does not, it carries on elsewhere, or it is not answered.
_MOST_UNDERSTOOD_IN_PART: Final = 0.74
# How like a phrasing a yes/no question must be to begin with the lead of that phrasing.
_LEAD_FROM: Final = 0.45
_FAVOURED: Final = 1.0
# An entry with so many passages is shown whole; of a longer one the best are.
_SHORT_ENTRY: Final = 3
_SHOWN_OF_LONG_ENTRY: Final = 2
_FAR_WORDS: Final = 0.12
# With a little more likeness too, where most of the question is about other things.
_FAR_WORDS_ELSEWHERE: Final = 0.2
_MATCHED_ELSEWHERE: Final = 0.35
_LIKELY_ELSEWHERE: Final = 0.2

_SMALL_TALK: Final = "small-talk"
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
        self._fitted = fitted
        self._handovers = Handovers(library, indexes)
        self._own_words = own_words
        self._places = Places(indexes)
        reader = QuestionReader(library, indexes, self._own_words)
        self._lookup = Lookup(library, indexes, reader, head, semantic)
        self._passages = {
            (locale, number): Passages(
                [passage.id for passage in faq.passages], index.passages(number)
            )
            for locale, index in indexes.items()
            for number, faq in library.faqs.items()
        }
        self._outdated = {
            where
            for where, translation in library.translations.items()
            if outdated_parts(translation, library.faqs[where[1]])
        }
        self._stated = {
            detail for faq in library.faqs.values() for one in faq.passages for detail in one.holds
        }
        self._likeness = {locale: Likeness(index) for locale, index in indexes.items()}
        # What not every question needs is made for a language when it is first asked for.
        self._intents = cache(partial(Intents, library.intents))
        self._typed = cache(partial(TypedIndex, library))

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
        indexes = {
            locale: LanguageIndex(locale, entries_of(library, locale), parts)
            for locale, parts in prepared.languages.items()
        }
        semantic = None if vectors is None else _semantic(indexes, vectors)
        fitted = fitted or coefficients(semantic is not None)
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
    ) -> SearchAnswer:
        """The outcome of a question, in any language served.

        `previous` is the question asked before, for follow-ups; `locale` the language wished for;
        `profile_inputs` are the inputs of a facility's decision
        (`kb.rules.tables.condition_inputs`).
        Raises InvalidInputError for an empty question and for one over `LONGEST_QUESTION`.
        """
        found = self.look_up(question, previous=previous, profile_inputs=profile_inputs)
        spoken = found.question.locale
        served, reason = self._served(spoken, locale)
        evidence = evidence_of(found)
        matched = evidence is not None and evidence.matched > 0
        confidence = self._fitted.confidence(evidence) if evidence and matched else 0.0
        hits = self._hits(found, found.faqs[:_MOST_HITS], profile_inputs)
        confidence = self._capped(confidence, found, hits)
        outcome, handover = self._outcome(confidence, found, hits, served)
        asked = profile_inputs and hits and self._intents(spoken).asked(found.question.asked)
        if asked:
            outcome, handover, confidence = AnswerOutcome.ANSWERED, None, max(confidence, asked[1])
        if outcome is not AnswerOutcome.ANSWERED:
            confidence = min(confidence, _MOST_UNDERSTOOD_IN_PART)
        if outcome is not AnswerOutcome.ANSWERED and handover and handover.locale != served:
            if outcome is AnswerOutcome.HANDOVER:
                reason = (
                    f"This hand-over has no text in {served} that is up to date, so English is "
                    "served."
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
            intent=asked[0] if asked else None,
            facts=found.question.facts,
            countries=tuple(found.question.countries),
            why=Why(
                read_in=spoken,
                read_as=tuple(found.query.terms),
                corrections=found.query.corrections,
                evidence=evidence,
                nearest_topic=str(found.topics[0].key) if found.topics else None,
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
        return self._lookup.look_up(question, previous, self._language(locale), profile_inputs)

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
        return self._hits(found, found.faqs[: max(0, limit)], profile_inputs)

    def suggest(
        self, text: str, limit: int = 5, locale: str | None = None
    ) -> tuple[tuple[int, str], ...]:
        """FAQ numbers with the phrase that fits what has been typed so far, best first.

        The last word may be unfinished. Empty text suggests nothing.
        """
        spoken = self._language(locale) or language_of(text[:200], self._own_words)
        return self._typed(spoken).completed(text[:200], max(0, limit))

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

    def _hits(
        self, found: LookedUp, faqs: Sequence[Ranked], inputs: Inputs | None
    ) -> tuple[SearchHit, ...]:
        return tuple(self._hit(found, one, inputs) for one in faqs)

    def _hit(self, found: LookedUp, one: Ranked, inputs: Inputs | None) -> SearchHit:
        assert isinstance(one.key, int)
        faq = self.library.faqs[one.key]
        is_phrase = one.unit.kind is not UnitKind.PASSAGE
        favoured = {
            passage.id: _FAVOURED * bool(found.question.wants & set(passage.holds))
            - 10 * _FAVOURED * certain(passage.unless_when, found.known)
            for passage in faq.passages
        }
        if one.unit.passage is not None:
            favoured[one.unit.passage] += max(one.words, one.letters)
        passages = self._passages[found.index.locale, one.key]
        ranked = passages.ranked(
            found.query, one.said if is_phrase else (), found.index.idf, found.chances, favoured
        )
        best = ranked[0][0]
        alike = max(one.words, one.letters) >= _LEAD_FROM
        begins = alike and one.unit.passage == best and asks_yes_or_no(found.question)
        if begins and one.unit.lead and found.question.countries:
            told_of = self._places.named(one.unit.lead)
            begins = found.question.countries.keys() <= told_of.keys()
        applies = None if inputs is None else self._lookup.applies(one.key, inputs)
        return SearchHit(
            faq_number=one.key,
            score=round(min(1.0, one.score), 4),
            passage_id=best,
            shown=_shown(passages, ranked),
            lead=one.unit.lead if begins else None,
            matched_phrase=one.unit.text if is_phrase else faq.question,
            matched_terms=tuple(found.index.matched(found.query, one.place)),
            applies=applies,
            because=faq.applies_because if applies else None,
        )

    def _capped(self, confidence: float, found: LookedUp, hits: Sequence[SearchHit]) -> float:
        """The confidence, no longer HIGH where something of the question was not understood."""
        question = found.question
        unclear = question.denies and not question.facts and not says_no(hits[0].matched_phrase)
        strayed = found.before is not None and hits[0].faq_number != found.before
        return (
            min(confidence, _MOST_UNDERSTOOD_IN_PART)
            if hits and (unclear or strayed)
            else confidence
        )

    def _outcome(
        self, confidence: float, found: LookedUp, hits: Sequence[SearchHit], locale: str
    ) -> tuple[AnswerOutcome, Handover | None]:
        """The outcome with the hand-over that goes with it."""
        question, handovers = found.question, self._handovers
        if not says_something(found.query):
            only_courtesies = question.courteous and _SMALL_TALK in self.library.not_covered
            none = handovers.of_topic(_SMALL_TALK, locale) if only_courtesies else None
            return AnswerOutcome.HANDOVER, none or handovers.no_words(locale)
        if not question.served:
            return AnswerOutcome.HANDOVER, handovers.language_not_served()
        topics = [one for one in found.topics if self._may_name(one, found)]
        topic = topics[0] if topics else None
        evidence = evidence_of(found)
        if evidence is None or evidence.matched == 0:
            return AnswerOutcome.HANDOVER, handovers.nothing_near(locale)
        ahead = topic is not None and topic.score > _AHEAD * found.faqs[0].score
        if ahead and topic is not None:
            return AnswerOutcome.HANDOVER, handovers.of_topic(str(topic.key), locale)
        incomplete = found.before is None and not found.swapped and is_unfinished(question)
        missing = self._missing(found, hits[0])
        if missing:
            name = self._not_stated(missing, topics, hits[0])
            if name is not None:
                return AnswerOutcome.HANDOVER, handovers.of_topic(name, locale)
        if confidence >= self._fitted.answer_from and not incomplete:
            if not missing and not self._is_about_others(found, hits[0]):
                return AnswerOutcome.ANSWERED, self._completing(found, locale)
        elif topic is not None and topic.score > found.faqs[0].score:
            return AnswerOutcome.HANDOVER, handovers.of_topic(str(topic.key), locale)
        elif self._is_far(evidence, confidence):
            return AnswerOutcome.HANDOVER, handovers.nothing_near(locale)
        return AnswerOutcome.SUGGESTIONS, handovers.one_of_these(locale)

    def _may_name(self, topic: Ranked, found: LookedUp) -> bool:
        """Whether a topic is near enough to be named, and not about others."""
        held = self.library.not_covered[str(topic.key)]
        near = topic.score >= _TOPIC_FROM and topic.chance >= _TOPIC_CHANCE_FROM
        return near and not certain(held.unless_when, found.known)

    def _is_about_others(self, found: LookedUp, hit: SearchHit) -> bool:
        """Whether what the question tells of a facility speaks against its best answer."""
        told = {fact.input for fact in found.question.facts}
        known = {name: value for name, value in found.known.items() if name in told}
        passage = self.library.passage(hit.passage_id)
        return certain(passage.unless_when, known) or self._lookup.against(hit.faq_number, known)

    def _is_far(self, evidence: Evidence, confidence: float) -> bool:
        """Whether so little is known of what a question says that no entry can be suggested."""
        unlikely = confidence < self._fitted.suggest_from
        unlike = evidence.known < _KNOWN_FROM or evidence.words < _FAR_WORDS
        elsewhere = (
            confidence < _LIKELY_ELSEWHERE
            and evidence.matched < _MATCHED_ELSEWHERE
            and evidence.words < _FAR_WORDS_ELSEWHERE
        )
        return elsewhere or (unlikely and unlike)

    def _missing(self, found: LookedUp, hit: SearchHit) -> frozenset[Detail]:
        """The details that are wanted and that the passage found does not state."""
        holds = set(self.library.passage(hit.passage_id).holds)
        wants = found.question.wants & self._stated
        return frozenset() if wants & holds else wants

    def _not_stated(
        self, missing: frozenset[Detail], topics: Sequence[Ranked], hit: SearchHit
    ) -> str | None:
        """The topic that says of the details that they are not stated: one near the question."""
        fitting = {
            name for name, topic in self.library.not_covered.items() if missing & set(topic.asks)
        }
        for topic in topics:
            if topic.key in fitting:
                return str(topic.key)
        near = [
            name
            for name in sorted(fitting)
            if hit.passage_id in self.library.not_covered[name].near
        ]
        return near[0] if near else None

    def _completing(self, found: LookedUp, locale: str) -> Handover | None:
        """The topic without which the FAQ answers only a part."""
        for topic in found.topics:
            if topic.likeness < _COMPLETES_FROM * found.faqs[0].likeness:
                continue
            held = self.library.not_covered[str(topic.key)]
            if found.faqs[0].key in held.completes and not certain(held.unless_when, found.known):
                return self._handovers.of_topic(str(topic.key), locale)
        return None

    def _follow_ups(self, hits: Sequence[SearchHit]) -> tuple[int, ...]:
        if not hits:
            return ()
        related = self._lookup.related[hits[0].faq_number]
        near = [hit.faq_number for hit in hits[1:4] if hit.faq_number in related]
        return tuple(dict.fromkeys([*near, *related]))[:_MOST_FOLLOW_UPS]


def _shown(passages: Passages, ranked: Sequence[tuple[str, float]]) -> tuple[str, ...]:
    """The ids to show, the best first: all of a short entry, in its order, else the best two.

    None of them is about others.
    """
    fitting = [name for name, score in ranked if score > -_FAVOURED]
    best = ranked[0][0]
    if len(ranked) > _SHORT_ENTRY:
        return tuple(fitting[:_SHOWN_OF_LONG_ENTRY]) or (best,)
    return (best, *(name for name in passages.ids if name in fitting and name != best))


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
