"""A golden case that comes out otherwise is told in one sentence per field."""

from __future__ import annotations

import pytest

from kb.content.golden import failures
from kb.content.library import library_from, read_content, read_golden_cases

CASE = """\
An enrolled factory in Vietnam is not decided here:
  as_of: {as_of}
  layers: [{layers}]
  profile: {{country: "VN", enrolled: "YES", assessment: VCC, self_assessment_steps: [1]}}
  expect: {expect}
"""


@pytest.fixture
def outcome(small_content):
    """What the small tree's case is told when it expects something."""

    def expectations(expect: str, as_of: str = "2021-10-01", layers: str = "SHARED_FAQS_2021"):
        text = CASE.format(expect=expect, as_of=as_of, layers=layers)
        folder = small_content({"golden/cases.yaml": text})
        return failures(read_golden_cases(folder), library_from(read_content(folder)))

    return expectations


def test_an_answer_as_expected_is_no_failure(outcome):
    expect = """{assessed_by: UNDETERMINED, provisional: false, fallback: null,
      sharing: UNDETERMINED, blockers: [], warnings: [], row_a: A1, row_b: null,
      first_action: null, labels: ["1:BW_VCC_STEP1", "1:SELF_STEP1", "2:BW_VCC_STEP1",
      "2:SELF_STEP1", "3:BW_VCC_STEP1", "3:SELF_STEP1"], fees: {VERIFICATION: NONE},
      tool_version: "1.4", law_overlay: null}"""
    assert outcome(expect) == []


@pytest.mark.parametrize(
    ("expect", "difference"),
    [
        ("{assessed_by: BETTER_WORK}", "assessed_by should be BETTER_WORK but is UNDETERMINED."),
        ("{provisional: true}", "provisional should be true but is false."),
        ("{fallback: VERIFIER_BODY}", "fallback should be VERIFIER_BODY but is null."),
        ("{sharing: NOT_YET}", "sharing should be NOT_YET but is UNDETERMINED."),
        ("{blockers: [NOT_LINKED]}", "blockers should be NOT_LINKED but is none."),
        ("{warnings: [TABLE_GAP]}", "warnings should be TABLE_GAP but is none."),
        ("{row_a: A2}", "row_a should be A2 but is A1."),
        ("{row_b: B1}", "row_b should be B1 but is null."),
        ("{first_action: SHARE}", "first_action should be SHARE but is null."),
        (
            '{labels: ["1:NO_DATA"]}',
            "labels should be 1:NO_DATA but is 1:BW_VCC_STEP1, 1:SELF_STEP1, 2:BW_VCC_STEP1,"
            " 2:SELF_STEP1, 3:BW_VCC_STEP1, 3:SELF_STEP1.",
        ),
        ("{fees: {}}", "fees should be none but is VERIFICATION NONE."),
        ("{tool_version: null}", "tool_version should be null but is 1.4."),
        ("{law_overlay: false}", "law_overlay should be false but is null."),
    ],
)
def test_an_answer_that_differs_is_told_with_what_was_expected(outcome, expect, difference):
    assert outcome(expect) == [f"An enrolled factory in Vietnam is not decided here: {difference}"]


def test_a_case_is_asked_on_its_day_and_in_its_layers(outcome):
    assert outcome("{row_a: null}", as_of="2021-09-30") == []
    assert outcome("{row_a: A1}", as_of="2021-10-01") == []
    assert outcome("{row_a: null}", layers="PUBLIC_RECORD") == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "{assessed_by: NOBODY}",
            "",
            "5: {}.expect.assessed_by: NOBODY is not a known value."
            " Allowed: BETTER_WORK, VERIFIER_BODY, UNDETERMINED",
        ),
        (
            "{row_x: A1}",
            "",
            "5: {}.expect.row_x: row_x is not a known key (did you mean row_b?)."
            " Allowed: assessed_by, provisional, fallback, verifier_excluded, sharing, deadline,"
            " because, route, state, steps, actions, first_action, blockers, warnings, missing,"
            " brand_may, brand_may_not, row_a, row_b, labels, fees, tool_version, law_overlay,"
            " faqs, sources",
        ),
        (
            "[1]",
            "[4]",
            "1: {}: selfAssessmentSteps: '4' is not valid. Allowed: 1, 2 and 3.",
        ),
    ],
)
def test_a_case_that_cannot_be_asked_is_a_problem(problems_of, old, new, problem):
    text = CASE.format(
        expect="{}" if new else old, as_of="2021-10-01", layers="SHARED_FAQS_2021"
    ).replace(old, new or old)
    sentence = "An enrolled factory in Vietnam is not decided here"
    assert problems_of({"golden/cases.yaml": text}) == [
        f"golden/cases.yaml:{problem.format(sentence)}"
    ]
