"""What a hand-over says, in the language served where its text is up to date, else in English."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from kb.content.asking import Contact, HandoverTranslation
from kb.content.records import Library
from kb.content.translations import contact_of, topic_hash
from kb.rules.cldr import language_name
from kb.rules.codes import Actor
from kb.search.locales import ENGLISH
from kb.search.outcome import Handover

SMALL_TALK: Final = "small-talk"
"""The topic of what is said without asking anything."""

# CLDR calls the language as the country: "Ask again in Indonesia".
_OWN_NAMES: Final = {"id": "Bahasa Indonesia"}
_NOT_ANSWERED: Final = "The knowledge base does not answer this."

# Hand-overs that are about no topic; their translations are filed under these names.
_GENERAL: Final = {
    "nothing-near": Handover(
        reason="The knowledge base holds nothing that is near enough to this question.",
        topic=None,
        not_stated="Whether the source says anything on this could not be determined.",
        ask=Actor.HELPDESK,
        ask_text="Ask the helpdesk, or ask again in other words.",
    ),
    "one-of-these": Handover(
        reason="The question may mean one of these entries.",
        topic=None,
        not_stated="No entry answers this for certain; those suggested come nearest.",
        ask=Actor.HELPDESK,
        ask_text="Ask the helpdesk, or ask again in other words.",
    ),
    "left-open": Handover(
        reason="One question of the message was left open.",
        topic=None,
        not_stated="Question # of this message has no answer here that is certain.",
        ask=Actor.HELPDESK,
        ask_text="Ask it by itself, or in other words.",
    ),
    "an-id": Handover(
        reason="An id alone asks nothing.",
        topic=None,
        not_stated="This looks like the id of a facility, and nothing is asked about it.",
        ask=Actor.USER,
        ask_text=(
            "Look the facility up by its id in the helpdesk page or with the API's `facility`, or "
            "ask a question about it with `facilityId`."
        ),
        asks_nothing=True,
    ),
    "no-words": Handover(
        reason="The text holds no words that could be searched for.",
        topic=None,
        not_stated="Nothing was asked that could be understood.",
        ask=Actor.USER,
        ask_text="Ask again in words, in any of the languages served.",
        asks_nothing=True,
    ),
}


class Handovers:
    """The hand-overs of one release."""

    def __init__(self, library: Library, locales: Iterable[str]) -> None:
        languages = [
            _OWN_NAMES.get(locale) or language_name(locale, locale) for locale in sorted(locales)
        ]
        self._languages = f"{', '.join(languages[:-1])} or {languages[-1]}".removeprefix(" or ")
        self._topics = library.not_covered
        self._contacts = library.contacts
        hashes = {name: topic_hash(topic, library.contacts) for name, topic in self._topics.items()}
        self._translations = {
            (locale, name): translation
            for (locale, name), translation in library.handover_translations.items()
            if translation.made_from == hashes.get(name)
        }

    def of_topic(self, name: str, locale: str) -> Handover:
        """The hand-over for a topic that is not covered."""
        topic = self._topics[name]
        contact = contact_of(topic, self._contacts)
        english = Handover(
            reason=_NOT_ANSWERED,
            topic=topic.topic,
            not_stated=topic.reason,
            ask=contact.actor,
            ask_text=contact.text,
            outside=self._outside(contact, ENGLISH),
            near=topic.near,
            public_record=topic.public_record,
            asks_nothing=name == SMALL_TALK,
        )
        opening = self._translations.get((locale, "any-topic"))
        translation = self._translations.get((locale, name))
        if opening is None or translation is None:
            return english
        made = _in(locale, english, translation)
        ask_text = translation.ask or contact.text_in.get(locale, contact.text)
        return replace(
            made,
            reason=opening.opening or english.reason,
            ask_text=ask_text,
            outside=self._outside(contact, locale),
        )

    def nothing_near(self, locale: str) -> Handover:
        """The hand-over for a question that is like nothing the knowledge base has."""
        return self._general("nothing-near", locale)

    def no_words(self, locale: str) -> Handover:
        """The hand-over for a text without a word in it."""
        return self._general("no-words", locale)

    def an_id(self, locale: str) -> Handover:
        """The hand-over for an id without a question; it says where to look a facility up."""
        return self._general("an-id", locale)

    def one_of_these(self, locale: str) -> Handover:
        """Whom to ask when none of the entries suggested is the right one."""
        made = self._general("one-of-these", locale)
        contact = self._contacts.get("general")
        if contact is None:
            return made
        return replace(
            made,
            ask=contact.actor,
            ask_text=contact.text_in.get(made.locale, contact.text),
            outside=self._outside(contact, made.locale),
        )

    def left_open(self, number: int, locale: str) -> Handover:
        """What is told of a question, by its place in a message, that nothing there answers.

        The place stands where the text has "#".
        """
        made = self._general("left-open", locale)
        return replace(made, not_stated=made.not_stated.replace("#", str(number)))

    def language_not_served(self) -> Handover:
        """The hand-over for a question in another language; it names those that are served."""
        return Handover(
            reason="The question is in a language that is not served.",
            topic=None,
            not_stated=f"The languages served are {self._languages.replace(' or ', ' and ')}.",
            ask=Actor.USER,
            ask_text=f"Ask again in {self._languages}.",
        )

    def _outside(self, contact: Contact, locale: str) -> tuple[Actor, str] | None:
        """Whom to ask instead about a facility that Better Work does not assess."""
        if contact.outside is None:
            return None
        other = self._contacts[contact.outside]
        return other.actor, other.text_in.get(locale, other.text)

    def _general(self, name: str, locale: str) -> Handover:
        translation = self._translations.get((locale, name))
        return _GENERAL[name] if translation is None else _in(locale, _GENERAL[name], translation)


def _in(locale: str, english: Handover, translation: HandoverTranslation) -> Handover:
    """The hand-over in another language; what is checked with the content is all there."""
    return replace(
        english,
        locale=locale,
        reason=translation.opening or english.reason,
        topic=translation.topic or english.topic,
        not_stated=translation.reason or english.not_stated,
        ask_text=translation.ask or english.ask_text,
    )
