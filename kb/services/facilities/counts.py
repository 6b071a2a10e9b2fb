"""Facilities counted, also by what is decided for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from kb.rules.codes import BlockerCode, SharingStatus
from kb.rules.inputs import AssessedBy
from kb.services.access.matrix import Capability, Viewer, require
from kb.services.facilities.sql import CURRENT_INDEXED, FacilityFilter, Statement, apply_filter
from kb.services.facilities.views import ALL_FACILITIES
from kb.services.knowledge.decision_filter import DecisionBasis, decisions_by_key, primary_blocker

_COUNT = f"SELECT COUNT(*) FROM {{projections}} p WHERE {CURRENT_INDEXED}"
_COUNT_KEYS = f"SELECT p.decision_key, COUNT(*) FROM {{projections}} p WHERE {CURRENT_INDEXED}"


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


async def count_facilities(
    viewer: Viewer, by: DecisionBasis, *, only: FacilityFilter = ALL_FACILITIES
) -> int:
    """How many facilities fit."""
    require(viewer, Capability.READ_FACILITIES)
    statement = Statement(_COUNT, viewer)
    await apply_filter(statement, only, by, viewer)
    return int((await statement.rows())[0][0])


async def rollup(
    viewer: Viewer, by: DecisionBasis, *, only: FacilityFilter = ALL_FACILITIES
) -> Rollup:
    """Count the facilities that fit by what is decided for them: one statement, few decisions."""
    require(viewer, Capability.READ_STATUS)
    statement = Statement(_COUNT_KEYS, viewer)
    await apply_filter(statement, only, by, viewer)
    statement.text += " GROUP BY p.decision_key ORDER BY p.decision_key"
    counts = {row[0]: row[1] for row in await statement.rows()}
    countries: Counter[str] = Counter()
    assessors: Counter[AssessedBy] = Counter()
    sharing: Counter[SharingStatus] = Counter()
    blockers: Counter[BlockerCode | None] = Counter()
    for key, answer in (await decisions_by_key(counts, by)).items():
        countries[answer.profile.country] += counts[key]
        assessors[answer.assessment.assessed_by] += counts[key]
        sharing[answer.sharing.status] += counts[key]
        blockers[primary_blocker(answer)] += counts[key]
    return Rollup(
        total=sum(counts.values()),
        by_country=dict(countries.most_common()),
        by_assessor=dict(assessors.most_common()),
        by_sharing=dict(sharing.most_common()),
        by_primary_blocker=dict(blockers.most_common()),
    )
