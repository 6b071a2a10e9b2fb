"""The content is written in the project's own words.

`source-runs.txt` holds the hash of every run of nine words in the shared FAQs of October 2021, so
that copied sentences are found without the source being here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CONTENT = HERE.parents[1] / "faq_content"
RUN = 9
# The titles of the source are kept word for word, beside the project's own questions.
TITLE = re.compile(r"^(?:contents_)?title: (.*)$", re.MULTILINE)


def runs(text: str) -> Iterator[str]:
    """Every run of nine words, in small letters and without punctuation."""
    words = re.findall(r"[a-z0-9]+", re.sub("['\u2019]", "", text.lower()))
    return (" ".join(words[at : at + RUN]) for at in range(len(words) - RUN + 1))


def hashed(run: str) -> str:
    """The form in which a run is held."""
    return sha256(run.encode()).hexdigest()[:12]


@pytest.fixture(scope="module")
def source() -> frozenset[str]:
    return frozenset((HERE / "source-runs.txt").read_text().split())


def written() -> list[Path]:
    return sorted(
        path
        for path in CONTENT.rglob("*")
        if path.suffix in {".md", ".yaml"} and "translations" not in path.parts
    )


@pytest.mark.parametrize("path", written(), ids=lambda path: str(path.relative_to(CONTENT)))
def test_no_run_of_nine_words_is_taken_from_the_source(path: Path, source: frozenset[str]) -> None:
    text = TITLE.sub("", path.read_text()) if path.parent.name == "faqs" else path.read_text()
    assert [run for run in runs(text) if hashed(run) in source] == []


def test_a_copied_sentence_would_be_found(source: frozenset[str]) -> None:
    titles = [title for path in written() for title in TITLE.findall(path.read_text())]
    copied = {hashed(run) for title in titles for run in runs(title)}
    assert len(copied) > 100
    assert copied <= source
