"""What is indexed of a Library: its texts by entry and language, and how FAQs relate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from hashlib import sha256

from kb.content.faq_records import Faq, Translation
from kb.content.records import Library
from kb.search.head import Example
from kb.search.index import IndexEntry, Unit, UnitKind
from kb.search.locales import ENGLISH
from kb.search.normalise import cleaned, raw_words, terms, words
from kb.search.reading import QuestionReader


def texts_of(entry: Faq | Translation) -> list[str]:
    """Everything that is read of a FAQ or its translation."""
    return [*questions_of(entry), *(passage.text for passage in entry.passages)]


def questions_of(entry: Faq | Translation) -> tuple[str, ...]:
    """The ways to ask for a FAQ: our question, the source's titles and what people type."""
    titles = entry.titles if isinstance(entry, Faq) else ()
    return (entry.question, *titles, *entry.every_phrasing)


def entries_of(library: Library, locale: str, unit: Callable[..., Unit] = Unit) -> list[IndexEntry]:
    """The entries of one language: its texts first, then the English ones, which people mix in.

    `unit` makes one of their texts.
    """
    entries: list[IndexEntry] = []
    for number, faq in library.faqs.items():
        translation = library.translations.get((locale, number))
        units: list[Unit] = []
        for entry in (translation, faq):
            if entry is not None:
                titles = entry.titles if isinstance(entry, Faq) else ()
                units.append(unit(entry.question, UnitKind.QUESTION))
                units += [unit(text, UnitKind.PHRASING) for text in (*titles, *entry.phrasings)]
                for passage in entry.passages:
                    units += [
                        unit(text, UnitKind.PHRASING, passage.id) for text in passage.phrasings
                    ]
                    units += [
                        unit(text, UnitKind.PHRASING, passage.id, lead.text)
                        for lead in passage.leads
                        for text in lead.phrasings
                    ]
                    units.append(unit(passage.text, UnitKind.PASSAGE, passage.id))
        entries.append(IndexEntry(number, tuple(units)))
    for key, topic in library.not_covered.items():
        phrasings = (*topic.phrasings_in.get(locale, ()), *topic.phrasings)
        entries.append(
            IndexEntry(
                key,
                (
                    unit(topic.topic, UnitKind.QUESTION),
                    *(unit(phrasing, UnitKind.PHRASING) for phrasing in phrasings),
                ),
            )
        )
    return entries


def examples_of(library: Library) -> list[Example]:
    """What a head is trained on: every text once, with the passage, entry or topic it asks for."""
    locales = {ENGLISH, *(locale for locale, _ in library.translations)}
    reader = QuestionReader(library, locales, {})
    examples: dict[str, Example] = {}
    for locale in sorted(locales, key=lambda locale: (locale != ENGLISH, locale)):
        for entry in entries_of(library, locale):
            for unit in entry.units:
                if unit.text not in examples:
                    tokens = words(cleaned(unit.text))
                    label = unit.passage or str(entry.key)
                    examples[unit.text] = Example(
                        terms(tokens, locale),
                        tokens,
                        label,
                        signs=reader.read(unit.text, locale).signs,
                    )
    return list(examples.values())


def labels_of(library: Library) -> set[str]:
    """What the examples of a library ask for: its entries, passages and topics by their names."""
    passages = (passage.id for faq in library.faqs.values() for passage in faq.passages)
    return {*map(str, library.faqs), *passages, *library.not_covered}


def hash_of(examples: Iterable[Example]) -> str:
    """The SHA-256 of examples, whatever their order."""
    lines = sorted(f"{example.label}\t{' '.join(example.stems)}" for example in examples)
    return sha256("\n".join(lines).encode()).hexdigest()


def every_text(library: Library) -> set[str]:
    """The texts of all entries in all languages."""
    locales = {ENGLISH, *(locale for locale, _ in library.translations)}
    return {
        unit.text
        for locale in locales
        for entry in entries_of(library, locale)
        for unit in entry.units
    }


def raw_words_of(text: str) -> list[str]:
    """The words of a text as they were typed."""
    return raw_words(cleaned(text))


def own_words_of(
    library: Library, words_of: Callable[[str], Iterable[str]] = raw_words_of
) -> dict[str, frozenset[str]]:
    """Locale to the words that its texts use and English ones do not; `words_of` reads a text."""

    def used(texts: Iterable[str]) -> set[str]:
        return {word for text in texts for word in words_of(text)}

    english = used(text for faq in library.faqs.values() for text in texts_of(faq)) | used(
        text
        for topic in library.not_covered.values()
        for text in (topic.topic, topic.reason, *topic.phrasings)
    )
    own: dict[str, set[str]] = defaultdict(set)
    for (locale, _), translation in library.translations.items():
        own[locale] |= used(texts_of(translation)) - english
    for topic in library.not_covered.values():
        for locale, phrasings in topic.phrasings_in.items():
            if locale in own:
                own[locale] |= used(phrasings) - english
    return {locale: frozenset(own_words) for locale, own_words in own.items()}


def related_to(library: Library, number: int) -> tuple[int, ...]:
    """Other FAQs that share topics with this one, those that share most first."""
    topics = set(library.faqs[number].topics)
    shared = {
        other: len(topics & set(faq.topics)) / len(topics | set(faq.topics))
        for other, faq in library.faqs.items()
        if other != number
    }
    return tuple(
        sorted(
            (other for other in shared if shared[other]), key=lambda other: (-shared[other], other)
        )
    )
