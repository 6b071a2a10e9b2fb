"""Files that commands write are there whole or not at all, and for nobody new to read."""

from pathlib import Path

import pytest

from kb.services.whole_files import whole_file


def test_a_file_that_is_written_anew_is_for_those_who_might_read_it_before(tmp_path: Path) -> None:
    file = tmp_path / "refused.csv"
    file.write_text("before")
    file.chmod(0o600)
    with whole_file(file, "--errors") as part:
        part.write_text("after")
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("after", 0o600)


def test_what_a_link_leads_to_is_written_and_the_link_stays(tmp_path: Path) -> None:
    file, link = tmp_path / "refused.csv", tmp_path / "link.csv"
    file.write_text("before")
    link.symlink_to(file)
    with whole_file(link, "--errors") as part:
        part.write_text("after")
    assert link.is_symlink()
    assert file.read_text() == "after"


def test_two_who_write_the_same_file_do_not_meet(tmp_path: Path) -> None:
    file = tmp_path / "refused.csv"
    with whole_file(file, "--errors") as first, whole_file(file, "--errors") as second:
        first.write_text("first")
        second.write_text("second")
    assert file.read_text() == "first"  # it ended last
    assert list(tmp_path.iterdir()) == [file]


def test_nothing_is_left_of_what_fails(tmp_path: Path) -> None:
    file = tmp_path / "refused.csv"
    with pytest.raises(OSError, match="full"), whole_file(file, "--errors"):
        raise OSError("the disk is full")
    assert list(tmp_path.iterdir()) == []
