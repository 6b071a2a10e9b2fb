"""take: import a list into the connected database and tell what was said of its rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kb.services.access.matrix import OPERATOR
from kb.services.lists.importing import import_facilities
from tests.lists.stored import NOW, Take, Taken


@pytest.fixture
def take(tmp_path: Path) -> Take:
    def written(content: str | bytes | Path) -> Path:
        if isinstance(content, Path):
            return content
        path = tmp_path / "list.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    async def run(content: str | bytes | Path, **options: Any) -> Taken:
        path = written(content)
        problems: list[str] = []
        imported = await import_facilities(
            path,
            OPERATOR,
            now=options.pop("now", NOW),
            report=lambda problem: problems.extend(map(str, problem)),
            **options,
        )
        rows = ", ".join(
            f"{count} {name}" for name, count in sorted(imported.rows.items()) if count
        )
        return Taken(rows, imported.events, problems, imported.remarks, imported.unknown, imported)

    return run
