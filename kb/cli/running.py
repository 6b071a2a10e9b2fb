"""Commands that set the program up and run it: serve, migrate, schema, settings."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import json
import multiprocessing
import os
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kb.cli.output import progress_bar, say, show, table, tell
from kb.collecting import collect_now, pause_until_served, paused_collection
from kb.errors import InvalidInputError, KbError, StorageError
from kb.rules.roles import Role
from kb.settings import Settings

if TYPE_CHECKING:  # its tables take long to load
    from kb.services.access.api_keys import CreatedToken
    from kb.services.access.matrix import Viewer
    from kb.services.knowledge.releases import Published, ReleaseInfo


@asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[None]:
    """The database of a command, with up-to-date tables, or StorageError."""
    from kb.services.database import connect_migrated

    try:
        async with connect_migrated(settings, everywhere=False):
            yield
    except TimeoutError:
        raise StorageError(
            f"Cannot use {settings.database_name}: it took longer than "
            f"{settings.database_timeout:g} seconds for a statement; another command may hold what "
            "this one waits for. Try again when it has finished, or set KB_DATABASE_TIMEOUT."
        ) from None


def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; KB_HOST if not given.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on; KB_PORT if not given.")
    ] = None,
    demo: Annotated[
        int, typer.Option(min=0, help="See to it that there are this many demo facilities.")
    ] = 0,
    workers: Annotated[int, typer.Option(min=1, help="How many processes answer.")] = 1,
) -> None:
    """Serve the API, with GraphiQL for browsers.

    On the embedded SQLite database the tables and the knowledge are seen to first. On PostgreSQL
    run `kb migrate` and `kb content publish` yourself.
    """
    import uvicorn

    if workers == 1 and not demo:
        pause_until_served()
    importlib.import_module("graphql_schema.web.memory").tune_allocator()
    # The app reads its settings from the environment, in every process that serves it.
    chosen = {"KB_HOST": host, "KB_PORT": port, "KB_SHARED_ALLOWANCES": workers > 1 or None}
    os.environ.update({name: str(value) for name, value in chosen.items() if value is not None})
    settings = Settings()
    _see_that_demo_is_for_trying_out(settings, demo)
    _see_that_the_port_is_free(settings)  # before the tokens of a server that has it are ended
    address = f"http://{_shown(settings.host)}:{settings.port}/graphql"
    _see_to_knowledge(settings)
    for made in asyncio.run(_prepare(settings, demo)):
        if made.token.viewer.role is Role.HELPDESK:
            os.environ["KB_GRAPHIQL_TOKEN"] = made.key
            endpoint = importlib.import_module("graphql_schema.web.endpoint")
            secret = endpoint.trial_secret(made.key)
            say("GraphiQL with the helpdesk's token filled in, for you alone: do not pass it on.")
            say(f"  {address}?trial={secret}")
    say(f"GraphiQL and the API: {address}")
    if workers > 1:
        _fork_workers()
    serving = importlib.import_module("graphql_schema.web.serving")
    importlib.import_module("graphql_schema.web.connections").raise_descriptors(settings)
    uvicorn.run(
        "graphql_schema.app:create_app",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=workers,
        **serving.uvicorn_options(settings),
    )


def _fork_workers() -> None:
    """Have uvicorn fork workers from one process that has loaded what they share."""
    import uvicorn._subprocess

    forking = multiprocessing.get_context("forkserver")
    forking.set_forkserver_preload(["kb.cli.running", "graphql_schema.preloaded"])
    uvicorn._subprocess.spawn = forking  # type: ignore[assignment]  # it has no setting for that


def _see_that_demo_is_for_trying_out(settings: Settings, demo: int) -> None:
    """InvalidInputError if demo facilities would come into a database that is meant to last."""
    if demo and settings.sqlite_file is None:
        allowed = (
            "nothing on PostgreSQL, where facilities stay for good; if they are wanted there, run: "
            f"kb facilities demo --count {demo}"
        )
        raise InvalidInputError("--demo", demo, allowed)


def _see_that_the_port_is_free(settings: Settings) -> None:
    """InvalidInputError if something listens there, or the address is none of this machine."""
    try:
        family, kind, *_, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
    except OSError as error:
        allowed = f"an address of this machine with a free port, as by --port ({error.strerror})"
        place = f"{settings.host}:{settings.port}"
        raise InvalidInputError("KB_HOST and KB_PORT", place, allowed) from None


def _see_to_knowledge(settings: Settings) -> None:
    """See to tables and knowledge on the embedded database; on others, that there is some."""
    from kb.errors import NothingPublishedError
    from kb.services.database import is_embedded

    release, as_in_folder = asyncio.run(_published(settings))
    if not is_embedded(settings):
        if release is None:
            raise NothingPublishedError("Nothing is published yet. Run: kb content publish")
    elif settings.semantic_search or not as_in_folder:
        # Publishing takes memory that a process does not give back, so it gets one of its own.
        publishing = multiprocessing.Process(target=_publish_to_serve, args=(settings,))
        publishing.start()
        publishing.join()
        if publishing.exitcode:
            if release is None:
                raise typer.Exit(publishing.exitcode)
            tell(f"Release {release.number}, published before, is served.")


async def _published(settings: Settings) -> tuple[ReleaseInfo | None, bool]:
    """The current release, and for the embedded database whether it is that of the folder."""
    from kb.services.database import is_embedded
    from kb.services.database import migrate as migrate_tables
    from kb.services.knowledge.publishing import is_published
    from kb.services.knowledge.releases import current_release

    embedded = is_embedded(settings)
    if embedded and await migrate_tables(settings):
        collect_now()  # models as they were before each migration
    async with database(settings):
        release = await current_release()
        return release, embedded and await is_published(settings.content_dir)


def _publish_to_serve(settings: Settings) -> None:
    """Publish in a process of its own, which ends with 1 where the content is not sound."""
    from kb.services.access.matrix import OPERATOR

    async def publish() -> Published:
        async with database(settings):
            return await publish_shown(settings, settings.content_dir, OPERATOR)

    try:
        with paused_collection():  # it would take a tenth of the time, and find little
            release = asyncio.run(publish())
    except KbError as error:
        tell(str(error))
        raise SystemExit(1) from None
    if release.created:
        tell(f"Knowledge release {release.number} is published.")


async def _prepare(settings: Settings, demo: int) -> Sequence[CreatedToken]:
    """See to demo facilities; give the tokens to try them out with."""
    from kb.services.demo.trial_tokens import make_trial_tokens

    async with database(settings):
        if demo:
            await make_demo_facilities(settings, demo)
        tokens = await make_trial_tokens(settings)
    if tokens:
        shown = table("Role", "Token", "Sees")
        for created in tokens:
            viewer = created.token.viewer
            of = viewer.organisation or ", ".join(viewer.countries)
            shown.add_row(
                viewer.role, created.key, viewer.rights.rows.meaning + (of and f" ({of})")
            )
        say("To try it out, until this server is started again and for 8 hours at most:")
        show(shown)
    return tokens


async def publish_shown(
    settings: Settings, folder: Path | None, by: Viewer, note: str | None = None
) -> Published:
    """Publish the content in somebody's name, and prepare the search over it.

    Shows how far the vectors are, if it gets some.
    """
    from kb.services.knowledge.holder import load_knowledge
    from kb.services.knowledge.publishing import publish_content

    with progress_bar("Publishing") as progress:
        release = await publish_content(
            folder,
            at=datetime.now(UTC),
            note=note,
            by=by,
            semantic=settings.semantic_search,
            progress=progress,
        )
        if release.created:  # servers then need not prepare the search, which takes seconds
            await (await load_knowledge()).searching.index()
        return release


async def make_demo_facilities(settings: Settings, count: int, seed: int | None = None) -> None:
    """Make demo facilities, show how far it is, and name some to begin with.

    NotPermittedError when a token is shown that may not.
    """
    from kb.services.access.callers import maintainer
    from kb.services.access.matrix import Capability
    from kb.services.demo.facilities import EXAMPLE_IDS, SEED, make_demo
    from kb.services.live.feed import place

    await maintainer(settings, Capability.MAINTAIN_FACILITIES)
    with progress_bar("Making demo facilities") as progress:
        made = await make_demo(count, SEED if seed is None else seed, progress)
    await place()
    if made.created:
        tell(f"{made.created} demo facilities were made. They do not exist.")
    else:
        tell(f"There are {made.total} demo facilities already; none were made.")
    examples = [os_id for os_id in EXAMPLE_IDS if int(os_id.rpartition("-")[2]) <= made.total]
    tell(f"Try: kb what-applies {' or '.join(examples)}")


def migrate() -> None:
    """Bring the tables of the database up to date; more processes may try at once."""
    from kb.services.database import migrate as migrate_tables

    settings = Settings()
    applied = asyncio.run(migrate_tables(settings))
    if applied:
        say(f"Applied to {settings.database_name}: {', '.join(applied)}")
    else:
        say(f"Up to date: {settings.database_name}")


def schema(
    file: Annotated[
        Path | None, typer.Option("--out", help="File to write to; standard output if not given.")
    ] = None,
    released: Annotated[
        Path | None,
        typer.Option(
            "--against",
            exists=True,
            dir_okay=False,
            help="Document of an earlier schema: name instead what its clients would miss, with "
            "exit code 1 if there is anything.",
        ),
    ] = None,
) -> None:
    """Print the GraphQL schema."""
    graphql_schema = importlib.import_module("graphql_schema.schema")
    if released is not None:
        missed = graphql_schema.breaking_changes(released.read_text(encoding="utf-8"))
        say("\n".join(missed) or f"Whatever {released.name} allows goes on working.")
        raise typer.Exit(1 if missed else 0)
    text: str = graphql_schema.sdl()
    if file is None:
        typer.echo(text, nl=False)
    else:
        file.write_text(text, encoding="utf-8")


def mcp() -> None:
    """Answer an assistant over standard input and output: the tools of the Model Context Protocol.

    An assistant starts this command itself; a server has the same tools at /mcp.
    """
    if importlib.util.find_spec("mcp") is None:
        raise KbError("kb mcp needs the extra mcp: pip install 'kb-status-api[mcp]'")
    asyncio.run(importlib.import_module("graphql_schema.local").serve_tools())


def documents() -> None:
    """Print the published operations by their hash, as KB_ANONYMOUS_DOCUMENTS knows them.

    The form is the manifest of persisted queries that Apollo's tools make and read.
    """
    graphiql = importlib.import_module("graphql_schema.web.graphiql")
    persisted = importlib.import_module("graphql_schema.web.persisted")
    typer.echo(json.dumps(persisted.manifest(graphiql.load_tabs()), indent=2))


def settings(
    page: Annotated[
        bool, typer.Option("--page", help="Print them as Markdown; docs/settings.md holds it.")
    ] = False,
) -> None:
    """List the settings: environment variables, their values now and their meaning."""
    if page:
        typer.echo(settings_page(), nl=False)
        return
    shown = table("Variable", "Value", "Default", "Meaning")
    for name, (value, meaning) in Settings().shown().items():
        shown.add_row(name, value, _default(name), meaning)
    show(shown)


def settings_page() -> str:
    """All settings with their defaults and meanings, as Markdown."""
    rows = [
        f"| `{name}` | {f'`{_default(name)}`' if _default(name) else ''} "
        f"| {meaning.replace('|', chr(92) + '|')} |"
        for name, (_, meaning) in Settings.model_construct().shown().items()
    ]
    return "\n".join((_SETTINGS_START, *rows, ""))


_SETTINGS_START = """\
# Settings

Environment variables, which every process reads once when it starts. `kb settings` shows the values
in force, without secrets. This page is made by `kb settings --page`, and a test holds it to the
program.

| variable | default | meaning |
|---|---|---|"""


def _default(name: str) -> str:
    default = Settings.model_fields[name.removeprefix("KB_").lower()].default
    return "" if default is None else str(default)


def _shown(host: str) -> str:
    """An address that a browser understands."""
    if host in ("0.0.0.0", "::"):
        return "localhost"
    return f"[{host}]" if ":" in host else host
