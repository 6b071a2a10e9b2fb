"""What the content files hold besides the rules: one frozen record type per file kind.

Each record is found by its key: the FAQ number, the country code, or the id it is filed under.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from kb.rules.events import EventKind
from kb.rules.evidence import Citation, KnowledgeLayer
from kb.rules.facts import DatedFact, DatePrecision
from kb.rules.inputs import CountryKind
from kb.rules.rulebook import (
    Actor,
    Condition,
    DataLabelCode,
    FeeCharge,
    FeeCode,
    Rulebook,
)
from kb.rules.transitions import Transition


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
class Passage:
    """A part of a FAQ answer that can be cited. `id` is "<number>.<slug>", `text` Markdown."""

    id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FaqLink:
    """A link of the original. `target` is None where the source has lost it.

    `status` is "resolved" or "unresolved"; `passage` is the id of the passage it stands in.
    """

    label: str
    target: str | None
    status: str
    passage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FaqTable:
    """A table of an answer, as data; `passage` is the id of the passage it belongs to."""

    passage: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaqRemark:
    """What an editor notes about the original of a FAQ; it is no part of the answer.

    `passage` is the id of the passage it is about, None for the entry as a whole.
    """

    passage: str | None = None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Faq:
    """One FAQ entry in the project's own words.

    `title` is the heading of the source, word for word, `contents_title` what its list of contents
    says instead (FAQs 11 and 12); `question` asks the same in the project's words.
    """

    number: int
    slug: str
    section: int
    audience: tuple[str, ...]
    topics: tuple[str, ...]
    title: str
    contents_title: str | None = None
    question: str
    phrasings: tuple[str, ...]
    passages: tuple[Passage, ...]
    links: tuple[FaqLink, ...] = ()
    table: FaqTable | None = None
    remarks: tuple[FaqRemark, ...] = ()
    applies_when: tuple[Condition, ...]
    applies_because: str
    checked_on: date
    source: str

    @property
    def titles(self) -> tuple[str, ...]:
        """Both wordings of the title in the source; one where they are the same."""
        return tuple(title for title in (self.title, self.contents_title) if title is not None)


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
    """A version of the Converged Assessment Framework (CAF) and its dated availability.

    `planned` is set while no launch is known; uncertain dates are told in the facts' texts.
    """

    version: str
    aliases: tuple[str, ...] = ()
    planned: bool
    text: str
    citations: tuple[Citation, ...]
    availability: tuple[DatedFact[str], ...] = ()


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
    """Where the source is silent or contradicts itself, and the safe behaviour (Q1 to Q20)."""

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
class TurnTo:
    """Whom to ask: the actor, and what to do in one sentence."""

    actor: Actor
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotCovered:
    """A topic that people ask about and the knowledge base does not answer.

    `phrasings` are English, `phrasings_in` those of other locales. `reason` says what the source
    does not state. `near` are ids of passages that come close; `completes` the FAQs that answer
    only a part of what is asked without it; `public_record` what later pages say of the topic.
    """

    topic: str
    phrasings: tuple[str, ...]
    phrasings_in: Mapping[str, tuple[str, ...]]
    reason: str
    ask: TurnTo
    near: tuple[str, ...]
    completes: tuple[int, ...] = ()
    public_record: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Synonym:
    """Words that people use, filed under them; `also` are those the knowledge base uses."""

    also: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslatedTable:
    """The table of a FAQ in another language, cell for cell."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """A FAQ in another language, filed under "<locale>.<number>".

    `made_from` gives, by part ("question", "applies_because", "table", or the name of a passage),
    the hash of the English text that the part was made from; see `kb.content.translations`.
    """

    number: int
    locale: str
    status: Literal["unreviewed", "reviewed"]
    question: str
    phrasings: tuple[str, ...]
    passages: tuple[Passage, ...]
    applies_because: str
    table: TranslatedTable | None = None
    made_from: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverTranslation:
    """What a hand-over says in another language, filed under "<locale>.<topic>".

    Of a topic that is not covered it has all but `opening`, and `made_from`, the hash of the
    English it was made from (`kb.content.translations.topic_hash`). What every hand-over says is
    filed under the names in `GENERAL_HANDOVERS`.
    """

    opening: str | None = None
    topic: str | None = None
    reason: str | None = None
    ask: str | None = None
    status: Literal["unreviewed", "reviewed"] = "unreviewed"
    made_from: str | None = None


GENERAL_HANDOVERS: Final[Mapping[str, tuple[str, ...]]] = {
    "any-topic": ("opening",),
    "nothing-near": ("opening", "reason", "ask"),
    "no-words": ("opening", "reason", "ask"),
}
"""Hand-overs that are about no topic, with the texts each has; English is in `kb.search`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What an event sends to the facility (FAQ 9), as plain text with names to fill in."""

    subject: str
    text: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """All content of one release, frozen, with `rulebook` made from it.

    `translations` are found by locale and FAQ number, `handover_translations` by locale and topic.

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
    messages: Mapping[EventKind, Message]
    not_covered: Mapping[str, NotCovered]
    synonyms: Mapping[str, Synonym]
    translations: Mapping[tuple[str, int], Translation]
    handover_translations: Mapping[tuple[str, str], HandoverTranslation]
    rulebook: Rulebook
