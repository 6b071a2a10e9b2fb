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
from kb.rules.inputs import FacilityProfile
from kb.rules.outcomes import Applicability
from kb.rules.public_record import RELIANCE, Reliance, turning_days

# About 6 kB each, so at most some 6 MB; 3,000 facilities have some 200 decision keys.
KEPT = 1_000

_GUIDES_KEPT = 8

Made = TypeVar("Made")

_OTHER = ""
"""Any country of which no fact is dated."""


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
        self, subject: FacilityProfile | str, goal: Goal, as_of: date, layers: Layers
    ) -> WhatWouldChange:
        """What has to change for a goal to hold; see `kb.rules.counterfactual`."""
        profile = FacilityProfile.from_key(subject) if isinstance(subject, str) else subject
        return what_would_change(profile, goal, self._rulebook, as_of, layers)

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
