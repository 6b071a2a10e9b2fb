"""What callers send: locators, filters, and the profile of a facility that may not exist."""

from datetime import date
from typing import Any

import strawberry
from strawberry.utils.str_converters import to_camel_case

from graphql_schema.scalars import CountryCode
from kb.errors import InvalidInputError
from kb.rules.codes import Actor, BlockerCode, DataLabelCode, FeeCode, SharingStatus, WorkflowState
from kb.rules.inputs import (
    AssessedBy,
    AssessmentKind,
    CountryKind,
    FacilityProfile,
    GatewayProfileState,
    InterestTiming,
    Ternary,
)
from kb.services.facilities import sql as statements
from kb.services.suppliers import entries

LISTS_IN_FILTERS = (
    "Any of the values of a list will do, so that nothing fits an empty one; null asks for nothing."
)
"""How filters read what they are given."""


MOST_CONDITIONS = 100
"""How many conditions one filter may combine: each is a part of the statement."""
MOST_VALUES = 5_000
"""How many values one list of a filter may hold."""


def optional(description: str) -> Any:
    """A field that may be left out."""
    return strawberry.field(default=None, description=description)


@strawberry.input(one_of=True, description="Names one facility by exactly one of its ids.")
class FacilityLocator:
    """One id."""

    id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET,
        description="Global id, as the field `id` gives it; any of the others is taken too.",
    )
    os_id: str | None = strawberry.field(
        default=strawberry.UNSET, description="Open Supply Hub id."
    )
    gateway_id: str | None = strawberry.field(
        default=strawberry.UNSET, description="Gateway Facility ID."
    )
    better_work_id: str | None = strawberry.field(
        default=strawberry.UNSET, description="Id on the Better Work platform."
    )


def fields_set(conditions: Any) -> dict[str, Any]:
    """What an input object asks for: its fields that are not null.

    Raises InvalidInputError for a list that is too long.
    """
    fields = {name: value for name, value in vars(conditions).items() if value is not None}
    for name, value in fields.items():
        most = MOST_CONDITIONS if name == "also" else MOST_VALUES
        if isinstance(value, list) and len(value) > most:
            raise InvalidInputError(to_camel_case(name), f"{len(value)} of them", f"at most {most}")
    return fields


@strawberry.input
class DecisionConditions:
    """Conditions on what applies."""

    assessed_by: list[AssessedBy] | None = optional("Assessed by one of these.")
    sharing: list[SharingStatus] | None = optional("With one of these sharing statuses.")
    primary_blocker: list[BlockerCode] | None = optional("With one of these as first blocker.")
    blocker: list[BlockerCode] | None = optional("With one of these among its blockers.")
    unblocked: bool | None = optional("Whether nothing stands in the way.")
    data_label: list[DataLabelCode] | None = optional("With data that bears one of these labels.")
    workflow_state: list[WorkflowState] | None = optional("In one of these workflow states.")
    route: list[str] | None = optional("On one of these routes, by their codes.")
    brand_may: list[str] | None = optional(
        "Where what a brand may do is one of these, as the filter of `BrandAdvice` has it."
    )
    next_actor: list[Actor] | None = optional("Where one of these must act next.")
    nothing_to_do: bool | None = optional("Whether there is nothing to do next.")
    changed_from: date | None = optional("Last changed on this day or later.")
    changed_until: date | None = optional("Last changed on this day or earlier.")


@strawberry.input(description="Conditions on facilities; all must hold. " + LISTS_IN_FILTERS)
class FacilityConditions(DecisionConditions):
    """Conditions on facilities and on what applies to them."""

    countries: list[CountryCode] | None = optional("In one of these countries.")
    name_starts_with: str | None = optional("Name begins with this, in any case.")
    name_contains: str | None = optional("Name contains this, in any case.")
    os_ids: list[str] | None = optional("With one of these Open Supply Hub ids.")
    gateway_ids: list[str] | None = optional("With one of these Gateway Facility IDs.")
    better_work_ids: list[str] | None = optional("With one of these Better Work ids.")

    def criteria(self) -> statements.FacilityFilter:
        """The conditions as the services read them; what is null asks for nothing."""
        return statements.FacilityFilter(**fields_set(self))


@strawberry.input(description="Which facilities; all conditions must hold. " + LISTS_IN_FILTERS)
class FacilityFilter(FacilityConditions):
    """Conditions, and others that must hold as well."""

    also: list[FacilityConditions] | None = optional(
        "What must hold as well: the filter of a bucket has it."
    )

    def criteria(self) -> statements.FacilityFilter:
        """The filter as the services read it; what is null asks for nothing."""
        fields = fields_set(self)
        also = tuple(conditions.criteria() for conditions in fields.get("also", ()))
        return statements.FacilityFilter(**fields | {"also": also})


