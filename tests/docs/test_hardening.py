"""docs/hardening.md names tests that exist."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "hardening.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ([^|]+) \| ([^|]+) \| `([^|`]+)` \|$", PAGE, re.MULTILINE)


@cache
def functions_of(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in tree.body if isinstance(node, functions))


def test_every_row_names_a_test_that_exists() -> None:
    table = [line for line in PAGE.splitlines() if line.startswith("| ")]
    headings = PAGE.count("| attack or fault | what happens | test |")
    assert len(ROWS) == len(table) - headings, "a row has not the form that the others have"
    named = [test.partition("::") for _, _, test in ROWS]
    assert [(file, name) for file, _, name in named if name not in functions_of(file)] == []


def test_no_row_is_there_twice() -> None:
    assert len(set(ROWS)) == len(ROWS) >= 120
