# ruff: noqa: D102 - the description of a field says what it means
"""Root fields on facilities and on what applies."""

from typing import Annotated

import strawberry

from graphql_schema.context import Context, Info
from graphql_schema.presenter import resolver
from graphql_schema.snapshot import AsOf, LayersWanted, LocaleWanted, Presented
from graphql_schema.types.applicability import Applicability, DatedDecision, decide_profile
from graphql_schema.types.connections import (
    After,
    Before,
    Connection,
    CountedPage,
    First,
    Last,
)
from graphql_schema.types.facility import READ_BELOW, Facility, facility_reads
from graphql_schema.types.inputs import FacilityFilter, FacilityLocator, FacilityProfileInput
from graphql_schema.types.node import facility_number
from graphql_schema.types.rollup import FacilityRollup
from graphql_schema.types.viewer import Viewer
from kb.errors import NotFoundError
from kb.services.access import matrix
from kb.services.facilities.counts import (
    Rollup,
    are_kept,
    count_facilities,
    counts_that_fit,
    rollup,
)
from kb.services.facilities.facility_view import FacilityView
from kb.services.facilities.reading import EVERYTHING, FacilityReads
from kb.services.facilities.sql import ALL_FACILITIES
from kb.services.facilities.views import (
    FacilityIdKind,
    FacilityOrder,
    cursor_of,
    find_facility,
    list_facilities,
)
from kb.services.facilities.views import FacilityLocator as Locator
from kb.services.knowledge.decision_filter import DecisionBasis

Which = Annotated[FacilityFilter | None, strawberry.argument(description="Which ones.")]


@strawberry.type
class FacilityQueries:
    """Facilities are open to those who may read them; `whatIf` is open to all."""

    @resolver("One facility by one of its ids.", Facility | None, looks_below=READ_BELOW)
    async def facility(
        self,
        info: Info,
        by: Annotated[FacilityLocator, strawberry.argument(description="Exactly one id.")],
    ) -> Presented[FacilityView]:
        return await locate(info.context, by, facility_reads(info))

    @resolver(
        "Facilities in pages, both ways, with filters and orders.",
        Connection[Facility],
        looks_below=READ_BELOW,
    )
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
    ) -> CountedPage[Presented[FacilityView]]:
        context = info.context
        request = context.page_request(first=first, after=after, last=last, before=before)
        snapshot = context.snapshot_on(None, layers)
        by = DecisionBasis(context.knowledge, context.now, snapshot.layers)
        only = ALL_FACILITIES if filter is None else filter.criteria()
        counts = None
        if only.decides and are_kept(context.viewer, only):  # then the list needs their keys
            counts = await counts_that_fit(context.viewer, by, only)
        page = await list_facilities(
            context.viewer,
            request,
            by,
            context.opaque_ids,
            only=only,
            order=order_by,
            reads=facility_reads(info),
            keys_that_fit=None if counts is None else {key for key, _ in counts},
        )
        context.opaque_ids.seal([facility.id for facility in page.rows])

        async def count() -> int:
            if counts is not None:
                return sum(counts.values())
            return await count_facilities(context.viewer, by, only=only)

        return CountedPage(
            nodes=context.presented_facilities(page.rows, snapshot),
            cursor_of=lambda node: cursor_of(node.record, order_by, context.opaque_ids),
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            count=count,
        )

    @resolver("Counts of facilities, by what is decided for them today.", FacilityRollup)
    async def facility_rollup(
        self, info: Info, filter: Which = None, layers: LayersWanted = None
    ) -> Rollup:
        context = info.context
        snapshot = context.snapshot_on(None, layers)
        by = DecisionBasis(context.knowledge, context.now, snapshot.layers)
        only = ALL_FACILITIES if filter is None else filter.criteria()
        return await rollup(context.viewer, by, only=only)

    @resolver("What would apply to a facility with this profile. Nothing is stored.", Applicability)
    def what_if(
        self,
        info: Info,
        profile: Annotated[
            FacilityProfileInput, strawberry.argument(description="The facility as it might be.")
        ],
        as_of: AsOf = None,
        layers: LayersWanted = None,
        locale: LocaleWanted = None,
    ) -> DatedDecision:
        context = info.context
        snapshot = context.snapshot_on(as_of, layers, country=profile.country)
        return decide_profile(context, profile.profile(), snapshot, locale)

    @resolver("Who is asking, and what is open to them.", Viewer)
    def viewer(self, info: Info) -> matrix.Viewer:
        return info.context.viewer


async def locate(
    context: Context, by: FacilityLocator, reads: FacilityReads = EVERYTHING
) -> Presented[FacilityView]:
    """The facility that an id names; NotFoundError when the caller sees none."""
    locator = await _locator(context, by)
    facility = await find_facility(locator, context.viewer, reads)
    if facility is None:
        raise NotFoundError("facility", by.id or locator.value)
    return context.presented_facility(facility)


async def _locator(context: Context, by: FacilityLocator) -> Locator:
    if isinstance(by.id, str):
        return Locator(FacilityIdKind.ID, str(await facility_number(context, "id", by.id)))
    for kind in (FacilityIdKind.OS_ID, FacilityIdKind.GATEWAY_ID, FacilityIdKind.BETTER_WORK_ID):
        value = getattr(by, kind.lower())
        if isinstance(value, str):
            return Locator(kind, value)
    raise AssertionError("GraphQL demands exactly one id")
