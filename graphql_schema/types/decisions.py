# ruff: noqa: D102 - the description of a field says what it means
"""What was decided for one facility or profile, explained throughout."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import strawberry
from strawberry import Parent

from graphql_schema.context import Info
from graphql_schema.presenter import (
    Lasting,
    Presenter,
    Slots,
    presents,
    resolver,
    with_only,
)
from graphql_schema.snapshot import Presented
from graphql_schema.types.faq import Explained, Faq, Statement
from graphql_schema.types.knowledge import Ambiguity, Fee, ToolVersion
from kb.content import faq_records, records
from kb.rules import outcomes
from kb.rules.codes import (
    ActionDeadline,
    Actor,
    BlockerCode,
    DataLabelCode,
    FactTopic,
    FeeCharge,
    FeeCode,
    ProfileQuestion,
    SharingStatus,
    WarningCode,
    WorkflowState,
)
from kb.rules.events import EventKind
from kb.rules.inputs import AssessedBy, SharingChannel
from kb.rules.outcomes import LabelScope, StepState
from kb.rules.roles import Role
from kb.services.facilities.facility_view import FacilityView


@presents(
    Presented[outcomes.AssessmentDecision],
    "Who assesses the facility, with which Tool version and which Steps.",
)
class AssessmentDecision(Explained):
    """The assessor and what follows from it."""

    assessed_by: AssessedBy = strawberry.field(description="Who assesses the facility.")
    provisional: bool = strawberry.field(
        description="True when it holds only if an unknown input turns out as hoped."
    )
    fallback: AssessedBy | None = strawberry.field(
        description="Who assesses if the provisional answer does not hold; null otherwise."
    )
    verifier_excluded: bool = strawberry.field(
        description="True where SLCP-approved Verifiers do not work (FAQ 7)."
    )
    steps_assessed: list[int] = strawberry.field(
        description="CAF Steps that are assessed; empty where none is stated."
    )
    law_overlay: bool | None = strawberry.field(
        description="Whether there is a Law Overlay for Step 1; null where it is not stated."
    )
    tool: Statement = strawberry.field(description="Explains `toolVersion` and `lawOverlay`.")

    @resolver("The CAF version in use; null where it is not stated.", ToolVersion | None)
    @staticmethod
    def tool_version(
        root: Parent[Presented[outcomes.AssessmentDecision]],
    ) -> Presented[records.ToolVersion] | None:
        wanted = root.record.tool_version
        versions = root.snapshot.library.tool_versions
        key = next((key for key, tool in versions.items() if tool.version == wanted), None)
        return root.snapshot.record(versions, key)


@presents(outcomes.BrandStatement, "Something that a brand may do.")
class BrandStatement(Explained):
    """A statement with the brand's own deadline."""

    deadline: ActionDeadline | None = strawberry.field(
        description="By when; null where the source states no deadline."
    )


@presents(
    outcomes.SharingDecision,
    "Whether the data of this service cycle can be shared, how, and who decides.",
)
class SharingDecision(Explained):
    """Sharing through the SLCP Gateway."""

    status: SharingStatus = strawberry.field(description="Whether it can be shared.")
    deadline: ActionDeadline | None = strawberry.field(
        description="By when what is missing must be done; null where no deadline applies."
    )
    channels: list[SharingChannel] = strawberry.field(
        description="The ways to share; empty where sharing is not open."
    )
    who_decides: Actor = strawberry.field(description="Who decides whether and with whom (FAQ 19).")
    brand_may: list[BrandStatement] = strawberry.field(
        description="What a brand may do now: it asks for nothing that is done, or that leads "
        "nowhere."
    )
    brand_may_not: list[Statement] = strawberry.field(description="What a brand must not do.")


@dataclass(slots=True)
class DatedStep(Presenter[outcomes.WorkflowStep]):
    """A workflow step with the day on which it was last done, None where that is not recorded."""

    done_on: date | None


