"""What is read of facilities in one statement, and views of what it finds."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

import orjson

from kb.services.access.matrix import Viewer
from kb.services.access.scope import Scope, scope_of
from kb.services.database import current_client
from kb.services.facilities.events import (
    PLACE,
    READ_AHEAD,
    HistoryPage,
    histories_read,
    read_ahead,
)
from kb.services.facilities.facility_view import FacilityView, view_class
from kb.services.facilities.sql import CURRENT, SqlStatement
from kb.services.paging import PageRequest

_ALWAYS = {
    "id": "p.facility_id",
    "name": "p.name",
    "country": "p.country",
}
"""What is read of every facility: the fields of its view, with their columns."""
_OF_PROJECTION = {
    "decision_key": "p.decision_key",
    "status_only": "{status_only}",
    "contested": "p.contested",
    "os_id": "p.os_id",
    "gateway_id": "p.gateway_id",
    "better_work_id": "p.better_work_id",
    "state": "p.state",
    "cycle": "p.cycle_number",
    "last_event": "p.last_event_sequence",
}
_OF_FACILITY = {
    "requested_gateway_id": "f.requested_gateway_id",
    "contact_email": "{contact_email}",
    "address": "f.address",
    "version": "{version}",
}
_WHERE_ASKED_FOR = _OF_PROJECTION | _OF_FACILITY
# A text takes half as long to read as a day, and SQLite has no other.
_OF_LATEST_EVENT = {
    "latest_kind": "{latest_kind}",
    "latest_on": "CAST(p.changed_on AS TEXT)",
}
_AS_JSON = {"cycles": "{cycles}", "grants": "{grants}", "events": "{events}"}
_COLUMNS = _WHERE_ASKED_FOR | _OF_LATEST_EVENT | _AS_JSON
FEW = 100
"""Facilities of which all events take no longer to read than a page."""


@dataclass(frozen=True, slots=True)
class FacilityReads:
    """What is read of facilities in one statement, besides what is always read.

    `fields` are those of their views; `histories` are pages of their events, of which the fields
    `of_events` are read. `latest_kind` and `latest_on` may be among the fields where the scope of
    the viewer has the kind of the last event.
    """

    fields: tuple[str, ...] = tuple(_WHERE_ASKED_FOR)
    histories: tuple[PageRequest, ...] = ()
    of_events: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, names: Collection[str], histories: tuple[PageRequest, ...], of_events: Collection[str]
    ) -> FacilityReads:
        """Those of the names that are fields which are not always read, and the histories."""
        return cls(
            tuple(name for name in _COLUMNS if name in names),
            histories,
            tuple(name for name in (*READ_AHEAD, PLACE) if name in of_events),
        )


EVERYTHING = FacilityReads()
"""All columns; what else there is of a facility is read when it is asked for."""


@lru_cache(maxsize=1_000)
def _select(reads: FacilityReads, scope: Scope, sqlite: bool, found_by: str | None) -> str:
    columns = [
        *_ALWAYS.values(),
        *map(_COLUMNS.__getitem__, reads.fields),
        *(read_ahead(page, reads.of_events, scope, sqlite=sqlite) for page in reads.histories),
        *(() if found_by is None else (found_by,)),
    ]
    found_by_its_own = found_by is not None and "f." in found_by
    joined = found_by_its_own or not _OF_FACILITY.keys().isdisjoint(reads.fields)
    return (
        f"SELECT {', '.join(columns)} FROM {{projections}} p "
        f"{'JOIN facility f ON f.id = p.facility_id ' if joined else ''}WHERE {CURRENT}"
    )


class FacilityReading:
    """A statement on facilities, and what is read by it.

    With `found_by`, the last column that is read is the one by which `found` looks for them.
    """

    def __init__(
        self,
        viewer: Viewer,
        reads: FacilityReads = EVERYTHING,
        found_by: str | None = None,
    ) -> None:
        self.viewer = viewer
        self.reads = reads
        self.found_by = found_by
        client = current_client()
        sqlite = client.capabilities.dialect == "sqlite"
        self.statement = SqlStatement(
            _select(reads, scope_of(viewer), sqlite, found_by), viewer, client
        )

    async def found(self, values: Sequence[Any]) -> list[FacilityView]:
        """What has one of a few values in the column that it is found by."""
        assert self.found_by is not None
        rows = await self.statement.rows_of(self.found_by, values)
        return self.views_of([row[:-1] for row in rows])

    async def views(self, *, few: bool = True) -> list[FacilityView]:
        """What the statement finds."""
        return self.views_of(await self.statement.rows(few=few))

    def views_of(self, rows: Sequence[Any]) -> list[FacilityView]:
        """Rows of the statement as views."""
        fields = (*_ALWAYS, *self.reads.fields)
        if "contested" in fields:
            place = fields.index("contested")
            if any(map(itemgetter(place), rows)):
                rows = [(*row[:place], _numbers(row[place]), *row[place + 1 :]) for row in rows]
        if self.reads.histories:
            rows = self._with_histories(rows, len(fields))
            fields += ("histories",)
        return list(map(tuple.__new__, itertools.repeat(view_class(fields)), rows))

    def _with_histories(self, rows: Sequence[Any], columns: int) -> Sequence[Any]:
        """Rows with the histories that were read, by their pages, after so many columns."""
        ahead: list[dict[PageRequest, HistoryPage]] = [{} for _ in rows]
        for place, page in enumerate(self.reads.histories, start=columns):
            texts = [row[place] for row in rows]
            read = histories_read(texts, page, self.reads.of_events, self.viewer)
            for histories, history in zip(ahead, read, strict=True):
                histories[page] = history
        return [(*row[:columns], histories) for row, histories in zip(rows, ahead, strict=True)]


def _numbers(text: str | None) -> tuple[int, ...] | None:
    return None if text is None else tuple(orjson.loads(text))
