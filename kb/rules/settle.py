"""Which rows of the tables hold for a profile, before anything is put into words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from kb.rules.evidence import KnowledgeLayer
from kb.rules.facts import DatedFact, Layers, fact_on
from kb.rules.inputs import AssessedBy, AssessmentKind, CountryKind, FacilityProfile, Ternary
from kb.rules.rulebook import (
    AssessmentResult,
    BlockerCode,
    ConditionalBlocker,
    DataPart,
    FeesResult,
    LabelResult,
    Rulebook,
    SharingResult,
    SharingStatus,
    Table,
    ToolResult,
    WorkflowState,
)
from kb.rules.tables import matching_row

Result = TypeVar("Result")

# What is answered when no table may be asked: no assessor, no route, one thing to look up.
_NOT_COVERED = AssessmentResult(
    because="DAY_NOT_COVERED",
    assessed_by=AssessedBy.UNDETERMINED,
    routes=("UNDETERMINED",),
    state=WorkflowState.UNKNOWN,
    sharing=SharingStatus.UNDETERMINED,
    sharing_because="SHARING_NEEDS_ASSESSOR",
    blockers=(ConditionalBlocker(code=BlockerCode.COUNTRY_UNKNOWN),),
    actions=("CHECK_GATEWAY_COUNTRY_LIST",),
)
_RULES_NOT_ASKED = AssessmentResult(
    because="RULES_NOT_IN_LAYERS",
    assessed_by=AssessedBy.UNDETERMINED,
    routes=("UNDETERMINED",),
    state=WorkflowState.UNKNOWN,
    sharing=SharingStatus.UNDETERMINED,
    sharing_because="RULES_NOT_IN_LAYERS",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The results that hold for a profile on a day.

    `kind` is None, and `sharing`, `fees` and `tool` may be, where no table may be asked.
    `labels` gives each part of the data its result, `asked` the tables that were asked and with
    which inputs, so that the rows that were tried can be told.
    """

    inputs: Mapping[str, str]
    kind: CountryKind | None
    fact: DatedFact[CountryKind] | None
    assessment: AssessmentResult
    sharing: SharingResult | None
    labels: Mapping[DataPart, LabelResult]
    fees: FeesResult | None
    tool: ToolResult | None
    asked: tuple[tuple[Table[Any], Mapping[str, str]], ...]

    @property
    def status(self) -> SharingStatus:
        """The sharing status, whichever table decided it."""
        return SharingStatus(self.inputs["sharing"])


def settle(profile: FacilityProfile, rulebook: Rulebook, as_of: date, layers: Layers) -> Settled:
    """Find the row of every table that holds.

    Without the layer that holds the rules, or on a day on which the country is not covered
    although it is on another, no table is asked.
    """
    if KnowledgeLayer.SHARED_FAQS_2021 not in layers:
        return _unasked(profile, _RULES_NOT_ASKED)
    facts = rulebook.countries.get(profile.country, ())
    fact = fact_on(facts, as_of, layers)
    if fact is None and any(one.layer in layers for one in facts):
        return _unasked(profile, _NOT_COVERED)
    kind = CountryKind.INACTIVE if fact is None or fact.value is None else fact.value

    asked: list[tuple[Table[Any], Mapping[str, str]]] = []

    def ask(table: Table[Result], inputs: Mapping[str, str]) -> Result:
        asked.append((table, inputs))
        return matching_row(table, inputs).then

    inputs = profile.inputs(kind)
    assessment = ask(rulebook.assessment, inputs)
    sharing = ask(rulebook.sharing, inputs) if assessment.sharing is None else None
    status = sharing.sharing if sharing else assessment.sharing
    inputs = {
        **inputs,
        "assessed_by": assessment.assessed_by,
        "sharing": status or SharingStatus.UNDETERMINED,
    }
    return Settled(
        inputs=inputs,
        kind=kind,
        fact=fact,
        assessment=assessment,
        sharing=sharing,
        labels={
            part: ask(
                rulebook.labels,
                {**inputs, "part": part, "self_assessed": self_assessed(profile, part)},
            )
            for part in DataPart
        },
        fees=ask(rulebook.fees, inputs),
        tool=ask(rulebook.tool, inputs),
        asked=tuple(asked),
    )


def self_assessed(profile: FacilityProfile, part: DataPart) -> Ternary:
    """Whether the Step of a part was self-assessed: before the assessment, once there was one.

    A finished self-assessment that names no Steps covers Step 1, because the assessment uses the
    Step 1 questions of the self-assessment (FAQ 15); whether it covers the others is unknown.
    """
    step = step_of(part)
    named = profile.self_assessment_steps
    before = profile.self_assessed_before
    if named:
        if step not in named:
            return Ternary.NO
        return Ternary.YES if profile.assessment is AssessmentKind.NONE else before
    if before is Ternary.YES:
        return Ternary.YES if step == 1 else Ternary.UNKNOWN
    return before


def step_of(part: DataPart) -> int:
    """The CAF Step that a part of the data belongs to."""
    return {DataPart.STEP_2: 2, DataPart.STEP_3: 3}.get(part, 1)


def _unasked(profile: FacilityProfile, result: AssessmentResult) -> Settled:
    inputs = {
        **profile.inputs(CountryKind.INACTIVE),
        "assessed_by": result.assessed_by,
        "sharing": SharingStatus.UNDETERMINED,
    }
    return Settled(
        inputs=inputs,
        kind=None,
        fact=None,
        assessment=result,
        sharing=None,
        labels={},
        fees=None,
        tool=None,
        asked=(),
    )
