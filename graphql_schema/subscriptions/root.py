# ruff: noqa: D102 - the description of a field says what it means
"""The root of all subscriptions."""

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Annotated, Any, TypeVar

import strawberry

from graphql_schema.subscriptions.changes import FacilityChange, PortfolioChange
from graphql_schema.types.knowledge import KnowledgeRelease
from graphql_schema.types.node import read_id
from kb.errors import NotFoundError
from kb.models.fields import LARGEST_ID
from kb.services.live.following import follow_facility, follow_portfolio, follow_releases

Info = strawberry.Info
T = TypeVar("T")

After = Annotated[
    str | None,
    strawberry.argument(
        description="The last cursor that was received: what has happened since is told first, "
        "then what happens. Without it, only what happens from now on."
    ),
]


@strawberry.type(description="What is told as it happens, over WebSocket or server-sent events.")
class Subscription:
    """Everything that can be followed. What cannot be followed is refused before anything else."""

    @strawberry.subscription(
        description="What happens to one facility. It ends with an error when the caller ceases "
        "to see the facility, or when its token ends."
    )
    async def facility_events(
        self,
        info: Info,
        facility_id: Annotated[
            strawberry.ID, strawberry.argument(description="The global id of the facility.")
        ],
        after: After = None,
    ) -> AsyncGenerator[FacilityChange, None]:
        context = info.context
        _, key = read_id("facilityId", facility_id, "Facility")
        if not (key.isascii() and key.isdecimal() and int(key[:20]) <= LARGEST_ID):
            raise NotFoundError("facility", facility_id)
        bus, viewer = context.live_bus, context.viewer
        changes = await follow_facility(bus, viewer, int(key), facility_id, after)
        return _each_anew(context, changes)

    @strawberry.subscription(
        description="What happens to all facilities that the caller sees, and which ones appear "
        "to it or vanish. It ends with an error when its token ends."
    )
    async def portfolio_events(
        self, info: Info, after: After = None
    ) -> AsyncGenerator[PortfolioChange, None]:
        context = info.context
        changes = await follow_portfolio(context.live_bus, context.viewer, after)
        return _each_anew(context, changes)

    @strawberry.subscription(
        description="Knowledge releases, as this server begins to answer from them. Ask for "
        "`knowledge` to know the one in use."
    )
    async def knowledge_released(self, info: Info) -> AsyncGenerator[KnowledgeRelease, None]:
        context = info.context
        return _each_anew(context, await follow_releases(context.live_bus, context.viewer))


async def _each_anew(context: Any, told: AsyncIterator[T]) -> AsyncGenerator[T, None]:
    """Answer for each thing told with the knowledge and the state of then, not of the start."""
    try:
        async for one in told:
            context.renew()
            yield one
    finally:
        await told.aclose()  # type: ignore[attr-defined]
