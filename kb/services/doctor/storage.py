"""What the database says: tables, rights, knowledge, clock, messages."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from kb.content.references import lacking
from kb.errors import KbError, StorageError
from kb.models import OutboxMessage, WorkflowEvent
from kb.services.database import FAILURES, connect_migrated
from kb.services.doctor.findings import Finding, fault, ok, warning
from kb.services.knowledge.holder import load_knowledge
from kb.services.messages.outbox import GIVEN_UP
from kb.settings import Settings

CLOCKS_MAY_DIFFER = timedelta(seconds=5)

_RIGHTS = """
SELECT table_name FROM information_schema.tables
WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' AND NOT (
    has_table_privilege(format('%I.%I', table_schema, table_name), 'SELECT')
    AND has_table_privilege(format('%I.%I', table_schema, table_name), 'INSERT'))
ORDER BY table_name
"""
_SUPERUSER = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"


async def examine_storage(settings: Settings) -> Sequence[Finding]:
    """Look at the database; where it cannot be used, that is all that is said."""
    try:
        async with connect_migrated(settings, everywhere=False):
            return [
                _database(settings),
                await _rights(settings),
                await _knowledge(),
                await _clock(settings),
                await _messages(),
            ]
    except (StorageError, *FAILURES) as error:
        remedy = "Do what it says; KB_DATABASE_URL names the database."
        return [fault("database", str(error), remedy)]


def _database(settings: Settings) -> Finding:
    if settings.sqlite_file is not None:
        return warning(
            "database",
            f"{settings.database_name} is for trying out: one machine, one writer at a time.",
            "Use PostgreSQL in production, by KB_DATABASE_URL.",
        )
    return ok("database", f"{settings.database_name} has the tables of this program.")


async def _rights(settings: Settings) -> Finding:
    subject = "database rights"
    file = settings.sqlite_file
    if file is not None:
        if not os.access(file, os.W_OK) or not os.access(file.parent, os.W_OK):
            return fault(
                subject,
                f"{file} or its folder may not be written to.",
                "Give both to the user that runs the program.",
            )
        if file.stat().st_mode & 0o007:
            return warning(
                subject, f"Everybody on this machine may read {file}.", f"Run: chmod o= {file}"
            )
        return ok(subject, "The file can be written to, and is not for everybody.")
    lacking = ", ".join(row["table_name"] for row in await _rows(_RIGHTS))
    if lacking:
        return fault(
            subject,
            f"The user of the database may not read and add rows in {lacking}.",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA … TO that user.",
        )
    if any(row["rolsuper"] for row in await _rows(_SUPERUSER)):
        return warning(
            subject,
            "The user of the database is a superuser, for whom nothing is append-only.",
            "Make a user of its own that owns these tables alone, or is granted what it needs.",
        )
    return ok(subject, "Rows can be read and added.")


_NEEDED = ("route", "statement", "step", "warning")
"""Kinds of records that the program looks for by a code of its own."""


async def _knowledge() -> Finding:
    subject = "knowledge release"
    try:
        knowledge = await load_knowledge()
    except KbError as error:
        return fault(subject, str(error), "Do what it says.")
    release, rules = knowledge.release, knowledge.library.rulebook
    lacks = lacking({name: getattr(rules, f"{name}s").keys() for name in _NEEDED})
    if lacks:
        return fault(
            subject,
            f"Release {release.number} is of another version of the program: {'; '.join(lacks)}.",
            "Publish the content of this one: kb content publish.",
        )
    return ok(
        subject,
        f"Release {release.number} of {release.published_at:%Y-%m-%d} is what was published "
        f"({release.content_hash[:12]}).",
    )


async def _clock(settings: Settings) -> Finding:
    subject = "clock"
    now = datetime.now(UTC)
    if settings.sqlite_file is None:
        (row,) = await _rows("SELECT clock_timestamp() AS now")
        apart = abs(row["now"] - now)
        if apart > CLOCKS_MAY_DIFFER:
            return fault(
                subject,
                f"This machine and the database are {apart.total_seconds():.0f} seconds apart: "
                "tokens end and messages leave at the wrong time.",
                "Let NTP set the clocks of both.",
            )
    latest = await WorkflowEvent.all().order_by("-id").first()
    if latest is not None and latest.recorded_at > now + CLOCKS_MAY_DIFFER:
        return fault(
            subject,
            f"The latest event was recorded at {latest.recorded_at:%Y-%m-%d %H:%M} UTC, which this "
            "machine takes for the future.",
            "Let NTP set the clock; if it was ahead before, nothing else is to be done.",
        )
    return ok(subject, f"It is {now:%Y-%m-%d %H:%M} UTC.")


async def _messages() -> Finding:
    subject = "messages"
    count = await OutboxMessage.filter(outcome=GIVEN_UP).count()
    if count:
        return warning(
            subject,
            f"Given up: {count}. The facilities wait for them.",
            "Run: kb messages list --given-up, then kb messages retry.",
        )
    waiting = await OutboxMessage.filter(finished_at=None).count()
    return ok(subject, f"None was given up; {waiting} wait.")


async def _rows(statement: str) -> list[dict[str, Any]]:
    return await WorkflowEvent._meta.db.execute_query_dict(statement)
