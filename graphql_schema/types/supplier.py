# ruff: noqa: D102 - the description of a field says what it means
"""Suppliers on a brand's own list."""

from datetime import datetime

import strawberry
from strawberry import Parent

from graphql_schema.context import Info
from graphql_schema.presenter import presents, resolver
from graphql_schema.snapshot import AsOf, LayersWanted, LocaleWanted, Presented
from graphql_schema.types.applicability import Applicability, DatedDecision, decide_profile
from graphql_schema.types.country import CountryOnDay, country_on_day
from graphql_schema.types.facility import Facility
from graphql_schema.types.knowledge import Country
from graphql_schema.types.node import Node
from kb.rules.inputs import (
    AssessmentKind,
    FacilityProfile,
    GatewayProfileState,
    InterestTiming,
    Ternary,
)
from kb.services.facilities.facility_view import FacilityView
from kb.services.suppliers.entries import SupplierView


@presents(FacilityProfile, "What a brand has noted of a supplier; the rest is UNKNOWN.")
class SupplierProfile:
    """The inputs of the decision tables, as `FacilityProfileInput` has them."""

    enrolled: Ternary = strawberry.field(description="Is it enrolled in Better Work?")
    in_scope: Ternary = strawberry.field(description="Is it in Better Work's scope?")
    capacity_available: Ternary = strawberry.field(
        description="Has the country programme capacity to enrol it?"
    )
    gateway_profile: GatewayProfileState = strawberry.field(
        description="Where it stands on the SLCP Gateway."
    )
    assessment: AssessmentKind = strawberry.field(
        description="Its Better Work assessment in this service cycle."
    )
    self_assessed_before: Ternary = strawberry.field(
        description="Was the SLCP self-assessment finished before the assessment?"
    )
    self_assessment_steps: list[int] = strawberry.field(
        description="Which of the Steps 1, 2 and 3 it covers."
    )

    @resolver("Whether it told Better Work that it wants to share, and when.")
    @staticmethod
    def interest_declared(root: Parent[FacilityProfile]) -> InterestTiming:
        return root.interest


@presents(
    Presented[SupplierView],
    "A supplier on the caller's own list. What it says comes from the caller alone, and tells "
    "nothing of what others have recorded here.",
)
class Supplier(Node):
    """What the brand knows, and what follows from that."""

    name: str = strawberry.field(description="Its name.")
    address: str | None = strawberry.field(description="Its address, if noted.")
    reference: str | None = strawberry.field(description="The brand's own number for it.")
    os_id: str | None = strawberry.field(description="Open Supply Hub id, if noted.")
    gateway_id: str | None = strawberry.field(description="Gateway Facility ID, if noted.")
    note: str | None = strawberry.field(description="The brand's own words on it.")
    updated_at: datetime = strawberry.field(description="When the brand last changed it, in UTC.")
    profile: SupplierProfile = strawberry.field(description="What the brand has noted of it.")

    @resolver("Its country.", Country)
    @staticmethod
    def country(root: Parent[Presented[SupplierView]], info: Info) -> CountryOnDay:
        return country_on_day(info.context, root.record.country, root.snapshot)

    @resolver(
        "What applies to it by what the brand has noted, with what the brand may ask of it and by "
        "when. Where it stands by the record, `facility` tells those who may know.",
        Applicability,
    )
    @staticmethod
    def what_applies(
        root: Parent[Presented[SupplierView]],
        info: Info,
        as_of: AsOf = None,
        layers: LayersWanted = None,
        locale: LocaleWanted = None,
    ) -> DatedDecision:
        context, supplier = info.context, root.record
        snapshot = context.snapshot_on(as_of, layers, root.snapshot, supplier.country)
        return decide_profile(context, supplier.profile, snapshot, locale, supplier.name)

    @resolver(
        "The facility that it is, where that facility lets the brand see it: found by its ids, "
        "else by name, country and address. Null for every other one, whether it is on record "
        "here or not.",
        Facility | None,
    )
    @staticmethod
    async def facility(
        root: Parent[Presented[SupplierView]], info: Info
    ) -> Presented[FacilityView] | None:
        number = await info.context.loaders.facilities_of_suppliers.load(root.record)
        return None if number is None else await info.context.facility(number)
