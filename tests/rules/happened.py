"""Events as tests of the rules write them down: one a day, most of them without more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from kb.rules.events import Event, EventKind, FacilityState
from kb.rules.folding import fold

FIRST_DAY = date(2025, 1, 1)

OPENED = (EventKind.CYCLE_OPENED, {})
DECLARED = (EventKind.INTEREST_DECLARED, {})
LINKED = (EventKind.LINKED, {})
APPROVED = (EventKind.PROFILE_APPROVED, {"gateway_id": "DEMO-GW-1"})
CLOSED = (EventKind.CYCLE_CLOSED, {})
SELF_ASSESSED = (EventKind.SELF_ASSESSMENT_COMPLETED, {"steps": [1, 2]})
ON_SITE = (EventKind.ASSESSED, {"kind": "ONSITE"})
VCC = (EventKind.ASSESSED, {"kind": "VCC"})
REPORTED = (EventKind.REPORT_POSTED, {})
SUBMITTED_DATA = (EventKind.DATA_SUBMITTED, {})
BY_LINK = {"channel": "EMAIL_LINK", "grantee_kind": "BRAND", "grantee": "Demo Brand"}
SHARED = (EventKind.SHARED, BY_LINK)
UNSHARED = (EventKind.UNSHARED, {"grantee_kind": "BRAND", "grantee": "Demo Brand"})
READY = (DECLARED, APPROVED, LINKED, SELF_ASSESSED)

Happened = tuple[EventKind, dict[str, Any]]


def days(*happened: Happened | EventKind) -> Iterator[Event]:
    """One event a day from the first day on."""
    for place, event in enumerate(happened):
        kind, payload = (event, {}) if isinstance(event, EventKind) else event
        yield Event(kind, FIRST_DAY + timedelta(days=place), place + 1, payload)


def after(*happened: Happened | EventKind) -> FacilityState:
    return fold("VN", days(*happened))
