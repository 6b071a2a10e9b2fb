"""Barriers for people who use a keyboard or a screen reader, as axe-core finds them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from browser import Page

from tests.npm import installed

HERE = Path(__file__).parent
SCRIPT = HERE / "node_modules" / "axe-core" / "axe.min.js"


@cache
def _script() -> str:
    installed(HERE)
    return SCRIPT.read_text(encoding="utf-8")


def barriers(page: Page) -> list[str]:
    """Rules that are seriously broken, each with the elements that break it.

    Looks once nothing is being read any more: until then the old is shown faded.
    """
    busy = "[...document.querySelectorAll('[aria-busy=true]')]"
    page.wait_for(f"{busy}.every((part) => part.offsetParent === null)")
    page.evaluate(f"(() => {{ {_script()} }})()")
    problems = page.evaluate(
        "axe.run().then(({violations}) => violations"
        ".filter(({impact}) => impact === 'serious' || impact === 'critical')"
        ".map(({id, nodes}) => `${id}: ${nodes.map(({target}) => target).join(', ')}`))"
    )
    return list(problems)
