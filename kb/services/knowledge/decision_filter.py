"""Decisions for many facilities at once: made by key, with one knowledge at one moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from kb.rules.brand_advice import what_a_brand_may
from kb.rules.codes import Actor, BlockerCode, DataLabelCode, SharingStatus, WorkflowState
from kb.rules.days import local_days
from kb.rules.facts import ALL_LAYERS, Layers
from kb.rules.inputs import AssessedBy
from kb.rules.outcomes import Applicability
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
    """Which decisions are asked for: those that fit every criterion given, by any of its values.

    None asks for nothing, and nothing fits a criterion without values. `unblocked` and
    `nothing_to_do` ask, where they are given, whether nothing stands in the way and whether there
    is no next action.
    """

    assessed_by: Collection[AssessedBy] | None = None
    sharing: Collection[SharingStatus] | None = None
    primary_blocker: Collection[BlockerCode] | None = None
    blocker: Collection[BlockerCode] | None = None
    data_label: Collection[DataLabelCode] | None = None
    workflow_state: Collection[WorkflowState] | None = None
    route: Collection[str] | None = None
    brand_may: Collection[str] | None = None
    next_actor: Collection[Actor] | None = None
    unblocked: bool | None = None
    nothing_to_do: bool | None = None

    @property
    def looks_at_decisions(self) -> bool:
        """Whether there is any criterion on decisions."""
        return any(getattr(self, name) is not None for name in _TRAITS)


def primary_blocker(answer: Applicability) -> BlockerCode | None:
    """What stands in the way first, or None when nothing does."""
    blockers = answer.workflow.blockers
    return blockers[0].code if blockers else None


def next_actor(answer: Applicability) -> Actor | None:
    """Who must act next, or None when there is nothing to do."""
    actions = answer.workflow.next_actions
    return actions[0].actor if actions else None


def blockers_of(answer: Applicability) -> tuple[BlockerCode, ...]:
    """Everything that stands in the way, each code once."""
    return tuple(dict.fromkeys(blocker.code for blocker in answer.workflow.blockers))


def data_labels_of(answer: Applicability) -> tuple[DataLabelCode, ...]:
    """What the data may be called, each label once."""
    return tuple(dict.fromkeys(label.code for label in answer.data_labels))


_TRAITS: Mapping[str, Callable[[Applicability], Collection[object]]] = {
    "assessed_by": lambda answer: (answer.assessment.assessed_by,),
    "sharing": lambda answer: (answer.sharing.status,),
    "primary_blocker": lambda answer: (primary_blocker(answer),),
    "blocker": blockers_of,
    "data_label": data_labels_of,
    "workflow_state": lambda answer: (answer.workflow.state,),
    "route": lambda answer: (answer.workflow.route,),
    "brand_may": lambda answer: (what_a_brand_may(answer.sharing),),
    "next_actor": lambda answer: (next_actor(answer),),
    "unblocked": lambda answer: (primary_blocker(answer) is None,),
    "nothing_to_do": lambda answer: (next_actor(answer) is None,),
}


def fitting(
    filters: Iterable[DecisionFilter], decisions: Mapping[str, Applicability]
) -> Mapping[str, Applicability]:
    """The decisions, by key, that are among those that every filter asks for."""
    for each in filters:
        for name, traits_of in _TRAITS.items():
            wanted = getattr(each, name)
            if wanted is not None:
                among = frozenset((wanted,) if isinstance(wanted, bool) else wanted)
                decisions = {
                    key: answer
                    for key, answer in decisions.items()
                    if not among.isdisjoint(traits_of(answer))
                }
    return decisions


async def decisions_by_key(
    keys: Collection[str], by: DecisionBasis, as_of: date | None = None
) -> Mapping[str, Applicability]:
    """The decision for each key, in their order; for a day, else for today where each is."""
    countries = {key[:2] for key in keys}
    days = {country: as_of or local_days(country, by.now).today for country in countries}
    decisions = by.knowledge.decisions
    answers = decisions.kept_on(keys, days, by.layers)
    if len(answers) == len(keys):
        return answers
    made = 0
    for key in keys:
        if key not in answers:
            answers[key] = decisions.on(key, days[key[:2]], by.layers)
            made += 1
            if made % _AT_ONCE == 0:
                await asyncio.sleep(0)
    return {key: answers[key] for key in keys}
