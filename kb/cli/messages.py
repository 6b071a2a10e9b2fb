"""Commands on the messages of FAQ 9 that have not left: list, retry."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from kb.cli.output import say, show, table
from kb.cli.running import database
from kb.errors import InvalidInputError
from kb.settings import Settings

app = typer.Typer(help="Messages that have not left.", no_args_is_help=True)


@app.command("list")
def list_(
    given_up: Annotated[
        bool, typer.Option("--given-up", help="Only those that are not tried any more.")
    ] = False,
) -> None:
    """List the messages that wait, or were given up, with the reason; 1,000 of them at most."""
    messages = asyncio.run(_list(given_up))
    if not messages:
        say("No message was given up." if given_up else "Every message has left.")
        return
    shown = table("Id", "Message", "Facility", "Created", "Attempts", "Tried next", "Last error")
    for message in messages:
        shown.add_row(
            str(message.id),
            message.kind,
            message.facility,
            f"{message.created_at:%Y-%m-%d %H:%M}",
            str(message.attempts),
            f"{message.due_at:%Y-%m-%d %H:%M}" if message.due_at else "given up",
            message.last_error or "",
        )
    show(shown)


@app.command()
def retry(
    ids: Annotated[
        list[int] | None, typer.Argument(metavar="ID…", help="As in `list`.", show_default=False)
    ] = None,
    given_up: Annotated[
        bool, typer.Option("--given-up", help="All messages that were given up.")
    ] = False,
) -> None:
    """Try messages that were given up anew, as often as new ones."""
    if bool(ids) is given_up:
        raise InvalidInputError("ID", " ".join(map(str, ids or ())), "either ids or --given-up")
    count = asyncio.run(_retry(ids or None))
    say(f"{count} message{' is' if count == 1 else 's are'} due again.")


async def _list(given_up: bool) -> Any:
    from kb.services.access.callers import command_viewer
    from kb.services.messages.undelivered import undelivered

    settings = Settings()
    async with database(settings):
        return await undelivered(await command_viewer(settings), given_up=given_up)


async def _retry(ids: list[int] | None) -> int:
    from kb.services.access.callers import command_viewer
    from kb.services.messages.undelivered import retry as put_back

    settings = Settings()
    async with database(settings):
        return await put_back(await command_viewer(settings), ids, now=datetime.now(UTC))
