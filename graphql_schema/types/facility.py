# ruff: noqa: D102 - the description of a field says what it means
"""Facilities, where they stand, and what applies to them."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated

import strawberry
from strawberry import Parent

from graphql_schema.context import Context, Info
from graphql_schema.locales import Served
from graphql_schema.presenter import Presenter, presents, resolver
from graphql_schema.scalars import Markdown
from graphql_schema.snapshot import (
    AsOf,
    LayersWanted,
    LocaleWanted,
    Presented,
    Snapshot,
)
from graphql_schema.types.connections import (
    After,
    Connection,
    CountedPage,
    First,
    PageEdge,
)
from graphql_schema.types.country import CountryOnDay, country_on_day
from graphql_schema.types.decisions import (
    ApplicabilityWarning,
    ApplicableFaq,
    ApplicableFee,
    AssessmentDecision,
    DataLabel,
    DatedWorkflow,
    LaterFact,
    MissingInput,
    RuleOutcome,
    SharingDecision,
    Workflow,
)
from graphql_schema.types.faq import Citation
from graphql_schema.types.inputs import FacilityProfileInput
from graphql_schema.types.knowledge import Country, KnowledgeRelease
from graphql_schema.types.node import Node
from kb.errors import InvalidInputError
from kb.rules import outcomes
from kb.rules.days import local_days
from kb.rules.events import EventKind
from kb.rules.evidence import KnowledgeLayer
from kb.rules.inputs import AssessedBy, AssessmentKind, SharingChannel
from kb.rules.rulebook import BlockerCode, SharingStatus
from kb.rules.wording import in_words
from kb.services.access import matrix
from kb.services.access.matrix import Role
from kb.services.access.scope import scope_of
from kb.services.facilities.histories import GrantView, RecordedEvent
from kb.services.facilities.views import FacilityView, Rollup
from kb.services.facilities.what_applies import (
    CycleDecision,
    cycles_of,
    summary_of,
    what_applies,
)
from kb.services.knowledge.releases import ReleaseInfo
from kb.services.paging import page_request


@presents(GrantView, "Somebody who may see the data of a facility, as it decided.")
class SharingGrant:
    """A grant in force."""

    grantee_kind: str = strawberry.field(description="What kind of party it is, such as BRAND.")
    grantee: str = strawberry.field(description="Who it is.")
    channel: SharingChannel = strawberry.field(description="How the data was shared.")
    granted_on: date = strawberry.field(description="Since when.")


@presents(CycleDecision, "A Better Work service cycle of a facility, and what its data is.")
class ServiceCycle:
    """The present cycle, or an earlier one as it ended."""

    number: int = strawberry.field(description="Its number, from 1; 0 before the first.")
    opened_on: date | None = strawberry.field(description="When it was opened.")
    closed_on: date | None = strawberry.field(description="When it was closed; null while open.")
    grants: list[SharingGrant] = strawberry.field(
        description="With whom the data of this cycle is shared, as far as the viewer may know."
    )

    @resolver("Better Work's assessment in it.")
    @staticmethod
    def assessment(root: Parent[CycleDecision]) -> AssessmentKind:
        return root.decision.profile.assessment

    @resolver("What its data may be called.", list[DataLabel])
    @staticmethod
    def labels(root: Parent[CycleDecision]) -> tuple[outcomes.DataLabel, ...]:
        return root.decision.data_labels

    @resolver("Whether its data can be shared.", SharingDecision)
    @staticmethod
    def sharing(root: Parent[CycleDecision]) -> outcomes.SharingDecision:
        return root.decision.sharing


@dataclass(frozen=True, slots=True)
class DatedDecision(Presenter[outcomes.Applicability]):
    """What was decided for one facility on a day, or for a profile that belongs to none.

    The record is in the language served, `english` is the same decision in English.
    """

    english: outcomes.Applicability
    snapshot: Snapshot
    served: Served
    facility: Presented[FacilityView] | None = None

    async def cycles(self, context: Context) -> tuple[CycleDecision, ...]:
        """The present service cycle, and the last one before it that has data; none for a profile.

        Each decision in it is in English.
        """
        if self.facility is None:
            return ()
        as_of = self.snapshot.as_of
        stood = await context.loaders.cycles.load((self.facility.record, as_of))
        return cycles_of(stood, context.knowledge, as_of, self.snapshot.layers)

    def dated_workflow(self) -> DatedWorkflow:
        """The workflow, with the facility's days where there is one."""
        dates = self.facility.record.step_dates if self.facility else {}
        return DatedWorkflow(self.record.workflow, dates)


