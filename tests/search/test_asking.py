"""A question gets the right FAQ and passage, suggestions, or an honest hand-over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import MappingProxyType

import pytest

from kb.rules.codes import Actor
from kb.rules.evidence import KnowledgeLayer
from kb.rules.inputs import FacilityProfile, Ternary
from kb.rules.match_rows import match_rows
from kb.search import AnswerOutcome, SearchIndex
from kb.search.confidence import ConfidenceBand


@pytest.mark.parametrize(
    ("question", "faq", "passage"),
    [
        ("who approves our facility profile", 9, "9.submit-profile"),
        ("is the gateway free", 14, "14.gateway-free"),
        ("do hosts charge", 14, "14.host-fee"),
        ("does BW verify our self assessment", 18, "18.no-verification"),
        ("is better work an accredited host", 19, "19.not-a-host"),
        ("who runs the gateway", 21, "21.itc"),
        ("what is a VCC", 23, "23.what-it-is"),
        ("is the VCC data equivalent to verified data", 23, "23.equivalent"),
        ("phí gateway bao nhiêu", 14, "14.gateway-free"),
        ("siapa menyetujui profil fasilitas", 9, "9.submit-profile"),
        ("gateway ke chalay, ITC naki slcp", 21, "21.itc"),
    ],
)
def test_a_question_is_answered_with_its_passage(index, question, faq, passage):
    answer = index.ask(question)
    assert answer.outcome is AnswerOutcome.ANSWERED
    assert (answer.hits[0].faq_number, answer.hits[0].passage_id) == (faq, passage)


@pytest.mark.slow
def test_a_release_that_lacks_a_faq_which_the_trained_head_knows_does_not_answer_for_it(library):
    others = {number: faq for number, faq in library.faqs.items() if number != 14}
    index = SearchIndex.build(replace(library, faqs=others, translations={}))
    assert index.ask("is the gateway free").outcome is not AnswerOutcome.ANSWERED
    answer = index.ask("who runs the gateway")
    assert answer.outcome is AnswerOutcome.ANSWERED
    assert (answer.hits[0].faq_number, answer.hits[0].passage_id) == (21, "21.itc")


@pytest.mark.parametrize(
    ("question", "topic", "ask"),
    [
        ("can I withdraw my share", "Withdrawing a share", Actor.HELPDESK),
        ("minimum wage for a helper", "Minimum wages and wage rates", Actor.COUNTRY_PROGRAMME),
        ("I forgot my password", "Passwords and signing in", Actor.HELPDESK),
        (
            "when does cambodia start",
            "When further Better Work countries launch",
            Actor.BETTER_WORK,
        ),
        ("quên mật khẩu gateway", "Mật khẩu và đăng nhập", Actor.HELPDESK),
        ("can I use CAF 1.6?", "Version 1.6 and later versions of the Tool", Actor.SLCP),
        ("Which hosts can I share with?", "Which Accredited Hosts there are", Actor.SLCP),
        ("Is Higg still a host?", "Which Accredited Hosts there are", Actor.SLCP),
        ("is worldly a host", "Which Accredited Hosts there are", Actor.SLCP),
    ],
)
def test_what_is_not_covered_is_handed_over_with_its_topic(index, question, topic, ask):
    answer = index.ask(question)
    assert answer.outcome is AnswerOutcome.HANDOVER
    assert answer.handover is not None
    assert (answer.handover.topic, answer.handover.ask) == (topic, ask)
    assert answer.handover.not_stated
    assert answer.hits, "hits are given for every outcome"


def test_a_handover_is_told_in_the_language_served_as_it_stands_in_the_content(index, library):
    for locale in ("vi", "id", "bn"):
        translation = library.handover_translations[locale, "minimum-wage"]
        contact = library.contacts[library.not_covered["minimum-wage"].contact]
        opening = library.handover_translations[locale, "any-topic"].opening
        answer = index.ask("minimum wage for a helper", locale=locale)
        handover = answer.handover
        assert (answer.served_locale, handover.locale) == (locale, locale)
        assert (handover.reason, handover.topic) == (opening, translation.topic)
        assert (handover.not_stated, handover.ask_text) == (
            translation.reason,
            contact.text_in[locale],
        )
    for question, name in (("🏭", "no-words"), ("zzqx wvvk", "nothing-near")):
        answer = index.ask(question, locale="id")
        assert answer.handover.reason == library.handover_translations["id", name].opening
        assert answer.served_locale == "id"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("DEMO-OS-999999", True),
        ("OS ID: CN2019123ABCDEF", True),
        ("hello DEMO-OS-999999", True),
        ("hello 123456", True),
        ("123456", True),
        ("0b8f7c9e-1c7f-4f0b-9a53-2b7a1a1f2c3d", True),
        ("what applies to DEMO-OS-999999", False),
        ("SA8000", False),
        ("v1.4", False),
    ],
)
def test_an_id_alone_is_told_from_a_question(index, library, text, is_one):
    for locale in ("en", "bn"):
        handover = index.ask(text, locale=locale).handover
        ask_text = library.handover_translations["bn", "an-id"].ask
        if locale == "en":
            ask_text = (
                "Look the facility up by its id in the helpdesk page or with the API's `facility`, "
                "or ask a question about it with `facilityId`."
            )
        assert (handover is not None and handover.ask_text == ask_text) is is_one


@pytest.mark.slow
def test_a_handover_whose_english_has_changed_is_told_in_english_and_that_is_said(library):
    topic = library.not_covered["minimum-wage"]
    changed = replace(topic, reason="The source now says something else.")
    topics = {**library.not_covered, "minimum-wage": changed}
    edited = SearchIndex.build(replace(library, not_covered=MappingProxyType(topics)))
    answer = edited.ask("minimum wage for a helper", locale="bn")
    assert answer.handover.not_stated == "The source now says something else."
    assert (answer.served_locale, answer.locale_reason) == (
        "en",
        "This hand-over has no text in Bangla that is up to date, so English is served.",
    )
    assert edited.ask("I forgot my password", locale="bn").served_locale == "bn"


def test_what_is_known_of_the_cost_and_what_is_not_are_both_told(index):
    answer = index.ask("what does it cost")
    assert answer.outcome is AnswerOutcome.ANSWERED
    assert answer.hits[0].faq_number == 14
    assert answer.handover is not None
    assert answer.handover.topic == "The price of a verification"
    assert answer.handover.not_stated == (
        "The source does not state what a verification by a Verifier Body costs, nor who pays for "
        "it."
    )


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("cost", None),
        ("what does registration cost", None),
        ("fees for better work factories", None),
        ("what does it cost", "The price of a verification"),
        ("berapa biaya untuk berbagi data?", "Jumlah yang dikenakan Accredited Host"),
    ],
)
def test_a_price_that_is_not_stated_is_told_to_who_asks_for_it(index, question, topic):
    answer = index.ask(question)
    assert answer.outcome is AnswerOutcome.ANSWERED
    assert (answer.handover.topic if answer.handover else None) == topic


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("how much does a verifier body charge for a verification", "The price of a verification"),
        ("what does higg cost", "The amount that an Accredited Host charges"),
        ("what does FFC cost", "The amount that an Accredited Host charges"),
    ],
)
def test_a_price_that_nobody_states_is_handed_over(index, question, topic):
    answer = index.ask(question)
    assert answer.outcome is AnswerOutcome.HANDOVER
    assert answer.handover is not None
    assert answer.handover.topic == topic


def test_a_follow_up_is_read_with_the_question_before_it(index):
    alone = index.ask("and in Indonesia?")
    after = index.ask("and in Indonesia?", previous="is CAF v1.4 available in Vietnam?")
    assert alone.outcome is AnswerOutcome.SUGGESTIONS
    assert after.outcome is AnswerOutcome.ANSWERED
    assert after.hits[0].faq_number == 2


def test_a_follow_up_that_says_it_names_no_other_topic_unless_that_is_sure(index):
    shared = index.ask("can i share it", previous="what is a VCC?")
    assert shared.outcome is AnswerOutcome.SUGGESTIONS
    assert shared.hits[0].faq_number == 23
    become = index.ask("how can I be one", previous="who are verifiers")
    assert become.handover is not None
    assert become.handover.topic == "Becoming a Verifier Body or a Verifier"


def test_a_hit_says_what_matched(index):
    answer = index.ask("is the gatway free")
    assert answer.hits[0].matched_phrase == "is the slcp gateway free"
    assert {"gateway", "free"} <= set(answer.hits[0].matched_terms)
    assert answer.why.corrections == (("gatway", "gateway"),)
    assert answer.why.read_in == "en"


def test_scores_fall_and_no_faq_comes_twice(index):
    hits = index.search("how do we share our data", limit=10).hits
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len({hit.faq_number for hit in hits}) == 10


def test_a_search_counts_what_is_wanted_and_shows_the_best_of_it(index):
    whole = index.search("how do we share our data", limit=23)
    odd = index.search("how do we share our data", limit=2, wanted=lambda number: number % 2 == 1)
    of_these = [hit for hit in whole.hits if hit.faq_number % 2 == 1]
    assert (odd.hits, odd.total) == (tuple(of_these[:2]), len(of_these))
    assert whole.total == len(whole.hits) == 23
    assert (whole.locale, whole.locale_reason) == ("en", "The question was read as English.")


@pytest.mark.parametrize(
    "question",
    [
        "what does it cost",
        "how do we share our data",
        "has Haiti joined the program",
        "who pays the host? how long does the assessment take?",
        "what is the minimum wage",
    ],
)
def test_an_answer_is_the_same_however_few_hits_are_wanted(index, question):
    whole, few = index.ask(question), index.ask(question, most=1)
    assert 1 <= len(few.hits) <= len(whole.hits) == 10
    assert replace(few, hits=whole.hits) == whole
    assert few.hits == whole.hits[: len(few.hits)]


def inputs_of(library, **profile):
    layers = frozenset(KnowledgeLayer)
    made = FacilityProfile(country="BD", **profile)
    return match_rows(made, library.rulebook, date(2021, 11, 1), layers).inputs


def test_how_to_share_depends_on_who_assesses_the_facility(index, library):
    verified = inputs_of(library, enrolled=Ternary.NO, in_scope=Ternary.NO)
    enrolled = inputs_of(library, enrolled=Ternary.YES, in_scope=Ternary.YES)
    for inputs, faq in ((verified, 5), (enrolled, 11)):
        first = index.ask("how do we share our data", profile_inputs=inputs).hits[0]
        assert (first.faq_number, first.applies) == (faq, True)
        assert first.because == library.faqs[faq].applies_because


def test_a_faq_that_does_not_apply_says_so_and_is_still_found(index, library):
    inputs = inputs_of(library, enrolled=Ternary.NO, in_scope=Ternary.NO)
    first = index.ask("what is a VCC", profile_inputs=inputs).hits[0]
    assert (first.faq_number, first.applies, first.because) == (23, False, None)


def test_without_a_facility_nothing_is_said_of_what_applies(index):
    assert index.ask("what is a VCC").hits[0].applies is None


@pytest.mark.parametrize(
    ("question", "wished", "served", "reason"),
    [
        ("what is a VCC", None, "en", "The question was read as English."),
        (
            "VCC là gì",
            None,
            "vi",
            "The question was read as Vietnamese; the translation is unreviewed.",
        ),
        ("VCC là gì", "en", "en", "English was asked for."),
        (
            "what is a VCC",
            "vi-VN",
            "vi",
            "Vietnamese was asked for; the translation is unreviewed.",
        ),
        (
            "what is a VCC",
            "fr",
            "en",
            "There is no text in fr, so English is served. Known: bn, en, id, vi.",
        ),
        (
            "Hoeveel kost de registratie in de Gateway?",
            None,
            "en",
            "The question is in a language that is not served, so English is used.",
        ),
        (
            "quên mật khẩu gateway",
            None,
            "vi",
            "The question was read as Vietnamese; the translation is unreviewed.",
        ),
    ],
)
def test_the_language_served_is_told_with_its_reason(index, question, wished, served, reason):
    answer = index.ask(question, locale=wished)
    assert (answer.served_locale, answer.locale_reason) == (served, reason)


@pytest.mark.parametrize(
    ("before", "question", "served"),
    [
        ("phí gateway bao nhiêu?", "What is the maximum overtime per week in Cambodia?", "en"),
        ("phí gateway bao nhiêu?", "and in Indonesia?", "en"),
        ("gateway ke chalay", "How do I enrol my factory, and who do I have to contact?", "en"),
        ("siapa yang menilai kami", "maximum overtime hours per week", "en"),
        ("what is a VCC?", "VCC là gì", "vi"),
        ("what is a VCC?", "berapa biayanya?", "id"),
        ("VCC là gì", "গেটওয়ে কে চালায়", "bn"),
        ("phí gateway bao nhiêu?", "VCC?", "vi"),
        ("siapa yang menilai kami", "Higg?", "id"),
        ("what is a VCC?", "Higg?", "en"),
    ],
)
def test_a_question_has_its_own_language_unless_it_is_too_short(index, before, question, served):
    assert index.ask(question, previous=before).served_locale == served


def test_follow_ups_are_related_faqs_and_never_the_answer_itself(index):
    answer = index.ask("what is a VCC")
    assert len(answer.follow_ups) == 3
    assert 23 not in answer.follow_ups


def test_confidence_comes_with_its_band(index):
    assert index.ask("is the slcp gateway free").band is ConfidenceBand.HIGH
    assert index.ask("weather tomorrow").band is ConfidenceBand.LOW


def test_every_title_of_the_source_finds_its_faq(index, library):
    titles = {title: faq.number for faq in library.faqs.values() for title in faq.titles}
    assert len(titles) == 25
    numbers = {title: index.ask(title).hits[0].faq_number for title in titles}
    assert numbers == titles


def test_a_title_of_the_source_is_completed_as_it_is_typed(index):
    assert index.suggest("Why does Better Work only ass")[0] == (
        17,
        "Why does Better Work only assess SLCP's Step 1?",
    )
