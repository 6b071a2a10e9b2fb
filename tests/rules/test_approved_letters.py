"""The letters that people have read are still what is written, byte for byte."""

from __future__ import annotations

from kb.content.records import Library
from tests.rules.approved_letters import FOLDER, letters


def test_the_approved_letters_are_what_is_written(library: Library) -> None:
    written = letters(library)
    assert {file.name for file in FOLDER.iterdir()} == set(written), "run scripts/approved"
    for name, text in written.items():
        assert (FOLDER / name).read_text("utf-8") == text, f"{name}: run scripts/approved"
