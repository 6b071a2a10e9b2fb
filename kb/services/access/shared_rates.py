"""What callers have taken of their rates, told to other processes through the database.

Each process decides by what it knows, and adds what was taken there to the table every second; so a
caller that asks several processes gets little more than of one. Clients are in the table by a hash.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from kb.models import TakenAllowance
from kb.services.access.rates import MINUTE, Rates

MOST_AT_ONCE = 500
"""Clients that are told of in one statement; the others follow in the next."""


class SharedRates:
    """The rates of one process, each under a name that is the same in all processes."""

    def __init__(self, rates: Mapping[str, Rates], secret: bytes) -> None:
        self._rates = rates
        self._secret = secret
        for each in rates.values():
            each.keep_account()

    async def exchange(self, now: float, clock: float) -> None:
        """Add what was taken here since the last time, and learn what was taken elsewhere.

        `now` is of the clock that `Rates.take` is given, `clock` in seconds since 1970.
        """
        taken = {
            self._hash(name, client): (rates, client, seconds)
            for name, rates in self._rates.items()
            for client, seconds in rates.account(MOST_AT_ONCE).items()
        }
        rows = [(key, clock + seconds) for key, (_, _, seconds) in sorted(taken.items())]
        for key, filled_until in await _add(rows, clock):
            rates, client, _ = taken[key]
            rates.learn(client, now + min(filled_until - clock, MINUTE))

    def _hash(self, name: str, client: object) -> str:
        return hmac.digest(self._secret, f"rate {name} {client!r}".encode(), "sha256").hex()


async def remove_old(clock: float) -> None:
    """Remove what is forgiven by now."""
    await TakenAllowance.filter(filled_until__lt=clock).delete()


async def _add(rows: Sequence[tuple[str, float]], clock: float) -> list[tuple[str, float]]:
    """Add to what clients have taken, and give what that comes to in all processes."""
    totals: list[tuple[str, float]] = []
    client = TakenAllowance._meta.db
    on_postgresql = client.capabilities.dialect == "postgres"
    greatest = "GREATEST" if on_postgresql else "MAX"
    rest = iter(rows)
    while batch := list(islice(rest, MOST_AT_ONCE)):
        values: list[Any] = [clock, *(value for row in batch for value in row)]
        marks = [f"${n}" if on_postgresql else f"?{n}" for n in range(1, len(values) + 1)]
        pairs = ", ".join(f"({a}, {b})" for a, b in zip(marks[1::2], marks[2::2], strict=True))
        statement = (
            f"INSERT INTO taken_allowance (client, filled_until) VALUES {pairs} "
            "ON CONFLICT (client) DO UPDATE SET filled_until = excluded.filled_until - "
            f"{marks[0]} + {greatest}(taken_allowance.filled_until, {marks[0]}) "
            "RETURNING client, filled_until"
        )
        totals += [
            (row["client"], row["filled_until"])
            for row in (await client.execute_query_dict(statement, values))
        ]
    return totals
