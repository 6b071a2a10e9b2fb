"""What happened to a facility, and the profile that follows from it on a day.

Events are the truth; a profile is folded from them. Two questions need care:

* Sharing depends on what held *before* the assessment of the service cycle (FAQs 9 and 11). So
  the assessment freezes the self-assessment, and the Gateway state of a facility that had
  declared its interest in time: a link made later does not reach back (ambiguity Q6, strictly
  read).
* Interest is used up by the next assessment. Interest declared after an assessment, or never
  followed by one, counts for the next service cycle; whether used interest lasts is not stated,
  so it does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar

from kb.errors import InvalidInputError
from kb.rules.inputs import (
    AssessmentKind,
    FacilityProfile,
    GatewayProfileState,
    InterestTiming,
    Progress,
    Ternary,
)
from kb.rules.rulebook import SharingChannel


class EventKind(StrEnum):
    """What can happen to a facility; in braces, what the payload may tell.

    FACILITY_REGISTERED            the facility became known: {name, country, os_id, gateway_id,
                                   better_work_id}, as far as they were known
    ENROLLED                       it joined Better Work
    ELIGIBILITY_RECORDED           what the country programme found: {enrolled, in_scope,
                                   capacity_available}, each YES, NO or UNKNOWN
    CYCLE_OPENED, CYCLE_CLOSED     a Better Work service cycle began or ended
    INTEREST_DECLARED              it told Better Work that it wants to share (FAQ 9)
    PLATFORM_SET_UP                the focal point set up its registration (FAQ 9)
    GATEWAY_INVITATION_SENT        the automated message with the link went out (FAQ 9)
    PROFILE_SUBMITTED              it submitted its Facility Profile (FAQ 9)
    PROFILE_APPROVED               SLCP approved the profile: {gateway_id}
    PROFILE_RETURNED               SLCP sent the profile back: {reason}, if it gave one
    LINK_REQUESTED                 it handed over an existing Gateway ID: {gateway_id}; so it has
                                   an approved profile, wherever that came from (FAQ 10)
    LINKED                         platform and Gateway are linked (FAQs 9 and 10)
    SELF_ASSESSMENT_COMPLETED      on the Better Work platform: {steps}, some of 1, 2, 3 (FAQ 15)
    ASSESSED                       Better Work assessed it: {kind}, ONSITE or VCC
    REPORT_POSTED                  the report is on the Better Work portal (FAQ 19)
    DATA_SUBMITTED                 the data went to the Gateway (FAQ 19)
    SHARED                         {channel, grantee_kind, grantee} (FAQ 11)
    UNSHARED                       {grantee_kind, grantee}
    ROUTED_TO_VERIFIER_BODY        a Verifier Body assesses it, so it is not enrolled (FAQ 7)
    """

    FACILITY_REGISTERED = "FACILITY_REGISTERED"
    ENROLLED = "ENROLLED"
    ELIGIBILITY_RECORDED = "ELIGIBILITY_RECORDED"
    CYCLE_OPENED = "CYCLE_OPENED"
    INTEREST_DECLARED = "INTEREST_DECLARED"
    PLATFORM_SET_UP = "PLATFORM_SET_UP"
    GATEWAY_INVITATION_SENT = "GATEWAY_INVITATION_SENT"
    PROFILE_SUBMITTED = "PROFILE_SUBMITTED"
    PROFILE_APPROVED = "PROFILE_APPROVED"
    PROFILE_RETURNED = "PROFILE_RETURNED"
    LINK_REQUESTED = "LINK_REQUESTED"
    LINKED = "LINKED"
    SELF_ASSESSMENT_COMPLETED = "SELF_ASSESSMENT_COMPLETED"
    ASSESSED = "ASSESSED"
    REPORT_POSTED = "REPORT_POSTED"
    DATA_SUBMITTED = "DATA_SUBMITTED"
    SHARED = "SHARED"
    UNSHARED = "UNSHARED"
    ROUTED_TO_VERIFIER_BODY = "ROUTED_TO_VERIFIER_BODY"
    CYCLE_CLOSED = "CYCLE_CLOSED"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a facility on a day; `sequence` orders events of one day."""

    kind: EventKind
    occurred_on: date
    sequence: int
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grant:
    """Whom the facility lets see its data, how, and from which day; `cycle` is when it did so."""

    grantee_kind: str
    grantee: str
    channel: SharingChannel
    granted_on: date
    cycle: int