@presents(DatedDecision, "What applies, in full: each part says why and cites its sources.")
class Applicability:
    """The answer to the question that this product exists for."""

    facility: Annotated["Facility", strawberry.lazy(__name__)] | None = strawberry.field(
        description="The facility; null for a profile given to `whatIf`."
    )
    sharing: SharingDecision = strawberry.field(
        description="Whether the data can be shared, how, and who decides."
    )
    data_labels: list[DataLabel] = strawberry.field(
        description="What the data of each CAF Step may be called."
    )
    missing: list[MissingInput] = strawberry.field(
        description="What to ask next, the most settling question first."
    )
    later_facts: list[LaterFact] = strawberry.field(
        description="What later and outside public pages say of the topics of this answer by the "
        "day; empty without the layer PUBLIC_RECORD. It never changes what was decided."
    )
    trace: list[RuleOutcome] = strawberry.field(
        description="Every rule row that was tried: matched or not, on which inputs."
    )
    citations: list[Citation] = strawberry.field(
        description="Every source passage that the answer rests on, once."
    )

    @resolver("The day that the answer is for.")
    @staticmethod
    def as_of(root: Parent[DatedDecision]) -> date:
        return root.snapshot.as_of

    @resolver("The knowledge release that it comes from.", KnowledgeRelease)
    @staticmethod
    def knowledge(root: Parent[DatedDecision], info: Info) -> ReleaseInfo:
        return info.context.knowledge.release

    @resolver(
        "A letter to paste into an e-mail: of what day and age the answer is, what applies, with "
        "whom the data is shared as far as the viewer may know, what to do next and by whom, what "
        "the data may be called, what it costs, what is not known, and the sources. In the "
        "language of the answer unless another is asked for."
    )
    @staticmethod
    async def summary(
        root: Parent[DatedDecision], info: Info, locale: LocaleWanted = None
    ) -> Markdown:
        context = info.context
        served = root.served if locale is None else context.serve_decisions(locale)
        letter = summary_of(
            root.english,
            context.knowledge,
            root.snapshot.as_of,
            root.snapshot.layers,
            facility_name=root.facility.record.name if root.facility else None,
            cycles=await root.cycles(context),
            locale=served.locale,
        )
        return Markdown(letter)

    @resolver(
        "The present service cycle, and before it the last one that has data: what was shared "
        "stays labelled when a new cycle opens. Empty for a profile given to `whatIf`.",
        list[ServiceCycle],
    )
    @staticmethod
    async def cycles(root: Parent[DatedDecision], info: Info) -> list[CycleDecision]:
        words = info.context.library.words.get(root.served.locale, {})
        return [
            replace(cycle, decision=in_words(cycle.decision, words))
            for cycle in await root.cycles(info.context)
        ]

    @resolver("Language of what is said here, or of the language asked for.")
    @staticmethod
    def served_locale(root: Parent[DatedDecision], info: Info, locale: LocaleWanted = None) -> str:
        return (root.served if locale is None else info.context.serve_decisions(locale)).locale

    @resolver("Why this language is served, and whether the translation is reviewed.")
    @staticmethod
    def locale_reason(root: Parent[DatedDecision], info: Info, locale: LocaleWanted = None) -> str:
        return (root.served if locale is None else info.context.serve_decisions(locale)).reason

    @resolver("Who assesses, with which Tool version and which Steps.", AssessmentDecision)
    @staticmethod
    def assessment(root: Parent[DatedDecision]) -> Presented[outcomes.AssessmentDecision]:
        return Presented(root.record.assessment, root.snapshot)

    @resolver("The route, where it stands, and what comes next.", Workflow)
    @staticmethod
    def workflow(root: Parent[DatedDecision]) -> DatedWorkflow:
        return root.dated_workflow()

    @resolver("The country with its facts on the day.", Country)
    @staticmethod
    def country(root: Parent[DatedDecision], info: Info) -> CountryOnDay:
        return country_on_day(info.context, root.record.country.code, root.snapshot)

    @resolver("What it costs, and on which costs the source is silent.", list[ApplicableFee])
    @staticmethod
    def fees(root: Parent[DatedDecision]) -> list[Presented[outcomes.ApplicableFee]]:
        return [Presented(fee, root.snapshot) for fee in root.record.fees]

    @resolver("The FAQ entries that apply, the weightiest first.", list[ApplicableFaq])
    @staticmethod
    def faqs(
        root: Parent[DatedDecision],
        info: Info,
        first: Annotated[
            int | None, strawberry.argument(description="How many; all of them by default.")
        ] = None,
        locale: LocaleWanted = None,
    ) -> list[Presented[outcomes.ApplicableFaq]]:
        if first is not None and first < 1:
            raise InvalidInputError("first", first, "a number from 1 on")
        language = info.context.serve(locale or root.served.locale)
        return [Presented(faq, root.snapshot, served=language) for faq in root.record.faqs[:first]]

    @resolver("What to know before relying on the answer.", list[ApplicabilityWarning])
    @staticmethod
    def warnings(root: Parent[DatedDecision]) -> list[Presented[outcomes.ApplicabilityWarning]]:
        return [Presented(warning, root.snapshot) for warning in root.record.warnings]


