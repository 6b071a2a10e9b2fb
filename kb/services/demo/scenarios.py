"""Histories of facilities that do not exist, with an example for every row of the tables.

A scenario is a sequence of events. Rows about what is not known have no example, and those about
contradictions, because events never lead there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from kb.rules.events import Event, EventKind
from kb.rules.os_ids import DEMO_OS_ID

# No event is later than this, whatever the day on which the facilities are made.
REFERENCE_DAY = date(2026, 10, 31)

ROLLOUT = ("BD", "ID", "VN")
PENDING = ("PK", "PK", "KH", "JO")
OTHER = ("IN", "TR", "CN", "MX", "PT", "MA")
UNLISTED = ("BR", "AL")

PlannedEvent = tuple[EventKind, dict[str, Any]]


def _planned(kind: EventKind, /, **payload: Any) -> PlannedEvent:
    return kind, payload


REGISTERED = _planned(EventKind.FACILITY_REGISTERED)
ENROLLED = _planned(EventKind.ENROLLED)
OPENED = _planned(EventKind.CYCLE_OPENED)
CLOSED = _planned(EventKind.CYCLE_CLOSED)
DECLARED = _planned(EventKind.INTEREST_DECLARED)
SET_UP = _planned(EventKind.PLATFORM_SET_UP)
INVITED = _planned(EventKind.GATEWAY_INVITATION_SENT)
SUBMITTED = _planned(EventKind.PROFILE_SUBMITTED)
RETURNED = _planned(EventKind.PROFILE_RETURNED)
APPROVED = _planned(EventKind.PROFILE_APPROVED)
LINK_REQUESTED = _planned(EventKind.LINK_REQUESTED)
LINKED = _planned(EventKind.LINKED)
STEP_1 = _planned(EventKind.SELF_ASSESSMENT_COMPLETED, steps=[1])
STEPS_1_2 = _planned(EventKind.SELF_ASSESSMENT_COMPLETED, steps=[1, 2])
ALL_STEPS = _planned(EventKind.SELF_ASSESSMENT_COMPLETED, steps=[1, 2, 3])
ON_SITE = _planned(EventKind.ASSESSED, kind="ONSITE")
VCC = _planned(EventKind.ASSESSED, kind="VCC")
REPORTED = _planned(EventKind.REPORT_POSTED)
SENT = _planned(EventKind.DATA_SUBMITTED)
DEMO_BRAND = "Demo Brand"
_BRAND = {"grantee_kind": "BRAND", "grantee": DEMO_BRAND}
_HOST = {"grantee_kind": "ACCREDITED_HOST", "grantee": "Demo Host"}
BY_LINK = _planned(EventKind.SHARED, channel="EMAIL_LINK", **_BRAND)
TO_HOST = _planned(EventKind.SHARED, channel="ACCREDITED_HOST", **_HOST)
WITHDRAWN = _planned(EventKind.UNSHARED, **_BRAND)
TO_VERIFIER_BODY = _planned(EventKind.ROUTED_TO_VERIFIER_BODY)


def _eligibility(
    enrolled: str | None = "NO", scope: str | None = None, room: str | None = None
) -> PlannedEvent:
    answers = {"enrolled": enrolled, "in_scope": scope, "capacity_available": room}
    known = {name: value for name, value in answers.items() if value is not None}
    return _planned(EventKind.ELIGIBILITY_RECORDED, **known)


JOINED = (REGISTERED, _eligibility(scope="YES", room="YES"), ENROLLED)
JOINED_UNASKED = (REGISTERED, ENROLLED)
HAD_PROFILE = (REGISTERED, APPROVED, _eligibility(scope="YES", room="YES"), ENROLLED)
NEW_PROFILE = (SET_UP, INVITED, SUBMITTED, APPROVED)
LOGGED_IN = (DECLARED, *NEW_PROFILE, LINKED)
PLAIN_CYCLE = (OPENED, ON_SITE, REPORTED, CLOSED)
SHARED_CYCLE = (OPENED, *LOGGED_IN, STEP_1, ON_SITE, REPORTED, SENT, BY_LINK, CLOSED)


@dataclass(frozen=True, slots=True)
class Scenario:
    """What happens to a facility: on the way in, and then in its present service cycle.

    `cycle` is None for a facility without service cycles. `past` are the events of earlier cycles;
    without them, up to two uneventful cycles come before the present one.
    """

    countries: tuple[str, ...]
    start: tuple[PlannedEvent, ...]
    cycle: tuple[PlannedEvent, ...] | None = None
    past: tuple[PlannedEvent, ...] = ()

    def events(self, random: Random) -> Iterator[PlannedEvent]:
        """The events in order."""
        yield from self.start
        if self.cycle is not None:
            yield from self.past or PLAIN_CYCLE * random.randint(0, 2)
            yield OPENED
            yield from self.cycle


def _scenario(
    *cycle: PlannedEvent,
    start: tuple[PlannedEvent, ...] = JOINED,
    past: tuple[PlannedEvent, ...] = (),
) -> Scenario:
    return Scenario(ROLLOUT, start, cycle, past)


SCENARIOS = (
    # Row A1, with what each row of table B says; enrolled in a country that has signed off.
    _scenario(),  # B1: nothing declared yet
    _scenario(*LOGGED_IN, STEPS_1_2, ON_SITE, REPORTED, SENT, BY_LINK),  # B7: shared by link
    _scenario(DECLARED),  # B3, at each step of the way
    _scenario(DECLARED, SET_UP),
    _scenario(DECLARED, SET_UP, INVITED),
    _scenario(DECLARED, SET_UP, INVITED, SUBMITTED),
    _scenario(DECLARED, SET_UP, INVITED, SUBMITTED, RETURNED),
    _scenario(DECLARED, *NEW_PROFILE),  # B4: approved, still to log in
    _scenario(start=HAD_PROFILE),  # B2: an older Gateway profile
    _scenario(past=SHARED_CYCLE),  # B2: linked in an earlier cycle
    _scenario(DECLARED, start=HAD_PROFILE),  # B4
    _scenario(DECLARED, LINK_REQUESTED, start=HAD_PROFILE),
    _scenario(*LOGGED_IN),  # B5
    _scenario(DECLARED, past=SHARED_CYCLE),
    _scenario(*LOGGED_IN, STEP_1),  # B6
    _scenario(DECLARED, LINK_REQUESTED, LINKED, ALL_STEPS, start=HAD_PROFILE),
    _scenario(*LOGGED_IN, STEP_1, ON_SITE),  # B7
    _scenario(*LOGGED_IN, STEPS_1_2, ON_SITE, REPORTED),
    _scenario(*LOGGED_IN, ALL_STEPS, ON_SITE, REPORTED, SENT),
    _scenario(*LOGGED_IN, ALL_STEPS, ON_SITE, REPORTED, SENT, TO_HOST, BY_LINK),
    _scenario(*LOGGED_IN, STEP_1, ON_SITE, REPORTED, SENT, BY_LINK, WITHDRAWN),
    _scenario(*LOGGED_IN, STEP_1, VCC, REPORTED),  # B8
    _scenario(*LOGGED_IN, ALL_STEPS, VCC, REPORTED, SENT, TO_HOST),
    _scenario(*LOGGED_IN, ON_SITE, REPORTED),  # B9
    _scenario(*LOGGED_IN, VCC, REPORTED, STEP_1),
    _scenario(DECLARED, SET_UP, ON_SITE, REPORTED),  # B10
    _scenario(DECLARED, ON_SITE, LINK_REQUESTED, LINKED, REPORTED, start=HAD_PROFILE),
    _scenario(ON_SITE, DECLARED, REPORTED),  # B11
    _scenario(VCC, REPORTED, DECLARED, *NEW_PROFILE, LINKED),
    _scenario(ON_SITE),  # B12
    _scenario(ON_SITE, REPORTED, CLOSED, start=JOINED_UNASKED),
    _scenario(VCC, REPORTED, past=SHARED_CYCLE),
    # Row A2: enrolled, though out of scope.
    _scenario(start=(*JOINED_UNASKED, _eligibility(None, "NO"))),
    _scenario(*LOGGED_IN, STEP_1, start=(*JOINED_UNASKED, _eligibility(None, "NO"))),
    # Rows A3 to A7: not enrolled, or not known to be.
    Scenario(ROLLOUT, (REGISTERED, _eligibility(scope="YES", room="YES"))),
    Scenario(ROLLOUT, (REGISTERED, _eligibility(scope="YES"))),
    Scenario(ROLLOUT, (REGISTERED, _eligibility(scope="YES", room="NO"), TO_VERIFIER_BODY)),
    Scenario(ROLLOUT, (REGISTERED, _eligibility(scope="NO"), TO_VERIFIER_BODY)),
    Scenario(ROLLOUT, (REGISTERED,)),
    Scenario(ROLLOUT, (REGISTERED, _eligibility())),
    # Rows A8 to A11: the country has not signed off yet.
    Scenario(PENDING, JOINED, ()),
    Scenario(PENDING, JOINED_UNASKED, (ON_SITE, REPORTED)),
    Scenario(PENDING, (REGISTERED, _eligibility(scope="YES", room="YES"))),
    Scenario(PENDING, (REGISTERED, _eligibility(scope="YES"))),
    Scenario(PENDING, (REGISTERED, _eligibility(scope="NO"), TO_VERIFIER_BODY)),
    Scenario(PENDING, (REGISTERED, _eligibility(scope="YES", room="NO"), TO_VERIFIER_BODY)),
    Scenario(PENDING, (REGISTERED,)),
    Scenario(PENDING, (REGISTERED, _eligibility())),
    # Rows A12 and A13: no Better Work in the country.
    Scenario(OTHER, (REGISTERED, APPROVED, TO_VERIFIER_BODY)),
    Scenario(OTHER, (REGISTERED,)),
    Scenario(OTHER, (REGISTERED, ENROLLED)),  # A13: somebody made a mistake
    # Rows A14 to A16: no source names the country.
    Scenario(UNLISTED, (REGISTERED,)),
    Scenario(UNLISTED, (REGISTERED, ENROLLED)),
    Scenario(UNLISTED, (REGISTERED, _eligibility(scope="YES"))),
    # Rows A18 and A19: in scope with room, and nobody has said whether it is enrolled.
    Scenario(ROLLOUT, (REGISTERED, _eligibility(None, "YES", "YES"))),
    Scenario(PENDING, (REGISTERED, _eligibility(None, "YES", "YES"))),
)

# Days since the event before: at least, at most.
_USUAL_GAP = (2, 25)
_GAPS = {
    EventKind.ASSESSED: (30, 110),
    EventKind.REPORT_POSTED: (20, 35),
    EventKind.CYCLE_CLOSED: (60, 120),
    EventKind.CYCLE_OPENED: (5, 20),
}


@dataclass(frozen=True, slots=True)
class DemoFacility:
    """A facility that does not exist, with its events."""

    name: str
    country: str
    os_id: str
    gateway_id: str | None
    better_work_id: str | None
    events: tuple[Event, ...]


def demo_facility(number: int, seed: int) -> DemoFacility:
    """The facility with that number; the same for the same number and seed."""
    random = Random(f"{seed}/{number}")
    scenario = SCENARIOS[(number - 1) % len(SCENARIOS)]
    country = random.choice(scenario.countries)
    gateway_id, better_work_id = f"DEMO-GW-{number:06d}", f"DEMO-BW-{number:06d}"
    steps = list(scenario.events(random))
    gaps = [random.randint(*_GAPS.get(kind, _USUAL_GAP)) for kind, _ in steps[1:]]
    day = REFERENCE_DAY - timedelta(days=random.randint(0, 120) + sum(gaps))
    events = []
    for sequence, ((kind, payload), gap) in enumerate(zip(steps, [0, *gaps], strict=True), start=1):
        day += timedelta(days=gap)
        if kind in (EventKind.PROFILE_APPROVED, EventKind.LINK_REQUESTED):
            payload = {"gateway_id": gateway_id}
        events.append(Event(kind, day, sequence, payload))
    kinds = {event.kind for event in events}
    return DemoFacility(
        name=f"Demo Factory {number:04d} ({country})",
        country=country,
        os_id=f"{DEMO_OS_ID}{number:06d}",
        gateway_id=gateway_id if EventKind.PROFILE_APPROVED in kinds else None,
        better_work_id=better_work_id if EventKind.ENROLLED in kinds else None,
        events=tuple(events),
    )
