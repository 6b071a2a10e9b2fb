# ruff: noqa: D102 - the description of a field says what it means
"""Objects by their global ids."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated

import strawberry

from graphql_schema.context import Context, Info
from graphql_schema.presenter import resolver
from graphql_schema.snapshot import Presented, Showable
from graphql_schema.types.country import CountryOnDay, country_on_day
from graphql_schema.types.facility import Facility
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
from kb.services.facilities.facility_view import FacilityView
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
_NAMES = ("Facility", "Supplier", "Faq", "Country", *_RECORDS)

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
    )
    async def node(self, info: Info, id: Id) -> Fetched | None:
        return await _fetch(info.context, "id", id)

    @resolver("The objects with these global ids, in the same order.", list[Node | None])
    async def nodes(self, info: Info, ids: Ids) -> list[Awaitable[Fetched | None]]:
        largest = info.context.settings.max_page_size
        if len(ids) > largest:
            raise InvalidInputError("ids", f"{len(ids)} ids", f"at most {largest}")
        # All at once, so that the loader reads the facilities among them together.
        return [_fetch(info.context, "ids", node_id) for node_id in ids]


async def _fetch(context: Context, field: str, node_id: str) -> Fetched | None:
    name, key = read_id(context, field, node_id, *_NAMES)
    library, snapshot = context.library, context.snapshot
    if name == "Facility":
        return await context.facility(int(key))
    if name == "Supplier":
        return await context.supplier(int(key))
    if name == "Country":
        return country_on_day(context, key, snapshot) if key in library.countries else None
    if name == "Faq":
        return snapshot.record(library.faqs, int(key)) if key.isdecimal() else None
    return snapshot.record(_RECORDS[name](library), key)
