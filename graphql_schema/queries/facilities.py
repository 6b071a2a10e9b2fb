# ruff: noqa: D102 - the description of a field says what it means
"""Root fields on facilities and on what applies."""

from typing import Annotated

import strawberry

from graphql_schema.types.connections import (
    After,
    Before,
    Connection,
    First,
    Last,
    Page,
    PageEdge,
)
from graphql_schema.types.facility import (
    Applicability,
    Applied,
    Facility,
    FacilityRollup,
    Viewer,
)
from graphql_schema.types.inputs import FacilityFilter, FacilityLocator, FacilityProfileInput
from graphql_schema.types.node import read_id
from graphql_schema.types.view import AsOf, LayersWanted
from kb.errors import NotFoundError
from kb.services.facilities.views import (
    FacilityIdKind,
    FacilityOrder,
    count_facilities,
    cursor_of,
    find_facility,
    list_facilities,
    rollup,
)
from kb.services.facilities.views import FacilityLocator as Locator
from kb.services.facilities.what_applies import what_applies
from kb.services.knowledge.decision_filter import DecidedBy
from kb.services.paging import page_request

Info = strawberry.Info
Which = Annotated[FacilityFilter | None, strawberry.argument(description="Which ones.")]


@strawberry.type
class FacilityQueries:
    """Facilities are open to those who may read them; `whatIf` is open to all."""

    @strawberry.field(description="One facility by one of its ids.")
    async def facility(
        self,
        info: Info,
        by: Annotated[FacilityLocator, strawberry.argument(description="Exactly one id.")],
    ) -> Facility | None:
        locator = _locator(by)
        found = await find_facility(locator, info.context.viewer)
        if found is None:
            raise NotFoundError("facility", locator.value)
        return info.context.showing(str(found.id), found)

    @strawberry.field(description="Facilities in pages, both ways, with filters and orders.")
    async def facilities(
        self,
        info: Info,
        filter: Which = None,
        order_by: Annotated[
            FacilityOrder, strawberry.argument(description="In what order.")
        ] = FacilityOrder.NAME,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        layers: LayersWanted = None,
    ) -> Connection[Facility]:
        context = info.context
        asked = page_request(
            first=first,
            after=after,
            last=last,
            before=before,
            max_size=context.settings.max_page_size,
        )
        view = context.view_on(None, layers)
        by = DecidedBy(context.knowledge, view.as_of, view.layers)
        only = (filter or FacilityFilter()).criteria()
        page = await list_facilities(context.viewer, asked, by, only=only, order=order_by)

        async def count() -> int:
            return await count_facilities(context.viewer, by, only=only)

        return Page(
            edges=[
                PageEdge(cursor_of(row, order_by), context.showing(str(row.id), row, view))
                for row in page.rows
            ],
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            count=count,
        )

    @strawberry.field(description="Counts of facilities, by what is decided for them today.")
    async def facility_rollup(
        self, info: Info, filter: Which = None, layers: LayersWanted = None
    ) -> FacilityRollup:
        context = info.context
        view = context.view_on(None, layers)
        by = DecidedBy(context.knowledge, view.as_of, view.layers)
        only = (filter or FacilityFilter()).criteria()
        return await rollup(context.viewer, by, only=only)

    @strawberry.field(
        description="What would apply to a facility with this profile. Nothing is stored."
    )
    def what_if(
        self,
        info: Info,
        profile: Annotated[
            FacilityProfileInput, strawberry.argument(description="The facility as it might be.")
        ],
        as_of: AsOf = None,
        layers: LayersWanted = None,
    ) -> Applicability:
        view = info.context.view_on(as_of, layers)
        decision = what_applies(
            profile.profile(),
            info.context.knowledge,
            view.as_of,
            view.layers,
            viewer=info.context.viewer,
        )
        return Applied(decision, view)

    @strawberry.field(description="Who is asking, and what is open to them.")
    def viewer(self, info: Info) -> Viewer:
        return info.context.viewer


def _locator(by: FacilityLocator) -> Locator:
    if isinstance(by.id, str):
        return Locator(FacilityIdKind.ID, read_id("id", by.id, "Facility")[1])
    for kind in (FacilityIdKind.OS_ID, FacilityIdKind.GATEWAY_ID, FacilityIdKind.BETTER_WORK_ID):
        value = getattr(by, kind.lower())
        if isinstance(value, str):
            return Locator(kind, value)
    raise AssertionError("GraphQL demands exactly one id")
