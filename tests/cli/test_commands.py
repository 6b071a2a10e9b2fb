"""kb migrate, content, facilities, schema, settings and serve."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

import faq_content
from graphql_schema.schema import sdl
from kb.models import FacilityProjection
from kb.services.database import connect
from kb.services.knowledge.prepared import PreparedKind, prepared, search_key
from kb.services.knowledge.releases import current_release
from kb.settings import Settings
from tests.cli.conftest import Run
from tests.trial_databases import on_sqlite, run_apart


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A copy of the content that comes with the program."""
    folder = tmp_path / "content"
    shutil.copytree(Path(faq_content.__file__).parent, folder)
    return folder


@pytest.mark.slow
def test_the_tables_are_made_once(kb: Run, blank_settings: Settings) -> None:
    first, second = kb("migrate"), kb("migrate")
    assert first.code == second.code == 0
    assert first.out.startswith(f"Applied to {blank_settings.database_name}: 0001_initial")
    assert second.out == f"Up to date: {blank_settings.database_name}\n"


def test_without_tables_every_command_says_what_to_run(kb: Run) -> None:
    for command in (("what-applies", "1"), ("content", "publish"), ("facilities", "rebuild")):
        ran = kb(*command)
        assert ran.code == 3
        assert ran.err.endswith("Run: kb migrate\n")
        assert ran.err.count("\n") == 1


def test_without_a_release_an_answer_says_what_to_run(kb_migrated: Run) -> None:
    ran = kb_migrated("what-applies", "--profile", "country=VN")
    assert (ran.code, ran.err) == (3, "Nothing is published yet. Run: kb content publish\n")


@on_sqlite
@pytest.mark.parametrize(
    ("url", "message"),
    [
        (
            "postgres://somebody:secret@127.0.0.1:1/kb",
            "Cannot use the PostgreSQL database kb on 127.0.0.1: no server answers there.\n",
        ),
        (
            "sqlite:///nowhere/kb.sqlite3",
            "There is no database yet: /nowhere/kb.sqlite3. Run: kb migrate\n",
        ),
    ],
)
def test_a_database_that_cannot_be_used_is_one_line(kb: Run, url: str, message: str) -> None:
    ran = kb("what-applies", "1", KB_DATABASE_URL=url)
    assert (ran.code, ran.out, ran.err) == (3, "", message)


