"""Translations are complete and remember their English; what is not covered names whom to ask."""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType

import pytest

from kb.content.asking import GENERAL_HANDOVERS
from kb.content.translations import Outdated, hashes_of, outdated, topic_hash
from tests.rules.shipped import shipped_library

TRANSLATION = """\
---
number: 7
locale: vi
status: unreviewed
question: Nói gì ở đây?
phrasings: [một]
applies_because: Luôn luôn.
made_from: {question: a, applies_because: b, first: c, second: d}
---

## first
Đoạn một.

## second
Đoạn hai.
"""

TOPIC = """\
price:
  topic: A price
  phrasings: [one, two, three, four, five]
  phrasings_in: {vi: [giá]}
  reason: It is not stated.
  ask: {actor: VERIFIER_BODY, text: Ask it.}
  near: [14.first]
  completes: [14]
"""


@pytest.fixture(scope="module")
def library():
    return shipped_library()


def test_every_faq_is_translated_into_three_languages(library):
    assert sorted(library.translations) == [
        (locale, number) for locale in ("bn", "id", "vi") for number in range(1, 24)
    ]
    assert {translation.status for translation in library.translations.values()} == {"unreviewed"}


def passages_in(library, locale):
    """The text of every passage in one language, on one line."""
    for (tongue, _), translation in library.translations.items():
        if tongue == locale:
            yield from (" ".join(passage.text.split()) for passage in translation.passages)


def said_in(library, locale):
    """Every text in one language: passages, their short forms, and what hand-overs say."""
    yield from passages_in(library, locale)
    for (tongue, _), translation in library.translations.items():
        if tongue == locale:
            yield from (translation.question, translation.applies_because)
            for passage in translation.passages:
                yield from (passage.short or "", passage.button or "")
                yield from (lead.text for lead in passage.leads)
    for (tongue, _), translation in library.handover_translations.items():
        if tongue == locale:
            yield from (
                translation.opening or "",
                translation.topic or "",
                translation.reason or "",
            )


def test_vietnamese_has_one_term_for_enrolled(library):
    for text in said_in(library, "vi"):
        assert "thuộc Better Work" not in text
        assert "ghi danh" not in text


def test_vietnamese_explains_no_term_twice_in_an_entry(library):
    for (locale, _), translation in library.translations.items():
        if locale == "vi":
            text = " ".join(" ".join(passage.text.split()) for passage in translation.passages)
            glosses = re.findall(r"\(([^)]{4,})\)", text)
            assert len(glosses) == len(set(glosses)), translation.number


def test_indonesian_speaks_of_the_source_document_and_the_lks_bipartit(library):
    for text in said_in(library, "id"):
        assert not re.search(r"(?<!okumen )\b[Ss]umber (menyebut|menyata|tidak)", text), text
    committees = [text for text in passages_in(library, "id") if "komite bipartit" in text]
    assert committees
    assert all("komite bipartit (LKS Bipartit)" in text for text in committees)


def test_bengali_names_constituents_and_the_committee_in_full(library):
    for text in said_in(library, "bn"):
        assert text.count("অংশীজন") == text.count("ত্রিপক্ষীয় অংশীজন"), text
    committees = [text for text in passages_in(library, "bn") if "দ্বিপক্ষীয় কমিটি" in text]
    assert committees
    assert all("(participation committee)" in text for text in committees)


def test_bengali_says_which_countries_have_begun_to_share(library):
    launch = library.handover_translations["bn", "other-country-launch"].reason
    assert "অভিজ্ঞতা" in launch
    assert "শিক্ষা" not in launch
    countries = library.handover_translations["bn", "country-list"].reason
    assert "ডেটা শেয়ারিং" in countries


def test_what_answers_say_is_translated_into_the_languages_of_the_faqs(library):
    assert set(library.catalogues) == {locale for locale, _ in library.translations}
    assert all(
        set(catalogue.unreviewed) == set(catalogue.texts)
        for catalogue in library.catalogues.values()
    )


def test_a_change_in_english_flags_just_the_part_that_changed(library):
    faq = library.faqs[6]
    first, *others = faq.passages
    changed = replace(faq, passages=(replace(first, text=first.text + " More."), *others))
    edited = replace(library, faqs=MappingProxyType({**library.faqs, 6: changed}))
    before = outdated(library)
    assert [problem for problem in outdated(edited) if problem not in before] == [
        Outdated(locale, 6, "not-possible", hashes_of(changed)["not-possible"])
        for locale in ("bn", "id", "vi")
    ]


def test_every_topic_is_translated_into_three_languages_whole_and_up_to_date(library):
    names = {*library.not_covered, *GENERAL_HANDOVERS}
    assert set(library.handover_translations) == {
        (locale, name) for locale in ("bn", "id", "vi") for name in names
    }
    assert {translation.status for translation in library.handover_translations.values()} == {
        "unreviewed"
    }
    assert outdated(library) == []


