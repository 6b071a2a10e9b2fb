"""The decision tables, steps and warnings as data: what an editor writes, frozen.

A condition maps input names to the values it accepts; an input that is not named may have any
value. A row matches when any one of its alternatives matches. The tables keep the row ids of the
domain (A1, A2 … E4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from kb.rules.codes import (
    ActionDeadline,
    Actor,
    BlockerCode,
    DataLabelCode,
    FactTopic,
    FeeCharge,
    FeeCode,
    SharingStatus,
    WarningCode,
    WorkflowState,
)
from kb.rules.events import EventKind
from kb.rules.evidence import Citation
from kb.rules.facts import DatedFact
from kb.rules.inputs import AssessedBy, CountryKind

Condition = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What the product may say, with its sources.

    `text` may hold {country} and {first_day}, filled in when it is said. With `cites_country`
    the sources of what is known of the country are cited as well, first.
    """

    text: str
    citations: tuple[Citation, ...]
    cites_country: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionalStatement:
    """A statement that takes the place of another where one of the alternatives matches."""

    instead_of: str
    because: str
    when: tuple[Condition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionalBlocker:
    """A blocker of a row; with alternatives in `when`, only if one of them matches.

    `because` names the statement that says it; without one, that is the statement of the code.
    """

    code: BlockerCode
    because: str | None = None
    when: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentResult:
    """What a row of table A decides: who assesses, and what follows from it.

    `sharing` is None where table B decides. `because` and `sharing_because` name statements,
    `warnings` warning rules and `actions` workflow steps. Of `routes`, the first whose condition
    matches is taken. `because_assessed` takes the place of `because` where enrolment is not told
    and follows from an assessment by Better Work. `fallback` assesses instead if the answer is
    provisional and does not hold.
    """

    because: str
    assessed_by: AssessedBy
    because_assessed: str | None = None
    provisional_when: tuple[Condition, ...] | None = None
    fallback: AssessedBy | None = None
    verifier_excluded: bool = False
    routes: tuple[str, ...]
    state: WorkflowState
    sharing: SharingStatus | None = None
    sharing_because: str | None = None
    blockers: tuple[ConditionalBlocker, ...] = ()
    warnings: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingResult:
    """What a row of table B decides: whether this cycle's data can be shared.

    `instead` are statements that take the place of `because` where they match. What comes next
    are the row's `actions` and then, unless sharing is undetermined, the steps of the route that
    are still open; with `for_next_cycle` what has to be told before the next service cycle starts,
    then `actions`, and then the other steps that are open for that cycle.
    """

    because: str
    instead: tuple[ConditionalStatement, ...] = ()
    sharing: SharingStatus
    state: WorkflowState
    for_next_cycle: bool = False
    blockers: tuple[ConditionalBlocker, ...] = ()
    warnings: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelResult:
    """What a row of table C decides: label code to the statement that says what it allows.

    `instead` are statements that take the place of those where they match.
    """

    labels: Mapping[DataLabelCode, str]
    instead: tuple[ConditionalStatement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeResult:
    """One fee of a row of table D."""

    code: FeeCode
    charge: FeeCharge
    because: str
    payer: Actor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeesResult:
    """What a row of table D decides: every fee, in the order in which to name them."""

    fees: tuple[FeeResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """What a row of table E decides: the CAF version for this route, and the Law Overlay."""

    because: str
    tool_version: str | None
    law_overlay: bool | None


Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow(Generic[Result]):
    """One row: an id that never changes, when it matches, and what it decides."""

    id: str
    when: tuple[Condition, ...]
    then: Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Generic[Result]):
    """A complete, non-overlapping decision table over the named inputs."""

    id: str
    title: str
    inputs: Mapping[str, tuple[str, ...]]
    rows: tuple[RuleRow[Result], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRule:
    """One step of a workflow, which is also the action that takes it.

    `event` is what is recorded when it was taken; None if nothing is. `deadline` is the last
    moment for it and `advised` an earlier one that the source advises, where an alternative of
    `advised_when` matches. `asks` lists what the step asks of the actor, `guard` what must hold
    first. With alternatives in `when`, the step is there only if one of them matches. `done_when`
    tells by which inputs the step counts as done; without it the step is never done by itself.
    """

    title: str
    actor: Actor
    event: EventKind | None = None
    text: str
    citations: tuple[Citation, ...]
    deadline: ActionDeadline | None = None
    advised: ActionDeadline | None = None
    advised_when: tuple[Condition, ...] = ()
    guard: str | None = None
    asks: tuple[str, ...] = ()
    when: tuple[Condition, ...] = ()
    done_when: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandRule:
    """Something that a brand may do; `because` names the statement that says it.

    What it may ask a facility for are the steps `asks_for`; it may while one of them is still to be
    done, and where a condition of `when` holds. `deadline` is the brand's own, in place of that of
    the step.
    """

    because: str
    when: tuple[Condition, ...] = ()
    asks_for: tuple[str, ...] = ()
    deadline: ActionDeadline | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The steps a facility takes, in order, laid out for one situation.

    `next_cycle` are the steps towards the next service cycle, once this one is lost for sharing;
    `alternatives` may be done in place of some of the steps.
    `because` and `brand_may_not` name statements; `when` tells for which profiles.
    """

    title: str
    because: str
    steps: tuple[str, ...] = ()
    next_cycle: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()
    when: tuple[Condition, ...] = ()
    brand_may: tuple[BrandRule, ...] = ()
    brand_may_not: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningRule:
    """A warning, with the recorded ambiguity (Q1 to Q21) behind it if there is one.

    With alternatives in `when`, a row that names it raises it only if one of them matches.
    `said_with` are the ids of passages that no answer to a question shows without it.
    """

    code: WarningCode
    text: str
    citations: tuple[Citation, ...]
    ambiguity: str | None = None
    said_with: tuple[str, ...] = ()
    when: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterFactRule:
    """When an answer says what the public record knows of a topic, and whom to ask about it.

    Of `facts`, the newest by the day is said. `warning` names the warning rule that says where they
    differ from the shared FAQs or from each other.
    """

    topic: FactTopic
    facts: tuple[DatedFact[Any], ...]
    ask: Actor
    when: tuple[Condition, ...] = ()
    warning: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FaqRule:
    """When a FAQ entry concerns a facility, and the sentence that says why."""

    number: int
    applies_when: tuple[Condition, ...]
    applies_because: str
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """Everything the rules decide with, for one knowledge release.

    `countries` maps an ISO code to its dated kinds, `country_notes` to what else is known of it;
    `country_names` to the name to print.
    `statements`, `steps`, `routes` and `warnings` are looked up by code. `matched` remembers the
    rows that were found, by the id of their table and the values of its inputs, and `traces` how
    each row was tried on them, made of equal `outcomes` only once (`kb.rules.tables.trace_of`).
    """

    assessment: Table[AssessmentResult]
    sharing: Table[SharingResult]
    labels: Table[LabelResult]
    fees: Table[FeesResult]
    tool: Table[ToolResult]
    statements: Mapping[str, Statement]
    steps: Mapping[str, StepRule]
    routes: Mapping[str, Route]
    warnings: Mapping[str, WarningRule]
    later_facts: Mapping[str, LaterFactRule]
    faqs: tuple[FaqRule, ...]
    countries: Mapping[str, tuple[DatedFact[CountryKind], ...]]
    country_notes: Mapping[str, tuple[DatedFact[str], ...]]
    country_names: Mapping[str, str]
    matched: dict[tuple[str, ...], RuleRow[Any]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    traces: dict[tuple[str, ...], tuple[Any, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    outcomes: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
