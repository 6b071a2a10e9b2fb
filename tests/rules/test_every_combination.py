"""Every combination of inputs has exactly one answer, and every part of it has a source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import product

import pytest

from kb.rules.decide import decide
from kb.rules.evidence import Explained
from kb.rules.facts import ALL_LAYERS
from kb.rules.outcomes import Applicability
from kb.rules.rulebook import Rulebook, Table
from kb.rules.tables import any_holds
from tests.rules.cases import DAY, STEP_SETS, Answers, every_profile, spread

pytestmark = pytest.mark.exhaustive


def _explained(answer: Applicability) -> Iterator[Explained]:
    """Everything in an answer that must be explained."""
    yield from (answer.assessment, answer.assessment.tool, answer.sharing, answer.workflow)
    yield from (*answer.sharing.brand_may, *answer.sharing.brand_may_not, answer.country)
    yield from (*answer.workflow.steps, *answer.workflow.next_actions, *answer.workflow.blockers)
    yield from (*answer.data_labels, *answer.fees, *answer.faqs, *answer.missing, *answer.warnings)


@pytest.mark.parametrize(
    ("name", "combinations"),
    [("assessment", 1728), ("sharing", 576), ("labels", 10368), ("fees", 27), ("tool", 4)],
)
def test_every_combination_of_a_tables_inputs_matches_exactly_one_row(
    rulebook: Rulebook, name: str, combinations: int
) -> None:
    table: Table[object] = getattr(rulebook, name)
    seen = 0
    for values in product(*table.inputs.values()):
        inputs = dict(zip(table.inputs, values, strict=True))
        assert len([row.id for row in table.rows if any_holds(row.when, inputs)]) == 1, inputs
        seen += 1
    assert seen == combinations


def test_every_outcome_of_every_profile_has_a_reason_a_text_and_a_source(
    answers: Answers,
) -> None:
    checked: set[tuple[object, ...]] = set()
    for _, answer in answers:
        for outcome in _explained(answer):
            # Statements repeat; one look at each text is enough.
            key = (outcome.because, outcome.text, outcome.citations)
            if key not in checked:
                checked.add(key)
                assert outcome.because, outcome
                assert outcome.text, outcome
                assert outcome.citations, outcome
                assert "{" not in outcome.text, outcome
    assert len(answers) == 1886


def test_the_trace_shows_one_matched_row_for_each_question_asked(rulebook: Rulebook) -> None:
    for profile in spread(every_profile(STEP_SETS[1])):
        trace = decide(profile, rulebook, DAY, ALL_LAYERS).trace
        matched = Counter(outcome.table for outcome in trace if outcome.matched)
        asked_about_sharing = {outcome.table for outcome in trace} >= {"B"}
        assert matched == {
            "A": 1,
            **({"B": 1} if asked_about_sharing else {}),
            "C": 4,
            "D": 1,
            "E": 1,
        }
