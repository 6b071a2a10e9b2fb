"""Reading on streaming replicas of PostgreSQL, never what is older than the last write.

Before a replica is read, the primary is asked how far its log is written: one short statement for
all who wait at that moment. The replica has to have replayed as much. While the primary is away,
it has to be as far as any of them comes with what they have received of it.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import Context
from typing import Any

import asyncpg

from kb.asyncpg_backend.pool import PooledClient
from kb.database_urls import REPLICA_PATIENCE

logger = logging.getLogger("kb.replicas")

PASSED_OVER = 5.0
"""For how many seconds a replica that was away or too far behind is not read."""

TRY_AGAIN = 0.5
"""Seconds between two attempts to reach a primary that is away."""

POLL = 0.002
"""Seconds between two looks at how far a replica is."""


class NoReplicaError(Exception):
    """The server follows no primary: it is one, as a URL of each node of a cluster may lead to."""


class UnreachableError(Exception):
    """A server cannot be reached or does not say how far it is; the cause is what was raised."""


FAILED = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    NoReplicaError,
)
"""What is raised when a server cannot be reached, or asked how far it is."""

CUT_OFF = (
    ConnectionError,
    asyncpg.PostgresConnectionError,
    asyncpg.InternalClientError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.DatabaseDroppedError,
)
"""What a statement raises that a server did not get to answer, whatever the statement."""

# Positions in the log are bytes since its beginning. Whatever was acknowledged is written to disk.
WRITTEN = "SELECT (pg_current_wal_flush_lsn() - '0/0')::bigint"
REPLAYED = "SELECT (pg_last_wal_replay_lsn() - '0/0')::bigint WHERE pg_is_in_recovery()"
LEFT_TO_REPLAY = """
SELECT (pg_last_wal_replay_lsn() - '0/0')::bigint AS replayed,
    pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn() AS more
