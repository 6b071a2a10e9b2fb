"""Whoever asks what a term means gets what the glossary says of it."""

from __future__ import annotations

import pytest

from kb.search import AnswerOutcome
from kb.search.glossary import Glossary


@pytest.mark.parametrize(
    ("question", "entry"),
    [
        ("What is ITC?", "itc"),
        ("what's the SLCP Gateway", "gateway"),
        ("who is UNICC", "unicc"),
        ("what are accredited hosts", "accredited-host"),
        ("what does VOO mean?", "verification-oversight-organisation"),
        ("Can you tell me what a Verifier Body is?", "verifier-body"),
        ("what do you mean by enhanced", "enhanced-self-assessment"),
        ("meaning of OSH", "osh"),
        ("What is the Converged Assessment Framework (CAF)?", "converged-assessment-framework"),
        ("vFSLM meaning", "vfslm"),
        ("explain the law overlay to me", "law-overlay"),
        ("What is the Better Work platform for?", "better-work-platform"),
        # What an abbreviation stands for is the entry of its full name, if it has one.
        ("what does SLCP stand for", "slcp-full-name"),
        ("full form of FFC", "ffc-full-name"),
        ("what does CAF stand for", "converged-assessment-framework"),
        # Asks for more than a meaning, or for a list.
        ("What are the accredited hosts?", None),
        ("what is the law overlay in Vietnam used for", None),
        ("what is the deadline", None),
        ("is ITC a host", None),
        ("what", None),
    ],
)
def test_a_question_for_the_meaning_of_a_term_names_its_entry(library, question, entry):
    assert Glossary(library.glossary).asked_for(question) == entry


@pytest.mark.parametrize(
    ("question", "term", "passage"),
    [
        ("What is SLCP?", "slcp", "1.collaboration"),
        ("what is FFC", "ffc", "4.where-available"),
        ("what is a facility profile?", "facility-profile", "9.submit-profile"),
        ("what is a verifer body", "verifier-body", "7.no-verifiers"),
    ],
)
def test_a_term_is_answered_with_a_passage_that_it_is_from(index, question, term, passage):
    answer = index.ask(question)
    assert (answer.outcome, answer.handover) == (AnswerOutcome.ANSWERED, None)
    assert (answer.terms, answer.hits[0].passage_id) == ((term,), passage)
    assert answer.confidence >= 0.9


def test_a_term_that_only_later_pages_use_shows_no_passage_and_gives_way_to_a_topic(index):
    answer = index.ask("what does SLCP stand for?")
    assert (answer.terms, answer.hits[0].shown) == (("slcp-full-name",), ())
    answer = index.ask("what does VRC mean?")
    assert answer.terms == ()
    assert "status-vrc" in answer.handover.public_record


def test_the_glossary_is_english_and_says_nothing_in_other_languages(index):
    assert index.ask("apa itu VCC").terms == ()
    assert index.ask("what is ITC", locale="vi").terms == ()
