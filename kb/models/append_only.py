"""A migration step after which the database itself refuses to change or delete rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tortoise.migrations.operations import TortoiseOperation
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state import State

REFUSE = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""


class AppendOnly(TortoiseOperation):
    """Refuse UPDATE and DELETE on tables, and TRUNCATE where there is such a statement.

    The database answers with an integrity error, "<table> is append-only". A migration that
    rebuilds such a table on SQLite must take this step again: triggers go with the old table.
    """

    def __init__(self, tables: Sequence[str]) -> None:
        self.tables = tables

    def describe(self) -> str:
        """Say what the step does, for the migration tool."""
        return f"Make append-only: {', '.join(self.tables)}"

    async def database_forward(
        self,
        app_label: str,
        old_state: State,
        new_state: State,
        state_editor: BaseSchemaEditor | None = None,
    ) -> None:
        """Create the triggers."""
        if state_editor is None:
            return
        sqlite = state_editor.DIALECT == "sqlite"
        await _run(state_editor, self._sqlite() if sqlite else self._postgresql())

    async def database_backward(
        self,
        app_label: str,
        old_state: State,
        new_state: State,
        state_editor: BaseSchemaEditor | None = None,
    ) -> None:
        """Drop the triggers."""
        if state_editor is None:
            return
        sqlite = state_editor.DIALECT == "sqlite"
        changes = ("update", "delete") if sqlite else ("change", "truncate")
        await _run(
            state_editor,
            (
                f'DROP TRIGGER "{table}_refuses_{change}"' + ("" if sqlite else f' ON "{table}"')
                for table in self.tables
                for change in changes
            ),
        )

    def _sqlite(self) -> Iterator[str]:
        for table in self.tables:
            for change in ("update", "delete"):
                yield (
                    f'CREATE TRIGGER "{table}_refuses_{change}" BEFORE {change} ON "{table}" '
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )

    def _postgresql(self) -> Iterator[str]:
        yield REFUSE
        for table in self.tables:
            for name, event, scope in (
                ("change", "UPDATE OR DELETE", "ROW"),
                ("truncate", "TRUNCATE", "STATEMENT"),
            ):
                yield (
                    f'CREATE TRIGGER "{table}_refuses_{name}" BEFORE {event} ON "{table}" '
                    f"FOR EACH {scope} EXECUTE FUNCTION refuse_change()"
                )


class Changeable(AppendOnly):
    """Let append-only tables be changed again: for a migration that fills a new column.

    Such a migration must take `AppendOnly` afterwards.
    """

    def describe(self) -> str:
        """Say what the step does, for the migration tool."""
        return f"Make changeable: {', '.join(self.tables)}"

    database_forward = AppendOnly.database_backward
    database_backward = AppendOnly.database_forward


async def _run(editor: BaseSchemaEditor, statements: Iterator[str]) -> None:
    for statement in statements:
        if editor.collect_sql:
            editor.collected_sql.append(statement)
        else:
            await editor.client.execute_query(statement)
