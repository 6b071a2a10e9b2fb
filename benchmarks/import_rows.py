"""Import a long list, import it again, export it; tell how fast, and in how much memory.

    python -m benchmarks.import_rows --rows 100000           on a new SQLite file
    python -m benchmarks.import_rows --url postgres://…      on an empty, migrated database

The list holds made-up facilities, each of which has gone a part of the way (about seven events on
average); with --short, only their names, countries and OS IDs. Memory is the most that the process
ever held.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import tempfile
import time
from collections.abc import Awaitable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kb.services.access.matrix import OPERATOR
from kb.services.database import connect, migrate
from kb.services.lists.exporting import export_facilities
from kb.services.lists.importing import import_facilities
from kb.settings import Settings
from tests.lists.many import write_list


def peak() -> float:
    """The most memory that this process has held, in MB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


async def timed(name: str, rows: int, work: Awaitable[Any]) -> dict[str, Any]:
    before, cpu = time.perf_counter(), time.process_time()
    result = await work
    seconds = time.perf_counter() - before
    return {
        "what": name,
        "seconds": round(seconds, 1),
        "cpu_seconds": round(time.process_time() - cpu, 1),
        "rows_per_second": round(rows / seconds),
        "peak_mb": peak(),
        "events": getattr(result, "events", None),
        "rows": {str(key): count for key, count in getattr(result, "rows", {}).items()},
    }


async def run(rows: int, url: str | None, folder: Path, *, short: bool) -> list[dict[str, Any]]:
    settings = Settings(database_url=url or f"sqlite://{folder / 'trial.sqlite3'}")
    if url is None:
        await migrate(settings)
    path = write_list(folder / "list.csv", rows, short=short)
    now = datetime.now(UTC)
    measured = [{"what": "start", "peak_mb": peak()}]
    async with connect(settings, everywhere=False):
        for name in ("import", "import again"):
            measured.append(await timed(name, rows, import_facilities(path, OPERATOR, now=now)))
        export = export_facilities(OPERATOR, folder / "out.csv", now=now)
        measured.append(await timed("export", rows, export))
    return measured


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--url", help="an empty, migrated PostgreSQL database")
    parser.add_argument("--short", action="store_true", help="facilities without workflow events")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = run(options.rows, options.url, Path(folder), short=options.short)
        for measures in asyncio.run(work):
            print(json.dumps(measures))


if __name__ == "__main__":
    main()
