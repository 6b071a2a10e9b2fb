# ruff: noqa: D102 - the description of a field says what it means
"""The root of all subscriptions."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, TypeVar

import strawberry

from graphql_schema.context import Context, Info
from graphql_schema.presenter import resolver
from graphql_schema.subscriptions.changes import FacilityChange, PortfolioChange
from graphql_schema.types.knowledge import KnowledgeRelease
from graphql_schema.types.node import facility_number
from kb.services.access.places import ClientPlaces
from kb.services.knowledge.releases import ReleaseInfo
from kb.services.live.following import (
    Change,
    follow_facility,
    follow_portfolio,
    follow_releases,
)

T = TypeVar("T")

TOKENS_OF_A_PLACE = 200
"""Words (tokens) of a document for which a subscription takes one place; it is held as long."""

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

    @resolver(
        "What happens to one facility. It ends with an error when the caller ceases to see the "
        "facility, or when its token ends.",
        FacilityChange,
        is_subscription=True,
    )
    async def facility_events(
        self,
        info: Info,
        facility_id: Annotated[
            strawberry.ID, strawberry.argument(description="An id of the facility.")
        ],
        after: After = None,
    ) -> AsyncGenerator[Change, None]:
        context = info.context
        bus, viewer = context.live_bus, context.viewer
        number = await facility_number(context, "facilityId", facility_id)
        changes = await follow_facility(bus, viewer, number, facility_id, after)
        return _holding_a_place(context, changes)

    @resolver(
        "What happens to all facilities that the caller sees, and which ones appear to it or "
        "vanish. It ends with an error when its token ends.",
        PortfolioChange,
        is_subscription=True,
    )
    async def portfolio_events(
        self, info: Info, after: After = None
    ) -> AsyncGenerator[Change, None]:
        context = info.context
        changes = await follow_portfolio(context.live_bus, context.viewer, after)
        return _holding_a_place(context, changes)

    @resolver(
        "Knowledge releases, as this server begins to answer from them. Ask for `knowledge` to "
        "know the one in use.",
        KnowledgeRelease,
        is_subscription=True,
    )
    async def knowledge_released(self, info: Info) -> AsyncGenerator[ReleaseInfo, None]:
        context = info.context
        return _holding_a_place(context, await follow_releases(context.live_bus, context.viewer))


async def _holding_a_place(
    context: Context, changes: AsyncGenerator[T, None]
) -> AsyncGenerator[T, None]:
    """The changes, while the subscription has its place among those of its client."""
    places: ClientPlaces = context.request.app.state.subscriptions
    size = 1 + context.counted.tokens // TOKENS_OF_A_PLACE
    async with aclosing(changes):
        with places.place(context.viewer, context.address, size):
            async for change in changes:
                yield change
