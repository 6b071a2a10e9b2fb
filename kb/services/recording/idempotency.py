"""Idempotent changes: a call repeated with its key gets the first answer and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import TypeVar

from kb.errors import IdempotencyConflictError, InvalidInputError
from kb.models import Facility, IdempotencyKey, WorkflowEvent
from kb.models.facilities import event_of
from kb.rules.facts import ALL_LAYERS
from kb.rules.folding import fold_cycles
from kb.rules.outcomes import Workflow
from kb.rules.payloads import text
from kb.services.access.entries import caller_of
from kb.services.access.matrix import Capability, Viewer
from kb.services.facilities.events import RecordedEvent
from kb.services.facilities.facility_view import FacilityView
from kb.services.facilities.histories import in_state
from kb.services.facilities.views import facilities_by_id
from kb.services.knowledge.holder import Knowledge
from kb.services.recording.cycles_and_grants import cycles_of

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Recorded:
    """What recording an event did: the event, and the facility and its workflow right after it.

    `workflow` is None for those who may not read what applies to a facility. `replayed` says
    that the answer to an earlier call with the same idempotency key is given again.
    """

    event: RecordedEvent
    facility: FacilityView
    workflow: Workflow | None
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """Who makes a change, on what day, at what moment and by which knowledge.

    With an idempotency key a change is made once, however often the call is repeated. Keys are
    the caller's own: the same key of somebody else is another one.
    """

    viewer: Viewer
    today: date
    now: datetime
    knowledge: Knowledge
    idempotency_key: str | None

    def __post_init__(self) -> None:
        if self.idempotency_key is not None:
            try:
                object.__setattr__(self, "idempotency_key", text(200)(self.idempotency_key))
            except ValueError as error:
                raise InvalidInputError(
                    "idempotency_key", self.idempotency_key, str(error)
                ) from None

    async def first_answer(self, content: str) -> Recorded | None:
        """The answer that the call got when it was first made, or None when it is new.

        IdempotencyConflictError when its key was used for something else.
        """
        if self.idempotency_key is None:
            return None
        used = await IdempotencyKey.get_or_none(
            caller=caller_of(self.viewer), key=self.idempotency_key
        )
        if used is None:
            return None
        if used.content != content:
            raise IdempotencyConflictError(self.idempotency_key)
        rows = await WorkflowEvent.filter(facility_id=used.facility_id).order_by("sequence")
        place = next(place for place, row in enumerate(rows, start=1) if row.id == used.event_id)
        now = await self._facility(used.facility_id)
        states = fold_cycles(now.country, map(event_of, rows[:place]))
        then = in_state(now, states).having(version=used.version)
        return self._answer(rows[:place], then, used.today, replayed=True)

    async def answer(self, content: str, rows: Sequence[WorkflowEvent]) -> Recorded:
        """The answer after the last of a facility's events was written, kept for a repeated call.

        `rows` are all its events, by sequence.
        """
        facility_id = rows[-1].facility_id
        facility = await self._facility(facility_id)
        if self.idempotency_key is not None:
            await IdempotencyKey.create(
                caller=caller_of(self.viewer),
                key=self.idempotency_key,
                content=content,
                facility_id=facility_id,
                event_id=rows[-1].id,
                version=facility.version,
                today=self.today,
            )
        return self._answer(rows, facility, self.today, replayed=False)

    async def _facility(self, facility_id: int) -> FacilityView:
        facility = (await facilities_by_id([facility_id], self.viewer))[0]
        assert facility is not None, "whoever may change a facility sees it"
        return facility

    def _answer(
        self, rows: Sequence[WorkflowEvent], facility: FacilityView, today: date, *, replayed: bool
    ) -> Recorded:
        events = [event_of(row) for row in rows]
        last = rows[-1]
        event = RecordedEvent(
            id=last.id,
            event=events[-1],
            cycle=cycles_of(events)[last.sequence],
            recorded_at=last.recorded_at,
            actor_role=last.actor_role,
            actor=last.actor,
        )
        workflow = None
        if self.viewer.may(Capability.READ_STATUS):
            decisions = self.knowledge.decisions
            workflow = decisions.on(facility.decision_key, today, ALL_LAYERS).workflow
        return Recorded(event.shown_to(self.viewer), facility, workflow, replayed)


def content_of(*parts: object) -> str:
    """A digest of what a caller asks for; equal for calls that ask for the same."""
    return sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def audited_standing(facility: Facility | FacilityView, decision_key: str) -> dict[str, object]:
    """How a facility stands, for the audit: its version, Gateway ID and decision key."""
    return {
        "version": facility.version,
        "gateway_id": facility.gateway_id,
        "decision_key": decision_key,
    }
