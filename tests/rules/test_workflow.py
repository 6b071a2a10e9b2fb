"""How the steps of a route stand, and what comes next, for profiles that differ in little."""

from __future__ import annotations

import pytest

from kb.rules.codes import ActionDeadline, Actor, WorkflowState
from kb.rules.decide import decide
from kb.rules.evidence import CitationRole
from kb.rules.facts import ALL_LAYERS
from kb.rules.inputs import FacilityProfile
from kb.rules.outcomes import Workflow
from kb.rules.rulebook import Rulebook
from tests.rules.cases import DAY


def workflow(rulebook: Rulebook, key: str) -> Workflow:
    return decide(FacilityProfile.from_key(key), rulebook, DAY, ALL_LAYERS).workflow


def test_a_step_has_its_place_its_guard_and_the_deadline_of_this_cycle(rulebook: Rulebook) -> None:
    key = "VN|YES|YES|YES|EXISTS_UNLINKED|BEFORE_ASSESSMENT|NONE|NO||PLATFORM_SET_UP|NONE|UNKNOWN||"
    shown = workflow(rulebook, key)
    assert shown.title == "Better Work, with an existing Gateway profile"
    assert [(step.order, step.because, step.deadline) for step in shown.steps[:4]] == [
        (1, "DECLARE_INTEREST", ActionDeadline.BEFORE_ASSESSMENT),
        (2, "GIVE_GATEWAY_ID", ActionDeadline.BEFORE_ASSESSMENT),
        (3, "ADD_GATEWAY_ID", ActionDeadline.BEFORE_ASSESSMENT),
        (4, "COMPLETE_SELF_ASSESSMENT", ActionDeadline.BEFORE_ASSESSMENT),
    ]
    assert [step.guard for step in shown.steps[1:3]] == [
        "The factory is registered with Better Work and has an account on its platform.",
        "The factory has handed over its Gateway ID.",
    ]
    assert [action.order for action in shown.next_actions] == [1, 2, 3, 4, 5, 6, 7]
    assert [action.because for action in shown.next_actions[:2]] == [
        "GIVE_GATEWAY_ID",
        "ADD_GATEWAY_ID",
    ]


@pytest.mark.parametrize(
    ("key", "states"),
    [
        (  # what comes in the next cycle is not what is due in this one
            "VN|YES|UNKNOWN|UNKNOWN|NONE|NOT_DECLARED|ONSITE|NO|12|PROFILE_SUBMITTED"
            "|REPORT_POSTED|OPEN|EXISTS_UNLINKED|",
            "MISSED DONE DONE DONE LATER MISSED MISSED DONE DONE NOT_THIS_CYCLE NOT_THIS_CYCLE",
        ),
        (  # a country programme has to be asked first, so the next step is not the first action
            "VN|YES|NO|NO|LINKED|BEFORE_ASSESSMENT|NONE|YES|2|NONE|NONE|NONE||",
            "DONE DONE LATER DONE LATER LATER LATER LATER",
        ),
        (  # nobody has recorded that capacity was asked about, but it is known
            "VN|NO|YES|YES|NONE|UNKNOWN|NONE|YES||NONE|NONE|UNKNOWN||",
            "NOT_RECORDED NEXT LATER",
        ),
    ],
)
def test_each_step_stands_as_it_is_known_to(rulebook: Rulebook, key: str, states: str) -> None:
    assert " ".join(step.state for step in workflow(rulebook, key).steps) == states


def test_a_step_cites_what_says_its_deadline(rulebook: Rulebook) -> None:
    """Before the assessment is the deadline of FAQ 9 for interest, of FAQ 11 for all the rest."""
    says = {"DECLARE_INTEREST": ["9.deadline"]}
    for code, step in rulebook.steps.items():
        if step.deadline is ActionDeadline.BEFORE_ASSESSMENT:
            cited = [citation.passage for citation in step.citations]
            assert set(says.get(code, ["11.before-assessment"])) <= set(cited), code


@pytest.mark.parametrize(
    ("code", "derived"),
    [
        ("INTEREST_TOO_LATE", ["11.before-assessment", "12.timing"]),
        ("NO_INTEREST_REPORT_STAYS", ["12.timing"]),
    ],
)
def test_what_holds_for_the_next_cycle_is_derived(
    rulebook: Rulebook, code: str, derived: list[str]
) -> None:
    """No source says what to do after a deadline that was missed (Q7)."""
    cited = rulebook.statements[code].citations
    assert [c.passage for c in cited if c.role is CitationRole.DERIVED] == derived


