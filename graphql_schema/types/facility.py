# ruff: noqa: D102 - the description of a field says what it means
"""Facilities, where they stand, and what applies to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

import strawberry

from graphql_schema.locales import serve
from graphql_schema.scalars import Markdown
from graphql_schema.types.connections import After, Connection, First, Page, PageEdge
from graphql_schema.types.country import country_in
from graphql_schema.types.decisions import (
    ApplicabilityWarning,
    ApplicableFaq,
    ApplicableFee,
    AssessmentDecision,
    DataLabel,
    MissingInput,
    RuleOutcome,
    SharingDecision,
    Workflow,
)
from graphql_schema.types.faq import Citation
from graphql_schema.types.knowledge import Country, KnowledgeRelease
from graphql_schema.types.node import Node
from graphql_schema.types.view import (
    AsOf,
    LayersWanted,
    LocaleWanted,
    Shown,
    Through,
    View,
    each,
    reads,
)
from kb.errors import InvalidInputError
from kb.rules import outcomes
from kb.rules.events import EventKind
from kb.rules.inputs import AssessedBy
from kb.rules.rulebook import BlockerCode, SharingChannel, SharingStatus
from kb.services.access.matrix import Role, Rows
from kb.services.facilities.views import FacilityView
from kb.services.facilities.what_applies import summary_of, what_applies
from kb.services.paging import page_request

Info = strawberry.Info


@dataclass(frozen=True, slots=True)
class TakenStep(Through):
    """A workflow step with the day on which it was last taken."""

    record: outcomes.WorkflowStep
    taken_on: date | None


@dataclass(frozen=True, slots=True)
class Underway(Through):
    """A workflow with the days on which its steps were taken."""

    record: outcomes.Workflow
    step_dates: Mapping[str, date]

    def dated_steps(self) -> list[TakenStep]:
        """The steps in order."""
        return [TakenStep(one, self.step_dates.get(one.code)) for one in self.record.steps]


@dataclass(frozen=True, slots=True)
class Applied:
    """A decision for one facility, or for a profile that belongs to none, in one view."""

    decision: outcomes.Applicability
    view: View
    facility: Shown[FacilityView] | None = None

    @property
    def underway(self) -> Underway:
        """The workflow, with the facility's days where there is one."""
        dates = self.facility.step_dates if self.facility else {}
        return Underway(self.decision.workflow, dates)


@strawberry.type(description="What applies, in full: each part says why and cites its sources.")
class Applicability:
    """The answer to the question that this product exists for."""

    facility: Annotated["Facility", strawberry.lazy(__name__)] | None = strawberry.field(
        description="The facility; null for a profile given to `whatIf`."
    )

    @strawberry.field(description="The day that the answer is for.")
    def as_of(self) -> date:
        return self.view.as_of

    @strawberry.field(description="The knowledge release that it comes from.")
    def knowledge(self, info: Info) -> KnowledgeRelease:
        return info.context.knowledge.release

    @strawberry.field(
        description="A text to paste into an e-mail: what applies, what to do next and by whom, "
        "what it costs, what is not known, with numbered citations."
    )
    def summary(self, info: Info, locale: LocaleWanted = None) -> Markdown:
        serve(locale)
        name = self.facility.name if self.facility else None
        return Markdown(
            summary_of(self.decision, info.context.knowledge, self.view.as_of, facility_name=name)
        )

    @strawberry.field(description="Who assesses, with which Tool version and which Steps.")
    def assessment(self) -> AssessmentDecision:
        return Shown("", self.decision.assessment, self.view)

    @strawberry.field(description="Whether the data can be shared, how, and who decides.")
    def sharing(self) -> SharingDecision:
        return self.decision.sharing

    @strawberry.field(description="The route, where it stands, and what comes next.")
    def workflow(self) -> Workflow:
        return self.underway

    @strawberry.field(description="What the data of each CAF Step may be called.")
    def data_labels(self) -> list[DataLabel]:
        return self.decision.data_labels

    @strawberry.field(description="The country with its facts on the day.")
    def country(self, info: Info) -> Country:
        return country_in(info.context, self.decision.country.code, self.view)

    @strawberry.field(description="What it costs, and on which costs the source is silent.")
    def fees(self) -> list[ApplicableFee]:
        return each(self.decision.fees, self.view)

    @strawberry.field(description="The FAQ entries that apply, the weightiest first.")
    def faqs(
        self,
        info: Info,
        first: Annotated[
            int | None, strawberry.argument(description="How many; all of them by default.")
        ] = None,
        locale: LocaleWanted = None,
    ) -> list[ApplicableFaq]:
        if first is not None and first < 1:
            raise InvalidInputError("first", first, "a number from 1 on")
        served = info.context.serve(locale)
        view = self.view
        return [Shown("", one, view, served) for one in self.decision.faqs[:first]]

    @strawberry.field(description="What to ask next, the most settling question first.")
    def missing(self) -> list[MissingInput]:
        return self.decision.missing

    @strawberry.field(description="What to know before relying on the answer.")
    def warnings(self) -> list[ApplicabilityWarning]:
        return each(self.decision.warnings, self.view)

    @strawberry.field(description="Every rule row that was tried: matched or not, on which inputs.")
    def trace(self) -> list[RuleOutcome]:
        return self.decision.trace

    @strawberry.field(description="Every source passage that the answer rests on, once.")
    def citations(self) -> list[Citation]:
        return self.decision.citations