@strawberry.input(description="Conditions on suppliers; all must hold. " + LISTS_IN_FILTERS)
class SupplierConditions(DecisionConditions):
    """Conditions on suppliers and on what applies to them."""

    countries: list[CountryCode] | None = optional("In one of these countries.")
    name_contains: str | None = optional("Name contains this, in any case.")
    references: list[str] | None = optional("With one of the brand's own numbers.")
    os_ids: list[str] | None = optional("With one of these Open Supply Hub ids.")
    gateway_ids: list[str] | None = optional("With one of these Gateway Facility IDs.")

    def criteria(self) -> entries.SupplierFilter:
        """The conditions as the services read them; what is null asks for nothing."""
        return entries.SupplierFilter(**fields_set(self))


@strawberry.input(
    description="Which suppliers; all conditions must hold. "
    + LISTS_IN_FILTERS
    + " What applies is decided from what the brand has noted."
)
class SupplierFilter(SupplierConditions):
    """Conditions, and others that must hold as well."""

    also: list[SupplierConditions] | None = optional(
        "What must hold as well: the filter of a bucket has it."
    )

    def criteria(self) -> entries.SupplierFilter:
        """The filter as the services read it; what is null asks for nothing."""
        fields = fields_set(self)
        also = tuple(conditions.criteria() for conditions in fields.get("also", ()))
        return entries.SupplierFilter(**fields | {"also": also})


@strawberry.input(description="Which FAQ entries; all conditions must hold. " + LISTS_IN_FILTERS)
class FaqFilter:
    """Conditions on FAQ entries."""

    section: int | None = optional("1: general; 2: for enrolled factories that want to share.")
    audience: str | None = optional("Concerning this audience, such as brand or facility.")
    topic: str | None = optional("About this topic, such as linking or fees.")
    numbers: list[int] | None = optional("With one of these numbers.")


@strawberry.input(description="Which countries; all conditions must hold. " + LISTS_IN_FILTERS)
class CountryFilter:
    """Conditions on countries."""

    kinds: list[CountryKind] | None = optional("Of one of these kinds on the day.")
    codes: list[CountryCode] | None = optional("With one of these codes.")


@strawberry.input(description="Which fees; all conditions must hold. " + LISTS_IN_FILTERS)
class FeeFilter:
    """Conditions on fees."""

    codes: list[FeeCode] | None = optional("With one of these codes.")


@strawberry.input
class ProfileAnswers:
    """The inputs of the decision tables besides the country."""

    enrolled: Ternary = strawberry.field(
        default=Ternary.UNKNOWN, description="Is it enrolled in Better Work?"
    )
    in_scope: Ternary = strawberry.field(
        default=Ternary.UNKNOWN, description="Is it in Better Work's scope?"
    )
    capacity_available: Ternary = strawberry.field(
        default=Ternary.UNKNOWN, description="Has the country programme capacity to enrol it?"
    )
    gateway_profile: GatewayProfileState = strawberry.field(
        default=GatewayProfileState.UNKNOWN, description="Where it stands on the SLCP Gateway."
    )
    interest_declared: InterestTiming = strawberry.field(
        default=InterestTiming.UNKNOWN,
        description="Whether it told Better Work that it wants to share, and when.",
    )
    assessment: AssessmentKind = strawberry.field(
        default=AssessmentKind.UNKNOWN,
        description="Its Better Work assessment in this service cycle.",
    )
    self_assessed_before: Ternary = strawberry.field(
        default=Ternary.UNKNOWN,
        description="Was the SLCP self-assessment finished before the assessment?",
    )
    self_assessment_steps: list[int] = strawberry.field(
        default_factory=list, description="Which of the Steps 1, 2 and 3 it covers."
    )

    def answers(self) -> dict[str, Any]:
        """The answers under the names that the rules have for them."""
        return {
            "enrolled": self.enrolled,
            "in_scope": self.in_scope,
            "capacity_available": self.capacity_available,
            "gateway_profile": self.gateway_profile,
            "interest": self.interest_declared,
            "assessment": self.assessment,
            "self_assessed_before": self.self_assessed_before,
            "self_assessment_steps": tuple(self.self_assessment_steps),
        }


@strawberry.input(
    description="A facility as it is or might be. What is not known may be left out: the answer "
    "then lists it under `missing`."
)
class FacilityProfileInput(ProfileAnswers):
    """The inputs of the decision tables."""

    country: CountryCode = strawberry.field(description="ISO 3166-1 alpha-2 code.")

    def profile(self) -> FacilityProfile:
        """The profile as the rules read it; raises InvalidInputError for an unknown Step."""
        return FacilityProfile(country=self.country, **self.answers())
