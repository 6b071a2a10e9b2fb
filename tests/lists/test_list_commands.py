"""kb facilities import and export, as a shell runs them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tortoise.transactions import in_transaction
from trial_databases import PostgresDatabases, SqliteFiles, migrated, run_apart

from kb.cli import main
from kb.services.database import connect, one_at_a_time
from kb.settings import Settings


class Shell:
    """Runs commands on a database of its own."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["facilities", *map(str, arguments)])
        code = ended.value.code
        assert isinstance(code, int)
        return code, *self.capsys.readouterr()


@pytest.fixture
def kb(
    sqlite_files: SqliteFiles,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Shell:
    settings = sqlite_files.copy(sqlite_files.template("empty", migrated))
    monkeypatch.setenv("KB_DATABASE_URL", settings.database_url)
    return Shell(capsys)


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    file = tmp_path / "list.csv"
    file.write_text("name,country,enrolled,Shoe size\nA,VN,yes,42\nB,Vietnm,,\n")
    return file


def counted(out: str) -> dict[str, int]:
    words = [line.split() for line in out.replace("│", " ").splitlines()]
    names = ("created", "updated", "unchanged", "refused")
    return {line[0]: int(line[1]) for line in words if len(line) == 2 and line[0] in names}


def test_an_import_names_bad_rows_counts_all_and_ends_with_1(kb: Shell, listed: Path) -> None:
    code, out, err = kb("import", listed)
    assert code == 1
    assert out.startswith("list.csv:3: country: 'Vietnm' is no country. Allowed: ")
    assert counted(out) == {"created": 1, "updated": 0, "unchanged": 0, "refused": 1}
    assert out.endswith("2 events were written.\n")
    assert err == "Not read, because unknown: Shoe size\n"


def test_an_import_without_bad_rows_ends_with_0(kb: Shell, listed: Path) -> None:
    listed.write_text("name,country\nA,VN\n")
    assert kb("import", listed)[0] == 0
    code, out, _ = kb("import", listed)
    assert (code, counted(out)["unchanged"]) == (0, 1)


def test_a_dry_run_says_that_nothing_was_written(kb: Shell, listed: Path) -> None:
    code, out, _ = kb("import", listed, "--dry-run")
    assert code == 1
    assert out.endswith("Dry run: nothing was written. 2 events would be.\n")
    assert len(kb("export", "-")[1].splitlines()) == 1


@pytest.mark.parametrize("way", ["the same", "another path", "a link", "a hard link", "dry run"])
def test_a_list_is_never_replaced_by_its_refused_rows(
    kb: Shell, listed: Path, tmp_path: Path, way: str
) -> None:
    errors = tmp_path / "list.csv"
    if way == "another path":
        errors = tmp_path / ".." / tmp_path.name / "list.csv"
    elif way == "a link":
        errors = tmp_path / "link.csv"
        errors.symlink_to(listed)
    elif way == "a hard link":
        errors = tmp_path / "link.csv"
        errors.hardlink_to(listed)
    content = listed.read_bytes()
    dry_run = ["--dry-run"] if way == "dry run" else []
    code, out, err = kb("import", listed, "--errors", errors, *dry_run)
    assert (code, out) == (2, "")
    assert "another file than" in err
    assert listed.read_bytes() == content
    assert counted(kb("import", listed)[1])["created"] == 1  # nothing had been imported


def test_a_file_of_refused_rows_appears_when_it_is_whole(
    kb: Shell, listed: Path, tmp_path: Path
) -> None:
    refused = tmp_path / "refused.csv"
    refused.write_text("of an earlier import\n")
    listed.write_text("what,is,this\n")
    assert kb("import", listed, "--errors", refused)[0] == 2
    assert refused.read_text() == "of an earlier import\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["list.csv", "refused.csv"]


@pytest.mark.parametrize("name", ["mapping.yaml", "kb.sqlite3", "folder.csv"])
def test_refused_rows_go_into_no_file_of_another_kind(
    kb: Shell, listed: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / "folder.csv").mkdir()
    code, _, err = kb("import", listed, "--errors", tmp_path / name)
    assert code == 2
    assert "--errors" in err
    assert not (tmp_path / name).is_file()


def test_refused_rows_go_to_a_file(kb: Shell, listed: Path, tmp_path: Path) -> None:
    kb("import", listed, "--errors", tmp_path / "refused.csv")
    lines = (tmp_path / "refused.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "import_line,import_problems,name,country,enrolled,Shoe size"
    assert lines[1].startswith('3,"country: ')
    assert lines[1].endswith(",B,Vietnm,,")


def test_a_mapping_file_is_used(kb: Shell, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("Factory;Land\nA;VN\n")
    (tmp_path / "how.yaml").write_text("columns: {name: Factory, country: Land}\n")
    done = kb("import", tmp_path / "list.csv", "--mapping", tmp_path / "how.yaml")
    assert (done[0], counted(done[1])["created"]) == (0, 1)


def test_a_file_that_cannot_be_read_ends_with_2_and_one_line(kb: Shell, tmp_path: Path) -> None:
    code, out, err = kb("import", tmp_path / "none.csv")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "No such file" in err


def test_an_export_goes_to_a_file_or_to_standard_output(
    kb: Shell, listed: Path, tmp_path: Path
) -> None:
    kb("import", listed)
    code, out, _ = kb("export", "-")
    assert code == 0
    assert [line.split(",")[:2] for line in out.splitlines()] == [["name", "country"], ["A", "VN"]]
    code, output, _ = kb("export", tmp_path / "out.csv")
    assert (code, output) == (0, f"1 facilities were written to {tmp_path / 'out.csv'}\n")
    assert (tmp_path / "out.csv").read_text(encoding="utf-8-sig") == out


@pytest.fixture
def busy(postgres_databases: PostgresDatabases) -> Iterator[Settings]:
    settings = postgres_databases.copy(postgres_databases.template("empty", migrated))
    yield settings
    postgres_databases.drop(settings)


async def _while_another_imports(settings: Settings, shell: Callable[[], object]) -> object:
    async with connect(settings, everywhere=False), in_transaction():
        await one_at_a_time("import of facilities")
        return await asyncio.to_thread(shell)


def test_an_import_that_waits_too_long_for_another_one_says_so(
    busy: Settings,
    listed: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("KB_DATABASE_URL", busy.database_url)
    monkeypatch.setenv("KB_DATABASE_TIMEOUT", "0.5")
    code, out, err = run_apart(
        _while_another_imports(busy, lambda: Shell(capsys)("import", listed))
    )
    assert (code, out) == (3, "")
    assert err.endswith(
        "took longer than 0.5 seconds for a statement; another command may hold what this one "
        "waits for. Try again when it has finished, or set KB_DATABASE_TIMEOUT.\n"
    )
