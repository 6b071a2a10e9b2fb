"""Pages of the docs site that are made when it is built: the schema, and the content guide."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema, build_schema
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]


def on_files(files: Files, config: Any) -> Files:
    """Add the pages that lie in no file of docs/."""
    schema = build_schema((ROOT / "schema.graphql").read_text(encoding="utf-8"))
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").replace("](docs/", "](")
    files.append(File.generated(config, "reference.md", content=reference(schema)))
    files.append(File.generated(config, "contributing.md", content=guide))
    return files


def reference(schema: GraphQLSchema) -> str:
    """Every root field with what it takes and means, as Markdown."""
    roots = {
        "Queries": schema.query_type,
        "Changes": schema.mutation_type,
        "Subscriptions": schema.subscription_type,
    }
    parts = ["# The schema\n\nEvery root field; `/schema.graphql` and GraphiQL have the types.\n"]
    for title, root in roots.items():
        assert isinstance(root, GraphQLObjectType)
        parts.append(f"## {title}\n")
        parts += [_field(name, field) for name, field in sorted(root.fields.items())]
    return "\n".join(parts)


def _field(name: str, field: GraphQLField) -> str:
    lines = [f"### `{name}`: `{field.type}`\n", f"{field.description or ''}\n"]
    if field.args:
        lines += ["| argument | type | meaning |", "|---|---|---|"]
        for argument, definition in sorted(field.args.items()):
            meaning = " ".join((definition.description or "").split())
            lines.append(f"| `{argument}` | `{definition.type}` | {meaning} |")
        lines.append("")
    return "\n".join(lines)
