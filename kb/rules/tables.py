"""How a decision table is read: the row that matches, and a trace of every row that was tried."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from kb.rules.inputs import CountryKind
from kb.rules.outcomes import Applicability, RuleInput, RuleOutcome
from kb.rules.rulebook import Condition, ConditionalStatement, Rulebook, RuleRow, Table

Result = TypeVar("Result")


def holds(condition: Condition, inputs: Mapping[str, str]) -> bool:
    """Whether every input named by the condition has one of its values."""
    for name, accepted in condition.items():  # noqa: SIM110 - all() takes twice the time
        if inputs[name] not in accepted:
            return False
    return True


def any_holds(alternatives: tuple[Condition, ...], inputs: Mapping[str, str]) -> bool:
    """Whether one of the alternatives holds; no alternatives at all is always true."""
    for condition in alternatives:
        if holds(condition, inputs):
            return True
    return not alternatives


def statement_for(
    code: str, instead: tuple[ConditionalStatement, ...], inputs: Mapping[str, str]
) -> str:
    """The code of the statement to say: the first in its place that matches, else its own."""
    return next(
        (
            other.because
            for other in instead
            if other.instead_of == code and any_holds(other.when, inputs)
        ),
        code,
    )


def matching_row(table: Table[Result], inputs: Mapping[str, str]) -> RuleRow[Result]:
    """The one row that matches; the content check proves that there is exactly one."""
    return next(row for row in table.rows if any_holds(row.when, inputs))


def place_in(table: Table[Result], inputs: Mapping[str, str]) -> tuple[str, ...]:
    """What decides which row of a table matches: the id of the table, the values of its inputs."""
    return (table.id, *[inputs[name] for name in table.inputs])


def trace_of(
    table: Table[Result], inputs: Mapping[str, str], rulebook: Rulebook
) -> tuple[RuleOutcome, ...]:
    """Every row of the table, matched or not, with the conditions it was tried on.

    The rulebook remembers it, as making it takes longer than deciding. Rows are tried with few
    different values, so that equal outcomes are one object.
    """
    place = place_in(table, inputs)
    trace = rulebook.traces.get(place)
    if trace is None:
        rows = [_outcome(table.id, row.id, row.when, inputs) for row in table.rows]
        trace = tuple(rulebook.outcomes.setdefault(row, row) for row in rows)
        rulebook.traces[place] = trace
    return trace


def _outcome(
    table: str, row: str, alternatives: tuple[Condition, ...], inputs: Mapping[str, str]
) -> RuleOutcome:
    shown = next((each for each in alternatives if holds(each, inputs)), alternatives[0])
    tried = tuple(
        RuleInput(name, inputs[name], accepted, inputs[name] in accepted)
        for name, accepted in shown.items()
    )
    return RuleOutcome(table, row, all(condition.matched for condition in tried), tried)


def condition_inputs(answer: Applicability) -> Mapping[str, str]:
    """A decision as the conditions of FAQs read it: input name to value."""
    kind = answer.country.kind or CountryKind.NOT_NAMED
    return {
        **answer.profile.with_what_follows().inputs(kind),
        "assessed_by": answer.assessment.assessed_by,
        "sharing": answer.sharing.status,
    }
