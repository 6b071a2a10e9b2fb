"""The connection to the database, and its migrations."""

from __future__ import annotations

import pkgutil
import re
import shutil
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from typing import Any, TypeVar, cast

import asyncpg
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext, require_context, set_global_context
from tortoise.exceptions import (
    DBConnectionError,
    IntegrityError,
    NotExistOrMultiple,
    OperationalError,
    TransactionManagementError,
)
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget
from tortoise.transactions import in_transaction

from kb.asyncpg_backend import Client as PostgresClient
from kb.asyncpg_backend.replicas import Replicas
from kb.database_urls import credentials
from kb.errors import NewerTablesError, PendingMigrationError, StorageError
from kb.models import migrations
from kb.models.migrating import Migrator
from kb.settings import Settings
from kb.statements import StatementClient

_Answer = TypeVar("_Answer")

_DRIVER_FAILURES = (
    OperationalError,
    TransactionManagementError,  # a write on a standby that only reads
    DBConnectionError,
    sqlite3.DatabaseError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that was ended from afar
)
FAILURES = (*_DRIVER_FAILURES, OSError)
"""What is raised when the database fails; OSError, and TimeoutError, when no server answers."""

LEAST_SPACE = 1_000_000
"""Free bytes below which an SQLite file is taken to have no room to grow."""

NO_TABLES = "its tables are missing. Run: kb migrate"
MEANINGS = {
    "database is locked": "another process holds its lock; try again when that has finished.",
    "file is not a database": "the file holds something else; name another one.",
    "unable to open database file": "it is not a file that may be opened.",
    "readonly database": "it may not be written to.",
    "no such table": NO_TABLES,
    "relation .* does not exist": NO_TABLES,
    "prepared statement .*": "a pooler hands its connections on, and statements were prepared on "
    "another one. Add ?statement_cache_size=0 to KB_DATABASE_URL.",
}
LATEST = [MigrationTarget("kb", "__latest__")]
MIGRATION_LOCK = 20_211_001  # any number, as long as it stays the same
WRITERS_LOCK = 20_211_005


def is_embedded(settings: Settings) -> bool:
    """Whether the data lies in an SQLite file, so that one process may look after it alone."""
    return settings.sqlite_file is not None


@asynccontextmanager
async def connect(settings: Settings, *, everywhere: bool = True) -> AsyncIterator[None]:
    """Hold the connection that all models use, and close it at the end.

    With `everywhere`, every task and thread of the process sees it, as requests need; one such
    connection can be held at a time. Without, only the current task and those it starts.
    Whatever the database cannot do (missing, locked, unreachable, no database at all, without
    tables) is raised as StorageError with one readable line.
    """
    file = settings.sqlite_file
    if file is not None and not file.exists():
        raise StorageError(f"There is no database yet: {file}. Run: kb migrate")
    async with _open(settings, settings.tortoise()) as context:
        if everywhere:
            set_global_context(context)
        yield


@asynccontextmanager
async def connect_migrated(settings: Settings, *, everywhere: bool = True) -> AsyncIterator[None]:
    """Connect, and go on only if the tables are just those of this program.

    Raises PendingMigrationError, which says what to run, when they are older, and NewerTablesError
    when they are newer, as this program would not fill what is new.
    """
    async with connect(settings, everywhere=everywhere):
        known, applied = _known_migrations(), await _applied_migrations(settings)
        unknown, pending = sorted(applied - known), sorted(known - applied)
        if unknown:
            raise NewerTablesError(
                f"The tables in {settings.database_name} are newer than this program: it does not "
                f"know {', '.join(unknown)}. Run the program that made them, or a newer one."
            )
        if pending:
            raise PendingMigrationError(
                f"The tables in {settings.database_name} are older than this program: "
                f"{', '.join(pending)} "
                f"{'is' if len(pending) == 1 else 'are'} still to be applied. Run: kb migrate"
            )
        yield


async def why_unwritable(settings: Settings) -> str | None:
    """Why nothing can be recorded now although the database answers; None when it can.

    An SQLite file has no room to grow on a full disk; a standby of PostgreSQL only reads.
    """
    if settings.sqlite_file is not None:
        free = shutil.disk_usage(settings.sqlite_file.parent).free
        return "The disk of the database is full." if free < LEAST_SPACE else None
    connection = get_connection("default")
    _, rows = await connection.execute_query("SHOW transaction_read_only")
    return "The database only reads." if rows[0]["transaction_read_only"] == "on" else None


async def connect_to_listen(settings: Settings) -> asyncpg.Connection:
    """A connection of its own to PostgreSQL, for LISTEN: those of the pool are handed on."""
    values = credentials(settings.database_listen_url or settings.database_url)
    values |= dict.fromkeys(("timeout", "command_timeout"), settings.database_timeout)
    kept = ("host", "port", "user", "password", "database", "ssl", "timeout", "command_timeout")
    return await asyncpg.connect(**{name: values[name] for name in kept if values.get(name)})


def current_client() -> StatementClient:
    """The transaction that is open here, else the connection that all use.

    As the models say it, in fewer steps: it is asked for with every request.
    """
    return cast(StatementClient, require_context().connections.get("default"))


def placeholder(number: int, numbered: bool) -> str:
    """What stands in a statement for the value with that number, from 1."""
    return f"${number}" if numbered else "?"


