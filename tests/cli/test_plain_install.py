"""What is installed without extras starts, and says which extra has what is missing."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

pytestmark = pytest.mark.served

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
START = """
import sys
sys.modules.update(dict.fromkeys(sys.argv[1:]))  # these cannot be imported
import graphql_schema.app
import kb.cli
graphql_schema.app.create_app()
"""


def names_of(requirements: list[str]) -> set[str]:
    return {Requirement(requirement).name.lower() for requirement in requirements}


def test_the_app_is_made_where_no_extra_is_installed() -> None:
    extras = set().union(*map(names_of, PROJECT["optional-dependencies"].values()))
    of_extras = extras - names_of(PROJECT["dependencies"]) - {PROJECT["name"]}
    modules = {
        module
        for module, distributions in packages_distributions().items()
        if {name.lower() for name in distributions} & of_extras
    }
    assert {"opentelemetry", "mcp"} <= modules
    ran = subprocess.run(
        [sys.executable, "-c", START, *modules], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
