# ruff: noqa: D102 - the description of a field says what it means
"""Objects by their global ids."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated

import strawberry

from graphql_schema.context import Context, Info
from graphql_schema.presenter import resolver
from graphql_schema.snapshot import Presented, Showable
from graphql_schema.types.country import CountryOnDay, country_on_day
from graphql_schema.types.facility import READ_BELOW, Facility, facility_reads
from graphql_schema.types.faq import Faq
from graphql_schema.types.knowledge import (
    AccreditedHost,
    Ambiguity,
    Country,
    Fee,
    GlossaryEntry,
    ToolVersion,
)
from graphql_schema.types.node import Node, read_id
from graphql_schema.types.supplier import Supplier
from kb.content import records
from kb.errors import InvalidInputError
from kb.services.access.opaque_ids import FACILITY, SUPPLIER
from kb.services.facilities.facility_view import FacilityView
from kb.services.facilities.reading import FacilityReads
from kb.services.facilities.views import facilities_by_id, facility_by_number
from kb.services.suppliers.entries import SupplierView

NODE_TYPES = (
    *(Facility, Supplier, Faq, Country, Fee, AccreditedHost, ToolVersion),
    *(GlossaryEntry, Ambiguity),
)

Fetched = CountryOnDay | Presented[FacilityView | SupplierView | Showable]

# Of each type that the library holds under its key: where.
_RECORDS: Mapping[str, Callable[[records.Library], Mapping[str, Showable]]] = {
    "Fee": lambda library: library.fees,
    "AccreditedHost": lambda library: library.hosts,
    "ToolVersion": lambda library: library.tool_versions,
    "GlossaryEntry": lambda library: library.glossary,
    "Ambiguity": lambda library: library.ambiguities,
}
_NAMES = (FACILITY, SUPPLIER, "Faq", "Country", *_RECORDS)

Id = Annotated[strawberry.ID, strawberry.argument(description="A global id.")]
Ids = Annotated[
    list[strawberry.ID],
    strawberry.argument(description="Global ids, at most as many as a page may have entries."),
]


@strawberry.type
class NodeQueries:
    """Relay's way to fetch anything again."""

    @resolver(
        "The object with a global id; null where there is none that the caller may see.",
        Node | None,
        looks_below=READ_BELOW,
    )
    async def node(self, info: Info, id: Id) -> Fetched | None:
        context = info.context
        name, key = read_id(context, "id", id, *_NAMES)
        if name == FACILITY:
            view = await facility_by_number(int(key), context.viewer, facility_reads(info))
            return None if view is None else context.presented_facility(view)
        if name == SUPPLIER:
            return await context.supplier(int(key))
        return _of_knowledge(context, name, key)

    @resolver(
        "The objects with these global ids, in the same order.",
        list[Node | None],
        looks_below=READ_BELOW,
    )
    async def nodes(
        self, info: Info, ids: Ids
    ) -> list[Fetched | Exception | Awaitable[Fetched | None] | None]:
        context = info.context
        largest = context.settings.max_page_size
        if len(ids) > largest:
            raise InvalidInputError("ids", f"{len(ids)} ids", f"at most {largest}")
        named = [_named(context, node_id) for node_id in ids]
        numbers = [
            int(each[1]) for each in named if isinstance(each, tuple) and each[0] == FACILITY
        ]
        facilities = await _facilities(context, numbers, facility_reads(info)) if numbers else {}

        def entry(
            named: tuple[str, str] | InvalidInputError,
        ) -> Fetched | Exception | Awaitable[Fetched | None] | None:
            if isinstance(named, InvalidInputError):
                return named  # the answer of this entry alone
            name, key = named
            if name == FACILITY:
                return facilities.get(int(key))
            if name == SUPPLIER:
                return context.supplier(int(key))
            return _of_knowledge(context, name, key)

        return [entry(each) for each in named]


def _named(context: Context, node_id: str) -> tuple[str, str] | InvalidInputError:
    """The type and the key that an id names, or what is wrong with it."""
    try:
        return read_id(context, "ids", node_id, *_NAMES)
    except InvalidInputError as error:
        return error


async def _facilities(
    context: Context, numbers: Sequence[int], reads: FacilityReads
) -> Mapping[int, Presented[FacilityView] | Exception]:
    """Facilities by their numbers, without those that the caller may not see.

    Where they cannot be read, each of them is answered with the reason.
    """
    try:
        views = await facilities_by_id(numbers, context.viewer, reads)
    except Exception as error:
        return dict.fromkeys(numbers, error)
    seen = [view for view in views if view is not None]
    presented = context.presented_facilities(seen, context.snapshot)
    return {facility.record.id: facility for facility in presented}


def _of_knowledge(context: Context, name: str, key: str) -> Fetched | None:
    library, snapshot = context.library, context.snapshot
    if name == "Country":
        return country_on_day(context, key, snapshot) if key in library.countries else None
    if name == "Faq":
        return snapshot.record(library.faqs, int(key)) if key.isdecimal() else None
    return snapshot.record(_RECORDS[name](library), key)