async def read_anywhere(read: Callable[[BaseDBAsyncClient], Awaitable[_Answer]]) -> _Answer:
    """What `read` gives on the primary or, while that is away, on a replica, if there are any.

    For what has to be known although nothing can be recorded, such as who asks.
    """
    primary, replicas = get_connection("default"), _replicas()
    if replicas is None:
        return await read(primary)
    if not await _read_instead(replicas):
        try:
            return await read(primary)
        except FAILURES:  # it may have gone at this moment
            if not await _read_instead(replicas):
                raise
    for replica in replicas.usable():
        with suppress(*FAILURES):
            return await read(replica)
    return await read(primary)


async def primary_is_away() -> bool:
    """Whether the primary does not answer, but replicas do."""
    replicas = _replicas()
    return replicas is not None and await _read_instead(replicas)


def _replicas() -> Replicas | None:
    client = get_connection("default")
    return client.replicas if isinstance(client, PostgresClient) else None


async def _read_instead(replicas: Replicas) -> bool:
    return await replicas.position() is not None and replicas.primary_away


async def migrate(settings: Settings) -> list[str]:
    """Bring the tables up to date, and return the names of the migrations that were applied.

    All pending migrations are applied in one transaction, or none. When two processes migrate
    at once, the second waits and then finds nothing left to do.
    """
    file = settings.sqlite_file
    if file is not None and not file.parent.is_dir():
        raise StorageError(f"There is no folder {file.parent} to put the database {file.name} in.")
    config = settings.tortoise()
    # SQLite alters a table by replacing it, which would delete the rows that refer to it.
    # PostgreSQL may take long over a large table.
    patience = {"foreign_keys": "OFF"} if file is not None else {"command_timeout": None}
    config["connections"]["default"]["credentials"] |= patience
    async with _open(settings, config), in_transaction() as client:
        if not is_embedded(settings):
            await client.execute_query(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
        executor = Migrator(client, config["apps"])
        # On PostgreSQL, looking into a missing table would spoil the transaction.
        await executor.recorder.ensure_schema(executor._schema_editor(atomic=False))
        names = [step.migration.name for step in await executor.plan(LATEST)]
        # Tortoise keeps the INSERT of a table by its name; steps see tables with other columns.
        EXECUTOR_CACHE.clear()
        await executor.migrate(LATEST)
        EXECUTOR_CACHE.clear()
        if names and is_embedded(settings):
            await _check_references(client)
    return names


def _known_migrations() -> set[str]:
    """The names of all migrations; they begin with their number."""
    return {module.name for module in pkgutil.iter_modules(migrations.__path__)}


async def _applied_migrations(settings: Settings) -> set[str]:
    executor = MigrationExecutor(get_connection("default"), settings.tortoise()["apps"])
    return {migration.name for migration in await executor.recorder.applied_migrations()}


@asynccontextmanager
async def _open(settings: Settings, config: dict[str, Any]) -> AsyncIterator[TortoiseContext]:
    with _readable(settings, *_DRIVER_FAILURES):
        _try_file(settings)
        async with TortoiseContext() as context:
            with _readable(settings, OSError):
                await context.init(config=config)
                await context.db().execute_query("SELECT 1")
            yield context


def _try_file(settings: Settings) -> None:
    """Raise what is wrong with the file, before the driver's thread can stumble over it."""
    if settings.sqlite_file is not None:
        file, patience = settings.sqlite_file, settings.database_timeout
        with closing(sqlite3.connect(file, timeout=patience)) as connection:
            connection.execute("PRAGMA schema_version")


async def _check_references(client: BaseDBAsyncClient) -> None:
    _, broken = await client.execute_query("PRAGMA foreign_key_check")
    if broken:
        tables = ", ".join(sorted({row["table"] for row in broken}))
        raise StorageError(f"Nothing was migrated: rows would refer to missing ones in {tables}.")


@contextmanager
def _readable(settings: Settings, *failures: type[Exception]) -> Iterator[None]:
    """Say in one line what the database cannot do."""
    try:
        yield
    except (IntegrityError, NotExistOrMultiple):  # answers of a database that works
        raise
    except failures as error:
        why = _explanation(error)
        raise StorageError(f"Cannot use {settings.database_name}: {why}") from error


def _explanation(error: Exception) -> str:
    if isinstance(error, DBConnectionError):
        return "the server has no such database; create it first."
    if isinstance(error, OSError):
        return "no server answers there."
    reason = " ".join(str(error).split())
    for pattern, meaning in MEANINGS.items():
        if re.search(pattern, reason):
            return meaning
    return reason


async def in_one_transaction(write: Callable[[], Awaitable[_Answer]]) -> _Answer:
    """Call `write` in a transaction, and once more if an id or key was taken at the same moment.

    The second call sees what took it, and refuses it with an error of its own.
    """
    try:
        async with in_transaction():
            return await write()
    except IntegrityError:
        async with in_transaction():
            return await write()


async def one_at_a_time(what: str) -> None:
    """Let others who write the same wait until the transaction ends, and see what it has written.

    For what is looked for before it is written, and no constraint holds. On SQLite the transaction
    has the only write lock already.
    """
    client = current_client()
    if client.capabilities.dialect == "postgres":
        await client.execute_query(
            "SELECT pg_advisory_xact_lock($1, hashtext($2))", [WRITERS_LOCK, what]
        )
