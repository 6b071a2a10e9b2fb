"""Ways to a goal: each is enough, none has a part too much, and where there is none it says why."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from kb.rules.codes import SharingStatus
from kb.rules.counterfactual import Goal, WhatWouldChange, what_would_change
from kb.rules.decide import decide
from kb.rules.facts import ALL_LAYERS
from kb.rules.hypothetical import signed_off, with_tool_version
from kb.rules.inputs import (
    AssessedBy,
    AssessmentKind,
    FacilityProfile,
    GatewayProfileState,
    InterestTiming,
    ServiceCycle,
    Ternary,
)
from kb.rules.match_rows import match_rows
from kb.rules.rulebook import Rulebook
from tests.rules.cases import DAY, every_profile, spread
from tests.rules.goals import BY_BETTER_WORK, ON_TRACK, SHAREABLE, ways

YES, NO = Ternary.YES, Ternary.NO
ENROLLED = FacilityProfile(
    "VN",
    YES,
    gateway_profile=GatewayProfileState.EXISTS_UNLINKED,
    interest=InterestTiming.NOT_DECLARED,
    assessment=AssessmentKind.NONE,
    self_assessed_before=NO,
)


@pytest.mark.parametrize(
    ("profile", "goal", "expected"),
    [
        (ENROLLED, ON_TRACK, [["DECLARE_INTEREST", "LINK", "COMPLETE_SELF_ASSESSMENT"]]),
        (
            ENROLLED,
            SHAREABLE,
            [["DECLARE_INTEREST", "LINK", "COMPLETE_SELF_ASSESSMENT", "CARRY_OUT_ASSESSMENT"]],
        ),
        (
            FacilityProfile("VN", NO, YES, NO),
            BY_BETTER_WORK,
            [["ASK_AGAIN_NEXT_CYCLE"]],
        ),
        (
            FacilityProfile(
                "VN",
                YES,
                gateway_profile=GatewayProfileState.LINKED,
                interest=InterestTiming.BEFORE_ASSESSMENT,
                assessment=AssessmentKind.ONSITE,
                self_assessed_before=NO,
                service_cycle=ServiceCycle.OPEN,
            ),
            ON_TRACK,
            [
                [
                    "DECLARE_INTEREST_NEXT_CYCLE",
                    "CLOSE_SERVICE_CYCLE",
                    "OPEN_NEXT_SERVICE_CYCLE",
                    "COMPLETE_SELF_ASSESSMENT",
                ]
            ],
        ),
        (
            FacilityProfile(
                "PK",
                YES,
                gateway_profile=GatewayProfileState.LINKED,
                interest=InterestTiming.BEFORE_ASSESSMENT,
                assessment=AssessmentKind.NONE,
                self_assessed_before=YES,
            ),
            ON_TRACK,
            [["WAIT_FOR_SIGN_OFF"]],
        ),
    ],
)
def test_the_smallest_sets_of_changes_are_found(
    rulebook: Rulebook, profile: FacilityProfile, goal: Goal, expected: list[list[str]]
) -> None:
    change = what_would_change(profile, goal, rulebook, DAY, ALL_LAYERS)
    assert ways(change) == expected
    assert change.why_not is None
    for actions in change.sets:
        assert [action.order for action in actions] == list(range(1, len(actions) + 1))


def test_each_change_says_who_can_make_it_and_by_when(rulebook: Rulebook) -> None:
    (actions,) = what_would_change(ENROLLED, SHAREABLE, rulebook, DAY, ALL_LAYERS).sets
    assert [(action.order, action.actor, action.deadline) for action in actions] == [
        (1, "FACILITY", "BEFORE_ASSESSMENT"),
        (2, "FACILITY", "BEFORE_ASSESSMENT"),
        (3, "FACILITY", "BEFORE_ASSESSMENT"),
        (4, "BETTER_WORK", None),
    ]
    assert all(action.citations for action in actions)


def test_after_an_assessment_the_deadlines_are_those_of_the_next_cycle(rulebook: Rulebook) -> None:
    late = FacilityProfile(
        "VN",
        YES,
        gateway_profile=GatewayProfileState.NONE,
        interest=InterestTiming.AFTER_ASSESSMENT,
        assessment=AssessmentKind.ONSITE,
        self_assessed_before=NO,
    )
    (actions,) = what_would_change(late, ON_TRACK, rulebook, DAY, ALL_LAYERS).sets
    assert [(action.code, action.deadline) for action in actions] == [
        ("OPEN_NEXT_SERVICE_CYCLE", None),
        ("SUBMIT_FACILITY_PROFILE", "BEFORE_NEXT_ASSESSMENT"),
        ("APPROVE_FACILITY_PROFILE", None),
        ("LINK", "BEFORE_NEXT_ASSESSMENT"),
        ("COMPLETE_SELF_ASSESSMENT", "BEFORE_NEXT_ASSESSMENT"),
    ]


@pytest.mark.parametrize(
    ("profile", "goal", "because"),
    [
        (FacilityProfile("IN"), BY_BETTER_WORK, "NO_BETTER_WORK_IN_COUNTRY"),
        (FacilityProfile("VN", NO, NO), BY_BETTER_WORK, "OUT_OF_SCOPE_IN_ROLLOUT_COUNTRY"),
        (
            FacilityProfile("VN", YES),
            Goal(assessed_by=AssessedBy.VERIFIER_BODY),
            "ENROLLED_IN_ROLLOUT_COUNTRY",
        ),
        (
            FacilityProfile("VN", YES),
            Goal(sharing=SharingStatus.NOT_APPLICABLE),
            "ENROLLED_IN_ROLLOUT_COUNTRY",
        ),
        (FacilityProfile("BR"), SHAREABLE, "COUNTRY_UNKNOWN"),
        (FacilityProfile("IN", YES), SHAREABLE, "CONTRADICTION_ENROLLED_WITHOUT_PROGRAMME"),
        (FacilityProfile("IN"), SHAREABLE, "SHARING_BY_STANDARD_PROCESS"),
    ],
)
def test_where_nothing_can_be_done_it_says_why(
    rulebook: Rulebook, profile: FacilityProfile, goal: Goal, because: str
) -> None:
    change = what_would_change(profile, goal, rulebook, DAY, ALL_LAYERS)
    assert (change.holds, change.sets) == (False, ())
    assert change.why_not is not None
    assert change.why_not.because == because
    assert change.why_not.citations


def test_where_nothing_stands_in_the_way_it_says_how_sharing_stands(rulebook: Rulebook) -> None:
    linked = FacilityProfile(
        "VN",
        YES,
        gateway_profile=GatewayProfileState.LINKED,
        assessment=AssessmentKind.NONE,
    )
    not_yet = Goal(sharing=SharingStatus.NOT_YET)
    change = what_would_change(linked, not_yet, rulebook, DAY, ALL_LAYERS)
    assert change.sets == ()
    assert change.why_not is not None
    assert change.why_not.because == decide(linked, rulebook, DAY, ALL_LAYERS).sharing.because
    on_track = replace(
        linked,
        interest=InterestTiming.BEFORE_ASSESSMENT,
        self_assessed_before=YES,
        self_assessment_steps=(2,),
    )
    change = what_would_change(on_track, not_yet, rulebook, DAY, ALL_LAYERS)
    assert change.sets == ()
    assert change.why_not is not None
    assert change.why_not.because == "ASSESSMENT_NEXT_WITHOUT_STEP_1"


def test_on_a_day_that_is_not_covered_nothing_leads_anywhere(rulebook: Rulebook) -> None:
    before = min(fact.valid_from for fact in rulebook.countries["VN"]) - timedelta(days=1)
    change = what_would_change(FacilityProfile("VN"), SHAREABLE, rulebook, before, ALL_LAYERS)
    assert change.sets == ()
    assert change.why_not is not None
    assert change.why_not.because == "COUNTRY_UNKNOWN"


def test_a_reason_that_lies_in_the_country_cites_what_is_known_of_it(rulebook: Rulebook) -> None:
    verifier = Goal(assessed_by=AssessedBy.VERIFIER_BODY)
    change = what_would_change(FacilityProfile("PK", YES), verifier, rulebook, DAY, ALL_LAYERS)
    (fact,) = (fact for fact in rulebook.countries["PK"] if fact.valid_from <= DAY)
    assert change.why_not is not None
    assert change.why_not.citations[:1] == fact.citations


def test_a_goal_that_holds_needs_no_steps(rulebook: Rulebook) -> None:
    profile = FacilityProfile("VN", NO, YES, YES)
    change = what_would_change(profile, BY_BETTER_WORK, rulebook, DAY, ALL_LAYERS)
    assert change == WhatWouldChange(holds=True, sets=(), why_not=None)


@pytest.mark.exhaustive
def test_for_every_profile_the_goal_holds_or_there_is_a_way_or_a_reason(rulebook: Rulebook) -> None:
    for profile in spread(spread(every_profile())):
        for goal in (SHAREABLE, ON_TRACK, BY_BETTER_WORK):
            change = what_would_change(profile, goal, rulebook, DAY, ALL_LAYERS)
            rows = match_rows(profile, rulebook, DAY, ALL_LAYERS)
            assert change.holds is goal.holds(rows)
            assert [change.holds, bool(change.sets), change.why_not is not None].count(True) == 1
            codes = [set(way) for way in ways(change)]
            assert not any(first < second for first in codes for second in codes)


def test_supposing_a_sign_off_or_a_tool_version_leaves_the_rulebook_as_it_is(
    rulebook: Rulebook,
) -> None:
    enrolled = FacilityProfile("PK", YES)
    supposed = with_tool_version(signed_off(rulebook, ["PK"], DAY), "1.5")
    then = decide(enrolled, supposed, DAY, ALL_LAYERS)
    now = decide(enrolled, rulebook, DAY, ALL_LAYERS)
    assert (then.country.kind, then.assessment.tool_version) == ("ROLLOUT", "1.5")
    assert (now.country.kind, now.assessment.tool_version) == ("BW_PENDING", None)
