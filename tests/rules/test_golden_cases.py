"""The golden cases hold, and together they reach every row of every table."""

from __future__ import annotations

import pytest

from kb.content.golden import failures
from kb.content.records import Library
from kb.rules.decide import decide
from tests.rules.shipped import shipped_golden_cases

pytestmark = pytest.mark.exhaustive


def test_every_golden_case_holds(library: Library) -> None:
    cases = shipped_golden_cases()
    assert len(cases) > 70
    assert failures(cases, library) == []


def test_the_golden_cases_reach_every_row_of_every_table(library: Library) -> None:
    rulebook = library.rulebook
    reached: set[str] = set()
    for case in shipped_golden_cases().values():
        answer = decide(case.profile, rulebook, case.as_of, frozenset(case.layers))
        reached |= {outcome.row for outcome in answer.trace if outcome.matched}
    tables = (
        rulebook.assessment,
        rulebook.sharing,
        rulebook.labels,
        rulebook.fees,
        rulebook.tool,
    )
    assert reached == {row.id for table in tables for row in table.rows}
