"""The bus of one process: a single reader, which hands every event on to those it may concern.

Listeners have bounded queues and never hold up the reader or each other. One whose queue is full
loses it, and has to read from the tables what it has missed. While nobody listens, nothing is read.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager

from kb.collecting import paused_collection
from kb.errors import KbError, StorageError, UnauthenticatedError
from kb.heartbeats import IDLE_SECONDS, Heartbeats
from kb.services.access.api_keys import pepper_of
from kb.services.access.matrix import Viewer
from kb.services.access.scope import scope_of
from kb.services.database import FAILURES
from kb.services.knowledge.releases import ReleaseInfo
from kb.services.live.cursors import Cursors
from kb.services.live.feed import NOT_SHARED, EventBatch, PlacedEvent, Shares, head, place, read
from kb.services.live.waking import PROBE_SECONDS, wake_up
from kb.settings import Settings

logger = logging.getLogger("kb.live")

PAGE = 100
GATHER_SECONDS = 0.01
"""How long to wait after a wake-up, so that a burst of commits is read together."""

TELLING_SECONDS = 0.25
"""How long after events were handed on Python looks for no unused objects.

Telling thousands makes tens of thousands that soon go, and a look at all there are takes longer
than the telling.
"""

CHECK_SECONDS = 1.0
"""How often to look whether those who listen still may."""

ENDED = "The token has expired or was revoked."
UNREACHABLE = "The database does not answer. Subscribe again, from the last cursor."

RESTART_SECONDS = 1.0
"""How long to wait before a task that failed is begun again."""

StillValid = Callable[[Viewer], Awaitable[bool]]
News = tuple[PlacedEvent, EventBatch] | ReleaseInfo


class OvertakenError(Exception):
    """More came than the queue of a listener holds; it has lost what waited, and is not live."""


class ClosedError(Exception):
    """The server goes down."""


class Listener:
    """Who waits for news. `facility_id` narrows it to one facility.

    Events are queued from when it goes live, and only those after `since`.
    """

    def __init__(self, viewer: Viewer, size: int, facility_id: int | None = None) -> None:
        self.viewer = viewer
        self.facility_id = facility_id
        self._scope = scope_of(viewer)
        self.since = 0
        self.live = False
        self._size = size
        self._waiting: deque[News] = deque()
        self._news = asyncio.Event()
        self._overtaken = False
        self._end: Exception | None = None

    @property
    def waiting(self) -> int:
        """How much waits in the queue."""
        return len(self._waiting)

    def go_live(self, since: int) -> None:
        """Queue what comes after a position from now on."""
        self.since, self.live, self._overtaken = since, True, False

    def offer(self, news: News) -> None:
        """Put something into the queue, or lose the queue if it is full."""
        if len(self._waiting) >= self._size:
            self._waiting.clear()
            self.live, self._overtaken = False, True
        elif self._end is None:
            self._waiting.append(news)
        self._news.set()

    def end(self, why: Exception) -> None:
        """Let nothing more through; the next look at the queue raises this."""
        if self._end is None:
            self._end = why
            self._waiting.clear()
            self._news.set()

    def check(self) -> None:
        """Raise why it has ended, if it has."""
        if self._end is not None:
            raise self._end

    async def next(self) -> News:
        """Wait for what comes next."""
        while True:
            self.check()
            if self._overtaken:
                raise OvertakenError
            if self._waiting:
                return self._waiting.popleft()
            self._news.clear()
            await self._news.wait()

    def wants(self, event: PlacedEvent, batch: EventBatch, shares: Shares) -> bool:
        """Whether the viewer may see an event; others do not enter its queue."""
        if not self.live or event.position <= self.since:
            return False
        return batch.sharing_around(event, self._scope, shares) is not None


class Bus:
    """Hands events and knowledge releases on to the listeners of this process.

    `still_valid` says whether the token of a viewer still holds. `position` is how far in the
    feed it is; it says nothing while nobody listens.
    """

    def __init__(
        self, settings: Settings, still_valid: StillValid, heartbeats: Heartbeats | None = None
    ) -> None:
        self.settings = settings
        self._heartbeats = heartbeats or Heartbeats()
        self.still_valid = still_valid
        self.position = 0
        self.closed = False
        self._cursors: Cursors | None = None
        self._portfolios: set[Listener] = set()
        self._facilities: dict[int, set[Listener]] = {}
        self._releases: set[Listener] = set()
        self._reading = asyncio.Lock()
        self._tracking = False
        self._pause: ExitStack | None = None
        self._wanted = asyncio.Event()
        self._woken = asyncio.Event()
        self._release_hint = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def cursors(self) -> Cursors:
        """Seals and opens cursors; the secret is that of the API keys."""
        if self._cursors is None:
            self._cursors = Cursors(pepper_of(self.settings))
        return self._cursors

    @property
    def listeners(self) -> list[Listener]:
        """Everybody who listens now."""
        of_facilities = (listener for some in self._facilities.values() for listener in some)
        return [*self._portfolios, *of_facilities, *self._releases]

    def start(self) -> None:
        """Begin to look for news, as soon as somebody listens."""
        tasks = (self._wait_for_commits, self._read_on, self._check_viewers)
        self._tasks = [asyncio.create_task(self._keep_running(task)) for task in tasks]

    def close(self) -> None:
        """End all subscriptions, and let no more begin. May be called at any moment, repeatedly."""
        self.closed = True
        for listener in self.listeners:
            listener.end(ClosedError())

    async def stop(self) -> None:
        """Close, and end the tasks."""
        self.close()
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def wake(self, table: str | None) -> None:
        """Look for news now, in one table or in both."""
        if table in (None, "workflow_event"):
            self._woken.set()
        if table in (None, "knowledge_release"):
            self._release_hint.set()

    async def release_may_have_come(self, patience: float) -> None:
        """Wait until somebody may have published, but not longer than so many seconds."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._release_hint.wait(), patience)
        self._release_hint.clear()

    def tell_release(self, release: ReleaseInfo) -> None:
        """Send a release that is in use now to all listeners to releases."""
        for listener in self._releases:
            listener.offer(release)

    @contextmanager
    def listening(self, viewer: Viewer, facility_id: int | None = None) -> Iterator[Listener]:
        """A listener to events, not live yet."""
        if facility_id is None:
            among = self._portfolios
        else:
            among = self._facilities.setdefault(facility_id, set())
        try:
            with self._among(among, viewer, facility_id) as listener:
                yield listener
        finally:
            if facility_id is not None and not among and self._facilities.get(facility_id) is among:
                del self._facilities[facility_id]
            self._tracking = self._tracking and bool(self._portfolios or self._facilities)

    @contextmanager
    def listening_to_releases(self, viewer: Viewer) -> Iterator[Listener]:
        """A listener to knowledge releases."""
        with self._among(self._releases, viewer, None) as listener:
            yield listener

    async def catch_up(self) -> None:
        """Hand on all that is committed by now; the first time, begin after it."""
        async with self._reading:
            await place()
            if self._tracking:
                more = True
                while more:
                    more = await self._hand_on()
                    await asyncio.sleep(0)  # whoever waits for answers goes first
            else:
                self.position = await head()
                self._tracking = bool(self._portfolios or self._facilities)

    @contextmanager
    def _among(
        self, listeners: set[Listener], viewer: Viewer, facility_id: int | None
    ) -> Iterator[Listener]:
        listener = Listener(viewer, self.settings.subscription_queue, facility_id)
        listeners.add(listener)
        self._wanted.set()
        if self.closed:
            listener.end(ClosedError())
        try:
            yield listener
        finally:
            listeners.discard(listener)
            if not self.listeners:
                self._wanted.clear()
                self._end_pause()

    async def _hand_on(self) -> bool:
        """Hand on one page; returns whether there may be more."""
        batch = await read(self.position, PAGE)
        if not batch.events:
            return False
        brands = any(scope_of(listener.viewer).brand for listener in self.listeners)
        shares = await batch.shares() if brands else NOT_SHARED
        # Nothing is awaited from here on, so nobody can go live in between.
        portfolios = [listener for listener in self._portfolios if listener.live]
        for event in batch.events:
            for listener in (*portfolios, *self._facilities.get(event.facility_id, ())):
                if listener.wants(event, batch, shares):
                    listener.offer((event, batch))
        self._pause_collection()
        self.position = batch.events[-1].position
        return len(batch.events) == PAGE

    def _pause_collection(self) -> None:
        """Begin a pause, unless there is one: it never grows, as events may come without end."""
        if self._pause is None:
            self._pause = ExitStack()
            self._pause.enter_context(paused_collection())
            over = asyncio.get_running_loop().call_later(TELLING_SECONDS, self._end_pause)
            self._pause.callback(over.cancel)

    def _end_pause(self) -> None:
        if self._pause is not None:
            self._pause.close()
            self._pause = None

    async def _keep_running(self, task: Callable[[], Awaitable[None]]) -> None:
        """Begin a task anew whenever it fails, as it does while the database is away."""
        while True:
            try:
                await task()
            except Exception as error:
                unexpected = None if isinstance(error, FAILURES) else error
                logger.warning("subscriptions wait, trying again: %r", error, exc_info=unexpected)
            await asyncio.sleep(RESTART_SECONDS)
            self.wake(None)

    async def _wait_for_commits(self) -> None:
        worked = self._heartbeats.of("commits", PROBE_SECONDS)
        await wake_up(self.settings, self.wake, self._wanted, worked)

    async def _read_on(self) -> None:
        worked = self._heartbeats.of("events", IDLE_SECONDS)
        while True:
            await worked.wait_for(self._woken)
            await asyncio.sleep(GATHER_SECONDS)
            self._woken.clear()
            if self._tracking:
                await self.catch_up()
            worked()

    async def _check_viewers(self) -> None:
        worked = self._heartbeats.of("subscribers", CHECK_SECONDS)
        while True:
            started = time.monotonic()
            viewers = list({listener.viewer for listener in self.listeners})
            try:
                valid = await asyncio.gather(*map(self.still_valid, viewers))
            except FAILURES:
                # Nobody is let on whose token cannot be looked up.
                for listener in self.listeners:
                    if listener.viewer.token_id is not None:
                        listener.end(StorageError(UNREACHABLE))
                raise
            for viewer, may_go_on in zip(viewers, valid, strict=True):
                if not may_go_on:
                    self.cut(viewer, UnauthenticatedError(ENDED))
            worked()
            await asyncio.sleep(max(0.0, CHECK_SECONDS - (time.monotonic() - started)))

    def cut(self, viewer: Viewer, why: KbError) -> None:
        """End all that one viewer listens to."""
        for listener in self.listeners:
            if listener.viewer == viewer:
                listener.end(why)