@strawberry.type(description="One detail of an event.")
class EventDetail:
    """A name and a value."""

    name: str = strawberry.field(description="What it is, such as kind or steps.")
    value: str = strawberry.field(description="Its value.")


@presents(RecordedEvent, "Something that happened to a facility.")
class WorkflowEvent:
    """An event; it was recorded once and is never changed."""

    cycle: int = strawberry.field(description="The service cycle it fell into, from 1; 0 for none.")
    recorded_at: datetime = strawberry.field(description="When it was recorded, in UTC.")
    actor_role: str = strawberry.field(description="In what role it was recorded.")
    actor: str | None = strawberry.field(description="By whom, if that is held.")

    @resolver("What happened.")
    @staticmethod
    def kind(root: Parent[RecordedEvent]) -> EventKind:
        return root.event.kind

    @resolver("The day on which it happened.")
    @staticmethod
    def occurred_on(root: Parent[RecordedEvent]) -> date:
        return root.event.occurred_on

    @resolver(
        "Its place among the events of the facility, from 1. Null for a brand and for an SLCP "
        "officer, who are not told of every event."
    )
    @staticmethod
    def sequence(root: Parent[RecordedEvent], info: Info) -> int | None:
        return root.event.sequence if scope_of(info.context.viewer).every_event else None

    @resolver("What else was recorded of it.")
    @staticmethod
    def details(root: Parent[RecordedEvent]) -> list[EventDetail]:
        return [
            EventDetail(name=name, value=", ".join(map(str, value)))
            if isinstance(value, list)
            else EventDetail(name=name, value=str(value))
            for name, value in root.event.payload.items()
        ]


@presents(Presented[FacilityView], "A factory or other facility.")
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
    contact_email: str | None = strawberry.field(
        description="Where the messages of FAQ 9 go; null if that is not known, and for brands and "
        "SLCP officers."
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
    async def workflow(
        root: Parent[Presented[FacilityView]],
        info: Info,
        as_of: AsOf = None,
        locale: LocaleWanted = None,
    ) -> DatedWorkflow:
        return (await decide(info.context, root, as_of, None, locale)).dated_workflow()

    @resolver("What applies to it on the day.", Applicability)
    @staticmethod
    async def what_applies(
        root: Parent[Presented[FacilityView]],
        info: Info,
        as_of: AsOf = None,
        layers: LayersWanted = None,
        locale: LocaleWanted = None,
    ) -> DatedDecision:
        return await decide(info.context, root, as_of, layers, locale)

    @resolver("What happened to it, oldest first.", Connection[WorkflowEvent])
    @staticmethod
    async def history(
        root: Parent[Presented[FacilityView]],
        info: Info,
        first: First = None,
        after: After = None,
    ) -> CountedPage[RecordedEvent]:
        context, facility_id = info.context, root.record.id
        asked = page_request(first=first, after=after, max_size=context.settings.max_page_size)
        page = await context.loaders.histories(asked).load(facility_id)

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


async def decide(
    context: Context,
    facility: Presented[FacilityView],
    as_of: date | None = None,
    layers: list[KnowledgeLayer] | None = None,
    locale: str | None = None,
) -> DatedDecision:
    """What applies to a facility as it stood on the day, in the language asked for."""
    stood = facility.record
    snapshot = context.snapshot_on(as_of, layers, facility.snapshot, stood.country)
    if snapshot.as_of < local_days(stood.country, context.now).today:
        stood = await context.loaders.as_they_stood(snapshot.as_of).load(stood)
    decision = what_applies(
        stood, context.knowledge, snapshot.as_of, snapshot.layers, viewer=context.viewer
    )
    stood_then = Presented(stood, snapshot, facility.key)
    return _said(decision, context, snapshot, locale, stood_then)


def decide_profile(
    context: Context,
    profile: FacilityProfileInput,
    snapshot: Snapshot,
    locale: str | None = None,
) -> DatedDecision:
    """What would apply to a facility with a profile, in the language asked for."""
    decision = what_applies(
        profile.profile(),
        context.knowledge,
        snapshot.as_of,
        snapshot.layers,
        viewer=context.viewer,
    )
    return _said(decision, context, snapshot, locale)


def _said(
    decision: outcomes.Applicability,
    context: Context,
    snapshot: Snapshot,
    locale: str | None,
    facility: Presented[FacilityView] | None = None,
) -> DatedDecision:
    served = context.serve_decisions(locale)
    words = context.library.words.get(served.locale)
    said = decision if words is None else in_words(decision, words)
    return DatedDecision(said, decision, snapshot, served, facility)


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


@presents(Rollup, "How many facilities there are, by what is decided for them.")
class FacilityRollup:
    """Counts, the largest first."""

    total: int = strawberry.field(description="How many facilities fit.")

    @resolver("By country.")
    @staticmethod
    def by_country(root: Parent[Rollup]) -> list[CountryCount]:
        return [
            CountryCount(country=country, count=count) for country, count in root.by_country.items()
        ]

    @resolver("By assessor.")
    @staticmethod
    def by_assessor(root: Parent[Rollup]) -> list[AssessedByCount]:
        return [
            AssessedByCount(assessed_by=assessor, count=count)
            for assessor, count in root.by_assessor.items()
        ]

    @resolver("By sharing status.")
    @staticmethod
    def by_sharing(root: Parent[Rollup]) -> list[SharingCount]:
        return [
            SharingCount(status=status, count=count) for status, count in root.by_sharing.items()
        ]

    @resolver("By primary blocker.")
    @staticmethod
    def by_primary_blocker(root: Parent[Rollup]) -> list[BlockerCount]:
        return [
            BlockerCount(blocker=blocker, count=count)
            for blocker, count in root.by_primary_blocker.items()
        ]


@presents(matrix.Viewer, "Who is asking.")
class Viewer:
    """The caller."""

    role: Role = strawberry.field(description="In what capacity.")
    may_read_facilities: bool = strawberry.field(description="Whether facilities are open to them.")
