"""Golden cases: situations whose answers are fixed; one wrong answer and nothing is published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

# Before Python 3.12 pydantic cannot read the TypedDict of the standard library.
from typing_extensions import TypedDict

from kb.content.records import Library
from kb.errors import KbError
from kb.rules.codes import (
    ActionDeadline,
    BlockerCode,
    FeeCharge,
    FeeCode,
    ProfileQuestion,
    SharingStatus,
    WarningCode,
    WorkflowState,
)
from kb.rules.decide import decide
from kb.rules.evidence import Citation, CitationRole, KnowledgeLayer
from kb.rules.inputs import AssessedBy, FacilityProfile
from kb.rules.outcomes import Applicability, BrandStatement, DataLabel, LabelScope


class Expected(TypedDict, total=False):
    """What a case fixes; what it does not name may be anything. Lists are compared in order.

    Rows are row ids, null where the table is not asked; `because` names the statements of the
    assessment and of sharing. Steps are "CODE:STATE". What a brand may do is a statement, with its
    deadline if there is one: "BRAND_ASKS_SUPPLIER:BEFORE_NEXT_SERVICE_CYCLE". Labels are
    "step:CODE", or "step:SCOPE:CODE" for a part of a Step, such as
    "1:IN_VCC_SUBSET:BW_VCC_STEP1". Sources are the cited passages or sources, followed by the role
    unless that is STATED: "7.replaces:DERIVED".
    """

    assessed_by: AssessedBy
    provisional: bool
    fallback: AssessedBy | None
    verifier_excluded: bool
    sharing: SharingStatus
    deadline: ActionDeadline | None
    because: tuple[str, ...]
    route: str
    state: WorkflowState
    steps: tuple[str, ...]
    actions: tuple[str, ...]
    first_action: str | None
    blockers: tuple[BlockerCode, ...]
    warnings: tuple[WarningCode, ...]
    missing: tuple[ProfileQuestion, ...]
    brand_may: tuple[str, ...]
    brand_may_not: tuple[str, ...]
    row_a: str | None
    row_b: str | None
    labels: tuple[str, ...]
    fees: Mapping[FeeCode, FeeCharge]
    tool_version: str | None
    law_overlay: bool | None
    faqs: tuple[int, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldenCase:
    """One situation, the day and layers it is asked for, and the answer; its key is a sentence."""

    as_of: date
    layers: tuple[KnowledgeLayer, ...] = tuple(KnowledgeLayer)
    profile: FacilityProfile
    expect: Expected


def failures(cases: Mapping[str, GoldenCase], library: Library) -> list[str]:
    """One sentence for every answer that differs from its case: case, field, expected, found."""
    wrong: list[str] = []
    for sentence, case in cases.items():
        try:
            answer = decide(case.profile, library.rulebook, case.as_of, frozenset(case.layers))
        except KbError as error:
            wrong.append(f"{sentence}: no answer. {error}")
            continue
        actual = found_in(answer)
        wrong += [
            f"{sentence}: {field} should be {_shown(expected)} but is {_shown(actual[field])}."
            for field, expected in case.expect.items()
            if actual[field] != expected
        ]
    return wrong


def found_in(answer: Applicability) -> Mapping[str, object]:
    """The answer as cases write it: field of `Expected` to value."""
    rows = {tried.table: tried.row for tried in answer.trace if tried.matched}
    workflow = answer.workflow
    actions = tuple(action.code for action in workflow.next_actions)
    return {
        "assessed_by": answer.assessment.assessed_by,
        "provisional": answer.assessment.provisional,
        "fallback": answer.assessment.fallback,
        "verifier_excluded": answer.assessment.verifier_excluded,
        "sharing": answer.sharing.status,
        "deadline": answer.sharing.deadline,
        "because": (answer.assessment.because, answer.sharing.because),
        "route": workflow.route,
        "state": workflow.state,
        "steps": tuple(f"{step.code}:{step.state}" for step in workflow.steps),
        "actions": actions,
        "first_action": next(iter(actions), None),
        "blockers": tuple(blocker.code for blocker in workflow.blockers),
        "warnings": tuple(warning.code for warning in answer.warnings),
        "missing": tuple(question.input for question in answer.missing),
        "brand_may": tuple(map(_brand_may, answer.sharing.brand_may)),
        "brand_may_not": tuple(statement.because for statement in answer.sharing.brand_may_not),
        "row_a": rows.get("A"),
        "row_b": rows.get("B"),
        "labels": tuple(map(_label, answer.data_labels)),
        "fees": {fee.code: fee.charge for fee in answer.fees},
        "tool_version": answer.assessment.tool_version,
        "law_overlay": answer.assessment.law_overlay,
        "faqs": tuple(faq.number for faq in answer.faqs),
        "sources": tuple(map(_citation, answer.citations)),
    }


def _label(label: DataLabel) -> str:
    scope = "" if label.scope is LabelScope.ALL else f"{label.scope}:"
    return f"{label.step}:{scope}{label.code}"


def _brand_may(statement: BrandStatement) -> str:
    deadline = f":{statement.deadline}" if statement.deadline else ""
    return f"{statement.because}{deadline}"


def _citation(citation: Citation) -> str:
    role = "" if citation.role is CitationRole.STATED else f":{citation.role}"
    return f"{citation.passage or citation.source}{role}"


def _shown(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case Mapping():
            return ", ".join(f"{key} {charge}" for key, charge in value.items()) or "none"
        case tuple():
            return ", ".join(map(str, value)) or "none"
    return str(value)
