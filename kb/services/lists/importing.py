"""Import of lists: every bad row is named while the good ones are stored.

A list can be imported again and again: whom a row speaks of is found by its ids, else by name and
country, and what is there is not written twice. Nothing is ever deleted.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice, zip_longest
from pathlib import Path
from typing import Generic, Required, TypedDict, Unpack

from tortoise.transactions import in_transaction

from kb.errors import InvalidInputError, Problem
from kb.progress import ProgressReport, no_report
from kb.services.access.matrix import Capability, Viewer, require
from kb.services.database import in_one_transaction
from kb.services.lists.batches import Batch
from kb.services.lists.columns import REFUSAL_COLUMNS, column_key, escaped
from kb.services.lists.exporting import csv_writer
from kb.services.lists.mapping import OURS, ListMapping
from kb.services.lists.opening import open_list
from kb.services.lists.outcomes import Answers, ListSource, Outcome, RowBatch
from kb.services.lists.reading import Cell, Line, Number, OpenList, SheetName
from kb.services.lists.rows import FacilityRow, LineReader, RowReader, RowT, layout_of
from kb.services.whole_files import whole_file

BATCH = 500

Report = Callable[[Sequence[Problem]], None]  # what is wrong with one row


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, or in a dry run would have done.

    `rows` counts every row by what became of it, `events` the events written. `remarks` say of
    rows which were not refused how they were understood: "list.csv:3: taken for …". `unknown` are
    the headers of columns that were not read because nobody knows them. Of a workbook `sheet` was
    read, and `other_sheets` were not.
    """

    rows: Counter[Outcome]
    events: int
    remarks: tuple[str, ...]
    unknown: tuple[str, ...]
    sheet: SheetName | None
    other_sheets: tuple[SheetName, ...]


class _DryRunError(Exception):
    """Ends the transaction of a dry run, so that nothing of it stays."""


@dataclass(frozen=True, slots=True)
class ListKind(Generic[RowT]):
    """What kind of list is imported: how its lines are read, and how its rows are written."""

    reader: type[LineReader[RowT]]
    batch: Callable[[ListSource, Mapping[int, Answers]], RowBatch[RowT]]


FACILITIES: ListKind[FacilityRow] = ListKind(RowReader, Batch)


async def import_facilities(path: Path, viewer: Viewer, **options: Unpack[Options]) -> Imported:
    """Import a list of facilities; see `import_list`. NotPermittedError comes before all else."""
    require(viewer, Capability.MAINTAIN_FACILITIES)
    return await import_list(FACILITIES, path, viewer, **options)


class Options(TypedDict, total=False):
    """How a list is imported; all but `now` may be left out."""

    now: Required[datetime]
    mapping: ListMapping
    sheet: str | None
    dry_run: bool
    refused_to: Path | None
    report: Report
    progress: ProgressReport


async def import_list(
    kind: ListKind[RowT],
    path: Path,
    viewer: Viewer,
    *,
    now: datetime,
    mapping: ListMapping = OURS,
    sheet: str | None = None,
    dry_run: bool = False,
    refused_to: Path | None = None,
    report: Report = lambda problems: None,
    progress: ProgressReport = no_report,
) -> Imported:
    """Import a list, .csv or .xlsx, in batches that are each written whole or not at all.

    InvalidInputError when the file or its header cannot be read comes before anything is written.
    Problems of rows go to `report`, and with their rows to the CSV file `refused_to`. A dry run
    does all of it in one transaction and takes it back, so that its result is the real one.
    """
    source = ListSource(path.name, viewer, now)
    with open_list(path, mapping, sheet) as opened:
        layout = layout_of(opened, mapping, path, kind.reader.columns)
        reader = kind.reader(layout, mapping, path.name, now)
        with _refusals(refused_to, path, opened.header) as refuse:
            work = _Import(kind, source, reader, report, refuse)
            if dry_run:
                try:
                    async with in_transaction():
                        await work.run(opened, progress)
                        raise _DryRunError
                except _DryRunError:
                    pass
            else:
                await work.run(opened, progress)
        return Imported(
            work.rows,
            work.events,
            tuple(work.remarks),
            layout.unknown,
            opened.sheet,
            opened.other_sheets,
        )


