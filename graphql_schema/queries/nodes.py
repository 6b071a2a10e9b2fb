# ruff: noqa: D102 - the description of a field says what it means
"""Objects by their global ids."""

from typing import Annotated, Any

import strawberry

from graphql_schema.types.country import country_in
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
from kb.errors import InvalidInputError

NODE_TYPES = (Facility, Faq, Country, Fee, AccreditedHost, ToolVersion, GlossaryEntry, Ambiguity)

# Where the library keeps the objects of each type that is held there under its key.
_HELD = {
    "Fee": "fees",
    "AccreditedHost": "hosts",
    "ToolVersion": "tool_versions",
    "GlossaryEntry": "glossary",
    "Ambiguity": "ambiguities",
}
_NAMES = ("Facility", "Faq", "Country", *_HELD)

Id = Annotated[strawberry.ID, strawberry.argument(description="A global id.")]
Ids = Annotated[
    list[strawberry.ID],
    strawberry.argument(description="Global ids, at most as many as a page may have entries."),
]


@strawberry.type
class NodeQueries:
    """Relay's way to fetch anything again."""

    @strawberry.field(
        description="The object with a global id; null where there is none that the caller may see."
    )
    async def node(self, info: strawberry.Info, id: Id) -> Node | None:
        return await _fetched(info.context, "id", id)

    @strawberry.field(description="The objects with these global ids, in the same order.")
    async def nodes(self, info: strawberry.Info, ids: Ids) -> list[Node | None]:
        largest = info.context.settings.max_page_size
        if len(ids) > largest:
            raise InvalidInputError("ids", f"{len(ids)} ids", f"at most {largest}")
        # One after the other: each facility waits in the loader until all were asked for.
        return [_fetched(info.context, "ids", one) for one in ids]


async def _fetched(context: Any, field: str, value: str) -> Any:
    name, key = read_id(field, value, *_NAMES)
    library, view = context.library, context.view
    if name == "Facility":
        return await context.facility(key)
    if name == "Country":
        return country_in(context, key, view) if key in library.countries else None
    if name == "Faq":
        return view.record(library.faqs, int(key)) if key.isdecimal() else None
    return view.record(getattr(library, _HELD[name]), key)
