"""The embedded database: Tortoise's SQLite client with transactions that can be relied on.

The migration tool picks its SQL dialect by the word "sqlite" in this module's name.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from typing import Any

from tortoise.backends.base.client import TransactionalDBClient, TransactionContext
from tortoise.backends.sqlite.client import (
    SqliteClient,
    SqliteTransactionContext,
    SqliteTransactionWrapper,
    translate_exceptions,
)
from tortoise.connection import get_connections
from tortoise.exceptions import OperationalError


def _statements(script: str) -> Iterator[str]:
    """Split a script at the ends of its statements; a trigger's body stays in one piece."""
    statement = ""
    for part in script.split(";"):
        statement += part + ";"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


class ImmediateTransaction(SqliteTransactionWrapper):
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


class ImmediateClient(SqliteClient):
    """One connection, with transactions that take the write lock at once."""

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


client_class = ImmediateClient
