"""What FAQs answer is an answer: remarks about the text that it was written from are fields."""

from __future__ import annotations

import re

import pytest

from tests.rules.shipped import shipped_library

ABOUT_THE_SOURCE = {
    "en": (
        r"source (?:document|text|speaks|says|states|is silent|does not|gives)",
        r"(?:this|the) (?:original|entry|document|graphic)",
        r"(?:given|stated|described|mentioned|quoted) (?:as|here|above|below|elsewhere)",
        r"no date is (?:stated|given)|not (?:stated|said) (?:here|in)",
        r"speaks here|link has|\[sic\]|editor|typo\b|misprint",
    ),
    "vi": (
        r"tài liệu (?:nguồn|gốc)|nguyên văn|văn bản gốc|hình minh họa",
        r"được ghi là|không nêu|nói ở đây",
    ),
    "id": (
        r"dokumen (?:sumber|asli)|teks asli",
        r"disebut (?:tahun )?20|tidak disebutkan|di sini disebut",
    ),
    "bn": (
        r"উৎস দলিল|মূল (?:লেখা|নথি|দলিল)",
        r"দেওয়া আছে 20|বলা নেই|উল্লেখ নেই|এখানে বলা",
    ),
}


@pytest.mark.parametrize("locale", ABOUT_THE_SOURCE)
def test_no_answer_speaks_of_the_text_that_it_was_written_from(locale: str) -> None:
    about = re.compile("|".join(ABOUT_THE_SOURCE[locale]), re.IGNORECASE)
    answers = texts_of_answers(locale)
    assert len(answers) > 200
    assert [text for text in answers if about.search(" ".join(text.split()))] == []


def texts_of_answers(locale: str) -> list[str]:
    """The questions, passages, tables and short forms of all FAQs in a language."""
    library = shipped_library()
    faqs = [
        faq if locale == "en" else library.translations[locale, number]
        for number, faq in library.faqs.items()
    ]
    texts = [text for faq in faqs for text in (faq.question, faq.short, faq.button)]
    for faq in faqs:
        for passage in faq.passages:
            texts += [passage.text, passage.short, passage.button]
        if faq.table is not None:
            texts += [cell for row in (faq.table.columns, *faq.table.rows) for cell in row]
    return [text for text in texts if text is not None]
