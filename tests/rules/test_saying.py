"""Phrases that letters, advice and answers have in common."""

from __future__ import annotations

import pytest

from kb.content.records import Library
from kb.rules.bengali import with_endings
from kb.rules.codes import ActionDeadline
from kb.rules.evidence import Sentence
from kb.rules.saying import with_deadline

BEFORE, EARLIER = ActionDeadline.BEFORE_ASSESSMENT, ActionDeadline.BEFORE_NEXT_SERVICE_CYCLE


@pytest.mark.parametrize(
    ("locale", "deadline", "advised", "said"),
    [
        ("en", None, None, "Do it."),
        ("en", BEFORE, None, "Do it. Deadline: before the assessment."),
        (
            "en",
            BEFORE,
            EARLIER,
            "Do it. Deadline: before the next service cycle starts, and at the latest before the "
            "assessment.",
        ),
        (
            "vi",
            BEFORE,
            EARLIER,
            "Do it. Thời hạn: trước khi chu kỳ dịch vụ tới bắt đầu, và chậm nhất là trước khi "
            "đánh giá.",
        ),
    ],
)
def test_what_is_to_be_done_is_said_with_the_earlier_moment_before_the_last(
    library: Library,
    locale: str,
    deadline: ActionDeadline | None,
    advised: ActionDeadline | None,
    said: str,
) -> None:
    words = library.words.get(locale, {})
    assert with_deadline("Do it.", words, deadline, advised) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("বাংলাদেশ-এ, বাংলাদেশ-এর, বাংলাদেশ-কে", "বাংলাদেশে, বাংলাদেশের, বাংলাদেশকে"),
        ("কম্বোডিয়া-এ, কম্বোডিয়া-এর, কম্বোডিয়া-কে", "কম্বোডিয়ায়, কম্বোডিয়ার, কম্বোডিয়াকে"),
        ("হাইতি-এ, হাইতি-এর", "হাইতিতে, হাইতির"),
        ("হংকং-এ, হংকং-এর", "হংকংয়ে, হংকংয়ের"),
        ("SLCP-এর, 2021-এ, মায়ানমার (বার্মা)-এর", "SLCP-এর, 2021-এ, মায়ানমার (বার্মা)-এর"),
        ("ভিয়েতনাম-একটি", "ভিয়েতনাম-একটি"),
    ],
)
def test_bengali_names_take_their_endings_as_they_sound(written: str, said: str) -> None:
    assert with_endings(written) == said


def test_only_translated_sentences_join_endings() -> None:
    sentence = Sentence("In {country}.", {"country": "Jordan"})
    words = {"In {country}.": "{country}-এ।", "Jordan": "জর্ডান"}
    assert sentence.in_words(words) == "জর্ডানে।"
    assert sentence.in_words({}) == "In Jordan."