@presents(DatedStep, "One step of the facility's route.")
class WorkflowStep(Explained):
    """A step and how it stands."""

    code: str = strawberry.field(description="Stable code of the step.")
    title: str = strawberry.field(description="Its name.")
    order: int = strawberry.field(description="Its place in the route, from 1.")
    actor: Actor = strawberry.field(description="Who takes it.")
    state: StepState = strawberry.field(description="How it stands in this service cycle.")
    deadline: ActionDeadline | None = strawberry.field(
        description="By when; null where none is stated."
    )
    advised: ActionDeadline | None = strawberry.field(
        description="An earlier moment that the source advises; null where there is none."
    )
    event: EventKind | None = strawberry.field(
        description="What is recorded when it was taken; null where nothing is."
    )
    guard: str | None = strawberry.field(description="What must hold first.")
    asks: list[str] = strawberry.field(description="What it asks of the actor.")
    done_on: date | None = strawberry.field(
        description="The day on which it was done; null where no event on record says so."
    )

    @resolver(
        "In which roles that may be recorded; empty where nothing is. Beside FACILITY stands who "
        "may record it on the word of the facility, with `onBehalfOf`."
    )
    @staticmethod
    def recorded_by(root: Parent[DatedStep], info: Info) -> list[Role]:
        return _recorded_by(root.record.event, info)


@presents(outcomes.NextAction, "Something to do; the first is due now.")
class NextAction(Explained):
    """An action; then-steps follow in order."""

    code: str = strawberry.field(description="Stable code: that of the workflow step.")
    title: str = strawberry.field(description="What to do, in short.")
    order: int = strawberry.field(description="Its place, from 1; 1 is due now.")
    actor: Actor = strawberry.field(description="Who does it.")
    deadline: ActionDeadline | None = strawberry.field(
        description="By when; null where none is stated."
    )
    advised: ActionDeadline | None = strawberry.field(
        description="An earlier moment that the source advises; null where there is none."
    )
    event: EventKind | None = strawberry.field(
        description="What is recorded when it was done; null where nothing is."
    )
    asks: list[str] = strawberry.field(description="What it asks of the actor.")
    alternative: bool = strawberry.field(
        description="Whether it is done in place of others where it fits, and not after them."
    )

    @resolver(
        "In which roles that may be recorded, which need not be the actor's: Better Work records "
        "what the factory and it do together. Beside FACILITY stands who may record it on the word "
        "of the facility, with `onBehalfOf`. Empty where nothing is recorded."
    )
    @staticmethod
    def recorded_by(root: Parent[outcomes.NextAction], info: Info) -> list[Role]:
        return _recorded_by(root.event, info)


def _recorded_by(event: EventKind | None, info: Info) -> list[Role]:
    return [] if event is None else list(info.context.library.transitions[event].recorders)


@presents(outcomes.Blocker, "What stands in the way; the first of a list weighs most.")
class Blocker(Explained):
    """A blocker."""

    code: BlockerCode = strawberry.field(description="Which one.")


@presents(outcomes.DataLabel, "What the data of one CAF Step may be called.")
class DataLabel(Explained):
    """A label of one Step, or of one part of Step 1."""

    step: int = strawberry.field(description="The CAF Step: 1, 2 or 3.")
    scope: LabelScope = strawberry.field(description="The part of the Step that it speaks of.")
    code: DataLabelCode = strawberry.field(description="The label.")


@presents(Presented[outcomes.ApplicableFee], "One fee and whether it falls due for this facility.")
class ApplicableFee(Explained):
    """A fee of this facility."""

    code: FeeCode = strawberry.field(description="Which fee.")
    charge: FeeCharge = strawberry.field(description="Whether it falls due.")
    payer: Actor | None = strawberry.field(description="Who pays; null where it is not stated.")

    @resolver(
        "What is held about this fee on the day in the layers, with dated amounts.", list[Fee]
    )
    @staticmethod
    def held(root: Parent[Presented[outcomes.ApplicableFee]]) -> list[Presented[records.Fee]]:
        fees = root.snapshot.library.fees
        of_code = [key for key, fee in fees.items() if fee.code is root.record.code]
        return root.snapshot.shown(fees, of_code)


@presents(Presented[outcomes.ApplicableFaq], "A FAQ entry that concerns this facility.")
class ApplicableFaq(Explained):
    """A FAQ entry and why it applies."""

    number: int = strawberry.field(description="Its number.")
    rank: int = strawberry.field(description="Its place by weight, from 1; 1 matters most.")

    @resolver("The entry.", Faq)
    @staticmethod
    def faq(
        root: Parent[Presented[outcomes.ApplicableFaq]], info: Info
    ) -> Presented[faq_records.Faq]:
        return info.context.faq(root.record.number, root.served)


