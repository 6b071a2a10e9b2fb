"""What the program imports is what it says it needs."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.requirements import Requirement

from tests.trial_databases import on_sqlite

pytestmark = on_sqlite

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
OF_USERS = [
    *PROJECT["dependencies"],
    *(
        each
        for name, extra in PROJECT["optional-dependencies"].items()
        if name != "dev"
        for each in extra
    ),
]


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def test_whatever_is_imported_is_declared() -> None:
    own = {"kb", "graphql_schema", "faq_content"}
    files = [file for package in own for file in (ROOT / package).rglob("*.py")]
    modules = {module for file in files for module in imported(file)}
    distributions = packages_distributions()
    used = (modules - own - sys.stdlib_module_names) & distributions.keys()
    declared = {plain(Requirement(each).name) for each in OF_USERS}
    assert len(used) > 30
    assert {each for each in used if declared.isdisjoint(map(plain, distributions[each]))} == set()


def test_whatever_is_declared_has_a_first_version_and_an_end() -> None:
    for each in map(Requirement, OF_USERS):
        operators = {specifier.operator for specifier in each.specifier}
        assert operators in ({">=", "<"}, {"=="}, {">="}), each
        assert operators != {">="} or each.name == "tzdata", each  # versions of it are days
