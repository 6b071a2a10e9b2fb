"""What would have to change for a goal to hold: the smallest sets of steps, each decided again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from kb.rules.codes import SharingStatus
from kb.rules.evidence import Explained
from kb.rules.facts import Layers
from kb.rules.hypothetical import signed_off
from kb.rules.inputs import (
    ASSESSED,
    AssessedBy,
    AssessmentKind,
    CountryKind,
    FacilityProfile,
    GatewayProfileState,
    InterestTiming,
    Registration,
    ServiceCycle,
    Ternary,
)
from kb.rules.match_rows import MatchedRows, match_rows
from kb.rules.outcomes import NextAction
from kb.rules.rulebook import Rulebook
from kb.rules.tables import any_holds, statement_for
from kb.rules.wording import Wording
from kb.rules.workflow import actions_of


@dataclass(frozen=True, slots=True)
class Goal:
    """What is to hold: every part that is not None."""

    assessed_by: AssessedBy | None = None
    sharing: SharingStatus | None = None

    def holds(self, rows: MatchedRows) -> bool:
        """Whether the matched rows reach it."""
        return (
            not rows.contradictory
            and self.assessed_by in (None, rows.assessment.assessed_by)
            and self.sharing in (None, rows.status)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatWouldChange:
    """What has to change for a goal to hold.

    Of `sets`, each is enough by itself, is in an order in which it can be done, and has no part
    that could be left out; the shortest comes first. Where nothing that a step of the workflow
    does leads there, `sets` is empty and `why_not` says why; it is None where something does, or
    where the goal holds already.
    """

    holds: bool
    sets: tuple[tuple[NextAction, ...], ...]
    why_not: Explained | None


@dataclass(frozen=True, slots=True)
class _Situation:
    """A facility on the way: its profile, and which of the great turns were taken."""

    profile: FacilityProfile
    signed_off: bool = False
    next_cycle: bool = False
    assessed: bool = False


@dataclass(frozen=True, slots=True)
class _Move:
    """Steps that go together: when they can be taken, and what they lead to."""

    steps: tuple[str, ...]
    possible: Callable[[_Situation, CountryKind], bool]
    leads_to: Callable[[_Situation], _Situation]


def _with(**changed: Any) -> Callable[[_Situation], _Situation]:
    def lead(situation: _Situation) -> _Situation:
        return replace(situation, profile=replace(situation.profile, **changed))

    return lead


def _may_sign_off(situation: _Situation, kind: CountryKind) -> bool:
    enrolled = situation.profile.enrolled is Ternary.YES
    return kind is CountryKind.BW_PENDING or (kind is CountryKind.NOT_NAMED and enrolled)


def _may_ask_again(situation: _Situation, _kind: CountryKind) -> bool:
    profile = situation.profile
    return (
        profile.enrolled is Ternary.NO
        and profile.capacity_available is Ternary.NO
        and profile.in_scope is not Ternary.NO
    )


def _may_enrol(situation: _Situation, kind: CountryKind) -> bool:
    profile = situation.profile
    return (
        kind in (CountryKind.ROLLOUT, CountryKind.BW_PENDING)
        and profile.enrolled is not Ternary.YES
        and Ternary.NO not in (profile.in_scope, profile.capacity_available)
    )


def _before_assessment(situation: _Situation) -> bool:
    profile = situation.profile
    return profile.enrolled is Ternary.YES and profile.assessment not in ASSESSED


def _lacks_profile(situation: _Situation) -> bool:
    is_none = situation.profile.gateway_profile is GatewayProfileState.NONE
    return _before_assessment(situation) and is_none


def _has_submitted(situation: _Situation) -> bool:
    return situation.profile.registration is Registration.PROFILE_SUBMITTED


def _may_declare(situation: _Situation, kind: CountryKind) -> bool:
    return (
        _before_assessment(situation)
        and kind is CountryKind.ROLLOUT
        and situation.profile.interest is not InterestTiming.BEFORE_ASSESSMENT
        and not situation.next_cycle
    )


def _may_declare_for_next(situation: _Situation, kind: CountryKind) -> bool:
    profile = situation.profile
    return (
        kind is CountryKind.ROLLOUT
        and profile.assessment in ASSESSED
        and profile.interest is not InterestTiming.AFTER_ASSESSMENT
        and profile.interest_next is not Ternary.YES
    )


def _may_open_next(situation: _Situation) -> bool:
    profile = situation.profile
    return (
        profile.enrolled is Ternary.YES
        and profile.assessment is not AssessmentKind.NONE
        and not situation.assessed
    )


def _open_next(situation: _Situation) -> _Situation:
    profile = replace(situation.profile.for_next_cycle(), service_cycle=ServiceCycle.OPEN)
    return replace(situation, next_cycle=True, profile=profile)


def _carry_out(situation: _Situation) -> _Situation:
    profile = replace(situation.profile, assessment=AssessmentKind.ONSITE)
    return replace(situation, assessed=True, profile=profile)


_NOT_OPEN = (ServiceCycle.NONE, ServiceCycle.CLOSED)

_MOVES = (
    _Move(
        ("WAIT_FOR_SIGN_OFF",),
        _may_sign_off,
        lambda situation: replace(situation, signed_off=True),
    ),
    _Move(("ASK_AGAIN_NEXT_CYCLE",), _may_ask_again, _with(capacity_available=Ternary.YES)),
    _Move(
        ("REGISTER_WITH_BETTER_WORK",),
        _may_enrol,
        _with(enrolled=Ternary.YES, capacity_available=Ternary.YES, assessment=AssessmentKind.NONE),
    ),
    _Move(
        ("CONFIRM_ASSESSMENT",),
        lambda situation, _kind: (
            _before_assessment(situation) and situation.profile.assessment is AssessmentKind.UNKNOWN
        ),
        _with(assessment=AssessmentKind.NONE),
    ),
    _Move(("DECLARE_INTEREST",), _may_declare, _with(interest=InterestTiming.BEFORE_ASSESSMENT)),
    _Move(
        ("DECLARE_INTEREST_NEXT_CYCLE",), _may_declare_for_next, _with(interest_next=Ternary.YES)
    ),
    _Move(
        ("OPEN_NEXT_SERVICE_CYCLE",),
        lambda situation, _kind: (
            _may_open_next(situation) and situation.profile.service_cycle is not ServiceCycle.OPEN
        ),
        _open_next,
    ),
    _Move(
        ("CLOSE_SERVICE_CYCLE", "OPEN_NEXT_SERVICE_CYCLE"),
        lambda situation, _kind: (
            _may_open_next(situation) and situation.profile.service_cycle is ServiceCycle.OPEN
        ),
        _open_next,
    ),
    _Move(
        ("SUBMIT_FACILITY_PROFILE", "APPROVE_FACILITY_PROFILE"),
        lambda situation, _kind: _lacks_profile(situation) and not _has_submitted(situation),
        _with(gateway_profile=GatewayProfileState.EXISTS_UNLINKED),
    ),
    _Move(
        ("APPROVE_FACILITY_PROFILE",),
        lambda situation, _kind: _lacks_profile(situation) and _has_submitted(situation),
        _with(gateway_profile=GatewayProfileState.EXISTS_UNLINKED),
    ),
    _Move(
        ("LINK",),
        lambda situation, _kind: (
            _before_assessment(situation)
            and situation.profile.gateway_profile
            in (GatewayProfileState.EXISTS_UNLINKED, GatewayProfileState.UNKNOWN)
        ),
        _with(gateway_profile=GatewayProfileState.LINKED),
    ),
    _Move(
        ("OPEN_SERVICE_CYCLE",),
        lambda situation, _kind: (
            _before_assessment(situation) and situation.profile.service_cycle in _NOT_OPEN
        ),
        _with(service_cycle=ServiceCycle.OPEN),
    ),
    _Move(
        ("COMPLETE_SELF_ASSESSMENT",),
        lambda situation, _kind: (
            _before_assessment(situation)
            and situation.profile.self_assessed_before is not Ternary.YES
        ),
        _with(self_assessed_before=Ternary.YES),
    ),
    _Move(
        ("CARRY_OUT_ASSESSMENT",),
        lambda situation, _kind: (
            _before_assessment(situation) and situation.profile.service_cycle not in _NOT_OPEN
        ),
        _carry_out,
    ),
)

_Path = tuple[str, ...]


def what_would_change(
    profile: FacilityProfile, goal: Goal, rulebook: Rulebook, as_of: date, layers: Layers
) -> WhatWouldChange:
    """The smallest sets of steps after which a goal holds, found by deciding after each step."""
    rows = match_rows(profile, rulebook, as_of, layers)
    wording = Wording(rulebook, profile.country, layers, rows.fact)
    if goal.holds(rows):
        return WhatWouldChange(holds=True, sets=(), why_not=None)
    paths = _smallest(_paths(_Situation(profile), goal, rulebook, as_of, layers))
    return WhatWouldChange(
        holds=False,
        sets=tuple(_actions(path, rulebook, wording, rows.inputs) for path in paths),
        why_not=None if paths else _why_not(rows, goal, wording),
    )


def _paths(
    start: _Situation, goal: Goal, rulebook: Rulebook, as_of: date, layers: Layers
) -> Iterator[_Path]:
    """The shortest way to every situation in which the goal holds and that is reached first."""
    open_country = signed_off(rulebook, [start.profile.country], as_of)
    ways: dict[_Situation, _Path] = {start: ()}
    waiting = [start]
    for situation in waiting:
        rules = open_country if situation.signed_off else rulebook
        rows = match_rows(situation.profile, rules, as_of, layers)
        if goal.holds(rows):
            yield ways[situation]
            continue
        if rows.kind is None or rows.contradictory:
            continue
        current = replace(situation, profile=situation.profile.with_what_follows())
        for move in _MOVES:
            if move.possible(current, rows.kind):
                reached = move.leads_to(current)
                if reached not in ways:
                    ways[reached] = ways[situation] + move.steps
                    waiting.append(reached)


def _smallest(paths: Iterable[_Path]) -> list[_Path]:
    """Those of the paths, shortest first, that hold no other one."""
    kept: list[_Path] = []
    for path in sorted(paths, key=len):
        if not any(set(smaller) <= set(path) for smaller in kept):
            kept.append(path)
    return kept


def _actions(
    path: _Path, rulebook: Rulebook, wording: Wording, inputs: Mapping[str, str]
) -> tuple[NextAction, ...]:
    turn = path.index("OPEN_NEXT_SERVICE_CYCLE") if "OPEN_NEXT_SERVICE_CYCLE" in path else len(path)
    before, after = path[:turn], path[turn:]
    return (
        *actions_of(before, rulebook, wording, inputs),
        *actions_of(after, rulebook, wording, inputs, for_next_cycle=True, first=len(before) + 1),
    )


def _why_not(rows: MatchedRows, goal: Goal, wording: Wording) -> Explained:
    """Who assesses, or the first blocker, or why sharing stands as it does.

    Sharing is not applicable where somebody else than Better Work assesses, so who does is why.
    """
    by_others = goal.sharing is SharingStatus.NOT_APPLICABLE
    if by_others or goal.assessed_by not in (None, rows.assessment.assessed_by):
        return wording.say(rows.assessment.because)
    for rule in rows.blockers:
        if any_holds(rule.when, rows.inputs):
            return wording.say(rule.because or rule.code)
    if rows.sharing is None:
        return wording.say(rows.assessment.sharing_because or rows.because)
    return wording.say(statement_for(rows.sharing.because, rows.sharing.instead, rows.inputs))