def test_no_translated_handover_breaks_off(library):
    """A list that was split at its commas left "Perbedaan SLCP" and "Higg" of two sentences."""
    broken = [
        (where, text)
        for where, translation in library.handover_translations.items()
        for text in (translation.opening, translation.reason, translation.ask)
        if text and text.strip()[-1] not in ".?!\u0964"
    ]
    assert broken == []
    topics = library.not_covered
    for (locale, name), translation in library.handover_translations.items():
        if name in topics and translation.reason:
            missing = {
                term
                for term in ("SLCP", "Better Work", "Higg", "Worldly", "VCC", "Law Overlay")
                if term in topics[name].reason and term not in translation.reason
            }
            assert (locale, name, missing) == (locale, name, set())


def test_a_topic_whose_english_has_changed_is_flagged_alone(library):
    topic = library.not_covered["verification-price"]
    changed = replace(topic, reason=topic.reason + " More.")
    topics = {**library.not_covered, "verification-price": changed}
    edited = replace(library, not_covered=MappingProxyType(topics))
    assert outdated(edited) == [
        Outdated(locale, "verification-price", "handover", topic_hash(changed, library.contacts))
        for locale in ("bn", "id", "vi")
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "cost:\n  topic: Giá\n  reason: Không.\n  ask: Hỏi.\n  made_from: a\n",
            "1: vi.cost: there is no topic cost. Allowed: a topic of not-covered/, or any-topic, "
            "nothing-near, one-of-these, left-open, an-id, no-words",
        ),
        (
            "price:\n  topic: Giá\n  reason: Không.\n  made_from: a\n",
            "1: vi.price.ask: is missing. Allowed: topic, reason, ask, made_from",
        ),
        (
            "any-topic:\n  opening: Không có.\n  topic: Giá\n",
            "3: vi.any-topic.topic: is not a part of this one. Allowed: opening",
        ),
    ],
)
def test_what_is_wrong_with_the_translation_of_a_handover_is_told_with_its_place(
    problems_of, text, problem
):
    files = {"not-covered/prices.yaml": TOPIC, "translations/vi/handovers.yaml": text}
    assert f"translations/vi/handovers.yaml:{problem}" in problems_of(files)


def test_folded_white_space_does_not_make_a_translation_outdated(library):
    faq = library.faqs[6]
    wrapped = replace(faq, question="  " + faq.question.replace(" ", "\n"))
    assert hashes_of(wrapped) == hashes_of(faq)


def test_a_translation_without_problems_has_none(problems_of):
    assert problems_of({"translations/vi/07-faq-7.md": TRANSLATION}) == []


def test_the_glossary_of_the_translators_is_no_content(problems_of):
    assert problems_of({"translations/vi/glossary.yaml": "factory: nhà máy\n"}) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "## second\nĐoạn hai.\n",
            "",
            "passages: the passages are not those of the English FAQ, in order. "
            "Allowed: first, second",
        ),
        (
            ", second: d",
            "",
            "made_from: it is not said what was translated: second. "
            'Allowed: second: "5684ca78eb58"',
        ),
        (
            "second: d",
            "second: d, third: e",
            "made_from.third: the English FAQ has no part third. "
            "Allowed: question, applies_because, first, second",
        ),
        (
            "applies_because: Luôn",
            "table: {columns: [A], rows: []}\napplies_because: Luôn",
            "table: the table has not the shape of the English one. Allowed: cell for cell",
        ),
        (
            "unreviewed",
            "done",
            "status: done is not a known value. Allowed: unreviewed, reviewed",
        ),
        (
            "number: 7",
            "number: [7]",
            "number: a list is not a whole number. Allowed: a whole number without quotes",
        ),
    ],
)
def test_an_incomplete_translation_is_a_problem(problems_of, old, new, expected):
    assert old in TRANSLATION
    text = TRANSLATION.replace(old, new, 1)
    (problem,) = problems_of({"translations/vi/07-faq-7.md": text})
    assert problem.endswith(f"vi.7.{expected}")


def test_a_translation_lies_in_the_folder_of_its_locale(problems_of):
    assert problems_of({"translations/id/07-faq-7.md": TRANSLATION}) == [
        "translations/id/07-faq-7.md: vi.7: the file is not named after its locale and number. "
        "Allowed: translations/vi/07-*.md"
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("14.first", "14.fist", "near[1]: there is no passage 14.fist (did you mean 14.first?)."),
        ("[14]", "[24]", "completes[1]: there is no FAQ 24. Allowed: 1 to 23"),
        (
            ", five]",
            "]",
            "phrasings: only 4 phrasings. Allowed: at least 5 that people would type",
        ),
    ],
)
def test_a_topic_that_is_not_covered_is_checked(problems_of, old, new, expected):
    assert problems_of({"not-covered/prices.yaml": TOPIC}) == []
    assert old in TOPIC
    (problem,) = problems_of({"not-covered/prices.yaml": TOPIC.replace(old, new, 1)})
    assert problem.endswith(f"price.{expected}")
