"""The embedded database: Tortoise's SQLite client with transactions that can be relied on.

The migration tool picks its SQL dialect by the word "sqlite" in this module's name.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tortoise.backends.base.client import (
    TransactionalDBClient,
    TransactionContext,
)
from tortoise.backends.sqlite.client import (
    SqliteClient,
    SqliteTransactionContext,
    SqliteTransactionWrapper,
    translate_exceptions,
)
from tortoise.connection import get_connections
from tortoise.exceptions import OperationalError

from kb.statements import StatementClient


def _statements(script: str) -> Iterator[str]:
    """Split a script at the ends of its statements; a trigger's body stays in one piece."""
    statement = ""
    for part in script.split(";"):
        statement += part + ";"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


class ImmediateTransaction(SqliteTransactionWrapper, StatementClient):
    """A transaction that takes the write lock at once.

    A deferred one that reads first and writes later fails with "database is locked" as soon as
    another process has written in between, however long the busy timeout.
    """

    async def begin(self) -> None:
        """Wait for the write lock, as long as the busy timeout allows."""
        try:
            await self._connection.commit()
            await self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise OperationalError(error) from error

    async def execute_script(self, query: str) -> None:
        """Run a script inside this transaction; Python's own executescript would commit it."""
        for statement in _statements(query):
            await self.execute_query(statement)


class ImmediateTransactionContext(SqliteTransactionContext):
    """Gives the connection back when the write lock could not be had.

    Tortoise's own context keeps it, and every later query of the process would wait for ever.
    """

    async def __aenter__(self) -> TransactionalDBClient:
        await self._trxlock.acquire()
        try:
            await self.ensure_connection()
            await self.connection.begin()
        except BaseException:
            if self.connection._connection:
                await asyncio.shield(self.connection._connection.rollback())
            self._trxlock.release()
            raise
        self.token = get_connections().set(self.connection_name, self.connection)
        connection: TransactionalDBClient = self.connection
        return connection


class ImmediateClient(SqliteClient, StatementClient):
    """One connection, with transactions that take the write lock at once, and one to read."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._reading: sqlite3.Connection | None = None

    @translate_exceptions
    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        """Write many rows, or none; also when the caller is cancelled.

        Tortoise's own then leaves the transaction open, and nothing that this process writes later
        would ever be committed.
        """
        async with self.acquire_connection() as connection:
            self.log.debug("%s: %s", query, values)
            try:
                await connection.execute("BEGIN IMMEDIATE")
                await connection.executemany(query, values)
            except BaseException:
                await asyncio.shield(connection.rollback())
                raise
            await connection.commit()

    def _in_transaction(self) -> TransactionContext:
        return ImmediateTransactionContext(ImmediateTransaction(self), self._lock)

    @translate_exceptions
    async def read(self, query: str, values: Sequence[Any], few: bool) -> Sequence[Any]:
        """The rows of a statement that changes nothing, outside any transaction.

        Where it reads but a `few` by an index, it does so at once, on a connection of its own: to
        wait for the thread of the other one takes many times as long as the reading.
        """
        reader = self._reader() if few else None
        if reader is not None:
            self.log.debug("%s: %s", query, values)
            try:
                return reader.execute(query, values).fetchall()
            except sqlite3.OperationalError:  # such as a lock; the other connection waits for it
                pass
        return await self.run(query, values)

    def _reader(self) -> sqlite3.Connection | None:
        """The connection of this thread, opened when it is first needed."""
        if self._reading is None and Path(self.filename).is_file():
            uri = f"{Path(self.filename).absolute().as_uri()}?mode=ro"
            self._reading = sqlite3.connect(
                uri, uri=True, timeout=0.0, isolation_level=None, check_same_thread=False
            )
            self._reading.row_factory = sqlite3.Row
        return self._reading

    async def close(self) -> None:
        """Close both connections."""
        if self._reading is not None:
            self._reading.close()
            self._reading = None
        await super().close()


client_class = ImmediateClient
