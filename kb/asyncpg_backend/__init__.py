"""PostgreSQL: the client of the primary, which has what may be read elsewhere read on replicas.

The migration tool picks its SQL dialect by the word "asyncpg" in this module's name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kb.asyncpg_backend.batched_reads import BatchedReads
from kb.asyncpg_backend.pool import PooledClient
from kb.asyncpg_backend.replicas import Replica, Replicas


class Client(PooledClient):
    """The primary. `replicas` are the credentials of servers that follow it."""

    def __init__(
        self,
        *args: Any,
        replicas: Sequence[Mapping[str, Any]] = (),
        replica_wait: float = 0.0,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.batched = BatchedReads(self.read)
        self.replicas: Replicas | None = None
        if replicas:
            name = self.connection_name
            followers = [Replica(connection_name=name, **each) for each in replicas]
            self.replicas = Replicas(self, followers, replica_wait)

    async def read(self, query: str, values: Sequence[Any], few: bool) -> Sequence[Any]:
        """The rows of a statement that changes nothing, outside any transaction."""
        if self.replicas is not None:
            rows = await self.replicas.read(query, values)
            if rows is not None:
                return rows
        return await super().read(query, values, few)

    async def _close(self) -> None:
        if self.replicas is not None:
            await self.replicas.close()
        await super()._close()


client_class = Client
