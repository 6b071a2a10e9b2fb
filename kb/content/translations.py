"""Translations against the English they were made from: complete, and which parts are outdated.

A translation keeps a hash of every English part it was made from. When the English of a part
changes, only that part of each translation is outdated. Passages are then served in English, other
parts as they are, and both is told.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from kb.content.asking import GENERAL_HANDOVERS, Contact, HandoverTranslation, NotCovered
from kb.content.conditions import Finding
from kb.content.faq_records import Faq, Passage, Translation
from kb.content.files import is_locale
from kb.content.records import Library


@dataclass(frozen=True, slots=True)
class Outdated:
    """A part of a translation whose English has changed since.

    `of` is the number of a FAQ and `part` its "question", "applies_because", "table" or the name of
    a passage; or `of` is the name of a topic and `part` "handover". `made_from` is the hash of the
    English as it is now.
    """

    locale: str
    of: int | str
    part: str
    made_from: str


def outdated(library: Library) -> list[Outdated]:
    """Every outdated part of every translation: of FAQs first, then of hand-overs."""
    of_faqs = [
        Outdated(locale, number, part, hashes_of(library.faqs[number])[part])
        for (locale, number), translation in library.translations.items()
        for part in outdated_parts(translation, library.faqs[number])
    ]
    hashes = {
        name: topic_hash(topic, library.contacts) for name, topic in library.not_covered.items()
    }
    return of_faqs + [
        Outdated(locale, name, "handover", hashes[name])
        for (locale, name), translation in library.handover_translations.items()
        if name in hashes and translation.made_from != hashes[name]
    ]


def outdated_parts(translation: Translation, faq: Faq) -> list[str]:
    """The parts of one translation whose English has changed since it was made."""
    return [
        part
        for part, made_from in hashes_of(faq).items()
        if translation.made_from.get(part) != made_from
    ]


def current_passages(translation: Translation, faq: Faq) -> tuple[Passage, ...]:
    """The passages of a translation, those whose English has changed since in English."""
    stale = set(outdated_parts(translation, faq))
    return tuple(
        english if _slug(english.id) in stale else translated
        for english, translated in zip(faq.passages, translation.passages, strict=True)
    )


def hashes_of(faq: Faq) -> dict[str, str]:
    """Part of a FAQ to the hash of its English text, as `made_from` has it.

    A hash is the first 12 hexadecimal digits of the SHA-256 over the text with all white space
    folded to single blanks; for a table, over the JSON list of its columns and rows.
    """
    texts = {"question": faq.question, "applies_because": faq.applies_because}
    if faq.table is not None:
        texts["table"] = json.dumps([faq.table.columns, *faq.table.rows], ensure_ascii=False)
    texts |= {_slug(passage.id): passage.text for passage in faq.passages}
    return {part: _hash(text) for part, text in texts.items()}


def topic_hash(topic: NotCovered, contacts: Mapping[str, Contact]) -> str:
    """The hash of what a hand-over says of a topic in English, as `made_from` has it."""
    return _hash(" | ".join((topic.topic, topic.reason, contact_of(topic, contacts).text)))


def contact_of(topic: NotCovered, contacts: Mapping[str, Contact]) -> Contact:
    """Whom to ask about a topic that is not covered."""
    if topic.ask is not None:
        return Contact(actor=topic.ask.actor, name="", text=topic.ask.text, text_in={})
    return contacts[topic.contact or ""]


def _hash(text: str) -> str:
    return sha256(" ".join(text.split()).encode()).hexdigest()[:12]


def wrong_in_handover(
    key: str,
    translation: HandoverTranslation,
    topics: Mapping[str, NotCovered],
    known: Collection[str],
) -> Iterator[Finding]:
    """What is wrong with the translation of a hand-over; that it is outdated is nothing wrong."""
    name = key.partition(".")[2]
    if name not in GENERAL_HANDOVERS and name not in known:
        allowed = f"a topic of not-covered/, or {', '.join(GENERAL_HANDOVERS)}"
        yield (), f"there is no topic {name}", allowed
        return
    wanted = GENERAL_HANDOVERS.get(name, ("topic", "reason", "ask", "made_from"))
    topic = topics.get(name)
    for part in ("opening", "topic", "reason", "ask", "made_from"):
        if part == "ask" and topic is not None and topic.contact is not None:
            continue  # the contact says it
        if (getattr(translation, part) is not None) is not (part in wanted):
            wrong = "is missing" if part in wanted else "is not a part of this one"
            yield (part,), wrong, ", ".join(wanted)


def wrong_in_translation(
    translation: Translation, faqs: Mapping[str, Faq], known: Collection[str]
) -> Iterator[Finding]:
    """What is wrong with a translation; `known` are the FAQs with those that could not be read.

    That a part is outdated is nothing wrong; see `outdated`.
    """
    if not is_locale(translation.locale):
        yield ("locale",), f"{translation.locale} is not a known locale", "such as vi"
    number = str(translation.number)
    if number not in known:
        yield ("number",), f"there is no FAQ {number}", "1 to 23"
    faq = faqs.get(number)
    if faq is None:
        return
    wanted = [passage.id for passage in faq.passages]
    if [passage.id for passage in translation.passages] != wanted:
        allowed = ", ".join(map(_slug, wanted))
        yield ("passages",), "the passages are not those of the English FAQ, in order", allowed
    parts = hashes_of(faq)
    missing = [part for part in parts if part not in translation.made_from]
    if missing:
        wrong = f"it is not said what was translated: {', '.join(missing)}"
        yield ("made_from",), wrong, ", ".join(f'{part}: "{parts[part]}"' for part in missing)
    for part in translation.made_from:
        if part not in parts:
            yield ("made_from", part), f"the English FAQ has no part {part}", ", ".join(parts)
    shapes = [
        table and (len(table.columns), [len(row) for row in table.rows])
        for table in (faq.table, translation.table)
    ]
    if shapes[0] != shapes[1]:
        yield ("table",), "the table has not the shape of the English one", "cell for cell"


def _slug(passage: str) -> str:
    return passage.partition(".")[2]
