"""How words are read: cleaned, made one, stemmed, corrected; and what is taken out of them."""

from __future__ import annotations

import pytest

from kb.search import AnswerOutcome
from kb.search.locales import language_of
from kb.search.normalise import cleaned, terms, words, words_of_each
from kb.search.redact import redacted
from kb.search.shorthand import written_out
from kb.search.sounds import consonants
from kb.search.spelling import Speller
from kb.search.stemming import stem


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("BW", "ilo-better work"),
        ("betterwork", "Better Work"),
        ("CAF1.4", "caf v.1.4.0"),
        ("version 1.4", "v1.4"),
        ("CAF 1,5", "caf v1.5"),
        ("Tool v 1,6.", "tool v 1.6"),
        ("caf 1.9", "caf v1.7"),
        ("tool v2.0", "tool 3.1"),
        ("tool 3.1", "tool version 1.7"),
        ("Steps 1,3", "steps 1 and 3"),
        ("steps 2 and 3", "step two, step three"),
        ("Step I", "step 1"),
        ("self assessment", "self-assessments"),
        ("a VB", "a verifier body"),
        ("VCC", "virtual compliance checks"),
        ("factories", "facility"),
        ("e-mail", "mails"),
        ("sharing", "shared"),
        ("registration", "registered"),
        ("labour programme", "labor program"),
        ("Đánh giá", "danh gia"),
        ("বাংলা ২", "বাংলা 2"),
        ("ধাপ ২ ও ৩", "steps 2, 3"),
    ],
)
def test_ways_of_writing_the_same_are_read_the_same(first, second):
    assert terms(words(cleaned(first)), "en") == terms(words(cleaned(second)), "en")


@pytest.mark.parametrize(
    ("first", "second"),
    [("menilai", "penilaian"), ("pendaftaran", "terdaftar"), ("biayanya", "biaya")],
)
def test_indonesian_beginnings_and_endings_are_taken_off(first, second):
    assert terms([first], "id") == terms([second], "id")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("করবে", "korbe"),
        ("korbey", "korbe"),
        ("শ্রমিক", "shromik"),
        ("sromik", "shromik"),
        ("কীভাবে", "kibhabe"),
        ("kivabe", "kibhabe"),
        ("মূল্যায়ন", "mullayon"),
        ("বাড়ি", "bari"),
        ("ব্যবহার", "bebohar"),
        ("asesment", "assessment"),
    ],
)
def test_a_word_has_the_same_consonants_however_its_writer_spells_it(first, second):
    assert consonants(cleaned(first)) == consonants(cleaned(second)) != ""


def test_consonants_tell_words_apart():
    assert len({consonants(word) for word in ("korbe", "kobe", "karkhana", "khoroch", "ke")}) == 5


def test_countries_without_better_work_are_told_from_those_with_it():
    assert "nonbetterwork" in words(cleaned("countries without Better Work"))
    assert "nonbetterwork" not in words(cleaned("countries with Better Work"))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("asesment", "assessment"),
        ("gatway", "gateway"),
        ("verfication", "verification"),
        ("gaetway", "gateway"),
        ("gateway", None),
        ("slpc", None),
        ("vcd", None),
        ("elephant", None),
    ],
)
def test_spelling_is_corrected_to_known_words_and_never_to_acronyms(typed, meant):
    known = {"assessment": 5, "gateway": 3, "verification": 2, "vcc": 9, "slcp": 9}
    if typed == "slpc":
        known.pop("slcp")
    assert Speller(known).corrected(typed) == meant


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("what is a vcc", "en"),
        ("vcc", "en"),
        ("VCC là gì", "vi"),
        ("danh gia mat bao lau", "vi"),
        ("berapa biayanya kalau mau daftar", "id"),
        ("ফি কত", "bn"),
        ("gateway te taka lage ki", "bn"),
        ("better work chara factory bangladesh e v1.4 pabe to", "bn"),
        ("report koi dekhbo", "bn"),
        ("langkah registrasi gateway", "id"),
        ("sertifikat sa8000", "id"),
        ("gateway login problem", "en"),
    ],
)
def test_the_language_of_a_question_is_told(index, question, language):
    assert index.ask(question).why.read_in == language