class _Import(Generic[RowT]):
    """An import that is going on."""

    def __init__(
        self,
        kind: ListKind[RowT],
        source: ListSource,
        reader: LineReader[RowT],
        report: Report,
        refuse: Callable[[Line, Sequence[Problem]], None],
    ) -> None:
        self.kind = kind
        self.source = source
        self.reader = reader
        self.report = report
        self.refuse = refuse
        self.rows: Counter[Outcome] = Counter()
        self.events = 0
        self.remarks: list[str] = []
        self.answers: dict[int, Answers] = {}

    async def run(self, opened: OpenList, progress: ProgressReport) -> None:
        while lines := list(islice(opened.lines, BATCH)):
            good: list[tuple[Line, RowT]] = []
            bad: list[tuple[Line, Sequence[Problem]]] = []
            for line in lines:
                await asyncio.sleep(0)  # the loop has others to serve
                row, problems = self.reader.read(line)
                if row is None:
                    bad.append((line, problems))
                else:
                    good.append((line, row))
            batch, refused = await in_one_transaction(partial(self._write, good))
            self.rows += batch.outcomes
            self.rows[Outcome.REFUSED] += len(bad)
            self.events += batch.events
            self.answers |= batch.answered()
            self.remarks += [
                f"{self.source.name}:{remark.line}: {remark.name!r} {remark.text}"
                for remark in batch.remarks
            ]
            for line, reasons in sorted([*bad, *refused], key=lambda refusal: refusal[0].number):
                self.report(reasons)
                self.refuse(line, reasons)
            progress(lines[-1].number, max(opened.last_line, lines[-1].number))

    async def _write(
        self, good: Sequence[tuple[Line, RowT]]
    ) -> tuple[RowBatch[RowT], list[tuple[Line, Sequence[Problem]]]]:
        batch = self.kind.batch(self.source, self.answers)
        await batch.find([row for _, row in good])
        refused: list[tuple[Line, Sequence[Problem]]] = []
        for line, row in good:
            await asyncio.sleep(0)
            refusals = batch.take(row)
            if refusals:
                refused.append((line, self.reader.problems_of(line, refusals)))
        await batch.write()
        return batch, refused


@contextmanager
def _refusals(
    path: Path | None, list_: Path, header: Line
) -> Iterator[Callable[[Line, Sequence[Problem]], None]]:
    """Writes refused rows as they were, with their line and what is wrong, to be mended.

    What is not known of a cell is written so that it is refused again, unless it is mended.
    """
    if path is None:
        yield lambda line, problems: None
        return
    if path.suffix.lower() != ".csv":
        raise InvalidInputError("--errors", path, "a name that ends in .csv")
    with whole_file(path, "--errors", read=list_) as kept, csv_writer(kept) as write_row:
        headers = [str(cell).strip() for cell in header.cells]
        earlier = {
            place for place, text in enumerate(headers) if column_key(text) in REFUSAL_COLUMNS
        }

        def texts(cells: Sequence[Cell], refused: Collection[str] = ()) -> list[str]:
            named = zip_longest(cells, headers[: len(cells)])
            return [
                escaped(f"{cell}?" if isinstance(cell, Number) and name in refused else str(cell))
                for place, (cell, name) in enumerate(named)
                if place not in earlier
            ]

        write_row([*REFUSAL_COLUMNS, *texts(header.cells)])

        def write(line: Line, problems: Sequence[Problem]) -> None:
            reasons = "; ".join(
                f"{problem.key}: {problem.wrong}. Allowed: {problem.allowed}".removeprefix(": ")
                for problem in problems
            )
            cells = texts(line.cells, {problem.key for problem in problems})
            if line.broken:
                cells = [escaped(str(cell)) for cell in line.cells]
            write_row([str(line.number), escaped(reasons), *cells])

        yield write


__all__ = ["Imported", "ListKind", "Options", "Outcome", "import_facilities", "import_list"]
