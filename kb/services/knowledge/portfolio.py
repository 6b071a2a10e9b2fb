"""Many facilities or suppliers counted by what is decided for them, now and if things changed."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
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
    """Those that were counted, with the decision for each of their keys."""

    as_of: date
    members: tuple[Member, ...]
    decisions: Mapping[str, Applicability]

    def counts(self, dimension: Dimension) -> Mapping[str | None, int]:
        """Value to how many members have it, the largest first; None where there is no value."""
        counted: Counter[str | None] = Counter()
        of_data = dimension is Dimension.DATA_LABEL
        keys = (
            member.decision_key for member in self.members if not (of_data and member.status_only)
        )
        for key, number in Counter(keys).items():
            for value in _VALUES[dimension](self.decisions[key]):
                counted[value] += number
        return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0] or "")))

    def ages(self) -> Mapping[Age, int]:
        """How many members changed last so many days ago."""
        found: Counter[Age] = Counter()
        for member in self.members:
            if member.changed_on is not None:
                days = max(0, (self.as_of - member.changed_on).days)
                found[next(age for age in AGES if age.to_days is None or days <= age.to_days)] += 1
        return {age: found[age] for age in AGES}

    def by_route(self) -> Sequence[tuple[Applicability, int]]:
        """A decision for each route, with how many members are on it; the most first."""
        found: Counter[str] = Counter()
        example: dict[str, Applicability] = {}
        for member in self.members:
            decision = self.decisions[member.decision_key]
            found[decision.workflow.route] += 1
            example.setdefault(decision.workflow.route, decision)
        return [(example[route], number) for route, number in found.most_common()]


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
class Flip:
    """A member that would stand elsewhere."""

    member: Member
    before: Standing
    after: Standing


@dataclass(frozen=True, slots=True)
class PortfolioWhatIf:
    """Where members stand, and where they would if things changed, in their order."""

    before: Mapping[Standing, int]
    after: Mapping[Standing, int]
    flips: tuple[Flip, ...]


async def what_if(
    members: Sequence[Member], supposition: Supposition, by: DecisionBasis, as_of: date | None
) -> PortfolioWhatIf:
    """Decide for all members once as things are, and once as they are supposed to be."""
    pairs: dict[str, tuple[Standing, Standing]] = {}
    for place, key in enumerate(dict.fromkeys(member.decision_key for member in members), start=1):
        profile = FacilityProfile.from_key(key)
        day = as_of or local_days(profile.country, by.now).today
        rulebook = by.knowledge.library.rulebook
        changed, rules = supposed(profile, rulebook, supposition, day)
        pairs[key] = (
            standing(profile, rulebook, day, by.layers),
            standing(changed, rules, day, by.layers),
        )
        if place % _AT_ONCE == 0:
            await asyncio.sleep(0)
    before: Counter[Standing] = Counter()
    after: Counter[Standing] = Counter()
    flips = []
    for member in members:
        one, other = pairs[member.decision_key]
        before[one] += 1
        after[other] += 1
        if one != other:
            flips.append(Flip(member, one, other))
    return PortfolioWhatIf(before, after, tuple(flips))
