"""Per-request loaders: what many objects of one answer need is read in one statement."""

import asyncio
from collections.abc import Awaitable
from datetime import date, datetime
from typing import TypeVar

from strawberry.dataloader import DataLoader

from graphql_schema.computed_once import computed_once
from kb.rules.events import Event
from kb.services.access.matrix import Viewer
from kb.services.facilities.events import HistoryPage
from kb.services.facilities.facility_view import FacilityView
from kb.services.facilities.histories import (
    CycleView,
    GrantView,
    as_they_stood,
    cycles_on,
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
        """What is read for a key."""
        return asyncio.shield(super().load(key))


class Loaders:
    """The loaders of one request; they keep what they read until its end."""

    def __init__(self, viewer: Viewer, now: datetime) -> None:
        self._viewer = viewer
        self._now = now
        self._stood: dict[date, Loader[FacilityView, FacilityView]] = {}
        self._histories: dict[PageRequest, Loader[int, HistoryPage]] = {}

    @computed_once
    def facilities(self) -> Loader[int, FacilityView | None]:
        """Facilities by their numbers."""
        return Loader(self._facilities, max_batch_size=LARGEST_BATCH)

    @computed_once
    def grants(self) -> Loader[int, tuple[GrantView, ...]]:
        """With whom facilities share now."""
        return Loader(self._grants, max_batch_size=LARGEST_BATCH)

    @computed_once
    def events(self) -> Loader[int, tuple[Event, ...]]:
        """All that happened to facilities."""
        return Loader(self._events, max_batch_size=LARGEST_BATCH)

    @computed_once
    def suppliers(self) -> Loader[int, SupplierView | None]:
        """Suppliers on the caller's own list by their numbers."""
        return Loader(self._suppliers, max_batch_size=LARGEST_BATCH)

    @computed_once
    def facilities_of_suppliers(self) -> Loader[SupplierView, int | None]:
        """The numbers of the facilities that suppliers are."""
        return Loader(self._facilities_of_suppliers, max_batch_size=LARGEST_BATCH)

    @computed_once
    def cycles(self) -> Loader[tuple[FacilityView, date], tuple[CycleView, ...]]:
        """The service cycles of facilities up to a day."""
        return Loader(
            self._cycles_on,
            max_batch_size=LARGEST_BATCH,
            cache_key_fn=lambda pair: (pair[0].id, pair[1]),
        )

    def as_they_stood(self, as_of: date) -> Loader[FacilityView, FacilityView]:
        """Facilities as they stood on a day in the past."""
        if as_of not in self._stood:

            async def load(views: list[FacilityView]) -> list[FacilityView]:
                return await as_they_stood(views, as_of, self._now, self._viewer)

            self._stood[as_of] = Loader(
                load, max_batch_size=LARGEST_BATCH, cache_key_fn=lambda view: view.id
            )
        return self._stood[as_of]

    def histories(self, page: PageRequest) -> Loader[int, HistoryPage]:
        """The same page of the history of facilities."""
        if page not in self._histories:

            async def load(ids: list[int]) -> list[HistoryPage]:
                pages = await histories(ids, page, self._viewer)
                return [pages[facility_id] for facility_id in ids]

            self._histories[page] = Loader(load, max_batch_size=LARGEST_BATCH)
        return self._histories[page]

    async def _facilities(self, ids: list[int]) -> list[FacilityView | None]:
        return await facilities_by_id(ids, self._viewer)

    async def _grants(self, ids: list[int]) -> list[tuple[GrantView, ...]]:
        by_facility = await grants_of(ids, self._viewer)
        return [by_facility[facility_id] for facility_id in ids]

    async def _events(self, ids: list[int]) -> list[tuple[Event, ...]]:
        by_facility = await events_of(ids, self._viewer)
        return [by_facility[facility_id] for facility_id in ids]

    async def _suppliers(self, ids: list[int]) -> list[SupplierView | None]:
        return await suppliers_by_id(ids, self._viewer)

    async def _facilities_of_suppliers(self, suppliers: list[SupplierView]) -> list[int | None]:
        return await facilities_of(suppliers, self._viewer)

    async def _cycles_on(
        self, on_days: list[tuple[FacilityView, date]]
    ) -> list[tuple[CycleView, ...]]:
        return await cycles_on(on_days, self._viewer)
