"""Decision records have one form, so that they can be compared."""

import re
from datetime import date
from pathlib import Path

import pytest

RECORDS = sorted((Path(__file__).parents[2] / "docs" / "adr").glob("*.md"))
SECTIONS = ["Context", "Decision", "Consequences", "Alternatives"]


def test_they_are_numbered_without_gap() -> None:
    assert [int(record.name[:4]) for record in RECORDS] == list(range(1, len(RECORDS) + 1))


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_a_record_has_number_date_status_and_alternatives(record: Path) -> None:
    text = record.read_text(encoding="utf-8")
    head = re.match(r"# (\d+)\. .+\n\n- Date: (\S+)\n- Status: (.+)\n", text)
    assert head is not None
    assert int(head[1]) == int(record.name[:4])
    assert date.fromisoformat(head[2])
    assert re.fullmatch(r"accepted|superseded by \d+", head[3])
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS
