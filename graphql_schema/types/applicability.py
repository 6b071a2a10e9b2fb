# ruff: noqa: D102 - the description of a field says what it means
"""What applies to a facility or to a profile, on a day."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Annotated, TypeVar

import strawberry
from strawberry import Parent

from graphql_schema.context import Context, Info
from graphql_schema.locales import Served
from graphql_schema.presenter import Lasting, Presenter, presents, resolver, with_only
from graphql_schema.scalars import Markdown
from graphql_schema.snapshot import (
    LocaleWanted,
    Presented,
    Snapshot,
)
from graphql_schema.types.country import CountryOnDay, country_on_day
from graphql_schema.types.decisions import (
    AnyState,
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
from graphql_schema.types.enums import WantedDiagram, WantedFormat
from graphql_schema.types.faq import Citation
from graphql_schema.types.knowledge import Country, KnowledgeRelease
from kb.errors import InvalidInputError
from kb.rules import outcomes
from kb.rules.brand_advice import brand_advice
from kb.rules.diagrams import DiagramFormat, DiagramOf, diagram
from kb.rules.evidence import KnowledgeLayer
from kb.rules.inputs import AssessmentKind, FacilityProfile, SharingChannel
from kb.services.facilities.columns import CycleView, GrantView, cycles_of_view
from kb.services.facilities.facility_view import FacilityView
from kb.services.facilities.histories import as_it_stood
from kb.services.facilities.what_applies import (
    CycleDecision,
    cycles_of,
    summary_of,
    translated,
    what_applies,
)
from kb.services.knowledge.releases import ReleaseInfo

if TYPE_CHECKING:
    from graphql_schema.types.facility import Facility

Made = TypeVar("Made")


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


@dataclass(slots=True)
class DatedDecision(Presenter[outcomes.Applicability]):
    """What was decided for one facility on a day, or for a profile that belongs to none.

    The record is in the language served, `english` is the same decision in English. `name` is
    whose profile it is, where that is known.
    """

    english: outcomes.Applicability
    snapshot: Snapshot
    served: Served
    facility: Presented[FacilityView] | None = None
    name: str | None = None

    def of_cycles(
        self, context: Context, make: Callable[[Sequence[CycleDecision]], Made]
    ) -> Made | Awaitable[Made]:
        """What is made of the present service cycle, and of those before that are told with it.

        There are none for a profile. Each decision in them is in English.
        """
        if self.facility is None or self.facility.record.status_only:
            return make(())
        view, snapshot = self.facility.record, self.snapshot

        def decided(cycles: Sequence[CycleView]) -> Made:
            return make(cycles_of(cycles, context.knowledge, snapshot.as_of, snapshot.layers))

        async def later() -> Made:
            return decided(await context.loaders.cycles.load(view.id))

        if "cycles" in view._fields:
            return decided(cycles_of_view(view.cycles, context.viewer))
        return later()

    def dated_workflow(self) -> DatedWorkflow:
        """The workflow, with the facility's days where there is one."""
        facility = None if self.facility is None else self.facility.record
        return DatedWorkflow(self.record.workflow, facility)


def _decision_key(dated: DatedDecision) -> object:
    snapshot = dated.snapshot
    of_facility = dated.facility is not None
    return id(dated.english), snapshot.as_of, snapshot.layers, dated.served, of_facility


def _decision_alone(dated: DatedDecision) -> DatedDecision:
    """What is decided for any facility or profile with the same inputs."""
    facility = dated.facility
    if facility is not None:
        record = with_only(facility.record, state=AnyState())
        facility = with_only(facility, record=record)
    return with_only(
        dated,
        record=dated.record,
        english=dated.english,
        snapshot=dated.snapshot,
        served=dated.served,
        facility=facility,
    )


@presents(
    DatedDecision,
    "What applies, in full: each part says why and cites its sources.",
    Lasting(_decision_key, _decision_alone, own=lambda dated: dated.dated_workflow().step_dates),
)
class Applicability:
    """The answer to the question that this product exists for."""

    facility: Annotated["Facility", strawberry.lazy("graphql_schema.types.facility")] | None = (
        strawberry.field(description="The facility; null for a profile.")
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
        "language of the answer unless another is asked for.",
        Markdown,
    )
    @staticmethod
    def summary(
        root: Parent[DatedDecision], info: Info, locale: LocaleWanted = None
    ) -> str | Awaitable[str]:
        context = info.context
        served = root.served if locale is None else context.serve_decisions(locale)

        def letter(cycles: Sequence[CycleDecision]) -> str:
            return summary_of(
                root.english,
                context.knowledge,
                root.snapshot.as_of,
                root.snapshot.layers,
                today=context.today_in(root.english.country.code),
                facility_name=root.facility.record.name if root.facility else root.name,
                cycles=cycles,
                locale=served.locale,
            )

        return root.of_cycles(context, letter)

    @resolver(
        "What a brand may do and what it must not, ready to paste. In the language of the answer "
        "unless another is asked for."
    )
    @staticmethod
    def brand_advice(
        root: Parent[DatedDecision], info: Info, locale: LocaleWanted = None
    ) -> Markdown:
        served = root.served if locale is None else info.context.serve_decisions(locale)
        words = info.context.library.words.get(served.locale, {})
        return Markdown(brand_advice(root.english.sharing, words))

    @resolver(
        "The present service cycle, before it the last one that has data, and those whose data is "
        "shared still: what was shared stays labelled when new cycles open. Empty for a profile, "
        "and for a brand that may see the status only.",
        list[ServiceCycle],
    )
    @staticmethod
    def cycles(
        root: Parent[DatedDecision], info: Info
    ) -> Sequence[CycleDecision] | Awaitable[Sequence[CycleDecision]]:
        knowledge, locale = info.context.knowledge, root.served.locale

        def in_its_language(cycles: Sequence[CycleDecision]) -> Sequence[CycleDecision]:
            return [
                replace(cycle, decision=translated(cycle.decision, knowledge, locale))
                for cycle in cycles
            ]

        return root.of_cycles(info.context, in_its_language)

    @resolver("A picture of the rules with the facility's own way marked, in English.")
    @staticmethod
    def diagram(
        root: Parent[DatedDecision],
        of: WantedDiagram = DiagramOf.WORKFLOW,
        format: WantedFormat = DiagramFormat.MERMAID,
    ) -> str:
        return diagram(root.snapshot.library.rulebook, of, format, root.english)

    @resolver(
        "The language of what is said here, or of what is said in `locale` where it is given."
    )
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


def decide_at_once(
    context: Context,
    facility: Presented[FacilityView],
    as_of: date | None = None,
    layers: list[KnowledgeLayer] | None = None,
    locale: str | None = None,
) -> DatedDecision | None:
    """What applies to a facility on the day, in the language asked for.

    None for a day in the past, unless its events were read with it; `decide` reads them then.
    """
    view = facility.record
    snapshot = context.snapshot_on(as_of, layers, facility.snapshot, view.country)
    if snapshot.as_of < context.today_in(view.country):
        if "events" not in view._fields:
            return None
        view = as_it_stood(view, view.events, snapshot.as_of, context.viewer)
    return _decide(context, facility, view, snapshot, locale)


async def decide(
    context: Context,
    facility: Presented[FacilityView],
    as_of: date | None = None,
    layers: list[KnowledgeLayer] | None = None,
    locale: str | None = None,
) -> DatedDecision:
    """What applies to a facility as it stood on the day, in the language asked for."""
    view = facility.record
    snapshot = context.snapshot_on(as_of, layers, facility.snapshot, view.country)
    if snapshot.as_of < context.today_in(view.country):
        view = await context.loaders.as_they_stood(snapshot.as_of).load(view)
    return _decide(context, facility, view, snapshot, locale)


def _decide(
    context: Context,
    facility: Presented[FacilityView],
    view: FacilityView,
    snapshot: Snapshot,
    locale: str | None,
) -> DatedDecision:
    decision = what_applies(
        view, context.knowledge, snapshot.as_of, snapshot.layers, viewer=context.viewer
    )
    presented = Presented(view, snapshot)
    return in_language(decision, context, snapshot, locale, presented)


def decide_profile(
    context: Context,
    profile: FacilityProfile,
    snapshot: Snapshot,
    locale: str | None = None,
    name: str | None = None,
) -> DatedDecision:
    """What would apply to a facility with a profile, in the language asked for.

    `name` is whose profile it is, where somebody has noted one.
    """
    decision = what_applies(
        profile,
        context.knowledge,
        snapshot.as_of,
        snapshot.layers,
        viewer=context.viewer,
    )
    return replace(in_language(decision, context, snapshot, locale), name=name)


def in_language(
    decision: outcomes.Applicability,
    context: Context,
    snapshot: Snapshot,
    locale: str | None,
    facility: Presented[FacilityView] | None = None,
) -> DatedDecision:
    """A decision made in English, in the language asked for; English where that is not served."""
    served = context.serve_decisions(locale)
    record = translated(decision, context.knowledge, served.locale)
    return DatedDecision(record, decision, snapshot, served, facility)
