"""Facilities counted, also by what is decided for them.

Counts that the database keeps are read where nothing else is asked for than what they are kept by;
else facilities are counted anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from kb.rules.codes import BlockerCode, SharingStatus
from kb.rules.inputs import AssessedBy
from kb.services.access.matrix import Capability, Viewer, require
from kb.services.access.scope import scope_of
from kb.services.facilities.sql import (
    ALL_FACILITIES,
    CURRENT_INDEXED,
    FacilityFilter,
    SqlStatement,
    apply_filter,
    apply_properties,
)
from kb.services.knowledge.decision_filter import DecisionBasis, decisions_by_key, primary_blocker

_ANEW = f"SELECT COUNT(*) FROM {{projections}} p WHERE {CURRENT_INDEXED}"
_KEYS_ANEW = (
    "SELECT p.decision_key, {status_only}, COUNT(*) FROM {projections} p "
    f"WHERE {CURRENT_INDEXED}"
)
_DAYS_ANEW = f"SELECT {{changed_on}}, COUNT(*) FROM {{projections}} p WHERE {CURRENT_INDEXED}"
_KEPT = "SELECT COALESCE(SUM(p.number), 0) FROM facility_count p WHERE TRUE"
_KEYS_KEPT = "SELECT p.decision_key, {status_only}, SUM(p.number) FROM facility_count p WHERE TRUE"
_DAYS_KEPT = "SELECT p.changed_on, SUM(p.number) FROM last_change_count p WHERE TRUE"

CountsByKey = Mapping[tuple[str, bool], int]
"""Decision key, and whether only the status is seen, to how many there are."""


@dataclass(frozen=True, slots=True)
class Rollup:
    """How many facilities there are, by what is decided for them; the largest count first.

    In `by_primary_blocker`, None stands for the facilities that nothing blocks.
    """

    total: int
    by_country: Mapping[str, int]
    by_assessor: Mapping[AssessedBy, int]
    by_sharing: Mapping[SharingStatus, int]
    by_primary_blocker: Mapping[BlockerCode | None, int]


def are_kept(viewer: Viewer, only: FacilityFilter) -> bool:
    """Whether counts by what is decided are kept for what is asked for."""
    return scope_of(viewer).is_counted and only.fits_counts


async def count_facilities(
    viewer: Viewer, by: DecisionBasis, *, only: FacilityFilter = ALL_FACILITIES
) -> int:
    """How many facilities fit, in one statement."""
    require(viewer, Capability.READ_FACILITIES)
    if only.decides:
        return sum((await counts_that_fit(viewer, by, only)).values())
    kept = are_kept(viewer, only)
    statement = SqlStatement(_KEPT if kept else _ANEW, viewer, of_counts=kept)
    for each in only.all_of():
        apply_properties(statement, each, viewer)
    return int((await statement.rows())[0][0])


async def counts_that_fit(viewer: Viewer, by: DecisionBasis, only: FacilityFilter) -> CountsByKey:
    """How many facilities fit all criteria, by key, in one statement."""
    require(viewer, Capability.READ_FACILITIES)
    require(viewer, Capability.READ_STATUS)
    numbers = await counts_by_key(viewer, only)
    fitting = only.fitting(await decisions_by_key(_keys(numbers), by))
    return {place: number for place, number in numbers.items() if place[0] in fitting}


async def rollup(
    viewer: Viewer, by: DecisionBasis, *, only: FacilityFilter = ALL_FACILITIES
) -> Rollup:
    """Count the facilities that fit by what is decided for them: one statement, few decisions."""
    require(viewer, Capability.READ_STATUS)
    numbers = await counts_by_key(viewer, only)
    fitting = only.fitting(await decisions_by_key(_keys(numbers), by))
    countries: Counter[str] = Counter()
    assessors: Counter[AssessedBy] = Counter()
    sharing: Counter[SharingStatus] = Counter()
    blockers: Counter[BlockerCode | None] = Counter()
    for (key, _), number in numbers.items():
        answer = fitting.get(key)
        if answer is not None:
            countries[answer.profile.country] += number
            assessors[answer.assessment.assessed_by] += number
            sharing[answer.sharing.status] += number
            blockers[primary_blocker(answer)] += number
    return Rollup(
        total=countries.total(),
        by_country=dict(countries.most_common()),
        by_assessor=dict(assessors.most_common()),
        by_sharing=dict(sharing.most_common()),
        by_primary_blocker=dict(blockers.most_common()),
    )


async def counts_by_key(viewer: Viewer, only: FacilityFilter) -> CountsByKey:
    """How many facilities fit all criteria that look at no decision, by key, in one statement."""
    kept = are_kept(viewer, only)
    statement = SqlStatement(_KEYS_KEPT if kept else _KEYS_ANEW, viewer, of_counts=kept)
    for each in only.all_of():
        apply_properties(statement, each, viewer)
    statement.text += " GROUP BY 1, 2 ORDER BY 1, 2"
    rows = await statement.rows()
    return {(key, bool(status_only)): number for key, status_only, number in rows if number}


async def counts_by_last_change(
    viewer: Viewer, by: DecisionBasis, only: FacilityFilter
) -> Mapping[date, int]:
    """The day of the last change that is told to how many of the facilities that fit have it."""
    require(viewer, Capability.READ_STATUS)
    kept = are_kept(viewer, only) and not only.decides
    statement = SqlStatement(_DAYS_KEPT if kept else _DAYS_ANEW, viewer, of_counts=kept)
    await apply_filter(statement, only, by, viewer)
    statement.text += " GROUP BY 1"
    rows = await statement.rows()
    return {
        date.fromisoformat(day) if isinstance(day, str) else day: number
        for day, number in rows
        if day is not None and number
    }


def _keys(numbers: CountsByKey) -> list[str]:
    return list(dict.fromkeys(key for key, _ in numbers))
