"""When each loop that runs beside the requests last worked."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping, Sequence

IDLE_SECONDS = 10.0
"""How often a loop that waits for something to do says that it still waits."""

LEAST_PATIENCE = 60.0
MISSED = 3
"""How many rounds a loop may miss before it counts as stopped."""


class Heartbeat:
    """One loop, which comes round every so many seconds. Call it after each round that worked."""

    def __init__(self, interval: float, needed: bool, clock: Callable[[], float]) -> None:
        self.needed = needed
        self._patience = max(LEAST_PATIENCE, MISSED * interval)
        self._clock = clock
        self._worked_at = clock()

    def __call__(self) -> None:
        """A round has worked."""
        self._worked_at = self._clock()

    @property
    def age(self) -> float:
        """Seconds since it last worked, or since it began."""
        return self._clock() - self._worked_at

    @property
    def stopped(self) -> bool:
        """Whether it has not worked for so long that it will hardly do so again by itself."""
        return self.age > self._patience

    async def wait_for(self, event: asyncio.Event) -> None:
        """Wait until there is something to do; to wait for it is to work."""
        while not event.is_set():
            self()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(event.wait(), IDLE_SECONDS)


class Heartbeats:
    """All loops of a process, by name. `clock` gives seconds that never go back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._loops: dict[str, Heartbeat] = {}

    def of(self, loop: str, interval: float, *, needed: bool = True) -> Heartbeat:
        """The heartbeat of a loop that comes round every so many seconds; the same if asked again.

        Without one that is needed, answers would become old or wrong.
        """
        return self._loops.setdefault(loop, Heartbeat(interval, needed, self._clock))

    def ages(self) -> Mapping[str, float]:
        """Seconds since each loop last worked."""
        return {loop: heartbeat.age for loop, heartbeat in self._loops.items()}

    def stopped(self) -> Sequence[str]:
        """The loops that are needed and have not worked for long."""
        return [loop for loop, beat in self._loops.items() if beat.needed and beat.stopped]
