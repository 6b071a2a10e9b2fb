"""What callers have taken of their rates, told to other processes through the database.

Each process decides by what it knows, and adds what was taken there to the table every second; so a
caller that asks several processes gets little more than of one. Clients are in the table by a hash.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from kb.models import TakenAllowance
from kb.services.access.rates import MINUTE, Rates

MOST_AT_ONCE = 500
"""Clients that are told of in one statement; the others follow in the next."""

_SQL = {
    "postgres": ("EXTRACT(EPOCH FROM now())::float8", "GREATEST", "LEAST", "$", "::float8"),
    "sqlite": ("((julianday('now') - 2440587.5) * 86400.0)", "MAX", "MIN", "?", ""),
}
"""By dialect: the seconds since 1970, the greater, the less, a value, and that it is a number.

The clock is that of the database, as those of the machines that share it differ.
"""


class SharedRates:
    """The rates of one process, each under a name that is the same in all processes."""

    def __init__(self, rates: Mapping[str, Rates], secret: bytes) -> None:
        self._rates = rates
        self._secret = secret
        for each in rates.values():
            each.keep_account()

    async def exchange(self, now: float) -> None:
        """Add what was taken here since the last time, and learn what was taken elsewhere.

        `now` is of the clock that `Rates.take` is given. What cannot be told is kept for the next
        time.
        """
        taken = {
            self._hash(name, client): (rates, client, min(seconds, MINUTE))
            for name, rates in self._rates.items()
            for client, seconds in rates.account(MOST_AT_ONCE).items()
        }
        try:
            for batch in _batches(sorted(taken)):
                left_by_key = await _add([(key, taken[key][2]) for key in batch])
                for key, left in left_by_key:
                    rates, client, _ = taken.pop(key)
                    rates.learn(client, now + left)
        except BaseException:
            for rates, client, seconds in taken.values():
                rates.note_again(client, seconds, now)
            raise

    def _hash(self, name: str, client: object) -> str:
        return hmac.digest(self._secret, f"rate {name} {client!r}".encode(), "sha256").hex()


async def remove_old() -> None:
    """Remove what is forgiven by now."""
    client = TakenAllowance._meta.db
    clock, *_ = _SQL[client.capabilities.dialect]
    await client.execute_query(f"DELETE FROM taken_allowance WHERE filled_until < {clock}")


def _batches(keys: Iterable[str]) -> Iterator[Sequence[str]]:
    rest = iter(keys)
    while batch := list(islice(rest, MOST_AT_ONCE)):
        yield batch


async def _add(rows: Sequence[tuple[str, float]]) -> Sequence[tuple[str, float]]:
    """Add to what clients have taken, and give in how many seconds all of it is forgiven."""
    client = TakenAllowance._meta.db
    clock, greatest, least, mark, number = _SQL[client.capabilities.dialect]
    marks = range(1, 2 * len(rows), 2)
    pairs = (f"({mark}{n}, {clock} + {mark}{n + 1}{number})" for n in marks)
    statement = (
        f"INSERT INTO taken_allowance (client, filled_until) VALUES {', '.join(pairs)} "
        f"ON CONFLICT (client) DO UPDATE SET filled_until = {least}({clock} + {MINUTE}, "
        f"{greatest}(taken_allowance.filled_until, {clock}) + excluded.filled_until - {clock}) "
        f"RETURNING client, filled_until - {clock} AS seconds"
    )
    values: list[Any] = [value for row in rows for value in row]
    totals = await client.execute_query_dict(statement, values)
    return [(row["client"], row["seconds"]) for row in totals]
