# ruff: noqa: D102 - the description of a field says what it means
"""Countries, fees, hosts, Tool versions, glossary and the other entries of the knowledge base."""

from datetime import date, datetime

import strawberry
from strawberry import Parent

from graphql_schema.presenter import presents, resolver
from graphql_schema.scalars import CountryCode
from graphql_schema.snapshot import Presented
from graphql_schema.types.country import CountryOnDay
from graphql_schema.types.faq import Citation, Explained
from graphql_schema.types.node import Node
from kb.content import records
from kb.errors import NotCoveredError
from kb.rules import evidence, facts
from kb.rules.codes import Actor, DataLabelCode, FeeCharge, FeeCode
from kb.rules.evidence import KnowledgeLayer
from kb.rules.facts import DatePrecision
from kb.rules.inputs import CountryKind
from kb.services.knowledge.releases import ReleaseInfo

KindFact = facts.DatedFact[CountryKind]
TextFact = facts.DatedFact[str]
YesOrNoFact = facts.DatedFact[bool]
AmountFact = facts.DatedFact[records.FeeAmount]


@presents(
    facts.DatedFact, "A fact that holds from a day on, until a later one of its series ends it."
)
class DatedFact:
    """A dated and cited fact."""

    valid_from: date = strawberry.field(description="The first day on which it may be stated.")
    precision: DatePrecision = strawberry.field(description="How exactly the source dates it.")
    text: str = strawberry.field(description="The fact as a sentence.")
    citations: list[Citation] = strawberry.field(description="What it rests on.")
    layer: KnowledgeLayer = strawberry.field(description="Where it comes from.")
    checked_on: date = strawberry.field(description="When it was last compared with its source.")

    @resolver("The fact in short; null when it withdraws an earlier one.")
    @staticmethod
    def value(root: Parent[facts.DatedFact[str | bool]]) -> str | None:
        value = root.value
        if isinstance(value, bool):
            return "yes" if value else "no"
        return None if value is None else str(value)


@presents(facts.DatedFact, "An amount from a day on.")
class FeeAmount:
    """A dated and cited amount."""

    valid_from: date = strawberry.field(description="The first day on which it may be stated.")
    precision: DatePrecision = strawberry.field(description="How exactly the source dates it.")
    text: str = strawberry.field(description="The amount as a sentence.")
    citations: list[Citation] = strawberry.field(description="What it rests on.")
    layer: KnowledgeLayer = strawberry.field(description="Where it comes from.")
    checked_on: date = strawberry.field(description="When it was last compared with its source.")

    @resolver("The amount as a decimal number; null where it is not stated.")
    @staticmethod
    def amount(root: Parent[AmountFact]) -> str | None:
        return None if root.value is None else root.value.amount

    @resolver("ISO 4217 code; null where it is not stated or nothing is due.")
    @staticmethod
    def currency(root: Parent[AmountFact]) -> str | None:
        return None if root.value is None else root.value.currency


@strawberry.interface(description="An entry of the knowledge base with its sources.")
class Entry:
    """What most entries carry."""

    key: str = strawberry.field(description="The id under which it is filed.")
    text: str = strawberry.field(description="What is known.")
    citations: list[Citation] = strawberry.field(description="What the text rests on.")


@presents(Presented[records.ToolVersion], "A version of the Converged Assessment Framework (CAF).")
class ToolVersion(Entry, Node):
    """CAF 1.3, 1.4 and planned ones."""

    version: str = strawberry.field(description="The version, as in 1.4.")
    aliases: list[str] = strawberry.field(description="Other spellings of the same version.")

    @resolver("Where it is available, and since when.", list[DatedFact])
    @staticmethod
    def availability(root: Parent[Presented[records.ToolVersion]]) -> list[TextFact]:
        return root.snapshot.facts(root.record.availability)

    @resolver("What else is known by the day, oldest first.", list[DatedFact])
    @staticmethod
    def notes(root: Parent[Presented[records.ToolVersion]]) -> list[TextFact]:
        return root.snapshot.facts(root.record.notes)

    @resolver("True while it is announced and no launch is known by the day.")
    @staticmethod
    def planned(root: Parent[Presented[records.ToolVersion]]) -> bool:
        return root.record.planned_on(root.snapshot.as_of, root.snapshot.layers)

    # Unlike those of other entries, its text and what that rests on depend on the day.
    @resolver("What is known on the day.")
    @staticmethod
    def text(root: Parent[Presented[records.ToolVersion]]) -> str:  # type: ignore[override]  # of a plain field
        return known(root).text

    @resolver("What the text rests on.", list[Citation])
    @staticmethod
    def citations(  # type: ignore[override]  # of a plain field
        root: Parent[Presented[records.ToolVersion]],
    ) -> tuple[evidence.Citation, ...]:
        return known(root).citations


