"""What tests run from npm. The product itself needs none of it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest


def installed(folder: Path) -> Path:
    """A folder with all that its lock file names; skips the test where npm is missing."""
    if shutil.which("npm") is None:
        if os.environ.get("KB_REQUIRE_CLIENTS") == "1":
            pytest.fail("npm is missing; install Debian's packages nodejs and npm", pytrace=False)
        pytest.skip("npm is missing, so nothing of npm is tried")
    marker = folder / "node_modules" / ".package-lock.json"
    lock = folder / "package-lock.json"
    if not marker.exists() or marker.stat().st_mtime < lock.stat().st_mtime:
        run(folder, "npm", "ci", "--no-progress", "--prefer-offline")
    return folder


def run(folder: Path, *command: str) -> str:
    """What a command prints in a folder; the test fails with all it said if it fails."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout
