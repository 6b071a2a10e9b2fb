"""A migration step after which the database itself keeps counts of facilities and their events.

On PostgreSQL a transaction adds to rows of a slot that nobody else has for as long as it lasts, so
that writers neither wait for each other nor deadlock. On SQLite, where writers wait for each other
anyway, there is one slot.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kb.models.sql_steps import SqlStep

SLOT_LOCK = 20_211_004
"""Names the advisory locks of the slots; any number, as long as it stays the same."""


@dataclass(frozen=True, slots=True)
class _Projections:
    """A table of projections, and its terms for whose they are and for who sees no data."""

    table: str
    brand: str
    status_only: str


_PROJECTIONS = (
    _Projections("facility_projection", "''", "FALSE"),
    _Projections("brand_projection", "{row}.brand", "{row}.status_only"),
)
COUNTED_BY = {
    "facility_count": ("brand", "country", "decision_key", "status_only"),
    "last_change_count": ("brand", "country", "changed_on"),
    "event_count": ("brand", "country", "month", "kind"),
}
"""Table of counts to what is counted by: its unique columns but the slot."""

_ONLY = {"facility_count": "TRUE", "last_change_count": "changed_on IS NOT NULL"}


class KeepCounts(SqlStep):
    """Count what is there, and keep the counts exact with every change, whoever makes it."""

    def describe(self) -> str:
        """Say what the step does, for the migration tool."""
        return "Keep counts of facilities and of what happened to them"

    def forward(self, sqlite: bool) -> Iterator[str]:
        """Create the triggers, and count."""
        yield from _sqlite() if sqlite else _postgresql()
        yield from counting_all(sqlite)

    def backward(self, sqlite: bool) -> Iterator[str]:
        """Drop the triggers."""
        tables = [projections.table for projections in _PROJECTIONS]
        for table in (*tables, "workflow_event"):
            for change in _CHANGES if table in tables else ("insert",):
                on = "" if sqlite else f' ON "{table}"'
                yield f'DROP TRIGGER "{table}_counts_{change}"{on}'
                if not sqlite:
                    yield f"DROP FUNCTION count_{table}_{change}"
        if not sqlite:
            yield "DROP FUNCTION counting_slot"


_CHANGES = ("insert", "update", "delete")


def counting_all(sqlite: bool) -> Iterator[str]:
    """Statements that count all there is, for empty tables of counts."""
    for table, columns in COUNTED_BY.items():
        listed = ", ".join(columns)
        yield (
            f"INSERT INTO {table} ({listed}, slot, number) SELECT {listed}, 0, COUNT(*) "
            f"FROM ({counted_anew(table, sqlite)}) c GROUP BY {listed}"
        )


def counted_anew(table: str, sqlite: bool) -> str:
    """A statement with one row for each thing that a table of counts counts."""
    rows = " UNION ALL ".join(
        f"SELECT {_columns(projections, 'p')} FROM {projections.table} p WHERE p.is_current"
        for projections in _PROJECTIONS
    )
    listed = ", ".join(COUNTED_BY[table])
    if table != "event_count":
        return f"SELECT {listed} FROM ({rows}) s WHERE {_ONLY[table]}"
    return (
        f"SELECT s.brand, s.country, {_month('e', sqlite)} AS month, e.kind FROM ({rows}) s "
        "JOIN workflow_event e ON e.facility_id = s.facility_id WHERE NOT s.status_only"
    )


def differing_counts(table: str, sqlite: bool) -> str:
    """A statement for the counts that are wrong, with what they lack, which is never 0."""
    listed = ", ".join(COUNTED_BY[table])
    return (
        f"SELECT {listed}, SUM(number) AS lacking FROM ("
        f"SELECT {listed}, 1 AS number FROM ({counted_anew(table, sqlite)}) a "
        f"UNION ALL SELECT {listed}, -number FROM {table}) b "
        f"GROUP BY {listed} HAVING SUM(number) <> 0 ORDER BY {listed}"
    )


_MENDED = -1
"""The slot of those who put counts right, which no other writer takes."""


def lock_for_recount(sqlite: bool) -> str:
    """A statement that waits until nobody else puts counts right; on SQLite nobody else can."""
    return "SELECT 1" if sqlite else f"SELECT pg_advisory_xact_lock({SLOT_LOCK}, {_MENDED})"


def adding_one(table: str, sqlite: bool) -> str:
    """A statement that adds to a count: takes the values that it is counted by, and a number."""
    columns = COUNTED_BY[table]
    listed = ", ".join(columns)
    marks = ["?" if sqlite else f"${place}" for place in range(1, len(columns) + 2)]
    return (
        f"INSERT INTO {table} ({listed}, slot, number) "
        f"VALUES ({', '.join(marks[:-1])}, {_MENDED}, {marks[-1]}) "
        f"ON CONFLICT ({listed}, slot) DO UPDATE SET number = {table}.number + EXCLUDED.number"
    )


def _columns(projections: _Projections, row: str) -> str:
    return (
        f"{row}.facility_id AS facility_id, {projections.brand.format(row=row)} AS brand, "
        f"{row}.country AS country, {row}.decision_key AS decision_key, "
        f"{projections.status_only.format(row=row)} AS status_only, {row}.changed_on AS changed_on"
    )


def _month(row: str, sqlite: bool) -> str:
    # A day is a text on SQLite.
    return (
        f"SUBSTR({row}.occurred_on, 1, 7)" if sqlite else f"to_char({row}.occurred_on, 'YYYY-MM')"
    )


def _adding(table: str, slot: str, changes: str) -> str:
    """Add changes, a statement with the columns of the table and `change`, to a slot."""
    columns = COUNTED_BY[table]
    listed = ", ".join(columns)
    return (
        f"INSERT INTO {table} ({listed}, slot, number) "
        f"SELECT {listed}, {slot}, SUM(change) FROM ({changes}) c "
        f"GROUP BY {listed} HAVING SUM(change) <> 0 ORDER BY {listed} "
        f"ON CONFLICT ({listed}, slot) DO UPDATE SET number = {table}.number + EXCLUDED.number;"
    )


def _keeping(changes: str, slot: str, sqlite: bool) -> str:
    """Statements that keep all counts, for changes of projections: their columns and `change`."""
    statements = [
        _adding(
            table,
            slot,
            f"SELECT {', '.join(COUNTED_BY[table])}, change FROM ({changes}) s WHERE {only}",
        )
        for table, only in _ONLY.items()
    ]
    # Other changes of a row leave the events that are counted as they are.
    turned = (
        f"SELECT facility_id, brand, country, SUM(change) AS change FROM ({changes}) s "
        "WHERE NOT status_only GROUP BY facility_id, brand, country HAVING SUM(change) <> 0"
    )
    events = (
        f"SELECT t.brand, t.country, {_month('e', sqlite)} AS month, e.kind, t.change "
        f"FROM ({turned}) t JOIN workflow_event e ON e.facility_id = t.facility_id"
    )
    return "\n".join([*statements, _adding("event_count", slot, events)])


def _events_seen(source: str, facility: str, sqlite: bool) -> str:
    """Changes that follow from new events, which are read from `source`; `facility` has each."""
    seen = " UNION ALL ".join(
        f"SELECT {_columns(projections, 'p')} FROM {projections.table} p "
        f"WHERE p.is_current AND p.facility_id = {facility}"
        for projections in _PROJECTIONS
    )
    return (
        f"SELECT s.brand, s.country, {_month('e', sqlite)} AS month, e.kind, 1 AS change "
        f"FROM {source} e CROSS JOIN {'' if sqlite else 'LATERAL '}({seen}) s "
        "WHERE NOT s.status_only"
    )


def _sqlite() -> Iterator[str]:
    for projections in _PROJECTIONS:
        added, removed = (
            f"SELECT {_columns(projections, row)}, {change} AS change WHERE {row}.is_current"
            for row, change in (("NEW", 1), ("OLD", -1))
        )
        changes = {"insert": added, "update": f"{removed} UNION ALL {added}", "delete": removed}
        for change, rows in changes.items():
            yield (
                f'CREATE TRIGGER "{projections.table}_counts_{change}" AFTER {change} '
                f'ON "{projections.table}" BEGIN {_keeping(rows, "0", sqlite=True)} END'
            )
    row = "(SELECT NEW.facility_id, NEW.occurred_on, NEW.kind)"
    new = _events_seen(row, "NEW.facility_id", sqlite=True)
    yield (
        'CREATE TRIGGER "workflow_event_counts_insert" AFTER INSERT ON "workflow_event" '
        f"BEGIN {_adding('event_count', '0', new)} END"
    )


def _postgresql() -> Iterator[str]:
    for table in COUNTED_BY:
        # Room beside each row for its next version, so that its indexes stay as they are.
        yield f"ALTER TABLE {table} SET (fillfactor = 50)"
    yield f"""
