"""Commands on a brand's own list of suppliers: import, export."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

import typer

from kb.cli.lists import (
    DryRun,
    Errors,
    ExportFile,
    File,
    Mapping,
    Sheet,
    exit_of_import,
    import_in_shell,
    tell_of_import,
)
from kb.cli.output import say
from kb.cli.running import database
from kb.settings import Settings

app = typer.Typer(help="A brand's own list of suppliers, in the name of its token.")


@app.command("import")
def import_(
    file: File,
    mapping: Mapping = None,
    sheet: Sheet = None,
    dry_run: DryRun = False,
    errors: Errors = None,
) -> None:
    """Import suppliers into the list of the brand whose token is shown; docs/import.md tells how.

    Good rows are stored though others are refused; the same list may be imported again. Exits
    with 1 when a row was refused, or is likely a duplicate.
    """
    from kb.services.access.callers import command_viewer
    from kb.services.lists.mapping import OURS, read_mapping
    from kb.services.suppliers.columns import SUPPLIER_LIST
    from kb.services.suppliers.importing import SUPPLIERS

    how = OURS if mapping is None else read_mapping(mapping, SUPPLIER_LIST)
    imported = asyncio.run(
        import_in_shell(SUPPLIERS, file, how, sheet, dry_run, errors, command_viewer)
    )
    tell_of_import(imported, SUPPLIER_LIST)
    if dry_run:
        say("Dry run: nothing was written.")
    exit_of_import(imported)


@app.command()
def export(file: ExportFile) -> None:
    """Export the list of the brand whose token is shown, with the columns that an import reads."""
    count = asyncio.run(_export(file))
    if file != "-":
        say(f"{count} suppliers were written to {file}")


async def _export(file: str) -> int:
    from kb.services.access.callers import command_viewer
    from kb.services.suppliers.exporting import export_suppliers

    settings = Settings()
    async with database(settings):
        viewer = await command_viewer(settings)
        to = sys.stdout if file == "-" else Path(file)
        return await export_suppliers(viewer, to, now=datetime.now(UTC))