@presents(outcomes.MissingInput, "An unknown input that is worth asking for.")
class MissingInput(Explained):
    """A question to ask next."""

    input: ProfileQuestion = strawberry.field(description="What to ask.")
    rank: int = strawberry.field(description="Its place, from 1; 1 settles most.")
    settles: float = strawberry.field(
        description="How many of the outcomes still possible fall away on average once it is known."
    )


@presents(Presented[outcomes.ApplicabilityWarning], "What to know before relying on the answer.")
class ApplicabilityWarning(Explained):
    """A warning."""

    code: WarningCode = strawberry.field(description="Its kind.")

    @resolver("The recorded ambiguity behind it, if there is one.", Ambiguity | None)
    @staticmethod
    def ambiguity(
        root: Parent[Presented[outcomes.ApplicabilityWarning]],
    ) -> Presented[records.Ambiguity] | None:
        ambiguities = root.snapshot.library.ambiguities
        return root.snapshot.record(ambiguities, root.record.ambiguity)


@presents(outcomes.LaterFact, "What a later or outside public page says besides the shared FAQs.")
class LaterFact(Explained):
    """A fact of the public record that matters for this answer."""

    topic: FactTopic = strawberry.field(description="What it is about.")
    valid_from: date = strawberry.field(description="The first day on which it may be stated.")
    checked_on: date = strawberry.field(description="When it was last compared with its source.")
    ask: Actor = strawberry.field(description="Whom to ask whether it still holds.")


@presents(outcomes.RuleInput, "One condition of a rule row.")
class RuleInput:
    """What was compared with what."""

    name: str = strawberry.field(description="Name of the input.")
    value: str = strawberry.field(description="Its value for this facility.")
    accepts: list[str] = strawberry.field(description="The values that the row accepts.")
    matched: bool = strawberry.field(description="Whether the value is among them.")


@presents(outcomes.RuleOutcome, "One row of a decision table that was tried.")
class RuleOutcome:
    """A row of the trace."""

    table: str = strawberry.field(
        description="A: who assesses; B: sharing; C: labels; D: fees; E: Tool and Law Overlay."
    )
    row: str = strawberry.field(description="Id of the row, which never changes.")
    matched: bool = strawberry.field(description="Whether it decided.")
    inputs: list[RuleInput] = strawberry.field(description="On which inputs.")


@dataclass(slots=True)
class DatedWorkflow(Presenter[outcomes.Workflow]):
    """A workflow with the facility that tells on which days its steps were last done."""

    facility: FacilityView | None

    @property
    def step_dates(self) -> Mapping[str, date]:
        """Code of a step to the day on which it was last done."""
        return {} if self.facility is None else self.facility.step_dates


class AnyState:
    """The state of any facility, of which no more is known than that it has days of its own."""

    step_dates = Slots()


def _workflow_key(dated: DatedWorkflow) -> object:
    return id(dated.record), dated.facility is None


def _workflow_alone(dated: DatedWorkflow) -> DatedWorkflow:
    facility = dated.facility
    if facility is not None:
        facility = with_only(facility, state=AnyState())
    return with_only(dated, record=dated.record, facility=facility)


@presents(
    DatedWorkflow,
    "The route the facility is on, where it stands, and what comes next.",
    Lasting(_workflow_key, _workflow_alone, own=lambda dated: dated.step_dates),
)
class Workflow(Explained):
    """The workflow of one service cycle."""

    route: str = strawberry.field(description="Stable code of the route.")
    title: str = strawberry.field(description="Name of the route.")
    state: WorkflowState = strawberry.field(description="Where the facility stands.")
    next_actions: list[NextAction] = strawberry.field(
        description="What to do, in order; the first is due now."
    )
    blockers: list[Blocker] = strawberry.field(
        description="What stands in the way, the primary one first."
    )

    @resolver("The steps of the route, in order.", list[WorkflowStep])
    @staticmethod
    def steps(root: Parent[DatedWorkflow]) -> list[DatedStep]:
        dates = root.step_dates
        return [DatedStep(step, dates.get(step.code)) for step in root.record.steps]
