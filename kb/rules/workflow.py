"""The steps of a facility's route, how each stands, and what comes next."""

from __future__ import annotations

from collections.abc import Iterator

from kb.rules.inputs import AssessmentKind, Progress
from kb.rules.outcomes import Blocker, NextAction, StepState, Workflow, WorkflowStep
from kb.rules.rulebook import (
    ActionDeadline,
    Actor,
    Rulebook,
    SharingStatus,
    StepRule,
    WorkflowState,
)
from kb.rules.settle import Settled
from kb.rules.tables import any_holds
from kb.rules.wording import ExplainedParts, Wording

# A recorded event tells more than the coarse state that the tables give.
_FINER = {
    Progress.PLATFORM_SET_UP: (WorkflowState.INTEREST_DECLARED, WorkflowState.BW_PLATFORM_READY),
    Progress.GATEWAY_INVITED: (WorkflowState.INTEREST_DECLARED, WorkflowState.GATEWAY_INVITED),
    Progress.PROFILE_SUBMITTED: (WorkflowState.INTEREST_DECLARED, WorkflowState.PROFILE_SUBMITTED),
    Progress.LINK_REQUESTED: (WorkflowState.INTEREST_DECLARED, WorkflowState.LINK_REQUESTED),
    Progress.REPORT_POSTED: (WorkflowState.ASSESSED, WorkflowState.REPORT_ON_BW_PORTAL),
    Progress.DATA_SUBMITTED: (WorkflowState.ASSESSED, WorkflowState.ON_GATEWAY),
    Progress.SHARED: (WorkflowState.ASSESSED, WorkflowState.SHARED),
}

# What only sharing leads to; it falls away for this cycle when sharing does.
_FOR_SHARING = {"SUBMIT_DATA", "SHARE"}


def workflow_of(
    settled: Settled, rulebook: Rulebook, wording: Wording, blockers: tuple[Blocker, ...]
) -> Workflow:
    """Lay out the route, mark how each of its steps stands, and list what comes next."""
    route_code = next(
        code
        for code in settled.assessment.routes
        if any_holds(rulebook.routes[code].when, settled.inputs)
    )
    route = rulebook.routes[route_code]
    done = {code for code, rule in rulebook.steps.items() if _is_done(rule, settled)}
    coming = _coming(settled, route.steps, done)
    states = _states(settled, rulebook, route.steps, done, coming)
    return Workflow(
        **wording.parts(route.because),
        route=route_code,
        title=route.title,
        state=_state(settled),
        steps=tuple(
            WorkflowStep(state=states[code], guard=rulebook.steps[code].guard, **told)
            for code, told in _told(route.steps, rulebook, wording)
        ),
        next_actions=tuple(NextAction(**told) for _, told in _told(coming, rulebook, wording)),
        blockers=blockers,
    )


class _Told(ExplainedParts):
    """What a step and the action that takes it have in common."""

    code: str
    title: str
    order: int
    actor: Actor
    deadline: ActionDeadline | None
    asks: tuple[str, ...]


def _told(
    codes: tuple[str, ...], rulebook: Rulebook, wording: Wording
) -> Iterator[tuple[str, _Told]]:
    for order, code in enumerate(codes, start=1):
        rule = rulebook.steps[code]
        yield (
            code,
            {
                **wording.filled(code, rule.text, rule.citations),
                "code": code,
                "title": rule.title,
                "order": order,
                "actor": rule.actor,
                "deadline": rule.deadline,
                "asks": rule.asks,
            },
        )


def _is_done(rule: StepRule, settled: Settled) -> bool:
    return bool(rule.done_when) and any_holds(rule.done_when, settled.inputs)


def _coming(settled: Settled, route: tuple[str, ...], done: set[str]) -> tuple[str, ...]:
    listed = settled.assessment.actions
    if settled.sharing:
        # A row without actions of its own leaves the route to be followed to its end.
        listed += settled.sharing.actions or route
    return tuple(code for code in listed if code not in done)


def _states(
    settled: Settled,
    rulebook: Rulebook,
    route: tuple[str, ...],
    done: set[str],
    coming: tuple[str, ...],
) -> dict[str, StepState]:
    assessed = settled.inputs["assessment"] != AssessmentKind.NONE
    due = next((code for code in route if code in coming), None)
    states: dict[str, StepState] = {}
    for place, code in enumerate(route):
        if code in done:
            state = StepState.DONE
        elif assessed and rulebook.steps[code].deadline is ActionDeadline.BEFORE_ASSESSMENT:
            state = StepState.MISSED
        elif code in _FOR_SHARING and settled.status is SharingStatus.NOT_THIS_CYCLE:
            state = StepState.NOT_THIS_CYCLE
        elif code == due and coming[:1] == (code,):
            state = StepState.NEXT
        elif due is not None and place < route.index(due):
            state = StepState.NOT_RECORDED
        else:
            state = StepState.LATER
        states[code] = state
    return states


def _state(settled: Settled) -> WorkflowState:
    coarse = settled.sharing.state if settled.sharing else settled.assessment.state
    refined, finer = _FINER.get(Progress(settled.inputs["progress"]), (None, coarse))
    return finer if coarse is refined else coarse
