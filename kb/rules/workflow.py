"""The steps of a facility's route, how each stands, and what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from kb.rules.codes import ActionDeadline, Actor, SharingStatus, WorkflowState
from kb.rules.events import EventKind
from kb.rules.inputs import ASSESSED, Publication, Registration, Ternary
from kb.rules.match_rows import MatchedRows
from kb.rules.outcomes import Blocker, NextAction, StepState, Workflow, WorkflowStep
from kb.rules.rulebook import Route, Rulebook, StepRule
from kb.rules.tables import any_holds
from kb.rules.wording import ExplainedParts, Wording

# A recorded event tells more than the coarse state that the tables give.
_BEFORE_LINK = {
    Registration.PLATFORM_SET_UP: WorkflowState.BW_PLATFORM_READY,
    Registration.GATEWAY_INVITED: WorkflowState.GATEWAY_INVITED,
    Registration.PROFILE_SUBMITTED: WorkflowState.PROFILE_SUBMITTED,
    Registration.LINK_REQUESTED: WorkflowState.LINK_REQUESTED,
}
_AFTER_ASSESSMENT = {
    Publication.REPORT_POSTED: WorkflowState.REPORT_ON_BW_PORTAL,
    Publication.DATA_SUBMITTED: WorkflowState.ON_GATEWAY,
    Publication.SHARED: WorkflowState.SHARED,
}

# What only sharing leads to; it falls away for this cycle when sharing does.
_FOR_SHARING = {"SUBMIT_DATA", "SHARE"}
_CYCLE_STARTS = ActionDeadline.BEFORE_NEXT_SERVICE_CYCLE


def workflow_of(
    rows: MatchedRows, rulebook: Rulebook, wording: Wording, blockers: tuple[Blocker, ...]
) -> Workflow:
    """Lay out the route, mark how each of its steps stands, and list what comes next."""
    code, route = _route(rows, rulebook, rows.inputs)
    steps = there(route.steps, rulebook, rows.inputs)
    coming = _coming(rows, rulebook, route)
    for_next_cycle = rows.sharing is not None and rows.sharing.for_next_cycle
    states = _states(rows, rulebook, steps, () if for_next_cycle else coming)
    return Workflow(
        **wording.parts(route.because),
        route=code,
        title=route.title,
        state=_state(rows),
        steps=tuple(
            WorkflowStep(state=states[step], guard=rulebook.steps[step].guard, **parts)
            for step, parts in _parts(steps, rulebook, wording, rows.inputs)
        ),
        next_actions=actions_of(
            coming, rulebook, wording, rows.inputs, for_next_cycle=for_next_cycle
        ),
        blockers=blockers,
    )


def path_of(rows: MatchedRows, rulebook: Rulebook) -> tuple[str, tuple[str, ...]]:
    """The code of the route, and the codes of what is to be done, in order."""
    code, route = _route(rows, rulebook, rows.inputs)
    return code, _coming(rows, rulebook, route)


def actions_of(
    codes: Iterable[str],
    rulebook: Rulebook,
    wording: Wording,
    inputs: Mapping[str, str],
    *,
    for_next_cycle: bool = False,
    first: int = 1,
) -> tuple[NextAction, ...]:
    """Steps as things to do, numbered from `first`; on request with the next cycle's deadlines."""
    steps = _parts(codes, rulebook, wording, inputs, for_next_cycle=for_next_cycle, first=first)
    alternatives = {code for route in rulebook.routes.values() for code in route.alternatives}
    return tuple(NextAction(alternative=code in alternatives, **parts) for code, parts in steps)


class _Parts(ExplainedParts):
    """What a step and the action that takes it have in common."""

    code: str
    title: str
    order: int
    actor: Actor
    event: EventKind | None
    deadline: ActionDeadline | None
    advised: ActionDeadline | None
    asks: tuple[str, ...]


def _parts(
    codes: Iterable[str],
    rulebook: Rulebook,
    wording: Wording,
    inputs: Mapping[str, str],
    *,
    for_next_cycle: bool = False,
    first: int = 1,
) -> Iterator[tuple[str, _Parts]]:
    for order, code in enumerate(codes, start=first):
        rule = rulebook.steps[code]
        deadline = in_time(rule.deadline, for_next_cycle=for_next_cycle)
        yield (
            code,
            {
                **wording.filled(code, rule.text, rule.citations),
                "code": code,
                "title": rule.title,
                "order": order,
                "actor": rule.actor,
                "event": rule.event,
                "deadline": deadline,
                "advised": rule.advised if any_holds(rule.advised_when, inputs) else None,
                "asks": rule.asks,
            },
        )


