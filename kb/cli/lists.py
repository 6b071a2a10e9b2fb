"""Commands on lists of facilities: import, export."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kb.cli.output import progress_bar, say, show, table, tell
from kb.cli.running import database
from kb.errors import Problem
from kb.settings import Settings

if TYPE_CHECKING:
    from kb.services.access.matrix import Viewer
    from kb.services.lists.columns import ListColumns
    from kb.services.lists.importing import Imported, ListKind
    from kb.services.lists.mapping import ListMapping

MOST_REMARKS = 100


File = Annotated[Path, typer.Argument(metavar="FILE", help="The list: .csv or .xlsx.")]
Mapping = Annotated[
    Path | None,
    typer.Option(
        "--mapping", help="How to read a list with other columns or spellings: a YAML file."
    ),
]
Sheet = Annotated[
    str | None,
    typer.Option(
        "--sheet", help="The sheet of a workbook; if left out, the first that is not hidden."
    ),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Do everything but write; tell what would be done.")
]
Errors = Annotated[
    Path | None,
    typer.Option("--errors", help="CSV file for the refused rows, with what is wrong with each."),
]
ExportFile = Annotated[
    str, typer.Argument(metavar="FILE", help="Where to: .csv, .xlsx, or - for CSV on the spot.")
]


def import_(
    file: File,
    mapping: Mapping = None,
    sheet: Sheet = None,
    dry_run: DryRun = False,
    errors: Errors = None,
) -> None:
    """Import a list of facilities with their events; docs/import.md has the columns.

    Good rows are stored though others are refused; the same list may be imported again. Exits
    with 1 when a row was refused, or is likely a duplicate.
    """
    from kb.services.access.callers import maintainer
    from kb.services.access.matrix import Capability
    from kb.services.lists.columns import FACILITY_LIST
    from kb.services.lists.importing import FACILITIES
    from kb.services.lists.mapping import OURS, read_mapping

    async def viewer(settings: Settings) -> Viewer:
        return await maintainer(settings, Capability.MAINTAIN_FACILITIES)

    how = OURS if mapping is None else read_mapping(mapping)
    imported = asyncio.run(import_in_shell(FACILITIES, file, how, sheet, dry_run, errors, viewer))
    tell_of_import(imported, FACILITY_LIST)
    events = "1 event" if imported.events == 1 else f"{imported.events} events"
    if dry_run:
        say(f"Dry run: nothing was written. {events} would be.")
    else:
        say(f"{events} {'was' if imported.events == 1 else 'were'} written.")
    exit_of_import(imported)


def tell_of_import(imported: Imported, columns: ListColumns) -> None:
    """Print what became of each row."""
    from kb.services.lists.outcomes import Outcome

    if imported.sheet is not None:
        tell(f"The sheet {imported.sheet} was read.")
    if imported.other_sheets:
        others = ", ".join(map(str, imported.other_sheets))
        tell(f"Not read: {others}. For another sheet: --sheet NAME")
    if imported.unknown:
        tell(f"Not read, because unknown: {', '.join(imported.unknown)}")
    for remark in imported.remarks[:MOST_REMARKS]:
        say(remark)
    if len(imported.remarks) > MOST_REMARKS:
        more = len(imported.remarks) - MOST_REMARKS
        say(f"{more} more rows were taken for {columns.of_many} on record.")
    shown = table("Rows", "Count")
    for outcome in Outcome:
        shown.add_row(outcome, str(imported.rows[outcome]))
    shown.add_row("all", str(imported.rows.total()), style="bold")
    show(shown)
    if imported.rows[Outcome.DUPLICATE]:
        say(
            "A likely duplicate was not stored. Write its name and address as they are on record "
            f"if it is the same {columns.of_what}, or yes in a column {columns.new_one} if it is "
            "another one."
        )


def exit_of_import(imported: Imported) -> None:
    """Exit with 1 when a row was not stored."""
    from kb.services.lists.outcomes import Outcome

    if imported.rows[Outcome.REFUSED] or imported.rows[Outcome.DUPLICATE]:
        raise typer.Exit(1)


async def import_in_shell(
    kind: ListKind[Any],
    file: Path,
    mapping: ListMapping,
    sheet: str | None,
    dry_run: bool,
    errors: Path | None,
    viewer_of: Callable[[Settings], Awaitable[Viewer]],
) -> Imported:
    """Import a list with a bar of progress, and print each problem of a row as it is found."""
    from kb.services.lists.importing import import_list
    from kb.services.live.feed import place

    def report(problems: Sequence[Problem]) -> None:
        for problem in problems:
            say(str(problem))

    settings = Settings()
    async with database(settings):
        viewer = await viewer_of(settings)
        with progress_bar("Importing") as progress:
            imported = await import_list(
                kind,
                file,
                viewer,
                now=datetime.now(UTC),
                mapping=mapping,
                sheet=sheet,
                dry_run=dry_run,
                refused_to=errors,
                report=report,
                progress=progress,
            )
        await place()
        return imported


def export(file: ExportFile) -> None:
    """Export the facilities with the columns that an import reads."""
    count = asyncio.run(_export(file))
    if file != "-":
        say(f"{count} facilities were written to {file}")


async def _export(file: str) -> int:
    from kb.services.access.callers import command_viewer
    from kb.services.lists.exporting import export_facilities

    settings = Settings()
    async with database(settings):
        viewer = await command_viewer(settings)
        with progress_bar("Exporting") as progress:
            return await export_facilities(
                viewer,
                sys.stdout if file == "-" else Path(file),
                now=datetime.now(UTC),
                progress=progress,
            )