@pytest.mark.parametrize(
    ("gateway", "assessed", "self_assessed", "then"),
    [
        ("LINKED", "ONSITE", "NO", "SELF_ASSESS_NEXT_CYCLE"),
        ("LINKED", "VCC", "NO", "SELF_ASSESS_NEXT_CYCLE"),
        ("EXISTS_UNLINKED", "ONSITE", "YES", "ASK_ABOUT_LATE_LINK"),
        ("NONE", "VCC", "YES", "ASK_ABOUT_LATE_LINK"),
    ],
)
@pytest.mark.parametrize("recorded", ["UNKNOWN||", "OPEN||NO", "CLOSED||", "OPEN||"])
def test_interest_that_an_assessment_has_used_is_renewed_first_also_where_it_was_recorded(
    rulebook: Rulebook, gateway: str, assessed: str, self_assessed: str, then: str, recorded: str
) -> None:
    """Its deadline is the start of the next service cycle, which comes before all others."""
    begun = f"VN|YES|YES|YES|{gateway}|BEFORE_ASSESSMENT|{assessed}|{self_assessed}"
    profile = FacilityProfile.from_key(f"{begun}||NONE|NONE|{recorded}")
    first, second, *_ = (
        action
        for action in decide(profile, rulebook, DAY, ALL_LAYERS).workflow.next_actions
        if action.actor is Actor.FACILITY
    )
    assert (first.code, second.code) == ("RENEW_INTEREST", then)
    assert first.deadline is ActionDeadline.BEFORE_NEXT_SERVICE_CYCLE
    assert "is not stated" in first.text


@pytest.mark.parametrize(
    ("key", "actions"),
    [
        (
            "VN|YES|NO|UNKNOWN|LINKED|NOT_DECLARED|VCC|UNKNOWN||NONE|NONE|UNKNOWN||",
            "ASK_ABOUT_SCOPE DECLARE_INTEREST_NEXT_CYCLE SELF_ASSESS_NEXT_CYCLE",
        ),
        (
            "VN|YES|NO|YES|NONE|NOT_DECLARED|UNKNOWN|NO||NONE|NONE|OPEN||",
            "ASK_ABOUT_SCOPE CONFIRM_ASSESSMENT",
        ),
        (
            "VN|YES|YES|UNKNOWN|NONE|UNKNOWN|NONE|NO||NONE|NONE|UNKNOWN||",
            "CONFIRM_INTEREST DECLARE_INTEREST SET_UP_REGISTRATION SEND_GATEWAY_INVITATION "
            "SUBMIT_FACILITY_PROFILE APPROVE_FACILITY_PROFILE LOG_IN_TO_CONNECT "
            "COMPLETE_SELF_ASSESSMENT CARRY_OUT_ASSESSMENT POST_REPORT SUBMIT_DATA SHARE "
            "USE_EXISTING_PROFILE",
        ),
        (  # the profile was approved after the assessment, so the next cycle takes another route
            "VN|YES|YES|YES|NONE|UNKNOWN|ONSITE|YES||NONE|NONE|OPEN|EXISTS_UNLINKED|",
            "RENEW_INTEREST GIVE_GATEWAY_ID ADD_GATEWAY_ID POST_REPORT_BEFORE_CLOSING "
            "CLOSE_SERVICE_CYCLE OPEN_NEXT_SERVICE_CYCLE SELF_ASSESS_NEXT_CYCLE",
        ),
    ],
)
def test_what_the_rows_ask_for_comes_before_the_open_steps(
    rulebook: Rulebook, key: str, actions: str
) -> None:
    shown = workflow(rulebook, key).next_actions
    assert " ".join(action.code for action in shown) == actions


@pytest.mark.parametrize(
    ("registration", "state"),
    [
        ("NONE", WorkflowState.INTEREST_DECLARED),
        ("PLATFORM_SET_UP", WorkflowState.BW_PLATFORM_READY),
        ("GATEWAY_INVITED", WorkflowState.GATEWAY_INVITED),
        ("PROFILE_SUBMITTED", WorkflowState.PROFILE_SUBMITTED),
        ("LINK_REQUESTED", WorkflowState.LINK_REQUESTED),
    ],
)
def test_the_last_event_on_the_way_to_the_link_names_the_state(
    rulebook: Rulebook, registration: str, state: WorkflowState
) -> None:
    key = f"VN|YES|YES|YES|NONE|BEFORE_ASSESSMENT|NONE|NO||{registration}|NONE|UNKNOWN||"
    assert workflow(rulebook, key).state is state
