"""How each row of a table was tried is told, and is made once for the same values."""

from __future__ import annotations

from dataclasses import replace

from kb.rules.outcomes import RuleInput, RuleOutcome
from kb.rules.rulebook import Rulebook, RuleRow, Table
from kb.rules.tables import trace_of

TABLE = Table(
    id="T",
    title="Which colour",
    inputs={"size": ("S", "L"), "shape": ("ROUND", "FLAT")},
    rows=(
        RuleRow(id="T1", when=({"size": ("S",)}, {"shape": ("FLAT",), "size": ("L",)}), then="RED"),
        RuleRow(id="T2", when=({"size": ("L",), "shape": ("ROUND",)},), then="BLUE"),
    ),
)


def test_a_row_shows_the_alternative_that_matched_or_else_its_first(rulebook: Rulebook) -> None:
    fresh = replace(rulebook)  # which remembers nothing
    assert trace_of(TABLE, {"size": "L", "shape": "FLAT", "other": "X"}, fresh) == (
        RuleOutcome(
            "T",
            "T1",
            True,
            (RuleInput("shape", "FLAT", ("FLAT",), True), RuleInput("size", "L", ("L",), True)),
        ),
        RuleOutcome(
            "T",
            "T2",
            False,
            (RuleInput("size", "L", ("L",), True), RuleInput("shape", "FLAT", ("ROUND",), False)),
        ),
    )
    first, _ = trace_of(TABLE, {"size": "L", "shape": "ROUND"}, fresh)
    assert first == RuleOutcome("T", "T1", False, (RuleInput("size", "L", ("S",), False),))


def test_the_trace_of_the_same_values_is_made_once(rulebook: Rulebook) -> None:
    fresh = replace(rulebook)
    made = trace_of(TABLE, {"size": "S", "shape": "FLAT"}, fresh)
    assert trace_of(TABLE, {"size": "S", "shape": "FLAT"}, fresh) is made
    assert trace_of(TABLE, {"size": "L", "shape": "FLAT"}, fresh) is not made
