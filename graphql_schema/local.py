"""Operations executed in this process: for `kb what-applies --json` and `kb mcp`."""

from collections.abc import Mapping
from typing import Any

from graphql_schema.context import Context
from graphql_schema.errors import STORAGE_FAILED
from graphql_schema.schema import schema
from kb.errors import StorageError
from kb.services.access.callers import command_viewer
from kb.services.access.matrix import Viewer
from kb.services.database import FAILURES, connect_migrated
from kb.services.knowledge.holder import KnowledgeHolder, load_knowledge
from kb.settings import Settings


async def execute(
    query: str,
    variables: Mapping[str, Any] | None = None,
    settings: Settings | None = None,
    viewer: Viewer | None = None,
) -> dict[str, Any]:
    """Open the database, load the knowledge, and answer like the web app: data, errors and cost.

    Without a viewer it asks in the name of `kb.services.access.callers.command_viewer`.
    Raises StorageError when the database cannot be used or holds no knowledge.
    """
    used = settings or Settings()
    async with connect_migrated(used, everywhere=False):
        context = Context(
            knowledge=await load_knowledge(used.reliance),
            settings=used,
            viewer=viewer or await command_viewer(used),
        )
        result = await schema.execute(
            query, variable_values=dict(variables or {}), context_value=context
        )
    body: dict[str, Any] = {"data": result.data}
    if result.errors:
        body["errors"] = [error.formatted for error in result.errors]
    if result.extensions:
        body["extensions"] = result.extensions
    return body


async def serve_tools() -> None:
    """Answer an assistant over standard input and output until it closes them.

    Needs the extra `mcp`. Each call is in the name of `command_viewer`, as it stands then, and from
    the release that is published then. Raises like `execute`.
    """
    from mcp.server.stdio import stdio_server

    from graphql_schema.mcp.server import make_server

    settings = Settings()

    async def context_of(_: Any) -> Context:
        try:
            await holder.refresh_if_newer()
            viewer = await command_viewer(settings)
        except FAILURES as error:
            raise StorageError(STORAGE_FAILED) from error
        return Context(knowledge=holder.current, settings=settings, viewer=viewer)

    async with connect_migrated(settings):
        await command_viewer(settings)  # a bad token is told at once
        holder = KnowledgeHolder(await load_knowledge(settings.reliance))
        await holder.current.searching.index()  # a first question would wait for it
        server = make_server(context_of)
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())
