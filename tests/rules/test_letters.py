"""Every letter can be pasted unread: all demo facilities, and one for each row of each table."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from kb.content.records import Library
from kb.rules.codes import DataLabelCode, FactTopic, SharingStatus, WarningCode
from kb.rules.evidence import KnowledgeLayer
from kb.rules.inputs import (
    ASSESSED,
    AssessmentKind,
    FacilityProfile,
    GatewayProfileState,
    InterestTiming,
    Publication,
    Ternary,
)
from kb.rules.public_record import RELIANCE
from tests.rules.letters import DEMO_FACILITIES, TODAY, Read, demo_letters, row_letters, write

pytestmark = pytest.mark.exhaustive

LATER = re.compile(r"Worldly|CAF 1\.[67]|\[\d+\]|betterwork\.org|howtohigg")
SHARED_FAQS = frozenset({KnowledgeLayer.SHARED_FAQS_2021})


@pytest.fixture(scope="module")
def read(library: Library) -> list[Read]:
    return [*demo_letters(library), *row_letters(library)]


def sections(text: str) -> dict[str, str]:
    """Heading to what stands below it; the first lines stand under ""."""
    parts = re.split(r"^### (.*)$\n", text, flags=re.MULTILINE)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def wrong(read: list[Read], holds) -> list[str]:
    """The names of the letters of which something does not hold."""
    return [letter.name for letter in read if not holds(letter)]


def test_there_is_a_letter_for_every_demo_facility_and_every_row(read: list[Read]) -> None:
    rows = [letter.name for letter in read if letter.state is None]
    assert len(read) - len(rows) == DEMO_FACILITIES
    assert len(rows) >= 60
    assert {"A1", "A16", "B0", "B14", "C1", "C14", "D4", "E4"} <= set(rows)


def test_the_first_lines_name_the_day_and_the_age_of_what_they_say(read: list[Read]) -> None:
    assert wrong(read, lambda it: "on 2026-11-23**" in it.text.splitlines()[0]) == []
    assert wrong(read, lambda it: "of October 2021; they may have changed" in it.text[:400]) == []


def test_each_sentence_stands_alone(read: list[Read]) -> None:
    opening = re.compile(r"^- (?:Yes|No|Not yet|Not this cycle|On track)\.", re.MULTILINE)
    assert wrong(read, lambda it: not opening.search(it.text)) == []


def test_each_statement_has_a_source_and_each_source_one_line(read: list[Read]) -> None:
    marked = re.compile(r"(?:\(.*FAQs? \d.*\)|\[\d+\])$")
    for letter in read:
        *parts, sources = sections(letter.text).items()
        assert sources[0] == "Sources"
        for heading, body in parts[1:]:
            lines = re.findall(r"^(?:- |\d+\. )(.*)$", body, re.MULTILINE)
            if heading != "With whom the data is shared":
                assert [line for line in lines if not marked.search(line)] == [], letter.name
        lines = re.findall(r"^- (.*)$", sources[1], re.MULTILINE)
        cited = {citation.source for citation in letter.answer.citations}
        assert len(lines) <= len(cited), letter.name
        used = {int(n) for n in re.findall(r"\[(\d+)\]", letter.text.split("### Sources")[0])}
        assert used == {int(n) for n in re.findall(r"^- \[(\d+)\]", sources[1], re.MULTILINE)}
        faqs = {
            int(number)
            for marks in re.findall(r"FAQs? ([\d, ]+)", letter.text.split("### Sources")[0])
            for number in re.findall(r"\d+", marks)
        }
        listed = {int(n) for n in re.findall(r"\d+", lines[0].rpartition("FAQ")[2])}
        assert listed <= faqs, letter.name


def test_in_time_is_said_of_what_is_over_only(read: list[Read]) -> None:
    assert wrong(read, lambda it: "in time" not in it.text) == []


def test_nothing_can_be_shared_now_before_it_is_on_the_gateway(read: list[Read]) -> None:
    on_gateway = (Publication.DATA_SUBMITTED, Publication.SHARED)
    assert (
        wrong(
            read,
            lambda it: "share it now" not in it.text or it.answer.profile.publication in on_gateway,
        )
        == []
    )


def test_what_is_shared_is_told_with_whom_and_since_when(read: list[Read]) -> None:
    heading = "With whom the data is shared"
    assert (
        wrong(read, lambda it: (heading in sections(it.text)) == bool(it.state and it.state.grants))
        == []
    )
    for letter in read:
        for grant in letter.state.grants if letter.state else ():
            assert f"Shared with {grant.grantee} " in letter.text, letter.name
            assert f"since {grant.granted_on}." in letter.text, letter.name


def test_data_shared_in_an_earlier_cycle_keeps_its_labels(read: list[Read]) -> None:
    earlier = [
        letter
        for letter in read
        if letter.state and any(grant.cycle < letter.state.cycle for grant in letter.state.grants)
    ]
    assert earlier
    for letter in earlier:
        cycle = letter.state.grants[0].cycle
        body = sections(letter.text)[f"What the data of service cycle {cycle} may be called"]
        assert "comparable with SLCP verification data" in body, letter.name


@pytest.mark.parametrize(
    ("silent", "stated"),
    [
        ("how long that takes is not stated", "SLCP approves a Facility Profile on the Gateway"),
        ("Which hosts, and how much, is not stated", "Worldly lists a fee of"),
    ],
)
def test_nothing_is_called_silent_that_a_page_in_the_same_letter_states(
    read: list[Read], silent: str, stated: str
) -> None:
    assert any(stated in letter.text for letter in read)
    assert wrong(read, lambda it: not (stated in it.text and f"{silent}." in it.text)) == []


def test_no_letter_says_that_a_country_has_no_better_work_where_a_list_is_only_silent(
    read: list[Read],
) -> None:
    denial = re.compile(r"(has|have|with|is) no (Better Work|factories|programme)|without Better")
    assert wrong(read, lambda it: not denial.search(it.text)) == []


def test_no_label_speaks_of_data_that_is_not_sent(read: list[Read]) -> None:
    sent = {DataLabelCode.SELF_STEP1, DataLabelCode.ENHANCED_SELF, DataLabelCode.BW_ASSESSED_STEP1}
    assert (
        wrong(
            read,
            lambda it: (
                it.answer.sharing.status is SharingStatus.SHAREABLE_NOW
                or not sent & {label.code for label in it.answer.data_labels}
            ),
        )
        == []
    )


def test_advisory_and_public_labels_are_given_where_faqs_16_and_23_give_them(
    read: list[Read],
) -> None:
    for letter in read:
        codes = {label.code for label in letter.answer.data_labels}
        assessment = letter.answer.profile.assessment
        by_better_work = letter.answer.assessment.assessed_by == "BETTER_WORK"
        vcc = by_better_work and assessment is AssessmentKind.VCC
        assert (DataLabelCode.PUBLIC_REPORTED in codes) == vcc, letter.name
        if DataLabelCode.BW_ADVISORY_ONLY in codes:
            assert assessment is AssessmentKind.ONSITE, letter.name
            assert letter.answer.country.kind == "ROLLOUT", letter.name
        if letter.answer.sharing.status is SharingStatus.SHAREABLE_NOW and not vcc:
            assert DataLabelCode.BW_ADVISORY_ONLY in codes, letter.name


def test_nothing_known_stands_under_what_is_not_known(read: list[Read]) -> None:
    unknown = {"UNKNOWN", ()}
    for letter in read:
        for question in letter.answer.missing:
            name = question.input.lower().removesuffix("_declared")
            assert getattr(letter.answer.profile, name) in unknown, letter.name
        body = sections(letter.text).get("What is not known", "")
        assert body.count("\n- ") + body.startswith("- ") >= len(letter.answer.missing)
        assert ("What is not known" in sections(letter.text)) == bool(letter.answer.missing)


def test_taken_as_known_holds_what_was_given_and_nothing_else(library: Library) -> None:
    def known(profile: FacilityProfile) -> str:
        return write(library, profile)[1].split("\n\n")[2]

    assert known(FacilityProfile(country="VN")) == (
        "Nothing is known of this facility but its country."
    )
    assert known(FacilityProfile(country="VN", enrolled=Ternary.YES)) == (
        "Taken as known: enrolled in Better Work."
    )
    assert known(
        FacilityProfile(
            country="VN",
            enrolled=Ternary.YES,
            gateway_profile=GatewayProfileState.EXISTS_UNLINKED,
            interest=InterestTiming.BEFORE_ASSESSMENT,
            assessment=AssessmentKind.ONSITE,
            self_assessed_before=Ternary.YES,
            self_assessment_steps=(1, 2, 3),
            gateway_now=GatewayProfileState.LINKED,
        )
    ) == (
        "Taken as known: enrolled in Better Work; a Gateway profile that was not linked before the "
        "assessment; interest in sharing declared before the assessment; assessed on site in this "
        "service cycle; self-assessment finished before the assessment; the self-assessment covers "
        "Steps 1, 2 and 3; linked with the Gateway by now."
    )


def test_the_committee_and_the_law_overlay_are_named_where_they_matter(read: list[Read]) -> None:
    for letter in read:
        actions = [action.code for action in letter.answer.workflow.next_actions]
        if "COMPLETE_SELF_ASSESSMENT" in actions:
            assert "bipartite committee" in letter.text, letter.name
        if letter.answer.country.kind == "ROLLOUT":
            assert "Law Overlay for Step 1 is on the platforms of Accredited Hosts" in letter.text


def test_what_is_of_october_2021_is_not_told_as_the_present(read: list[Read]) -> None:
    for letter in read:
        if letter.answer.country.kind == "ROLLOUT":
            assert "As of October 2021, CAF v1.4 is open" in letter.text, letter.name
            codes = [warning.code for warning in letter.answer.warnings]
            assert WarningCode.MAY_HAVE_CHANGED in codes, letter.name
            assert "CAF 1.6 is in use: Worldly offers it" in letter.text, letter.name


def test_with_the_shared_faqs_alone_nothing_later_is_told(library: Library) -> None:
    for letter in demo_letters(library):
        answer, text = write(library, letter.answer.profile, layers=SHARED_FAQS)
        assert not LATER.search(text), letter.name
        assert answer.later_facts == ()
        assert WarningCode.MAY_HAVE_CHANGED not in [warning.code for warning in answer.warnings]


def test_the_public_record_is_told_from_the_day_it_was_read(library: Library) -> None:
    profile = FacilityProfile(country="VN", enrolled=Ternary.YES)
    before, _ = write(library, profile, as_of=date(2026, 11, 22))
    on_the_day, _ = write(library, profile, as_of=TODAY)
    assert before.later_facts == ()
    assert [fact.because for fact in on_the_day.later_facts][:2] == [
        "TOOL_VERSION_IN_USE",
        "TOOL_VERSION_NEXT",
    ]
    assert {fact.checked_on for fact in on_the_day.later_facts} == {date(2026, 11, 23)}


@pytest.mark.parametrize("topic", [topic for topic in FactTopic if topic is not FactTopic.COUNTRY])
def test_a_fact_that_was_checked_too_long_ago_is_warned_of(
    library: Library, topic: FactTopic
) -> None:
    profile = FacilityProfile(country="VN", enrolled=Ternary.YES, assessment=AssessmentKind.NONE)
    last_day = date(2026, 11, 23) + timedelta(days=RELIANCE[topic])
    warning = f"{topic}_LAST_CHECKED_LONG_AGO"

    def warned(day: date) -> bool:
        answer, _ = write(library, profile, as_of=day)
        return warning in [warning.because for warning in answer.warnings]

    assert (warned(last_day), warned(last_day + timedelta(days=1))) == (False, True)


def test_a_country_is_as_old_as_the_source_that_names_it(library: Library) -> None:
    profile = FacilityProfile(country="VN", enrolled=Ternary.YES)
    last_day = date(2021, 10, 1) + timedelta(days=RELIANCE[FactTopic.COUNTRY])
    codes = [
        [warning.because for warning in write(library, profile, as_of=day)[0].warnings]
        for day in (last_day, last_day + timedelta(days=1))
    ]
    assert ["COUNTRY_LAST_CHECKED_LONG_AGO" in code for code in codes] == [False, True]


@pytest.mark.parametrize("locale", ["vi", "id", "bn"])
def test_a_letter_in_another_language_leaves_no_english_sentence(
    library: Library, locale: str
) -> None:
    names = {source.title for source in library.sources.values()}
    english = {
        sentence.text
        for sentence in library.rulebook.statements.values()
        if len(sentence.text) > 40 and "{" not in sentence.text
    }
    for letter in [*demo_letters(library, locale), *row_letters(library, locale)]:
        assert [text for text in english - names if text in letter.text] == [], letter.name
        assert not re.search(r"\{[a-z_]+\}", letter.text), letter.name
        lines = [line.lstrip(" #*-.0123456789") for line in letter.text.splitlines()]
        assert [line for line in lines if line[:1].islower()] == [], letter.name


def test_a_country_has_its_article_in_english_letters_only(library: Library) -> None:
    united_states = FacilityProfile(country="US")
    text = write(library, united_states)[1]
    assert text.startswith("**A facility in the United States, on ")
    assert "in the United States SLCP is active" in text
    assert text.count("United States") == len(re.findall("[Tt]he United States", text))
    assert "the Hoa" not in write(library, united_states, locale="vi")[1]


def test_every_profile_that_was_assessed_says_so(read: list[Read]) -> None:
    for letter in read:
        if letter.answer.profile.assessment in ASSESSED:
            assert "in this service cycle" in sections(letter.text)[""], letter.name
