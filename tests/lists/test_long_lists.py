"""A list of any length is imported and exported in bounded memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.served

ROOT = Path(__file__).parents[2]


def test_two_thousand_rows_are_imported_twice_and_exported_in_bounded_memory() -> None:
    command = [sys.executable, "-m", "benchmarks.import_rows", "--rows", "2000", "--short"]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    start, imported, again, exported = map(json.loads, process.stdout.splitlines())
    assert imported["rows"] == {"created": 2_000, "refused": 0}
    assert again["rows"] == {"unchanged": 2_000, "refused": 0}
    # Two thousand rows at once would take more than 4 MB.
    assert exported["peak_mb"] - start["peak_mb"] < 4
