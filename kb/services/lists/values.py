"""The values of single cells: texts, countries, answers, steps, kinds of assessment."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from kb.rules.countries import country_of, problem_of_country
from kb.rules.inputs import CAF_STEPS, AssessmentKind, Ternary
from kb.rules.payloads import email_address
from kb.services.lists.reading import Cell

_WORDS = {
    **dict.fromkeys(("yes", "y", "true", "t", "1"), Ternary.YES),
    **dict.fromkeys(("no", "n", "false", "f", "0"), Ternary.NO),
    **dict.fromkeys(("unknown", "not known", "not stated", "n/a", "?"), Ternary.UNKNOWN),
}
_ASSESSMENTS = {
    **dict.fromkeys(("onsite", "on-site", "on site"), AssessmentKind.ONSITE),
    **dict.fromkeys(("vcc", "virtual compliance check"), AssessmentKind.VCC),
}


class RefusedValueError(Exception):
    """A value is refused: what is wrong with it, and what is allowed."""


def read_text(cell: Cell, longest: int) -> str:
    """A text of at most that many characters, without control characters."""
    text = str(cell)
    if len(text) > longest:
        raise RefusedValueError(f"has {len(text)} characters", f"at most {longest}")
    wrong = next((char for char in text if unicodedata.category(char) in ("Cc", "Cs")), None)
    if wrong is not None:
        raise RefusedValueError(
            f"has the control character {wrong!a}", "text without such characters"
        )
    return text


def read_country(cell: Cell) -> str:
    """The code of the country."""
    code = country_of(str(cell))
    if code is None:
        raise RefusedValueError(*problem_of_country(str(cell)))
    return code


def read_email_address(cell: Cell) -> str:
    """An address that mail can be sent to."""
    try:
        return email_address(str(cell))
    except ValueError as error:
        raise RefusedValueError(f"{str(cell)!r} is no e-mail address", str(error)) from None


def read_answer(cell: Cell) -> Ternary:
    """Yes, no or unknown."""
    answer = _WORDS.get(str(cell).casefold())
    if answer is None:
        raise RefusedValueError(f"{str(cell)!r} is no answer", "yes, no or unknown")
    return answer


def read_steps(cell: Cell) -> tuple[int, ...]:
    """The steps of a self-assessment, in order."""
    allowed = [str(step) for step in CAF_STEPS]
    parts = [] if isinstance(cell, date) else re.split(r"[\s+,;/]+", str(cell))
    if not parts or any(part not in allowed for part in parts):
        raise RefusedValueError(
            f"{str(cell)!r} names no steps", "1, 2 and 3, joined by +, such as 1+2"
        )
    return tuple(sorted({int(part) for part in parts}))


def read_assessment(cell: Cell) -> AssessmentKind:
    """The kind of assessment."""
    kind = _ASSESSMENTS.get(str(cell).casefold())
    if kind is None:
        raise RefusedValueError(f"{str(cell)!r} is no kind of assessment", "onsite or vcc")
    return kind
