"""One operation, executed in this process: what `kb what-applies --json` prints."""

from collections.abc import Mapping
from typing import Any

from graphql_schema.context import Context
from graphql_schema.schema import schema
from kb.services.access.callers import command_viewer
from kb.services.access.matrix import Viewer
from kb.services.database import connect, require_migrated
from kb.services.knowledge.holder import load_knowledge
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
    await require_migrated(used)
    async with connect(used, everywhere=False):
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
