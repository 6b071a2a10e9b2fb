"""A migration step after which the database itself refuses to change or delete rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kb.models.sql_steps import SqlStep

REFUSE = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""


class AppendOnly(SqlStep):
    """Refuse UPDATE and DELETE on tables, and TRUNCATE where there is such a statement.

    The database answers with an integrity error, "<table> is append-only". A migration that
    rebuilds such a table on SQLite must take this step again: triggers go with the old table.
    """

    def __init__(self, tables: Sequence[str]) -> None:
        self.tables = tables

    def describe(self) -> str:
        """Say what the step does, for the migration tool."""
        return f"Make append-only: {', '.join(self.tables)}"

    def forward(self, sqlite: bool) -> Iterator[str]:
        """Create the triggers."""
        return self._sqlite() if sqlite else self._postgresql()

    def backward(self, sqlite: bool) -> Iterator[str]:
        """Drop the triggers."""
        for table in self.tables:
            for change in ("update", "delete") if sqlite else ("change", "truncate"):
                on = "" if sqlite else f' ON "{table}"'
                yield f'DROP TRIGGER "{table}_refuses_{change}"{on}'

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

    forward = AppendOnly.backward
    backward = AppendOnly.forward
