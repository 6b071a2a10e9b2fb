"""Where a facility stands on a day: its state, folded from its events.

Events are the truth; a profile is folded from them. Two questions need care:

* Sharing depends on what held *before* the assessment of the service cycle (FAQs 9 and 11). So
  the assessment freezes the self-assessment, and the Gateway state of a facility that had
  declared its interest in time: a link made later does not reach back (ambiguity Q6, strictly
  read).
* Interest is used up by the next assessment. Interest declared after an assessment, or never
  followed by one, counts for the next service cycle; whether used interest lasts is not stated,
  so it does not.

A self-assessment belongs to the service cycle that it is made for: without an assessment it ends
with the cycle. A facility that has left Better Work has no assessment of the cycle it left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Any, TypeVar

from kb.errors import InvalidInputError
from kb.rules.events import Event, EventKind, FacilityState, Grant, grantee_of, yes_or_no
from kb.rules.inputs import (
    ASSESSED,
    AssessmentKind,
    FacilityProfile,
    GatewayProfileState,
    InterestTiming,
    Publication,
    Registration,
    ServiceCycle,
    SharingChannel,
    Ternary,
)

# The workflow steps that an event takes.
_STEPS: Mapping[EventKind, tuple[str, ...]] = {
    EventKind.ENROLLED: ("REGISTER_WITH_BETTER_WORK",),
    EventKind.PLATFORM_SET_UP: ("SET_UP_REGISTRATION",),
    EventKind.GATEWAY_INVITATION_SENT: ("SEND_GATEWAY_INVITATION",),
    EventKind.PROFILE_SUBMITTED: ("SUBMIT_FACILITY_PROFILE",),
    EventKind.PROFILE_APPROVED: ("APPROVE_FACILITY_PROFILE",),
    EventKind.LINK_REQUESTED: ("GIVE_GATEWAY_ID",),
    EventKind.LINKED: ("LINK",),
    EventKind.SELF_ASSESSMENT_COMPLETED: ("COMPLETE_SELF_ASSESSMENT",),
    EventKind.ASSESSED: ("CARRY_OUT_ASSESSMENT",),
    EventKind.REPORT_POSTED: ("POST_REPORT",),
    EventKind.DATA_SUBMITTED: ("SUBMIT_DATA",),
    EventKind.SHARED: ("SHARE",),
}

# The steps that begin anew with every service cycle.
_STEPS_OF_A_CYCLE = (
    "DECLARE_INTEREST",
    "DECLARE_INTEREST_NEXT_CYCLE",
    "COMPLETE_SELF_ASSESSMENT",
    "CARRY_OUT_ASSESSMENT",
    "POST_REPORT",
    "SUBMIT_DATA",
    "SHARE",
)

_REGISTRATION = {
    EventKind.PLATFORM_SET_UP: Registration.PLATFORM_SET_UP,
    EventKind.GATEWAY_INVITATION_SENT: Registration.GATEWAY_INVITED,
    EventKind.PROFILE_SUBMITTED: Registration.PROFILE_SUBMITTED,
    EventKind.LINK_REQUESTED: Registration.LINK_REQUESTED,
}
_PUBLICATION = {
    EventKind.REPORT_POSTED: Publication.REPORT_POSTED,
    EventKind.DATA_SUBMITTED: Publication.DATA_SUBMITTED,
}

GRANTING = (EventKind.CYCLE_OPENED, EventKind.SHARED, EventKind.UNSHARED)
"""The kinds of events from which follows which grants are in force, and for which cycle."""


def fold(country: str, events: Iterable[Event], until: date | None = None) -> FacilityState:
    """Where a facility stands, by its events up to and including a day (None: all of them).

    A payload that does not fit its event raises InvalidInputError.
    """
    return _folded(country, events, until)[-1]


def fold_cycles(country: str, events: Iterable[Event]) -> tuple[FacilityState, ...]:
    """Where a facility stands at the end of each service cycle so far; the last is the present.

    Before the first cycle there is one state, with cycle 0.
    """
    return _folded(country, events, None)


def fold_grants(events: Iterable[Event]) -> tuple[Grant, ...]:
    """The grants in force after events, of which those of the kinds in `GRANTING` are enough."""
    history = _History("")
    for event in _in_order(events):
        history.take(event)
    return tuple(history.grants.values())


def _in_order(events: Iterable[Event]) -> list[Event]:
    return sorted(events, key=lambda event: (event.occurred_on, event.sequence))


def _folded(country: str, events: Iterable[Event], until: date | None) -> tuple[FacilityState, ...]:
    history = _History(country)
    ends: list[FacilityState] = []
    for event in _in_order(events):
        if until is not None and event.occurred_on > until:
            break
        if event.kind is EventKind.CYCLE_OPENED and history.cycle > 0:
            ends.append(history.state())
        history.take(event)
    return (*ends, history.state())


class _History:
    """What the events taken so far have come to."""

    def __init__(self, country: str) -> None:
        self.country = country
        self.eligibility = dict.fromkeys(
            ("enrolled", "in_scope", "capacity_available"), Ternary.UNKNOWN
        )
        self.gateway = GatewayProfileState.NONE
        self.registration = Registration.NONE
        self.declared_on: date | None = None  # interest that no assessment has used yet
        self.declared_ever = False
        self.steps: tuple[int, ...] | None = None  # None: no self-assessment in this cycle
        self.assessed: FacilityProfile | None = None  # the profile as the assessment found it
        self.publication = Publication.NONE
        self.cycle = 0
        self.opened_on: date | None = None
        self.closed_on: date | None = None
        self.step_dates: dict[str, date] = {}
        self.grants: dict[tuple[str, str, SharingChannel], Grant] = {}
        self.last_sequence = 0
        self.on_behalf: dict[int, EventKind] = {}  # by number, what was not contested
        self.contested: dict[int, EventKind] = {}
        self.sight: dict[str, None] = {}  # an ordered set

    def take(self, event: Event) -> None:
        self.last_sequence = max(self.last_sequence, event.sequence)
        self._note_reliance(event)
        for code in _STEPS.get(event.kind, ()):
            self.step_dates[code] = event.occurred_on
        for change in _CHANGES.get(event.kind, ()):
            change(self, event)

    def _note_reliance(self, event: Event) -> None:
        """Know what was recorded on behalf of the facility, and what it says is wrong."""
        if self.contested:
            self.contested = {
                number: kind for number, kind in self.contested.items() if kind is not event.kind
            }
        if event.payload.get("on_behalf_of"):
            self.on_behalf[event.sequence] = event.kind
        if event.kind is EventKind.RECORD_CONTESTED:
            number = event.payload.get("event")
            if number in self.on_behalf:
                self.contested[number] = self.on_behalf.pop(number)

    def _enrol(self, _: Event) -> None:
        self.eligibility["enrolled"] = Ternary.YES

    def _leave(self, _: Event) -> None:
        self.eligibility["enrolled"] = Ternary.NO

    def _find_eligible(self, event: Event) -> None:
        for name in self.eligibility:
            if name in event.payload:
                self.eligibility[name] = _read(Ternary, event, name)
        self._stay_enrolled()

    def _stay_enrolled(self) -> None:
        """Better Work assesses enrolled factories only (FAQ 7)."""
        if self.assessed and self.eligibility["enrolled"] is Ternary.UNKNOWN:
            self.eligibility["enrolled"] = Ternary.YES

    def _declare(self, event: Event) -> None:
        self.declared_on, self.declared_ever = event.occurred_on, True
        late = "DECLARE_INTEREST_NEXT_CYCLE"
        self.step_dates[late if self.assessed else "DECLARE_INTEREST"] = event.occurred_on

    def _open_cycle(self, event: Event) -> None:
        for code in _STEPS_OF_A_CYCLE:
            self.step_dates.pop(code, None)
        if self.declared_on is not None:
            self.step_dates["DECLARE_INTEREST"] = self.declared_on
        self.cycle += 1
        self.opened_on, self.closed_on = event.occurred_on, None
        self.steps, self.assessed, self.publication = None, None, Publication.NONE

    def _close_cycle(self, event: Event) -> None:
        self.closed_on = event.occurred_on
        if self.assessed is None:
            self.steps = None
            self.step_dates.pop("COMPLETE_SELF_ASSESSMENT", None)

    def _register(self, event: Event) -> None:
        if event.payload.get("gateway_id"):
            self._have_profile(event)

    def _have_profile(self, _: Event) -> None:
        if self.gateway is GatewayProfileState.NONE:
            self.gateway = GatewayProfileState.EXISTS_UNLINKED

    def _advance_registration(self, event: Event) -> None:
        self.registration = _further(self.registration, _REGISTRATION[event.kind])

    def _publish(self, event: Event) -> None:
        self.publication = _further(self.publication, _PUBLICATION[event.kind])

    def _link(self, event: Event) -> None:
        # By hand where a Gateway ID was handed over (FAQ 10), else by logging in (FAQ 9).
        by_hand = "GIVE_GATEWAY_ID" in self.step_dates
        self.step_dates["ADD_GATEWAY_ID" if by_hand else "LOG_IN_TO_CONNECT"] = event.occurred_on
        self.gateway = GatewayProfileState.LINKED

    def _return_profile(self, _: Event) -> None:
        if self.gateway is GatewayProfileState.NONE:
            self.step_dates.pop("SUBMIT_FACILITY_PROFILE", None)
            invited = "SEND_GATEWAY_INVITATION" in self.step_dates
            self.registration = Registration.GATEWAY_INVITED if invited else Registration.NONE

    def _assess_itself(self, event: Event) -> None:
        self.steps = tuple(event.payload.get("steps", ()))

    def _assess(self, event: Event) -> None:
        kind = _read(AssessmentKind, event, "kind")
        # The first assessment of a cycle settles it; a later visit reaches back no more.
        if self.assessed is None:
            self.assessed = self._profile(assessment=kind)
            self.declared_on = None

    def _share(self, event: Event) -> None:
        channel = _read(SharingChannel, event, "channel")
        kind, grantee = grantee_of(event)
        self.grants[kind, grantee, channel] = Grant(
            kind, grantee, channel, event.occurred_on, self.cycle
        )

    def _unshare(self, event: Event) -> None:
        grantee = grantee_of(event)
        for key in [key for key in self.grants if key[:2] == grantee]:
            del self.grants[key]
        if not self._shared_this_cycle():
            self.step_dates.pop("SHARE", None)

    def _show(self, event: Event) -> None:
        self.sight[grantee_of(event)[1]] = None

    def _hide(self, event: Event) -> None:
        self.sight.pop(grantee_of(event)[1], None)

    def _shared_this_cycle(self) -> bool:
        return any(grant.cycle == self.cycle for grant in self.grants.values())

    def _service_cycle(self) -> ServiceCycle:
        if self.cycle == 0:
            return ServiceCycle.NONE
        return ServiceCycle.OPEN if self.closed_on is None else ServiceCycle.CLOSED

    def _profile(self, **others: Any) -> FacilityProfile:
        """The profile if no assessment had come before now, with other values of some fields."""
        # What the assessment found unlinked came by its own way, also if it is linked by now.
        gateway = others.get("gateway_profile", self.gateway)
        unlinked = gateway is not GatewayProfileState.LINKED
        values = {
            "country": self.country,
            **self.eligibility,
            "gateway_profile": gateway,
            "interest": InterestTiming.NOT_DECLARED
            if self.declared_on is None
            else InterestTiming.BEFORE_ASSESSMENT,
            "assessment": AssessmentKind.NONE,
            "self_assessed_before": Ternary.NO if self.steps is None else Ternary.YES,
            "self_assessment_steps": self.steps or (),
            "registration": self.registration if unlinked else Registration.NONE,
            "publication": Publication.SHARED if self._shared_this_cycle() else self.publication,
            "service_cycle": self._service_cycle(),
            **others,
        }
        return FacilityProfile(**values)

    def _present_profile(self) -> FacilityProfile:
        assessed = self.assessed
        if assessed is None:
            return self._profile()
        if self.eligibility["enrolled"] is Ternary.NO:
            return self._profile(self_assessed_before=Ternary.NO, self_assessment_steps=())
        declared = self.declared_on is not None
        if assessed.interest is InterestTiming.NOT_DECLARED:
            # Without interest in time the present Gateway state decides nothing for this cycle,
            # but it tells what is left to do for the next one.
            return self._profile(
                interest=InterestTiming.AFTER_ASSESSMENT
                if declared
                else InterestTiming.NOT_DECLARED,
                assessment=assessed.assessment,
                self_assessed_before=assessed.self_assessed_before,
                self_assessment_steps=assessed.self_assessment_steps,
            )
        return self._profile(
            gateway_profile=assessed.gateway_profile,
            interest=assessed.interest,
            assessment=assessed.assessment,
            self_assessed_before=assessed.self_assessed_before,
            self_assessment_steps=assessed.self_assessment_steps,
            gateway_now=self.gateway if self.gateway is not assessed.gateway_profile else None,
            interest_next=Ternary.YES if declared else None,
        )

    def state(self) -> FacilityState:
        profile = self._present_profile()
        return FacilityState(
            profile=profile,
            cycle=self.cycle,
            opened_on=self.opened_on,
            closed_on=self.closed_on,
            step_dates=MappingProxyType(dict(self.step_dates)),
            grants=tuple(self.grants.values()),
            last_sequence=self.last_sequence,
            standing=MappingProxyType(self._standing(profile)),
            contestable=tuple(self.on_behalf),
            contested=tuple(self.contested),
            sight=tuple(self.sight),
        )

    def _standing(self, present: FacilityProfile) -> dict[str, str]:
        profile = present.with_what_follows()
        return {
            "enrolled": profile.enrolled,
            "in_scope": profile.in_scope,
            "capacity_available": profile.capacity_available,
            "gateway_profile": self.gateway,
            "registration": self.registration,
            "cycle": self._service_cycle(),
            "interest_open": yes_or_no(self.declared_on is not None),
            "interest_ever": yes_or_no(self.declared_ever),
            "assessed": yes_or_no(profile.assessment in ASSESSED),
            "publication": self.publication,
        }


# What an event changes besides steps.
_CHANGES: Mapping[EventKind, tuple[Callable[[_History, Event], None], ...]] = {
    EventKind.FACILITY_REGISTERED: (_History._register,),
    EventKind.ENROLLED: (_History._enrol,),
    EventKind.ELIGIBILITY_RECORDED: (_History._find_eligible,),
    EventKind.CYCLE_OPENED: (_History._open_cycle,),
    EventKind.INTEREST_DECLARED: (_History._declare,),
    **dict.fromkeys(_REGISTRATION, (_History._advance_registration,)),
    EventKind.PROFILE_APPROVED: (_History._have_profile,),
    EventKind.PROFILE_RETURNED: (_History._return_profile,),
    EventKind.LINK_REQUESTED: (_History._advance_registration, _History._have_profile),
    EventKind.LINKED: (_History._link,),
    EventKind.SELF_ASSESSMENT_COMPLETED: (_History._assess_itself,),
    EventKind.ASSESSED: (_History._assess,),
    **dict.fromkeys(_PUBLICATION, (_History._publish,)),
    EventKind.SHARED: (_History._share,),
    EventKind.UNSHARED: (_History._unshare,),
    EventKind.SIGHT_GRANTED: (_History._show,),
    EventKind.SIGHT_WITHDRAWN: (_History._hide,),
    EventKind.ROUTED_TO_VERIFIER_BODY: (_History._leave,),
    EventKind.CYCLE_CLOSED: (_History._close_cycle,),
}

Choice = TypeVar("Choice", bound=StrEnum)
Stage = TypeVar("Stage", Registration, Publication)


def _further(stage: Stage, reached: Stage) -> Stage:
    """The later of two stages, in the order in which they are listed."""
    return max(stage, reached, key=_values(type(stage)).index)


def _read(choices: type[Choice], event: Event, name: str) -> Choice:
    """One value of the payload, or InvalidInputError with the values it may have."""
    value = event.payload.get(name)
    allowed: Sequence[str] = ASSESSED if choices is AssessmentKind else _values(choices)
    if value not in allowed:
        raise InvalidInputError(f"{event.kind}.{name}", value, ", ".join(allowed))
    return choices(str(value))


@cache
def _values(choices: type[Choice]) -> tuple[Choice, ...]:
    return tuple(choices)
