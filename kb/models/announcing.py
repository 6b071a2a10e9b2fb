"""A migration step after which the database itself announces events and knowledge releases."""

from __future__ import annotations

from collections.abc import Iterator

from kb.models.sql_steps import SqlStep

CHANNEL = "kb_live"
"""The PostgreSQL channel; its messages are the names of the tables that have new rows."""


class Announce(SqlStep):
    """Make new events known to the processes that follow them, whoever writes them.

    On PostgreSQL a new event is noted as unplaced in the transaction that writes it, and listeners
    are told when that is committed. On SQLite, where transactions are written one after the other,
    it gets its position at once, and readers see by themselves that the file has changed.
    """

    def describe(self) -> str:
        """Say what the step does, for the migration tool."""
        return "Announce new events and knowledge releases"

    def forward(self, sqlite: bool) -> Iterator[str]:
        """Create the triggers."""
        return _sqlite() if sqlite else _postgresql()

    def backward(self, sqlite: bool) -> Iterator[str]:
        """Drop the triggers."""
        return _undo_sqlite() if sqlite else _undo_postgresql()


def _sqlite() -> Iterator[str]:
    yield (
        'CREATE TRIGGER "workflow_event_announces" AFTER INSERT ON "workflow_event" '
        "BEGIN INSERT INTO event_position (event_id) VALUES (NEW.id); END"
    )


def _undo_sqlite() -> Iterator[str]:
    yield 'DROP TRIGGER "workflow_event_announces"'


def _postgresql() -> Iterator[str]:
    yield f"""
CREATE FUNCTION announce_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO unplaced_event (event_id) SELECT id FROM added;
    PERFORM pg_notify('{CHANNEL}', TG_TABLE_NAME);
    RETURN NULL;
END $$
"""
    yield (
        'CREATE TRIGGER "workflow_event_announces" AFTER INSERT ON "workflow_event" '
        "REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION announce_events()"
    )
    yield f"""
CREATE FUNCTION announce_release() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('{CHANNEL}', TG_TABLE_NAME);
    RETURN NULL;
END $$
"""
    yield (
        'CREATE TRIGGER "knowledge_release_announces" AFTER INSERT ON "knowledge_release" '
        "FOR EACH STATEMENT EXECUTE FUNCTION announce_release()"
    )


def _undo_postgresql() -> Iterator[str]:
    yield 'DROP TRIGGER "workflow_event_announces" ON "workflow_event"'
    yield "DROP FUNCTION announce_events"
    yield 'DROP TRIGGER "knowledge_release_announces" ON "knowledge_release"'
    yield "DROP FUNCTION announce_release"
