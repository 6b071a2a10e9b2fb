# ruff: noqa: D102 - the description of a field says what it means
"""Root fields that count facilities and suppliers, and suppose that something changes."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import strawberry
from strawberry import Parent

from graphql_schema.context import Context, Info
from graphql_schema.presenter import Presenter, presents, resolver
from graphql_schema.queries.facilities import Which
from graphql_schema.snapshot import AsOf, LayersWanted, LocaleWanted, Presented
from graphql_schema.types.connections import First
from graphql_schema.types.facility import READ_BELOW, Facility, facility_reads
from graphql_schema.types.inputs import FacilityFilter, SupplierFilter
from graphql_schema.types.portfolio import (
    Changes,
    CountedPortfolio,
    Monthly,
    MonthlyEvents,
    Portfolio,
    PortfolioChangesInput,
    Standing,
    StandingCount,
    filter_json,
    standing_counts,
)
from kb.rules import hypothetical
from kb.services.facilities.counts import counts_by_last_change
from kb.services.facilities.facility_view import FacilityView
from kb.services.facilities.portfolio import (
    facilities_with,
    last_day,
    monthly_events,
    portfolio,
)
from kb.services.facilities.reading import FacilityReads
from kb.services.facilities.sql import ALL_FACILITIES
from kb.services.knowledge import portfolio as counted
from kb.services.knowledge.decision_filter import DecisionBasis
from kb.services.suppliers.portfolio import supplier_portfolio


@dataclass(frozen=True, slots=True)
class PresentedFlip:
    """A facility that would stand elsewhere."""

    facility: Presented[FacilityView]
    before: hypothetical.Standing
    after: hypothetical.Standing


@presents(PresentedFlip, "A facility that would stand elsewhere.")
class PortfolioFlip:
    """What would change for one facility."""

    facility: Facility = strawberry.field(description="The facility.")
    before: Standing = strawberry.field(description="Where it stands.")
    after: Standing = strawberry.field(description="Where it would stand.")


@dataclass(slots=True)
class SupposedPortfolio(Presenter[counted.PortfolioWhatIf]):
    """What would change, and how to read a part of the facilities that would stand elsewhere."""

    read: Callable[[int, int, FacilityReads], Awaitable[Sequence[tuple[str, FacilityView]]]]


@presents(SupposedPortfolio, "Where facilities stand, and where they would. Nothing is stored.")
class PortfolioWhatIf:
    """Before, after, and what is between."""

    @resolver("Where they stand, the most first.")
    @staticmethod
    def before(root: Parent[SupposedPortfolio]) -> list[StandingCount]:
        return standing_counts(root.record.before)

    @resolver("Where they would stand, the most first.")
    @staticmethod
    def after(root: Parent[SupposedPortfolio]) -> list[StandingCount]:
        return standing_counts(root.record.after)

    @resolver("How many would stand elsewhere.")
    @staticmethod
    def flip_count(root: Parent[SupposedPortfolio]) -> int:
        return root.record.flipped

    @resolver(
        "Those that would stand elsewhere, by name.", list[PortfolioFlip], looks_below=READ_BELOW
    )
    @staticmethod
    async def flips(
        root: Parent[SupposedPortfolio],
        info: Info,
        first: First = None,
        skip: Annotated[int, strawberry.argument(description="How many to leave out first.")] = 0,
    ) -> list[PresentedFlip]:
        context = info.context
        size = context.page_request(first=first).size
        skipped = min(max(0, skip), root.record.flipped)
        read = await root.read(size, skipped, facility_reads(info))
        views = [view for _, view in read]
        context.opaque_ids.seal([view.id for view in views])
        facilities = context.presented_facilities(views, context.snapshot)
        return [
            PresentedFlip(facility, *root.record.flips[key])
            for (key, _), facility in zip(read, facilities, strict=True)
        ]


@strawberry.type
class PortfolioQueries:
    """Open to those who may read where facilities stand; the list of suppliers, to its brand."""

    @resolver(
        "The facilities that the caller sees, counted by what applies to them, each count with the "
        "filter that lists it; however many there are, in the same number of statements.",
        Portfolio,
    )
    async def portfolio(
        self,
        info: Info,
        filter: Which = None,
        as_of: AsOf = None,
        layers: LayersWanted = None,
        locale: LocaleWanted = None,
    ) -> CountedPortfolio:
        context = info.context
        by = _basis(context, layers)
        only = ALL_FACILITIES if filter is None else filter.criteria()

        async def monthly(months: int) -> MonthlyEvents:
            last = as_of or last_day(counts, by.now)
            return await monthly_events(context.viewer, by, only, months, last)

        async def changes() -> Mapping[date, int]:
            return await counts_by_last_change(context.viewer, by, only)

        counts = await portfolio(context.viewer, by, only, as_of)
        return _presented(context, counts, filter, as_of, locale, monthly, changes)

    @resolver(
        "The suppliers on the caller's own list, counted by what follows from what the caller has "
        "noted; the filters of its counts are those of `supplierList`. For brands.",
        Portfolio,
    )
    async def supplier_portfolio(
        self,
        info: Info,
        filter: Annotated[
            SupplierFilter | None, strawberry.argument(description="Which ones.")
        ] = None,
        as_of: AsOf = None,
        layers: LayersWanted = None,
        locale: LocaleWanted = None,
    ) -> CountedPortfolio:
        context = info.context
        only = (filter or SupplierFilter()).criteria()
        counts = await supplier_portfolio(context.viewer, _basis(context, layers), only, as_of)
        return _presented(context, counts, filter, as_of, locale)

    @resolver(
        "What would become of the facilities that the caller sees if something changed. Nothing is "
        "stored.",
        PortfolioWhatIf,
    )
    async def portfolio_what_if(
        self,
        info: Info,
        changes: Annotated[
            PortfolioChangesInput, strawberry.argument(description="What is supposed.")
        ],
        filter: Which = None,
        as_of: AsOf = None,
        layers: LayersWanted = None,
    ) -> SupposedPortfolio:
        context = info.context
        supposition = changes.supposition()
        by = _basis(context, layers)
        only = ALL_FACILITIES if filter is None else filter.criteria()
        counts = await portfolio(context.viewer, by, only, as_of)
        supposed = await counted.what_if(counts, supposition, by, as_of)

        async def read(
            first: int, skip: int, reads: FacilityReads
        ) -> Sequence[tuple[str, FacilityView]]:
            return await facilities_with(
                supposed.flips,
                context.viewer,
                by,
                only,
                first=first,
                skip=skip,
                as_of=as_of,
                reads=reads,
            )

        return SupposedPortfolio(supposed, read)


def _basis(context: Context, layers: Any) -> DecisionBasis:
    snapshot = context.snapshot_on(None, layers)
    return DecisionBasis(context.knowledge, context.now, snapshot.layers)


def _presented(
    context: Context,
    counts: counted.Portfolio,
    only: FacilityFilter | SupplierFilter | None,
    as_of: date | None,
    locale: str | None,
    monthly: Monthly | None = None,
    changes: Changes | None = None,
) -> CountedPortfolio:
    served = context.serve_decisions(locale)
    return CountedPortfolio(
        counts,
        None if only is None else filter_json(only),
        as_of is not None and as_of < context.today,
        context.library.words.get(served.locale, {}),
        monthly,
        changes,
    )
