"""From which days on what later pages add to an answer may be another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType

from kb.content.records import Library
from kb.rules.codes import Actor, FactTopic, WarningCode
from kb.rules.decide import decide
from kb.rules.evidence import Citation, KnowledgeLayer, Sentence
from kb.rules.facts import ALL_LAYERS, DatedFact, DatePrecision, Layers
from kb.rules.inputs import CountryKind, FacilityProfile, Ternary
from kb.rules.match_rows import match_rows
from kb.rules.outcomes import ApplicabilityWarning, LaterFact
from kb.rules.public_record import RELIANCE, PublicRecord, public_record_of, turning_days
from kb.rules.rulebook import LaterFactRule, WarningRule
from kb.rules.tables import condition_inputs
from kb.rules.wording import Wording
from tests.rules.cases import DAY


def test_without_the_public_record_nothing_turns(library: Library) -> None:
    layers = frozenset({KnowledgeLayer.SHARED_FAQS_2021})
    assert list(turning_days(library.rulebook, layers, RELIANCE)) == []


def test_an_answer_turns_when_a_page_is_known_and_when_it_is_too_old(library: Library) -> None:
    days = sorted(turning_days(library.rulebook, ALL_LAYERS, RELIANCE))
    expected: list[date] = []
    for rule in library.rulebook.later_facts.values():
        for fact in rule.facts:
            too_old = fact.checked_on + timedelta(RELIANCE[rule.topic] + 1)
            expected += [fact.valid_from, too_old]
    for facts in library.rulebook.countries.values():
        for country in facts:
            expected.append(country.valid_from + timedelta(RELIANCE[FactTopic.COUNTRY] + 1))
    for notes in library.rulebook.country_notes.values():
        for note in notes:
            expected.append(note.valid_from + timedelta(RELIANCE[FactTopic.COUNTRY] + 1))
            expected.append(note.valid_from)
    assert days == sorted(expected) != []


def test_what_is_relied_on_for_longer_than_there_are_days_turns_on_the_last(
    library: Library,
) -> None:
    for days in (3_000_000, 10_000_000_000):
        for_ever = dict.fromkeys(FactTopic, days)
        first_days = {fact.valid_from for fact in _every_fact(library)}
        assert set(turning_days(library.rulebook, ALL_LAYERS, for_ever)) - first_days == {date.max}
        answer = decide(FacilityProfile(country="VN"), library.rulebook, DAY, ALL_LAYERS, for_ever)
        assert not any(warning.because.endswith("LONG_AGO") for warning in answer.warnings)


def _every_fact(library: Library) -> list[DatedFact[str]]:
    rules = library.rulebook
    facts = [fact for rule in rules.later_facts.values() for fact in rule.facts]
    return facts + [note for notes in rules.country_notes.values() for note in notes]


def test_a_decision_is_read_by_conditions_with_what_follows_from_its_answers(
    library: Library,
) -> None:
    profile = FacilityProfile(country="VN", enrolled=Ternary.YES)
    inputs = condition_inputs(decide(profile, library.rulebook, DAY, ALL_LAYERS))
    assert inputs["assessed_by"] == "BETTER_WORK"
    assert inputs["sharing"] == "UNDETERMINED"
    assert inputs["country_kind"] == CountryKind.ROLLOUT
    assert inputs["enrolled"] == Ternary.YES


LATER = Citation("page", KnowledgeLayer.PUBLIC_RECORD)
FIRST, CHECKED = date(2022, 5, 1), date(2023, 1, 1)
WARNING = WarningRule(
    code=WarningCode.MAY_HAVE_CHANGED, text="It differs in {country}.", citations=(LATER,)
)
OLD = WarningRule(code=WarningCode.MAY_HAVE_CHANGED, text="It may be old.", citations=())


def later_rule(topic: FactTopic, text: str, warning: str | None = None) -> LaterFactRule:
    fact = DatedFact(
        valid_from=FIRST,
        precision=DatePrecision.DAY,
        value=True,
        text=text,
        citations=(LATER,),
        checked_on=CHECKED,
    )
    enrolled = ({"enrolled": ("YES",)},) if topic is FactTopic.FEES else ()
    return LaterFactRule(
        topic=topic, facts=(fact,), ask=Actor.HELPDESK, when=enrolled, warning=warning
    )


def added(
    library: Library,
    as_of: date,
    *,
    enrolled: Ternary = Ternary.YES,
    layers: Layers = ALL_LAYERS,
    others: Mapping[str, LaterFactRule] = MappingProxyType({}),
) -> PublicRecord:
    rulebook = replace(
        library.rulebook,
        later_facts={
            "FEE": later_rule(FactTopic.FEES, "A fee.", "DIFFERS"),
            "VERSION": later_rule(FactTopic.TOOL_VERSION, "A version in {country}.", "DIFFERS"),
            **others,
        },
        warnings={
            "DIFFERS": WARNING,
            **{f"{topic}_LAST_CHECKED_LONG_AGO": OLD for topic in FactTopic},
        },
    )
    rows = match_rows(FacilityProfile("VN", enrolled), rulebook, DAY, layers)
    wording = Wording(rulebook, "VN", ALL_LAYERS)
    return public_record_of(rows, rulebook, as_of, layers, wording, dict.fromkeys(FactTopic, 1000))


def test_later_facts_come_by_topic_with_whom_to_ask(library: Library) -> None:
    version, fee = added(library, CHECKED).facts
    assert version == LaterFact(
        because="VERSION",
        text="A version in Vietnam.",
        sentence=Sentence("A version in {country}.", {"country": "Vietnam"}),
        citations=(LATER,),
        topic=FactTopic.TOOL_VERSION,
        valid_from=FIRST,
        checked_on=CHECKED,
        ask=Actor.HELPDESK,
    )
    assert fee.because == "FEE"
    facts = added(library, CHECKED, enrolled=Ternary.NO).facts
    assert [fact.because for fact in facts] == ["VERSION"]


def test_nothing_is_added_before_the_first_day_or_without_the_layers(library: Library) -> None:
    nothing = PublicRecord((), ())
    assert added(library, FIRST - timedelta(days=1)) == nothing
    assert added(library, FIRST).facts != ()
    for layer in KnowledgeLayer:
        assert added(library, CHECKED, layers=frozenset({layer})) == nothing


def test_what_differs_is_warned_of_once_and_what_is_old_by_topic(library: Library) -> None:
    (differs,) = added(library, CHECKED).warnings
    assert differs == ApplicabilityWarning(
        because="DIFFERS",
        text="It differs in Vietnam.",
        sentence=Sentence(WARNING.text, {"country": "Vietnam"}),
        citations=(LATER,),
        code=WarningCode.MAY_HAVE_CHANGED,
        ambiguity=None,
    )
    country_too_old = date(2021, 10, 1) + timedelta(days=1001)
    page_too_old = CHECKED + timedelta(days=1001)
    for day, warnings in (
        (country_too_old - timedelta(days=1), ["DIFFERS"]),
        (country_too_old, ["DIFFERS", "COUNTRY_LAST_CHECKED_LONG_AGO"]),
        (page_too_old - timedelta(days=1), ["DIFFERS", "COUNTRY_LAST_CHECKED_LONG_AGO"]),
        (
            page_too_old,
            [
                "DIFFERS",
                "TOOL_VERSION_LAST_CHECKED_LONG_AGO",
                "COUNTRY_LAST_CHECKED_LONG_AGO",
                "FEES_LAST_CHECKED_LONG_AGO",
            ],
        ),
    ):
        assert [warning.because for warning in added(library, day).warnings] == warnings


def test_a_warning_that_pages_differ_waits_for_the_last_page_and_for_no_other_source(
    library: Library,
) -> None:
    rule = later_rule(FactTopic.FEES, "A fee.", "DIFFERS")
    (fact,) = rule.facts
    last = replace(fact, valid_from=CHECKED + timedelta(days=1))
    shared = Citation("14.host-fee", KnowledgeLayer.SHARED_FAQS_2021)
    of_faqs = replace(fact, valid_from=CHECKED + timedelta(days=2), citations=(shared,))
    fees = {
        "FEE": replace(rule, facts=(fact, last, of_faqs)),
        "VERSION": later_rule(FactTopic.TOOL_VERSION, "A version."),
    }
    for day, warnings in ((CHECKED, []), (CHECKED + timedelta(days=1), ["DIFFERS"])):
        assert [w.because for w in added(library, day, others=fees).warnings] == warnings


def test_a_warning_of_an_old_topic_cites_the_pages_of_all_that_is_told_of_it(
    library: Library,
) -> None:
    other = Citation("another page", KnowledgeLayer.PUBLIC_RECORD)
    second = later_rule(FactTopic.TOOL_VERSION, "Another version.")
    (fact,) = second.facts
    second = replace(second, facts=(replace(fact, citations=(other,)),))
    too_old = CHECKED + timedelta(days=1001)
    cited = {
        warning.because: warning.citations
        for warning in added(library, too_old, others={"OTHER": second}).warnings
    }
    assert cited["TOOL_VERSION_LAST_CHECKED_LONG_AGO"] == (LATER, other)


TODAY = date(2026, 11, 27)


def test_what_pages_say_of_a_country_that_the_shared_faqs_do_not_name_is_in_its_answers(
    library: Library,
) -> None:
    """The notes of a country, unless the fact that decides says the same."""
    said = 0
    for code, country in library.countries.items():
        answer = decide(FacilityProfile(country=code), library.rulebook, TODAY, ALL_LAYERS)
        notes = [fact for fact in answer.later_facts if fact.topic is FactTopic.COUNTRY]
        is_named = any(kind.layer is not KnowledgeLayer.PUBLIC_RECORD for kind in country.kinds)
        if is_named:
            assert notes == [], code
            continue
        texts = " ".join((answer.country.text, *(note.text for note in notes)))
        assert all(note.text.rstrip(".") in texts for note in country.notes), code
        assert len({note.text for note in notes} | {answer.country.text}) == len(notes) + 1
        said += len(notes)
    assert said == 23


def test_a_note_of_a_country_is_told_from_its_day_and_in_the_public_record_only(
    library: Library,
) -> None:
    profile, rulebook = FacilityProfile(country="ZA"), library.rulebook
    (note,) = decide(profile, rulebook, DAY, ALL_LAYERS).later_facts
    assert note.text == (
        "South Africa was on the early-2021 list of countries to be added when CAF v1.4 was "
        "launched. Whether it was added is not stated."
    )
    assert (note.because, note.ask) == ("COUNTRY_NOTE", Actor.HELPDESK)
    assert note.checked_on == date(2026, 11, 23)
    assert decide(profile, rulebook, note.valid_from, ALL_LAYERS).later_facts == (note,)
    before = note.valid_from - timedelta(days=1)
    assert decide(profile, rulebook, before, ALL_LAYERS).later_facts == ()
    only_faqs = frozenset({KnowledgeLayer.SHARED_FAQS_2021})
    assert decide(profile, rulebook, DAY, only_faqs).later_facts == ()
    (kept,) = rulebook.country_notes["ZA"]
    shared = Citation("4.countries", KnowledgeLayer.SHARED_FAQS_2021)
    of_faqs = replace(rulebook, country_notes={"ZA": (replace(kept, citations=(shared,)),)})
    assert decide(profile, of_faqs, DAY, ALL_LAYERS).later_facts == ()
    too_old = note.valid_from + timedelta(RELIANCE[FactTopic.COUNTRY] + 1)
    for day, codes in ((too_old - timedelta(days=1), []), (too_old, ["COUNTRY_LAST_CHECKED"])):
        warnings = decide(profile, rulebook, day, ALL_LAYERS).warnings
        assert [w.because[:20] for w in warnings if w.because.startswith("COUNTRY_")] == codes


def test_of_a_country_that_waits_for_its_launch_the_country_programme_is_asked(
    library: Library,
) -> None:
    answer = decide(FacilityProfile(country="PK"), library.rulebook, TODAY, ALL_LAYERS)
    (note,) = (fact for fact in answer.later_facts if fact.topic is FactTopic.COUNTRY)
    assert note.text.startswith("In early 2021 the launch of SLCP in Pakistan was planned for")
    assert note.ask is Actor.COUNTRY_PROGRAMME


def test_a_warning_of_old_notes_cites_the_sources_of_all_of_them(library: Library) -> None:
    (note,) = library.rulebook.country_notes["ZA"]
    other = replace(note, text="More.", citations=(LATER,))
    rulebook = replace(library.rulebook, country_notes={"ZA": (note, other)})
    day = note.valid_from + timedelta(RELIANCE[FactTopic.COUNTRY] + 1)
    (warning,) = (
        warning
        for warning in decide(FacilityProfile(country="ZA"), rulebook, day, ALL_LAYERS).warnings
        if warning.because.startswith("COUNTRY_LAST_CHECKED")
    )
    assert warning.citations[: len(note.citations) + 1] == (*note.citations, LATER)
