"""Barriers for people who use a keyboard or a screen reader, as axe-core finds them."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest
from browser import Page

HERE = Path(__file__).parent
SCRIPT = HERE / "node_modules" / "axe-core" / "axe.min.js"


@cache
def _script() -> str:
    if not SCRIPT.exists():
        if shutil.which("npm") is None:
            if os.environ.get("KB_REQUIRE_CLIENTS") == "1":
                pytest.fail("npm is missing; install Debian's packages nodejs and npm")
            pytest.skip("npm is missing, so barriers are not looked for")
        subprocess.run(["npm", "ci", "--no-progress"], cwd=HERE, check=True, capture_output=True)
    return SCRIPT.read_text(encoding="utf-8")


def serious_problems(page: Page) -> list[str]:
    """Rules that are seriously broken, each with the elements that break it."""
    page.evaluate(f"(() => {{ {_script()} }})()")
    found = page.evaluate(
        "axe.run().then(({violations}) => violations"
        ".filter(({impact}) => impact === 'serious' || impact === 'critical')"
        ".map(({id, nodes}) => `${id}: ${nodes.map(({target}) => target).join(', ')}`))"
    )
    return list(found)
