"""A facility as it stands now, as a viewer sees it."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from operator import itemgetter
from types import EllipsisType, MappingProxyType
from typing import Any, ClassVar, cast

import orjson

from kb.rules.events import FacilityState
from kb.services.facilities.events import HistoryPage
from kb.services.paging import PageRequest


class FacilityView(tuple[Any, ...]):
    """A facility with its present state: a tuple of those of its fields that were read.

    The others are not there, and raise AttributeError. `view_class` makes the class of views with
    some fields, which are in the order in which a statement reads them.

    Facilities with the same `decision_key` get the same decision. `cycle` counts its service
    cycles, 0 before the first. `last_event` is the sequence number of the last event taken in.
    `state` is the text of a projection, which is taken apart when something of it is asked for:
    pages read many of which they show little. With `status_only` the viewer sees where it stands,
    and none of its data. `contact_email` is None for viewers without the capability READ_CONTACT.
    `cycles` are its service cycles, `grants` whom it shares with now, and `events` all that
    happened to it, as `kb.services.facilities.columns` reads them.
    `contested` are the numbers of events that the facility says are wrong; None for none.
    `histories` are the pages of its events that were read with it. `latest_kind` and `latest_on`
    are the kind and the day of the last event that the viewer is told of, both as they are kept;
    the kind is ... where they were not read, and None where there is none.
    """

    __slots__ = ()
    _fields: ClassVar[tuple[str, ...]]

    id: int
    name: str
    country: str
    decision_key: str
    cycle: int
    last_event: int
    state: FacilityState | str
    status_only: bool
    os_id: str | None
    gateway_id: str | None
    requested_gateway_id: str | None
    better_work_id: str | None
    contact_email: str | None
    address: str | None
    version: int
    cycles: str | Sequence[FacilityState]
    grants: str | None
    events: str | None
    contested: tuple[int, ...] | None
    histories: Mapping[PageRequest, HistoryPage] = MappingProxyType({})
    latest_kind: str | EllipsisType | None = ...
    latest_on: str | None
    standing: object
    """The values of those fields in `STANDING` that were read."""

    @property
    def opened_on(self) -> date | None:
        """When its service cycle was opened."""
        state = self.state
        return _day(_parts(state)["opened_on"]) if isinstance(state, str) else state.opened_on

    @property
    def closed_on(self) -> date | None:
        """When its service cycle was closed; None while it is open."""
        state = self.state
        return _day(_parts(state)["closed_on"]) if isinstance(state, str) else state.closed_on

    @property
    def step_dates(self) -> Mapping[str, date]:
        """Code of a workflow step to the day on which it was last taken."""
        state = self.state
        if not isinstance(state, str):
            return state.step_dates
        steps = _parts(state)["step_dates"].items()
        return {code: date.fromisoformat(day) for code, day in steps}

    def having(self, **changes: object) -> FacilityView:
        """The same view with other values of some fields, which need not have been read."""
        values = {**dict(zip(self._fields, self, strict=True)), **changes}
        return tuple.__new__(view_class(tuple(values)), values.values())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FacilityView) and self._compared() == other._compared()

    def __ne__(self, other: object) -> bool:  # a tuple has one of its own
        return not self == other

    def __hash__(self) -> int:
        return hash(self.id)

    def _compared(self) -> Mapping[str, object]:
        """All but what is read beside where it stands, with the state as it is understood."""
        values: dict[str, object] = dict(zip(self._fields, self, strict=True))
        if "state" in values:
            names = ("opened_on", "closed_on", "step_dates")
            values |= {name: getattr(self, name) for name in names}
        return {name: values[name] for name in values.keys() - _BESIDES}


_BESIDES = {"state", "histories", "cycles", "grants", "events"}
"""Fields by which views are not compared as they are."""
STANDING = ("country", "decision_key", "status_only", "contested", "latest_kind")
"""Fields that many facilities have in common, and from which follows most that is told of them."""


@lru_cache(maxsize=1_000)
def view_class(fields: tuple[str, ...]) -> type[FacilityView]:
    """The class of views that have these fields, in this order, and no others."""
    named: Any = namedtuple("FacilityView", fields)  # type: ignore[misc]  # as they are asked for
    standing = itemgetter(*(fields.index(name) for name in STANDING if name in fields))
    own = {"__slots__": (), "standing": property(standing)}
    return cast(type[FacilityView], type("FacilityView", (named, FacilityView), own))


def _parts(state: str) -> Mapping[str, Any]:
    parts: Mapping[str, Any] = orjson.loads(state)
    return parts


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
