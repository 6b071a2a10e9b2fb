"""What decisions say, in other languages: one gettext catalogue for each, found by the English.

Translators edit `translations/<locale>/decisions.po` with any tool for such files. A translation
with the flag "fuzzy" is not reviewed. `kb content catalogues` brings the files up to date with the
English: texts that are gone are dropped, new ones wait for a translation, which the check demands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from io import BytesIO, StringIO
from typing import Any, Final

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from kb.content.conditions import Finding
from kb.content.files import CATALOGUE
from kb.content.po_files import read_catalogue
from kb.content.records import Catalogue
from kb.errors import ContentError
from kb.rules import brand_advice, letter_phrases
from kb.rules.evidence import KnowledgeLayer
from kb.rules.facts import DatedFact
from kb.rules.rulebook import Route, Statement, StepRule, WarningRule

FROM_PUBLIC_RECORD: Final = "{text} (public record, {day})"
"""How the answer to a question tells what is known from later pages."""

_SAID: Final[Mapping[type, tuple[str, ...]]] = {
    Statement: ("text",),
    WarningRule: ("text",),
    StepRule: ("title", "text", "guard", "asks"),
    Route: ("title",),
}
"""The fields that reach an answer, by type of record."""


def texts_of_decisions(records: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Every English text that an answer may say, with where it stands, such as "step SHARE"."""
    texts: dict[str, str] = {}
    for kind, by_key in records.items():
        for key, record in by_key.items():
            for name in _SAID.get(type(record), ()):
                value = getattr(record, name) or ()
                for text in (value,) if isinstance(value, str) else value:
                    texts.setdefault(text, f"{kind} {key}, {name}")
    for code, country in records["country"].items():
        named = any(kind.layer is KnowledgeLayer.SHARED_FAQS_2021 for kind in country.kinds)
        for fact in country.kinds if named else (*country.kinds, *country.notes):
            texts.setdefault(fact.text, f"country {code}")
    for code, later in records["later_fact"].items():
        for fact in dated_facts(records, later.of):
            if fact.layer is KnowledgeLayer.PUBLIC_RECORD:
                texts.setdefault(fact.text, f"later_fact {code}")
    texts.setdefault(FROM_PUBLIC_RECORD, "ask")
    return texts | {
        phrase: "summary"
        for phrase in (*letter_phrases.PHRASES, *brand_advice.PHRASES)
        if phrase not in texts
    }


def dated_facts(records: Mapping[str, Mapping[str, Any]], of: str) -> tuple[DatedFact[Any], ...]:
    """The dated facts of the record that a later fact names; none if there is no such record."""
    kind, _, key = of.partition(".")
    record = records.get(kind, {}).get(key)
    return tuple(
        fact
        for name in ("notes", "availability", "amounts", "facts")
        for fact in getattr(record, name, ())
    )


def brought_up_to_date(text: str, locale: str, english: Mapping[str, str]) -> str:
    """The text of a catalogue with exactly the English texts, and the translations that it had.

    ContentError where something in it cannot be read, which would be lost.
    """
    _, problems = read_catalogue(f"translations/{locale}/{CATALOGUE}", text)
    if problems:
        raise ContentError(problems)
    before = read_po(StringIO(text), locale=locale)
    after = Catalog(locale=locale)
    for msgid, place in english.items():
        known = before.get(msgid)
        translated = str(known.string) if known is not None else ""
        fuzzy = known is not None and known.fuzzy
        after.add(
            msgid,
            translated,
            flags=["fuzzy"] if fuzzy else [],
            auto_comments=[place],
            user_comments=known.user_comments if known is not None else [],
        )
    written = BytesIO()
    write_po(written, after, width=100, omit_header=True, sort_output=True)
    return _HEAD.format(locale=locale) + written.getvalue().decode()


def wrong_in_catalogue(catalogue: Catalogue, english: Mapping[str, str]) -> Iterator[Finding]:
    """What is wrong with a catalogue: texts without translation, and other names in braces."""
    for text, place in english.items():
        translated = catalogue.texts.get(text)
        if translated is None:
            shown = text if len(text) <= 60 else f"{text[:57]}..."
            yield ("texts",), f'there is no translation of "{shown}" ({place})', _HOW
        elif _names(translated) != _names(text):
            allowed = ", ".join(_names(text)) or "no braces"
            yield ("texts", text), "the names in braces are not those of the English", allowed
    for text in catalogue.texts:
        if text not in english:
            yield ("texts", text), "no answer says this text", _HOW


_HEAD: Final = """\
# What answers say, in another language. The flag "fuzzy" means: not reviewed yet.
msgid ""
msgstr ""
"Language: {locale}\\n"
"Content-Type: text/plain; charset=utf-8\\n"

"""
_HOW: Final = "run `kb content catalogues`, and translate what has no msgstr"


def _names(text: str) -> list[str]:
    return sorted(re.findall(r"\{[^{}]*\}", text))
