"""A facility as it stands now, as a viewer sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import orjson

from kb.rules.events import FacilityState
from kb.services.facilities.events import HistoryPage
from kb.services.paging import PageRequest


@dataclass(eq=False, slots=True)
class ProjectedState:
    """The `state` of a projection, taken apart when something of it is asked for.

    Pages read many of which they show little. It equals the state that it was made from.
    `contested` are the numbers of events that the facility says are wrong.
    """

    text: str
    contested: tuple[int, ...]

    @property
    def _parts(self) -> Mapping[str, Any]:
        parts: Mapping[str, Any] = orjson.loads(self.text)
        return parts

    @property
    def opened_on(self) -> date | None:
        """When the service cycle was opened."""
        return _day(self._parts["opened_on"])

    @property
    def closed_on(self) -> date | None:
        """When it was closed; None while it is open."""
        return _day(self._parts["closed_on"])

    @property
    def step_dates(self) -> Mapping[str, date]:
        """Code of a workflow step to the day on which it was last taken."""
        steps = self._parts["step_dates"].items()
        return {code: date.fromisoformat(day) for code, day in steps}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ProjectedState | FacilityState):
            return NotImplemented
        names = ("opened_on", "closed_on", "step_dates", "contested")
        return all(getattr(self, name) == getattr(other, name) for name in names)

    __hash__ = None  # type: ignore[assignment]  # as Python has it beside __eq__


def contested_in(text: str) -> tuple[int, ...]:
    """The numbers of contested events in the `state` of a projection that holds some."""
    return tuple(orjson.loads(text)["contested"])


@dataclass(slots=True, unsafe_hash=True)  # a frozen one takes eight times as long to make
class FacilityView:
    """A facility with its present state. Instances are never changed.

    Facilities with the same `decision_key` get the same decision. `cycle` counts its service
    cycles, 0 before the first. With `status_only` the viewer sees where it stands, and none of its
    data. `last_event` is the sequence number of the last event taken in. `contact_email` is None
    for viewers without the capability READ_CONTACT. `histories` are the pages of its events that
    were read with it.
    """

    id: int
    name: str
    country: str
    os_id: str | None
    gateway_id: str | None
    requested_gateway_id: str | None
    better_work_id: str | None
    contact_email: str | None
    address: str | None
    version: int
    decision_key: str
    cycle: int
    last_event: int
    state: FacilityState | ProjectedState = field(hash=False)
    status_only: bool = False
    histories: Mapping[PageRequest, HistoryPage] = field(
        default_factory=dict, hash=False, compare=False
    )

    @property
    def opened_on(self) -> date | None:
        """When its service cycle was opened."""
        return self.state.opened_on

    @property
    def closed_on(self) -> date | None:
        """When its service cycle was closed; None while it is open."""
        return self.state.closed_on

    @property
    def step_dates(self) -> Mapping[str, date]:
        """Code of a workflow step to the day on which it was last taken."""
        return self.state.step_dates

    @property
    def contested(self) -> tuple[int, ...]:
        """The numbers of events that the facility says are wrong."""
        return self.state.contested


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
