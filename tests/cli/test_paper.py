"""PDF by the browser of this machine, or what it lacks for one."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser import find_chromium

from kb.cli.paper import pdf
from kb.errors import KbError

PAGE = "<!doctype html><meta charset=utf-8><title>Thư</title><p>Nhà máy chưa thể chia sẻ dữ liệu."


@pytest.mark.browser
def test_a_page_becomes_a_pdf_with_its_title() -> None:
    find_chromium()
    made = pdf(PAGE, "vi")
    assert made.startswith(b"%PDF-")
    assert "Thư".encode("utf-16-be").hex().upper().encode() in made


@pytest.mark.parametrize(
    ("programs", "wrong"),
    [
        ({}, "PDF needs a browser: install Debian's package chromium"),
        ({"chromium": 0, "fc-list": 1}, "No font of this machine writes the language bn"),
        ({"chromium": 3}, "/chromium made no PDF: try again"),
        ({"chromium": 0, "fc-list": 0}, "/chromium made no PDF: try again"),
    ],
)
def test_what_this_machine_lacks_is_named_with_another_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, programs: dict[str, int], wrong: str
) -> None:
    for name, status in programs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\nexit {status}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(KbError) as refused:
        pdf(PAGE, "bn")
    assert wrong in str(refused.value)
    assert str(refused.value).endswith("or write it with --format html and print that.")
