"""Every sentence of an answer fits what is known of its facility, on its day, in its language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Any

import pytest

from kb.content.records import Library, field_names
from kb.rules.brand_advice import brand_advice
from kb.rules.codes import BlockerCode
from kb.rules.decide import decide
from kb.rules.evidence import Explained, KnowledgeLayer
from kb.rules.facts import ALL_LAYERS
from kb.rules.inputs import (
    AssessedBy,
    AssessmentKind,
    FacilityProfile,
    GatewayProfileState,
    InterestTiming,
    Publication,
    Ternary,
)
from kb.rules.letter_phrases import UNREVIEWED
from kb.rules.outcomes import Applicability
from tests.rules.cases import every_profile
from tests.rules.letters import TODAY, demo_letter, write

SHARED_FAQS = frozenset({KnowledgeLayer.SHARED_FAQS_2021})
PAGES = frozenset({KnowledgeLayer.PUBLIC_RECORD})
SITUATIONS = [
    (date(2021, 1, 15), ALL_LAYERS),
    (date(2021, 10, 31), SHARED_FAQS),
    (TODAY, ALL_LAYERS),
    (date(2030, 1, 1), ALL_LAYERS),
]
PROFILES = [*islice(every_profile((1, 2)), 0, None, 79), *islice(every_profile(()), 5, None, 83)]


@pytest.fixture(scope="module")
def answers(library: Library) -> list[Applicability]:
    return [
        decide(profile, library.rulebook, day, layers)
        for place, profile in enumerate(PROFILES)
        for day, layers in (SITUATIONS[place % 4], SITUATIONS[2])
    ]


def said_in(outcome: Any) -> Iterator[str]:
    """Every sentence of an answer, but for the reasons why FAQs are worth reading."""
    if isinstance(outcome, Explained):
        yield outcome.text
    if isinstance(outcome, tuple):
        for part in outcome:
            yield from said_in(part)
    else:
        for name in field_names(outcome) or ():
            if name not in ("faqs", "profile", "trace", "sentence", "citations"):
                yield from said_in(getattr(outcome, name))


def those_that_say(answers: list[Applicability], words: str) -> list[Applicability]:
    wanted = re.compile(words)
    matching = [answer for answer in answers if any(map(wanted.search, said_in(answer)))]
    assert matching, words
    return matching


def enrolled(answer: Applicability) -> Ternary:
    return answer.profile.with_what_follows().enrolled


@pytest.mark.slow
def test_enrolment_is_called_open_only_where_it_is(answers: list[Applicability]) -> None:
    is_open = r"not known whether \w+ \w+ is enrolled|clear whether \w+ \w+ is enrolled"
    for answer in those_that_say(answers, is_open):
        assert enrolled(answer) is Ternary.UNKNOWN, answer.profile.key
    for answer in answers:
        assert not re.search("first of all whether|enrolment is clear", " ".join(said_in(answer)))


def test_a_facility_is_called_enrolled_or_not_only_where_that_is_known(
    answers: list[Applicability],
) -> None:
    for answer in those_that_say(answers, "because it is enrolled|said to be enrolled"):
        assert enrolled(answer) is Ternary.YES, answer.profile.key
    for answer in those_that_say(answers, "(facility|factory) (that )?is not enrolled"):
        assert enrolled(answer) is Ternary.NO, answer.profile.key


def test_nobody_is_told_that_the_assessor_is_unclear_where_one_is_named(
    answers: list[Applicability],
) -> None:
    for answer in those_that_say(answers, "before it is clear who assesses"):
        assert answer.assessment.assessed_by is AssessedBy.UNDETERMINED, answer.profile.key


def test_no_sentence_claims_that_a_country_has_no_better_work(answers: list[Applicability]) -> None:
    for answer in answers:
        assert "without Better Work factories" not in " ".join(said_in(answer))


def test_what_is_needed_for_sharing_is_not_said_to_be_enough(
    answers: list[Applicability],
) -> None:
    for answer in answers:
        said = " ".join(said_in(answer))
        assert not re.search("starts once|becomes possible once|is open again", said)
    assert those_that_say(answers, "at least until the national constituents")


def test_statements_that_contradict_each_other_do_so_on_any_day(library: Library) -> None:
    not_enrolled = FacilityProfile("JO", Ternary.NO, assessment=AssessmentKind.ONSITE)
    too_early = FacilityProfile(
        "JO",
        Ternary.YES,
        interest=InterestTiming.AFTER_ASSESSMENT,
        assessment=AssessmentKind.NONE,
    )
    for profile in (not_enrolled, too_early):
        for day in (date(2021, 1, 15), date(2024, 6, 1), TODAY):
            blockers = decide(profile, library.rulebook, day, ALL_LAYERS).workflow.blockers
            assert [blocker.code for blocker in blockers] == [BlockerCode.CONTRADICTORY_INPUT]


def test_what_is_too_old_is_told_with_the_pages_that_said_it_in_this_answer(
    answers: list[Applicability],
) -> None:
    for answer in those_that_say(answers, "too long ago to rely on"):
        said = {
            citation.source
            for outcome in (*answer.later_facts, answer.country)
            for citation in outcome.citations
        }
        for warning in answer.warnings:
            if warning.because.endswith("_LAST_CHECKED_LONG_AGO"):
                pages = {citation.source for citation in warning.citations if not citation.passage}
                assert pages <= said, answer.profile.key


def test_what_is_on_the_gateway_is_not_asked_to_be_sent_there(library: Library) -> None:
    sent = FacilityProfile(
        "VN",
        Ternary.YES,
        gateway_profile=GatewayProfileState.LINKED,
        interest=InterestTiming.BEFORE_ASSESSMENT,
        assessment=AssessmentKind.ONSITE,
        self_assessed_before=Ternary.YES,
        publication=Publication.DATA_SUBMITTED,
    )
    (share,) = decide(sent, library.rulebook, TODAY, ALL_LAYERS).workflow.next_actions
    assert share.code == "SHARE"
    assert not any("send" in ask for ask in share.asks)


def test_later_pages_alone_decide_nothing_and_the_letter_says_so(library: Library) -> None:
    _, text = write(library, FacilityProfile("VN", Ternary.YES), layers=PAGES)
    assert "so nothing is decided here for 2026-11-23." in text
    assert "The rules are those of" not in text
    assert "### What to do next" not in text


@pytest.mark.parametrize("locale", ["bn", "id", "vi"])
def test_a_translated_text_says_itself_in_which_language_it_is_and_that_nobody_reviewed_it(
    library: Library, locale: str
) -> None:
    note = library.words[locale][UNREVIEWED]
    assert f"({locale})" in note
    letter = demo_letter(library, 2, locale)
    assert letter.text.split("\n\n")[2] == note
    sharing = letter.answer.sharing
    assert brand_advice(sharing, library.words[locale]).endswith(f"\n\n{note}")
    for text in (demo_letter(library, 2).text, brand_advice(sharing, {})):
        assert "translated from English" not in text
