"""Which rows of the tables match a profile, before anything is put into words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar

from kb.rules.codes import BlockerCode, DataPart, SharingStatus, WorkflowState
from kb.rules.evidence import KnowledgeLayer
from kb.rules.facts import DatedFact, Layers, fact_on
from kb.rules.inputs import AssessedBy, CountryKind, FacilityProfile, Publication
from kb.rules.rulebook import (
    AssessmentResult,
    ConditionalBlocker,
    FeesResult,
    LabelResult,
    Rulebook,
    SharingResult,
    Table,
    ToolResult,
)
from kb.rules.tables import matching_row, place_in

Result = TypeVar("Result")

# What is answered when no table may be asked: no assessor, no route, one thing to look up. Releases
# of before 2026-11-28 have no route for either, but the last one.
_DAY_NOT_COVERED = AssessmentResult(
    because="DAY_NOT_COVERED",
    assessed_by=AssessedBy.UNDETERMINED,
    routes=("DAY_NOT_COVERED", "UNDETERMINED"),
    state=WorkflowState.UNKNOWN,
    sharing=SharingStatus.UNDETERMINED,
    sharing_because="SHARING_NEEDS_ASSESSOR",
    blockers=(ConditionalBlocker(code=BlockerCode.COUNTRY_UNKNOWN),),
    actions=("CHECK_GATEWAY_COUNTRY_LIST",),
)
_RULES_NOT_IN_LAYERS = AssessmentResult(
    because="RULES_NOT_IN_LAYERS",
    assessed_by=AssessedBy.UNDETERMINED,
    routes=("RULES_NOT_IN_LAYERS", "UNDETERMINED"),
    state=WorkflowState.UNKNOWN,
    sharing=SharingStatus.UNDETERMINED,
    sharing_because="RULES_NOT_IN_LAYERS",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedRows:
    """The results that the tables give for a profile on a day.

    `is_inferred` tells that enrolment is not told, and follows from an assessment. `kind` is None,
    and `sharing`, `fees` and `tool` may be, where no table may be asked.
    `profile` has what follows from its answers, and `inputs` is how the tables read it. `labels`
    gives each part of the data its result and what the table was asked with, `tables` all that
    were asked and with which inputs, so that the rows that were tried can be shown.
    """

    profile: FacilityProfile
    is_inferred: bool
    inputs: Mapping[str, str]
    kind: CountryKind | None
    fact: DatedFact[CountryKind] | None
    assessment: AssessmentResult
    sharing: SharingResult | None
    labels: Mapping[DataPart, tuple[LabelResult, Mapping[str, str]]]
    fees: FeesResult | None
    tool: ToolResult | None
    tables: tuple[tuple[Table[Any], Mapping[str, str]], ...]

    @property
    def next_cycle(self) -> Mapping[str, str]:
        """How the next service cycle begins, as the tables read it.

        How far the report of this one has come is kept: it is posted before this one is closed.
        """
        profile = replace(
            self.profile.for_next_cycle(), publication=Publication(self.inputs["publication"])
        )
        return profile.inputs(CountryKind(self.inputs["country_kind"]))

    @property
    def status(self) -> SharingStatus:
        """The sharing status, whichever table decided it."""
        return SharingStatus(self.inputs["sharing"])

    @property
    def because(self) -> str:
        """The statement on who assesses."""
        inferred = self.assessment.because_assessed if self.is_inferred else None
        return inferred or self.assessment.because

    @property
    def blockers(self) -> tuple[ConditionalBlocker, ...]:
        """The blockers of the matched rows, whether their conditions hold or not."""
        return self.assessment.blockers + (self.sharing.blockers if self.sharing else ())

    @property
    def warnings(self) -> tuple[str, ...]:
        """The warning rules that the matched rows name, or that belong to what they say."""
        is_told_apart = self.because != self.assessment.because
        inferred = ("ENROLMENT_FOLLOWS_FROM_ASSESSMENT",) if is_told_apart else ()
        return inferred + self.assessment.warnings + (self.sharing.warnings if self.sharing else ())

    @property
    def contradictory(self) -> bool:
        """Whether the rows say that the answers contradict each other."""
        return contradicts(self.blockers)


def contradicts(blockers: Iterable[ConditionalBlocker]) -> bool:
    """Whether rows with these blockers match answers that contradict each other."""
    return any(rule.code is BlockerCode.CONTRADICTORY_INPUT for rule in blockers)


def match_rows(
    profile: FacilityProfile, rulebook: Rulebook, as_of: date, layers: Layers
) -> MatchedRows:
    """Find the row of every table that matches.

    Without the layer that holds the rules, or on a day before the first fact about the country, no
    table is asked. Where later public pages alone tell of it, what applies whatever the country is
    told all the same: who assesses an enrolled factory, and what contradicts itself.
    """
    if KnowledgeLayer.SHARED_FAQS_2021 not in layers:
        return _unasked(profile, _RULES_NOT_IN_LAYERS)
    facts = rulebook.countries.get(profile.country, ())
    fact = fact_on(facts, as_of, layers)
    later = {other.layer for other in facts if other.layer in layers} if fact is None else set()
    if KnowledgeLayer.SHARED_FAQS_2021 in later:
        return _unasked(profile, _DAY_NOT_COVERED)
    kind = fact.value if fact and fact.value else CountryKind.NOT_NAMED

    tables: list[tuple[Table[Any], Mapping[str, str]]] = []

    def ask(table: Table[Result], inputs: Mapping[str, str]) -> Result:
        tables.append((table, inputs))
        place = place_in(table, inputs)
        if place not in rulebook.matched:
            rulebook.matched[place] = matching_row(table, inputs)
        result: Result = rulebook.matched[place].then
        return result

    told, profile = profile, profile.with_what_follows()
    inputs = profile.inputs(kind)
    assessment = ask(rulebook.assessment, inputs)
    undetermined = assessment.assessed_by is AssessedBy.UNDETERMINED
    if later and undetermined and not contradicts(assessment.blockers):
        return _unasked(profile, _DAY_NOT_COVERED)
    sharing = ask(rulebook.sharing, inputs) if assessment.sharing is None else None
    status = sharing.sharing if sharing else assessment.sharing
    inputs = {
        **inputs,
        "assessed_by": assessment.assessed_by,
        "sharing": status or SharingStatus.UNDETERMINED,
    }
    labels: dict[DataPart, tuple[LabelResult, Mapping[str, str]]] = {}
    for part in DataPart:
        of_part = {
            **inputs,
            "part": part,
            "self_assessed": profile.self_assessed(step_of(part)),
        }
        labels[part] = (ask(rulebook.labels, of_part), of_part)
    return MatchedRows(
        profile=profile,
        is_inferred=told.enrolled is not profile.enrolled,
        inputs=inputs,
        kind=kind,
        fact=fact,
        assessment=assessment,
        sharing=sharing,
        labels=labels,
        fees=ask(rulebook.fees, inputs),
        tool=ask(rulebook.tool, inputs),
        tables=tuple(tables),
    )


def step_of(part: DataPart) -> int:
    """The CAF Step that a part of the data belongs to."""
    return {DataPart.STEP_2: 2, DataPart.STEP_3: 3}.get(part, 1)


def _unasked(profile: FacilityProfile, result: AssessmentResult) -> MatchedRows:
    inputs = {
        **profile.inputs(CountryKind.NOT_NAMED),
        "assessed_by": result.assessed_by,
        "sharing": SharingStatus.UNDETERMINED,
    }
    return MatchedRows(
        profile=profile,
        is_inferred=False,
        inputs=inputs,
        kind=None,
        fact=None,
        assessment=result,
        sharing=None,
        labels={},
        fees=None,
        tool=None,
        tables=(),
    )
