"""Sources under a sentence, and sentences in other words."""

from __future__ import annotations

from itertools import permutations

from kb.rules.evidence import Citation, CitationRole, KnowledgeLayer, Sentence, distinct

FAQS = KnowledgeLayer.SHARED_FAQS_2021


def cited(passage: str, role: CitationRole, source: str = "faqs") -> Citation:
    return Citation(source, FAQS, role, passage)


def test_a_passage_is_cited_once_with_its_strongest_role_wherever_that_stands() -> None:
    stated, combined, derived = (cited("7.note", role) for role in CitationRole)
    for order in permutations((stated, combined, derived)):
        assert distinct(order) == (stated,)
    assert distinct([derived, combined]) == (combined,)


def test_citations_stay_in_the_order_in_which_they_come_up_first() -> None:
    first, second = cited("7.note", CitationRole.DERIVED), cited("5.note", CitationRole.STATED)
    again = cited("7.note", CitationRole.STATED)
    assert distinct([first, second, again]) == (again, second)


def test_the_same_passage_of_two_sources_is_two() -> None:
    sources = [cited("7.note", CitationRole.STATED, name) for name in ("faqs", "record")]
    assert distinct(sources) == tuple(sources)


def test_a_citation_has_the_number_of_the_faq_of_its_passage_and_none_without_one() -> None:
    assert cited("17.step1-only", CitationRole.STATED).faq_number == 17
    assert Citation("howtohigg", KnowledgeLayer.PUBLIC_RECORD).faq_number is None
    assert Citation("howtohigg", KnowledgeLayer.PUBLIC_RECORD).role is CitationRole.STATED


def test_a_sentence_is_said_in_other_words_as_a_whole_or_not_at_all() -> None:
    sentence = Sentence(
        "Ask in {country} and {country}, {when}.", {"country": "Vietnam", "when": "now"}
    )
    words = {
        sentence.template: "Hỏi ở {country}, {country}, {when}.",
        "Vietnam": "Việt Nam",
    }
    assert sentence.said({}) == "Ask in Vietnam and Vietnam, now."
    assert sentence.said(words) == "Hỏi ở Việt Nam, Việt Nam, now."
    assert sentence.said({"Vietnam": "Việt Nam"}) == "Ask in Vietnam and Vietnam, now."