def known(version: Presented[records.ToolVersion]) -> TextFact:
    """What is told of a version on the day; one of which nothing is known does not show."""
    fact = version.record.known_on(version.snapshot.as_of, version.snapshot.layers)
    if fact is None:
        raise NotCoveredError(version.key, version.snapshot.as_of, None)
    return fact


@presents(
    Presented[records.LawOverlay], "What is known of the Law Overlay in a group of countries."
)
class LawOverlay(Entry):
    """The guide to national law and labour standards for Step 1."""

    title: str = strawberry.field(description="Its name.")
    countries: list[CountryCode] = strawberry.field(
        description="The countries; empty where the source names none."
    )
    steps: list[int] = strawberry.field(description="The CAF Steps that it covers.")
    offline: bool | None = strawberry.field(
        description="Whether it can be used offline; null if not stated."
    )

    @resolver("Whether it is there, and since when.", list[DatedFact])
    @staticmethod
    def availability(root: Parent[Presented[records.LawOverlay]]) -> list[YesOrNoFact]:
        return root.snapshot.facts(root.record.availability)

    @resolver("Whether it is there on the day; null where it is not covered.")
    @staticmethod
    def available(root: Parent[Presented[records.LawOverlay]]) -> bool | None:
        fact = root.snapshot.fact(root.record.availability)
        return fact.value if fact else None


@presents(CountryOnDay, "A country: how far it has come, and what else is known of it.")
class Country(Explained, Node):
    """A country on one day, in some layers."""

    code: CountryCode = strawberry.field(description="ISO 3166-1 alpha-2 code.")
    name: str = strawberry.field(description="Its name in English.")
    kind: CountryKind | None = strawberry.field(
        description="How far it has come on the day: NOT_NAMED where nothing is held of it on any "
        "day, null where something is, but not on this one."
    )
    fact: DatedFact | None = strawberry.field(
        description="The dated fact behind `kind`, if there is one."
    )

    @resolver("How far it had come, and since when, oldest first.", list[DatedFact])
    @staticmethod
    def kinds(root: Parent[CountryOnDay]) -> list[KindFact]:
        return root.snapshot.facts(root.country.kinds)

    @resolver("What else is known by the day, oldest first.", list[DatedFact])
    @staticmethod
    def notes(root: Parent[CountryOnDay]) -> list[TextFact]:
        return root.snapshot.facts(root.country.notes)

    @resolver("What is known of the Law Overlay here, where a list names it.", list[LawOverlay])
    @staticmethod
    def law_overlays(root: Parent[CountryOnDay]) -> list[Presented[records.LawOverlay]]:
        overlays = root.snapshot.library.law_overlays
        keys = [key for key, overlay in overlays.items() if root.key in overlay.countries]
        return root.snapshot.shown(overlays, keys)


@presents(Presented[records.Fee], "One fee, in general.")
class Fee(Entry, Node):
    """A fee; `whatApplies` says whether it falls due for one facility."""

    code: FeeCode = strawberry.field(description="Which fee.")
    title: str = strawberry.field(description="Its name.")
    payer: Actor | None = strawberry.field(description="Who pays; null where it is not stated.")
    payee: str | None = strawberry.field(description="Who is paid; null where it is not stated.")
    charge: FeeCharge = strawberry.field(description="How it is charged in general.")

    @resolver("The amount on the day; null where no amount is covered.", FeeAmount | None)
    @staticmethod
    def amount(
        root: Parent[Presented[records.Fee]],
    ) -> AmountFact | None:
        return root.snapshot.fact(root.record.amounts)

    @resolver("Its amounts up to the day, oldest first.", list[FeeAmount])
    @staticmethod
    def amounts(
        root: Parent[Presented[records.Fee]],
    ) -> list[AmountFact]:
        return root.snapshot.facts(root.record.amounts)


