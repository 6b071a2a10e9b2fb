"""The public face of the search: ask, search and suggest, over one frozen Library.

The index is built from a release and never changes; the same release and question give the same
answer in every process. Nothing is generated: hits name curated FAQs, passages and topics.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from kb.content.records import Faq, Library, Translation
from kb.content.translations import outdated_parts
from kb.errors import InvalidInputError
from kb.rules.tables import any_holds
from kb.search.confidence import Coefficients, Evidence, band_of, coefficients
from kb.search.index import IndexEntry, LanguageIndex, Query, Ranked, Unit, UnitKind
from kb.search.locales import ENGLISH, language_of
from kb.search.normalise import cleaned, raw_words, terms, words
from kb.search.outcome import (
    AnswerOutcome,
    Handover,
    SearchAnswer,
    SearchHit,
    Why,
    handover_of,
    outcome_of,
    unknown_handover,
    unreadable_handover,
)
from kb.search.passages import best_passage

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


class SearchIndex:
    """The search over one release. Building it takes a second or two; asking some milliseconds."""

    def __init__(
        self, library: Library, indexes: Mapping[str, LanguageIndex], fitted: Coefficients
    ) -> None:
        self.library = library
        self.indexes = indexes
        self._fitted = fitted
        self._own_words = _own_words(library)
        self._passages = {
            (locale, number): _passages_of(library, locale, number)
            for locale in indexes
            for number in library.faqs
        }
        self._outdated = {
            where
            for where, translation in library.translations.items()
            if outdated_parts(translation, library.faqs[where[1]])
        }
        self._related = {number: _related(library, number) for number in library.faqs}
        self._typed = {locale: _Typed(library, locale) for locale in indexes}

    @classmethod
    def build(cls, library: Library, fitted: Coefficients | None = None) -> SearchIndex:
        """The index of a release, with one part for every language that it has texts in."""
        locales = {ENGLISH, *(locale for locale, _ in library.translations)}
        synonyms = {word: one.also for word, one in library.synonyms.items()}
        indexes = {
            locale: LanguageIndex(locale, _entries(library, locale), synonyms)
            for locale in sorted(locales)
        }
        return cls(library, indexes, fitted or coefficients())

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
        _check(question)
        spoken = language_of(
            f"{question[:_READ_CHARACTERS]} {(previous or '')[:200]}", self._own_words
        )
        index = self.indexes[spoken]
        query = _read(index, question, previous)
        served, reason = self._served(spoken, locale)
        ranked = self._ranked(index, query, profile_inputs)
        faqs = [one for one in ranked if isinstance(one.key, int)]
        topics = [one for one in ranked if isinstance(one.key, str)]
        if not _says_something(query):
            faqs, topics = [], []
        evidence = evidence_of(index, query, faqs, topics)
        confidence = self._fitted.confidence(evidence) if evidence else 0.0
        if evidence is None:
            outcome = AnswerOutcome.HANDOVER
        else:
            ahead = bool(topics) and topics[0].score > _AHEAD * faqs[0].score
            outcome = outcome_of(confidence, ahead, self._fitted)
        hits = self._hits(index, query, faqs[:_MOST_HITS], profile_inputs)
        handover = self._handover(outcome, query, faqs, topics)
        if outcome is AnswerOutcome.HANDOVER and served != ENGLISH:
            served, reason = ENGLISH, f"Hand-overs are written in English only; {served} has none."
        elif outcome is AnswerOutcome.ANSWERED and (served, hits[0].faq_number) in self._outdated:
            reason += " The English of some parts has changed since."
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
        _check(text)
        spoken = self._language(locale) or language_of(text[:_READ_CHARACTERS], self._own_words)
        index = self.indexes[spoken]
        query = _read(index, text, None)
        if not _says_something(query):
            return ()
        ranked = self._ranked(index, query, profile_inputs)
        faqs = [one for one in ranked if isinstance(one.key, int)][: max(0, limit)]
        return self._hits(index, query, faqs, profile_inputs)

    def suggest(
        self, text: str, limit: int = 5, locale: str | None = None
    ) -> tuple[tuple[int, str], ...]:
        """FAQ numbers with the phrase that fits what has been typed so far, best first.

        The last word may be unfinished. Empty text suggests nothing.
        """
        spoken = self._language(locale) or language_of(text[:200], self._own_words)
        return self._typed[spoken].completed(text[:200], max(0, limit))

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

    def _ranked(self, index: LanguageIndex, query: Query, inputs: Inputs | None) -> list[Ranked]:
        ranked = index.rank(query)
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
            phrase = one.unit.text if one.unit.kind is not UnitKind.PASSAGE else ""
            spoken = terms(words(cleaned(phrase)), index.locale)
            applies = None if inputs is None else self._applies(one.key, inputs)
            faq = self.library.faqs[one.key]
            hits.append(
                SearchHit(
                    faq_number=one.key,
                    score=round(one.score, 4),
                    passage_id=(
                        one.unit.passage
                        or best_passage(
                            self._passages[index.locale, one.key], query, spoken, index.idf
                        )
                    ),
                    matched_phrase=phrase or faq.question,
                    matched_terms=tuple(index.matched(query, one.place)),
                    applies=applies,
                    because=faq.applies_because if applies else None,
                )
            )
        return tuple(hits)

    def _handover(
        self, outcome: AnswerOutcome, query: Query, faqs: Sequence[Ranked], topics: Sequence[Ranked]
    ) -> Handover | None:
        if not query.terms or not _says_something(query):
            return unreadable_handover()
        if outcome is AnswerOutcome.HANDOVER:
            if topics and topics[0].score >= _TOPIC_FROM:
                return handover_of(self.library.not_covered[str(topics[0].key)])
            return unknown_handover()
        for topic in topics if outcome is AnswerOutcome.ANSWERED else ():
            if topic.score < _COMPLETES_FROM * faqs[0].score:
                break
            held = self.library.not_covered[str(topic.key)]
            if faqs[0].key in held.completes:
                return handover_of(held)
        return None

    def _follow_ups(self, hits: Sequence[SearchHit]) -> tuple[int, ...]:
        if not hits:
            return ()
        first = hits[0].faq_number
        related = self._related[first]
        near = [hit.faq_number for hit in hits[1:4] if hit.faq_number in related]
        return tuple(dict.fromkeys([*near, *related]))[:_MOST_FOLLOW_UPS]


def evidence_of(
    index: LanguageIndex, query: Query, faqs: Sequence[Ranked], topics: Sequence[Ranked]
) -> Evidence | None:
    """What speaks for the first FAQ; None without one."""
    if not faqs:
        return None
    first = faqs[0]
    second = faqs[1].score if len(faqs) > 1 else 0.0
    rival = topics[0].score if topics else 0.0
    total = sum(weight * index.idf(term) for term, weight in query.terms.items()) or 1.0
    known = sum(
        weight * index.idf(term) for term, weight in query.terms.items() if index.knows(term)
    )
    held = set(index.matched(query, first.place))
    matched = sum(weight * index.idf(term) for term, weight in query.terms.items() if term in held)
    return Evidence(
        top=first.bm25,
        margin=(first.score - second) / first.score if first.score else 0.0,
        known=known / total,
        matched=matched / total,
        words=first.words,
        letters=first.letters,
        rival=(rival - first.score) / (rival + first.score) if rival + first.score else 0.0,
    )


class _Typed:
    """Questions and phrasings of FAQs, found by the beginnings of their words."""

    def __init__(self, library: Library, locale: str) -> None:
        self._phrases: list[tuple[int, str]] = []
        by_word: dict[str, set[int]] = defaultdict(set)
        for number, faq in library.faqs.items():
            translation = library.translations.get((locale, number))
            for one in (translation or faq,) if locale != ENGLISH else (faq,):
                for phrase in (one.question, *one.phrasings):
                    for word in _typed_words(phrase):
                        by_word[word].add(len(self._phrases))
                    self._phrases.append((number, phrase))
        self._words = sorted(by_word)
        self._by_word = {word: sorted(by_word[word]) for word in self._words}

    def completed(self, text: str, limit: int) -> tuple[tuple[int, str], ...]:
        typed = _typed_words(text)[:12]
        if not typed or not limit:
            return ()
        *finished, last = typed
        scores: Counter[int] = Counter()
        begun: set[int] = set()
        at = bisect_left(self._words, last)
        while at < len(self._words) and self._words[at].startswith(last):
            begun.update(self._by_word[self._words[at]])
            at += 1
        for word in dict.fromkeys(finished):
            phrases = self._by_word.get(word, ())
            for phrase in phrases:
                scores[phrase] += 1 + 50 // (len(phrases) + 1)
        for phrase in begun:
            scores[phrase] += 3
        # At least half of the words must be there, so that one common word does not decide.
        found: dict[int, tuple[int, int]] = {}
        for phrase, score in scores.items():
            number = self._phrases[phrase][0]
            if number not in found or (-score, phrase) < found[number]:
                found[number] = (-score, phrase)
        best = sorted(found.values())[:limit]
        return tuple(self._phrases[phrase] for _, phrase in best)


def _typed_words(text: str) -> list[str]:
    return raw_words(cleaned(text))


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


def _texts(one: Faq | Translation) -> list[str]:
    return [one.question, *one.phrasings, *(passage.text for passage in one.passages)]


def _entries(library: Library, locale: str) -> list[IndexEntry]:
    entries: list[IndexEntry] = []
    for number, faq in library.faqs.items():
        translation = library.translations.get((locale, number))
        units: list[Unit] = []
        for one in (translation, faq):
            if one is not None:
                units.append(Unit(one.question, UnitKind.QUESTION))
                units += [Unit(phrasing, UnitKind.PHRASING) for phrasing in one.phrasings]
                units += [
                    Unit(passage.text, UnitKind.PASSAGE, passage.id) for passage in one.passages
                ]
        entries.append(IndexEntry(number, tuple(units)))
    for key, topic in library.not_covered.items():
        phrasings = (*topic.phrasings_in.get(locale, ()), *topic.phrasings)
        entries.append(
            IndexEntry(
                key,
                (
                    Unit(topic.topic, UnitKind.QUESTION),
                    *(Unit(phrasing, UnitKind.PHRASING) for phrasing in phrasings),
                ),
            )
        )
    return entries


def _passages_of(library: Library, locale: str, number: int) -> list[tuple[str, Mapping[str, int]]]:
    """Passage ids with the terms of the passage, in English and in the language."""
    said: dict[str, Counter[str]] = {
        passage.id: Counter(terms(words(cleaned(passage.text)), locale))
        for passage in library.faqs[number].passages
    }
    translation = library.translations.get((locale, number))
    for passage in translation.passages if translation else ():
        if passage.id in said:
            said[passage.id].update(terms(words(cleaned(passage.text)), locale))
    return list(said.items())


def _own_words(library: Library) -> dict[str, frozenset[str]]:
    """Locale to the words that its texts use and English ones do not."""

    def used(texts: Iterable[str]) -> set[str]:
        return {word for text in texts for word in raw_words(cleaned(text))}

    english = used(text for faq in library.faqs.values() for text in _texts(faq)) | used(
        text
        for topic in library.not_covered.values()
        for text in (topic.topic, topic.reason, *topic.phrasings)
    )
    own: dict[str, set[str]] = defaultdict(set)
    for (locale, _), translation in library.translations.items():
        own[locale] |= used(_texts(translation)) - english
    for topic in library.not_covered.values():
        for locale, phrasings in topic.phrasings_in.items():
            if locale in own:
                own[locale] |= used(phrasings) - english
    return {locale: frozenset(said) for locale, said in own.items()}


def _related(library: Library, number: int) -> tuple[int, ...]:
    """Other FAQs that share topics with this one, those that share most first."""
    topics = set(library.faqs[number].topics)
    shared = {
        other: len(topics & set(faq.topics)) / len(topics | set(faq.topics))
        for other, faq in library.faqs.items()
        if other != number
    }
    return tuple(
        sorted((one for one in shared if shared[one]), key=lambda one: (-shared[one], one))
    )
