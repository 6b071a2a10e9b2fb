# ruff: noqa: D102 - the description of a field says what it means
"""Root fields on the knowledge itself: FAQs, countries, fees, hosts, versions, words, gaps."""

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any

import strawberry
from strawberry.types.field import StrawberryField

from graphql_schema.context import Info
from graphql_schema.presenter import resolver
from graphql_schema.scalars import CountryCode
from graphql_schema.snapshot import (
    AsOf,
    Key,
    LayersWanted,
    LocaleWanted,
    Presented,
    Record,
)
from graphql_schema.types.connections import (
    After,
    Connection,
    CountedPage,
    First,
)
from graphql_schema.types.country import CountryOnDay, country_on_day
from graphql_schema.types.enums import WantedDiagram, WantedFormat
from graphql_schema.types.faq import Faq, Source
from graphql_schema.types.inputs import CountryFilter, FaqFilter, FeeFilter
from graphql_schema.types.knowledge import (
    AccreditedHost,
    ActorEntry,
    Ambiguity,
    Country,
    Fee,
    GlossaryEntry,
    KnowledgeEntry,
    KnowledgeRelease,
    LabelDefinition,
    LawOverlay,
    ToolVersion,
)
from kb.content import faq_records, records
from kb.content.records import Library
from kb.errors import InvalidInputError, NotCoveredError, NotFoundError
from kb.rules.diagrams import DiagramFormat, DiagramOf, diagram
from kb.services.knowledge.releases import ReleaseInfo
from kb.services.paging import decode_cursor, encode_cursor


def listed(
    what: str,
    records_of: Callable[[Library], Mapping[Key, Record]],
    graphql_class: Any,
    description: str,
) -> StrawberryField:
    """A root field that lists one kind of the library as it shows on the day in the layers."""

    def resolve(
        info: Info, as_of: AsOf = None, layers: LayersWanted = None
    ) -> list[Presented[Record]]:
        snapshot = info.context.snapshot_on(as_of, layers)
        return snapshot.records(what, records_of(snapshot.library))

    return resolver(description, list[graphql_class])(resolve)


