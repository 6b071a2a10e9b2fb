"""What the rules answer: one frozen `Applicability` per decision key, explained throughout."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

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
from kb.rules.evidence import Citation, Explained
from kb.rules.facts import DatedFact
from kb.rules.inputs import AssessedBy, CountryKind, FacilityProfile, SharingChannel


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentDecision(Explained):
    """Who assesses the facility, with which Tool version and which Steps.

    `provisional` means that the answer holds only if an unknown input turns out as hoped;
    `fallback` is who assesses otherwise. `steps_assessed` is empty where the source states none.
    `tool` explains `tool_version` and `law_overlay`; both are None where they are not stated.
    """

    assessed_by: AssessedBy
    provisional: bool
    fallback: AssessedBy | None
    verifier_excluded: bool
    steps_assessed: tuple[int, ...]
    tool_version: str | None
    law_overlay: bool | None
    tool: Explained


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandStatement(Explained):
    """Something that a brand may do; `deadline` is None where the source states none."""

    deadline: ActionDeadline | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingDecision(Explained):
    """Whether this cycle's data can be shared, how, by when, and who decides."""

    status: SharingStatus
    deadline: ActionDeadline | None
    channels: tuple[SharingChannel, ...]
    who_decides: Actor
    brand_may: tuple[BrandStatement, ...]
    brand_may_not: tuple[Explained, ...]


class StepState(StrEnum):
    """How a workflow step stands in this service cycle.

    NOT_RECORDED: nothing tells whether it was done, and it stands before the next step or
    depends on what is not known.
    """

    DONE = "DONE"
    NEXT = "NEXT"
    LATER = "LATER"
    MISSED = "MISSED"
    NOT_THIS_CYCLE = "NOT_THIS_CYCLE"
    NOT_RECORDED = "NOT_RECORDED"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowStep(Explained):
    """One step of the facility's route."""

    code: str
    title: str
    order: int
    actor: Actor
    event: EventKind | None
    state: StepState
    deadline: ActionDeadline | None
    advised: ActionDeadline | None
    guard: str | None
    asks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NextAction(Explained):
    """Something to do; the first is due now, the others follow in order.

    `event` is what is recorded when it was done; None if nothing is. `deadline` is the last
    moment for it and `advised` an earlier one that the source advises. An `alternative` is done in
    place of others where it fits, and not after them.
    """

    code: str
    title: str
    order: int
    actor: Actor
    event: EventKind | None
    deadline: ActionDeadline | None
    advised: ActionDeadline | None
    asks: tuple[str, ...]
    alternative: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocker(Explained):
    """What stands in the way; the first of a list is the primary one."""

    code: BlockerCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow(Explained):
    """The route the facility is on, where it stands, and what comes next."""

    route: str
    title: str
    state: WorkflowState
    steps: tuple[WorkflowStep, ...]
    next_actions: tuple[NextAction, ...]
    blockers: tuple[Blocker, ...]


class LabelScope(StrEnum):
    """Which part of a Step a label speaks of; the VCC subset matters only under a VCC."""

    ALL = "ALL"
    IN_VCC_SUBSET = "IN_VCC_SUBSET"
    OUTSIDE_VCC_SUBSET = "OUTSIDE_VCC_SUBSET"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataLabel(Explained):
    """What the data of one CAF Step may be called."""

    step: int
    scope: LabelScope
    code: DataLabelCode


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicableFee(Explained):
    """One fee and whether it falls due for this facility."""

    code: FeeCode
    charge: FeeCharge
    payer: Actor | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicableFaq(Explained):
    """A FAQ entry that concerns this facility; rank 1 matters most."""

    number: int
    rank: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingInput(Explained):
    """An unknown input; rank 1 settles most.

    `settles` is how many of the outcomes that are still possible fall away, on average, once it
    is known.
    """

    input: ProfileQuestion
    rank: int
    settles: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicabilityWarning(Explained):
    """What to know before relying on the answer; `ambiguity` is its id (Q1 to Q21) if recorded."""

    code: WarningCode
    ambiguity: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterFact(Explained):
    """What the public record says besides the shared FAQs, and whom to ask whether it still holds.

    `valid_from` is the first day on which it may be stated, `checked_on` when it was last compared
    with its source.
    """

    topic: FactTopic
    valid_from: date
    checked_on: date
    ask: Actor


@dataclass(frozen=True, slots=True)
class RuleInput:
    """One condition of a row: the input, its value, the values the row accepts, and the result."""

    name: str
    value: str
    accepts: tuple[str, ...]
    matched: bool


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """One row that was tried. A row with alternatives shows the one that matched, or the first."""

    table: str
    row: str
    matched: bool
    inputs: tuple[RuleInput, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryStatus(Explained):
    """What is known of the facility's country on the day asked for.

    `kind` is None when the day is not covered; `fact` is the dated fact that was used.
    """

    code: str
    name: str
    kind: CountryKind | None
    fact: DatedFact[CountryKind] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicability:
    """What applies to every facility with this profile, at one position among the dated facts."""

    profile: FacilityProfile
    assessment: AssessmentDecision
    sharing: SharingDecision
    workflow: Workflow
    data_labels: tuple[DataLabel, ...]
    country: CountryStatus
    fees: tuple[ApplicableFee, ...]
    faqs: tuple[ApplicableFaq, ...]
    missing: tuple[MissingInput, ...]
    warnings: tuple[ApplicabilityWarning, ...]
    later_facts: tuple[LaterFact, ...]
    trace: tuple[RuleOutcome, ...]
    citations: tuple[Citation, ...]