@on_sqlite
def test_a_file_that_is_no_database_is_one_line(kb: Run, tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear all, " * 100)
    ran = kb("migrate", KB_DATABASE_URL=f"sqlite://{file}")
    assert (ran.code, ran.err) == (
        3,
        f"Cannot use the SQLite file {file}: the file holds something else; name another one.\n",
    )


async def search_is_prepared(settings: Settings) -> bool:
    """Whether the search over the current release is kept, for all servers."""
    async with connect(settings, everywhere=False):
        release = await current_release()
        assert release is not None
        return await prepared(PreparedKind.SEARCH, search_key(release.content_hash)) is not None


@pytest.mark.slow
@on_sqlite
def test_content_is_published_once_and_again_when_it_differs_with_the_search_prepared(
    kb_published: Run, published_settings: Settings, content: Path
) -> None:
    folder = ("--dir", str(content))
    assert kb_published("content", "diff", *folder).out == "No difference to release 1.\n"
    assert kb_published("content", "publish", *folder).out == (
        "Nothing to publish: release 1 has the same content.\n"
    )
    entry = next(content.glob("faqs/21-*.md"))
    changed = "\nsection: 1\ncontents_title: Data"
    entry.write_text(entry.read_text().replace("\nsection: 2", changed))
    ran = kb_published("content", "diff", *folder)
    assert ran.code == 1
    assert ran.out == (
        '~ faq 21\n    section: 2 -> 1\n    contents_title: null -> "Data"\n'
        "1 record would change against release 1.\n"
    )
    assert kb_published("content", "publish", *folder).out == "Knowledge release 2 is published.\n"
    assert run_apart(search_is_prepared(published_settings))


@pytest.mark.slow
@on_sqlite
def test_content_without_problems_is_told(kb: Run) -> None:
    ran = kb("content", "check")
    assert ran.code == 0
    assert ran.out.startswith("No problem found in ")


@pytest.mark.slow
@on_sqlite
def test_what_is_to_be_translated_again_is_told_with_the_hash_to_write(
    kb: Run, content: Path
) -> None:
    entry = next(content.glob("faqs/06-*.md"))
    entry.write_text(re.sub("\nquestion: .*", "\nquestion: Is it so?", entry.read_text()))
    ran = kb("content", "check", "--dir", str(content))
    assert ran.code == 0
    assert ran.err.splitlines() == [
        f"Translate again, as the English has changed: {locale}, FAQ 6, question. "
        'When that is done, what it is made_from is "5bfd76fc84bf".'
        for locale in ("bn", "id", "vi")
    ]


@pytest.mark.slow
@on_sqlite
def test_all_problems_are_told_and_nothing_is_published(kb_migrated: Run, content: Path) -> None:
    for number in (21, 22):
        entry = next(content.glob(f"faqs/{number}-*.md"))
        entry.write_text(entry.read_text().replace("\nsection: 2", "\nsection: 3\nsuction: 2"))
    folder = ("--dir", str(content))
    ran = kb_migrated("content", "check", *folder)
    assert ran.code == 1
    problems = ran.out.splitlines()
    assert problems[-1] == f"{len(problems) - 1} problems found."
    for number in (21, 22):
        assert any(line.startswith(f"faqs/{number}-") and "suction" in line for line in problems)
    for command in ("diff", "stale", "catalogues"):
        again = kb_migrated("content", command, *folder)
        assert (again.code, again.out.splitlines()) == (1, problems)
    ran = kb_migrated("content", "publish", *folder)
    assert ran.code == 1
    assert "nothing was published" in ran.err
    assert kb_migrated("what-applies", "--profile", "country=VN").code == 3


@pytest.mark.slow
@on_sqlite
def test_catalogues_lose_no_translation_of_what_cannot_be_read(kb: Run, content: Path) -> None:
    folder = ("--dir", str(content))
    catalogues = {file: file.read_bytes() for file in content.glob("translations/*/decisions.po")}
    ran = kb("content", "catalogues", *folder)
    assert (ran.code, len(ran.out.splitlines())) == (0, len(catalogues))
    assert {file: file.read_bytes() for file in catalogues} == catalogues
    answers = content / "rules/statements/answers.yaml"
    answers.write_text(answers.read_text() + "\tx: y\n")
    ran = kb("content", "catalogues", *folder)
    assert ran.code == 1
    assert ran.out.splitlines() == [
        "rules/statements/answers.yaml:51: a tab stands before the text. Allowed: spaces",
        "1 problem found.",
    ]
    assert {file: file.read_bytes() for file in catalogues} == catalogues


@pytest.mark.slow
@on_sqlite
def test_a_wrong_golden_case_is_told(kb: Run, content: Path) -> None:
    table = content / "rules/tables/d-fees.yaml"
    table.write_text(table.read_text().replace("charge: CONTINUES", "charge: POSSIBLE"))
    ran = kb("content", "check", "--dir", str(content))
    assert ran.code == 1
    assert "golden case" in ran.out.splitlines()[-1]


def test_demo_facilities_are_made_once_with_examples_to_try(kb_migrated: Run) -> None:
    first, second = (kb_migrated("facilities", "demo", "--count", "52") for _ in range(2))
    assert first.code == second.code == 0
    assert first.err.startswith("52 demo facilities were made. They do not exist.\n")
    assert second.err.startswith("There are 52 demo facilities already; none were made.\n")
    assert "Try: kb what-applies DEMO-OS-000001" in first.err
    more = kb_migrated("facilities", "demo", "--count", "54")
    assert more.err.startswith("2 demo facilities were made. They do not exist.\n")
    assert kb_migrated("facilities", "demo", "--count", "55", "--seed", "1").code == 2


def test_facilities_are_listed_in_pages(kb_filled: Run) -> None:
    first = kb_filled("facilities", "list", "--first", "2", "--blocker", "LINK_MISSED")
    assert first.code == 0
    assert "DEMO-OS-000026" in first.out
    assert first.out.endswith("2 of 2.\n")
    page = kb_filled("facilities", "list", "--first", "59")
    cursor = page.err.strip().removeprefix("For more: --after ")
    last = kb_filled("facilities", "list", "--after", cursor)
    assert "DEMO-OS-000060" in last.out
    assert last.out.endswith("1 of 60.\n")
    ran = kb_filled("facilities", "list", "--first", "101")
    assert (ran.code, ran.err) == (2, "first: '101' is not valid. Allowed: 1 to 100.\n")


def test_rebuilding_finds_nothing_to_mend(kb_filled: Run) -> None:
    ran = kb_filled("facilities", "rebuild")
    assert (ran.code, ran.out) == (
        0,
        "60 facilities were rebuilt from their events; 0 differences.\n",
    )


def test_verifying_tells_what_was_tampered_with(
    kb_migrated: Run, database_settings: Settings
) -> None:
    async def tamper() -> None:
        async with connect(database_settings, everywhere=False):
            await FacilityProjection.filter(facility_id=2, is_current=True).update(name="Forged")

    kb_migrated("facilities", "demo", "--count", "3")
    ran = kb_migrated("facilities", "verify")
    verdict = "events of 3 facilities were checked; {} are not as they were recorded.\n"
    assert (ran.code, ran.out.partition(" ")[2]) == (0, verdict.format(0))
    run_apart(tamper())
    ran = kb_migrated("facilities", "verify")
    assert ran.code == 1
    assert "name was 'Forged', by the events it is 'Demo Factory 0002" in ran.out
    assert ran.out.endswith(verdict.format(1))


@pytest.mark.slow
@on_sqlite
def test_the_schema_is_printed_or_written(kb: Run, tmp_path: Path) -> None:
    assert kb("schema").out == sdl()
    kb("schema", "--out", str(tmp_path / "schema.graphql"))
    assert (tmp_path / "schema.graphql").read_text() == sdl()


@pytest.mark.slow
@on_sqlite
def test_what_clients_of_an_earlier_schema_would_miss_is_named(kb: Run, tmp_path: Path) -> None:
    released = tmp_path / "released.graphql"
    released.write_text(sdl())
    same = kb("schema", "--against", str(released))
    assert (same.code, same.out) == (0, "Whatever released.graphql allows goes on working.\n")
    released.write_text(sdl().replace("type Query {", "type Query {\n  weather: String\n", 1))
    fewer = kb("schema", "--against", str(released))
    assert fewer.code == 1
    assert fewer.out == "Field Query.weather was removed.\n"


@on_sqlite
def test_settings_are_listed_without_passwords(kb: Run) -> None:
    ran = kb("settings", KB_DATABASE_URL="postgres://somebody:secret@127.0.0.1/kb", KB_PORT="9000")
    assert ran.code == 0
    for name in Settings.model_fields:
        assert f"KB_{name.upper()} " in ran.out
    assert "9000" in ran.out
    assert "secret" not in ran.out


@on_sqlite
def test_a_setting_out_of_range_is_named(kb: Run) -> None:
    ran = kb("settings", KB_PORT="99999")
    assert (ran.code, ran.err) == (
        2,
        "KB_PORT: '99999' is not valid. Allowed: less than or equal to 65535.\n",
    )


@pytest.mark.slow
@on_sqlite
def test_facts_can_be_listed_by_the_age_of_their_last_check(kb: Run) -> None:
    ran = kb("content", "stale", "--days", "36500")
    assert (ran.code, ran.out.split(" of ")[0]) == (0, "0 entries")
    assert "countries VN from 2021-10-01: Vietnam is one of the three" in kb("content", "stale").out
