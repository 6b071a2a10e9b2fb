"""What was decided for a facility, as the answer to a question about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Final

from kb.content.asking import DecidedPart
from kb.content.records import Library
from kb.rules.codes import FeeCharge
from kb.rules.evidence import Explained
from kb.rules.outcomes import Applicability
from kb.search import SearchHit

_MOST_ACTIONS: Final = 3
_SHARING: Final = "data-sharing"
# Warnings without which a deadline would be misread.
_ON_DEADLINES: Final = ("TWO_DEADLINES", "MISSED_WINDOW_IS_DERIVED")

Statements = Callable[[Applicability], Iterator[Explained]]


def fitted_to(decision: Applicability, part: DecidedPart) -> tuple[Explained, ...]:
    """The statements of a decision that answer a question about one part of it."""
    return _distinct(_PARTS[part](decision))


def fitting(library: Library, hit: SearchHit, decision: Applicability) -> tuple[Explained, ...]:
    """What was decided for the facility on what the FAQ is about."""
    topics = library.faqs[hit.faq_number].topics
    parts = [next((_BY_TOPIC[topic] for topic in topics if topic in _BY_TOPIC), None)]
    if _SHARING in topics:
        parts.append(_sharing)
    if not hit.applies:
        # The FAQ is written for others; say first who assesses this facility.
        parts.insert(0, _assessment)
    return _distinct(
        statement
        for part in dict.fromkeys(part for part in parts if part is not None)
        for statement in part(decision)
    )


def _distinct(statements: Iterator[Explained]) -> tuple[Explained, ...]:
    return tuple({statement.text: statement for statement in statements}.values())


def _sharing(decision: Applicability) -> Iterator[Explained]:
    yield decision.sharing


def _sharing_and_why_not(decision: Applicability) -> Iterator[Explained]:
    yield decision.sharing
    yield from decision.workflow.blockers[:1]


def _assessment(decision: Applicability) -> Iterator[Explained]:
    yield decision.assessment


def _next_actions(decision: Applicability) -> Iterator[Explained]:
    yield from decision.workflow.blockers[:1]
    actions = decision.workflow.next_actions[:_MOST_ACTIONS]
    yield from actions or (decision.workflow,)


def _deadline(decision: Applicability) -> Iterator[Explained]:
    yield decision.sharing
    dated = (action for action in decision.workflow.next_actions if action.deadline is not None)
    yield from islice(dated, 1)
    yield from (warning for warning in decision.warnings if warning.because in _ON_DEADLINES)


def _fees(decision: Applicability) -> Iterator[Explained]:
    yield from (fee for fee in decision.fees if fee.charge is not FeeCharge.NOT_APPLICABLE)


def _labels(decision: Applicability) -> Iterator[Explained]:
    yield from decision.data_labels


def _tool(decision: Applicability) -> Iterator[Explained]:
    yield decision.assessment.tool


_PARTS: Final[Mapping[DecidedPart, Statements]] = {
    DecidedPart.NEXT_ACTIONS: _next_actions,
    DecidedPart.ASSESSED_BY: _assessment,
    DecidedPart.DEADLINE: _deadline,
    DecidedPart.COST: _fees,
    DecidedPart.SHARING: _sharing_and_why_not,
    DecidedPart.DATA_LABELS: _labels,
}

# The topic of a FAQ, in the order in which it names them, to what was decided on it.
_BY_TOPIC: Final[Mapping[str, Statements]] = {
    "fees": _fees,
    "who-assesses": _assessment,
    "enrolment": _assessment,
    "verifier-body": _assessment,
    _SHARING: _sharing,
    "linking": _sharing,
    "gateway-registration": _sharing,
    "deadlines": _sharing,
    "brand-role": _sharing,
    "country-rollout": _tool,
    "law-overlay": _tool,
    "tool-version": _tool,
}
