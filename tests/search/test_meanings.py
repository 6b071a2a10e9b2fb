"""Words that mean the same lie near each other, also across languages, and are kept as numbers."""

from __future__ import annotations

import numpy
import pytest

from kb.search.meanings import SIZE, WordVectors, word_vectors


@pytest.mark.parametrize(
    ("word", "near", "far"),
    [
        ("vendor", "supplier", "rain"),
        ("price", "cost", "office"),
        ("biaya", "cost", "law"),
        ("hukum", "law", "cost"),
        ("কারা", "who", "free"),
        ("invoice", "bill", "law"),
    ],
)
def test_words_of_like_meaning_lie_nearer_than_others(word: str, near: str, far: str) -> None:
    vectors = word_vectors()
    assert vectors.of([word]) @ vectors.of([near]) > vectors.of([word]) @ vectors.of([far])


def test_a_text_has_a_vector_of_length_one_and_unknown_words_none() -> None:
    vectors = word_vectors()
    assert numpy.linalg.norm(vectors.of(["who", "pays", "xqzwv"])) == pytest.approx(1.0)
    assert not vectors.of(["xqzwv"]).any()
    assert not vectors.of([]).any()


def test_vectors_are_kept_in_a_byte_for_each_number() -> None:
    rows = {f"word{number}": numpy.linspace(-1, number, SIZE) for number in range(1, 5)}
    made = WordVectors.made(rows)
    again = WordVectors.from_bytes(made.to_bytes())
    for word, row in rows.items():
        assert (again.of([word]) == made.of([word])).all()
        assert again.of([word]) == pytest.approx(row / numpy.linalg.norm(row), abs=0.01)
