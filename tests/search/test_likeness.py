"""Questions that ask the same in other words or spellings are alike; others are not."""

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
