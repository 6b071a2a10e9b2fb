"""kb report and kb rules: answers that travel."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.trial_databases import on_sqlite

pytestmark = on_sqlite


def test_a_report_on_a_facility_is_its_letter(kb_filled: Run) -> None:
    letter = kb_filled("what-applies", "DEMO-OS-000002").out
    assert kb_filled("report", "DEMO-OS-000002").out.rstrip() == letter.rstrip()
    there = kb_filled("report", "DEMO-OS-000002", "--locale", "id").out
    assert "### Yang berlaku" in there


def test_as_html_it_is_one_page_for_paper_with_the_way_drawn(
    kb_filled: Run, tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    ran = kb_filled("report", "DEMO-OS-000002", "--format", "html", "--out", str(file))
    assert (ran.code, ran.out) == (0, "")
    page = file.read_text()
    assert "<h3>What applies</h3>" in page
    assert "<svg" in page
    assert "@page" in page
    assert "http-equiv" in page
    assert "<script" not in page


def test_a_pdf_is_not_written_to_the_terminal(kb_filled: Run) -> None:
    ran = kb_filled("report", "DEMO-OS-000002", "--format", "pdf")
    assert (ran.code, ran.out) == (2, "")
    assert "pdf only with --out FILE" in ran.err


def test_a_portfolio_is_a_row_for_each_facility(kb_filled: Run) -> None:
    ran = kb_filled("report", "--portfolio", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(ran.out)))
    assert len(rows) == 60
    assert rows[0]["name"] == "Demo Factory 0001 (VN)"
    assert rows[0]["assessed_by"] == "BETTER_WORK"
    assert rows[0]["next_actor"] == "FACILITY"
    assert kb_filled("report", "--portfolio").out.startswith("# 60 facilities\n")


def test_a_portfolio_is_imported_without_a_change(kb_filled: Run, tmp_path: Path) -> None:
    file = tmp_path / "portfolio.csv"
    kb_filled("report", "--portfolio", "--format", "csv", "--out", str(file))
    ran = kb_filled("facilities", "import", str(file))
    assert ran.code == 0
    assert re.search(r"unchanged +│ 60 ", ran.out)
    assert "0 events were written." in ran.out
    assert "not read" not in ran.err


@pytest.mark.parametrize("arguments", [(), ("DEMO-OS-000002", "--portfolio")])
def test_it_is_either_a_facility_or_the_portfolio(
    kb_filled: Run, arguments: tuple[str, ...]
) -> None:
    ran = kb_filled("report", *arguments)
    assert ran.code == 2
    assert "either FACILITY or --portfolio" in ran.err


def test_the_rules_are_drawn_with_the_way_of_a_facility_or_profile(kb_filled: Run) -> None:
    plain = kb_filled("rules", "diagram").out
    own = kb_filled("rules", "diagram", "--facility", "DEMO-OS-000002").out
    assert plain.startswith("flowchart LR\n")
    assert ":::" not in plain
    assert ":::done" in own
    profile = "country=VN,enrolled=YES,inScope=YES"
    table = kb_filled("rules", "diagram", "table_a", "--profile", profile, "--format", "svg").out
    assert table.startswith("<svg ")
    assert 'stroke-width="3"' in table
