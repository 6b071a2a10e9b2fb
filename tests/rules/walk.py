"""Every state of the workflow that events lead to, for tests that must hold in all of them.

The walk starts from a facility without events and follows every event that a person may record
there (`kb.rules.transitions`), with every payload below, until no new state turns up. States are
the same when the rules cannot tell them apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from kb.content.records import Library
from kb.rules.codes import Actor
from kb.rules.decide import decide
from kb.rules.events import Event, EventKind, FacilityState
from kb.rules.facts import ALL_LAYERS
from kb.rules.folding import fold
from kb.rules.inputs import CountryKind, FacilityProfile
from kb.rules.outcomes import Applicability, NextAction
from kb.rules.roles import Role
from kb.rules.transitions import failed_guard, standing_of
from tests.rules.cases import COUNTRY_OF, DAY

K = EventKind
Signature = tuple[str, tuple[tuple[str, str], ...], bool, frozenset[tuple[str, str, bool]]]
COUNTRIES = tuple(COUNTRY_OF.values())
"""A country of each kind."""

RECIPIENT = {"grantee_kind": "BRAND", "grantee": "Demo Brand"}
PAYLOADS: Mapping[EventKind, tuple[dict[str, Any], ...]] = {
    K.ELIGIBILITY_RECORDED: (
        {"enrolled": "NO", "in_scope": "YES", "capacity_available": "YES"},
        {"enrolled": "NO", "in_scope": "NO"},
        {"enrolled": "UNKNOWN", "in_scope": "YES"},
    ),
    K.PROFILE_APPROVED: ({"gateway_id": "DEMO-GW-1"},),
    K.LINK_REQUESTED: ({"gateway_id": "DEMO-GW-1"},),
    K.SELF_ASSESSMENT_COMPLETED: ({"steps": [1, 2]},),
    K.ASSESSED: ({"kind": "ONSITE"}, {"kind": "VCC"}),
    K.SHARED: ({"channel": "EMAIL_LINK", **RECIPIENT},),
    K.UNSHARED: (RECIPIENT,),
    K.SIGHT_GRANTED: (RECIPIENT,),
    K.SIGHT_WITHDRAWN: (RECIPIENT,),
}


class Deciding:
    """The rules of a library, with what they have answered."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._answers: dict[str, Applicability] = {}

    def answer(self, key: str) -> Applicability:
        """What applies to the profile with that decision key."""
        if key not in self._answers:
            profile = FacilityProfile.from_key(key)
            self._answers[key] = decide(profile, self.library.rulebook, DAY, ALL_LAYERS)
        return self._answers[key]


@dataclass(frozen=True)
class State:
    """A state of the workflow, and the shortest events that lead to it."""

    rules: Deciding = field(repr=False)
    country: str
    events: tuple[Event, ...]

    @cached_property
    def folded(self) -> FacilityState:
        return fold(self.country, self.events)

    @cached_property
    def answer(self) -> Applicability:
        return self.rules.answer(self.folded.profile.key)

    @cached_property
    def signature(self) -> Signature:
        """What the rules can tell of the state."""
        grants = frozenset(
            (grant.grantee, grant.channel, grant.cycle == self.folded.cycle)
            for grant in self.folded.grants
        )
        # Whether a profile that is returned goes back to the invitation.
        invited = "SEND_GATEWAY_INVITATION" in self.folded.step_dates
        standing = tuple(sorted(self.folded.standing.items()))
        return (self.folded.profile.key, standing, invited, grants)

    def refusal(self, event: Event) -> str | None:
        """The code of the guard that refuses an event, or None."""
        kind = self.answer.country.kind or CountryKind.NOT_NAMED
        standing = standing_of(self.folded, kind, self.answer.sharing.status, event)
        guard = failed_guard(self.rules.library.transitions[event.kind], standing)
        return guard.code if guard else None

    def event(self, kind: EventKind, payload: Mapping[str, Any]) -> Event:
        return Event(kind, DAY, len(self.events) + 1, payload)

    def after(self, event: Event) -> State:
        return State(self.rules, self.country, (*self.events, event))

    def moves(self) -> Iterator[tuple[Event, State]]:
        """Every event that somebody may record here, and where it leads."""
        for kind in self.rules.library.transitions:
            for payload in PAYLOADS.get(kind, ({},)):
                event = self.event(kind, payload)
                if self.refusal(event) is None:
                    yield event, self.after(event)

    def __str__(self) -> str:
        names = ", ".join(event.kind for event in self.events) or "no events"
        return f"{self.country}: {names} [{self.folded.profile.key}]"


@dataclass(frozen=True)
class Graph:
    """All states of a country, with the moves between them by signature."""

    states: Mapping[Signature, State]
    moves: Mapping[Signature, tuple[tuple[Event, Signature], ...]]

    def __iter__(self) -> Iterator[State]:
        return iter(self.states.values())

    @cached_property
    def distances(self) -> Mapping[Signature, int]:
        """How many events are left at least until data of the cycle is shared; no entry: never."""
        before: dict[Signature, set[Signature]] = {}
        for start, moves in self.moves.items():
            for _, end in moves:
                before.setdefault(end, set()).add(start)
        near = [key for key, state in self.states.items() if is_shared(state)]
        distances = dict.fromkeys(near, 0)
        for key in near:
            for start in before.get(key, ()):
                if start not in distances:
                    distances[start] = distances[key] + 1
                    near.append(start)
        return distances


def is_shared(state: State) -> bool:
    """Whether data of the present cycle is shared with somebody."""
    return any(grant.cycle == state.folded.cycle for grant in state.folded.grants)


def walk(library: Library, country: str) -> Graph:
    """All states that a facility of the country can come to."""
    first = State(Deciding(library), country, ())
    states = {first.signature: first}
    moves: dict[Signature, tuple[tuple[Event, Signature], ...]] = {}
    waiting = [first]
    for state in waiting:
        transitions = []
        for event, end in state.moves():
            if end.signature not in states:
                states[end.signature] = end
                waiting.append(end)
            transitions.append((event, end.signature))
        moves[state.signature] = tuple(transitions)
    return Graph(states, moves)


def role_of(action: NextAction) -> Role:
    """In which role the event of an action is recorded.

    Better Work records what the factory has done together with it: joining, the link, and what
    the country programme found out for it.
    """
    with_better_work = {K.ENROLLED, K.LINKED, K.ELIGIBILITY_RECORDED}
    if action.actor is Actor.SLCP:
        return Role.SLCP_OFFICER
    if action.actor is Actor.FACILITY and action.event not in with_better_work:
        return Role.FACILITY
    return Role.PROGRAMME_OFFICER
