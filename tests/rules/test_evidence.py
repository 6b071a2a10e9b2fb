"""Sources under a sentence, and sentences in other words."""

from __future__ import annotations

from itertools import permutations

import pytest

from kb.rules.evidence import (
    Citation,
    CitationRole,
    KnowledgeLayer,
    Sentence,
    distinct,
    with_article,
)

FAQS = KnowledgeLayer.SHARED_FAQS_2021


def cited(passage: str, role: CitationRole, source: str = "faqs") -> Citation:
    return Citation(source, FAQS, role, passage)


def test_a_passage_is_cited_once_with_its_strongest_role_wherever_that_stands() -> None:
    stated, combined, implied = (cited("7.note", role) for role in CitationRole)
    for order in permutations((stated, combined, implied)):
        assert distinct(order) == (stated,)
    assert distinct([implied, combined]) == (combined,)


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
    assert sentence.in_words({}) == "Ask in Vietnam and Vietnam, now."
    assert sentence.in_words(words) == "Hỏi ở Việt Nam, Việt Nam, now."
    assert sentence.in_words({"Vietnam": "Việt Nam"}) == "Ask in Vietnam and Vietnam, now."


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("It is open in {country}.", "It is open in the Philippines."),
        ("{country} is. {country} has.", "The Philippines is. The Philippines has."),
        ("The {country} is, the {country} has.", "The Philippines is, the Philippines has."),
    ],
)
def test_a_country_has_its_article_in_an_english_sentence_and_only_there(
    template: str, said: str
) -> None:
    sentence = Sentence(template, {"country": "Philippines"})
    assert sentence.in_words({}) == said
    words = {template: "{country}", "Philippines": "Filipina"}
    assert sentence.in_words(words) == "Filipina"
    assert sentence.in_words({**words, "Philippines": "Philippines"}) == "Philippines"


@pytest.mark.parametrize(
    ("name", "with_its_article"),
    [
        ("United States", "the United States"),
        ("Dominican Republic", "the Dominican Republic"),
        ("Cook Islands", "the Cook Islands"),
        ("Gambia", "the Gambia"),
        ("Vietnam", "Vietnam"),
        ("Niger", "Niger"),
        ("Christmas Island", "Christmas Island"),
    ],
)
def test_some_names_of_countries_take_an_article(name: str, with_its_article: str) -> None:
    assert with_article(name) == with_its_article
