"""Per-request loaders: what many objects of one answer need is read in one statement."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, TypeVar

from strawberry.dataloader import DataLoader

from graphql_schema.computed_once import computed_once
from kb.rules.events import Event
from kb.services.access.matrix import Viewer
from kb.services.facilities.columns import CycleView, GrantView
from kb.services.facilities.events import HistoryPage
from kb.services.facilities.facility_view import FacilityView
from kb.services.facilities.histories import (
    as_they_stood,
    cycles_now,
    events_of,
    grants_of,
    histories,
)
from kb.services.facilities.views import facilities_by_id
from kb.services.paging import PageRequest
from kb.services.suppliers.entries import SupplierView, facilities_of, suppliers_by_id

LARGEST_BATCH = 1_000

Key = TypeVar("Key")
Read = TypeVar("Read")


class Loader(DataLoader[Key, Read]):
    """Strawberry's, of which a part of an answer that is given up takes nothing from the others.

    All that wait for the same are given one future, and to cancel one of them would cancel it.
    """

    def load(self, key: Key) -> Awaitable[Read]:
        """What is read for a key; a failure that nobody waits for any more is told to nobody."""
        read = asyncio.shield(super().load(key))
        read.add_done_callback(_note_failure)
        return read


def _note_failure(read: asyncio.Future[Any]) -> None:
    if not read.cancelled():
        read.exception()  # else it is logged if nobody waits


def _loader(
    read: Callable[[list[Key]], Awaitable[Sequence[Read]]],
    cache_key: Callable[[Key], object] | None = None,
) -> Loader[Key, Read]:
    async def load(keys: list[Key]) -> list[Read]:
        return list(await read(keys))

    return Loader(load, max_batch_size=LARGEST_BATCH, cache_key_fn=cache_key)


def _by_facility(
    read: Callable[[list[int]], Awaitable[Mapping[int, Read]]],
) -> Loader[int, Read]:
    async def load(ids: list[int]) -> list[Read]:
        by_facility = await read(ids)
        return [by_facility[facility_id] for facility_id in ids]

    return Loader(load, max_batch_size=LARGEST_BATCH)


class Loaders:
    """The loaders of one request; they keep what they read until its end.

    None of them holds this object, so that all of it goes at once with the request.
    """

    def __init__(self, viewer: Viewer, now: datetime) -> None:
        self._viewer = viewer
        self._now = now
        self._stood: dict[date, Loader[FacilityView, FacilityView]] = {}
        self._histories: dict[PageRequest, Loader[int, HistoryPage]] = {}

    @computed_once
    def facilities(self) -> Loader[int, FacilityView | None]:
        """Facilities by their numbers."""
        return _loader(partial(facilities_by_id, viewer=self._viewer))

    @computed_once
    def grants(self) -> Loader[int, tuple[GrantView, ...]]:
        """With whom facilities share now."""
        return _by_facility(partial(grants_of, viewer=self._viewer))

    @computed_once
    def events(self) -> Loader[int, tuple[Event, ...]]:
        """All that happened to facilities."""
        return _by_facility(partial(events_of, viewer=self._viewer))

    @computed_once
    def suppliers(self) -> Loader[int, SupplierView | None]:
        """Suppliers on the caller's own list by their numbers."""
        return _loader(partial(suppliers_by_id, viewer=self._viewer))

    @computed_once
    def facilities_of_suppliers(self) -> Loader[SupplierView, int | None]:
        """The numbers of the facilities that suppliers are."""
        return _loader(partial(facilities_of, viewer=self._viewer))

    @computed_once
    def cycles(self) -> Loader[int, tuple[CycleView, ...]]:
        """The service cycles of facilities up to now."""
        return _by_facility(partial(cycles_now, viewer=self._viewer))

    def as_they_stood(self, as_of: date) -> Loader[FacilityView, FacilityView]:
        """Facilities as they stood on a day in the past."""
        if as_of not in self._stood:
            read = partial(as_they_stood, as_of=as_of, now=self._now, viewer=self._viewer)
            self._stood[as_of] = _loader(read, lambda view: view.id)
        return self._stood[as_of]

    def histories(self, page: PageRequest) -> Loader[int, HistoryPage]:
        """The same page of the history of facilities."""
        if page not in self._histories:
            self._histories[page] = _by_facility(partial(histories, page=page, viewer=self._viewer))
        return self._histories[page]