@strawberry.type(description="One detail of an event.")
class EventDetail:
    """A name and a value."""

    name: str = strawberry.field(description="What it is, such as kind or steps.")
    value: str = strawberry.field(description="Its value.")


@strawberry.type(description="Something that happened to a facility.")
class WorkflowEvent:
    """An event; it was recorded once and is never changed."""

    cycle: int = strawberry.field(description="The service cycle it fell into, from 1; 0 for none.")
    recorded_at: datetime = strawberry.field(description="When it was recorded, in UTC.")
    actor_role: str = strawberry.field(description="In what role it was recorded.")
    actor: str | None = strawberry.field(description="By whom, if that is held.")

    @strawberry.field(description="What happened.")
    def kind(self) -> EventKind:
        return self.event.kind

    @strawberry.field(description="The day on which it happened.")
    def occurred_on(self) -> date:
        return self.event.occurred_on

    @strawberry.field(
        description="Its place among the events of the facility, from 1. Null for a brand and for "
        "an SLCP officer, who are not told of every event."
    )
    def sequence(self, info: Info) -> int | None:
        return self.event.sequence if info.context.viewer.rights.every_event else None

    @strawberry.field(description="What else was recorded of it.")
    def details(self) -> list[EventDetail]:
        return [
            EventDetail(name=name, value=", ".join(map(str, value)))
            if isinstance(value, list)
            else EventDetail(name=name, value=str(value))
            for name, value in self.event.payload.items()
        ]


@strawberry.type(description="Somebody who may see the data of a facility, as it decided.")
class SharingGrant:
    """A grant in force."""

    grantee_kind: str = strawberry.field(description="What kind of party it is, such as BRAND.")
    grantee: str = strawberry.field(description="Who it is.")
    channel: SharingChannel = strawberry.field(description="How the data was shared.")
    granted_on: date = strawberry.field(description="Since when.")


