"""What a row adds to the events of a facility.

A list tells history as it was, so the guards of the workflow are not asked: somebody may have
declared interest before the rules said so. Only what cannot have been is refused, such as two
assessments in one service cycle, or a report without an assessment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from kb.models import Facility
from kb.rules.events import Event, EventKind
from kb.rules.inputs import Ternary
from kb.services.lists.columns import ANSWERS, DAYS, IDS
from kb.services.lists.rows import FacilityRow, RowRefusal
from kb.services.recording.cycles_and_grants import in_order

_ONCE = (EventKind.FACILITY_REGISTERED, EventKind.PROFILE_APPROVED, EventKind.LINKED)
_ONCE_IN_A_CYCLE = (EventKind.ASSESSED, EventKind.REPORT_POSTED, EventKind.DATA_SUBMITTED)
_BEFORE_APPROVAL = (
    EventKind.PLATFORM_SET_UP,
    EventKind.GATEWAY_INVITATION_SENT,
    EventKind.PROFILE_SUBMITTED,
)
_SHOWS_A_PROFILE = (EventKind.PROFILE_APPROVED, EventKind.LINK_REQUESTED, EventKind.LINKED)


@dataclass(frozen=True, slots=True)
class _RowEvent:
    """An event that a row tells, and by which column."""

    column: str
    kind: EventKind
    day: date
    payload: Mapping[str, Any]


def added_by(
    row: FacilityRow, known: Sequence[Event], facility: Facility, today: date
) -> tuple[list[Event], list[RowRefusal]]:
    """The events of a row that are not among the known ones, and why it must be refused.

    `facility` has the name and ids that it has with this row. What comes without a day is said to
    have happened today: an answer, and the approval of the profile of a facility that was known
    without one.
    """
    refusals: list[RowRefusal] = []
    row_events = _unknown(_row_events(row, known, facility, today, refusals), known, refusals)
    row_events.sort(key=lambda row_event: (row_event.day, _place(row_event, row)))
    last = max((event.sequence for event in known), default=0)
    events = [
        Event(row_event.kind, row_event.day, sequence, row_event.payload)
        for sequence, row_event in enumerate(row_events, start=last + 1)
    ]
    answers = _answers([*known, *events])
    answered = {name: str(said) for name, said in row.answers.items() if answers[name] != said}
    if answered:
        day = row.days.get("eligibility_recorded_on", today)
        sequence = last + len(events) + 1
        events.append(Event(EventKind.ELIGIBILITY_RECORDED, day, sequence, answered))
        refusals += _contradicted(row, _answers([*known, *events]))
    columns = {
        event.sequence: row_event.column
        for event, row_event in zip(events, row_events, strict=False)
    }
    refusals += _impossible([*known, *events], columns)
    return events, refusals


def _row_events(
    row: FacilityRow,
    known: Sequence[Event],
    facility: Facility,
    today: date,
    refusals: list[RowRefusal],
) -> Iterator[_RowEvent]:
    kinds = {DAYS[column] for column in row.days}
    gateway_id = {"gateway_id": facility.gateway_id}
    dated_profile = bool(kinds & set(_SHOWS_A_PROFILE))
    registered = any(event.kind is EventKind.FACILITY_REGISTERED for event in known)
    if not registered:
        first = row.days.get("registered_on", min(row.days.values(), default=today))
        payload: dict[str, Any] = {"name": facility.name, "country": facility.country}
        ids = {column: getattr(facility, column) for column in IDS}
        payload |= {column: id_ for column, id_ in ids.items() if id_}
        if dated_profile:  # else the Gateway ID says that it came with a profile
            payload.pop("gateway_id", None)
        yield _RowEvent("registered_on", EventKind.FACILITY_REGISTERED, first, payload)
    elif facility.gateway_id and not dated_profile and not any(map(_shows_profile, known)):
        yield _RowEvent("gateway_id", EventKind.PROFILE_APPROVED, today, gateway_id)
    for column, day in row.days.items():
        kind = DAYS[column]
        payload = {}
        match kind:
            case EventKind.FACILITY_REGISTERED if not registered:
                continue
            case EventKind.ELIGIBILITY_RECORDED:
                continue
            case EventKind.SELF_ASSESSMENT_COMPLETED:
                payload = {"steps": list(row.steps)}
            case EventKind.ASSESSED:
                payload = {"kind": str(row.assessment)}
            case EventKind.PROFILE_APPROVED | EventKind.LINK_REQUESTED:
                payload = gateway_id
                if facility.gateway_id is None:
                    wrong = f"is empty, while {column} is given"
                    refusals.append(RowRefusal("gateway_id", wrong, "a Gateway ID"))
        yield _RowEvent(column, kind, day, payload)


def _shows_profile(event: Event) -> bool:
    return event.kind in _SHOWS_A_PROFILE or (
        event.kind is EventKind.FACILITY_REGISTERED and "gateway_id" in event.payload
    )


def _unknown(
    row_events: Iterable[_RowEvent], known: Sequence[Event], refusals: list[RowRefusal]
) -> list[_RowEvent]:
    """What is not known yet; the same on the same day, but with other details, is refused."""
    payloads = {(event.kind, event.occurred_on): event.payload for event in known}
    new: list[_RowEvent] = []
    for row_event in row_events:
        payload = payloads.get((row_event.kind, row_event.day))
        if payload is None:
            payloads[row_event.kind, row_event.day] = row_event.payload
            new.append(row_event)
        elif payload != row_event.payload and row_event.kind is not EventKind.FACILITY_REGISTERED:
            stated, recorded = _in_words(row_event.payload), _in_words(payload)
            refusals.append(
                RowRefusal(
                    row_event.column,
                    f"{stated} on {row_event.day}, but {recorded} is recorded",
                    "what is recorded, because events are never changed",
                )
            )
    return new


def _in_words(payload: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{name} {'+'.join(map(str, value)) if isinstance(value, list) else value}"
        for name, value in payload.items()
    )


def _place(row_event: _RowEvent, row: FacilityRow) -> int:
    """The place among what happened on one day."""
    if row_event.kind is EventKind.ROUTED_TO_VERIFIER_BODY and row.answers.get("enrolled") == "YES":
        return list(DAYS).index("enrolled_on") - 1  # it came first, or the answer would be no
    return list(DAYS).index(row_event.column) if row_event.column in DAYS else len(DAYS)


def _answers(events: Iterable[Event]) -> dict[str, Ternary]:
    """The answers that hold after these events, as `kb.rules.folding.fold` finds them."""
    answers = dict.fromkeys(ANSWERS, Ternary.UNKNOWN)
    for event in in_order(events):
        if event.kind is EventKind.ENROLLED:
            answers["enrolled"] = Ternary.YES
        elif event.kind is EventKind.ROUTED_TO_VERIFIER_BODY:
            answers["enrolled"] = Ternary.NO
        elif event.kind is EventKind.ELIGIBILITY_RECORDED:
            named = {name: event.payload[name] for name in ANSWERS if name in event.payload}
            answers |= {name: Ternary(value) for name, value in named.items()}
    return answers


def _contradicted(row: FacilityRow, answers: Mapping[str, Ternary]) -> Iterator[RowRefusal]:
    for name, answer in row.answers.items():
        if answers[name] != answer:
            yield RowRefusal(
                name,
                f"says {answer.lower()}, but what happened later says {answers[name].lower()}",
                "the present answer, with eligibility_recorded_on the day on which it was found",
            )


class _Walk:
    """The events one after the other, and what they cannot have done."""

    def __init__(self, columns: Mapping[int, str]) -> None:
        self.columns = columns
        self.ever: dict[EventKind, Event] = {}
        self.in_cycle: dict[EventKind, Event] = {}
        self.opened: Event | None = None
        self.enrolled: Event | None = None

    def take(self, event: Event) -> RowRefusal | None:
        refusal = self._judge(event)
        match event.kind:
            case EventKind.ENROLLED:
                self.enrolled = event
            case EventKind.ROUTED_TO_VERIFIER_BODY:
                self.enrolled = None
            case EventKind.ELIGIBILITY_RECORDED if event.payload.get("enrolled") == Ternary.NO:
                self.enrolled = None
            case EventKind.CYCLE_OPENED:
                self.opened = event
                self.in_cycle.clear()
            case EventKind.CYCLE_CLOSED:
                self.opened = None
        self.ever.setdefault(event.kind, event)
        self.in_cycle.setdefault(event.kind, event)
        return refusal

    def _judge(self, event: Event) -> RowRefusal | None:
        kind, ever = event.kind, self.ever
        if kind in _ONCE and kind in ever:
            return self._refusal_of(event, ever[kind], "is recorded already")
        if kind in _ONCE_IN_A_CYCLE and kind in self.in_cycle:
            earlier = self.in_cycle[kind]
            return self._refusal_of(event, earlier, "is recorded already for this service cycle")
        if kind is EventKind.ENROLLED and self.enrolled is not None:
            return self._refusal_of(event, self.enrolled, "is recorded already")
        if kind is EventKind.CYCLE_OPENED and self.opened is not None:
            return self._refusal_of(event, self.opened, "opened a service cycle that is not closed")
        if kind in _BEFORE_APPROVAL and EventKind.PROFILE_APPROVED in ever:
            return self._refusal_of(event, ever[EventKind.PROFILE_APPROVED], "approved the profile")
        if (
            kind in (EventKind.PROFILE_APPROVED, EventKind.LINK_REQUESTED)
            and EventKind.LINKED in ever
        ):
            return self._refusal_of(event, ever[EventKind.LINKED], "linked it already")
        if kind in (EventKind.CYCLE_CLOSED, EventKind.ASSESSED) and self.opened is None:
            return self._refusal_of(event, None, "no service cycle is open on that day")
        if (
            kind in (EventKind.REPORT_POSTED, EventKind.DATA_SUBMITTED)
            and EventKind.ASSESSED not in self.in_cycle
        ):
            return self._refusal_of(
                event, None, "no assessment comes before it in its service cycle"
            )
        return None

    def _refusal_of(self, event: Event, earlier: Event | None, why: str) -> RowRefusal | None:
        """A refusal of what the row brings; what was recorded before is not judged."""
        guilty = next(
            (of_two for of_two in (event, earlier) if of_two and of_two.sequence in self.columns),
            None,
        )
        if guilty is None:
            return None
        other = earlier if guilty is event else event
        reason = f"{other.kind} on {other.occurred_on} {why}" if other else why
        return RowRefusal(
            self.columns[guilty.sequence],
            f"{guilty.occurred_on} cannot be: {reason}",
            "a day that fits; events are never changed",
        )


def _impossible(events: Sequence[Event], columns: Mapping[int, str]) -> Iterator[RowRefusal]:
    walk = _Walk(columns)
    for event in in_order(events):
        refusal = walk.take(event)
        if refusal is not None:
            yield refusal
