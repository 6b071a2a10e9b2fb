"""Questions that ask the same in other words or spellings are alike; others are not."""

import random
import tracemalloc
from string import ascii_lowercase

import pytest

OTHERS = (
    "what is the minimum wage in Bangladesh?",
    "I forgot my password",
    "when will Pakistan be rolled out",
    "Better Work assesses our factory next week, what do we bring?",
)


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ("minimum wage in bangladesh", 0),
        ("MINIMUM WAGE, BANGLADESH", 0),
        ("forgot pasword", 1),
        ("when does pakistan start", None),
        ("what is the minimum age in a Better Work factory?", None),
        ("which brands accept our data", None),
        ("🏭", None),
        ("", None),
    ],
)
def test_the_most_alike_question_is_found_if_one_is_alike_enough(index, question, place):
    assert index.most_alike("en", question, OTHERS) == place


def test_the_first_of_equally_alike_questions_is_taken(index):
    assert index.most_alike("en", "minimum wage", ["wage", "minimum wage", "Minimum wage?"]) == 1


def test_nothing_is_like_a_question_when_there_are_no_others(index):
    assert index.most_alike("vi", "lương tối thiểu", []) is None


def test_what_is_kept_of_questions_to_compare_takes_little(index):
    letters = random.Random(1)
    long = ["".join(letters.choices(ascii_lowercase, k=500)) for _ in range(20)]
    index.most_alike("en", "any question", [*long, "another"])
    more = ["".join(letters.choices(ascii_lowercase, k=500)) for _ in range(20)]
    tracemalloc.start()
    index.most_alike("en", "any question", more)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 20 * 16_000  # with their groups of letters as texts, 20 * 100,000


@pytest.mark.parametrize(
    ("locale", "question", "other"),
    [
        ("vi", "cuộc đánh giá có không báo trước không?", "cuộc đánh giá có được báo trước không?"),
        ("en", "is the self-assessment done on Higg", "is the self-assessment done on Better Work"),
        ("en", "may we share last year's report", "may we not share last year's report"),
        ("id", "apakah kami boleh berbagi laporan", "apakah kami tidak boleh berbagi laporan"),
        ("bn", "আমরা কি রিপোর্ট শেয়ার করব", "আমরা কি রিপোর্ট শেয়ার করব না"),
    ],
)
def test_questions_that_say_no_or_name_another_system_are_not_alike(index, locale, question, other):
    assert index.most_alike(locale, question, [other]) is None
    assert index.most_alike(locale, question, [other, question.upper()]) == 1
