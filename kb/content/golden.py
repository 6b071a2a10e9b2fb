"""Golden cases: situations whose answers are fixed; one wrong answer and nothing is published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

# Before Python 3.12 pydantic cannot read the TypedDict of the standard library.
from typing_extensions import TypedDict

from kb.content.records import Library
from kb.errors import KbError
from kb.rules.decide import decide
from kb.rules.evidence import KnowledgeLayer
from kb.rules.inputs import AssessedBy, FacilityProfile
from kb.rules.outcomes import Applicability
from kb.rules.rulebook import BlockerCode, FeeCharge, FeeCode, SharingStatus, WarningCode


class Expected(TypedDict, total=False):
    """What a case fixes; what it does not name may be anything.

    Blockers are compared in order. Labels are "step:CODE", such as "1:BW_ASSESSED_STEP1"; they and
    the warnings are compared as sets. Rows are row ids, null where the table is not asked.
    """

    assessed_by: AssessedBy
    provisional: bool
    fallback: AssessedBy | None
    sharing: SharingStatus
    blockers: tuple[BlockerCode, ...]
    warnings: frozenset[WarningCode]
    row_a: str | None
    row_b: str | None
    first_action: str | None
    labels: frozenset[str]
    fees: Mapping[FeeCode, FeeCharge]
    tool_version: str | None
    law_overlay: bool | None


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
        found = _found(answer)
        wrong += [
            f"{sentence}: {field} should be {_shown(expected)} but is {_shown(found[field])}."
            for field, expected in case.expect.items()
            if found[field] != expected
        ]
    return wrong


def _found(answer: Applicability) -> Mapping[str, object]:
    rows = {tried.table: tried.row for tried in answer.trace if tried.matched}
    first = next(iter(answer.workflow.next_actions), None)
    return {
        "assessed_by": answer.assessment.assessed_by,
        "provisional": answer.assessment.provisional,
        "fallback": answer.assessment.fallback,
        "sharing": answer.sharing.status,
        "blockers": tuple(blocker.code for blocker in answer.workflow.blockers),
        "warnings": frozenset(warning.code for warning in answer.warnings),
        "row_a": rows.get("A"),
        "row_b": rows.get("B"),
        "first_action": first.code if first else None,
        "labels": frozenset(f"{label.step}:{label.code}" for label in answer.data_labels),
        "fees": {fee.code: fee.charge for fee in answer.fees},
        "tool_version": answer.assessment.tool_version,
        "law_overlay": answer.assessment.law_overlay,
    }


def _shown(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case Mapping():
            return ", ".join(f"{key} {one}" for key, one in value.items()) or "none"
        case frozenset():
            return ", ".join(sorted(map(str, value))) or "none"
        case tuple():
            return ", ".join(map(str, value)) or "none"
    return str(value)
