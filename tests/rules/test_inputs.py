"""A profile: its key, what follows from its answers, and how the next cycle begins."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kb.errors import InvalidInputError
from kb.rules.inputs import (
    AssessmentKind,
    CountryKind,
    FacilityProfile,
    GatewayProfileState,
    InterestTiming,
    Publication,
    Registration,
    ServiceCycle,
    Ternary,
)

YES, NO, UNKNOWN = Ternary
FULL = FacilityProfile(
    country="VN",
    enrolled=YES,
    in_scope=NO,
    capacity_available=YES,
    gateway_profile=GatewayProfileState.EXISTS_UNLINKED,
    interest=InterestTiming.BEFORE_ASSESSMENT,
    assessment=AssessmentKind.VCC,
    self_assessed_before=YES,
    self_assessment_steps=(3, 1, 3),
    registration=Registration.LINK_REQUESTED,
    publication=Publication.REPORT_POSTED,
    service_cycle=ServiceCycle.CLOSED,
    gateway_now=GatewayProfileState.LINKED,
    interest_next=YES,
)
FULL_KEY = (
    "VN|YES|NO|YES|EXISTS_UNLINKED|BEFORE_ASSESSMENT|VCC|YES|13|LINK_REQUESTED|REPORT_POSTED"
    "|CLOSED|LINKED|YES"
)
EMPTY_KEY = "VN|" + "UNKNOWN|" * 7 + "|NONE|NONE|UNKNOWN||"


@pytest.mark.parametrize(("profile", "key"), [(FULL, FULL_KEY), (FacilityProfile("VN"), EMPTY_KEY)])
def test_a_key_holds_all_of_a_profile_and_reads_back(profile: FacilityProfile, key: str) -> None:
    assert profile.key == key
    assert FacilityProfile.from_key(key) == profile


def test_steps_are_kept_in_order_and_once_and_others_are_refused() -> None:
    assert FULL.self_assessment_steps == (1, 3)
    with pytest.raises(InvalidInputError) as refused:
        FacilityProfile("VN", self_assessment_steps=(2, 4, 5))
    error = refused.value
    assert (error.field, error.value, error.allowed) == ("selfAssessmentSteps", "4", "1, 2 and 3")


def test_tables_read_every_answer_by_its_name() -> None:
    assert FULL.inputs(CountryKind.ROLLOUT) == {
        "country_kind": "ROLLOUT",
        "enrolled": "YES",
        "in_scope": "NO",
        "capacity_available": "YES",
        "gateway_profile": "EXISTS_UNLINKED",
        "interest": "BEFORE_ASSESSMENT",
        "assessment": "VCC",
        "self_assessed_before": "YES",
        "step_1_self_assessed": "YES",
        "registration": "LINK_REQUESTED",
        "publication": "REPORT_POSTED",
        "service_cycle": "CLOSED",
        "interest_next": "YES",
    }
    again = replace(FULL, interest_next=None).inputs(CountryKind.ROLLOUT)
    assert again["interest_next"] == "NO"


@pytest.mark.parametrize(
    ("enrolled", "assessment", "interest", "follows"),
    [
        (UNKNOWN, "ONSITE", "UNKNOWN", (YES, "ONSITE")),
        (UNKNOWN, "VCC", "UNKNOWN", (YES, "VCC")),
        (UNKNOWN, "UNKNOWN", "AFTER_ASSESSMENT", (YES, "UNKNOWN")),
        (UNKNOWN, "NONE", "AFTER_ASSESSMENT", (UNKNOWN, "NONE")),
        (UNKNOWN, "UNKNOWN", "BEFORE_ASSESSMENT", (UNKNOWN, "UNKNOWN")),
        (NO, "UNKNOWN", "AFTER_ASSESSMENT", (NO, "NONE")),
        (NO, "ONSITE", "UNKNOWN", (NO, "ONSITE")),
        (YES, "UNKNOWN", "UNKNOWN", (YES, "UNKNOWN")),
    ],
)
def test_what_follows_from_the_answers(
    enrolled: Ternary, assessment: str, interest: str, follows: tuple[Ternary, str]
) -> None:
    profile = FacilityProfile(
        "VN",
        enrolled,
        assessment=AssessmentKind(assessment),
        interest=InterestTiming(interest),
    ).with_what_follows()
    assert (profile.enrolled, profile.assessment) == follows


@pytest.mark.parametrize(
    ("changed", "interest"),
    [
        ({}, "BEFORE_ASSESSMENT"),
        # Whether the interest that this cycle's assessment has used still counts is not stated.
        ({"interest_next": None}, "UNKNOWN"),
        ({"interest_next": NO}, "UNKNOWN"),
        ({"interest_next": None, "service_cycle": ServiceCycle.UNKNOWN}, "UNKNOWN"),
        (
            {"interest_next": None, "interest": InterestTiming.AFTER_ASSESSMENT},
            "BEFORE_ASSESSMENT",
        ),
        (
            {
                "interest_next": None,
                "interest": InterestTiming.NOT_DECLARED,
                "service_cycle": ServiceCycle.UNKNOWN,
            },
            "NOT_DECLARED",
        ),
    ],
)
def test_the_next_cycle_begins_without_assessment_and_with_interest_that_counts_for_it(
    changed: dict[str, object], interest: str
) -> None:
    profile = replace(FULL, **changed)
    assert profile.for_next_cycle() == replace(
        profile,
        gateway_profile=GatewayProfileState.LINKED,
        interest=InterestTiming(interest),
        assessment=AssessmentKind.NONE,
        self_assessed_before=NO,
        self_assessment_steps=(),
        publication=Publication.NONE,
    )
    unlinked = replace(profile, gateway_now=None).for_next_cycle()
    assert unlinked.gateway_profile is GatewayProfileState.EXISTS_UNLINKED


@pytest.mark.parametrize(
    ("assessment", "before", "named", "answers"),
    [
        ("NONE", "YES", (1, 3), "YES NO YES"),
        ("NONE", "NO", (1, 3), "YES NO YES"),
        ("UNKNOWN", "NO", (1, 3), "UNKNOWN NO UNKNOWN"),
        ("UNKNOWN", "YES", (1, 3), "YES NO YES"),
        ("ONSITE", "NO", (1, 3), "NO NO NO"),
        ("ONSITE", "YES", (2,), "NO YES NO"),
        ("ONSITE", "UNKNOWN", (2,), "NO UNKNOWN NO"),
        ("ONSITE", "YES", (), "YES UNKNOWN UNKNOWN"),
        ("VCC", "NO", (), "NO NO NO"),
        ("UNKNOWN", "UNKNOWN", (), "UNKNOWN UNKNOWN UNKNOWN"),
    ],
)
def test_which_steps_were_self_assessed(
    assessment: str, before: str, named: tuple[int, ...], answers: str
) -> None:
    profile = FacilityProfile(
        "VN",
        assessment=AssessmentKind(assessment),
        self_assessed_before=Ternary(before),
        self_assessment_steps=named,
    )
    assert [profile.self_assessed(step) for step in (1, 2, 3)] == answers.split()
