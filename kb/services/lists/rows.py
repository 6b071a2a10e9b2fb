"""One line of a list made into a row whose every value is checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from itertools import islice
from typing import Any, ClassVar, Generic, TypeVar

from kb.errors import InvalidInputError, Problem
from kb.rules.days import local_days
from kb.rules.inputs import AssessmentKind, Ternary
from kb.rules.os_ids import plain_os_id, problem_of_os_id
from kb.rules.payloads import LONGEST_ADDRESS, LONGEST_NAME, identifier
from kb.rules.spelling import HYPHENS, plain_words, without_traces
from kb.services.lists.columns import (
    ADDRESS,
    ADDRESS_COLUMNS,
    ANSWERS,
    ASSESSMENT,
    CONTACT,
    COUNTRY_COLUMNS,
    DAYS,
    DETAILS,
    FACILITY_LIST,
    NEW_FACILITY,
    NOT_KEPT,
    STEPS,
    ListColumns,
    column_key,
    tidy,
    unescaped,
)
from kb.services.lists.mapping import ListMapping, header_key
from kb.services.lists.reading import (
    FIRST_LINES,
    Cell,
    Line,
    Number,
    OpenList,
    UnreadableCell,
    is_header,
)
from kb.services.lists.values import (
    MEND,
    NOT_TOLD,
    RefusedValueError,
    is_error,
    read_address,
    read_answer,
    read_assessment,
    read_country,
    read_day,
    read_email_address,
    read_name,
    read_steps,
    read_text,
)

FIRST_DAY = date(2000, 1, 1)
LONGEST_ID = 50
MOST_COLUMNS = 1_000
MAY_BE_MAPPED = ", and a mapping file may say which of them is which"

RowT = TypeVar("RowT")


@dataclass(frozen=True, slots=True)
class FacilityRow:
    """What a line says of a facility; what it leaves open is missing.

    `answers` are YES or NO only: that somebody does not know takes nothing back. `is_new` says
    that it is none of the facilities known with a similar name.
    """

    line: int
    name: str | None
    country: str | None
    address: str | None
    is_new: bool
    ids: Mapping[str, str]
    contact: str | None
    answers: Mapping[str, Ternary]
    days: Mapping[str, date]
    steps: tuple[int, ...]
    assessment: AssessmentKind | None


@dataclass(frozen=True, slots=True)
class RowRefusal:
    """Why a row cannot be taken: the column, what is wrong with it, and what is allowed."""

    column: str
    wrong: str
    allowed: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Which cell of a line belongs to which column of ours; `headers` are theirs for messages."""

    width: int
    places: Mapping[str, int]
    headers: Mapping[str, str]
    unknown: tuple[str, ...]


def layout_of(
    opened: OpenList, mapping: ListMapping, file: object, columns: ListColumns = FACILITY_LIST
) -> Layout:
    """Find the columns; InvalidInputError when one is there twice, or what must be is missing."""
    texts = [str(cell).strip().lstrip("\ufeff") for cell in opened.header.cells]
    while texts and not texts[-1]:
        texts.pop()
    if len(texts) > MOST_COLUMNS:
        raise InvalidInputError(
            "FILE", file, f"a header of at most {MOST_COLUMNS} columns; this one has {len(texts)}"
        )
    places: dict[str, int] = {}
    unknown: list[str] = []
    theirs = {header_key(text): ours for ours, text in mapping.columns.items()}
    for place, text in enumerate(texts):
        ours = theirs.get(header_key(text)) or column_key(text)
        if ours in mapping.columns and header_key(text) not in theirs:
            unknown.append(text)  # the mapping takes this column from another one
        elif ours in columns.read:
            if ours in places:
                first = texts[places[ours]]
                raise InvalidInputError(
                    "FILE",
                    file,
                    f"every column once; {first!r} (cell {places[ours] + 1}) and {text!r} "
                    f"(cell {place + 1}) of the header are both {ours}",
                )
            places[ours] = place
        elif not text:
            unknown.append(f"column {place + 1} without a name")
        elif ours not in NOT_KEPT:
            unknown.append(text)
    names = _cut(", ".join(texts))
    for ours, text in mapping.columns.items():
        if ours not in places:
            allowed = f"a header of the file, which are: {names}"
            if (taken := theirs[header_key(text)]) != ours:
                allowed = f"another header than {taken} has"
            raise InvalidInputError("--mapping", f"{ours}: {text}", allowed)
    present = places.keys() | mapping.constants.keys()
    named = "name" in present and present & set(COUNTRY_COLUMNS)
    if not named and not present & set(columns.ids):
        *ids, last = columns.ids
        later = (line for line in islice(opened.lines, FIRST_LINES) if is_header(line, mapping))
        if header := next(later, None):
            what_to_do = f"; line {header.number} looks like one: delete the lines before it"
        else:
            what_to_do = MAY_BE_MAPPED
        raise InvalidInputError(
            "FILE",
            file,
            f"a header with name and country, or with one of {', '.join(ids)} and {last}; "
            f"this one has: {names}{what_to_do}",
        )
    headers = {ours: texts[place] for ours, place in places.items()}
    return Layout(len(texts), places, headers, tuple(unknown))


