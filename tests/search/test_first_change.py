"""The first change that CONTRIBUTING shows can still be made."""

import re
from pathlib import Path

from kb.search import AnswerOutcome, SearchIndex

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_the_question_is_not_answered_yet_and_its_line_has_a_place(index: SearchIndex) -> None:
    question = re.search(r'kb ask "([^"]+)"', PAGE)
    change = re.search(r"In `([^`]+)`, under `phrasings:` and\s+there under `([^`]+)`", PAGE)
    line = re.search(r"`    - ([^`]+)`", PAGE)
    assert question is not None
    assert change is not None
    assert line is not None
    assert line[1] == question[1]
    head = (ROOT / change[1]).read_text(encoding="utf-8").split("---")[1]
    assert f"\nphrasings:\n  {change[2]}\n    - " in head
    assert index.ask(question[1]).outcome is not AnswerOutcome.ANSWERED
