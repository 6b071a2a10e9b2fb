"""Pages of docs/ and the changelog say what the program does."""

import re
from datetime import date
from pathlib import Path

from kb.cli.running import settings_page
from kb.services.lists.columns import NOT_KEPT, READ

ROOT = Path(__file__).parents[2]


def test_the_page_on_settings_is_current() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert page == settings_page(), "run: kb settings --page > docs/settings.md"


def test_the_page_on_lists_names_every_column_that_is_read_and_no_other() -> None:
    page = (ROOT / "docs" / "import.md").read_text(encoding="utf-8")
    cells = re.findall(r"^\| (`[^|]+) \|", page, re.MULTILINE)
    assert {name for cell in cells for name in re.findall(r"`(\w+)`", cell)} == READ


def test_the_page_on_lists_names_columns_as_not_kept_only_if_they_are_not() -> None:
    page = (ROOT / "docs" / "import.md").read_text(encoding="utf-8")
    names = re.search(r"Open Supply Hub's lists and downloads \(([^)]*\([^)]*\)[^)]*)\)", page)
    assert names is not None
    listed = {
        re.sub(r"\W+", "_", name.strip()).strip("_")
        for name in re.sub(r" and the like$", "", names[1]).replace("\n", " ").split(",")
    }
    assert listed <= NOT_KEPT


def test_the_changelog_goes_from_the_newest_day_to_the_oldest() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    for release in re.split(r"^## ", changelog, flags=re.MULTILINE)[1:]:
        headings = re.findall(r"^### (.+)$", release, re.MULTILINE)
        days = [date.fromisoformat(heading.removeprefix("From ")) for heading in headings]
        assert days
        assert days == sorted(set(days), reverse=True)
        before_the_first_day = release.partition("### ")[0]
        assert "- " not in before_the_first_day, "every change belongs to a day"


def test_links_between_pages_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []
