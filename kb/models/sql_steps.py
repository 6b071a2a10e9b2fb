"""Migration steps that are SQL of our own, which the two databases write differently."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tortoise.migrations.operations import TortoiseOperation
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state import State


class SqlStep(TortoiseOperation):
    """A step that runs statements, and others to undo it; `sqlite` says for which database."""

    def forward(self, sqlite: bool) -> Iterable[str]:
        """The statements of the step."""
        raise NotImplementedError

    def backward(self, sqlite: bool) -> Iterable[str]:
        """The statements that undo it."""
        raise NotImplementedError

    async def database_forward(
        self,
        app_label: str,
        old_state: State,
        new_state: State,
        state_editor: BaseSchemaEditor | None = None,
    ) -> None:
        """Run the statements."""
        if state_editor is not None:
            await _run(state_editor, self.forward(state_editor.DIALECT == "sqlite"))

    async def database_backward(
        self,
        app_label: str,
        old_state: State,
        new_state: State,
        state_editor: BaseSchemaEditor | None = None,
    ) -> None:
        """Undo them."""
        if state_editor is not None:
            await _run(state_editor, self.backward(state_editor.DIALECT == "sqlite"))


class OnPostgreSQL(SqlStep):
    """Run statements on PostgreSQL, where SQLite has nothing of the kind or needs nothing."""

    def __init__(self, statements: Sequence[str], undo: Sequence[str]) -> None:
        self.statements = statements
        self.undo = undo

    def describe(self) -> str:
        """Say what the step does, for the migration tool."""
        return f"On PostgreSQL: {'; '.join(self.statements)}"

    def forward(self, sqlite: bool) -> Iterable[str]:
        """The statements, for PostgreSQL."""
        return () if sqlite else self.statements

    def backward(self, sqlite: bool) -> Iterable[str]:
        """What undoes them, for PostgreSQL."""
        return () if sqlite else self.undo


async def _run(editor: BaseSchemaEditor, statements: Iterable[str]) -> None:
    for statement in statements:
        if editor.collect_sql:
            editor.collected_sql.append(statement)
        else:
            await editor.client.execute_query(statement)
