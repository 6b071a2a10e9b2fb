"""What an answer says besides what its tables decide: country, sources, FAQs, warnings, traces."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from kb.rules.codes import Actor, BlockerCode, FactTopic, SharingStatus, WarningCode
from kb.rules.decide import decide, with_warning
from kb.rules.evidence import Sentence
from kb.rules.facts import ALL_LAYERS
from kb.rules.inputs import AssessedBy, AssessmentKind, CountryKind, FacilityProfile, Ternary
from kb.rules.outcomes import (
    Applicability,
    ApplicabilityWarning,
    LabelScope,
    RuleInput,
    RuleOutcome,
)
from kb.rules.rulebook import Rulebook
from tests.rules.cases import DAY

YES, NO = Ternary.YES, Ternary.NO
PENDING = FacilityProfile("PK", YES)


def answer(rulebook: Rulebook, profile: FacilityProfile, day: date = DAY) -> Applicability:
    return decide(profile, rulebook, day, ALL_LAYERS)


def test_a_country_is_told_with_the_fact_of_the_day_and_its_sources(rulebook: Rulebook) -> None:
    country = answer(rulebook, PENDING).country
    (fact,) = (fact for fact in rulebook.countries["PK"] if fact.valid_from <= DAY)
    assert (country.code, country.name, country.kind) == ("PK", "Pakistan", CountryKind.BW_PENDING)
    assert country.fact is fact
    assert country.because == "BW_PENDING"
    assert country.sentence == Sentence(fact.text, {"country": "Pakistan"})
    assert country.citations == fact.citations


def test_what_rests_on_the_kind_of_country_cites_the_country_first(rulebook: Rulebook) -> None:
    pending = answer(rulebook, PENDING)
    for said in (pending.assessment, pending.assessment.tool):
        assert said.citations[0] == pending.country.citations[0]


def test_on_a_day_before_the_first_fact_nothing_is_asked_or_cited_but_that(
    rulebook: Rulebook,
) -> None:
    before = answer(rulebook, FacilityProfile("VN", YES), date(2021, 1, 1))
    country, assessment = before.country, before.assessment
    assert (country.code, country.name, country.kind, country.fact) == ("VN", "Vietnam", None, None)
    assert country.because == assessment.because == assessment.tool.because == "DAY_NOT_COVERED"
    assert (assessment.tool_version, assessment.law_overlay) == (None, None)
    assert (before.missing, before.faqs, before.trace) == ((), (), ())
    assert [blocker.code for blocker in before.workflow.blockers] == [BlockerCode.COUNTRY_UNKNOWN]


def test_later_facts_are_part_of_an_answer_and_warned_of_when_old(rulebook: Rulebook) -> None:
    later = answer(rulebook, PENDING, date(2023, 6, 1))
    assert [warning.because for warning in later.warnings] == ["COUNTRY_LAST_CHECKED_LONG_AGO"]
    assert "Pakistan" in later.warnings[0].text
    review = answer(rulebook, FacilityProfile("IN", NO), date(2023, 6, 1))
    assert [(fact.because, fact.topic) for fact in review.later_facts] == [
        ("REVIEW_WINDOW", FactTopic.DURATIONS)
    ]


def test_a_warning_that_is_added_comes_with_its_sources(rulebook: Rulebook) -> None:
    rule = replace(
        rulebook.warnings["RECORD_IS_CONTESTED"],
        ambiguity="Q9",
        citations=answer(rulebook, PENDING).country.citations,
    )
    changed = replace(rulebook, warnings={**rulebook.warnings, "RECORD_IS_CONTESTED": rule})
    before = answer(rulebook, FacilityProfile("VN"), date(2026, 11, 27))
    assert before.warnings != ()
    warned = with_warning(before, changed, "RECORD_IS_CONTESTED")
    assert warned.warnings[:-1] == before.warnings
    assert warned.warnings[-1] == ApplicabilityWarning(
        because="RECORD_IS_CONTESTED",
        text=rule.text,
        sentence=Sentence(rule.text, {}),
        citations=rule.citations,
        code=WarningCode.RECORD_CONTESTED,
        ambiguity="Q9",
    )
    assert warned.citations == (*before.citations, *rule.citations)


@pytest.mark.parametrize(
    ("profile", "day", "last"),
    [
        (  # warnings, then what is not known, the steps, and the country
            FacilityProfile("PK", NO),
            date(2023, 6, 1),
            [
                *("howtohigg-vfslm", "2.launch-with-overlay", "2.rollout-countries"),
                *("5.enrolled", "5.not-enrolled"),
                *("14.gateway-free", "14.host-fee", "14.service-fee"),
                *("3.country-list", "2.brands-wait"),
                *("4.other-better-work-countries", "4.countries"),
                *("7.replaces", "7.no-verifiers", "13.through-better-work"),
            ],
        ),
        (  # the country, and what later pages say
            FacilityProfile("BD", NO, NO),
            date(2023, 6, 1),
            ["6.own-assessments-only", "2.rollout-countries", "sumerra-change-request"],
        ),
    ],
)
def test_sources_come_in_the_order_of_the_weight_of_what_rests_on_them(
    rulebook: Rulebook, profile: FacilityProfile, day: date, last: list[str]
) -> None:
    citations = answer(rulebook, profile, day).citations
    assert [citation.passage or citation.source for citation in citations][-len(last) :] == last


def test_step_1_is_told_in_parts_only_where_better_work_has_made_a_virtual_check(
    rulebook: Rulebook,
) -> None:
    for country, scopes in (
        ("VN", [LabelScope.IN_VCC_SUBSET, LabelScope.OUTSIDE_VCC_SUBSET]),
        ("IN", [LabelScope.ALL]),
    ):
        profile = FacilityProfile(country, YES, assessment=AssessmentKind.VCC)
        labels = answer(rulebook, profile).data_labels
        assert list(dict.fromkeys(label.scope for label in labels if label.step == 1)) == scopes


def test_an_answer_is_provisional_and_has_a_fallback_only_while_its_condition_holds(
    rulebook: Rulebook,
) -> None:
    profile = FacilityProfile("VN", NO, YES)
    because = answer(rulebook, profile).assessment.because
    all_rows = rulebook.assessment.rows
    (row,) = (row for row in all_rows if row.then.because == because)
    for value, expected in (("UNKNOWN", AssessedBy.VERIFIER_BODY), ("NO", None)):
        then = replace(row.then, provisional_when=({"capacity_available": (value,)},))
        rows = tuple(replace(row, then=then) if row is other else other for other in all_rows)
        changed = replace(rulebook, assessment=replace(rulebook.assessment, rows=rows))
        assessment = answer(changed, profile).assessment
        assert (assessment.provisional, assessment.fallback) == (expected is not None, expected)


def test_the_facility_decides_on_sharing_and_deadlines_are_told_to_enrolled_ones(
    rulebook: Rulebook,
) -> None:
    key = "VN|UNKNOWN|YES|YES|LINKED|BEFORE_ASSESSMENT|NONE|NO||NONE|NONE|UNKNOWN||"
    sharing = answer(rulebook, FacilityProfile.from_key(key)).sharing
    assert (sharing.status, sharing.deadline) == (SharingStatus.NOT_YET, None)
    assert sharing.who_decides is Actor.FACILITY


@pytest.mark.parametrize(
    ("key", "may"),
    [
        (  # interest after an assessment that did not take place
            "VN|YES|YES|UNKNOWN|UNKNOWN|AFTER_ASSESSMENT|NONE|NO||NONE|NONE|UNKNOWN||",
            ["BRAND_RECEIVES_SHARED_DATA"],
        ),
        (
            "VN|YES|UNKNOWN|UNKNOWN|UNKNOWN|UNKNOWN|UNKNOWN|UNKNOWN||NONE|NONE|UNKNOWN||",
            ["BRAND_ASKS_SUPPLIER", "BRAND_ASKS_FOR_STEPS", "BRAND_RECEIVES_SHARED_DATA"],
        ),
    ],
)
def test_where_answers_contradict_each_other_a_brand_asks_for_no_step(
    rulebook: Rulebook, key: str, may: list[str]
) -> None:
    sharing = answer(rulebook, FacilityProfile.from_key(key)).sharing
    assert sharing.status is SharingStatus.UNDETERMINED
    assert [statement.because for statement in sharing.brand_may] == may


def test_faqs_are_ranked_by_what_the_decision_rests_on(rulebook: Rulebook) -> None:
    faqs = answer(rulebook, PENDING).faqs
    assert [(faq.rank, faq.number, faq.because) for faq in faqs[:3]] == [
        (1, 2, "FAQ_2_APPLIES"),
        (2, 5, "FAQ_5_APPLIES"),
        (3, 7, "FAQ_7_APPLIES"),
    ]
    assert [citation.passage for faq in faqs[:2] for citation in faq.citations] == [
        "2.joint-review",
        "5.enrolled",
    ]


def test_the_trace_tells_each_row_with_the_inputs_it_was_tried_on(rulebook: Rulebook) -> None:
    trace = answer(rulebook, FacilityProfile("IN", NO, NO)).trace
    assert {outcome.table for outcome in trace} == {"A", "C", "D", "E"}
    first, second = (outcome for outcome in trace if outcome.row in ("A1", "A6"))
    assert first == RuleOutcome("A", "A1", False, _tried(rulebook, "A1", "IN"))
    assert [condition.name for condition in second.inputs]


def _tried(rulebook: Rulebook, row: str, country: str) -> tuple[RuleInput, ...]:
    inputs = FacilityProfile(country, NO, NO).inputs(CountryKind.NON_BW)
    (condition, *_) = next(other.when for other in rulebook.assessment.rows if other.id == row)
    return tuple(
        RuleInput(name, inputs[name], accepts, inputs[name] in accepts)
        for name, accepts in condition.items()
    )
