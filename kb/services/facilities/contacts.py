"""The e-mail address of a facility, to which the messages of FAQ 9 go.

It is kept beside the events, which last for ever, so that it can be corrected; the audit tells who
corrected it and when, but not what it was.
"""

from __future__ import annotations

from datetime import datetime

from tortoise.expressions import Q, Subquery
from tortoise.transactions import in_transaction

from kb.errors import InvalidInputError, NotFoundError
from kb.models import Facility, OutboxMessage, WorkflowEvent
from kb.rules.payloads import email_address
from kb.services.access.matrix import Capability, Viewer, require
from kb.services.audit import note_change
from kb.services.facilities.facility_view import FacilityView
from kb.services.facilities.views import facilities_by_id

CORRECTED = "CONTACT_CORRECTED"
"""What the audit says was done."""


async def correct_contact(
    viewer: Viewer, facility_id: int, contact_email: str, *, now: datetime
) -> FacilityView:
    """Set the e-mail address of a facility; messages that still wait go there too.

    Why they did not leave before is forgotten.

    NotFoundError for a facility that the viewer does not see, NotPermittedError,
    InvalidInputError for what is no address. To set the same one again changes nothing.
    """
    facility = (await facilities_by_id([facility_id], viewer))[0]
    if facility is None:
        raise NotFoundError("facility", facility_id)
    require(viewer, Capability.CORRECT_CONTACT)
    try:
        address = email_address(contact_email)
    except ValueError as error:
        raise InvalidInputError("contact_email", contact_email, str(error)) from None
    async with in_transaction():
        another = Q(contact_email=None) | ~Q(contact_email=address)
        changed = await Facility.filter(another, id=facility_id).update(contact_email=address)
        if changed:
            events = WorkflowEvent.filter(facility_id=facility_id)
            messages = OutboxMessage.filter(event_id__in=Subquery(events.values("id")))
            await messages.exclude(last_error=None).update(last_error=None)
            await note_change(viewer, facility_id, CORRECTED, before=None, after=None, now=now)
    return facility.having(contact_email=address)
