# ruff: noqa: D102 - the description of a field says what it means
"""Pages of long lists, after Relay: edges with cursors, page information, and the total."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import strawberry
from strawberry import Parent

from graphql_schema.presenter import resolver

Node = TypeVar("Node")
Node_co = TypeVar("Node_co", covariant=True)

First = Annotated[
    int | None, strawberry.argument(description="How many from the beginning; 20 by default.")
]
After = Annotated[str | None, strawberry.argument(description="Only what comes after this cursor.")]
Last = Annotated[
    int | None, strawberry.argument(description="How many from the end, instead of `first`.")
]
Before = Annotated[
    str | None, strawberry.argument(description="Only what comes before this cursor.")
]


@strawberry.type(description="Where a page lies in the whole list.")
class PageInfo:
    """Relay's page information."""

    has_next_page: bool = strawberry.field(description="Whether more follows this page.")
    has_previous_page: bool = strawberry.field(description="Whether something precedes this page.")
    start_cursor: str | None = strawberry.field(description="Cursor of the first entry.")
    end_cursor: str | None = strawberry.field(description="Cursor of the last entry.")


@strawberry.type(description="An entry of a page.")
class Edge(Generic[Node]):
    """An entry with its cursor."""

    cursor: str = strawberry.field(description="Stays valid when entries come and go.")
    node: Node = strawberry.field(description="The entry.")


@dataclass(frozen=True, slots=True)
class PageEdge(Generic[Node_co]):
    """An entry with its cursor, as `Edge` presents it."""

    cursor: str
    node: Node_co


@dataclass(frozen=True, slots=True)
class Page(Generic[Node_co]):
    """A part of a list, as a connection presents it; `cursor_of` tells the cursor of an entry."""

    nodes: Sequence[Node_co]
    cursor_of: Callable[[Any], str]
    has_next_page: bool
    has_previous_page: bool

    @property
    def edges(self) -> list[PageEdge[Node_co]]:
        """The entries with their cursors."""
        return [PageEdge(self.cursor_of(node), node) for node in self.nodes]

    @property
    def page_info(self) -> "Page[Node_co]":
        """The page itself: the fields of `PageInfo` are its own."""
        return self

    @property
    def start_cursor(self) -> str | None:
        """Cursor of the first entry."""
        return self.cursor_of(self.nodes[0]) if self.nodes else None

    @property
    def end_cursor(self) -> str | None:
        """Cursor of the last entry."""
        return self.cursor_of(self.nodes[-1]) if self.nodes else None


@dataclass(frozen=True, slots=True)
class CountedPage(Page[Node_co]):
    """A page of a list whose entries can be counted."""

    count: Callable[[], Awaitable[int]]


@strawberry.type(description="A page of a list.")
class Connection(Generic[Node]):
    """A page; the total is counted only when it is asked for."""

    edges: list[Edge[Node]] = strawberry.field(description="The entries with their cursors.")
    nodes: list[Node] = strawberry.field(description="The entries.")
    page_info: PageInfo = strawberry.field(description="Where the page lies in the whole list.")

    @resolver("How many entries there are on all pages together.")
    @staticmethod
    async def total_count(root: Parent[CountedPage[object]]) -> int:
        return await root.count()
