"""What the content files hold besides the rules: one frozen record type per file kind.

Each record is found by its key: the FAQ number, the country code, or the id it is filed under.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from functools import cache
from typing import Any

from kb.content.asking import (
    Contact,
    Courtesies,
    HandoverTranslation,
    Intent,
    NotCovered,
    ProfileFact,
    Synonym,
)
from kb.content.faq_records import Faq, Passage, Translation
from kb.rules.codes import Actor, DataLabelCode, FactTopic, FeeCharge, FeeCode
from kb.rules.events import EventKind
from kb.rules.evidence import Citation, KnowledgeLayer, Words
from kb.rules.facts import DatedFact, DatePrecision, Layers, fact_on
from kb.rules.inputs import CountryKind
from kb.rules.rulebook import Condition, Rulebook
from kb.rules.transitions import Transition


def field_names(value: Any) -> tuple[str, ...] | None:
    """The names of the fields of a dataclass; None for any other value."""
    return _field_names_of(value.__class__)


@cache  # there are many values of each type
def _field_names_of(kind: type) -> tuple[str, ...] | None:
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where statements come from. `dated` is None when the source bears no date.

    `where` tells how to find it in words: a document title, a site with its article number.
    """

    title: str
    publisher: str
    layer: KnowledgeLayer
    where: str
    dated: date | None = None
    precision: DatePrecision | None = None
    checked_on: date
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """A country with its dated facts: how far it has come, and what else is known of it.

    `kinds` drives the rules; `notes` are further dated facts, each a value with a sentence.
    """

    name: str
    kinds: tuple[DatedFact[CountryKind], ...] = ()
    notes: tuple[DatedFact[str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolVersion:
    """A version of the Converged Assessment Framework (CAF): where it can be used, and since when.

    `planned` says that a source told of it before it could be used, so it is planned until the
    first day of `availability`. `notes` are what else is known, from a day on.
    """

    version: str
    aliases: tuple[str, ...] = ()
    planned: bool
    availability: tuple[DatedFact[str], ...] = ()
    notes: tuple[DatedFact[str], ...] = ()

    def known_on(self, as_of: date, layers: Layers) -> DatedFact[str] | None:
        """What is to be told of it on a day: the newest fact, None when the day is not covered."""
        return fact_on((*self.notes, *self.availability), as_of, layers)

    def planned_on(self, as_of: date, layers: Layers) -> bool:
        """Whether it is announced on a day and cannot be used yet, as far as is known."""
        return self.planned and fact_on(self.availability, as_of, layers) is None


@dataclass(frozen=True, slots=True, kw_only=True)
class LawOverlay:
    """What is known of the Law Overlay in one country or group of countries.

    `countries` is empty where the source names none; `available` None where nothing is promised.
    """

    title: str
    countries: tuple[str, ...] = ()
    steps: tuple[int, ...] = ()
    offline: bool | None = None
    availability: tuple[DatedFact[bool], ...] = ()
    text: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeAmount:
    """An amount as the source gives it; `amount` is a decimal string, None where not stated."""

    amount: str | None
    currency: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """One fee: who pays, to whom, how it is charged in general, and its dated amounts."""

    code: FeeCode
    title: str
    payer: Actor | None
    payee: str | None
    charge: FeeCharge
    text: str
    citations: tuple[Citation, ...]
    amounts: tuple[DatedFact[FeeAmount], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccreditedHost:
    """A platform that receives shared assessments, with its modules (Higg: the vFSLM, FAQ 13)."""

    name: str
    charges: str
    modules: tuple[str, ...] = ()
    law_overlay: bool
    text: str
    citations: tuple[Citation, ...]
    facts: tuple[DatedFact[str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A system, an artefact, or a piece of the public record: a named thing and what is known."""

    title: str
    aliases: tuple[str, ...] = ()
    text: str
    citations: tuple[Citation, ...]
    facts: tuple[DatedFact[str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorEntry:
    """Who may, must and must not do what; `actor` is None for those no workflow step is given."""

    actor: Actor | None = None
    title: str
    aliases: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    must: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelDefinition:
    """What a data label means, and what may and must not be claimed of data that bears it."""

    code: DataLabelCode
    title: str
    when: str
    may_claim: str
    must_not_claim: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambiguity:
    """Where the source is silent or contradicts itself, and the safe behaviour (Q1 to Q21)."""

    title: str
    tension: str
    safe_behaviour: str
    ask: Actor
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GlossaryEntry:
    """A term of the domain with its synonyms."""

    term: str
    synonyms: tuple[str, ...] = ()
    text: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterFact:
    """When an answer says what the public record knows of a topic; see `LaterFactRule`.

    `of` names the record whose dated facts are said: its kind and key, as "host.higg".
    """

    topic: FactTopic
    of: str
    ask: Actor
    when: tuple[Condition, ...] = ()
    warning: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What decisions say in another language, by the English; filed under the locale.

    `unreviewed` are the English texts whose translations nobody has reviewed yet.
    """

    texts: Mapping[str, str]
    unreviewed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventMessage:
    """What an event sends to the facility (FAQ 9), as plain text with names to fill in."""

    subject: str
    text: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """All content of one release, frozen, with `rulebook` made from it.

    `translations` are found by locale and FAQ number, `handover_translations` by locale and topic,
    `catalogues` by locale. `words` are all that answers say in a locale: its catalogue, the reasons
    why FAQs apply, and the names of countries.

    `content_hash` is the SHA-256 of the canonical records; equal content has an equal hash.
    """

    content_hash: str
    sources: Mapping[str, Source]
    faqs: Mapping[int, Faq]
    countries: Mapping[str, Country]
    tool_versions: Mapping[str, ToolVersion]
    law_overlays: Mapping[str, LawOverlay]
    fees: Mapping[str, Fee]
    hosts: Mapping[str, AccreditedHost]
    systems: Mapping[str, Entry]
    actors: Mapping[str, ActorEntry]
    artefacts: Mapping[str, Entry]
    labels: Mapping[str, LabelDefinition]
    ambiguities: Mapping[str, Ambiguity]
    glossary: Mapping[str, GlossaryEntry]
    public_record: Mapping[str, Entry]
    transitions: Mapping[EventKind, Transition]
    messages: Mapping[EventKind, EventMessage]
    contacts: Mapping[str, Contact]
    not_covered: Mapping[str, NotCovered]
    courtesies: Mapping[str, Courtesies]
    intents: Mapping[str, Intent]
    profile_facts: Mapping[str, ProfileFact]
    synonyms: Mapping[str, Synonym]
    translations: Mapping[tuple[str, int], Translation]
    handover_translations: Mapping[tuple[str, str], HandoverTranslation]
    catalogues: Mapping[str, Catalogue]
    words: Mapping[str, Words]
    rulebook: Rulebook

    def passage(self, passage_id: str) -> Passage:
        """A passage by its id, in English."""
        faq = self.faqs[int(passage_id.partition(".")[0])]
        return next(passage for passage in faq.passages if passage.id == passage_id)
