"""Many facilities or suppliers counted by what is decided for them, now and if things changed."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from kb.rules.brand_advice import names_country, what_a_brand_may
from kb.rules.days import local_days
from kb.rules.hypothetical import Standing, Supposition
from kb.rules.outcomes import Applicability
from kb.services.knowledge.decision_filter import (
    DecisionBasis,
    blockers_of,
    data_labels_of,
    next_actor,
    primary_blocker,
)
from kb.services.knowledge.decisions import Turn, Turns

# What was never decided before takes up to a millisecond; others must get their turn.
_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Member:
    """One of those that are counted; `changed_on` is the day of its last change, if there is one.

    Members with the same `decision_key` get the same decision. Of one that is `status_only` the
    viewer sees where it stands, and none of its data.
    """

    id: int
    decision_key: str
    changed_on: date | None
    status_only: bool = False


class Dimension(StrEnum):
    """By what members are counted; each member has one value of it, none, or several."""

    ASSESSED_BY = "ASSESSED_BY"
    SHARING = "SHARING"
    PRIMARY_BLOCKER = "PRIMARY_BLOCKER"
    BLOCKER = "BLOCKER"
    COUNTRY = "COUNTRY"
    DATA_LABEL = "DATA_LABEL"
    WORKFLOW_STATE = "WORKFLOW_STATE"
    ROUTE = "ROUTE"
    NEXT_ACTOR = "NEXT_ACTOR"


_VALUES: Mapping[Dimension, Callable[[Applicability], Collection[str | None]]] = {
    Dimension.ASSESSED_BY: lambda answer: (answer.assessment.assessed_by,),
    Dimension.SHARING: lambda answer: (answer.sharing.status,),
    Dimension.PRIMARY_BLOCKER: lambda answer: (primary_blocker(answer),),
    Dimension.BLOCKER: blockers_of,
    Dimension.COUNTRY: lambda answer: (answer.profile.country,),
    Dimension.DATA_LABEL: data_labels_of,
    Dimension.WORKFLOW_STATE: lambda answer: (answer.workflow.state,),
    Dimension.ROUTE: lambda answer: (answer.workflow.route,),
    Dimension.NEXT_ACTOR: lambda answer: (next_actor(answer),),
}


@dataclass(frozen=True, slots=True)
class Age:
    """Days since the last change, from one number to another; the oldest have no end."""

    from_days: int
    to_days: int | None


AGES = (Age(0, 30), Age(31, 90), Age(91, 180), Age(181, 365), Age(366, None))
_OLDEST = [age.to_days for age in AGES if age.to_days is not None]


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Those that were counted: how many have each key, with the decision for it.

    With the key goes whether the viewer sees their status only. `changes` is the day of their last
    change to how many have it, where that was counted too.
    """

    as_of: date
    numbers: Mapping[tuple[str, bool], int]
    decisions: Mapping[str, Applicability]
    changes: Mapping[date, int] | None = None

    @property
    def total(self) -> int:
        """How many were counted."""
        return sum(self.numbers.values())

    def counts(self, dimension: Dimension) -> Mapping[str | None, int]:
        """Value to how many have it, the largest first; None where there is no value."""
        counts: dict[str | None, int] = {}
        of_data = dimension is Dimension.DATA_LABEL
        values_of, decisions = _VALUES[dimension], self.decisions
        for (key, status_only), number in self.numbers.items():
            if not (of_data and status_only):
                for value in values_of(decisions[key]):
                    counts[value] = counts.get(value, 0) + number
        return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0] or "")))

    def by_advice(self) -> Sequence[tuple[Applicability, int]]:
        """A decision for each advice to a brand, with how many it is for; the most first."""
        numbers: Counter[tuple[str, str | None, str]] = Counter()
        example: dict[tuple[str, str | None, str], Applicability] = {}
        for (key, _), number in self.numbers.items():
            decision = self.decisions[key]
            # What a brand must not do follows from the route.
            advice = (
                decision.workflow.route,
                decision.profile.country if names_country(decision.sharing) else None,
                what_a_brand_may(decision.sharing),
            )
            numbers[advice] += number
            example.setdefault(advice, decision)
        return [(example[advice], number) for advice, number in numbers.most_common()]


def portfolio_of(
    members: Iterable[Member], decisions: Mapping[str, Applicability], as_of: date
) -> Portfolio:
    """The members counted, but for those whose decision is not among these."""
    counted = [member for member in members if member.decision_key in decisions]
    return Portfolio(
        as_of,
        Counter((member.decision_key, member.status_only) for member in counted),
        decisions,
        Counter(member.changed_on for member in counted if member.changed_on is not None),
    )


def counts_by_age(changes: Mapping[date, int], as_of: date) -> Mapping[Age, int]:
    """How many changed last so many days ago, from how many did on each day."""
    by_age = [0] * len(AGES)
    for day, number in changes.items():
        by_age[bisect_left(_OLDEST, (as_of - day).days)] += number
    return dict(zip(AGES, by_age, strict=True))


def days_of(age: Age, as_of: date) -> tuple[date | None, date | None]:
    """The first and last day of a last change that is of that age."""
    first = None if age.to_days is None else _before(as_of, age.to_days)
    last = None if age.from_days == 0 else _before(as_of, age.from_days)
    return first, last


def _before(day: date, days: int) -> date:
    """So many days before, or the first day that there is."""
    return day - timedelta(days=min(days, (day - date.min).days))


def months_until(last: date, number: int) -> list[str]:
    """The months up to that of a day, oldest first, as 2021-10; none before there are days."""
    until = last.year * 12 + last.month - 1
    months = [divmod(until - back, 12) for back in range(min(number, until - 11))]
    return [f"{year:04}-{month + 1:02}" for year, month in reversed(months)]


@dataclass(frozen=True, slots=True)
class PortfolioWhatIf:
    """Where those that were counted stand, and where they would if things changed.

    `flips` is the key of those that would stand elsewhere to where they stand and would stand, and
    `flipped` how many of them there are.
    """

    before: Mapping[Standing, int]
    after: Mapping[Standing, int]
    flips: Mapping[str, Turn]
    flipped: int


async def what_if(
    counted: Portfolio, supposition: Supposition, by: DecisionBasis, as_of: date | None
) -> PortfolioWhatIf:
    """Decide for all keys once as things are, and once as they are supposed to be."""
    by_country: dict[str, Turns] = {}
    flips: dict[str, Turn] = {}
    numbers: dict[int, int] = {}
    turns: dict[int, Turn] = {}
    made = 0
    for (key, _), number in counted.numbers.items():
        known = by_country.get(key[:2])
        if known is None:
            country = key[:2]
            day = as_of or local_days(country, by.now).today
            known = by_country[country] = by.knowledge.decisions.turns(
                day, by.layers, supposition.in_country(country)
            )
        if key not in known:
            made += 1
            if made % _AT_ONCE == 0:
                await asyncio.sleep(0)
        turn = known[key]
        turns[id(turn)] = turn  # of which there are few, and to compare them takes longer
        numbers[id(turn)] = numbers.get(id(turn), 0) + number
        if turn[0] is not turn[1]:
            flips[key] = turn
    before: Counter[Standing] = Counter()
    after: Counter[Standing] = Counter()
    flipped = 0
    for place, (stands, would_stand) in turns.items():
        before[stands] += numbers[place]
        after[would_stand] += numbers[place]
        if stands is not would_stand:
            flipped += numbers[place]
    return PortfolioWhatIf(before, after, flips, flipped)
