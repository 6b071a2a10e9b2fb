"""Without the optional embedding, or when it fails, the default search answers and says so."""

from __future__ import annotations

import logging

import pytest

from kb.search import SearchIndex, semantic
from kb.search.confidence import coefficients
from kb.search.index import LanguageIndex

QUESTION = "is the slcp gateway free"


class Breaking(semantic.Semantic):
    """A likeness that fails as a broken model would."""

    def __init__(self) -> None:
        self.calls = 0

    def likeness(self, index: LanguageIndex, question: str) -> dict[int, float]:
        self.calls += 1
        raise RuntimeError("the model is broken")


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.levelno == logging.WARNING]


@pytest.mark.slow
def test_without_the_package_the_default_search_answers_and_warns_once(
    library, index, caplog, monkeypatch
):
    monkeypatch.setattr(semantic, "PACKAGE", "no-such-package")
    with caplog.at_level(logging.WARNING):
        without = SearchIndex.build(library, vectors=b"{}\n")
        assert without.ask(QUESTION) == index.ask(QUESTION)
    assert said(caplog) == [
        "The search does without likeness of meaning: no-such-package is not installed."
    ]


def test_another_version_of_the_package_is_not_used(monkeypatch):
    monkeypatch.setattr(semantic, "PACKAGE", "pytest")
    with pytest.raises(semantic.SemanticUnavailableError, match=r"pytest is .*, not 0\.3\.0"):
        semantic.Embedder()


@pytest.mark.parametrize(
    "content", [b"", b"no json\n", b"{}\n", b'{"model": "other", "texts": [], "width": 384}\n']
)
def test_vectors_that_do_not_fit_are_refused(content):
    with pytest.raises(semantic.SemanticUnavailableError):
        semantic.Vectors.from_bytes(content)


def test_a_model_that_fails_while_asked_is_given_up_and_the_answer_is_the_default_one(
    library, index, caplog
):
    breaking = Breaking()
    own_words = index._own_words
    other = SearchIndex(library, index.indexes, own_words, index.head, coefficients(), breaking)
    with caplog.at_level(logging.WARNING):
        assert other.ask(QUESTION) == index.ask(QUESTION)
        assert other.ask(QUESTION) == index.ask(QUESTION)
    assert breaking.calls == 1
    assert said(caplog) == ["The search goes on without likeness of meaning: the model is broken."]


def test_likeness_of_meaning_moves_an_entry_up(index):
    english = index.indexes["en"]
    query = english.read(QUESTION)
    last = english.rank(query)[-1]
    lifted = english.rank(query, meaning={last.place: 5.0})
    assert lifted[0].place == last.place
