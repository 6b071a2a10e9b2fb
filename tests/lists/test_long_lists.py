"""A list of any length is imported and exported in bounded memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.served

ROOT = Path(__file__).parents[2]


def test_five_thousand_rows_are_imported_twice_and_exported_in_bounded_memory() -> None:
    command = [sys.executable, "-m", "benchmarks.import_rows", "--rows", "5000", "--short"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    start, imported, again, exported = map(json.loads, done.stdout.splitlines())
    assert imported["rows"] == {"created": 5_000, "refused": 0}
    assert again["rows"] == {"unchanged": 5_000, "refused": 0}
    # Five thousand rows at once would take more than 10 MB; it takes 3.
    assert exported["peak_mb"] - start["peak_mb"] < 6