@strawberry.type
class KnowledgeQueries:
    """Open to everybody."""

    @resolver("A picture of the rules, made from their data.")
    @staticmethod
    def diagram(
        info: Info,
        of: WantedDiagram = DiagramOf.WORKFLOW,
        format: WantedFormat = DiagramFormat.MERMAID,
    ) -> str:
        return diagram(info.context.library.rulebook, of, format)

    accredited_hosts = listed(
        "Accredited Hosts",
        lambda library: library.hosts,
        AccreditedHost,
        "The platforms that receive shared data.",
    )
    tool_versions = listed(
        "CAF versions",
        lambda library: library.tool_versions,
        ToolVersion,
        "CAF versions and their availability.",
    )
    law_overlays = listed(
        "The Law Overlay",
        lambda library: library.law_overlays,
        LawOverlay,
        "The Law Overlay by group of countries.",
    )
    ambiguities = listed(
        "The list of ambiguities",
        lambda library: library.ambiguities,
        Ambiguity,
        "Where the source is silent or contradicts itself.",
    )
    data_labels = listed(
        "The list of data labels",
        lambda library: library.labels,
        LabelDefinition,
        "What each data label means.",
    )
    systems = listed(
        "The list of systems",
        lambda library: library.systems,
        KnowledgeEntry,
        "The systems that data moves between.",
    )
    artefacts = listed(
        "The list of artefacts",
        lambda library: library.artefacts,
        KnowledgeEntry,
        "Documents, tools and data sets.",
    )
    actors = listed(
        "The list of actors",
        lambda library: library.actors,
        ActorEntry,
        "Who may, must and must not do what.",
    )
    public_record = listed(
        "The public record",
        lambda library: library.public_record,
        KnowledgeEntry,
        "What later and outside public pages add; never facts of October 2021.",
    )

    @resolver("One FAQ entry by its number in the source, 1 to 23.", Faq | None)
    def faq(
        self,
        info: Info,
        number: Annotated[int, strawberry.argument(description="1 to 23.")],
        as_of: AsOf = None,
        locale: LocaleWanted = None,
    ) -> Presented[faq_records.Faq]:
        context = info.context
        snapshot = context.snapshot_on(as_of, None)
        faq = snapshot.library.faqs.get(number)
        if faq is None:
            raise NotFoundError("FAQ", number, sorted(snapshot.library.faqs))
        if not snapshot.shows(faq):
            raise NotCoveredError(f"FAQ {number}", snapshot.as_of, snapshot.first_day(faq))
        return context.faq(number, context.serve(locale), snapshot)

    @resolver("The FAQ entries, by number.", Connection[Faq])
    def faqs(
        self,
        info: Info,
        filter: Annotated[FaqFilter | None, strawberry.argument(description="Which ones.")] = None,
        first: First = None,
        after: After = None,
        as_of: AsOf = None,
        locale: LocaleWanted = None,
    ) -> CountedPage[Presented[faq_records.Faq]]:
        context = info.context
        snapshot = context.snapshot_on(as_of, None)
        language = context.serve(locale)
        fits = faq_filter(filter or FaqFilter(), snapshot.library)
        size = context.page_request(first=first, after=after).size
        shown = snapshot.records("The list of FAQs", snapshot.library.faqs)
        numbers = [faq.record.number for faq in shown if fits(faq.record)]
        start = decode_cursor("after", after, "NUMBER", int)[0] if after is not None else 0
        rest = [number for number in numbers if number > start]

        async def count() -> int:
            return len(numbers)

        return CountedPage(
            nodes=[context.faq(number, language, snapshot) for number in rest[:size]],
            cursor_of=lambda faq: encode_cursor("NUMBER", faq.record.number),
            has_next_page=len(rest) > size,
            has_previous_page=len(numbers) > len(rest),
            count=count,
        )

    @resolver("The countries of which something is held, by name.", list[Country])
    def countries(
        self,
        info: Info,
        filter: Annotated[
            CountryFilter | None, strawberry.argument(description="Which ones.")
        ] = None,
        as_of: AsOf = None,
        layers: LayersWanted = None,
    ) -> list[CountryOnDay]:
        snapshot = info.context.snapshot_on(as_of, layers)
        wanted = filter or CountryFilter()
        shown = snapshot.records("Every country", snapshot.library.countries)
        countries = [country_on_day(info.context, country.key, snapshot) for country in shown]
        return sorted(
            (
                country
                for country in countries
                if (wanted.kinds is None or country.record.kind in wanted.kinds)
                and (wanted.codes is None or country.key in wanted.codes)
            ),
            key=lambda country: country.name,
        )

    @resolver(
        "One country. Where nothing is held of it on the day in the layers, its `fact` is null and "
        "its `text` says so.",
        Country | None,
    )
    def country(
        self,
        info: Info,
        code: Annotated[
            CountryCode, strawberry.argument(description="ISO 3166-1 alpha-2 code, such as VN.")
        ],
        as_of: AsOf = None,
        layers: LayersWanted = None,
    ) -> CountryOnDay:
        return country_on_day(info.context, code, info.context.snapshot_on(as_of, layers))

    @resolver("Fees, those on which the source is silent among them.", list[Fee])
    def fees(
        self,
        info: Info,
        filter: Annotated[FeeFilter | None, strawberry.argument(description="Which ones.")] = None,
        as_of: AsOf = None,
        layers: LayersWanted = None,
    ) -> list[Presented[records.Fee]]:
        snapshot = info.context.snapshot_on(as_of, layers)
        codes = filter.codes if filter else None
        shown = snapshot.records("The list of fees", snapshot.library.fees)
        return [fee for fee in shown if codes is None or fee.record.code in codes]

    @resolver("The terms of the domain, or those that a word finds.", list[GlossaryEntry])
    def glossary(
        self,
        info: Info,
        term: Annotated[
            str | None,
            strawberry.argument(description="Part of a term or synonym, in any case; all if null."),
        ] = None,
        as_of: AsOf = None,
        layers: LayersWanted = None,
    ) -> list[Presented[records.GlossaryEntry]]:
        snapshot = info.context.snapshot_on(as_of, layers)
        shown = snapshot.records("The glossary", snapshot.library.glossary)
        part = (term or "").strip().casefold()
        return [
            entry
            for entry in shown
            if any(part in word.casefold() for word in (entry.record.term, *entry.record.synonyms))
        ]

    @resolver("The sources behind everything, by layer and date.", list[Source])
    def sources(
        self, info: Info, as_of: AsOf = None, layers: LayersWanted = None
    ) -> list[Presented[records.Source]]:
        snapshot = info.context.snapshot_on(as_of, layers)
        return snapshot.records("The list of sources", snapshot.library.sources)

    @resolver("The knowledge release that answers come from.", KnowledgeRelease)
    def knowledge(self, info: Info) -> ReleaseInfo:
        return info.context.knowledge.release


def faq_filter(wanted: FaqFilter, library: Library) -> Callable[[faq_records.Faq], bool]:
    """The filter as a function; raises InvalidInputError for a value that no FAQ has."""
    faqs = library.faqs.values()
    _known("section", wanted.section, (faq.section for faq in faqs))
    _known("audience", wanted.audience, (audience for faq in faqs for audience in faq.audience))
    _known("topic", wanted.topic, (topic for faq in faqs for topic in faq.topics))
    for number in wanted.numbers or ():
        _known("numbers", number, library.faqs)
    return lambda faq: (
        wanted.section in (None, faq.section)
        and wanted.audience in (None, *faq.audience)
        and wanted.topic in (None, *faq.topics)
        and (wanted.numbers is None or faq.number in wanted.numbers)
    )


def _known(field: str, value: Any, values: Iterable[Any]) -> None:
    allowed = sorted(set(values))
    if value is not None and value not in allowed:
        raise InvalidInputError(field, value, f"one of {', '.join(map(str, allowed))}")
