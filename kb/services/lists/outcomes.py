"""What became of the rows of a list, and what they have answered so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar

from kb.services.access.matrix import Viewer
from kb.services.lists.columns import ListColumns
from kb.services.lists.rows import RowRefusal

RowT_contra = TypeVar("RowT_contra", contravariant=True)


class Outcome(StrEnum):
    """What became of a row."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DUPLICATE = "likely duplicate"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ListSource:
    """Which list is imported, by whom and when."""

    name: str
    viewer: Viewer
    now: datetime


class RowBatch(Protocol[RowT_contra]):
    """Some rows of a list. In one transaction: `find`, then `take` each row, then `write`.

    `outcomes` counts the rows by what became of them, `remarks` say of a row which was not refused
    how it was understood.
    """

    outcomes: Counter[Outcome]

    @property
    def remarks(self) -> Sequence[Remark]:
        """The lines with what is said of their rows."""

    @property
    def events(self) -> int:
        """How many events the rows have added."""

    async def find(self, rows: Sequence[RowT_contra]) -> None:
        """Read whom the rows may mean, and hold them locked until the end."""

    def take(self, row: RowT_contra) -> list[RowRefusal]:
        """Add a row; when it is refused, it adds nothing."""

    async def write(self) -> None:
        """Write what the rows have added."""

    def answered(self) -> dict[int, Answers]:
        """What the list has answered by now, by the id of whom it speaks."""


@dataclass(frozen=True, slots=True)
class Remark:
    """How a row was understood that was not refused: its line, its name, and the words."""

    line: int
    name: str | None
    text: str


Answers = Mapping[str, tuple[int, str]]
"""What a list has answered of somebody so far: the line and the answer, by column."""


def contradictions(
    row_answers: Mapping[str, str], answers: Answers, columns: ListColumns
) -> list[RowRefusal]:
    """Answers of a row that an earlier row of the list contradicts."""
    return [
        RowRefusal(
            column,
            f"says {answer.lower()}, but line {answers[column][0]} says "
            f"{answers[column][1].lower()} of the same {columns.of_what}",
            f"one answer; or an address or an id for each, if they are two {columns.of_many}",
        )
        for column, answer in row_answers.items()
        if column in answers and answers[column][1] != answer
    ]