class LineReader(Generic[RowT]):
    """Reads the lines of one list; every problem of a line is told at once."""

    columns: ClassVar[ListColumns]

    def __init__(self, layout: Layout, mapping: ListMapping, file: str, now: datetime) -> None:
        self.layout = layout
        self.mapping = mapping
        self.file = file
        self.now = now
        self.line = 0
        self.problems: list[Problem] = []
        # NA is Namibia.
        self.with_words_for_nothing = {"name", *COUNTRY_COLUMNS, *self.columns.answers}

    def read(self, line: Line) -> tuple[RowT | None, list[Problem]]:
        """The row, or None with what is wrong."""
        self.line, self.problems = line.number, []
        width = self.layout.width
        beyond = [
            place for place, cell in enumerate(line.cells[width:], width + 1) if _filled(cell)
        ]
        if line.broken:
            self.refuse("", f"the line has {line.broken}", "a line as the header has it")
        elif beyond:
            self.refuse(
                "",
                f"cell {beyond[0]} is filled and the header has {width} cells",
                "nothing beyond the header; texts with the separator in quotes",
            )
        if self.problems:
            return None, self.problems
        values = {
            column: text
            for column in self.columns.read
            if (text := self._value(column, line.cells)) is not None
        }
        all_readable = not self.problems
        row = self.row(values)
        if all_readable:
            self.check_together(row, values)
        return (None if self.problems else row), self.problems

    def row(self, values: Mapping[str, Cell]) -> RowT:
        """The row that these values make; what is wrong with them is refused."""
        raise NotImplementedError

    def check_together(self, row: RowT, values: Mapping[str, Cell]) -> None:
        """Refuse values that do not go together."""
        raise NotImplementedError

    def refuse(self, column: str, wrong: str, allowed: str) -> None:
        """Note a problem of the present line, under the header that the list has itself."""
        header = self.layout.headers.get(column, column)
        self.problems.append(Problem(self.file, self.line, header, wrong, allowed))

    def problems_of(self, line: Line, refusals: Sequence[RowRefusal]) -> list[Problem]:
        """What is said against a row, under the headers of the list."""
        self.line, self.problems = line.number, []
        for refusal in refusals:
            self.refuse(refusal.column, refusal.wrong, refusal.allowed)
        return self.problems

    def _value(self, column: str, cells: tuple[Cell, ...]) -> Cell | None:
        """What the line says in a column, in our words; None if nothing."""
        place = self.layout.places.get(column)
        cell: Cell = cells[place] if place is not None and place < len(cells) else ""
        if isinstance(cell, UnreadableCell):
            self.refuse(column, cell.wrong, cell.allowed)
            return None
        if isinstance(cell, date):
            return cell
        text: str = cell if isinstance(cell, Number) else tidy(unescaped(cell.strip()))
        text = self.mapping.values.get(column, {}).get(text.casefold(), text)
        if is_error(text):
            self.refuse(column, f"holds the error {text}", MEND)
            return None
        if text.casefold() in NOT_TOLD and column not in self.with_words_for_nothing:
            text = ""
        return text or self.mapping.constants.get(column) or None

    def _read(
        self, values: Mapping[str, Cell], column: str, read: Callable[[Cell], Any]
    ) -> Any | None:
        """The value of a column, or None if there is none or it is refused."""
        if column not in values:
            return None
        try:
            return read(values[column])
        except RefusedValueError as refused:
            self.refuse(column, *refused.args)
            return None

    def _name(self, values: Mapping[str, Cell]) -> str | None:
        name: str | None = self._read(values, "name", lambda cell: read_name(cell, LONGEST_NAME))
        return name

    def _country(self, values: Mapping[str, Cell]) -> str | None:
        codes: dict[str, str] = {}
        for column in COUNTRY_COLUMNS:
            code = self._read(values, column, read_country)
            if code is not None:
                codes[column] = code
        if len(set(codes.values())) > 1:
            column, code = list(codes.items())[-1]
            first, other = next(iter(codes.items()))
            self.refuse(
                column, f"{values[column]!r} is not the same as {other} in {first}", "one country"
            )
        return next(iter(codes.values()), None)

    def _address(self, values: Mapping[str, Cell]) -> str | None:
        """The address with city, state and postal code, as far as they are not in it already."""
        parts: list[str] = []
        words_so_far = ""
        for column in ADDRESS_COLUMNS:
            part = self._read(values, column, lambda cell: read_address(cell, LONGEST_ADDRESS))
            words = f" {' '.join(plain_words(part or ''))} "
            if part and words.strip() and words not in words_so_far:
                parts.append(part)
                words_so_far += words
        address = ", ".join(parts)
        if len(address) > LONGEST_ADDRESS:
            wrong = f"has {len(address)} characters with city, state and postal code"
            self.refuse(ADDRESS, wrong, f"at most {LONGEST_ADDRESS}")
        return address or None

    def _ids(self, values: Mapping[str, Cell]) -> dict[str, str]:
        ids: dict[str, str] = {}
        for column in self.columns.ids:
            id_ = self._read(values, column, partial(self._id, column))
            if id_ is not None:
                ids[column] = id_
        return ids

    def _id(self, column: str, cell: Cell) -> str:
        width = self.mapping.id_widths.get(column)
        text = without_traces(read_text(cell, LONGEST_ID)).translate(HYPHENS)
        if not text.strip("0"):
            raise RefusedValueError(f"{text!r} is no id", "the id; or nothing, where there is none")
        if width and text.isdigit():
            return text.zfill(width)
        if isinstance(cell, Number):
            raise RefusedValueError(
                f"{text} is a number, so zeros before it may be lost",
                "text: format the column as text, or give id_widths in the mapping file",
            )
        if re.fullmatch(r"\d+([.,]\d+)?E\+\d+|\d+\.0", text, re.IGNORECASE):
            raise RefusedValueError(
                f"{text!r} is what a spreadsheet made of a number", "the id in full, as text"
            )
        if column == "os_id":
            return plain_os_id(text)
        try:
            return identifier(text)
        except ValueError as error:
            raise RefusedValueError(f"{text!r} is no id", str(error)) from None

    def _check_whom(self, name: str | None, country: str | None, ids: Mapping[str, str]) -> None:
        """Refuse an OS ID that is none, and a row that names nobody."""
        if "os_id" in ids:
            problem = problem_of_os_id(ids["os_id"], country)
            if problem:
                self.refuse("os_id", f"{ids['os_id']!r} {problem[0]}", problem[1])
        if not self.problems and name is None and not ids:
            what = self.columns.of_what
            self.refuse("name", "is empty", f"a name, or an id under which the {what} is known")


