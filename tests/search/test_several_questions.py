"""A message that asks several questions gets an answer to each; a known gap is told beside it."""

from __future__ import annotations

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