@presents(Presented[records.AccreditedHost], "A platform that receives shared assessments.")
class AccreditedHost(Entry, Node):
    """An Accredited Host."""

    name: str = strawberry.field(description="Its name in the source.")
    charges: str = strawberry.field(description="What is known of its charges.")
    modules: list[str] = strawberry.field(description="Modules that shared data fills (FAQ 13).")
    law_overlay: bool = strawberry.field(description="Whether it shows the Law Overlay (FAQ 4).")

    @resolver("What else is known by the day, oldest first.", list[DatedFact])
    @staticmethod
    def facts(root: Parent[Presented[records.AccreditedHost]]) -> list[TextFact]:
        return root.snapshot.facts(root.record.facts)


@presents(Presented[records.GlossaryEntry], "A term of the domain with its synonyms.")
class GlossaryEntry(Entry, Node):
    """A term."""

    term: str = strawberry.field(description="The term.")
    synonyms: list[str] = strawberry.field(description="Other words for the same thing.")


@presents(
    Presented[records.Ambiguity],
    "Where the source is silent or contradicts itself, and how to answer safely.",
)
class Ambiguity(Node):
    """One of the recorded ambiguities, Q1 to Q21."""

    key: str = strawberry.field(description="Its number, Q1 to Q21.")
    title: str = strawberry.field(description="Its name.")
    tension: str = strawberry.field(description="What is silent or contradictory.")
    safe_behaviour: str = strawberry.field(description="What this product answers instead.")
    ask: Actor = strawberry.field(description="Who can settle it.")
    citations: list[Citation] = strawberry.field(description="The passages concerned.")


@presents(
    Presented[records.LabelDefinition],
    "What a data label means, and what may and must not be claimed of data bearing it.",
)
class LabelDefinition:
    """A definition for `DataLabelCode`."""

    code: DataLabelCode = strawberry.field(description="The label.")
    title: str = strawberry.field(description="Its name.")
    when: str = strawberry.field(description="When it applies.")
    may_claim: str = strawberry.field(description="What may be claimed.")
    must_not_claim: str = strawberry.field(description="What must not be claimed.")
    citations: list[Citation] = strawberry.field(description="What it rests on.")


@presents(Presented[records.Entry], "A system, an artefact, or a piece of the later public record.")
class KnowledgeEntry(Entry):
    """A named thing and what is known of it."""

    title: str = strawberry.field(description="Its name.")
    aliases: list[str] = strawberry.field(description="Other names of the same thing.")

    @resolver("Dated facts by the day, oldest first.", list[DatedFact])
    @staticmethod
    def facts(root: Parent[Presented[records.Entry]]) -> list[TextFact]:
        return root.snapshot.facts(root.record.facts)


@presents(Presented[records.ActorEntry], "Who may, must and must not do what.")
class ActorEntry:
    """A party of the domain."""

    key: str = strawberry.field(description="The id under which it is filed.")
    actor: Actor | None = strawberry.field(description="The actor that answers name, if any.")
    title: str = strawberry.field(description="Its name.")
    aliases: list[str] = strawberry.field(description="Other names of the same party.")
    may: list[str] = strawberry.field(description="What it may do.")
    must: list[str] = strawberry.field(description="What it must do.")
    must_not: list[str] = strawberry.field(description="What it must not do.")
    citations: list[Citation] = strawberry.field(description="What this rests on.")


@presents(ReleaseInfo, "A knowledge release: published once, never changed.")
class KnowledgeRelease:
    """The release that an answer comes from."""

    number: int = strawberry.field(description="Its number; a higher one was published later.")
    content_hash: str = strawberry.field(description="SHA-256 of its records.")
    published_at: datetime = strawberry.field(description="When it was published, in UTC.")
    program_version: str = strawberry.field(description="Version of the program that published it.")
    note: str | None = strawberry.field(description="What its publisher noted.")
    record_count: int = strawberry.field(description="How many records it has.")
