"""Many facilities or suppliers counted by what is decided for them, now and if things changed."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from kb.rules.days import local_days
from kb.rules.hypothetical import Standing, Supposition, standing, supposed
from kb.rules.inputs import FacilityProfile
from kb.rules.outcomes import Applicability
from kb.services.knowledge.decision_filter import (
    DecisionBasis,
    blockers_of,
    data_labels_of,
    next_actor,
    primary_blocker,
)

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
        counts: Counter[str | None] = Counter()
        of_data = dimension is Dimension.DATA_LABEL
        for (key, status_only), number in self.numbers.items():
            if not (of_data and status_only):
                for value in _VALUES[dimension](self.decisions[key]):
                    counts[value] += number
        return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0] or "")))

    def by_route(self) -> Sequence[tuple[Applicability, int]]:
        """A decision for each route, with how many are on it; the most first."""
        numbers: Counter[str] = Counter()
        example: dict[str, Applicability] = {}
        for (key, _), number in self.numbers.items():
            decision = self.decisions[key]
            numbers[decision.workflow.route] += number
            example.setdefault(decision.workflow.route, decision)
        return [(example[route], number) for route, number in numbers.most_common()]


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
    by_age: Counter[Age] = Counter()
    for day, number in changes.items():
        days = max(0, (as_of - day).days)
        by_age[next(age for age in AGES if age.to_days is None or days <= age.to_days)] += number
    return {age: by_age[age] for age in AGES}


def days_of(age: Age, as_of: date) -> tuple[date | None, date | None]:
    """The first and last day of a last change that is of that age."""
    first = None if age.to_days is None else as_of - timedelta(days=age.to_days)
    last = None if age.from_days == 0 else as_of - timedelta(days=age.from_days)
    return first, last


def months_until(last: date, number: int) -> list[str]:
    """The months up to that of a day, oldest first, as 2021-10."""
    months = [divmod(last.year * 12 + last.month - 1 - back, 12) for back in range(number)]
    return [f"{year:04}-{month + 1:02}" for year, month in reversed(months)]


@dataclass(frozen=True, slots=True)
class PortfolioWhatIf:
    """Where those that were counted stand, and where they would if things changed.

    `flips` is the key of those that would stand elsewhere to where they stand and would stand, and
    `flipped` how many of them there are.
    """

    before: Mapping[Standing, int]
    after: Mapping[Standing, int]
    flips: Mapping[str, tuple[Standing, Standing]]
    flipped: int


async def what_if(
    counted: Portfolio, supposition: Supposition, by: DecisionBasis, as_of: date | None
) -> PortfolioWhatIf:
    """Decide for all keys once as things are, and once as they are supposed to be."""
    before: Counter[Standing] = Counter()
    after: Counter[Standing] = Counter()
    flips: dict[str, tuple[Standing, Standing]] = {}
    flipped = 0
    for place, ((key, _), number) in enumerate(counted.numbers.items(), start=1):
        profile = FacilityProfile.from_key(key)
        day = as_of or local_days(profile.country, by.now).today
        rulebook = by.knowledge.library.rulebook
        changed, rules = supposed(profile, rulebook, supposition, day)
        stands = standing(profile, rulebook, day, by.layers)
        would_stand = standing(changed, rules, day, by.layers)
        before[stands] += number
        after[would_stand] += number
        if stands != would_stand:
            flips[key] = stands, would_stand
            flipped += number
        if place % _AT_ONCE == 0:
            await asyncio.sleep(0)
    return PortfolioWhatIf(before, after, flips, flipped)
