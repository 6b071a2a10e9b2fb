"""Records one event of a facility: checked by role and guard, written whole or not at all.

An event is written in one transaction with its place in the hash chain, the projections, service
cycles and grants that follow from it, the message that it sends, its audit entry and the caller's
idempotency key. All of it is there after the commit, or none.

Two writers on one facility: the transaction locks the facility's row (on SQLite the database), so
the second waits and is then checked against what the first has left: StaleVersionError if it
expected a version, else its guards are checked against the new state. That the events of a
facility are numbered without a gap, by a unique constraint, holds even for a writer without lock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from kb.errors import (
    IllegalTransitionError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
    StaleVersionError,
)
from kb.models import Facility, WorkflowEvent
from kb.models.facilities import event_of
from kb.rules.days import LocalDays, local_days
from kb.rules.events import Event, EventKind, FacilityState
from kb.rules.facts import ALL_LAYERS
from kb.rules.folding import fold
from kb.rules.inputs import CountryKind
from kb.rules.match_rows import match_rows
from kb.rules.on_behalf import ON_BEHALF_OF, checked_word
from kb.rules.payloads import checked_payload
from kb.rules.roles import Role
from kb.rules.transitions import Standing, Transition, allowed_now, failed_guard, standing_of
from kb.services.access.matrix import Viewer
from kb.services.access.scope import scope_of
from kb.services.audit import note_change
from kb.services.database import in_one_transaction
from kb.services.facilities.views import facilities_by_id
from kb.services.knowledge.holder import Knowledge
from kb.services.messages.outbox import put_message
from kb.services.recording.append import Addition, NewEvent, append_events
from kb.services.recording.idempotency import Call, Recorded, audited_standing, content_of
from kb.services.recording.ids import refuse_taken

BACKDATING_ROLES = (Role.PROGRAMME_OFFICER, Role.SLCP_OFFICER, Role.ADMIN)
"""Who may record what happened on an earlier day; others as far as a setting lets them."""


async def record(
    viewer: Viewer,
    facility_id: int,
    kind: EventKind,
    payload: Mapping[str, Any] | None = None,
    *,
    occurred_on: date | None = None,
    now: datetime,
    knowledge: Knowledge,
    idempotency_key: str | None = None,
    expected_version: int | None = None,
    backdating_days: int = 0,
    on_behalf_of: Mapping[str, Any] | None = None,
) -> Recorded:
    """Record one event of a facility; `occurred_on` is today, where it is, unless it is given.

    `on_behalf_of` is the facility's word that an officer records it by, as
    `kb.rules.on_behalf.WORD_FIELDS` has it; the event then happened on the day of the word.

    An event of an earlier day is checked against the facility as it stood at the end of that day,
    and changes what follows as if it had come in time. `backdating_days` is how far back those
    may go who are not in `BACKDATING_ROLES`. Raises, in this order: NotFoundError for a facility
    that the viewer does not see, NotPermittedError, InvalidInputError with every problem of the
    payload, IdempotencyConflictError, InvalidInputError for the day, StaleVersionError and
    IllegalTransitionError. Nothing is written then.
    """
    view = (await facilities_by_id([facility_id], viewer))[0]
    if view is None:
        raise NotFoundError("facility", facility_id)
    days = local_days(view.country, now)
    call = Call(viewer, days.today, now, knowledge, idempotency_key)
    transition = knowledge.library.transitions.get(kind)
    if transition is None:
        raise InvalidInputError("kind", kind, ", ".join(knowledge.library.transitions))
    _check_role(viewer, kind, transition, on_behalf_of)
    details = checked_payload(kind, payload or {})
    day, day_field = occurred_on or days.today, "occurred_on"
    if on_behalf_of is not None:
        day_field = "occurred_on" if occurred_on else "given_on"
        details[ON_BEHALF_OF], day = checked_word(kind, on_behalf_of, occurred_on, days.today)
    content = content_of(facility_id, kind, details, occurred_on)

    async def write() -> Recorded:
        facility = await Facility.filter(id=facility_id).select_for_update(no_key=True).get()
        # Looked at before the day, which may be over when a call is repeated.
        earlier = await call.first_answer(content)
        if earlier is not None:
            return earlier
        rows = await WorkflowEvent.filter(facility_id=facility_id).order_by("sequence")
        recorded = [event_of(row) for row in rows]
        registered_on = _registered_on(facility, recorded)
        check_day(viewer, day, days, registered_on, backdating_days, day_field=day_field)
        version = scope_of(viewer).version_of(facility.version, recorded)
        if expected_version is not None and expected_version != version:
            raise StaleVersionError(expected_version, version)
        event = Event(kind, day, len(recorded) + 1, details)
        _check_guards(call, transition, facility, recorded, event)
        await _take_gateway_id(viewer, facility, event)
        return await _write(call, content, facility, rows, event)

    return await in_one_transaction(write)


async def possible_events(
    viewer: Viewer, facility_id: int, *, now: datetime, knowledge: Knowledge
) -> tuple[EventKind, ...]:
    """What the viewer may record next at a facility, today; NotFoundError if it does not see it."""
    facility = (await facilities_by_id([facility_id], viewer))[0]
    if facility is None:
        raise NotFoundError("facility", facility_id)
    rows = await WorkflowEvent.filter(facility_id=facility_id)
    days = local_days(facility.country, now)
    state = fold(facility.country, map(event_of, rows), days.latest)
    standing = _standing(knowledge, state, days.today)
    return allowed_now(knowledge.library.transitions, standing, [viewer.role])


def _check_role(
    viewer: Viewer, kind: EventKind, transition: Transition, word: Mapping[str, Any] | None
) -> None:
    """Raise NotPermittedError unless the role may record it, itself or on the facility's word."""
    if viewer.role in transition.on_behalf:
        if word is None:
            raise NotPermittedError(
                f"You act as {viewer.role}, and may record {kind} on behalf of the facility only: "
                "say in onBehalfOf how and when it has told you."
            )
        return
    if viewer.role not in transition.roles:
        others = ", ".join(transition.on_behalf)
        raise NotPermittedError(
            f"You act as {viewer.role}, and may not record {kind}. "
            f"That is for {', '.join(transition.roles)}"
            f"{f', or for {others} on its word' if others else ''}."
        )
    if word is not None:
        allowed = f"nothing, because you act as {viewer.role} and record {kind} yourself"
        raise InvalidInputError("on_behalf_of", "given", allowed)


