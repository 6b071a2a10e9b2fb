"""Canonical records, their hash, and the frozen Library made from them.

Files and database rows meet here: both are `Record`s, and equal records make an equal Library.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any, TypeVar

from kb.content.catalogues import dated_facts
from kb.content.checking import Checked, checked
from kb.content.conditions import INPUTS
from kb.content.faq_records import Faq, Translation
from kb.content.golden import GoldenCase
from kb.content.kinds import KINDS, TABLES
from kb.content.reading import dotted
from kb.content.records import Catalogue, Country, Library, field_names
from kb.content.schema import body_of, validated
from kb.content.translations import outdated_parts
from kb.errors import ContentError, Problem
from kb.rules.countries import country_names
from kb.rules.events import EventKind
from kb.rules.evidence import Citation, Words
from kb.rules.facts import DatedFact
from kb.rules.letter_phrases import UNREVIEWED
from kb.rules.rulebook import FaqRule, LaterFactRule, Rulebook

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Record:
    """One canonical record: its kind (`KINDS`), its key, and its body of JSON values.

    The body spells out every field of the record type; a FAQ's key is its number as text.
    """

    kind: str
    key: str
    body: dict[str, Any]


def read_content(folder: Traversable | None = None) -> tuple[Record, ...]:
    """The records of a release, read from a content folder, by kind and key.

    Without a folder the content that comes with the program is read. Golden cases are checked with
    the rest but are no part of a release; see `read_golden_cases`. Raises ContentError with all
    problems.
    """
    return read_folder(folder).records


def read_golden_cases(folder: Traversable | None = None) -> Mapping[str, GoldenCase]:
    """The golden cases of a content folder: sentence to case. Raises ContentError."""
    return read_folder(folder).golden_cases


@dataclass(frozen=True, slots=True)
class Content:
    """What a content folder holds: the records of a release, and the cases they must answer."""

    records: tuple[Record, ...]
    golden_cases: Mapping[str, GoldenCase]


def read_folder(folder: Traversable | None = None) -> Content:
    """Read and check a content folder once. Raises ContentError with all problems."""
    by_kind = _sound(checked(folder)).records
    records = tuple(
        Record(kind.name, key, body_of(kind, key, by_kind[kind.name][key]))
        for kind in KINDS.values()
        if kind.released
        for key in sorted(by_kind[kind.name], key=_naturally)
    )
    return Content(records, MappingProxyType(dict(by_kind["golden"])))


def content_hash(records: Iterable[Record]) -> str:
    """SHA-256 of the canonical JSON; the order of records and of keys does not matter."""
    ordered = sorted((record.kind, record.key, record.body) for record in records)
    text = json.dumps(ordered, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def library_from(records: Iterable[Record]) -> Library:
    """The frozen Library of these records, whatever order they come in.

    References between records are not checked again: what was published was checked before.
    Raises ContentError for records that do not fit the record types or leave a table out.
    """
    records = tuple(records)
    bodies: dict[str, dict[str, Any]] = {name: {} for name in KINDS}
    problems: list[Problem] = []
    for record in sorted(records, key=lambda record: _naturally(record.key)):
        place = f"{record.kind} {record.key}"
        kind = KINDS.get(record.kind)
        if kind is None or not kind.released:
            problems.append(Problem(place, None, "", "no release holds this kind.", ""))
            continue
        made, wrong = validated(kind, record.key, record.body)
        problems += [
            Problem(place, None, dotted(path), f"{what}.", allowed) for path, what, allowed in wrong
        ]
        bodies[record.kind][record.key] = _frozen(made)
    problems += [
        Problem(f"table {key}", None, "", "the table is missing.", f"tables {', '.join(TABLES)}")
        for key in TABLES
        if key not in bodies["table"]
    ]
    problems += [
        Problem(f"faq {key}", None, "source", f"there is no source {faq.source}.", "")
        for key, faq in bodies["faq"].items()
        if faq is not None and faq.source not in bodies["source"]
    ]
    if problems:
        raise ContentError(problems)
    return _assembled(bodies, content_hash(records))


def _sound(content: Checked) -> Checked:
    if content.problems:
        raise ContentError(content.problems)
    return content


def _assembled(bodies: Mapping[str, Mapping[str, Any]], hashed: str) -> Library:
    of = {name: MappingProxyType(by_key) for name, by_key in bodies.items()}
    faqs: dict[int, Faq] = {faq.number: faq for faq in of["faq"].values()}
    tables = of["table"]
    rulebook = Rulebook(
        assessment=tables["A"],
        sharing=tables["B"],
        labels=tables["C"],
        fees=tables["D"],
        tool=tables["E"],
        statements=of["statement"],
        steps=of["step"],
        routes=of["route"],
        warnings=of["warning"],
        later_facts=MappingProxyType(
            {
                code: LaterFactRule(
                    topic=later.topic,
                    facts=dated_facts(of, later.of),
                    ask=later.ask,
                    when=later.when,
                    warning=later.warning,
                )
                for code, later in of["later_fact"].items()
            }
        ),
        faqs=tuple(
            FaqRule(
                number=faq.number,
                applies_when=faq.applies_when,
                applies_because=faq.applies_because,
                citation=Citation(
                    faq.source, of["source"][faq.source].layer, passage=faq.passages[0].id
                ),
            )
            for faq in faqs.values()
        ),
        countries=MappingProxyType(
            {code: country.kinds for code, country in of["country"].items()}
        ),
        country_notes=MappingProxyType(
            {code: country.notes for code, country in of["country"].items()}
        ),
        # A country that the content does not hold is still called by its name.
        country_names=MappingProxyType(
            {**country_names(), **{code: country.name for code, country in of["country"].items()}}
        ),
    )
    translations = MappingProxyType(
        {
            (translation.locale, translation.number): translation
            for translation in of["translation"].values()
        }
    )
    return Library(
        content_hash=hashed,
        sources=of["source"],
        faqs=MappingProxyType(faqs),
        countries=MappingProxyType(
            {code: _with_name(country) for code, country in of["country"].items()}
        ),
        tool_versions=of["tool_version"],
        law_overlays=of["law_overlay"],
        fees=of["fee"],
        hosts=of["host"],
        systems=of["system"],
        actors=of["actor"],
        artefacts=of["artefact"],
        labels=of["label"],
        ambiguities=of["ambiguity"],
        glossary=of["glossary"],
        public_record=of["public_record"],
        transitions=MappingProxyType(
            {EventKind(kind): transition for kind, transition in of["transition"].items()}
        ),
        messages=MappingProxyType(
            {EventKind(kind): message for kind, message in of["message"].items()}
        ),
        contacts=of["contact"],
        not_covered=of["not_covered"],
        courtesies=of["courtesy"],
        intents=of["intent"],
        profile_facts=of["profile_fact"],
        synonyms=of["synonym"],
        translations=translations,
        handover_translations=MappingProxyType(
            {
                _locale_and_name(key): translation
                for key, translation in of["handover_translation"].items()
            }
        ),
        catalogues=of["catalogue"],
        words=MappingProxyType(
            {
                locale: _words(locale, catalogue, rulebook, faqs, translations)
                for locale, catalogue in of["catalogue"].items()
            }
        ),
        rulebook=rulebook,
    )


def _with_name(country: Country) -> Country:
    """The country with its name in the texts of its facts."""

    def named(facts: tuple[DatedFact[Value], ...]) -> tuple[DatedFact[Value], ...]:
        return tuple(
            replace(fact, text=fact.text.replace("{country}", country.name)) for fact in facts
        )

    return replace(country, kinds=named(country.kinds), notes=named(country.notes))


def _words(
    locale: str,
    catalogue: Catalogue,
    rulebook: Rulebook,
    faqs: Mapping[int, Faq],
    translations: Mapping[tuple[str, int], Translation],
) -> Words:
    names = country_names(locale)
    reasons = {
        faq.applies_because: translation.applies_because
        for number, faq in faqs.items()
        if (translation := translations.get((locale, number))) is not None
        and "applies_because" not in outdated_parts(translation, faq)
    }
    texts = {
        english: text
        for english, text in catalogue.texts.items()
        if english != UNREVIEWED or catalogue.unreviewed
    }
    return MappingProxyType(
        {
            **{
                english: names.get(code, english)
                for code, english in rulebook.country_names.items()
            },
            **reasons,
            **texts,
        }
    )


def _locale_and_name(key: str) -> tuple[str, str]:
    locale, _, name = key.partition(".")
    return locale, name


def _naturally(key: str) -> list[tuple[int, str]]:
    """A key to sort by that puts Q2 before Q10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", key)]


def _frozen(value: Any) -> Any:
    """The value with every mapping in it made immutable and put into its own order.

    A database may hand the keys of a mapping back in any order, so the order comes from here:
    enum members and inputs as they are declared, everything else naturally.
    """
    if isinstance(value, str | tuple):
        return tuple(map(_frozen, value)) if isinstance(value, tuple) else value
    names = field_names(value)
    if names is not None:
        frozen = {name: _frozen(getattr(value, name)) for name in names}
        changed = {name: made for name, made in frozen.items() if made is not getattr(value, name)}
        return replace(value, **changed) if changed else value
    if isinstance(value, Mapping):
        ordered = {key: _frozen(value[key]) for key in sorted(value, key=_declared)}
        return MappingProxyType(ordered)
    return value


def _declared(key: str) -> tuple[int, list[tuple[int, str]]]:
    declared: list[str] = list(type(key)) if isinstance(key, StrEnum) else list(INPUTS)
    return (declared.index(key) if key in declared else len(declared), _naturally(key))