def test_english_is_the_language_in_doubt():
    assert language_of("42", {"vi": frozenset(), "id": frozenset()}) == "en"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("write to minh.tran@factory.example please", "write to [e-mail] please"),
        ("call +84 912 345 678 or 01711-223344", "call [phone] or [phone]"),
        ("our OS ID is BD2021189ABCDE", "our OS ID is [id]"),
        ("gateway id 123456", "gateway id [id]"),
        ("see https://portal.example/report?id=7", "see [address]"),
        (
            "id 123e4567-e89b-12d3-a456-426614174000 and CAF v1.4.0 in 2021",
            "id [id] and CAF v1.4.0 in 2021",
        ),
        ("steps 1, 2 and 3 by March 2021", "steps 1, 2 and 3 by March 2021"),
        ("uuid abcdefab-cdef-abcd-efab-cdefabcdefab", "uuid [id]"),
        ("--BD-1-2-3-4-5, a.b@c d@e.f", "[id], a.b@c [e-mail]"),
        # Made to be looked at again and again from each of its letters.
        (
            "a-" * 100_000 + "1-1-1-1-" + "a-" * 100_000,
            "a-" * 100_000 + "1-1-1-1-" + "a-" * 100_000,
        ),
        ("a." * 200_000, "a." * 200_000),
        ("a@a-" * 100_000, "a@a-" * 100_000),
        ("1 1 1 1 1 1 1 x " * 50_000, "1 1 1 1 1 1 1 x " * 50_000),
    ],
    ids=lambda text: text[:40],
)
def test_personal_data_is_taken_out(text, kept):
    assert redacted(text) == kept


@pytest.mark.parametrize(
    "word", ["officer", "bill", "your", "buruh", "ours", "fast", "shall", "hole", "sertifikat"]
)
def test_a_word_of_everyday_language_is_no_mistake(index, word):
    for language in index.indexes.values():
        assert language.speller.corrected(word) is None


def test_what_no_language_has_is_corrected_and_the_rest_stands_as_it_is(index):
    query = index.indexes["en"].read("is v1.4's verfication (officer) free?")
    assert query.corrections == (("verfication", "verification"),)
    assert {"v1.4", "officer", "free"} <= set(query.words)


def test_acronyms_and_loan_words_keep_their_ends():
    assert stem("gots", "en") == "gots"
    assert stem("sertifikat", "id") == "sertifikat"
    assert stem("menilai", "id") == stem("nilai", "id")


def test_words_of_many_texts_are_those_of_each(library):
    texts = [cleaned(phrasing) for faq in library.faqs.values() for phrasing in faq.every_phrasing]
    some = [*texts[::20], "", "step 1", "and 2", "without any", "better work", "v1", ".4 isn't"]
    assert words_of_each(some) == [words(text) for text in some]
    assert words_of_each([]) == []


@pytest.mark.parametrize("letters", ["x" * 9_000, "ক" * 9_000, "1." * 4_000 + "1"])
def test_no_word_is_longer_than_a_hundred_letters_as_words_are_remembered(letters):
    assert 0 < max(map(len, words(letters))) <= 100


@pytest.mark.parametrize(
    ("question", "passage"),
    [
        ("siapa aja yg bs liat data", "19.manufacturer-decides"),
        ("kalo dah dinilai bs lgsg share ke buyer?", "11.after-assessment"),
        ("host ke ki tk dite hoy vai?", "14.host-fee"),
        ("nc nao dc chia se", "2.rollout-countries"),
    ],
)
def test_words_that_are_shortened_are_written_out(index, question, passage):
    answer = index.ask(question)
    assert answer.outcome is AnswerOutcome.ANSWERED
    assert answer.hits[0].passage_id == passage


def test_words_are_written_out_in_their_own_language_alone():
    assert written_out("ko dc chia se, ntn", "vi") == "khong duoc chia se, nhu the nao"
    assert written_out("ko dc chia se, ntn", "en") == "ko dc chia se, ntn"
