"""What happens to a facility: the kinds of events, and where they leave it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from kb.errors import InvalidInputError
from kb.rules.inputs import (
    FacilityProfile,
    SharingChannel,
    Ternary,
)


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
    SIGHT_GRANTED, SIGHT_WITHDRAWN it lets a brand see where it stands, without its data, or ceases
                                   to: {grantee_kind, grantee}
    RECORD_CONTESTED               it says that what was recorded on its behalf is wrong: {event,
                                   reason}, the number of that event and its own words
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
    SIGHT_GRANTED = "SIGHT_GRANTED"
    SIGHT_WITHDRAWN = "SIGHT_WITHDRAWN"
    RECORD_CONTESTED = "RECORD_CONTESTED"
    ROUTED_TO_VERIFIER_BODY = "ROUTED_TO_VERIFIER_BODY"
    CYCLE_CLOSED = "CYCLE_CLOSED"


OF_GRANTEES = (
    EventKind.SHARED,
    EventKind.UNSHARED,
    EventKind.SIGHT_GRANTED,
    EventKind.SIGHT_WITHDRAWN,
)
"""The events that name somebody who may see something of the facility."""


@dataclass(slots=True)  # a frozen one takes several times as long to make
class Event:
    """Something that happened to a facility on a day; `sequence` orders events of one day.

    Instances are never changed.
    """

    kind: EventKind
    occurred_on: date
    sequence: int
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grant:
    """Whom the facility lets see its data, by which channel, since when and for which cycle."""

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
    `contestable` are the numbers of events that were recorded on its behalf and that it has not
    contested, `contested` of those that it has, as long as the same is not recorded anew. The
    brands in `sight` may see where it stands, besides those that it shares data with.
    """

    profile: FacilityProfile
    cycle: int
    opened_on: date | None
    closed_on: date | None
    step_dates: Mapping[str, date]
    grants: tuple[Grant, ...]
    last_sequence: int
    standing: Mapping[str, str]
    contestable: tuple[int, ...] = ()
    contested: tuple[int, ...] = ()
    sight: tuple[str, ...] = ()


def yes_or_no(value: bool) -> Ternary:
    """YES or NO, for a guard."""
    return Ternary.YES if value else Ternary.NO


def without_other_grants(
    events: Iterable[Event], grantee_kind: str, grantee: str
) -> Iterator[Event]:
    """The events but what is shared with others than this recipient, or withdrawn from them.

    Whoever receives data sees the facility by these events, so that it cannot learn with whom
    else the facility shares, when it began, or when it ceased; nor that such a record is contested.
    """
    hidden: set[int] = set()
    for event in sorted(events, key=lambda event: event.sequence):
        of_others = event.kind in OF_GRANTEES and grantee_of(event) != (grantee_kind, grantee)
        contests_hidden = (
            event.kind is EventKind.RECORD_CONTESTED and event.payload.get("event") in hidden
        )
        if of_others or contests_hidden:
            hidden.add(event.sequence)
        else:
            yield event


def grantee_of(event: Event) -> tuple[str, str]:
    """The kind and the name of whom the data is shared with."""
    kind, name = event.payload.get("grantee_kind"), event.payload.get("grantee")
    if not kind or not name:
        raise InvalidInputError(
            f"{event.kind}.grantee", name, "grantee_kind and grantee, both with a value"
        )
    return str(kind), str(name)
