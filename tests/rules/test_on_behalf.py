"""The word of a facility, by which an officer records something for it (FAQ 9)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from kb.errors import InvalidFieldsError, InvalidInputError
from kb.rules.events import EventKind
from kb.rules.on_behalf import checked_word

TODAY, YESTERDAY, TOMORROW = date(2026, 11, 23), date(2026, 11, 22), date(2026, 11, 24)
K = EventKind


def word(given_on: object = YESTERDAY, **more: object) -> dict[str, Any]:
    return {"means": "PHONE", "given_on": given_on, **more}


@pytest.mark.parametrize(
    ("kind", "occurred_on", "day"),
    [
        (K.SHARED, None, YESTERDAY),
        (K.SHARED, YESTERDAY, YESTERDAY),
        (K.PROFILE_SUBMITTED, None, YESTERDAY),
        (K.PROFILE_SUBMITTED, date(2026, 11, 2), date(2026, 11, 2)),
    ],
)
def test_an_event_happened_when_the_facility_says_so_or_on_the_day_it_names(
    kind: EventKind, occurred_on: date | None, day: date
) -> None:
    kept = {"means": "PHONE", "given_on": "2026-11-22", "person": "Ms Example"}
    said = word(person=" Ms Example ")
    assert checked_word(kind, said, occurred_on, TODAY) == (kept, day)


@pytest.mark.parametrize(
    ("kind", "given_on", "occurred_on", "field", "allowed"),
    [
        (
            K.PROFILE_SUBMITTED,
            TOMORROW,
            None,
            "given_on",
            "2026-11-23, the day of the record, or earlier",
        ),
        (
            K.PROFILE_SUBMITTED,
            YESTERDAY,
            TODAY,
            "occurred_on",
            "2026-11-22, when it was told, or earlier",
        ),
        *(
            (
                kind,
                TODAY,
                YESTERDAY,
                "occurred_on",
                f"2026-11-23, because {kind} happens when the facility says so",
            )
            for kind in (K.INTEREST_DECLARED, K.LINK_REQUESTED, K.SHARED, K.UNSHARED)
        ),
    ],
)
def test_a_day_that_does_not_fit_the_word_is_refused_with_those_that_do(
    kind: EventKind, given_on: date, occurred_on: date | None, field: str, allowed: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        checked_word(kind, word(given_on), occurred_on, TODAY)
    day = given_on if field == "given_on" else occurred_on
    error = refused.value
    assert (error.field, error.value, error.allowed) == (field, str(day), allowed)


def test_every_problem_of_a_word_is_told_at_once() -> None:
    with pytest.raises(InvalidInputError) as single:
        checked_word(K.SHARED, word(means="FAX"), None, TODAY)
    assert not isinstance(single.value, InvalidFieldsError)
    assert (single.value.field, single.value.allowed) == ("means", "PHONE, MAIL, MEETING, LETTER")
    with pytest.raises(InvalidFieldsError) as several:
        checked_word(K.SHARED, word(means="FAX", person=""), None, TODAY)
    assert [problem.field for problem in several.value.problems] == ["means", "person"]