@dataclass(frozen=True, slots=True)
class FacilityState:
    """Where a facility stands after some of its events.

    `cycle` counts its service cycles, 0 before the first; `opened_on` and `closed_on` are the
    days of that cycle. `step_dates` gives the day on which a workflow step was last taken, in
    this cycle or, for what lasts longer than one, in an earlier one. `grants` are the ones in
    force. `standing` is what the guards of the next event look at; see `kb.rules.transitions`.
    """

    profile: FacilityProfile
    cycle: int
    opened_on: date | None
    closed_on: date | None
    step_dates: Mapping[str, date]
    grants: tuple[Grant, ...]
    last_sequence: int
    standing: Mapping[str, str]


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

# How far the registration on the Gateway has come; it lasts over cycles, until the link is made.
_REGISTRATION = {
    EventKind.PLATFORM_SET_UP: Progress.PLATFORM_SET_UP,
    EventKind.GATEWAY_INVITATION_SENT: Progress.GATEWAY_INVITED,
    EventKind.PROFILE_SUBMITTED: Progress.PROFILE_SUBMITTED,
    EventKind.LINK_REQUESTED: Progress.LINK_REQUESTED,
}

_PLACE = {progress: place for place, progress in enumerate(Progress)}


def without_other_grants(
    events: Iterable[Event], grantee_kind: str, grantee: str
) -> Iterator[Event]:
    """The events but what is shared with others than this recipient, or withdrawn from them.

    Whoever receives data sees the facility by these events, so that it cannot learn with whom
    else the facility shares, when it began, or when it ceased.
    """
    for event in events:
        others = event.kind in (EventKind.SHARED, EventKind.UNSHARED) and _grantee(event) != (
            grantee_kind,
            grantee,
        )
        if not others:
            yield event


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


def _folded(country: str, events: Iterable[Event], until: date | None) -> tuple[FacilityState, ...]:
    story = _Story(country)
    ends: list[FacilityState] = []
    for event in sorted(events, key=lambda one: (one.occurred_on, one.sequence)):
        if until is not None and event.occurred_on > until:
            break
        if event.kind is EventKind.CYCLE_OPENED and story.cycle > 0:
            ends.append(story.state())
        story.take(event)
    return (*ends, story.state())