def check_day(
    viewer: Viewer,
    day: date,
    days: LocalDays,
    earliest: date | None,
    backdating_days: int,
    *,
    day_field: str = "occurred_on",
) -> None:
    """Raise InvalidInputError unless the viewer may record now what happened on that day.

    `day_field` is the field of the input that has the day.
    """
    if day > days.latest:
        raise InvalidInputError(day_field, day, f"{days.latest} or an earlier day")
    if earliest is not None and day < earliest:
        allowed = f"{earliest}, when the facility was registered, or a later day"
        raise InvalidInputError(day_field, day, allowed)
    today = days.today
    if viewer.role not in BACKDATING_ROLES and (today - day).days > backdating_days:
        back = f"at most {backdating_days} days before {today}" if backdating_days else str(today)
        allowed = f"{back}; earlier days are for {', '.join(BACKDATING_ROLES)}"
        raise InvalidInputError(day_field, day, allowed)


def _registered_on(facility: Facility, recorded: Sequence[Event]) -> date:
    registered = [
        event.occurred_on for event in recorded if event.kind is EventKind.FACILITY_REGISTERED
    ]
    return min(registered, default=facility.created_at.date())


def _standing(
    knowledge: Knowledge, state: FacilityState, day: date, event: Event | None = None
) -> Standing:
    rows = match_rows(state.profile, knowledge.library.rulebook, day, ALL_LAYERS)
    # A day on which nothing is known of the country is one on which no programme is known there.
    return standing_of(state, rows.kind or CountryKind.NOT_NAMED, rows.status, event)


def _check_guards(
    call: Call, transition: Transition, facility: Facility, recorded: Sequence[Event], event: Event
) -> None:
    state = fold(facility.country, recorded, event.occurred_on)
    guard = failed_guard(transition, _standing(call.knowledge, state, event.occurred_on, event))
    if guard is None:
        return
    standing = _standing(call.knowledge, state, event.occurred_on)
    raise IllegalTransitionError(
        guard.code,
        guard.text,
        [citation.passage for citation in guard.citations if citation.passage is not None],
        allowed_now(call.knowledge.library.transitions, standing, [call.viewer.role]),
    )


async def _take_gateway_id(viewer: Viewer, facility: Facility, event: Event) -> None:
    """Give the facility the Gateway ID that the event settles, if any; ids are unique.

    One that a facility hands over only waits until somebody links it: else a facility could take
    any id, and learn from a refusal that another has it.
    """
    stated = event.payload.get("gateway_id")
    if event.kind is EventKind.LINK_REQUESTED:
        if facility.gateway_id not in (None, stated):
            allowed = f"{facility.gateway_id}, which is on record"
            raise InvalidInputError("gateway_id", stated, allowed)
        if facility.gateway_id is None:
            facility.requested_gateway_id = stated
            await facility.save(update_fields=["requested_gateway_id"])
        return
    if event.kind is EventKind.LINKED:
        stated = facility.gateway_id or facility.requested_gateway_id
    if stated is None or stated == facility.gateway_id:
        return
    await refuse_taken(viewer, "gateway_id", stated)
    facility.gateway_id, facility.requested_gateway_id = stated, None
    await facility.save(update_fields=["gateway_id", "requested_gateway_id"])


async def _write(
    call: Call,
    content: str,
    facility: Facility,
    rows: Sequence[WorkflowEvent],
    event: Event,
) -> Recorded:
    state = fold(facility.country, map(event_of, rows))
    before = audited_standing(facility, state.profile.key)
    new = NewEvent(
        kind=event.kind,
        occurred_on=event.occurred_on,
        recorded_at=call.now,
        actor_role=call.viewer.role,
        actor=call.viewer.label,
        payload=event.payload,
    )
    [row] = await append_events([Addition(facility, [new], rows)])
    await put_message(row, now=call.now)
    made = await call.answer(content, [*rows, row])
    await note_change(
        call.viewer,
        facility.id,
        event.kind,
        before=before,
        after={
            **audited_standing(
                made.facility.having(version=facility.version + 1), made.facility.decision_key
            ),
            **{name: word for name, word in event.payload.items() if name == ON_BEHALF_OF},
        },
        now=call.now,
    )
    return made
