"""What an officer records for a facility, on the facility's own word (FAQ 9).

The factory tells its country programme, which may record it. So the record keeps how, when and by
whom the facility has spoken, beside who wrote it down.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from kb.errors import InvalidFieldsError, InvalidInputError
from kb.rules.events import EventKind
from kb.rules.payloads import Field, one_of, read_fields, text

ON_BEHALF_OF = "on_behalf_of"
"""Where the payload of an event holds the facility's word."""

_SAYING_IS_DOING = (
    EventKind.INTEREST_DECLARED,
    EventKind.LINK_REQUESTED,
    EventKind.SHARED,
    EventKind.UNSHARED,
)
"""What happens when the facility says so, and not before."""


class WordMeans(StrEnum):
    """How a facility has told something."""

    PHONE = "PHONE"
    MAIL = "MAIL"
    MEETING = "MEETING"
    LETTER = "LETTER"


WORD_FIELDS: Mapping[str, Field] = {
    "means": Field(one_of(*WordMeans)),
    "given_on": Field(lambda value: value),
    "person": Field(text(200), required=False),
}
"""How the parts of the facility's word are checked: by what means, on what day, and by whom."""


def checked_word(
    kind: EventKind, word: Mapping[str, Any], occurred_on: date | None, today: date
) -> tuple[dict[str, str], date]:
    """The facility's word as it is kept, and the day on which the event happened by it.

    `today` is the day of the recording. InvalidInputError with every problem at once: a word that
    is still to come, and an event that happened after the facility told of it, or, where telling is
    the event, before.
    """
    kept, problems = read_fields(WORD_FIELDS, word)
    given_on = kept.get("given_on")
    if problems or not isinstance(given_on, date):
        raise problems[0] if len(problems) == 1 else InvalidFieldsError(problems)
    day = given_on if occurred_on is None else occurred_on
    if given_on > today:
        raise InvalidInputError("given_on", given_on, f"{today}, the day of the record, or earlier")
    if day > given_on:
        raise InvalidInputError("occurred_on", day, f"{given_on}, when it was told, or earlier")
    if day < given_on and kind in _SAYING_IS_DOING:
        allowed = f"{given_on}, because {kind} happens when the facility says so"
        raise InvalidInputError("occurred_on", day, allowed)
    return {**kept, "given_on": given_on.isoformat()}, day
