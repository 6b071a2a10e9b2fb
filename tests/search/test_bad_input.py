"""Whatever is typed, the outcome is clear, or the error is typed, and the work is bounded."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from functools import partial
from string import ascii_lowercase
from types import FrameType

import pytest

from kb.errors import InvalidInputError
from kb.search import AnswerOutcome


def calls_of(work: Callable[[], object]) -> int:
    """How many functions are called for it, those of Python's own library too."""
    calls = 0

    def count(_frame: FrameType, event: str, _what: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_an_empty_question_is_refused(index, text):
    with pytest.raises(InvalidInputError, match="Allowed: some words"):
        index.ask(text)
    with pytest.raises(InvalidInputError, match="Allowed: some words"):
        index.search(text)


def test_a_question_of_more_than_ten_thousand_characters_is_refused(index):
    with pytest.raises(InvalidInputError, match=r"10001 characters.*at most 10000 characters"):
        index.ask("x" * 10_001)


@pytest.mark.parametrize("text", ["a", "?", "😀😀😀", "\x00\x07\x1b", "​‍", "!!! --- ..."])
def test_a_text_without_words_is_handed_over(index, text):
    answer = index.ask(text)
    assert answer.outcome is AnswerOutcome.HANDOVER
    assert answer.handover is not None
    assert answer.handover.reason == "The text holds no words that could be searched for."
    assert (answer.confidence, answer.hits) == (0.0, ())
    assert (index.search(text).hits, index.search(text).total) == ((), 0)


@pytest.mark.parametrize(
    "text",
    [
        "'; DROP TABLE faq; --",
        "<script>alert('gateway')</script>",
        "{{7*7}} ${jndi:ldap://x}",
        "и как это работает",
        "这个怎么用",
        "x" * 10_000,
        "a b c d e f g h",
    ],
)
def test_what_is_no_question_of_this_domain_is_not_answered(index, text):
    assert index.ask(text).outcome is AnswerOutcome.HANDOVER


@pytest.mark.parametrize(
    "text",
    [
        "what is a vcc مرحبا 你好",
        "WHAT IS A VCC???",
        "what is a \uff36\uff23\uff23",
        "what\x00 is a\x07 vcc",
        "<b>what is a VCC</b>",
        "vcc বলতে কী বোঝায়",
    ],
)
def test_a_question_is_found_through_its_wrapping(index, text):
    assert index.ask(text).hits[0].faq_number == 23


@pytest.mark.parametrize(
    "text",
    [
        "how do I share data " * 500,
        "asessment verfication registeration " * 270,
        " ".join(f"word{number}" for number in range(1_200)),
        "আ" * 10_000,
        "\x00" * 10_000,
        "é" * 10_000,
    ],
)
def test_ten_thousand_characters_are_bounded_work(index, text):
    index.ask(text[:50])  # what a language needs is loaded with its first question
    assert calls_of(partial(index.ask, text[:10_000])) < 400_000


def test_type_ahead_takes_anything(index):
    for text in ("", " ", "😀", "\x00", "x" * 10_000, "'; DROP", "a"):
        assert len(index.suggest(text, 3)) <= 3


def test_type_ahead_completes_the_last_word(index):
    assert index.suggest("who ass", 1)[0][0] == 7
    assert index.suggest("what does vc", 1) == ((23, "what does VCC mean"),)
    assert index.suggest("law overlay là", 1, "vi")[0][0] == 4
    assert index.suggest("who ass", 0) == ()


@pytest.mark.parametrize(
    "text", ["w", "how do I sh", "better work", "who decides which brands get o", "the a i o"]
)
def test_type_ahead_is_little_work(index, text):
    index.suggest("warm up")
    assert calls_of(partial(index.suggest, text)) < 10_000


def test_a_word_said_again_and_again_counts_as_said_once(index):
    for word in ("gateway", "fee", "xyzzy"):
        many, single = index.ask(f"{word} " * 200), index.ask(word)
        assert (many.outcome, many.confidence) == (single.outcome, single.confidence)


def test_single_letters_are_of_no_language(index):
    assert index.ask("H&M").why.read_in == "en"


def test_a_single_word_gets_suggestions_if_answers_use_it(index):
    for word in ("factory", "assessment", "law", "profile", "link", "slcp"):
        answer = index.ask(word)
        assert (word, answer.outcome) == (word, AnswerOutcome.SUGGESTIONS)
        assert answer.handover.topic is None


def test_a_single_word_of_a_topic_is_handed_over_with_it(index):
    assert index.ask("password").handover.topic == "Passwords and signing in"
    assert index.ask("weather").handover.topic == "Something else altogether"


def test_a_single_word_of_nothing_is_handed_over(index):
    for word in ("tomato", "pizza", "cucumber", "zzqx"):
        assert (word, index.ask(word).outcome) == (word, AnswerOutcome.HANDOVER)


@pytest.mark.parametrize("text", ["never", "never without", "without any", "bukan", "নেই", "2021"])
def test_a_no_or_a_number_alone_asks_for_nothing(index, text):
    assert index.ask(text).outcome is AnswerOutcome.SUGGESTIONS


@pytest.mark.parametrize("letters", [ascii_lowercase, "অআইঈউঊএঐওঔকখগঘঙচছজঝঞটঠডঢণতথদধনপফবভমযরলশ"])
def test_letters_at_random_are_never_answered(index, letters):
    dice = random.Random(5)
    for count in (1, 2, 5, 20, 60) * 12:
        words = ("".join(dice.choices(letters, k=dice.randint(2, 7))) for _ in range(count))
        text = " ".join(words)
        assert index.ask(text).outcome is not AnswerOutcome.ANSWERED, text
