"""The values of single cells: texts, countries, answers, steps, kinds of assessment."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta

from kb.rules.countries import country_of, problem_of_country
from kb.rules.inputs import CAF_STEPS, AssessmentKind, Ternary
from kb.rules.payloads import email_address
from kb.rules.spelling import HYPHENS, without_traces
from kb.services.lists.reading import Cell

NOT_TOLD = frozenset((
    "?", "-", "--", "\u2013", "\u2014", "n/a", "n.a.", "n/d", "na", "nan", "nil", "none",
    "not applicable", "not available", "not known", "not stated", "null", "tba", "tbc", "tbd",
    "unknown",
))  # fmt: skip
"""What lists write, in small letters, where there is nothing to tell."""

MEND = "a value; mend the formula, or write the value itself"
_ERROR = re.compile(r"#(N/A|REF!|NAME\?|VALUE!|DIV/0!|NUM!|NULL!|SPILL!|CALC!|#+)", re.IGNORECASE)

_SPREADSHEET_EPOCH = date(1899, 12, 30)
_WORDS = {
    **dict.fromkeys(("yes", "y", "true", "t", "1"), Ternary.YES),
    **dict.fromkeys(("no", "n", "false", "f", "0"), Ternary.NO),
    **dict.fromkeys(NOT_TOLD, Ternary.UNKNOWN),
}
_ASSESSMENTS = {
    **dict.fromkeys(("onsite", "on-site", "on site"), AssessmentKind.ONSITE),
    **dict.fromkeys(("vcc", "virtual compliance check"), AssessmentKind.VCC),
}


LONGEST_COUNTRY = 200
"""Characters of the name of a country; the longest has 54."""


class RefusedValueError(Exception):
    """A value is refused: what is wrong with it, and what is allowed."""


def is_error(text: str) -> bool:
    """Whether it is what a spreadsheet shows in place of a value, and writes into CSV files."""
    return text.startswith("#") and _ERROR.fullmatch(text) is not None


def read_name(cell: Cell, longest: int) -> str:
    """A name, which has letters or digits and is no word for nothing."""
    text = read_text(cell, longest)
    if text.casefold() in NOT_TOLD or not any(map(str.isalnum, text)):
        raise RefusedValueError(
            f"{text!r} is no name", "a name; or nothing, where an id tells whom"
        )
    return text


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


def read_address(cell: Cell, longest: int) -> str:
    """An address or a part of it; a postal code that a program made a fraction is whole again."""
    return re.sub(r"^(\d+)\.0$", r"\1", read_text(cell, longest))


def read_country(cell: Cell) -> str:
    """The code of the country."""
    text = str(cell)
    if len(text) > LONGEST_COUNTRY:  # it would be compared with all names, and remembered
        raise RefusedValueError(f"has {len(text)} characters", f"at most {LONGEST_COUNTRY}")
    code = country_of(text)
    if code is None:
        raise RefusedValueError(*problem_of_country(text))
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


def read_day(text: str, date_format: str | None) -> date:
    """A day, as YYYY-MM-DD or in that format, which is as for strptime."""
    text = without_traces(text).translate(HYPHENS)
    if date_format is not None:
        try:
            return datetime.strptime(text, date_format).date()
        except ValueError:
            pass
    iso = re.fullmatch(r"(\d{4}-\d\d-\d\d)([T ]00:00(:00(\.0+)?)?)?", text, re.ASCII)
    if iso:
        try:
            return date.fromisoformat(iso[1])
        except ValueError:
            pass
    hint = ""
    if re.fullmatch(r"\d{5}(\.\d+)?", text, re.ASCII):
        day = _SPREADSHEET_EPOCH + timedelta(days=int(text[:5]))
        hint = f"; to a spreadsheet this number is {day}, so format the column as a date"
    also = " or as date_format in the mapping file says" if date_format else ""
    raise RefusedValueError(
        f"{text!r} is no day", f"a day of the calendar as YYYY-MM-DD{also}{hint}"
    )