def _route(rows: MatchedRows, rulebook: Rulebook, inputs: Mapping[str, str]) -> tuple[str, Route]:
    """The first route of this row that there is and that fits the inputs, with its code."""
    routes = ((code, rulebook.routes.get(code)) for code in rows.assessment.routes)
    return next((code, route) for code, route in routes if route and any_holds(route.when, inputs))


def there(codes: Iterable[str], rulebook: Rulebook, inputs: Mapping[str, str]) -> tuple[str, ...]:
    """Those of the steps that are there at all."""
    return tuple(code for code in codes if any_holds(rulebook.steps[code].when, inputs))


def in_time(deadline: ActionDeadline | None, *, for_next_cycle: bool) -> ActionDeadline | None:
    """By when a step is to be taken, in this service cycle or in the next one."""
    if for_next_cycle and deadline is ActionDeadline.BEFORE_ASSESSMENT:
        return ActionDeadline.BEFORE_NEXT_ASSESSMENT
    return deadline


def is_done(rule: StepRule, inputs: Mapping[str, str]) -> bool:
    """Whether a step is known to be done."""
    return bool(rule.done_when) and any_holds(rule.done_when, inputs)


def _is_unknown(rule: StepRule, inputs: Mapping[str, str]) -> bool:
    """Whether nothing tells if a step was taken: what it is known by is not known."""
    return any(inputs[name] == Ternary.UNKNOWN for known_by in rule.done_when for name in known_by)


def _coming(rows: MatchedRows, rulebook: Rulebook, route: Route) -> tuple[str, ...]:
    """What is to be done, in order: the actions of the rows and the open steps of the route."""
    inputs = rows.inputs
    codes = there(rows.assessment.actions, rulebook, inputs)
    if rows.sharing and rows.sharing.for_next_cycle:
        inputs = rows.next_cycle
        _, route = _route(rows, rulebook, inputs)
        steps = there(route.next_cycle, rulebook, inputs)
        # What may still save this service cycle is asked before it is closed; only interest is
        # told sooner.
        interest = [code for code in steps if rulebook.steps[code].deadline is _CYCLE_STARTS]
        others = [code for code in steps if code not in interest]
        codes += (*interest, *rows.sharing.actions, *others, *route.alternatives)
    elif rows.sharing:
        codes += rows.sharing.actions
        if rows.status is not SharingStatus.UNDETERMINED:
            codes += (*there(route.steps, rulebook, inputs), *route.alternatives)
    return tuple(code for code in codes if not is_done(rulebook.steps[code], inputs))


def _states(
    rows: MatchedRows, rulebook: Rulebook, steps: tuple[str, ...], coming: tuple[str, ...]
) -> dict[str, StepState]:
    # Where sharing is not open, nothing for it was missed.
    missable = rows.sharing and rows.inputs["assessment"] in ASSESSED
    due = next((code for code in steps if code in coming), None)
    states: dict[str, StepState] = {}
    for place, code in enumerate(steps):
        if is_done(rulebook.steps[code], rows.inputs):
            state = StepState.DONE
        elif rows.sharing and _is_unknown(rulebook.steps[code], rows.inputs):
            state = StepState.NOT_RECORDED
        elif missable and rulebook.steps[code].deadline is ActionDeadline.BEFORE_ASSESSMENT:
            state = StepState.MISSED
        elif code in _FOR_SHARING and rows.status is SharingStatus.NOT_THIS_CYCLE:
            state = StepState.NOT_THIS_CYCLE
        elif code == due and coming[0] == code:
            state = StepState.NEXT
        elif due is not None and place < steps.index(due):
            state = StepState.NOT_RECORDED
        else:
            state = StepState.LATER
        states[code] = state
    return states


def _state(rows: MatchedRows) -> WorkflowState:
    state = rows.sharing.state if rows.sharing else rows.assessment.state
    if state is WorkflowState.INTEREST_DECLARED:
        return _BEFORE_LINK.get(Registration(rows.inputs["registration"]), state)
    if state is WorkflowState.ASSESSED:
        return _AFTER_ASSESSMENT.get(Publication(rows.inputs["publication"]), state)
    return state
