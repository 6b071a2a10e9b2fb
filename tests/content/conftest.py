"""A small content tree that has no problem, for tests to break in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from kb.content.checking import check
from kb.rules.codes import BlockerCode, DataLabelCode, FactTopic, ProfileQuestion
from kb.rules.missing import POSSIBLE_ANSWERS, answer_code

FAQ = """\
---
number: {number}
slug: faq-{number}
section: 1
audience: [facility]
topics: [sharing]
question: What is said here?
phrasings: [one, two, three, four, five]
applies_when: [{{}}]
applies_because: It always applies.
links: []
checked_on: 2026-11-23
source: faqs-2021
title: What does the source ask here?
---

## first
The first passage.

## second
The second passage.
"""

STATEMENTS = (
    "SAID",
    *BlockerCode,
    *(f"MISSING_{question}" for question in ProfileQuestion),
    *{
        answer_code(question, answer): None
        for question, answers in POSSIBLE_ANSWERS.items()
        for answer in answers
    },
    "ANSWER_NOT_KNOWN",
    "DAY_NOT_COVERED",
    "RULES_NOT_IN_LAYERS",
    "SHARING_NEEDS_ASSESSOR",
)

TABLE = """\
{table}:
  title: A table
  inputs: {inputs}
  rows:
    - id: {table}1
      when: {{}}
      then: {then}
"""

ROUTE = """\
UNDETERMINED: {title: Nothing yet, because: SAID}
DAY_NOT_COVERED: {title: Not on that day, because: SAID}
RULES_NOT_IN_LAYERS: {title: Not without rules, because: SAID}
"""

SMALL: Mapping[str, str] = {
    "sources.yaml": """\
faqs-2021:
  title: Shared FAQs
  publisher: SLCP
  layer: SHARED_FAQS_2021
  where: the document
  dated: 2021-10-01
  precision: MONTH
  checked_on: 2026-11-23
page:
  title: A page
  publisher: Somebody
  layer: PUBLIC_RECORD
  where: a site
  dated: 2022-05-01
  precision: DAY
  checked_on: 2026-11-23
undated:
  title: Another page
  publisher: Somebody
  layer: PUBLIC_RECORD
  where: a site
  checked_on: 2026-11-23
""",
    **{f"faqs/{number:02}-faq-{number}.md": FAQ.format(number=number) for number in range(1, 24)},
    "countries/some.yaml": """\
"VN":
  name: Vietnam
  kinds:
    - valid_from: 2021-10-01
      precision: MONTH
      value: ROLLOUT
      text: Rolled out.
      cites: [{passage: 2.first}]
      checked_on: 2026-11-23
""",
    "tool-versions.yaml": """\
caf-1.4: {version: "1.4", planned: false}
""",
    "labels.yaml": "".join(
        f"{code}: {{title: A label, when: Always., may_claim: This., must_not_claim: That.,"
        " cites: [{passage: 18.first}]}\n"
        for code in DataLabelCode
    ),
    "rules/statements/all.yaml": "".join(
        f"{code}: {{text: A sentence., cites: [{{passage: 7.first}}]}}\n" for code in STATEMENTS
    ),
    "rules/tables/a.yaml": TABLE.format(
        table="A",
        inputs='{enrolled: ["YES", "NO", UNKNOWN]}',
        then="{because: SAID, assessed_by: UNDETERMINED, routes: [UNDETERMINED], state: UNKNOWN,"
        " sharing: UNDETERMINED}",
    ),
    "rules/tables/b.yaml": TABLE.format(
        table="B",
        inputs="{assessment: [UNKNOWN, NONE, ONSITE, VCC]}",
        then="{because: SAID, sharing: NOT_YET, state: UNKNOWN}",
    ),
    "rules/tables/c.yaml": TABLE.format(
        table="C", inputs="{}", then="{labels: {SELF_STEP1: SAID, BW_VCC_STEP1: SAID}}"
    ),
    "rules/tables/d.yaml": TABLE.format(
        table="D", inputs="{}", then="{fees: [{code: VERIFICATION, charge: NONE, because: SAID}]}"
    ),
    "rules/tables/e.yaml": TABLE.format(
        table="E", inputs="{}", then='{because: SAID, tool_version: "1.4", law_overlay: null}'
    ),
    "rules/warnings/ages.yaml": "".join(
        f"{name}: {{code: {code}, text: A sentence., cites: [{{passage: 7.first}}]}}\n"
        for name, code in (
            *((f"{topic}_LAST_CHECKED_LONG_AGO", "MAY_HAVE_CHANGED") for topic in FactTopic),
            ("ENROLMENT_FOLLOWS_FROM_ASSESSMENT", "ENROLMENT_INFERRED"),
        )
    ),
    "workflow/routes.yaml": ROUTE,
    "workflow/steps.yaml": """\
CHECK_GATEWAY_COUNTRY_LIST:
  {title: Look it up, actor: USER, text: Look., cites: [{passage: 3.first}]}
""",
}

Write = Callable[..., Path]
ProblemsOf = Callable[[Mapping[str, str | None]], list[str]]


@pytest.fixture
def small_content(tmp_path: Path) -> Write:
    """Write the small tree with some files changed (None: left out) and tell where it is."""

    def write(changed: Mapping[str, str | None] | None = None) -> Path:
        for name, text in {**SMALL, **(changed or {})}.items():
            if text is None:
                continue
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return write


@pytest.fixture
def problems_of(small_content: Write) -> ProblemsOf:
    """The problems of the small tree with some files changed, as they are printed."""

    def problems(changed: Mapping[str, str | None]) -> list[str]:
        return [str(problem) for problem in check(small_content(changed))]

    return problems


@pytest.fixture
def changed_faq() -> Callable[..., dict[str, str | None]]:
    """FAQ 7 of the small tree with one text in it replaced."""

    def changed(old: str, new: str) -> dict[str, str | None]:
        text = FAQ.format(number=7)
        assert old in text
        return {"faqs/07-faq-7.md": text.replace(old, new, 1)}

    return changed
