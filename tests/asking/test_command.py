"""`kb ask`: the answer for people, for programs, and with how it came about."""

import json

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.served


def test_a_question_is_answered_with_its_passages(kb_filled: Run):
    ran = kb_filled("ask", "is the gateway free")
    assert ran.code == 0, ran.err
    assert ran.out.startswith("Yes. Registering in the SLCP Gateway costs facilities nothing.\n")
    assert "Passages: 14.gateway-free, 14.service-fee, 14.host-fee" in ran.out


def test_why_shows_terms_scores_and_corrections(kb_filled: Run):
    ran = kb_filled("ask", "is the gatway free", "--why")
    assert ran.code == 0, ran.err
    assert "14.gateway-free" in ran.out
    assert "gatway → gateway" in ran.out
    (score,) = (line.split("│")[2] for line in ran.out.splitlines() if line.startswith("│ 14 "))
    assert 0.5 < float(score) <= 1


def test_what_is_not_covered_and_what_is_unclear_are_said_plainly(kb_filled: Run):
    ran = kb_filled("ask", "I forgot my password")
    assert (ran.code, ran.out.splitlines()[0]) == (0, "The knowledge base does not answer this.")
    assert "Ask the helpdesk of the platform that you want to sign in to." in ran.out
    unclear = kb_filled("ask", "and in Indonesia?")
    assert unclear.out.startswith("Did you mean:\n\n- FAQ ")
    after = kb_filled("ask", "and in Indonesia?", "--previous", "is CAF v1.4 live in Vietnam?")
    assert "Indonesia is one of the three rollout countries." in after.out


def test_json_is_the_answer_of_the_query_fitted_to_a_facility(kb_filled: Run):
    ran = kb_filled("ask", "what fees", "--facility", "DEMO-OS-000001", "--json", "--locale", "vi")
    assert ran.code == 0, ran.err
    answer = json.loads(ran.out)
    assert answer["servedLocale"] == "vi"
    assert answer["applicability"]["assessment"]["assessedBy"]


def test_a_missing_facility_and_an_empty_question_are_refused(kb_filled: Run):
    missing = kb_filled("ask", "what fees", "--facility", "NOBODY")
    assert (missing.code, missing.out) == (2, "")
    assert "'NOBODY'" in missing.err
    empty = kb_filled("ask", " ")
    assert empty.code == 2
    assert "Allowed: some words." in empty.err
