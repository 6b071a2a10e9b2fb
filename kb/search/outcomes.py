"""Whether a question that was looked up is answered, gets suggestions, or is handed over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Final

from kb.content.asking import Detail
from kb.content.records import Library
from kb.search.confidence import Coefficients, Evidence
from kb.search.coverage import COUNTRIES, is_known
from kb.search.facts import certain
from kb.search.handovers import SMALL_TALK, Handovers
from kb.search.index import Ranked
from kb.search.locales import is_small
from kb.search.lookup import LookedUp, Lookup, says_something
from kb.search.negation import says_no
from kb.search.normalise import cleaned, terms, words
from kb.search.outcome import AnswerOutcome, Handover, SearchHit
from kb.search.reading import Question, is_unfinished, names_nothing, says_it
from kb.search.redact import is_only_an_id

MOST_UNDERSTOOD_IN_PART: Final = 0.74
"""The most confidence where a part of the question was not understood or is not stated.

It is not HIGH: a question says no and what it matched does not, it leans on the one before it, or
it is not answered.
"""

# How near a topic must come, against the first FAQ, to be told beside an answer that it completes.
_COMPLETES_FROM: Final = 0.5
# A topic that is not covered and this far ahead of the first FAQ is handed over whatever else.
_AHEAD: Final = 1.15
# How like a phrasing that says no a question that says no must be to say the same.
_SAYS_THE_SAME_FROM: Final = 0.6

# "Thanks ad" is said to an administrator; what is asked in a word has more letters.
_LONGEST_OF_A_NAME: Final = 2
# What is said beside thanks ("it helped a lot") has few words, and no term of the domain.
_MOST_BESIDE_THANKS: Final = 6
# How like a phrasing a question must be by its words to be taken for that phrasing.
_WORD_FOR_WORD: Final = 0.9
# How likely a topic must be to be named to a follow-up that says no more than "it".
_LIKELY_OF_IT: Final = 0.8
# Terms that say nothing of which price or version is meant.
_SAID_OF_ALL: Final = frozenset({"slcp", "betterwork", "facility", "caf", "tool", "use"})
# The least share of a question on known words with which it may be answered: the head, which reads
# groups of letters, can find sense in a row of letters at random.
_LEAST_KNOWN: Final = 0.15
# How sure it is that a question was understood which a rule reads as a whole, or a phrasing is.
READ_BY_RULE: Final = 0.9


class Outcomes:
    """Finds the outcome of questions that were looked up in one release."""

    def __init__(
        self, library: Library, lookup: Lookup, handovers: Handovers, fitted: Coefficients
    ) -> None:
        self._library = library
        self._lookup = lookup
        self._handovers = handovers
        self._fitted = fitted
        self._completing_topics = sorted(
            name for name, topic in library.not_covered.items() if topic.completes
        )
        self._own_terms = cache(self._terms_of_completing)
        self._stated = {
            detail
            for faq in library.faqs.values()
            for passage in faq.passages
            for detail in passage.holds
        }

    def confidence(self, looked_up: LookedUp, hits: Sequence[SearchHit]) -> float:
        """How likely the first FAQ answers, by what the ranking found."""
        evidence = looked_up.evidence
        if evidence is None or evidence.matched == 0:
            return 0.0
        if self._states_what_is_wanted_next(looked_up, hits[0]):
            return READ_BY_RULE
        confidence = self._fitted.confidence(evidence)
        is_a_phrasing = looked_up.faqs[0].words >= _WORD_FOR_WORD
        if is_a_phrasing and len(looked_up.question.telling_words) > 1:
            return max(confidence, READ_BY_RULE)
        return confidence

    def _states_what_is_wanted_next(self, looked_up: LookedUp, hit: SearchHit) -> bool:
        """Whether a question such as "by when?" finds that near the entry that it carries on."""
        if looked_up.before is None or looked_up.question.wants.isdisjoint(
            self._library.passage(hit.passage_id).holds
        ):
            return False
        return hit.faq_number in (looked_up.before, *self._lookup.nearest(looked_up.before))

    def is_understood_in_part(self, looked_up: LookedUp, hits: Sequence[SearchHit]) -> bool:
        """Whether a question says no and its answer may not, or leans on the one before it."""
        denies = looked_up.question.denies and bool(hits)
        unclear = denies and not self._speaks_of_it(looked_up, hits[0])
        return unclear or looked_up.query.earlier is not None

    def _speaks_of_it(self, looked_up: LookedUp, hit: SearchHit) -> bool:
        """Whether what answers a question that says no was written for it.

        It is a phrasing that says no too, or it has conditions on what the question tells.
        """
        first = looked_up.faqs[0]
        if says_no(hit.matched_phrase) and max(first.words, first.letters) >= _SAYS_THE_SAME_FROM:
            return True
        passage = self._library.passage(hit.passage_id)
        conditions = (*passage.unless_when, *self._library.faqs[hit.faq_number].applies_when)
        read = {fact.input for fact in looked_up.question.facts}
        return any(read & condition.keys() for condition in conditions)

    def of(
        self, confidence: float, looked_up: LookedUp, hits: Sequence[SearchHit], locale: str
    ) -> tuple[AnswerOutcome, Handover | None]:
        """The outcome with the hand-over that goes with it."""
        question, handovers = looked_up.question, self._handovers
        if is_only_an_id(f"{question.text} {question.around}"):
            return AnswerOutcome.HANDOVER, handovers.an_id(locale)
        courteous = question.courteous and SMALL_TALK in self._library.not_covered
        if courteous and self._says_a_name_at_most(looked_up):
            return AnswerOutcome.HANDOVER, handovers.of_topic(SMALL_TALK, locale)
        if not says_something(looked_up.query):
            return AnswerOutcome.HANDOVER, handovers.no_words(locale)
        if not question.served:
            return AnswerOutcome.HANDOVER, handovers.language_not_served()
        topics = [topic for topic in looked_up.topics if self._may_name(topic, looked_up)]
        topic = min(topics, key=lambda named: named.words < _WORD_FOR_WORD, default=None)
        of_nothing = topic is None or topic.key == SMALL_TALK
        if courteous and of_nothing and _is_thanks(question, confidence):
            return AnswerOutcome.HANDOVER, handovers.of_topic(SMALL_TALK, locale)
        evidence = looked_up.evidence
        if evidence is None or evidence.matched == 0:
            named = topic is not None and looked_up.used_in.matched(topic.place)
            if named and topic is not None:
                return AnswerOutcome.HANDOVER, handovers.of_topic(str(topic.key), locale)
            return AnswerOutcome.HANDOVER, handovers.nothing_near(locale)
        if len(question.telling_words) == 1 and topic and topic.words < _WORD_FOR_WORD:
            topic = None  # "link" alone asks for no web address more than for anything else
        if looked_up.before is not None and topic and topic.chance < _LIKELY_OF_IT:
            topic = None if says_it(question) else topic  # what "it" is tells what is asked
        own = looked_up.faqs[0].score - looked_up.faqs[0].carried
        ahead = topic is not None and (
            topic.score > _AHEAD * own or topic.words >= _WORD_FOR_WORD > looked_up.faqs[0].words
        )
        if ahead and topic is not None:
            return AnswerOutcome.HANDOVER, handovers.of_topic(str(topic.key), locale)
        incomplete = looked_up.before is None and not looked_up.swapped and is_unfinished(question)
        missing = self._missing(looked_up, hits[0])
        if missing:
            near = confidence >= self._fitted.suggest_from
            name = self._not_stated(missing, topics, hits[0] if near else None)
            if name is not None:
                return AnswerOutcome.HANDOVER, handovers.of_topic(name, locale)
        unknown = evidence.known < _LEAST_KNOWN
        if confidence >= self._fitted.answer_from and not incomplete and not unknown:
            if not missing and not self._is_about_others(looked_up, hits[0]):
                return AnswerOutcome.ANSWERED, self._completing(looked_up, hits[0], locale)
        elif topic is not None and topic.score > looked_up.faqs[0].score:
            return AnswerOutcome.HANDOVER, handovers.of_topic(str(topic.key), locale)
        elif self._is_far(evidence, confidence) and len(question.telling_words) > 1:
            return AnswerOutcome.HANDOVER, handovers.nothing_near(locale)
        return AnswerOutcome.SUGGESTIONS, handovers.one_of_these(locale)

    def of_countries(
        self, looked_up: LookedUp, locale: str
    ) -> tuple[AnswerOutcome, Handover | None, float]:
        """The outcome, hand-over and confidence of a question whether countries are covered."""
        question, countries = looked_up.question, self._library.countries
        if all(is_known(question, countries.get(code)) for code in question.countries):
            return AnswerOutcome.ANSWERED, None, READ_BY_RULE
        topic = COUNTRIES in self._library.not_covered
        handover = self._handovers.of_topic(COUNTRIES, locale) if topic else None
        return AnswerOutcome.HANDOVER, handover or self._handovers.nothing_near(locale), 0.0

    def _says_a_name_at_most(self, looked_up: LookedUp) -> bool:
        """Whether what is left beside courtesies is no word, or one that no text has."""
        found = looked_up.query.terms
        return len(looked_up.question.words) <= 1 and not any(
            len(term) > _LONGEST_OF_A_NAME and looked_up.index.knows(term) for term in found
        )

    def _may_name(self, topic: Ranked, looked_up: LookedUp) -> bool:
        """Whether a topic is likely enough to be named, and not about others."""
        unless = self._library.not_covered[str(topic.key)].unless_when
        likely = topic.chance >= self._fitted.topic_from or topic.words >= _WORD_FOR_WORD
        return likely and not certain(unless, looked_up.known)

    def _is_about_others(self, looked_up: LookedUp, hit: SearchHit) -> bool:
        """Whether what the question tells of a facility speaks against its best answer."""
        read = {fact.input for fact in looked_up.question.facts}
        known = {name: value for name, value in looked_up.known.items() if name in read}
        passage = self._library.passage(hit.passage_id)
        return certain(passage.unless_when, known) or self._lookup.against(hit.faq_number, known)

    def _is_far(self, evidence: Evidence, confidence: float) -> bool:
        """Whether so little is known of what a question says that no entry can be suggested."""
        return confidence < self._fitted.suggest_from or evidence.known < self._fitted.known_from

    def _missing(self, looked_up: LookedUp, hit: SearchHit) -> frozenset[Detail]:
        """The details that are wanted and that the passage found does not state."""
        holds = set(self._library.passage(hit.passage_id).holds)
        wants = looked_up.question.wants & self._stated
        return frozenset() if wants & holds else wants

    def _not_stated(
        self, missing: frozenset[Detail], topics: Sequence[Ranked], hit: SearchHit | None
    ) -> str | None:
        """The topic that says of the details that they are not stated: one near the question.

        It may be one near the passage found, if that is near the question.
        """
        not_covered = self._library.not_covered
        fitting = {name for name, topic in not_covered.items() if missing & set(topic.asks)}
        for topic in topics:
            if topic.key in fitting:
                return str(topic.key)
        near = (
            name for name in sorted(fitting) if hit and hit.passage_id in not_covered[name].near
        )
        return next(near, None)

    def _completing(self, looked_up: LookedUp, hit: SearchHit, locale: str) -> Handover | None:
        """The topic without which the FAQ answers only a part.

        It is near the question, or later public pages say something on the very passage.
        """
        likeness = {str(ranked.key): ranked.likeness for ranked in looked_up.topics}
        least = _COMPLETES_FROM * looked_up.faqs[0].likeness
        for name in sorted(self._completing_topics, key=lambda name: -likeness.get(name, 0.0)):
            topic = self._library.not_covered[name]
            later = bool(topic.public_record) and hit.passage_id in topic.near
            near = likeness.get(name, 0.0) >= least
            belongs = later or (near and self._is_meant(name, looked_up))
            excluded = certain(topic.unless_when, looked_up.known)
            if belongs and hit.faq_number in topic.completes and not excluded:
                return self._handovers.of_topic(name, locale)
        return None

    def _is_meant(self, name: str, looked_up: LookedUp) -> bool:
        """Whether a question says words of a topic, or does not say what it is about."""
        own = self._own_terms(looked_up.index.locale)[name]
        return not own.isdisjoint(looked_up.query.terms) or says_it(looked_up.question)

    def _terms_of_completing(self, locale: str) -> dict[str, frozenset[str]]:
        """Each topic that completes FAQs, with the terms by which it is told from the other ones.

        A term is one that at least two phrasings of the topic have, and no phrasing of another.
        """
        topics = {name: self._library.not_covered[name] for name in self._completing_topics}
        counts = {
            name: Counter(
                term
                for text in (*topic.phrasings_in.get(locale, ()), *topic.phrasings)
                for term in {*terms(words(cleaned(text)), locale)}
                if not is_small(term) and term not in _SAID_OF_ALL
            )
            for name, topic in topics.items()
        }
        return {
            name: frozenset(
                term
                for term, count in counted.items()
                if count > 1 and not any(term in counts[other] for other in counts if other != name)
            )
            for name, counted in counts.items()
        }


def _is_thanks(question: Question, confidence: float) -> bool:
    """Whether a message says no more than thanks, as nothing is found for certain either."""
    few = len(question.words) <= _MOST_BESIDE_THANKS and names_nothing(question.words)
    return question.thanks and few and confidence <= MOST_UNDERSTOOD_IN_PART
