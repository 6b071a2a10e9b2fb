"""Commands on facilities: demo, list, import, export, rebuild, verify."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import typer

from kb.cli import lists
from kb.cli.output import progress_bar, say, show, table, tell
from kb.cli.running import database, make_demo_facilities
from kb.rules.codes import BlockerCode
from kb.rules.countries import read_country
from kb.rules.days import local_days
from kb.settings import Settings

app = typer.Typer(
    help="Facilities: demo ones, a list, import, export, projections.", no_args_is_help=True
)
app.command("import")(lists.import_)
app.command("export")(lists.export)


@app.command()
def demo(
    count: Annotated[int, typer.Option(min=1, help="How many there should be.")] = 200,
    seed: Annotated[
        int | None, typer.Option(help="The same seed makes the same facilities.")
    ] = None,
) -> None:
    """Make demo facilities with events: clearly synthetic, with every route among them."""

    async def make() -> None:
        settings = Settings()
        async with database(settings):
            await make_demo_facilities(settings, count, seed)

    asyncio.run(make())


@app.command("list")
def list_(
    country: Annotated[
        list[str] | None,
        typer.Option(help="Only in this country, by ISO code or name; may be repeated."),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Only with this in the name.")] = None,
    blocker: Annotated[
        list[BlockerCode] | None,
        typer.Option(help="Only with this as the first thing in the way; may be repeated."),
    ] = None,
    first: Annotated[int, typer.Option(min=1, help="How many to show.")] = 20,
    after: Annotated[str | None, typer.Option(help="Go on after this cursor.")] = None,
) -> None:
    """List facilities by name, with where each stands today."""
    countries = [read_country("--country", text) for text in country or []]
    asyncio.run(_list(countries, name, blocker or [], first, after))


async def _list(
    countries: list[str],
    name: str | None,
    blockers: list[BlockerCode],
    first: int,
    after: str | None,
) -> None:
    from kb.services.access.callers import command_viewer
    from kb.services.access.opaque_ids import opaque_ids
    from kb.services.facilities.counts import count_facilities
    from kb.services.facilities.sql import FacilityFilter
    from kb.services.facilities.views import FacilityOrder, cursor_of, list_facilities
    from kb.services.facilities.what_applies import what_applies
    from kb.services.knowledge.decision_filter import DecisionBasis
    from kb.services.knowledge.holder import load_knowledge
    from kb.services.paging import page_request
    from kb.services.readings import note_reading

    settings = Settings()
    page_wanted = page_request(first=first, after=after, max_size=settings.max_page_size)
    only = FacilityFilter(
        countries=countries or None, name_contains=name, primary_blocker=blockers or None
    )
    shown = table("Id", "Name", "Sharing", "First in the way")
    async with database(settings):
        viewer = await command_viewer(settings)
        by = DecisionBasis(await load_knowledge(), datetime.now(UTC))
        ids = opaque_ids(settings)
        page = await list_facilities(viewer, page_wanted, by, ids, only=only)
        total = await count_facilities(viewer, by, only=only)
        await note_reading(viewer, [facility.id for facility in page.rows], now=by.now)
    for facility in page.rows:
        today = local_days(facility.country, by.now).today
        answer = what_applies(facility, by.knowledge, today, viewer=viewer)
        shown.add_row(
            facility.os_id or str(facility.id),
            facility.name,
            answer.sharing.status,
            next((blocker.code for blocker in answer.workflow.blockers), ""),
        )
    show(shown)
    say(f"{len(page.rows)} of {total}.")
    if page.has_next:
        tell(f"For more: --after {cursor_of(page.rows[-1], FacilityOrder.NAME, ids)}")


@app.command()
def rebuild() -> None:
    """Compute where facilities stand anew from their events, mend and tell what differed.

    Exits with 1 when something differed.
    """
    from kb.services.access.callers import maintainer
    from kb.services.access.matrix import Capability
    from kb.services.recording.projections import Rebuilt
    from kb.services.recording.projections import rebuild as rebuild_projections

    async def run() -> Rebuilt:
        settings = Settings()
        async with database(settings):
            await maintainer(settings, Capability.MAINTAIN_FACILITIES)
            with progress_bar("Rebuilding") as progress:
                return await rebuild_projections(progress)

    report = asyncio.run(run())
    differences = [*report.differences, *map(str, report.counts)]
    for difference in differences:
        say(difference)
    say(
        f"{report.facilities} facilities were rebuilt from their events; "
        f"{len(differences)} differences."
    )
    if differences:
        raise typer.Exit(1)


@app.command()
def verify() -> None:
    """Look whether anybody tampered with events, or with what follows from them.

    Changes nothing. Exits with 1 when something is not as it was recorded.
    """
    from kb.services.access.callers import maintainer
    from kb.services.access.matrix import Capability
    from kb.services.recording.verify import Verified, verify_chains

    async def run() -> Verified:
        settings = Settings()
        async with database(settings):
            await maintainer(settings, Capability.MAINTAIN_FACILITIES)
            with progress_bar("Verifying") as progress:
                return await verify_chains(progress)

    report = asyncio.run(run())
    for fault in (*report.breaks, *report.counts):
        say(str(fault))
    say(
        f"{report.events} events of {report.facilities} facilities were checked; "
        f"{len(report.breaks)} are not as they were recorded."
    )
    if report.counts:
        say(f"{len(report.counts)} kept counts are wrong. To count anew: kb facilities rebuild")
    if report.breaks or report.counts:
        raise typer.Exit(1)