class RowReader(LineReader[FacilityRow]):
    """Reads the lines of a list of facilities."""

    columns = FACILITY_LIST

    def __init__(self, layout: Layout, mapping: ListMapping, file: str, now: datetime) -> None:
        super().__init__(layout, mapping, file, now)
        self.latest = local_days(None, now).latest

    def row(self, values: Mapping[str, Cell]) -> FacilityRow:
        """What a line says of a facility."""
        country = self._country(values)
        self.latest = local_days(country, self.now).latest
        return FacilityRow(
            line=self.line,
            name=self._name(values),
            country=country,
            address=self._address(values),
            is_new=self._read(values, NEW_FACILITY, read_answer) is Ternary.YES,
            ids=self._ids(values),
            contact=self._read(values, CONTACT, read_email_address),
            answers=self._answers(values),
            days=self._days(values),
            steps=self._read(values, STEPS, read_steps) or (),
            assessment=self._read(values, ASSESSMENT, read_assessment),
        )

    def check_together(self, row: FacilityRow, values: Mapping[str, Cell]) -> None:
        """Refuse a day without what it is of no use without."""
        for day, detail in DETAILS.items():
            for present, missing in ((day, detail), (detail, day)):
                if present in values and missing not in values:
                    self.refuse(missing, f"is empty, while {present} is given", "both or neither")
        self._check_whom(row.name, row.country, row.ids)

    def _answers(self, values: Mapping[str, Cell]) -> dict[str, Ternary]:
        answers = {column: self._read(values, column, read_answer) for column in ANSWERS}
        return {
            column: answer
            for column, answer in answers.items()
            if answer not in (None, Ternary.UNKNOWN)
        }

    def _days(self, values: Mapping[str, Cell]) -> dict[str, date]:
        days = {column: self._read(values, column, self._day) for column in DAYS}
        return {column: day for column, day in days.items() if day is not None}

    def _day(self, cell: Cell) -> date:
        day = cell if isinstance(cell, date) else read_day(str(cell), self.mapping.date_format)
        if not FIRST_DAY <= day <= self.latest:
            raise RefusedValueError(
                f"{day} is {'in the future' if day > self.latest else 'too long ago'}",
                f"days from {FIRST_DAY} to {self.latest}",
            )
        return day


def _filled(cell: Cell) -> bool:
    return not isinstance(cell, str) or bool(tidy(cell))


def _cut(text: str, longest: int = 300) -> str:
    return text if len(text) <= longest else f"{text[:longest]}…"
