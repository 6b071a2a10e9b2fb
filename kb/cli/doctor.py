"""The command that examines a production set-up."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import typer

from kb.cli.output import show, table, tell
from kb.settings import Settings

if TYPE_CHECKING:  # its tables take long to load
    from kb.services.doctor.findings import Finding


def doctor() -> None:
    """Examine the set-up: what is wrong, why, and what to do. Exit code 1 if there is a fault.

    Nothing is changed and nothing is sent. Run it with the environment and as the user of the
    server.
    """
    from kb.services.doctor.findings import Verdict

    findings = asyncio.run(_findings(Settings()))
    shown = table("Subject", "Verdict", "What is found", "What to do")
    for finding in findings:
        shown.add_row(finding.subject, finding.verdict, finding.text, finding.remedy)
    show(shown)
    faults = sum(finding.verdict is Verdict.FAULT for finding in findings)
    warnings = sum(finding.verdict is Verdict.WARNING for finding in findings)
    tell(f"Faults: {faults}. Warnings: {warnings}.")
    if faults:
        raise typer.Exit(1)


async def _findings(settings: Settings) -> list[Finding]:
    from kb.services.doctor.machine import examine_machine
    from kb.services.doctor.outside import examine_outside
    from kb.services.doctor.servers import examine_servers
    from kb.services.doctor.storage import examine_storage

    return [
        *await examine_storage(settings),
        *await examine_servers(settings),
        *examine_machine(settings),
        *await examine_outside(settings),
    ]
