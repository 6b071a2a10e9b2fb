"""A facility as it stands now, as a viewer sees it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson

from kb.rules.events import FacilityState
from kb.services.facilities.events import HistoryPage
from kb.services.paging import PageRequest

NO_HISTORIES: Mapping[PageRequest, HistoryPage] = MappingProxyType({})


class FacilityView(NamedTuple):
    """A facility with its present state.

    Facilities with the same `decision_key` get the same decision. `cycle` counts its service
    cycles, 0 before the first. `last_event` is the sequence number of the last event taken in.
    `state` is the text of a projection, which is taken apart when something of it is asked for:
    pages read many of which they show little. With `status_only` the viewer sees where it stands,
    and none of its data. `contested` are the numbers of events that the facility says are wrong.
    `contact_email` is None for viewers without the capability READ_CONTACT.
    `histories` are the pages of its events that were read with it.
    """

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
    contested: tuple[int, ...]
    histories: Mapping[PageRequest, HistoryPage] = NO_HISTORIES

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

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FacilityView) and self._compared() == other._compared()

    def __ne__(self, other: object) -> bool:  # a tuple has one of its own
        return not self == other

    def __hash__(self) -> int:
        return hash((self.id, self.decision_key, self.last_event))

    def _compared(self) -> tuple[object, ...]:
        """All but the histories, with the state as it is understood."""
        state = self.opened_on, self.closed_on, self.step_dates
        return *self[:_STATE], *self[_STATE + 1 : -1], *state


_STATE = FacilityView._fields.index("state")


def contested_in(state: str) -> tuple[int, ...]:
    """The numbers of contested events in the `state` of a projection that holds some."""
    return tuple(_parts(state)["contested"])


def _parts(state: str) -> Mapping[str, Any]:
    parts: Mapping[str, Any] = orjson.loads(state)
    return parts


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
