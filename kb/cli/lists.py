"""Commands on lists of facilities: import, export."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from kb.cli.output import progress_bar, say, show, table, tell
from kb.cli.running import database
from kb.errors import Problem
from kb.settings import Settings

MOST_REMARKS = 100


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The list: .csv or .xlsx.")],
    mapping: Annotated[
        Path | None,
        typer.Option(help="How to read a list with other columns or spellings: a YAML file."),
    ] = None,
    sheet: Annotated[
        str | None,
        typer.Option(help="The sheet of a workbook; if left out, the first that is not hidden."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Do everything but write; tell what would be done.")
    ] = False,
    errors: Annotated[
        Path | None,
        typer.Option(help="CSV file for the refused rows, with what is wrong with each."),
    ] = None,
) -> None:
    """Import a list of facilities with their events; docs/import.md has the columns.

    Good rows are stored though others are refused; the same list may be imported again. Exits
    with 1 when a row was refused, or is likely a duplicate.
    """
    done = asyncio.run(_import(file, mapping, sheet, dry_run, errors))
    if done.sheet is not None:
        tell(f"The sheet {done.sheet} was read.")
    if done.other_sheets:
        others = ", ".join(map(str, done.other_sheets))
        tell(f"Not read: {others}. For another sheet: --sheet NAME")
    if done.unknown:
        tell(f"Not read, because unknown: {', '.join(done.unknown)}")
    for remark in done.remarks[:MOST_REMARKS]:
        say(remark)
    if len(done.remarks) > MOST_REMARKS:
        say(f"{len(done.remarks) - MOST_REMARKS} more rows were taken for facilities on record.")
    shown = table("Rows", "Count")
    for outcome in ("created", "updated", "unchanged", "likely duplicate", "refused"):
        shown.add_row(outcome, str(done.rows[outcome]))
    shown.add_row("all", str(done.rows.total()), style="bold")
    show(shown)
    if done.rows["likely duplicate"]:
        say(
            "A likely duplicate was not stored. Write its name and address as they are on record "
            "if it is the same facility, or yes in a column new_facility if it is another one."
        )
    if dry_run:
        events = "1 event" if done.events == 1 else f"{done.events} events"
        say(f"Dry run: nothing was written. {events} would be.")
    else:
        say("1 event was written." if done.events == 1 else f"{done.events} events were written.")
    if done.rows["refused"] or done.rows["likely duplicate"]:
        raise typer.Exit(1)


async def _import(
    file: Path, mapping: Path | None, sheet: str | None, dry_run: bool, errors: Path | None
) -> Any:
    from kb.services.access.callers import maintainer
    from kb.services.access.matrix import Capability
    from kb.services.lists.importing import import_facilities
    from kb.services.lists.mapping import OURS, read_mapping

    def report(problems: Sequence[Problem]) -> None:
        for problem in problems:
            say(str(problem))

    how = OURS if mapping is None else read_mapping(mapping)
    settings = Settings()
    async with database(settings):
        viewer = await maintainer(settings, Capability.MAINTAIN_FACILITIES)
        with progress_bar("Importing") as progress:
            return await import_facilities(
                file,
                viewer,
                now=datetime.now(UTC),
                mapping=how,
                sheet=sheet,
                dry_run=dry_run,
                refused_to=errors,
                report=report,
                progress=progress,
            )


def export(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="Where to: .csv, .xlsx, or - for CSV on the spot.")
    ],
) -> None:
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
