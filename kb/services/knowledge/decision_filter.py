"""Decisions for many facilities at once: made by key, with one knowledge at one moment."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from kb.rules.days import local_days
from kb.rules.facts import ALL_LAYERS, Layers
from kb.rules.inputs import AssessedBy
from kb.rules.outcomes import Applicability
from kb.rules.rulebook import BlockerCode, SharingStatus, WorkflowState
from kb.services.knowledge.holder import Knowledge

# A decision that was never made before takes about a millisecond; others must get their turn.
_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class DecisionBasis:
    """With what knowledge, at which moment and in which layers facilities are decided.

    Each facility is decided for the day that it then is in its country.
    """

    knowledge: Knowledge
    now: datetime
    layers: Layers = ALL_LAYERS


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionFilter:
    """Which decisions are asked for: those that fit every criterion given, by any of its values."""

    assessed_by: Collection[AssessedBy] = ()
    sharing: Collection[SharingStatus] = ()
    primary_blocker: Collection[BlockerCode] = ()
    workflow_state: Collection[WorkflowState] = ()

    @property
    def looks_at_decisions(self) -> bool:
        """Whether there is any criterion on decisions."""
        return any((self.assessed_by, self.sharing, self.primary_blocker, self.workflow_state))

    def fits(self, answer: Applicability) -> bool:
        """Whether a decision is one of those asked for."""
        return (
            (not self.assessed_by or answer.assessment.assessed_by in self.assessed_by)
            and (not self.sharing or answer.sharing.status in self.sharing)
            and (not self.primary_blocker or primary_blocker(answer) in self.primary_blocker)
            and (not self.workflow_state or answer.workflow.state in self.workflow_state)
        )


def primary_blocker(answer: Applicability) -> BlockerCode | None:
    """What stands in the way first, or None when nothing does."""
    blockers = answer.workflow.blockers
    return blockers[0].code if blockers else None


async def decisions_by_key(keys: Collection[str], by: DecisionBasis) -> dict[str, Applicability]:
    """The decision for each key, in the order of the keys."""
    answers: dict[str, Applicability] = {}
    days: dict[str, date] = {}
    for place, key in enumerate(keys, start=1):
        country = key[:2]
        if country not in days:
            days[country] = local_days(country, by.now).today
        answers[key] = by.knowledge.decisions.on(key, days[country], by.layers)
        if place % _AT_ONCE == 0:
            await asyncio.sleep(0)
    return answers
