"""PostgreSQL: Tortoise's client, with connections that keep what they have prepared."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any, ClassVar

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import (
    TransactionalDBClient,
    TransactionContext,
    TransactionContextPooled,
)
from tortoise.backends.base_postgres.client import translate_exceptions
from tortoise.connection import get_connections

from kb.statements import StatementClient


async def _as_it_is(_: asyncpg.Connection) -> None:
    """Leave the session alone: nothing here sets anything outside a transaction.

    An open transaction is rolled back before; listeners have connections of their own.
    """


GIVING_BACK = 1.0
"""Seconds that giving a connection back may take, such as until PostgreSQL confirms that it stopped
a statement that was given up.
"""


class Pool(asyncpg.pool.Pool):  # type: ignore[misc]  # asyncpg has no types
    """Takes a connection back also when it is closed at that moment: then it is free already.

    Who gives up a statement has it stopped on the server, which takes some milliseconds, and keeps
    the connection. To cut that off instead would leave the statement at work. Only a server that
    does not confirm it in time is cut off; asyncpg waits as long as a statement may take.
    """

    __slots__ = ()

    async def release(self, connection: asyncpg.pool.PoolConnectionProxy, **options: Any) -> None:
        """Take a connection back; asyncpg says of one that closes meanwhile that it is free."""
        borrowed = connection._con
        try:
            await super().release(connection, **{"timeout": GIVING_BACK, **options})
        except TimeoutError:
            pass  # it was cut off
        except asyncpg.InternalClientError:
            if not borrowed.is_closed():
                raise


_OF_ONE_ROW = re.compile(r"VALUES \((\$\d+(?:,\$\d+)*)\)")
_of_many_rows: dict[str, str] = {}
"""Statement that adds a row to the one that adds many; there are as many as kinds of rows."""


class ManyRows(AsyncpgDBClient):
    """Adds many rows by one statement, so that what a trigger does for a statement is done once."""

    @translate_exceptions
    async def execute_many(self, query: str, values: list[Any]) -> None:
        """Add a row for each of the values, by a statement that Tortoise has made for one."""
        if query not in _of_many_rows:
            async with self.acquire_connection() as connection:
                kinds = (await connection.prepare(query)).get_parameters()
            columns = ", ".join(f"${n}::{kind.name}[]" for n, kind in enumerate(kinds, start=1))
            _of_many_rows[query] = _OF_ONE_ROW.sub(f"SELECT * FROM unnest({columns})", query)
        await self.execute_query(_of_many_rows[query], list(zip(*values, strict=True)))


class PooledClient(ManyRows, StatementClient):
    """Does not reset its connections, and reads on some that it holds.

    A reset is one more round trip for every statement. On a connection that is held, a statement
    that was sent before is prepared already.
    """

    left_to_others: ClassVar[int] = 2
    """Connections of the pool that reading never holds, so that changes get one."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.server_settings["datestyle"] = "ISO"  # as SQLite and JSON have days as texts
        self._idle: list[asyncpg.pool.PoolConnectionProxy] = []
        self._readers = 0
        self._turn = asyncio.Semaphore(max(1, self.pool_maxsize - self.left_to_others))

    async def create_pool(self, **options: Any) -> asyncpg.Pool:
        """The pool that all connections come from."""
        usual = {"max_queries": 50_000, "max_inactive_connection_lifetime": 300.0}  # asyncpg's
        return await Pool(
            None, reset=_as_it_is, record_class=asyncpg.Record, **{**usual, **options}
        )

    async def connect_alone(self, patience: float) -> asyncpg.Connection:
        """A connection outside the pool; connecting and each statement may take so many seconds."""
        kept = {
            name: self.extra[name] for name in ("ssl", "statement_cache_size") if name in self.extra
        }
        return await asyncpg.connect(
            host=self.host,
            port=self.port,
            user=self.user,
            password=self.password,
            database=self.database,
            timeout=patience,
            command_timeout=patience,
            **kept,
        )

    async def run(self, query: str, values: Sequence[Any]) -> Sequence[Any]:
        """The rows of one statement by itself; what it changes is committed when this returns.

        Others wait for their turn, which takes less than to borrow a connection of the pool.
        """
        async with self._turn:
            reader = await self._reader()
            if reader is None:
                return await super().run(query, values)
            return await self._fetched(reader, query, values)

    async def _fetched(
        self, reader: asyncpg.pool.PoolConnectionProxy, query: str, values: Sequence[Any]
    ) -> Sequence[Any]:
        """The rows of a statement on a connection that then is held on, unless it failed."""
        self.log.debug("%s: %s", query, values)
        try:
            rows: Sequence[Any] = await reader.fetch(query, *values)
        except BaseException as error:  # it may be cut off, or still be at work for who is gone
            await self._let_go(reader)
            await self._raise(error)
            raise
        self._idle.append(reader)
        return rows

    @translate_exceptions
    async def _raise(self, error: BaseException) -> None:
        """Raise what went wrong as Tortoise does."""
        raise error

    async def _reader(self) -> asyncpg.pool.PoolConnectionProxy | None:
        """A connection to read on, if there is one left."""
        while self._idle:
            reader = self._idle.pop()
            if not reader.is_closed():
                return reader
            await self._let_go(reader)
        if self._pool is None or self._readers >= self.pool_maxsize - self.left_to_others:
            return None
        self._readers += 1
        try:
            return await self._pool.acquire()
        except BaseException:
            self._readers -= 1
            raise

    async def _let_go(self, reader: asyncpg.pool.PoolConnectionProxy) -> None:
        self._readers -= 1
        if self._pool is not None:
            await self._pool.release(reader)

    async def _close(self) -> None:
        while self._idle:
            await self._let_go(self._idle.pop())
        await super()._close()

    def _in_transaction(self) -> TransactionContext:
        return _TransactionContext(Transaction(self), self._pool_init_lock)


class Transaction(ManyRows, TransactionWrapper, StatementClient):
    """A transaction, also for what is done in a part of it."""

    async def rollback(self) -> None:
        """Undo it; where PostgreSQL is silent the connection is cut off, which it then undoes."""
        try:
            async with asyncio.timeout(GIVING_BACK):
                await super().rollback()
        except TimeoutError:
            self._connection.terminate()
            self._finalized = True


class _TransactionContext(TransactionContextPooled):
    """Gives its connection back also when it is cancelled while it begins; Tortoise does not.

    That happens when changes that wait for a connection are stopped together by their time limit.
    """

    async def __aenter__(self) -> TransactionalDBClient:
        """Begin."""
        try:
            return await super().__aenter__()
        except BaseException:
            pool, token = self.client._parent._pool, getattr(self, "token", None)
            if token is not None:  # then there is a connection too
                get_connections().reset(token)
                self.client._connection.terminate()  # nobody knows how far it has come
                await pool.release(self.client._connection)
            raise