class _Story:
    """The events taken so far."""

    def __init__(self, country: str) -> None:
        self.country = country
        self.answers = dict.fromkeys(
            ("enrolled", "in_scope", "capacity_available"), Ternary.UNKNOWN
        )
        self.gateway = GatewayProfileState.NONE
        self.registration = Progress.NONE
        self.declared_on: date | None = None  # interest that no assessment has used yet
        self.declared_ever = False
        self.steps: tuple[int, ...] | None = None  # None: no self-assessment in this cycle
        self.assessed: FacilityProfile | None = None  # the profile as the assessment found it
        self.outcome = Progress.NONE
        self.cycle = 0
        self.opened_on: date | None = None
        self.closed_on: date | None = None
        self.step_dates: dict[str, date] = {}
        self.grants: dict[tuple[str, str, SharingChannel], Grant] = {}
        self.last_sequence = 0

    def take(self, event: Event) -> None:
        self.last_sequence = max(self.last_sequence, event.sequence)
        for code in _STEPS.get(event.kind, ()):
            self.step_dates[code] = event.occurred_on
        if event.kind in _REGISTRATION:
            reached = _REGISTRATION[event.kind]
            self.registration = max(self.registration, reached, key=_PLACE.__getitem__)
        match event.kind:
            case EventKind.ENROLLED:
                self.answers["enrolled"] = Ternary.YES
            case EventKind.ROUTED_TO_VERIFIER_BODY:
                self.answers["enrolled"] = Ternary.NO
            case EventKind.ELIGIBILITY_RECORDED:
                for name in self.answers:
                    if name in event.payload:
                        self.answers[name] = _read(Ternary, event, name)
            case EventKind.CYCLE_OPENED:
                self._open_cycle(event.occurred_on)
            case EventKind.CYCLE_CLOSED:
                self.closed_on = event.occurred_on
            case EventKind.INTEREST_DECLARED:
                self.declared_on, self.declared_ever = event.occurred_on, True
                late = "DECLARE_INTEREST_NEXT_CYCLE"
                self.step_dates[late if self.assessed else "DECLARE_INTEREST"] = event.occurred_on
            case EventKind.FACILITY_REGISTERED:
                if event.payload.get("gateway_id"):
                    self._have_profile()
            case EventKind.PROFILE_APPROVED | EventKind.LINK_REQUESTED:
                self._have_profile()
            case EventKind.PROFILE_RETURNED:
                self._return_profile()
            case EventKind.LINKED:
                # By hand where a Gateway ID was handed over (FAQ 10), else by logging in (FAQ 9).
                by_hand = "GIVE_GATEWAY_ID" in self.step_dates
                self.step_dates["ADD_GATEWAY_ID" if by_hand else "LOG_IN_TO_CONNECT"] = (
                    event.occurred_on
                )
                self.gateway = GatewayProfileState.LINKED
            case EventKind.SELF_ASSESSMENT_COMPLETED:
                self.steps = tuple(event.payload.get("steps", ()))
            case EventKind.ASSESSED:
                self._assess(event)
            case EventKind.REPORT_POSTED:
                self._reach(Progress.REPORT_POSTED)
            case EventKind.DATA_SUBMITTED:
                self._reach(Progress.DATA_SUBMITTED)
            case EventKind.SHARED:
                self._share(event)
            case EventKind.UNSHARED:
                self._unshare(event)

    def _open_cycle(self, day: date) -> None:
        for code in _STEPS_OF_A_CYCLE:
            self.step_dates.pop(code, None)
        if self.declared_on is not None:
            self.step_dates["DECLARE_INTEREST"] = self.declared_on
        self.cycle += 1
        self.opened_on, self.closed_on = day, None
        self.steps, self.assessed, self.outcome = None, None, Progress.NONE

    def _have_profile(self) -> None:
        if self.gateway is GatewayProfileState.NONE:
            self.gateway = GatewayProfileState.EXISTS_UNLINKED

    def _return_profile(self) -> None:
        if self.gateway is GatewayProfileState.NONE:
            self.step_dates.pop("SUBMIT_FACILITY_PROFILE", None)
            invited = "SEND_GATEWAY_INVITATION" in self.step_dates
            self.registration = Progress.GATEWAY_INVITED if invited else Progress.NONE

    def _assess(self, event: Event) -> None:
        kind = _read(AssessmentKind, event, "kind")
        # The first assessment of a cycle settles it; a later visit reaches back no more.
        if self.assessed is None:
            self.assessed = self._profile(kind)
            self.declared_on = None

    def _reach(self, progress: Progress) -> None:
        self.outcome = max(self.outcome, progress, key=_PLACE.__getitem__)

    def _share(self, event: Event) -> None:
        channel = _read(SharingChannel, event, "channel")
        kind, grantee = _grantee(event)
        self.grants[kind, grantee, channel] = Grant(
            kind, grantee, channel, event.occurred_on, self.cycle
        )

    def _unshare(self, event: Event) -> None:
        grantee = _grantee(event)
        for key in [key for key in self.grants if key[:2] == grantee]:
            del self.grants[key]
        if not self._shared_this_cycle():
            self.step_dates.pop("SHARE", None)

    def _shared_this_cycle(self) -> bool:
        return any(grant.cycle == self.cycle for grant in self.grants.values())

    def _profile(self, assessment: AssessmentKind) -> FacilityProfile:
        """The profile if no assessment had come before now."""
        return FacilityProfile(
            country=self.country,
            **self.answers,
            gateway_profile=self.gateway,
            interest=InterestTiming.NOT_DECLARED
            if self.declared_on is None
            else InterestTiming.BEFORE_ASSESSMENT,
            assessment=assessment,
            self_assessed_before=Ternary.NO if self.steps is None else Ternary.YES,
            self_assessment_steps=self.steps or (),
            progress=self._progress(self.gateway),
        )

    def _progress(self, gateway: GatewayProfileState) -> Progress:
        if self._shared_this_cycle():
            return Progress.SHARED
        if self.outcome is not Progress.NONE:
            return self.outcome
        return Progress.NONE if gateway is GatewayProfileState.LINKED else self.registration

    def _present_profile(self) -> FacilityProfile:
        found = self.assessed
        if found is None:
            return self._profile(AssessmentKind.NONE)
        in_time = found.interest is InterestTiming.BEFORE_ASSESSMENT
        late = (
            InterestTiming.NOT_DECLARED
            if self.declared_on is None
            else (InterestTiming.AFTER_ASSESSMENT)
        )
        # Without interest in time the present Gateway state decides nothing for this cycle, but
        # it tells what is left to do for the next one.
        gateway = found.gateway_profile if in_time else self.gateway
        return FacilityProfile(
            country=self.country,
            **self.answers,
            gateway_profile=gateway,
            interest=found.interest if in_time else late,
            assessment=found.assessment,
            self_assessed_before=found.self_assessed_before,
            self_assessment_steps=found.self_assessment_steps,
            progress=self._progress(gateway),
        )

    def state(self) -> FacilityState:
        return FacilityState(
            profile=self._present_profile(),
            cycle=self.cycle,
            opened_on=self.opened_on,
            closed_on=self.closed_on,
            step_dates=MappingProxyType(dict(self.step_dates)),
            grants=tuple(self.grants.values()),
            last_sequence=self.last_sequence,
            standing=MappingProxyType(self._standing()),
        )

    def _standing(self) -> dict[str, str]:
        cycle = "NONE" if self.cycle == 0 else "OPEN" if self.closed_on is None else "CLOSED"
        submitted = _PLACE[self.outcome] >= _PLACE[Progress.DATA_SUBMITTED]
        return {
            **self.answers,
            "gateway_profile": self.gateway,
            "registration": self.registration,
            "cycle": cycle,
            "interest_open": yes_or_no(self.declared_on is not None),
            "interest_ever": yes_or_no(self.declared_ever),
            "assessed": yes_or_no(self.assessed is not None),
            "data_submitted": yes_or_no(submitted),
        }


def yes_or_no(value: bool) -> Ternary:
    """YES or NO, for a guard."""
    return Ternary.YES if value else Ternary.NO


Choice = TypeVar("Choice", bound=StrEnum)


def _read(choices: type[Choice], event: Event, name: str) -> Choice:
    """One value of the payload, or InvalidInputError with the values it may have."""
    value = event.payload.get(name)
    allowed = [one for one in choices if one != AssessmentKind.NONE]
    if value not in allowed:
        raise InvalidInputError(f"{event.kind}.{name}", value, ", ".join(allowed))
    return choices(value)


def _grantee(event: Event) -> tuple[str, str]:
    """The kind and the name of whom the data is shared with."""
    kind, name = event.payload.get("grantee_kind"), event.payload.get("grantee")
    if not kind or not name:
        raise InvalidInputError(
            f"{event.kind}.grantee", name, "grantee_kind and grantee, both with a value"
        )
    return str(kind), str(name)