CREATE FUNCTION counting_slot() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    slot integer := 0;
BEGIN
    WHILE NOT pg_try_advisory_xact_lock({SLOT_LOCK}, slot) LOOP
        slot := slot + 1;
    END LOOP;
    RETURN slot;
END $$
"""
    for projections in _PROJECTIONS:
        added, removed = (
            f"SELECT {_columns(projections, row)}, {change} AS change FROM {row} "
            f"WHERE {row}.is_current"
            for row, change in (("added", 1), ("removed", -1))
        )
        for change, rows, seen in (
            ("insert", added, "NEW TABLE AS added"),
            (
                "update",
                f"{removed} UNION ALL {added}",
                "OLD TABLE AS removed NEW TABLE AS added",
            ),
            ("delete", removed, "OLD TABLE AS removed"),
        ):
            keeping = _keeping(rows, "free_slot", sqlite=False)
            yield _function(projections.table, change, keeping)
            yield _trigger(projections.table, change, seen)
    yield counting_events()
    yield _trigger("workflow_event", "insert", "NEW TABLE AS added")


def counting_events() -> str:
    """The statement for the function that counts new events, on PostgreSQL."""
    # Found for each event: joined afterwards, all facilities would be read.
    new = _events_seen("added", "e.facility_id", sqlite=False)
    return _function("workflow_event", "insert", _adding("event_count", "free_slot", new))


def _function(table: str, change: str, statements: str) -> str:
    # Its plans are kept, also those that were made while the tables were small: so they may be
    # none that read whole tables.
    return f"""
CREATE OR REPLACE FUNCTION count_{table}_{change}() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    free_slot integer := counting_slot();
BEGIN
    {statements}
    RETURN NULL;
END $$
"""


def _trigger(table: str, change: str, seen: str) -> str:
    return (
        f'CREATE TRIGGER "{table}_counts_{change}" AFTER {change} ON "{table}" '
        f"REFERENCING {seen} FOR EACH STATEMENT EXECUTE FUNCTION count_{table}_{change}()"
    )
