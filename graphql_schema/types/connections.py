# ruff: noqa: D102 - the description of a field says what it means
"""Pages of long lists, after Relay: edges with cursors, page information, and the total."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import strawberry

T = TypeVar("T")

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
class Edge(Generic[T]):
    """An entry with its cursor."""

    cursor: str = strawberry.field(description="Stays valid when entries come and go.")
    node: T = strawberry.field(description="The entry.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    """A page; the total is counted only when it is asked for."""

    edges: list[Edge[T]] = strawberry.field(description="The entries with their cursors.")
    nodes: list[T] = strawberry.field(description="The entries.")
    page_info: PageInfo = strawberry.field(description="Where the page lies in the whole list.")

    @strawberry.field(description="How many entries there are on all pages together.")
    async def total_count(self) -> int:
        return await self.count()


@dataclass(frozen=True, slots=True)
class PageEdge:
    """One entry, as `Edge` reads it."""

    cursor: str
    node: Any


@dataclass(frozen=True, slots=True)
class Page:
    """A page as `Connection` reads it."""

    edges: Sequence[PageEdge]
    has_next_page: bool
    has_previous_page: bool
    count: Callable[[], Awaitable[int]]

    @property
    def nodes(self) -> list[Any]:
        """The entries."""
        return [edge.node for edge in self.edges]

    @property
    def page_info(self) -> "Page":
        """Itself: the fields of `PageInfo` are its own."""
        return self

    @property
    def start_cursor(self) -> str | None:
        """Cursor of the first entry."""
        return self.edges[0].cursor if self.edges else None

    @property
    def end_cursor(self) -> str | None:
        """Cursor of the last entry."""
        return self.edges[-1].cursor if self.edges else None
