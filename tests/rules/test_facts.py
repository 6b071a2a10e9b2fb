"""How dated facts are read on a day: the latest wins, and never by guessing."""

from __future__ import annotations

from datetime import date

import pytest

from kb.rules.evidence import Citation, KnowledgeLayer
from kb.rules.facts import ALL_LAYERS, DatedFact, DatePrecision, fact_on, position_on

SOURCE, RECORD = KnowledgeLayer.SHARED_FAQS_2021, KnowledgeLayer.PUBLIC_RECORD
FIRST, LATER = date(2021, 10, 1), date(2022, 5, 1)


def fact(day: date, value: str | None, layer: KnowledgeLayer = SOURCE) -> DatedFact[str]:
    return DatedFact(
        valid_from=day,
        precision=DatePrecision.DAY,
        value=value,
        text="A fact.",
        citations=(Citation("source", layer),),
        checked_on=LATER,
    )


@pytest.mark.parametrize(
    ("facts", "day", "value"),
    [
        ([fact(FIRST, "old"), fact(LATER, "new")], FIRST, "old"),
        ([fact(FIRST, "old"), fact(LATER, "new")], LATER, "new"),
        ([fact(LATER, "new"), fact(FIRST, "old")], LATER, "new"),
        ([fact(FIRST, "old"), fact(LATER, None)], LATER, None),
        ([fact(LATER, "new")], FIRST, None),
        ([fact(FIRST, "source"), fact(FIRST, "record", RECORD)], FIRST, "source"),
        ([fact(FIRST, "record", RECORD), fact(FIRST, "source")], FIRST, "source"),
        ([fact(FIRST, "source"), fact(LATER, "record", RECORD)], LATER, "record"),
        ([], FIRST, None),
    ],
)
def test_the_latest_fact_holds_and_on_one_day_that_of_the_source_document(
    facts: list[DatedFact[str]], day: date, value: str | None
) -> None:
    current = fact_on(facts, day, ALL_LAYERS)
    assert (current is None) is (value is None)
    assert current is None or current.value == value


def test_a_layer_that_was_not_asked_for_says_nothing() -> None:
    facts = [fact(FIRST, "source"), fact(LATER, "record", RECORD)]
    current = fact_on(facts, LATER, frozenset({SOURCE}))
    assert current is facts[0]
    assert fact_on(facts, FIRST, frozenset({RECORD})) is None


def test_days_between_the_same_facts_have_one_position() -> None:
    days = (FIRST, LATER)
    as_of = (date(2021, 9, 30), FIRST, date(2022, 4, 30), LATER)
    assert [position_on(days, day) for day in as_of] == [0, 1, 1, 2]
