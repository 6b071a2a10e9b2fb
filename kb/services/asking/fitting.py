"""What was decided for a facility, as the answer to a question about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Final

from kb.content.asking import DecidedPart
from kb.content.records import Library
from kb.rules.codes import FeeCode
from kb.rules.evidence import Explained, Sentence, Words
from kb.rules.inputs import AssessedBy
from kb.rules.outcomes import Applicability, DataLabel, NextAction
from kb.rules.saying import label_lines, with_deadline
from kb.rules.wording import in_words
from kb.search import SearchHit
from kb.search.facts import ReadFact

_MOST_ACTIONS: Final = 3
_SHARING: Final = "data-sharing"
# Warnings without which a deadline would be misread.
_ON_DEADLINES: Final = ("TWO_DEADLINES", "MISSED_WINDOW_IS_DERIVED")
# The first topic of a FAQ, with a fact of a facility, to what follows from it.
_FOLLOWS: Final = {("fees", "enrolled", "NO"): "SERVICE_FEE_STARTS"}
_NOT_VERIFIED: Final = ("18.no-verification",)

Statements = Callable[[Applicability], Iterator[Explained]]


def fitted_to(decision: Applicability, part: DecidedPart, words: Words) -> tuple[Explained, ...]:
    """The statements of a decision that answer a question about one part of it, in some words."""
    return _said(_PARTS[part](decision), words)


def leading_to(decision: Applicability, part: DecidedPart) -> tuple[str, ...]:
    """The passages without which these statements would be misread; they come first."""
    is_better_works = decision.assessment.assessed_by is AssessedBy.BETTER_WORK
    return _NOT_VERIFIED if is_better_works and part is DecidedPart.DATA_LABELS else ()


def fitting(
    library: Library, hit: SearchHit, decision: Applicability, words: Words
) -> tuple[Explained, ...]:
    """What was decided for the facility on what the FAQ is about, in some words."""
    topics = library.faqs[hit.faq_number].topics
    parts = [next((_BY_TOPIC[topic] for topic in topics if topic in _BY_TOPIC), None)]
    if _SHARING in topics:
        parts.append(_sharing)
    if not hit.applies:
        # The FAQ is written for others; say first who assesses this facility.
        parts.insert(0, _assessment)
    statements = (
        statement
        for part in dict.fromkeys(part for part in parts if part is not None)
        for statement in part(decision)
    )
    return _said(statements, words)


def following(
    library: Library, hit: SearchHit, facts: Iterable[ReadFact], words: Words
) -> Iterator[Explained]:
    """What follows from the facts that a question tells by itself, on what the FAQ is about."""
    topic = library.faqs[hit.faq_number].topics[0]
    for fact in facts:
        code = _FOLLOWS.get((topic, fact.input, fact.value))
        if code is not None:
            statement = library.rulebook.statements[code]
            sentence = Sentence(statement.text, {})
            yield Explained(
                because=code,
                text=sentence.in_words(words),
                sentence=sentence,
                citations=statement.citations,
            )


def _said(statements: Iterator[Explained], words: Words) -> tuple[Explained, ...]:
    """Each statement once, with by when an action is due, and of what Steps a label is said."""
    labels: list[DataLabel] = []
    others: list[Explained] = []
    for statement in statements:
        translated = in_words(statement, words)
        if isinstance(translated, DataLabel):
            labels.append(translated)
        elif isinstance(translated, NextAction):
            action = translated
            text = with_deadline(action.text, words, action.deadline, action.advised)
            others.append(replace(action, text=text))
        else:
            others.append(translated)
    lines = label_lines(labels, words, lambda label: label.text)
    others += [replace(label, text=line) for line, label in lines]
    return tuple({statement.text: statement for statement in others}.values())


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
    yield from sorted(decision.fees, key=lambda fee: fee.code is not FeeCode.BETTER_WORK_SERVICE)


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