@reads(FacilityView, description="A factory or other facility.")
class Facility(Node):
    """A facility with its present state."""

    name: str = strawberry.field(description="Its name.")
    os_id: str | None = strawberry.field(description="Open Supply Hub id, if known.")
    gateway_id: str | None = strawberry.field(description="Gateway Facility ID, if it has one.")
    better_work_id: str | None = strawberry.field(
        description="Id on the Better Work platform, if it has one."
    )
    contact_email: str | None = strawberry.field(
        description="Where the messages of FAQ 9 go; null if that is not known, and for brands and "
        "SLCP officers."
    )

    @strawberry.field(
        description="Grows with every change on record. A change that gives it as "
        "`expectedVersion` is made only if nothing was recorded since. Null for a brand, which is "
        "not told of every event."
    )
    def version(self, info: Info) -> int | None:
        return None if info.context.viewer.rights.rows is Rows.SHARED else self.record.version

    @strawberry.field(description="Its country.")
    def country(self, info: Info) -> Country:
        return country_in(info.context, self.record.country, self.view)

    @strawberry.field(description="Its route, where it stands on the day, and what comes next.")
    async def workflow(self, info: Info, as_of: AsOf = None) -> Workflow:
        return (await applied(info.context, self, as_of, None)).underway

    @strawberry.field(description="What applies to it on the day.")
    async def what_applies(
        self, info: Info, as_of: AsOf = None, layers: LayersWanted = None
    ) -> Applicability:
        return await applied(info.context, self, as_of, layers)

    @strawberry.field(description="What happened to it, oldest first.")
    async def history(
        self, info: Info, first: First = None, after: After = None
    ) -> Connection[WorkflowEvent]:
        context, facility = info.context, self.record.id
        asked = page_request(first=first, after=after, max_size=context.settings.max_page_size)
        page = await context.loaders.histories(asked).load(facility)

        async def count() -> int:
            return len(await context.loaders.events.load(facility))

        return Page(
            edges=[*map(PageEdge, page.cursors, page.rows)],
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            count=count,
        )

    @strawberry.field(description="With whom it shares its data now, longest first.")
    async def sharing(self, info: Info) -> list[SharingGrant]:
        return await info.context.loaders.grants.load(self.record.id)


async def applied(context: Any, facility: Any, as_of: date | None, layers: Any) -> Applied:
    """What applies to a facility as it stood on the day."""
    view = context.view_on(as_of, layers, facility.view)
    record = facility.record
    if view.as_of < context.today:
        record = await context.loaders.as_they_stood(view.as_of).load(record)
    decision = what_applies(
        record, context.knowledge, view.as_of, view.layers, viewer=context.viewer
    )
    return Applied(decision, view, Shown(facility.key, record, view))


@strawberry.type(description="How many facilities have one country.")
class CountryCount:
    """A count."""

    country: str = strawberry.field(description="ISO 3166-1 alpha-2 code.")
    count: int = strawberry.field(description="How many facilities.")


@strawberry.type(description="How many facilities have one assessor.")
class AssessedByCount:
    """A count."""

    assessed_by: AssessedBy = strawberry.field(description="Who assesses them.")
    count: int = strawberry.field(description="How many facilities.")


@strawberry.type(description="How many facilities have one sharing status.")
class SharingCount:
    """A count."""

    status: SharingStatus = strawberry.field(description="The sharing status.")
    count: int = strawberry.field(description="How many facilities.")


@strawberry.type(description="How many facilities have one primary blocker.")
class BlockerCount:
    """A count."""

    blocker: BlockerCode | None = strawberry.field(description="The blocker; null for none.")
    count: int = strawberry.field(description="How many facilities.")


@strawberry.type(description="How many facilities there are, by what is decided for them.")
class FacilityRollup:
    """Counts, the largest first."""

    total: int = strawberry.field(description="How many facilities fit.")

    @strawberry.field(description="By country.")
    def by_country(self) -> list[CountryCount]:
        return [CountryCount(country=c, count=n) for c, n in self.by_country.items()]

    @strawberry.field(description="By assessor.")
    def by_assessor(self) -> list[AssessedByCount]:
        return [AssessedByCount(assessed_by=a, count=n) for a, n in self.by_assessor.items()]

    @strawberry.field(description="By sharing status.")
    def by_sharing(self) -> list[SharingCount]:
        return [SharingCount(status=s, count=n) for s, n in self.by_sharing.items()]

    @strawberry.field(description="By primary blocker.")
    def by_primary_blocker(self) -> list[BlockerCount]:
        return [BlockerCount(blocker=b, count=n) for b, n in self.by_primary_blocker.items()]


@strawberry.type(description="Who is asking.")
class Viewer:
    """The caller."""

    role: Role = strawberry.field(description="In what capacity.")
    may_read_facilities: bool = strawberry.field(description="Whether facilities are open to them.")
