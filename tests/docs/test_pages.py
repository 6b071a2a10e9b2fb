"""Pages of docs/ and the changelog say what the program does."""

import re
from datetime import date
from pathlib import Path

from typer.core import TyperGroup as Group
from typer.main import get_command

from kb.cli import app
from kb.cli.running import settings_page
from kb.services.lists.columns import NOT_KEPT, READ
from kb.settings import Settings

ROOT = Path(__file__).parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def code_in(page: Path) -> str:
    """What a page has in code blocks and between backticks."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)
    return "\n".join([*blocks, *re.findall(r"`[^`\n]+`", text)])


def test_the_page_on_settings_is_current() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert page == settings_page(), "run: kb settings --page > docs/settings.md"


def test_the_page_on_lists_names_every_column_that_is_read_and_no_other() -> None:
    page = (ROOT / "docs" / "import.md").read_text(encoding="utf-8")
    page = page.split("| column of suppliers |")[0]
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
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in PAGES
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_every_command_that_a_page_names_exists() -> None:
    commands = get_command(app)
    assert isinstance(commands, Group)
    for page in PAGES:
        for words in re.findall(r"(?:`|^|/|&& )kb ((?:[a-z-]+ ?)+)", code_in(page), re.MULTILINE):
            first, *rest = words.split()
            command = commands.commands.get(first)
            assert command is not None, f"{page.name}: kb {words}"
            if isinstance(command, Group) and rest:
                assert rest[0] in command.commands, f"{page.name}: kb {words}"


def test_every_setting_that_a_page_names_exists() -> None:
    known = Settings.model_construct().shown().keys()
    named = {
        name
        for page in PAGES
        for name in re.findall(r"\bKB_[A-Z_]+\b", page.read_text(encoding="utf-8"))
        if not name.startswith("KB_REQUIRE_")
    }
    assert named - known == set()


def test_every_file_that_a_page_names_exists() -> None:
    missing = [
        f"{page.name}: {name}"
        for page in PAGES
        for name in re.findall(
            r"`((?:kb|graphql_schema|faq_content|docs|tests|scripts|benchmarks|examples)/[\w./-]+)`",
            page.read_text(encoding="utf-8"),
        )
        if not (ROOT / name).exists()
    ]
    assert missing == []
