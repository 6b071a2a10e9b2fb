"""Commands on API keys: create, list, revoke."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from kb.cli.operations import only_facility
from kb.cli.output import say, show, table, tell
from kb.cli.running import database
from kb.errors import InvalidInputError
from kb.rules.countries import read_country
from kb.rules.roles import Role
from kb.settings import Settings

app = typer.Typer(help="API keys: who may ask, and for what.", no_args_is_help=True)

_HELD_BY_TOKENS = [role for role in Role if role not in (Role.ANONYMOUS, Role.OPERATOR)]
_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1)}


@app.command()
def create(
    role: Annotated[
        str,
        typer.Option(metavar="ROLE", help=f"One of {', '.join(_HELD_BY_TOKENS)}."),
    ],
    organisation: Annotated[
        str | None, typer.Option("--org", help="The organisation; needed for BRAND.")
    ] = None,
    country: Annotated[
        str | None,
        typer.Option(help="The country, by ISO code or name; needed for PROGRAMME_OFFICER."),
    ] = None,
    facility: Annotated[
        str | None, typer.Option(help="Any id of the facility; needed for FACILITY.")
    ] = None,
    expires: Annotated[
        str, typer.Option(metavar="TIME", help="How long it lasts: days as 30d, hours as 8h.")
    ] = "90d",
    label: Annotated[str | None, typer.Option(help="Who it is for, in words.")] = None,
) -> None:
    """Make an API key and print it, once: it is kept nowhere."""
    wanted = role.upper().replace("-", "_")
    if wanted not in _HELD_BY_TOKENS:
        raise InvalidInputError("--role", role, ", ".join(_HELD_BY_TOKENS))
    made = asyncio.run(
        _create(Role(wanted), organisation, country, facility, _lifetime(expires), label)
    )
    tell(
        f"Token {made.token.id} for {made.token.viewer.label}, until "
        f"{made.token.expires_at:%Y-%m-%d %H:%M} UTC. It is shown only now:"
    )
    say(made.key)


@app.command("list")
def list_() -> None:
    """List the API keys, without the keys themselves."""
    shown = table("Id", "Label", "Role", "For", "State", "Created", "Expires", "Last used")
    now = datetime.now(UTC)
    for token in asyncio.run(_list()):
        viewer = token.viewer
        scope = (viewer.organisation, *viewer.countries, *map(str, viewer.facility_ids))
        shown.add_row(
            str(token.id),
            viewer.label,
            viewer.role,
            ", ".join(part for part in scope if part),
            token.state(now),
            *(f"{at:%Y-%m-%d %H:%M}" if at else "" for at in _moments(token)),
        )
    show(shown)


@app.command()
def revoke(token: Annotated[int, typer.Argument(metavar="ID", help="As in `list`.")]) -> None:
    """End an API key for good. It works nowhere five seconds later."""
    ended = asyncio.run(_revoke(token))
    say(f"Token {ended.id}, {ended.viewer.label}, is revoked.")


async def _create(
    role: Role,
    organisation: str | None,
    country: str | None,
    facility: str | None,
    lifetime: timedelta,
    label: str | None,
) -> Any:
    from kb.services.access.api_keys import ApiKeys
    from kb.services.access.callers import token_maker
    from kb.services.access.matrix import Viewer

    settings = Settings()
    async with database(settings):
        by = await token_maker(settings, role)
        ids = () if facility is None else ((await only_facility(facility, by)).id,)
        holder = Viewer(
            role=role,
            organisation=organisation,
            countries=() if country is None else (read_country("--country", country),),
            facility_ids=ids,
            label=label,
        )
        return await ApiKeys(settings).create(by, holder, lifetime)


async def _list() -> Any:
    from kb.services.access.api_keys import list_tokens
    from kb.services.access.callers import command_viewer

    settings = Settings()
    async with database(settings):
        return await list_tokens(await command_viewer(settings))


async def _revoke(token: int) -> Any:
    from kb.services.access.api_keys import revoke_token
    from kb.services.access.callers import command_viewer

    settings = Settings()
    async with database(settings):
        return await revoke_token(await command_viewer(settings), token)


def _moments(token: Any) -> tuple[datetime | None, ...]:
    return token.created_at, token.expires_at, token.last_used_at


def _lifetime(text: str) -> timedelta:
    parts = re.fullmatch(r"(\d{1,5})([dh])", text.strip().lower(), re.ASCII)
    if parts is None:
        raise InvalidInputError("--expires", text, "days as 30d, or hours as 8h")
    return int(parts[1]) * _UNITS[parts[2]]
