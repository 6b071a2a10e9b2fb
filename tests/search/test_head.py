"""The trained head learns what texts ask for, by their words and by what they tell beside them."""

from __future__ import annotations

from kb.search.head import Example, Head
from kb.search.reading import QuestionReader

JOIN = ("how", "join")
EXAMPLES = [
    Example(JOIN, JOIN, "5.joining", signs=["enrolled=NO"]),
    Example(JOIN, JOIN, "7.assessed-by", signs=["enrolled=YES"]),
    Example(("fee",), ("fee",), "14.gateway-free"),
]


def test_a_head_learns_words_and_signs_and_is_kept_as_it_is() -> None:
    head = Head.trained(EXAMPLES, "hash", heads=2)
    assert head.into.shape[1] == 1024
    kept = Head.from_bytes(head.to_bytes())
    for example in EXAMPLES:
        chances = kept.probabilities(example.stems, example.words, signs=example.signs)
        assert kept.labels[chances.argmax()] == example.label
        again = head.probabilities(example.stems, example.words, signs=example.signs)
        assert chances.tolist() == again.tolist()


def test_signs_are_named_alike_in_all_languages(library) -> None:
    reader = QuestionReader(library, ("en", "vi", "bn"), {})
    for locale, text, signs in (
        (
            "en",
            "We are not in Better Work. How long does it take?",
            ["enrolled=NO", "w:DURATION", "no"],
        ),
        ("vi", "chúng tôi là thành viên Better Work, có cần gì không", ["enrolled=YES", "yn"]),
        ("bn", "amader gateway account nai", ["gateway_profile=NONE", "no"]),
        ("en", "What is the Gateway?", []),
    ):
        assert reader.read(text, locale).signs == signs
