import asyncio
import re
import sqlite3
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from kb.errors import StorageError
from kb.models import Facility
from kb.services.database import (
    connect,
    connect_migrated,
    current_client,
    is_embedded,
    migrate,
)
from kb.services.knowledge.releases import current_release
from kb.settings import Settings
from tests.storage.stored import MORNING
from tests.trial_databases import PostgresDatabases, on_sqlite

NOBODY_LISTENS = "postgres://kb:secret@127.0.0.1:1/kb"


def sqlite_settings(file: Path, **values: object) -> Settings:
    return Settings(database_url=f"sqlite://{file}", **values)


async def why_not(settings: Settings) -> str:
    """The message of the error that connecting raises."""
    with pytest.raises(StorageError) as caught:
        async with connect(settings, everywhere=False):
            pass
    return str(caught.value)


async def test_a_missing_file_is_not_made_by_connecting(tmp_path: Path) -> None:
    file = tmp_path / "kb.sqlite3"
    message = f"There is no database yet: {file}. Run: kb migrate"
    assert await why_not(sqlite_settings(file)) == message
    assert not file.exists()


async def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    file = tmp_path / "nowhere" / "kb.sqlite3"
    with pytest.raises(StorageError) as caught:
        await migrate(sqlite_settings(file))
    assert str(caught.value) == (
        f"There is no folder {tmp_path / 'nowhere'} to put the database kb.sqlite3 in."
    )


async def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("These are notes, and no database at all. " * 20)
    expected = (
        f"Cannot use the SQLite file {file}: the file holds something else; name another one."
    )
    assert await why_not(sqlite_settings(file)) == expected
    with pytest.raises(StorageError) as caught:
        await migrate(sqlite_settings(file))
    assert str(caught.value) == expected
    with pytest.raises(StorageError, match="holds something else"):
        async with connect_migrated(sqlite_settings(file), everywhere=False):
            pass
    assert file.read_text() == "These are notes, and no database at all. " * 20


async def test_a_folder_is_no_database(tmp_path: Path) -> None:
    expected = f"Cannot use the SQLite file {tmp_path}: it is not a file that may be opened."
    assert await why_not(sqlite_settings(tmp_path)) == expected


async def test_a_database_without_tables_says_what_to_run(blank_settings: Settings) -> None:
    if blank_settings.sqlite_file:
        blank_settings.sqlite_file.touch()
    with pytest.raises(StorageError, match=r"its tables are missing\. Run: kb migrate$"):
        async with connect(blank_settings, everywhere=False):
            await current_release()


@pytest.fixture
def impatient(database_settings: Settings) -> Settings:
    """A migrated SQLite file, for whose lock nobody waits long."""
    return database_settings.model_copy(update={"database_timeout": 0.05})


@on_sqlite
async def test_a_locked_file_says_so_and_works_again_afterwards(impatient: Settings) -> None:
    settings = impatient
    other = sqlite3.connect(str(settings.sqlite_file), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    expected = (
        f"Cannot use the SQLite file {settings.sqlite_file}: another process holds its lock; "
        "try again when that has finished."
    )
    with pytest.raises(StorageError) as caught:
        async with connect(settings, everywhere=False):
            await Facility.create(name="Example", country="VN", created_at=MORNING)
    assert str(caught.value) == expected
    with pytest.raises(StorageError) as caught:
        await migrate(settings)
    assert str(caught.value) == expected
    other.rollback()
    other.close()
    assert await migrate(settings) == []


@on_sqlite
async def test_a_transaction_that_cannot_start_does_not_block_the_next(impatient: Settings) -> None:
    async with connect(impatient, everywhere=False):
        other = sqlite3.connect(str(impatient.sqlite_file), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Exception, match="database is locked"):
            async with in_transaction():
                pass
        other.rollback()
        other.close()
        async with asyncio.timeout(2), in_transaction():
            await Facility.create(name="Example", country="VN", created_at=MORNING)
        assert await Facility.all().count() == 1


async def test_a_server_that_does_not_answer_is_named_without_the_password() -> None:
    message = await why_not(Settings(database_url=NOBODY_LISTENS))
    assert message == "Cannot use the PostgreSQL database kb on 127.0.0.1: no server answers there."
    with pytest.raises(StorageError, match="no server answers there"):
        await migrate(Settings(database_url=NOBODY_LISTENS))


async def test_a_server_without_the_database_says_so(database_settings: Settings) -> None:
    if database_settings.sqlite_file:
        return  # has no server
    url = re.sub(r"kb_test_\w+", "kb_test_missing", database_settings.database_url)
    message = await why_not(Settings(database_url=url))
    assert message.endswith("the server has no such database; create it first.")


async def test_refused_rows_are_not_mistaken_for_a_broken_database(
    database_settings: Settings,
) -> None:
    async with connect(database_settings, everywhere=False):
        await Facility.create(name="One", country="VN", os_id="X", created_at=MORNING)
    with pytest.raises(IntegrityError):
        async with connect(database_settings, everywhere=False):
            await Facility.create(name="Two", country="VN", os_id="X", created_at=MORNING)


async def test_a_connection_is_seen_by_tasks_that_started_before_it(
    database_settings: Settings,
) -> None:
    connected = asyncio.Event()

    async def count() -> int:
        await connected.wait()
        return await Facility.all().count()

    earlier = asyncio.create_task(count())
    await asyncio.sleep(0)
    async with connect(database_settings):
        connected.set()
        assert await earlier == 0


async def test_processes_that_read_and_then_write_wait_for_each_other(
    database_settings: Settings,
) -> None:
    async with connect(database_settings, everywhere=False):
        await Facility.create(name="One", country="VN", created_at=MORNING, version=0)
    failures: list[Exception] = []

    async def count_up() -> None:
        async with connect(database_settings, everywhere=False):
            for _ in range(20):
                async with in_transaction():
                    facility = await Facility.all().select_for_update().get()
                    await Facility.all().update(version=facility.version + 1)

    def work() -> None:
        try:
            asyncio.run(count_up())
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        await asyncio.to_thread(thread.join)
    assert failures == []
    async with connect(database_settings, everywhere=False):
        assert (await Facility.get()).version == 60


async def test_days_are_read_alike_however_a_database_writes_them(
    postgres_databases: PostgresDatabases,
) -> None:
    settings = postgres_databases.blank()
    async with connect(settings, everywhere=False):
        client = current_client()
        (row,) = await client.run("SELECT current_database()", ())
        await client.execute_query(f"ALTER DATABASE {row[0]} SET datestyle = 'German'")
    async with connect(settings, everywhere=False):
        (row,) = await current_client().run("SELECT CAST(DATE '2026-11-28' AS TEXT)", ())
        assert row[0] == "2026-11-28"
    postgres_databases.drop(settings)


async def test_only_sqlite_is_embedded(database_settings: Settings) -> None:
    url = database_settings.database_url
    assert is_embedded(database_settings) is url.startswith("sqlite://")


async def test_what_is_read_in_a_transaction_and_in_a_part_of_one_is_as_it_is_there(
    database: Settings,
) -> None:
    async def names() -> list[str]:
        rows = await current_client().read("SELECT name FROM facility ORDER BY id", (), True)
        return [row[0] for row in rows]

    async with in_transaction() as whole:
        await Facility.create(name="One", country="VN", created_at=MORNING)
        with suppress(LookupError):
            async with in_transaction():
                await current_client().run("UPDATE facility SET name = 'Two'", ())
                assert await names() == ["Two"]
                raise LookupError
        assert await names() == ["One"]
        await whole.rollback()
    assert await names() == []