WHERE pg_is_in_recovery()
"""


class Replica(PooledClient):
    """A server that follows the primary. It is read on as many connections as its pool has."""

    left_to_others = 1

    def __init__(self, *args: Any, **options: Any) -> None:
        options["maxsize"] = max(int(options["maxsize"]), self.left_to_others + 1)
        super().__init__(*args, **options)
        self._replayed: dict[asyncpg.pool.PoolConnectionProxy, int] = {}
        self.passed_over_until = 0.0

    async def read_at(
        self, position: int, until: float, query: str, values: Sequence[Any]
    ) -> Sequence[Any] | None:
        """The rows of a statement, as they are at a position of the log or later.

        None when it has not come so far by then, in seconds of the monotonic clock. A position is
        kept for each connection, so that connections may lead to different servers.
        UnreachableError where the server fails; what is wrong with the statement is raised as on
        the primary.
        """
        async with self._turn:
            with _or_away():
                reader = await self._connected()
                if not await self._comes_to(reader, position, until):
                    self._idle.append(reader)
                    return None
            try:
                return await self._fetched(reader, query, values)
            except CUT_OFF as error:
                raise UnreachableError from error

    async def _comes_to(
        self, reader: asyncpg.pool.PoolConnectionProxy, position: int, until: float
    ) -> bool:
        """Whether it has replayed the log up to a position by then."""
        try:
            while self._replayed.get(reader, -1) < position:
                replayed = await reader.fetchval(REPLAYED, timeout=REPLICA_PATIENCE)
                if replayed is None:
                    raise NoReplicaError
                self._replayed[reader] = replayed
                if replayed < position:
                    if time.monotonic() >= until:
                        return False
                    await asyncio.sleep(POLL)
        except BaseException:
            await self._cut_off(reader)
            raise
        return True

    async def furthest(self, until: float) -> int:
        """How far it comes by then with what it has received of the primary.

        The last that it has received may be half of a record, which is never replayed.
        UnreachableError where the server fails.
        """
        async with self._turn:
            with _or_away():
                reader = await self._connected()
                try:
                    while True:
                        row = await reader.fetchrow(LEFT_TO_REPLAY, timeout=REPLICA_PATIENCE)
                        if row is None:
                            raise NoReplicaError
                        if not row["more"] or time.monotonic() >= until:
                            break
                        await asyncio.sleep(POLL)
                except BaseException:
                    await self._cut_off(reader)
                    raise
            self._idle.append(reader)
            return int(row["replayed"])

    async def _connected(self) -> asyncpg.pool.PoolConnectionProxy:
        await self.acquire_connection().ensure_connection()
        reader = await self._reader()
        assert reader is not None  # as many as may come in at once
        return reader

    async def _cut_off(self, reader: asyncpg.pool.PoolConnectionProxy) -> None:
        """Give up a connection, without waiting for a server that may be gone."""
        reader.terminate()
        await self._let_go(reader)

    async def _let_go(self, reader: asyncpg.pool.PoolConnectionProxy) -> None:
        self._replayed.pop(reader, None)
        await super()._let_go(reader)


@contextmanager
def _or_away() -> Iterator[None]:
    """Raise UnreachableError for whatever goes wrong with a server itself."""
    try:
        yield
    except FAILED as error:
        raise UnreachableError from error


class Replicas:
    """The replicas of a primary, which are read in turn.

    A read waits for `wait` seconds until a replica has what was written before.
    """

    def __init__(self, primary: PooledClient, replicas: Sequence[Replica], wait: float) -> None:
        self._primary = primary
        self.servers = replicas
        self._wait = wait
        self._turns = itertools.count()
        self._asking: asyncpg.Connection | None = None
        self._now: asyncio.Task[int | None] | None = None
        self._next: asyncio.Task[int | None] | None = None
        self._coming_back: asyncio.Task[None] | None = None

    @property
    def primary_away(self) -> bool:
        """Whether the primary did not say how far it is when it was last asked."""
        return self._coming_back is not None

    async def read(self, query: str, values: Sequence[Any]) -> Sequence[Any] | None:
        """The rows of a statement on one of the replicas; None when the primary is to be read.

        A statement that hindered a replica in replaying the log hinders nothing there.
        """
        position = await self.position()
        if position is None:
            return None
        until = time.monotonic() + self._wait
        for replica in self.usable():
            try:
                rows = await replica.read_at(position, until, query, values)
                if rows is not None:
                    return rows
                self._pass_over(replica, "it is too far behind")
            except UnreachableError as away:
                self._pass_over(replica, away.__cause__)
            except asyncpg.SerializationError:  # outside a transaction it means nothing else
                return None
        return None

    def usable(self) -> list[Replica]:
        """The replicas that did not fail just now, beginning with another one each time.

        Where all have failed and the primary is away too, all of them are tried again.
        """
        now, first = time.monotonic(), next(self._turns) % len(self.servers)
        in_turn = (*self.servers[first:], *self.servers[:first])
        usable = [replica for replica in in_turn if replica.passed_over_until <= now]
        return usable or (list(in_turn) if self.primary_away else [])

    async def position(self) -> int | None:
        """How far a replica has to be so that what it has is not old; None if nobody can say.

        Whoever comes while the primary is asked waits for its next answer, together with all others
        who wait: what it answers to a question put before may be too old.
        """
        if self._next is None:
            self._next = asyncio.create_task(self._ask_after(self._now))
        return await asyncio.shield(self._next)

    async def close(self) -> None:
        """Close all connections."""
        if self._coming_back is not None:
            self._coming_back.cancel()
            self._coming_back = None
        if self._asking is not None:
            self._asking.terminate()
            self._asking = None
        for replica in self.servers:
            await replica.close()

    async def _ask_after(self, before: asyncio.Task[int | None] | None) -> int | None:
        if before is not None:
            await asyncio.wait([before])
        self._now, self._next = self._next, None
        if self._coming_back is None:
            try:
                return await self._written()
            except FAILED as error:
                logger.warning("the primary is away; replicas are read meanwhile: %r", error)
                # It outlives the request that found it out.
                self._coming_back = asyncio.create_task(self._until_back(), context=Context())
        furthest = [self._furthest(replica) for replica in self.usable()]
        return max(filter(None, await asyncio.gather(*furthest)), default=None)

    async def _furthest(self, replica: Replica) -> int | None:
        try:
            return await replica.furthest(time.monotonic() + self._wait)
        except UnreachableError as away:
            self._pass_over(replica, away.__cause__)
            return None

    def _pass_over(self, replica: Replica, why: object) -> None:
        replica.passed_over_until = time.monotonic() + PASSED_OVER
        level = logging.DEBUG if isinstance(why, NoReplicaError) else logging.WARNING
        place = f"{replica.host}:{replica.port}"
        logger.log(level, "the replica on %s is not read for a while: %r", place, why)

    async def _written(self) -> int:
        """How far the log of the primary is written, on a connection for that alone.

        One that was cut off says nothing of the primary, so another one is tried.
        """
        connection, self._asking = self._asking, None
        if connection is not None:
            with suppress(*FAILED):
                return await self._written_by(connection)
        return await self._written_by(await self._primary.connect_alone(REPLICA_PATIENCE))

    async def _written_by(self, connection: asyncpg.Connection) -> int:
        try:
            position = int(await connection.fetchval(WRITTEN))
        except BaseException:
            connection.terminate()
            raise
        self._asking = connection
        return position

    async def _until_back(self) -> None:
        while True:
            await asyncio.sleep(TRY_AGAIN)
            with suppress(Exception):  # whatever it is, it is not back
                await self._written()
                break
        logger.warning("the primary is back")
        self._coming_back = None
