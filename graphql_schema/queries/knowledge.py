# ruff: noqa: D102 - the description of a field says what it means
"""Root fields on the knowledge itself: FAQs, countries, fees, hosts, versions, words, gaps."""

from collections.abc import Callable, Iterable
from typing import Annotated, Any

import strawberry

from graphql_schema.scalars import CountryCode
from graphql_schema.types.connections import After, Connection, First, Page, PageEdge
from graphql_schema.types.country import country_in
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
from graphql_schema.types.view import AsOf, LayersWanted, LocaleWanted
from kb.content.records import Library
from kb.errors import InvalidInputError, NotCoveredError, NotFoundError
from kb.services.paging import decode_cursor, encode_cursor, page_request

Info = strawberry.Info


def listed(what: str, name: str, returns: Any, description: str) -> Any:
    """A root field that lists one kind of the library as it shows on the day in the layers."""

    def resolve(info: Info, as_of: AsOf = None, layers: LayersWanted = None) -> list[Any]:
        view = info.context.view_on(as_of, layers)
        return view.records(what, getattr(view.library, name))

    resolve.__annotations__["return"] = list[returns]
    return strawberry.field(resolver=resolve, description=description)


@strawberry.type
class KnowledgeQueries:
    """Open to everybody."""

    accredited_hosts: list[AccreditedHost] = listed(
        "Accredited Hosts", "hosts", AccreditedHost, "The platforms that receive shared data."
    )
    tool_versions: list[ToolVersion] = listed(
        "CAF versions", "tool_versions", ToolVersion, "CAF versions and their availability."
    )
    law_overlays: list[LawOverlay] = listed(
        "The Law Overlay", "law_overlays", LawOverlay, "The Law Overlay by group of countries."
    )
    ambiguities: list[Ambiguity] = listed(
        "The list of ambiguities",
        "ambiguities",
        Ambiguity,
        "Where the source is silent or contradicts itself.",
    )
    data_labels: list[LabelDefinition] = listed(
        "The list of data labels", "labels", LabelDefinition, "What each data label means."
    )
    systems: list[KnowledgeEntry] = listed(
        "The list of systems", "systems", KnowledgeEntry, "The systems that data moves between."
    )
    artefacts: list[KnowledgeEntry] = listed(
        "The list of artefacts", "artefacts", KnowledgeEntry, "Documents, tools and data sets."
    )
    actors: list[ActorEntry] = listed(
        "The list of actors", "actors", ActorEntry, "Who may, must and must not do what."
    )
    public_record: list[KnowledgeEntry] = listed(
        "The public record",
        "public_record",
        KnowledgeEntry,
        "What later and outside public pages add; never facts of October 2021.",
    )

    @strawberry.field(description="One FAQ entry by its number in the source, 1 to 23.")
    def faq(
        self,
        info: Info,
        number: Annotated[int, strawberry.argument(description="1 to 23.")],
        as_of: AsOf = None,
        locale: LocaleWanted = None,
    ) -> Faq | None:
        view = info.context.view_on(as_of, None)
        held = view.library.faqs.get(number)
        if held is None:
            raise NotFoundError("FAQ", number, sorted(view.library.faqs))
        if not view.shows(held):
            raise NotCoveredError(f"FAQ {number}", view.as_of, view.first_day(held))
        return info.context.faq(number, info.context.serve(locale), view)

    @strawberry.field(description="The FAQ entries, by number.")
    def faqs(
        self,
        info: Info,
        filter: Annotated[FaqFilter | None, strawberry.argument(description="Which ones.")] = None,
        first: First = None,
        after: After = None,
        as_of: AsOf = None,
        locale: LocaleWanted = None,
    ) -> Connection[Faq]:
        view = info.context.view_on(as_of, None)
        served = info.context.serve(locale)
        wanted = faq_filter(filter or FaqFilter(), view.library)
        asked = page_request(first=first, after=after, max_size=info.context.settings.max_page_size)
        matching = [
            one for one in view.records("The list of FAQs", view.library.faqs) if wanted(one)
        ]
        start = decode_cursor("after", after, "NUMBER", int)[0] if after is not None else 0
        rest = [one for one in matching if one.number > start]

        async def count() -> int:
            return len(matching)

        return Page(
            edges=[
                PageEdge(
                    encode_cursor("NUMBER", one.number),
                    info.context.faq(one.number, served, view),
                )
                for one in rest[: asked.size]
            ],
            has_next_page=len(rest) > asked.size,
            has_previous_page=len(matching) > len(rest),
            count=count,
        )

    @strawberry.field(description="The countries of which something is held, by name.")
    def countries(
        self,
        info: Info,
        filter: Annotated[
            CountryFilter | None, strawberry.argument(description="Which ones.")
        ] = None,
        as_of: AsOf = None,
        layers: LayersWanted = None,
    ) -> list[Country]:
        view = info.context.view_on(as_of, layers)
        wanted = filter or CountryFilter()
        shown = view.records("Every country", view.library.countries)
        countries = [country_in(info.context, one.key, view) for one in shown]
        return sorted(
            (
                country
                for country in countries
                if (wanted.kinds is None or country.kind in wanted.kinds)
                and (wanted.codes is None or country.code in wanted.codes)
            ),
            key=lambda country: country.name,
        )

    @strawberry.field(
        description="One country. Where nothing is held of it on the day in the layers, its "
        "`fact` is null and its `text` says so."
    )
    def country(
        self,
        info: Info,
        code: Annotated[
            CountryCode, strawberry.argument(description="ISO 3166-1 alpha-2 code, such as VN.")
        ],
        as_of: AsOf = None,
        layers: LayersWanted = None,
    ) -> Country | None:
        return country_in(info.context, code, info.context.view_on(as_of, layers))

    @strawberry.field(description="Fees, those on which the source is silent among them.")
    def fees(
        self,
        info: Info,
        filter: Annotated[FeeFilter | None, strawberry.argument(description="Which ones.")] = None,
        as_of: AsOf = None,
        layers: LayersWanted = None,
    ) -> list[Fee]:
        view = info.context.view_on(as_of, layers)
        codes = filter.codes if filter else None
        shown = view.records("The list of fees", view.library.fees)
        return [fee for fee in shown if codes is None or fee.code in codes]

    @strawberry.field(description="The terms of the domain, or those that a word finds.")
    def glossary(
        self,
        info: Info,
        term: Annotated[
            str | None,
            strawberry.argument(description="Part of a term or synonym, in any case; all if null."),
        ] = None,
        as_of: AsOf = None,
        layers: LayersWanted = None,
    ) -> list[GlossaryEntry]:
        view = info.context.view_on(as_of, layers)
        shown = view.records("The glossary", view.library.glossary)
        wanted = (term or "").strip().casefold()
        return [
            entry
            for entry in shown
            if any(wanted in word.casefold() for word in (entry.term, *entry.synonyms))
        ]

    @strawberry.field(description="The sources behind everything, by layer and date.")
    def sources(self, info: Info, as_of: AsOf = None, layers: LayersWanted = None) -> list[Source]:
        view = info.context.view_on(as_of, layers)
        return view.records("The list of sources", view.library.sources)

    @strawberry.field(description="The knowledge release that answers come from.")
    def knowledge(self, info: Info) -> KnowledgeRelease:
        return info.context.knowledge.release


def faq_filter(wanted: FaqFilter, library: Library) -> Callable[[Any], bool]:
    """The filter as a function; raises InvalidInputError for a value that no FAQ has."""
    faqs = library.faqs.values()
    _known("section", wanted.section, (one.section for one in faqs))
    _known("audience", wanted.audience, (value for one in faqs for value in one.audience))
    _known("topic", wanted.topic, (value for one in faqs for value in one.topics))
    for number in wanted.numbers or ():
        _known("numbers", number, library.faqs)
    return lambda faq: (
        wanted.section in (None, faq.section)
        and wanted.audience in (None, *faq.audience)
        and wanted.topic in (None, *faq.topics)
        and (wanted.numbers is None or faq.number in wanted.numbers)
    )


def _known(field: str, value: Any, held: Iterable[Any]) -> None:
    allowed = sorted(set(held))
    if value is not None and value not in allowed:
        raise InvalidInputError(field, value, f"one of {', '.join(map(str, allowed))}")
