"""The development questions name passages and topics that exist, and keep their parts apart."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from kb.content.records import Library

QUESTIONS = Path(__file__).parents[1] / "retrieval"
SPLITS = ("train", "dev", "test")


@pytest.fixture(scope="module")
def questions() -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for path in sorted(QUESTIONS.glob("*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]


def test_there_are_some_of_every_language_and_part(questions: list[dict[str, Any]]) -> None:
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for question in questions:
        counts[question["language"], question["split"]] += 1
    assert set(counts) == {
        (language, split) for language in ("en", "vi", "id", "bn") for split in SPLITS
    }
    measuring = [question for question in questions if question["split"] != "train"]
    uncovered = [question for question in measuring if not question["passages"]]
    assert len(measuring) >= 3_000
    assert len(uncovered) >= len(measuring) / 3


def test_each_names_passages_and_topics_that_exist(
    questions: list[dict[str, Any]], library: Library
) -> None:
    passages = {
        f"{number}.{passage.id.rpartition('.')[2]}"
        for number, faq in library.faqs.items()
        for passage in faq.passages
    }
    named = {
        name
        for question in questions
        for name in (*question["passages"], *question.get("never", ()))
    }
    assert named - passages == set()
    topics = {name for question in questions for name in question["topics"]}
    assert topics - set(library.not_covered) == set()


def test_a_family_and_an_author_lie_in_one_part_only(questions: list[dict[str, Any]]) -> None:
    for key in ("family", "author"):
        parts: dict[str, set[str]] = defaultdict(set)
        for question in questions:
            if not question["author"].startswith("first-set") or key == "family":
                parts[question[key]].add(question["split"])
        assert {name for name, splits in parts.items() if len(splits) > 1} == set()


def test_no_question_for_measuring_is_a_phrasing(
    questions: list[dict[str, Any]], library: Library
) -> None:
    phrasings = {
        phrasing.casefold()
        for entry in (*library.faqs.values(), *library.translations.values())
        for phrasing in entry.every_phrasing
    }
    measured = {
        question["text"].casefold()
        for question in questions
        if question["split"] == "test" and "previous" not in question
    }
    assert measured & phrasings == set()
