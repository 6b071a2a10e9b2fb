# ruff: noqa: D102 - the description of a field says what it means
"""A portfolio: facilities or suppliers counted by what is decided for them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Annotated, Any

import strawberry
from strawberry import Parent
from strawberry.scalars import JSON
from strawberry.utils.str_converters import to_camel_case

from graphql_schema.presenter import Presenter, presents, resolver
from graphql_schema.scalars import CountryCode, Markdown
from graphql_schema.types.faq import Statement
from graphql_schema.types.inputs import fields_set, optional
from kb.errors import InvalidInputError
from kb.rules import hypothetical
from kb.rules.brand_advice import brand_advice, names_country, what_a_brand_may
from kb.rules.codes import BlockerCode, SharingStatus
from kb.rules.events import EventKind
from kb.rules.evidence import Words
from kb.rules.inputs import AssessedBy
from kb.rules.outcomes import Applicability
from kb.rules.wording import in_words
from kb.services.knowledge import portfolio as counted
from kb.services.knowledge.portfolio import AGES, Age, Dimension, counts_by_age

MOST_MONTHS = 60

_CRITERIA: Mapping[Dimension, tuple[str, str | None]] = {
    Dimension.ASSESSED_BY: ("assessedBy", None),
    Dimension.SHARING: ("sharing", None),
    Dimension.PRIMARY_BLOCKER: ("primaryBlocker", "unblocked"),
    Dimension.BLOCKER: ("blocker", None),
    Dimension.COUNTRY: ("countries", None),
    Dimension.DATA_LABEL: ("dataLabel", None),
    Dimension.WORKFLOW_STATE: ("workflowState", None),
    Dimension.ROUTE: ("route", None),
    Dimension.NEXT_ACTOR: ("nextActor", "nothingToDo"),
}
"""The condition that asks for a value, and the one that asks for none."""

MonthlyEvents = Mapping[str, Mapping[EventKind, int]]
Monthly = Callable[[int], Awaitable[MonthlyEvents]]
"""Reads what happened in so many months up to a day."""

Changes = Callable[[], Awaitable[Mapping[date, int]]]
"""Reads how many changed last on each day, where that was not counted with the rest."""


@strawberry.type(description="Those that have one value of what is counted by.")
class PortfolioBucket:
    """A count with the filter that lists what was counted."""

    value: str | None = strawberry.field(
        description="The value, as the enum or code of its kind; null for those that have none."
    )
    count: int = strawberry.field(description="How many.")
    filter: JSON | None = strawberry.field(
        description="The filter that lists them: of `facilities`, or of `supplierList` for "
        "suppliers. Null for a day in the past, because lists show how things stand now."
    )


@strawberry.type(description="Those whose last change is of one age.")
class AgeBucket:
    """A count by age."""

    from_days: int = strawberry.field(description="At least so many days ago.")
    to_days: int | None = strawberry.field(description="At most so many; null for no end.")
    count: int = strawberry.field(description="How many.")
    filter: JSON | None = strawberry.field(
        description="The filter that lists them, as in `PortfolioBucket`."
    )


@strawberry.type(description="How often something happened.")
class EventCount:
    """A count of events of one kind."""

    kind: EventKind = strawberry.field(description="What happened.")
    count: int = strawberry.field(description="How often.")


@strawberry.type(description="What happened in one month.")
class MonthOfEvents:
    """A month of the trend."""

    month: str = strawberry.field(description="The month, as in 2021-10.")
    events: list[EventCount] = strawberry.field(description="By kind; kinds without any left out.")


@strawberry.type(description="What a brand may do for those on one route that it holds for alike.")
class BrandAdvice:
    """One text for many suppliers."""

    route: str = strawberry.field(description="Stable code of the route.")
    title: str = strawberry.field(description="Name of the route.")
    country: CountryCode | None = strawberry.field(
        description="The country that the text is for; null where it names none."
    )
    count: int = strawberry.field(description="How many it is for.")
    filter: JSON | None = strawberry.field(
        description="The filter that lists them, as in `PortfolioBucket`."
    )
    text: Markdown = strawberry.field(description="Ready to paste.")
    brand_may: list[Statement] = strawberry.field(description="What a brand may do.")
    brand_may_not: list[Statement] = strawberry.field(description="What a brand must not do.")


@dataclass(slots=True)
class CountedPortfolio(Presenter[counted.Portfolio]):
    """A portfolio with the filter that was asked for, and how to read what happened, and when."""

    filter: Any
    is_past: bool
    words: Words
    monthly: Monthly | None = None
    changes: Changes | None = None

    def filter_for(self, **criteria: Any) -> Any:
        """The filter that lists those that also meet these criteria."""
        if self.is_past:
            return None
        also = [] if self.filter is None else _flat(self.filter)
        return {**criteria, **({"also": also} if also else {})}

    def buckets(self, dimension: Dimension) -> list[PortfolioBucket]:
        """The counts by one dimension."""
        having, having_none = _CRITERIA[dimension]
        return [
            PortfolioBucket(
                value=value,
                count=count,
                filter=self.filter_for(**{having: [value]})
                if value is not None
                else self.filter_for(**{str(having_none): True}),
            )
            for value, count in self.record.counts(dimension).items()
        ]

    def aged(self, age: Age, count: int) -> AgeBucket:
        """The count of one age."""
        first, last = counted.days_of(age, self.record.as_of)
        days = {"changedFrom": first, "changedUntil": last}
        between = {name: day.isoformat() for name, day in days.items() if day is not None}
        return AgeBucket(
            from_days=age.from_days,
            to_days=age.to_days,
            count=count,
            filter=self.filter_for(**between),
        )

    def advised(self, decision: Applicability, count: int) -> BrandAdvice:
        """What a brand may do for all that are advised like this."""
        translated = in_words(decision, self.words)
        sharing, route = decision.sharing, decision.workflow.route
        country = decision.profile.country if names_country(sharing) else None
        return BrandAdvice(
            route=route,
            title=translated.workflow.title,
            country=CountryCode(country) if country else None,
            count=count,
            filter=self.filter_for(
                route=[route],
                **({"countries": [country]} if country else {}),
                brandMay=[what_a_brand_may(sharing)],
            ),
            text=Markdown(brand_advice(sharing, self.words)),
            brand_may=translated.sharing.brand_may,  # type: ignore[arg-type]  # presented as the field's type
            brand_may_not=translated.sharing.brand_may_not,  # type: ignore[arg-type]  # as above
        )


def _by(dimension: Dimension, description: str) -> Any:
    def resolve(root: Parent[CountedPortfolio]) -> list[PortfolioBucket]:
        return root.buckets(dimension)

    return resolver(description)(staticmethod(resolve))


@presents(CountedPortfolio, "Facilities or suppliers, counted; the largest count comes first.")
class Portfolio:
    """Counts, each with the filter that lists what was counted."""

    as_of: date = strawberry.field(description="The day that it is for.")
    by_assessor = _by(Dimension.ASSESSED_BY, "By who assesses: values of `AssessedBy`.")
    by_sharing = _by(Dimension.SHARING, "By sharing status: values of `SharingStatus`.")
    by_primary_blocker = _by(
        Dimension.PRIMARY_BLOCKER, "By what stands in the way first: values of `BlockerCode`."
    )
    by_blocker = _by(
        Dimension.BLOCKER,
        "By everything that stands in the way: values of `BlockerCode`; one facility may count "
        "under several.",
    )
    by_country = _by(Dimension.COUNTRY, "By country: ISO 3166-1 alpha-2 codes.")
    by_data_label = _by(
        Dimension.DATA_LABEL,
        "By what the data may be called: values of `DataLabelCode`; one facility may count under "
        "several.",
    )
    by_workflow_state = _by(
        Dimension.WORKFLOW_STATE, "By where the workflow stands: values of `WorkflowState`."
    )
    by_route = _by(Dimension.ROUTE, "By route: codes of `Workflow.route`.")
    by_next_actor = _by(Dimension.NEXT_ACTOR, "By who must act next: values of `Actor`.")

    @resolver("How many there are.")
    @staticmethod
    def total(root: Parent[CountedPortfolio]) -> int:
        return root.record.total

    @resolver("By the age of the last change that the caller is told of, the newest first.")
    @staticmethod
    async def by_age(root: Parent[CountedPortfolio]) -> list[AgeBucket]:
        changes = root.record.changes
        if changes is None:
            changes = await root.changes() if root.changes is not None else {}
        ages = counts_by_age(changes, root.record.as_of)
        return [root.aged(age, ages[age]) for age in AGES]

    @resolver(
        "What happened month by month, oldest first, up to the day that it is for: at the "
        "facilities that fit now, as far as the caller is told. Empty for suppliers."
    )
    @staticmethod
    async def trend(
        root: Parent[CountedPortfolio],
        months: Annotated[
            int, strawberry.argument(description=f"How many months, 1 to {MOST_MONTHS}.")
        ] = 12,
    ) -> list[MonthOfEvents]:
        if not 1 <= months <= MOST_MONTHS:
            raise InvalidInputError("months", months, f"a number from 1 to {MOST_MONTHS}")
        if root.monthly is None:
            return []
        by_month = await root.monthly(months)
        return [
            MonthOfEvents(
                month=month,
                events=[EventCount(kind=kind, count=count) for kind, count in events.items()],
            )
            for month, events in by_month.items()
        ]

    @resolver(
        "What a brand may do and what it must not: one text for those on one route that it holds "
        "for alike, in the country that it names if it names one."
    )
    @staticmethod
    def brand_advice(root: Parent[CountedPortfolio]) -> list[BrandAdvice]:
        return [root.advised(decision, count) for decision, count in root.record.by_advice()]


@strawberry.input(description="What is supposed to change; all that is given changes at once.")
class PortfolioChangesInput:
    """A supposition."""

    countries_sign_off: list[CountryCode] | None = optional(
        "The national constituents of these countries sign off the Tool (FAQ 2)."
    )
    tool_version: str | None = optional(
        "This version of the Tool takes the place of the one in use, such as 1.5."
    )
    all_declare_interest: bool = strawberry.field(
        default=False,
        description="Every enrolled facility that has not done so declares its interest (FAQ 9).",
    )

    def supposition(self) -> hypothetical.Supposition:
        """The changes as the rules read them; InvalidInputError when there are none."""
        version = (self.tool_version or "").strip()
        if len(version) > 20:
            raise InvalidInputError("tool_version", version, "a version such as 1.5")
        if not (self.countries_sign_off or version or self.all_declare_interest):
            raise InvalidInputError("changes", "nothing", "at least one change")
        return hypothetical.Supposition(
            signed_off=frozenset(self.countries_sign_off or ()),
            tool_version=version or None,
            interest_declared=self.all_declare_interest,
        )


@presents(hypothetical.Standing, "Where a facility stands, in short.")
class Standing:
    """What a supposition may change."""

    assessed_by: AssessedBy = strawberry.field(description="Who assesses.")
    sharing: SharingStatus = strawberry.field(description="The sharing status.")
    primary_blocker: BlockerCode | None = strawberry.field(
        description="What stands in the way first; null for nothing."
    )
    tool_version: str | None = strawberry.field(
        description="The Tool version in use; null where it is not stated."
    )


@strawberry.type(description="How many stand in one way.")
class StandingCount:
    """A count."""

    standing: Standing = strawberry.field(description="Where they stand.")
    count: int = strawberry.field(description="How many.")


def standing_counts(counts: Mapping[hypothetical.Standing, int]) -> list[StandingCount]:
    """The counts, the largest first."""
    ordered = sorted(counts.items(), key=lambda pair: -pair[1])
    return [
        StandingCount(standing=standing, count=count)  # type: ignore[arg-type]  # presented as it
        for standing, count in ordered
    ]


def filter_json(condition: Any) -> Any:
    """An input object as the JSON that a client would send for it."""
    if isinstance(condition, Sequence) and not isinstance(condition, str):
        return [filter_json(value) for value in condition]
    if isinstance(condition, Enum):
        return condition.value
    if isinstance(condition, date):
        return condition.isoformat()
    if hasattr(condition, "__strawberry_definition__"):
        fields = fields_set(condition)
        return {to_camel_case(name): filter_json(value) for name, value in fields.items()}
    return condition


def _flat(condition: Any) -> list[Any]:
    """The conditions of a filter, each by itself: its own, and those that must hold as well."""
    own = {name: value for name, value in condition.items() if name != "also"}
    return [*([own] if own else []), *condition.get("also", [])]
