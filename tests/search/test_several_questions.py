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


def test_each_topic_without_an_answer_is_told(index):
    answer = index.ask("Can we share with Higg? Is SMETA accepted? What is the minimum wage?")
    assert answer.hits[0].passage_id == "13.share-then-higg"
    topics = [answer.handover.topic, *(handover.topic for handover in answer.unstated)]
    assert topics == ["SMETA and Sedex", "Minimum wages and wage rates"]
    answer = index.ask("Is SMETA accepted? What is the minimum wage?")
    assert answer.outcome is AnswerOutcome.HANDOVER
    assert (answer.handover.topic, answer.unstated[0].topic) == tuple(topics)


def test_a_question_that_nothing_answers_is_told_by_its_place_beside_those_answered(index):
    answer = index.ask("What is a VCC? Which colour has a unicorn?")
    assert answer.outcome is AnswerOutcome.ANSWERED
    assert answer.hits[0].passage_id == "23.what-it-is"
    assert answer.left_open == ("Which colour has a unicorn?",)
    assert [handover.not_stated for handover in answer.unstated] == [
        "Question 2 of this message has no answer here that is certain."
    ]
    answer = index.ask("VCC là gì? Kỳ lân màu gì?")
    assert answer.unstated[0].not_stated.startswith("Câu hỏi 2 trong tin nhắn này")


def test_nothing_is_told_of_what_asks_nothing_beside_a_question(index):
    answer = index.ask("Are you a robot? What is a VCC?")
    assert (answer.outcome, answer.handover, answer.unstated) == (AnswerOutcome.ANSWERED, None, ())


@pytest.mark.parametrize(
    "message",
    [
        "1) what is the Gateway 2) does Better Work verify the self-assessment",
        "1. what is the Gateway\n2. does Better Work verify the self-assessment",
        "- what is the Gateway\n- does Better Work verify the self-assessment",
        "what is the Gateway. does Better Work verify the self-assessment.",
        "What is the Gateway, also does Better Work verify the self-assessment?",
    ],
)
def test_the_parts_of_a_list_are_each_answered_without_question_marks(index, message):
    answer = index.ask(message)
    assert answer.outcome is AnswerOutcome.ANSWERED
    passages = {answer.hits[0].passage_id, *(hit.passage_id for hit in answer.beside)}
    assert passages == {"21.itc", "18.no-verification"}


@pytest.mark.parametrize("text", ["Step 1. Step 2. who assesses them", "we use v1. 4 of it"])
def test_numbers_that_count_no_questions_part_no_message(index, text):
    assert index.look_up(text).question.questions == ()


def test_a_country_in_one_of_the_questions_is_told_of(index):
    answer = index.ask("Is Jordan included? What is the minimum wage there?")
    assert answer.hits[0].passage_id == "2.rollout-countries"
    assert answer.handover.topic == "Minimum wages and wage rates"


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
        (
            "daftar gateway bayar gak dan siapa yang menilai kami",
            {"14.gateway-free", "7.assessed-by"},
        ),
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
