"""What the tools of client developers say of the schema and of the published operations."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from graphql import OperationDefinitionNode, parse, print_ast

from tests.npm import installed, run

pytestmark = pytest.mark.served

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def test_graphql_eslint_finds_nothing() -> None:
    run(installed(HERE), "npm", "run", "--silent", "lint")


def test_relay_compiles_every_published_operation(tmp_path: Path) -> None:
    installed(HERE)
    config = {
        **json.loads((HERE / "relay.config.json").read_text(encoding="utf-8")),
        "src": ".",
        "schema": "schema.graphql",
        "artifactDirectory": "./__generated__",
    }
    (tmp_path / "relay.config.json").write_text(json.dumps(config), encoding="utf-8")
    (tmp_path / "schema.graphql").write_bytes((ROOT / "schema.graphql").read_bytes())
    (tmp_path / "__generated__").mkdir()
    documents = sorted((ROOT / "docs" / "queries").rglob("*.graphql"))
    compiled = {module for path in documents for module in write_modules(path, tmp_path)}
    run(tmp_path, str(HERE / "node_modules" / ".bin" / "relay-compiler"), "relay.config.json")
    made = {path.name for path in (tmp_path / "__generated__").iterdir()}
    assert made == {f"{module}.graphql.js" for module in compiled}


def write_modules(path: Path, folder: Path) -> list[str]:
    """Write each definition as Relay reads it: in a module, and named after that and its kind."""
    names = []
    for definition in parse(path.read_text(encoding="utf-8")).definitions:
        text, name = print_ast(definition), definition.name.value
        module = name
        if isinstance(definition, OperationDefinitionNode):
            kind = definition.operation.value
            name = f"{module}{kind.capitalize()}"
            text = text.replace(f"{kind} {module}", f"{kind} {name}", 1)
        (folder / f"{module}.js").write_text(f"graphql`{text}`;\n", encoding="utf-8")
        names.append(name)
    return names
