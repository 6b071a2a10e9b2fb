"""Import of facility lists: every bad row is named while the good ones are stored.

A list can be imported again and again: a facility is found by its ids, else by its name and
country, and an event that is there is not written twice. Nothing is ever deleted.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from tortoise.transactions import in_transaction

from kb.errors import InvalidInputError, Problem
from kb.progress import ProgressReport, no_report
from kb.services.access.matrix import Capability, Viewer, require
from kb.services.database import in_one_transaction
from kb.services.lists.batches import Batch, Outcome, Source
from kb.services.lists.columns import escaped
from kb.services.lists.mapping import OURS, ListMapping
from kb.services.lists.reading import Line, OpenList, open_csv
from kb.services.lists.rows import Row, RowReader, layout_of
from kb.services.lists.sheets import open_sheet

BATCH = 500

Report = Callable[[Sequence[Problem]], None]  # what is wrong with one row


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, or in a dry run would have done.

    `rows` counts the rows by what became of them, `events` the events written. `names_kept`
    counts rows with another name than the one that was recorded, which stays. `unknown` are the
    headers of columns that were not read because nobody knows them.
    """

    rows: Counter[Outcome]
    events: int
    names_kept: int
    unknown: tuple[str, ...]


class _DryRunError(Exception):
    """Ends the transaction of a dry run, so that nothing of it stays."""


async def import_facilities(
    path: Path,
    viewer: Viewer,
    *,
    now: datetime,
    mapping: ListMapping = OURS,
    dry_run: bool = False,
    refused_to: Path | None = None,
    report: Report = lambda problems: None,
    progress: ProgressReport = no_report,
) -> Imported:
    """Import a list, .csv or .xlsx, in batches that are each written whole or not at all.

    NotPermittedError, or InvalidInputError when the file or its header cannot be read, come before
    anything is written. Problems of rows go to `report`, and with their rows to the CSV file
    `refused_to`. A dry run does all of it in one transaction and takes it back, so that its result
    is the real one.
    """
    require(viewer, Capability.MAINTAIN_FACILITIES)
    source = Source(path.name, viewer, now.astimezone(UTC).date(), now)
    with _open(path, mapping) as opened:
        layout = layout_of(opened.header, mapping, path)
        reader = RowReader(layout, mapping, path.name, source.today, pads=opened.pads)
        with _refusals(refused_to, opened.header) as refuse:
            work = _Import(source, reader, report, refuse)
            if dry_run:
                try:
                    async with in_transaction():
                        await work.run(opened, progress)
                        raise _DryRunError
                except _DryRunError:
                    pass
            else:
                await work.run(opened, progress)
    return Imported(work.rows, work.events, work.names_kept, layout.unknown)


def _open(path: Path, mapping: ListMapping) -> AbstractContextManager[OpenList]:
    match path.suffix.lower():
        case ".csv" | ".tsv" | ".txt":
            return open_csv(path, mapping)
        case ".xlsx" | ".xlsm":
            return open_sheet(path)
    raise InvalidInputError("FILE", path, "a list that ends in .csv or .xlsx")


class _Import:
    """An import that is going on."""

    def __init__(
        self,
        source: Source,
        reader: RowReader,
        report: Report,
        refuse: Callable[[Line, Sequence[Problem]], None],
    ) -> None:
        self.source = source
        self.reader = reader
        self.report = report
        self.refuse = refuse
        self.rows: Counter[Outcome] = Counter()
        self.events = 0
        self.names_kept = 0

    async def run(self, opened: OpenList, progress: ProgressReport) -> None:
        while lines := list(islice(opened.lines, BATCH)):
            good: list[tuple[Line, Row]] = []
            bad: list[tuple[Line, Sequence[Problem]]] = []
            for line in lines:
                row, problems = self.reader.read(line)
                if row is None:
                    bad.append((line, problems))
                else:
                    good.append((line, row))
            batch, refused = await in_one_transaction(partial(self._write, good))
            self.rows += batch.outcomes
            self.rows[Outcome.REFUSED] += len(bad)
            self.events += batch.events
            self.names_kept += batch.names_kept
            for line, told in sorted([*bad, *refused], key=lambda one: one[0].number):
                self.report(told)
                self.refuse(line, told)
            progress(lines[-1].number, max(opened.last_line, lines[-1].number))

    async def _write(
        self, good: Sequence[tuple[Line, Row]]
    ) -> tuple[Batch, list[tuple[Line, Sequence[Problem]]]]:
        batch = Batch(self.source)
        await batch.find([row for _, row in good])
        refused: list[tuple[Line, Sequence[Problem]]] = []
        for line, row in good:
            refusals = batch.take(row)
            if refusals:
                refused.append((line, self.reader.problems_of(line, refusals)))
        await batch.write()
        return batch, refused


@contextmanager
def _refusals(
    path: Path | None, header: Line
) -> Iterator[Callable[[Line, Sequence[Problem]], None]]:
    """Writes refused rows as they were, with their line and what is wrong, to be mended."""
    if path is None:
        yield lambda line, problems: None
        return
    try:
        file = path.open("w", encoding="utf-8-sig", newline="")
    except OSError as error:
        raise InvalidInputError("--errors", path, f"a file to write ({error.strerror})") from error
    with file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["import_line", "import_problems", *_texts(header.cells)])

        def write(line: Line, problems: Sequence[Problem]) -> None:
            told = "; ".join(
                f"{one.key}: {one.wrong}. Allowed: {one.allowed}".removeprefix(": ")
                for one in problems
            )
            writer.writerow([line.number, escaped(told), *_texts(line.cells)])

        yield write


def _texts(cells: Iterable[Any]) -> list[str]:
    return [escaped(str(cell)) for cell in cells]


__all__ = ["Imported", "Outcome", "import_facilities"]
