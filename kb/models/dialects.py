"""A migration step for one of the two databases alone."""

from __future__ import annotations

from collections.abc import Sequence

from tortoise.migrations.operations import TortoiseOperation
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state import State


class OnPostgreSQL(TortoiseOperation):
    """Run statements on PostgreSQL, where SQLite has nothing of the kind or needs nothing."""

    def __init__(self, statements: Sequence[str], undo: Sequence[str]) -> None:
        self.statements = statements
        self.undo = undo

    def describe(self) -> str:
        """Say what the step does, for the migration tool."""
        return f"On PostgreSQL: {'; '.join(self.statements)}"

    async def database_forward(
        self,
        app_label: str,
        old_state: State,
        new_state: State,
        state_editor: BaseSchemaEditor | None = None,
    ) -> None:
        """Run the statements."""
        await _run(state_editor, self.statements)

    async def database_backward(
        self,
        app_label: str,
        old_state: State,
        new_state: State,
        state_editor: BaseSchemaEditor | None = None,
    ) -> None:
        """Undo them."""
        await _run(state_editor, self.undo)


async def _run(editor: BaseSchemaEditor | None, statements: Sequence[str]) -> None:
    if editor is None or editor.DIALECT == "sqlite":
        return
    for statement in statements:
        if editor.collect_sql:
            editor.collected_sql.append(statement)
        else:
            await editor.client.execute_query(statement)
