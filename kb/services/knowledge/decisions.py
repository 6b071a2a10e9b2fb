"""Decisions, made once for each decision key and kept."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import date
from threading import Lock
from typing import TypeVar, cast

from kb.content.records import Library
from kb.rules.codes import ProfileQuestion
from kb.rules.counterfactual import Goal, WhatWouldChange, what_would_change
from kb.rules.decide import decide
from kb.rules.facts import Layers, position_on
from kb.rules.guided import Guide, NextQuestion
from kb.rules.hypothetical import Standing, Supposition, standing, supposed
from kb.rules.inputs import FacilityProfile
from kb.rules.outcomes import Applicability
from kb.rules.public_record import RELIANCE, Reliance, turning_days

# About 6 kB each, so at most some 6 MB; 3,000 facilities have some 200 decision keys.
KEPT = 1_000

_GUIDES_KEPT = 8

TURNS_KEPT = 10_000
"""Some 300 bytes each, with their keys."""

SUPPOSITIONS_KEPT = 200
"""For how many suppositions, days and layers together turns are kept, also where no key turns."""

WAYS_KEPT = 500
"""At most some 10 kB each."""

Made = TypeVar("Made")

_OTHER = ""
"""Any country of which no fact is dated."""


Turn = tuple[Standing, Standing]
"""Where facilities stand, and where they would; the same object twice if that is the same."""


class Turns(dict[str, Turn]):
    """Turns by decision keys, each found out when it is first asked for; equal ones are one."""

    def __init__(self, find_out: Callable[[str], Turn]) -> None:
        self._find_out = find_out
        self._known: dict[Turn, Turn] = {}

    def __missing__(self, key: str) -> Turn:
        turn = self._find_out(key)
        made = self[key] = self._known.setdefault(turn, turn)
        return made


class Decisions:
    """What applies to each decision key, under one knowledge release.

    A decision depends on the day only through the dated facts of the facility's country and of the
    public record, and on whether those can still be relied on, so it is kept for each key, layers
    and position among the days on which that changes. When `kept` decisions are held, the
    oldest gives way. May be used from several threads.
    """

    def __init__(self, library: Library, kept: int = KEPT, reliance: Reliance = RELIANCE) -> None:
        self._rulebook = library.rulebook
        self.reliance = reliance
        self._kept = kept
        self._by_place: dict[tuple[str, Layers, int], Applicability] = {}
        self._turning_days: dict[Layers, Mapping[str, tuple[date, ...]]] = {}
        self._guides: dict[tuple[str, Layers, int], Guide] = {}
        self._made: dict[tuple[int, Hashable], tuple[Applicability, object]] = {}
        self._turns: dict[tuple[date, Layers, Supposition], Turns] = {}
        self._turns_made = 0
        self._ways: dict[tuple[str, Goal, date, Layers], WhatWouldChange] = {}
        self._lock = Lock()

    def on(self, subject: FacilityProfile | str, as_of: date, layers: Layers) -> Applicability:
        """What applies to a profile or decision key on a day; equal questions get one object."""
        key = subject if isinstance(subject, str) else subject.key
        days = self._turning_days_in(layers)
        days_of_country = days.get(key[:2], days[_OTHER])
        place = (key, layers, position_on(days_of_country, as_of))
        decision = self._by_place.get(place)
        if decision is None:
            profile = FacilityProfile.from_key(key) if isinstance(subject, str) else subject
            made = decide(profile, self._rulebook, as_of, layers, self.reliance)
            decision = self._keep(place, made)
        return decision

    def kept_on(
        self, keys: Iterable[str], days: Mapping[str, date], layers: Layers
    ) -> dict[str, Applicability]:
        """The same for many keys and the day in the country of each; only what is kept already."""
        turning = self._turning_days_in(layers)
        positions = {
            country: position_on(turning.get(country, turning[_OTHER]), day)
            for country, day in days.items()
        }
        find = self._by_place.get
        return {
            key: decision
            for key in keys
            if (decision := find((key, layers, positions[key[:2]]))) is not None
        }

    def turns(self, as_of: date, layers: Layers, supposition: Supposition) -> Turns:
        """Where facilities stand on a day, and would if it were as supposed."""
        place = as_of, layers, supposition
        known = self._turns.get(place)
        if known is None:
            if len(self._turns) >= SUPPOSITIONS_KEPT:
                self._forget_turns()
            known = self._turns[place] = Turns(
                lambda key: self._turn(key, as_of, layers, supposition)
            )
        return known

    def next_question(
        self,
        profile: FacilityProfile,
        as_of: date,
        layers: Layers,
        not_known: Iterable[ProfileQuestion] = (),
    ) -> NextQuestion | None:
        """What to ask next about a profile; see `kb.rules.guided`."""
        days = self._turning_days_in(layers)
        position = position_on(days.get(profile.country, days[_OTHER]), as_of)
        place = profile.country, layers, position
        guide = self._guides.get(place)
        if guide is None:
            with self._lock:
                while len(self._guides) >= _GUIDES_KEPT:
                    del self._guides[next(iter(self._guides))]
                guide = self._guides.setdefault(place, Guide(self._rulebook, as_of, layers))
        return guide.next_question(profile, not_known)

    def what_would_change(
        self, profile: FacilityProfile, goal: Goal, as_of: date, layers: Layers
    ) -> WhatWouldChange:
        """What has to change for a goal to hold; see `kb.rules.counterfactual`.

        It takes half a millisecond where it is not kept.
        """
        kept = self.kept_ways(profile, goal, as_of, layers)
        if kept is not None:
            return kept
        made = what_would_change(profile, goal, self._rulebook, as_of, layers)
        with self._lock:
            if len(self._ways) >= WAYS_KEPT:
                self._ways.clear()
            return self._ways.setdefault((profile.key, goal, as_of, layers), made)

    def kept_ways(
        self, profile: FacilityProfile, goal: Goal, as_of: date, layers: Layers
    ) -> WhatWouldChange | None:
        """The same if it was found out before; else None."""
        return self._ways.get((profile.key, goal, as_of, layers))

    def made_of(
        self, decision: Applicability, how: Hashable, make: Callable[[Applicability], Made]
    ) -> Made:
        """What is made of a decision, which is kept under the decision and `how`."""
        place = id(decision), how  # which stays its own, as the decision is kept with it
        kept = self._made.get(place)
        if kept is None:
            made = make(decision)
            with self._lock:
                if len(self._made) >= self._kept:
                    self._made.clear()
                kept = self._made.setdefault(place, (decision, made))
        return cast(Made, kept[1])

    def __len__(self) -> int:
        return len(self._by_place)

    def _turn(self, key: str, as_of: date, layers: Layers, supposition: Supposition) -> Turn:
        if self._turns_made >= TURNS_KEPT:
            self._forget_turns()
        self._turns_made += 1
        profile = FacilityProfile.from_key(key)
        changed, rules = supposed(profile, self._rulebook, supposition, as_of)
        stands = standing(profile, self._rulebook, as_of, layers)
        would_stand = standing(changed, rules, as_of, layers)
        return stands, stands if would_stand == stands else would_stand

    def _forget_turns(self) -> None:
        self._turns.clear()
        self._turns_made = 0

    def _keep(self, place: tuple[str, Layers, int], made: Applicability) -> Applicability:
        with self._lock:
            if place not in self._by_place and len(self._by_place) >= self._kept:
                del self._by_place[next(iter(self._by_place))]
            return self._by_place.setdefault(place, made)

    def _turning_days_in(self, layers: Layers) -> Mapping[str, tuple[date, ...]]:
        days = self._turning_days.get(layers)
        if days is None:
            general = set(turning_days(self._rulebook, layers, self.reliance))
            days = self._turning_days[layers] = {
                country: tuple(
                    sorted(general | {fact.valid_from for fact in facts if fact.layer in layers})
                )
                for country, facts in (*self._rulebook.countries.items(), (_OTHER, ()))
            }
        return days
