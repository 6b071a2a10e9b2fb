# ruff: noqa: D102 - the description of a field says what it means
"""Facilities, and where they stand."""

from collections.abc import Awaitable

import strawberry
from strawberry import Parent

from graphql_schema.context import Info
from graphql_schema.presenter import Lasting, presents, resolver, with_only
from graphql_schema.snapshot import (
    AsOf,
    LayersWanted,
    LocaleWanted,
    Presented,
)
from graphql_schema.types.applicability import (
    Applicability,
    DatedDecision,
    SharingGrant,
    decide_at_once,
)
from graphql_schema.types.connections import (
    After,
    Connection,
    CountedPage,
    First,
    PageEdge,
)
from graphql_schema.types.country import CountryOnDay, country_on_day
from graphql_schema.types.decisions import DatedWorkflow, Workflow
from graphql_schema.types.event import WorkflowEvent
from graphql_schema.types.knowledge import Country
from graphql_schema.types.node import Node
from kb.services.facilities.histories import GrantView, RecordedEvent
from kb.services.facilities.views import FacilityView


def _country_key(facility: Presented[FacilityView]) -> object:
    snapshot = facility.snapshot
    return facility.record.country, snapshot.as_of, snapshot.layers


def _country_alone(facility: Presented[FacilityView]) -> Presented[FacilityView]:
    """Any facility in the same country."""
    record = with_only(facility.record, country=facility.record.country)
    return with_only(facility, record=record, snapshot=facility.snapshot)


@presents(
    Presented[FacilityView],
    "A factory or other facility.",
    Lasting(_country_key, _country_alone),
)
class Facility(Node):
    """A facility with its present state."""

    name: str = strawberry.field(description="Its name.")
    os_id: str | None = strawberry.field(description="Open Supply Hub id, if known.")
    gateway_id: str | None = strawberry.field(description="Gateway Facility ID, if it has one.")
    requested_gateway_id: str | None = strawberry.field(
        description="Gateway Facility ID that it handed over (FAQ 10), until it is linked."
    )
    better_work_id: str | None = strawberry.field(
        description="Id on the Better Work platform, if it has one."
    )
    address: str | None = strawberry.field(description="Where it is, if known.")
    contact_email: str | None = strawberry.field(
        description="Where the messages of FAQ 9 go; null if that is not known, and for brands and "
        "SLCP officers."
    )

    status_only: bool = strawberry.field(
        description="Whether it lets the caller, a brand, see where it stands, and none of its "
        "data: no labels, no cycles and no history."
    )
    version: int = strawberry.field(
        description="Grows with every change that the caller is told of. A change that gives it as "
        "`expectedVersion` is made only if nothing else that the caller is told of was recorded "
        "since."
    )

    @resolver("Its country.", Country)
    @staticmethod
    def country(root: Parent[Presented[FacilityView]], info: Info) -> CountryOnDay:
        return country_on_day(info.context, root.record.country, root.snapshot)

    @resolver("Its route, where it stands on the day, and what comes next.", Workflow)
    @staticmethod
    def workflow(
        root: Parent[Presented[FacilityView]],
        info: Info,
        as_of: AsOf = None,
        locale: LocaleWanted = None,
    ) -> DatedWorkflow | Awaitable[DatedWorkflow]:
        decided = decide_at_once(info.context, root, as_of, None, locale)
        if isinstance(decided, DatedDecision):
            return decided.dated_workflow()
        return _workflow_of(decided)

    @resolver("What applies to it on the day.", Applicability)
    @staticmethod
    def what_applies(
        root: Parent[Presented[FacilityView]],
        info: Info,
        as_of: AsOf = None,
        layers: LayersWanted = None,
        locale: LocaleWanted = None,
    ) -> DatedDecision | Awaitable[DatedDecision]:
        return decide_at_once(info.context, root, as_of, layers, locale)

    @resolver("What happened to it, oldest first.", Connection[WorkflowEvent])
    @staticmethod
    async def history(
        root: Parent[Presented[FacilityView]],
        info: Info,
        first: First = None,
        after: After = None,
    ) -> CountedPage[RecordedEvent]:
        context, facility_id = info.context, root.record.id
        request = context.page_request(first=first, after=after)
        page = await context.loaders.histories(request).load(facility_id)

        async def count() -> int:
            return len(await context.loaders.events.load(facility_id))

        return CountedPage(
            edges=[*map(PageEdge, page.cursors, page.rows)],
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            count=count,
        )

    @resolver("With whom it shares its data now, longest first.", list[SharingGrant])
    @staticmethod
    async def sharing(root: Parent[Presented[FacilityView]], info: Info) -> tuple[GrantView, ...]:
        return await info.context.loaders.grants.load(root.record.id)


async def _workflow_of(decision: Awaitable[DatedDecision]) -> DatedWorkflow:
    return (await decision).dated_workflow()
