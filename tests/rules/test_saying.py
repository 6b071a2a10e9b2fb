"""Phrases that letters, advice and answers have in common."""

from __future__ import annotations

import pytest

from kb.content.records import Library
from kb.rules.codes import ActionDeadline
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
