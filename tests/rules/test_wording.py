"""Statements filled in for a country, and answers said in other words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from kb.content.records import Library
from kb.rules.decide import decide
from kb.rules.evidence import Citation, Explained, KnowledgeLayer, Sentence
from kb.rules.facts import ALL_LAYERS, DatedFact, DatePrecision
from kb.rules.inputs import (
    AssessmentKind,
    CountryKind,
    FacilityProfile,
    InterestTiming,
    Ternary,
)
from kb.rules.outcomes import Applicability
from kb.rules.rulebook import Rulebook, Statement
from kb.rules.wording import Wording, in_words
from tests.rules.cases import DAY

SOURCE, RECORD = KnowledgeLayer.SHARED_FAQS_2021, KnowledgeLayer.PUBLIC_RECORD
FAQ, PAGE = Citation("faqs", SOURCE, passage="7.note"), Citation("page", RECORD)
PLAIN = Statement(text="In {country} since {first_day}.", citations=(FAQ,))
OF_COUNTRY = Statement(text="Ask there.", citations=(FAQ,), cites_country=True)


def fact(day: date, citation: Citation) -> DatedFact[CountryKind]:
    return DatedFact(
        valid_from=day,
        precision=DatePrecision.DAY,
        value=CountryKind.ROLLOUT,
        text="",
        citations=(citation,),
        checked_on=day,
    )


EARLY, LATE = fact(date(2021, 10, 1), PAGE), fact(date(2022, 5, 1), FAQ)


def small(rulebook: Rulebook) -> Rulebook:
    return replace(
        rulebook,
        statements={"PLAIN": PLAIN, "OF_COUNTRY": OF_COUNTRY},
        countries={"VN": (LATE, EARLY)},
        country_names={"VN": "Vietnam"},
    )


def test_a_statement_is_filled_in_with_the_country_and_its_first_day(rulebook: Rulebook) -> None:
    wording = Wording(small(rulebook), "VN", ALL_LAYERS)
    values = {"country": "Vietnam", "first_day": "2021-10-01"}
    assert wording.country_name == "Vietnam"
    assert wording.say("PLAIN") == Explained(
        because="PLAIN",
        text="In Vietnam since 2021-10-01.",
        sentence=Sentence(PLAIN.text, values),
        citations=(FAQ,),
    )
    assert wording.filled("CODE", "About {country}.", (PAGE,)) == {
        "because": "CODE",
        "text": "About Vietnam.",
        "sentence": Sentence("About {country}.", {"country": "Vietnam"}),
        "citations": (PAGE,),
    }


def test_the_first_day_is_that_of_the_layers_asked_for(rulebook: Rulebook) -> None:
    only_source = Wording(small(rulebook), "VN", frozenset({SOURCE}))
    assert only_source.say("PLAIN").text == "In Vietnam since 2022-05-01."


@pytest.mark.parametrize(
    ("precision", "said"),
    [(DatePrecision.DAY, "2021-10-01"), (DatePrecision.MONTH, "2021-10"), ("YEAR", "2021")],
)
def test_the_first_day_is_told_as_exactly_as_its_source_dates_it(
    rulebook: Rulebook, precision: DatePrecision, said: str
) -> None:
    first = replace(EARLY, precision=DatePrecision(precision))
    rules = replace(small(rulebook), countries={"VN": (LATE, first)})
    assert Wording(rules, "VN", ALL_LAYERS).say("PLAIN").text == f"In Vietnam since {said}."


def test_a_day_before_all_facts_is_answered_with_the_month_of_the_first(library: Library) -> None:
    answer = decide(FacilityProfile("VN"), library.rulebook, date(2021, 9, 30), ALL_LAYERS)
    first = "The first fact about it that decides anything is of 2021-10, and no earlier day"
    assert first in answer.assessment.text
    for locale in ("vi", "id", "bn"):
        text = in_words(answer, library.words[locale]).assessment.text
        assert "2021-10" in text
        assert "2021-10-01" not in text


def test_a_country_without_name_or_fact_is_told_by_its_code(rulebook: Rulebook) -> None:
    assert Wording(small(rulebook), "XX", ALL_LAYERS).say("PLAIN").text == "In XX since ."


def test_a_statement_on_the_country_cites_what_is_known_of_it_first(rulebook: Rulebook) -> None:
    known = Wording(small(rulebook), "VN", ALL_LAYERS, EARLY)
    assert known.say("OF_COUNTRY").citations == (PAGE, FAQ)
    assert known.say("PLAIN").citations == (FAQ,)
    assert Wording(small(rulebook), "VN", ALL_LAYERS).say("OF_COUNTRY").citations == (FAQ,)


def enrolled(rulebook: Rulebook) -> Applicability:
    profile = FacilityProfile(
        "VN",
        Ternary.YES,
        interest=InterestTiming.NOT_DECLARED,
        assessment=AssessmentKind.NONE,
        self_assessed_before=Ternary.NO,
    )
    return decide(profile, rulebook, DAY, ALL_LAYERS)


def test_every_part_of_an_answer_is_said_in_the_words_it_has(rulebook: Rulebook) -> None:
    answer = enrolled(rulebook)
    first = answer.workflow.steps[0]
    assert first.guard is not None
    words = {
        answer.assessment.sentence.template: "Kết luận",
        answer.assessment.tool.sentence.template: "Công cụ",
        answer.workflow.title: "Lộ trình",
        answer.country.name: "Việt Nam",
        first.title: "Bước một",
        first.guard: "Điều kiện",
        **{text: "Hỏi" for action in answer.workflow.next_actions for text in action.asks},
    }
    said = in_words(answer, words)
    assert said.assessment.text == "Kết luận"
    assert said.assessment.tool.text == "Công cụ"
    assert (said.workflow.title, said.country.name) == ("Lộ trình", "Việt Nam")
    assert (said.workflow.steps[0].title, said.workflow.steps[0].guard) == ("Bước một", "Điều kiện")
    assert {text for action in said.workflow.next_actions for text in action.asks} == {"Hỏi"}
    assert said.assessment.because == answer.assessment.because
    assert said.citations is answer.citations
    assert said.trace is answer.trace


def test_what_has_no_other_words_stays_as_it_is(rulebook: Rulebook) -> None:
    answer = enrolled(rulebook)
    assert in_words(answer, {}) is answer
    words = {"Another sentence.": "Một câu khác."}
    assert in_words(answer, words) == answer
    numbers = (1, 2)
    assert in_words(numbers, words) is numbers


def test_a_list_of_outcomes_is_said_one_by_one(rulebook: Rulebook) -> None:
    steps = enrolled(rulebook).workflow.steps[:2]
    said = in_words(steps, {steps[1].title: "Bước hai"})
    assert [step.title for step in said] == [steps[0].title, "Bước hai"]
