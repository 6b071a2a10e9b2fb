"""A message that asks several questions gets an answer to each; a known gap is told beside it."""

from __future__ import annotations

import pytest

from kb.content.conditions import INPUTS
from kb.search import AnswerOutcome


def test_two_questions_get_both_answers(index):
    answer = index.ask("What is a Virtual Compliance Check? What does Gateway registration cost?")
    assert answer.outcome is AnswerOutcome.ANSWERED
    passages = {answer.hits[0].passage_id, *(hit.passage_id for hit in answer.beside)}
    assert passages == {"23.what-it-is", "14.gateway-free"}


def test_two_ways_to_ask_the_same_get_one_answer(index):
    answer = index.ask("What is a VCC? What does Virtual Compliance Check mean?")
    assert answer.hits[0].passage_id == "23.what-it-is"
    assert answer.beside == ()


def test_what_is_not_stated_is_told_beside_what_is_answered(index):
    answer = index.ask(
        "What is a Virtual Compliance Check? How much does a verification by a Verifier Body cost?"
    )
    assert answer.outcome is AnswerOutcome.ANSWERED
    assert answer.hits[0].passage_id == "23.what-it-is"
    assert answer.handover is not None
    assert answer.handover.topic == "The price of a verification"


def test_one_question_has_nothing_beside(index):
    assert index.ask("What is a Virtual Compliance Check?").beside == ()


@pytest.mark.parametrize(
    ("question", "passages"),
    [
        ("Who assesses us and how much does it cost?", {"7.assessed-by", "14.gateway-free"}),
        (
            "Does Better Work assess Step 2 and is there a law overlay for Cambodia?",
            {"17.step1-only", "4.other-better-work-countries"},
        ),
        (
            "Siapa yang menilai kami dan berapa biaya mendaftar di gateway?",
            {"7.assessed-by", "14.gateway-free"},
        ),
        (
            "কে আমাদের মূল্যায়ন করে এবং gateway-তে নিবন্ধনের খরচ কত?",
            {"7.assessed-by", "14.gateway-free"},
        ),
        # Nobody has to type a question mark.
        ("who assesses us and what does it cost", {"7.assessed-by", "14.gateway-free"}),
        (
            "siapa yg menilai kami & berapa biaya daftar di gateway",
            {"7.assessed-by", "14.gateway-free"},
        ),
        (
            "ai danh gia nha may va chi phi dang ky gateway la bao nhieu",
            {"7.assessed-by", "14.gateway-free"},
        ),
        ("ke assess korbe ar gateway te koto taka lage", {"7.assessed-by", "14.gateway-free"}),
        # What "it" is, the question before tells.
        (
            "Is our data verified? And who can see it?",
            {"18.no-verification", "19.manufacturer-decides"},
        ),
        # One question about two things is one question.
        ("How do Better Work and SLCP engage?", {"1.collaboration"}),
        ("Better Work và SLCP hợp tác với nhau như thế nào?", {"1.collaboration"}),
        ("langkah 2 sama 3 siapa yang menilai?", {"20.self-assessed"}),
    ],
)
@pytest.mark.parametrize("previous", [None, "Who runs the Gateway?"])
def test_questions_that_one_sentence_joins_are_each_answered(index, question, passages, previous):
    answer = index.ask(question, previous=previous)
    assert answer.outcome is AnswerOutcome.ANSWERED
    assert {answer.hits[0].passage_id, *(hit.passage_id for hit in answer.beside)} == passages


def test_what_is_decided_for_a_facility_and_what_is_not_are_both_answered(index):
    unknown = dict.fromkeys(INPUTS, "UNKNOWN")
    answer = index.ask("What does it cost us? Who can see our data?", profile_inputs=unknown)
    assert answer.intents == ("COST",)
    assert [hit.passage_id for hit in answer.beside] == ["19.manufacturer-decides"]
    answer = index.ask("Who assesses us and what does it cost us?", profile_inputs=unknown)
    assert answer.intents == ("ASSESSED_BY", "COST")


def test_a_price_that_is_not_stated_is_told_beside_who_assesses(index):
    answer = index.ask("Who assesses us, and what does verification cost?")
    assert answer.hits[0].passage_id == "7.assessed-by"
    assert answer.handover.topic == "The price of a verification"
