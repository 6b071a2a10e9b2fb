"""Registering a facility: its first event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from kb.errors import InvalidFieldsError, InvalidInputError, NotPermittedError
from kb.models import Facility
from kb.rules.days import local_days
from kb.rules.events import EventKind
from kb.rules.os_ids import problem_of_os_id
from kb.rules.payloads import (
    LONGEST_ADDRESS,
    LONGEST_NAME,
    Field,
    country_code,
    email_address,
    identifier,
    os_id,
    read_fields,
    text,
)
from kb.rules.roles import Role
from kb.services.access.matrix import Capability, Viewer, require
from kb.services.audit import note_change
from kb.services.database import in_one_transaction
from kb.services.knowledge.holder import Knowledge
from kb.services.recording.append import Addition, NewEvent, append_events
from kb.services.recording.idempotency import Call, Recorded, audited_standing, content_of
from kb.services.recording.ids import refuse_taken
from kb.services.recording.record import check_day

_UNIQUE = ("os_id", "gateway_id", "better_work_id")
_BESIDE_EVENTS = ("contact_email", "address")


FACILITY_FIELDS: Mapping[str, Field] = {
    "name": Field(text(LONGEST_NAME)),
    "country": Field(country_code),
    "os_id": Field(os_id, required=False),
    "gateway_id": Field(identifier, required=False),
    "better_work_id": Field(identifier, required=False),
    "contact_email": Field(email_address, required=False),
    "address": Field(text(LONGEST_ADDRESS), required=False),
}
"""How the values of a new facility are checked, from whatever source."""


async def register_facility(
    viewer: Viewer,
    *,
    name: str,
    country: str,
    os_id: str | None = None,
    gateway_id: str | None = None,
    better_work_id: str | None = None,
    contact_email: str | None = None,
    address: str | None = None,
    occurred_on: date | None = None,
    now: datetime,
    knowledge: Knowledge,
    idempotency_key: str | None = None,
) -> Recorded:
    """Register a facility, with a Gateway ID if it has an approved profile there already.

    The e-mail address is where the messages of FAQ 9 go. It and the address of the facility are
    kept beside the events, so that they can be corrected. Raises, in this order:
    NotPermittedError, InvalidInputError with every problem at once, NotPermittedError for a
    country that is not the viewer's, IdempotencyConflictError, and InvalidInputError for the day
    and for an id that is in use.
    """
    require(viewer, Capability.REGISTER_FACILITIES)
    columns = {
        "name": name,
        "country": country,
        "os_id": os_id,
        "gateway_id": gateway_id,
        "better_work_id": better_work_id,
        "contact_email": contact_email,
        "address": address,
    }
    kept, problems = read_fields(FACILITY_FIELDS, columns)
    if not problems and "os_id" in kept:
        problem = problem_of_os_id(kept["os_id"], kept["country"])
        if problem is not None:
            problems = [InvalidInputError("os_id", kept["os_id"], f"{problem[1]}; {problem[0]}")]
    if problems:
        raise problems[0] if len(problems) == 1 else InvalidFieldsError(problems)
    if viewer.role is Role.PROGRAMME_OFFICER and kept["country"] not in viewer.countries:
        raise NotPermittedError(
            f"You may register facilities in {', '.join(viewer.countries)}, "
            f"and not in {kept['country']}."
        )
    days = local_days(kept["country"], now)
    call = Call(viewer, days.today, now, knowledge, idempotency_key)
    content = content_of("register", kept, occurred_on)
    payload = {field: value for field, value in kept.items() if field not in _BESIDE_EVENTS}

    async def write() -> Recorded:
        earlier = await call.first_answer(content)
        if earlier is not None:
            return earlier
        check_day(viewer, occurred_on or days.today, days, None, 0)
        for field in _UNIQUE:
            if field in kept:
                await refuse_taken(viewer, field, kept[field])
        facility = await Facility.create(created_at=now, **kept)
        event = NewEvent(
            kind=EventKind.FACILITY_REGISTERED,
            occurred_on=occurred_on or days.today,
            recorded_at=now,
            actor_role=viewer.role,
            actor=viewer.label,
            payload=payload,
        )
        rows = await append_events([Addition(facility, [event], [])])
        made = await call.answer(content, rows)
        await note_change(
            viewer,
            facility.id,
            EventKind.FACILITY_REGISTERED,
            before=None,
            after=audited_standing(made.facility, made.facility.decision_key),
            now=now,
        )
        return made

    return await in_one_transaction(write)
