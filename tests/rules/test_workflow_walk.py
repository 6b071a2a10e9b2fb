"""What must hold in every state that a facility can come to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from kb.content.records import Library
from kb.rules.codes import ActionDeadline, Actor, BlockerCode, SharingStatus
from kb.rules.events import EventKind
from kb.rules.outcomes import NextAction
from tests.rules.walk import COUNTRIES, PAYLOADS, Graph, State, is_shared, role_of, walk

pytestmark = pytest.mark.exhaustive

# What is found out changes what is known, and leads nowhere by itself.
FINDINGS = {EventKind.ELIGIBILITY_RECORDED, EventKind.ROUTED_TO_VERIFIER_BODY}


@pytest.fixture(scope="module")
def graphs(library: Library) -> Mapping[str, Graph]:
    return {country: walk(library, country) for country in COUNTRIES}


@pytest.fixture(params=COUNTRIES)
def graph(graphs: Mapping[str, Graph], request: pytest.FixtureRequest) -> Graph:
    return graphs[request.param]


def first_moves(state: State, action: NextAction) -> Iterator[State]:
    """Where the action leads, with every payload that its event may have."""
    assert action.event is not None
    for payload in PAYLOADS.get(action.event, ({},)):
        event = state.event(action.event, payload)
        assert state.refusal(event) is None, (action.code, state.refusal(event), str(state))
        yield state.after(event)


def test_the_walk_reaches_every_kind_of_end(graphs: Mapping[str, Graph]) -> None:
    rollout, pending, other, unnamed = graphs.values()
    assert any(map(is_shared, rollout.states.values()))
    assert not any(is_shared(state) for graph in (pending, other, unnamed) for state in graph)
    assert {state.answer.sharing.status for state in rollout} == set(SharingStatus)
    assert len(rollout.states) > 1000


def test_the_first_action_is_never_refused_and_moves_the_state_on(graph: Graph) -> None:
    for state in graph:
        first = next(iter(state.answer.workflow.next_actions), None)
        if first is None or first.event is None:
            continue
        ends = [end.signature for end in first_moves(state, first)]
        assert any(end != state.signature for end in ends), (first.code, str(state))
        assert role_of(first) in state.rules.library.transitions[first.event].roles


def test_actions_that_are_done_in_order_are_never_refused(graph: Graph) -> None:
    for state in graph:
        reached = state
        for action in state.answer.workflow.next_actions:
            if action.event in (None, *FINDINGS) or action.code == "USE_EXISTING_PROFILE":
                continue
            assert action.event is not None
            # Of payloads, the first serves as well as any.
            payload = PAYLOADS.get(action.event, ({},))[0]
            event = reached.event(action.event, payload)
            assert reached.refusal(event) is None, (action.code, reached.refusal(event), str(state))
            reached = reached.after(event)


def test_what_leads_towards_sharing_and_may_be_recorded_is_among_the_actions(
    graph: Graph,
) -> None:
    for key, state in graph.states.items():
        offered = {action.event for action in state.answer.workflow.next_actions}
        for event, end in graph.moves[key]:
            nearer = graph.distances.get(end, 99) < graph.distances.get(key, 99)
            # Who is not enrolled has to join first; what is left open from before comes later.
            joins = event.kind is EventKind.ENROLLED or state.folded.standing["enrolled"] == "YES"
            if nearer and joins and event.kind not in FINDINGS:
                assert event.kind in offered, (event.kind, str(state))


def test_following_the_first_action_ends_at_shared_or_says_why_it_ends(graph: Graph) -> None:
    ending = set[object]()  # what was followed to an end before
    for start in graph:
        state, seen = start, set[object]()
        while not is_shared(state) and state.signature not in ending:
            assert state.signature not in seen, f"goes round: {start}"
            seen.add(state.signature)
            actions = state.answer.workflow.next_actions
            assert actions, str(state)
            if actions[0].event is None:
                # What would open it again is an action of somebody; why it ends is a blocker, or
                # that sharing of Better Work data does not apply.
                assert (
                    state.answer.workflow.blockers
                    or state.answer.sharing.status is SharingStatus.NOT_APPLICABLE
                ), str(state)
                break
            state = next(end for end in first_moves(state, actions[0]) if end.signature not in seen)
        ending |= seen


def test_deadlines_of_sharing_and_of_actions_agree(graph: Graph) -> None:
    for state in graph:
        answer = state.answer
        deadlines = [action.deadline for action in answer.workflow.next_actions if action.deadline]
        if answer.sharing.deadline:
            assert answer.sharing.deadline == deadlines[0], str(state)
        elif answer.sharing.status in (SharingStatus.NOT_YET, SharingStatus.NOT_THIS_CYCLE):
            enrolled = answer.profile.with_what_follows().enrolled == "YES"
            assert not (enrolled and deadlines), str(state)


def test_each_action_has_the_deadline_that_its_source_states(graph: Graph) -> None:
    this, following = ActionDeadline.BEFORE_ASSESSMENT, ActionDeadline.BEFORE_NEXT_ASSESSMENT
    cycle = ActionDeadline.BEFORE_NEXT_SERVICE_CYCLE
    stated = {
        "DECLARE_INTEREST": (this, cycle),  # advised where the cycle has not started
        "SUBMIT_FACILITY_PROFILE": (this, None),
        "LOG_IN_TO_CONNECT": (this, None),
        "GIVE_GATEWAY_ID": (this, None),
        "ADD_GATEWAY_ID": (this, None),
        "USE_EXISTING_PROFILE": (this, None),
        "COMPLETE_SELF_ASSESSMENT": (this, None),
        "DECLARE_INTEREST_NEXT_CYCLE": (cycle, None),
        "SELF_ASSESS_NEXT_CYCLE": (following, None),
    }
    for state in graph:
        lost = state.answer.sharing.status is SharingStatus.NOT_THIS_CYCLE
        for action in state.answer.workflow.next_actions:
            if action.code in stated:
                deadline, advised = stated[action.code]
                if lost and deadline is this:
                    deadline = following
                if state.folded.profile.service_cycle == "OPEN":
                    advised = None
                assert (action.deadline, action.advised) == (deadline, advised), str(state)


def test_a_factory_without_a_gateway_profile_is_told_to_get_one_and_a_linked_one_nothing_of_it(
    graph: Graph,
) -> None:
    for state in graph:
        answer = state.answer
        if answer.sharing.status not in (SharingStatus.NOT_YET, SharingStatus.NOT_THIS_CYCLE):
            continue
        if answer.country.kind != "ROLLOUT" or answer.profile.enrolled != "YES":
            continue
        codes = [action.code for action in answer.workflow.next_actions]
        gateway, registration = (
            state.folded.standing[name] for name in ("gateway_profile", "registration")
        )
        if gateway == "NONE":
            assert "APPROVE_FACILITY_PROFILE" in codes, str(state)
            assert ("SUBMIT_FACILITY_PROFILE" in codes) == (registration != "PROFILE_SUBMITTED")
        if gateway == "LINKED":
            assert not {"GIVE_GATEWAY_ID", "USE_EXISTING_PROFILE", "LOG_IN_TO_CONNECT"} & set(codes)
            assert BlockerCode.NOT_LINKED not in [
                blocker.code for blocker in answer.workflow.blockers
            ]


def test_waiting_for_the_sign_off_tells_the_factory_to_ask_its_country_programme(
    graph: Graph,
) -> None:
    for state in graph:
        if state.answer.workflow.state == "WAITING_FOR_COUNTRY":
            actors = [action.actor for action in state.answer.workflow.next_actions]
            assert actors == [Actor.FACILITY, Actor.NATIONAL_CONSTITUENTS], str(state)


def test_a_self_assessment_that_is_not_done_is_a_blocker_whenever_it_is_not_done(
    graph: Graph,
) -> None:
    for state in graph:
        answer = state.answer
        tables = {outcome.table for outcome in answer.trace}
        if (
            "B" in tables
            and answer.profile.enrolled == "YES"
            and answer.sharing.status is SharingStatus.NOT_YET
        ):
            missing = answer.profile.self_assessed_before == "NO"
            codes = [blocker.code for blocker in answer.workflow.blockers]
            assert (BlockerCode.SELF_ASSESSMENT_NOT_DONE in codes) == missing, str(state)


def test_nobody_is_told_to_share_before_the_data_is_on_the_gateway(graph: Graph) -> None:
    for state in graph:
        codes = [action.code for action in state.answer.workflow.next_actions]
        on_gateway = state.folded.profile.publication in ("DATA_SUBMITTED", "SHARED")
        if codes[:1] == ["SHARE"]:
            assert on_gateway, str(state)
        if "share it now" in state.answer.sharing.text:
            assert on_gateway, str(state)
