"""kb what-applies: the answer for a facility or a profile, as text, as JSON, with its trace."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Run
from tests.trial_databases import on_sqlite

pytestmark = on_sqlite


@pytest.mark.parametrize("name", ["DEMO-OS-000002", "DEMO-GW-000002", "DEMO-BW-000002", "2"])
def test_a_facility_is_named_by_any_of_its_ids(kb_filled: Run, name: str) -> None:
    ran = kb_filled("what-applies", name, "--as-of", "2026-11-23")
    assert ran.code == 0
    assert ran.out.startswith("**Demo Factory 0002 (VN), Vietnam, on 2026-11-23**\n")
    assert "### What to do next" in ran.out
    assert "Knowledge release 1 of 2026-11-23." in ran.out
    assert ran.err == ""


def test_a_day_in_the_past_is_answered_as_things_stood_then(kb_filled: Run) -> None:
    assert "assessed on site" in kb_filled("what-applies", "DEMO-OS-000002").out
    ran = kb_filled("what-applies", "DEMO-OS-000002", "--as-of", "2025-01-01")
    assert ", on 2025-01-01**" in ran.out
    assert "assessed on site" not in ran.out


def test_a_day_without_facts_says_so(kb_filled: Run) -> None:
    ran = kb_filled("what-applies", "--profile", "country=VN", "--as-of", "2019-01-01")
    assert ran.code == 0
    assert "Vietnam is not covered on the day asked for." in ran.out


def test_a_profile_belongs_to_no_facility(kb_filled: Run) -> None:
    ran = kb_filled("what-applies", "--profile", "country=vn, enrolled=yes, gateway_profile=LINKED")
    assert ran.code == 0
    assert ran.out.startswith("**A facility in Vietnam, on ")
    assert "linked with the Gateway" in ran.out


def test_a_contradictory_profile_is_told_and_not_routed(kb_filled: Run) -> None:
    command = ("what-applies", "--profile", "country=IN,enrolled=YES", "--as-of", "2026-11-23")
    answer = json.loads(kb_filled(*command, "--json").out)
    assert answer["assessment"]["assessedBy"] == "UNDETERMINED"
    assert [blocker["code"] for blocker in answer["workflow"]["blockers"]] == [
        "CONTRADICTORY_INPUT"
    ]


def test_json_holds_the_same_answer_as_the_text(kb_filled: Run) -> None:
    command = ("what-applies", "DEMO-OS-000002", "--as-of", "2026-11-23")
    answer = json.loads(kb_filled(*command, "--json").out)
    assert answer["summary"].rstrip() == kb_filled(*command).out.rstrip()
    assert answer["facility"]["osId"] == "DEMO-OS-000002"
    assert answer["sharing"]["status"] == "SHAREABLE_NOW"
    steps = {step["code"]: step["doneOn"] for step in answer["workflow"]["steps"]}
    assert steps["SHARE"] is not None
    matched = [outcome["row"] for outcome in answer["trace"] if outcome["matched"]]
    assert matched[:2] == ["A1", "B7"]


@pytest.mark.parametrize("name", ["DEMO-OS-000002", "DEMO-GW-000002", "DEMO-BW-000002", "2"])
def test_json_is_given_for_a_facility_by_any_of_its_ids(kb_filled: Run, name: str) -> None:
    answer = json.loads(kb_filled("what-applies", name, "--json").out)
    assert answer["facility"]["osId"] == "DEMO-OS-000002"


def test_layers_keep_the_public_record_out(kb_filled: Run) -> None:
    command = ("what-applies", "--profile", "country=IN", "--json", "--as-of", "2026-11-23")
    assert "PUBLIC_RECORD" in kb_filled(*command).out
    ran = kb_filled(*command, "--layers", "shared_faqs_2021")
    assert ran.code == 0
    assert "PUBLIC_RECORD" not in ran.out


def test_the_trace_shows_every_row_with_what_it_was_tried_on(kb_filled: Run) -> None:
    ran = kb_filled("what-applies", "--profile", "country=VN,enrolled=NO,inScope=NO", "--trace")
    lines = [line.strip("│ \n") for line in ran.out.splitlines()]
    assert any(line.startswith("A6  │ yes") for line in lines)
    assert any(line.startswith("A1  │ no") for line in lines)
    assert any("✗ enrolled = NO (accepted: YES)" in line for line in lines)


def test_the_trace_of_a_day_without_facts_is_empty(kb_filled: Run) -> None:
    command = ("what-applies", "--profile", "country=VN", "--as-of", "2019-01-01", "--trace")
    assert kb_filled(*command).out.endswith("No row of any table was tried.\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("NOBODY",),
            "There is no facility with the number, OS ID, Gateway ID or Better Work ID 'NOBODY'.",
        ),
        (
            ("99999999999999",),
            "There is no facility with the number, OS ID, Gateway ID or Better Work ID "
            "'99999999999999'.",
        ),
        (
            (),
            "FACILITY: '' is not valid. Allowed: either FACILITY or --profile, and not both.",
        ),
        (
            ("1", "--profile", "country=VN"),
            "FACILITY: '1' is not valid. Allowed: either FACILITY or --profile, and not both.",
        ),
        (
            ("1", "--as-of", "20211001"),
            "--as-of: '20211001' is not valid. "
            "Allowed: a day of the calendar as YYYY-MM-DD, such as 2021-10-01.",
        ),
        (
            ("1", "--as-of", "2021-02-30"),
            "--as-of: '2021-02-30' is not valid. "
            "Allowed: a day of the calendar as YYYY-MM-DD, such as 2021-10-01.",
        ),
        (
            ("1", "--layers", "FAQS"),
            "--layers: 'FAQS' is not valid. Allowed: SHARED_FAQS_2021, PUBLIC_RECORD.",
        ),
        (
            ("1", "--layers", ","),
            "--layers: ',' is not valid. Allowed: SHARED_FAQS_2021, PUBLIC_RECORD.",
        ),
        (
            ("--profile", "country=XX"),
            "country: 'XX' is not valid. "
            "Allowed: the name of a country or its ISO 3166-1 code, such as Vietnam, VN or VNM.",
        ),
        (
            ("--profile", "enrolled=YES"),
            "--profile: 'enrolled=YES' is not valid. "
            "Allowed: a profile with country, such as country=VN.",
        ),
        (
            ("--profile", "country=VN,enroled=YES"),
            "--profile: 'enroled=YES' is not valid. Allowed: KEY=VALUE with the keys country, "
            "enrolled, inScope, capacityAvailable, gatewayProfile, interestDeclared, assessment, "
            "selfAssessedBefore, selfAssessmentSteps.",
        ),
        (
            ("--profile", "country=VN,country=BD"),
            "--profile: 'country=BD' is not valid. Allowed: country once only.",
        ),
        (
            ("--profile", "country=VN,enrolled=MAYBE"),
            "enrolled: 'MAYBE' is not valid. Allowed: YES, NO, UNKNOWN.",
        ),
        (
            ("--profile", "country=VN,selfAssessmentSteps=1+4"),
            "selfAssessmentSteps: '4' is not valid. Allowed: 1, 2 and 3, joined by +, such as 1+2.",
        ),
    ],
)
def test_bad_input_is_named_with_what_is_allowed(
    kb_filled: Run, arguments: tuple[str, ...], message: str
) -> None:
    ran = kb_filled("what-applies", *arguments)
    assert (ran.code, ran.out, ran.err) == (2, "", message + "\n")


def test_an_unknown_facility_is_told_in_the_same_way_with_json(kb_filled: Run) -> None:
    assert kb_filled("what-applies", "NOBODY", "--json") == kb_filled("what-applies", "NOBODY")
