"""Facilities are read on streaming replicas, and never as they were before the last write."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from tortoise.connection import get_connection

from kb.errors import UnauthenticatedError
from kb.models import Facility
from kb.rules.roles import Role
from kb.services.access.api_keys import ApiKeys
from kb.services.access.matrix import OPERATOR, Viewer
from kb.services.database import FAILURES, connect, migrate, primary_is_away
from kb.services.doctor.servers import examine_servers
from kb.services.facilities.histories import events_of, grants_of
from kb.settings import Settings
from tests.storage.clusters import Cluster, streaming_cluster
from tests.storage.stored import MORNING
from tests.trial_databases import PEPPER, run_apart

pytestmark = [pytest.mark.served, pytest.mark.postgresql]

ON_A_REPLICA = "SELECT pg_is_in_recovery()"
NAMES = "SELECT name FROM facility ORDER BY id"
ANOTHER = "kb_" + "A" * 43
"""A key that nobody was given."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with streaming_cluster() as cluster:
        asyncio.run(_with_tables(cluster))
        yield cluster


async def _with_tables(cluster: Cluster) -> None:
    await migrate(Settings(database_url=cluster.primary.url))


def settings_of(cluster: Cluster, *replica_urls: str, wait: float = 5.0) -> Settings:
    return Settings(
        database_url=cluster.primary.url,
        database_replica_urls=replica_urls or (cluster.replica.url,),
        database_replica_wait=wait,
        token_pepper=PEPPER,
    )


async def read(statement: str) -> Sequence[Any]:
    client: Any = get_connection("default")
    return [row[0] for row in await client.read(statement, (), True)]


async def run(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()


async def ran(url: str, statement: str) -> Sequence[str]:
    """What the connections do whose last statement it is."""
    connection = await asyncpg.connect(url)
    rows = await connection.fetch("SELECT state FROM pg_stat_activity WHERE query = $1", statement)
    await connection.close()
    return [row[0] for row in rows]


async def test_a_read_comes_from_a_replica_that_has_all_that_was_written(cluster: Cluster) -> None:
    async with connect(settings_of(cluster), everywhere=False):
        for number in range(20):
            facility = await Facility.create(name=str(number), country="VN", created_at=MORNING)
            everywhere = await asyncio.gather(*(read(NAMES) for _ in range(8)))
            assert all(names[-1] == str(number) for names in everywhere)
            assert await read(ON_A_REPLICA) == [True]
        assert await Facility.filter(id=facility.id).exists()


async def test_the_primary_is_read_while_a_replica_is_too_far_behind(cluster: Cluster) -> None:
    async with connect(settings_of(cluster, wait=0.01), everywhere=False):
        assert await read(ON_A_REPLICA) == [True]
        await run(cluster.replica.url, "SELECT pg_wal_replay_pause()")
        try:
            assert await read(ON_A_REPLICA) == [True]  # it has all that there is
            await Facility.create(name="written since", country="VN", created_at=MORNING)
            assert (await read(NAMES))[-1] == "written since"
            assert await read(ON_A_REPLICA) == [False]
        finally:
            await run(cluster.replica.url, "SELECT pg_wal_replay_resume()")


async def test_what_leads_to_no_replica_is_not_read(cluster: Cluster) -> None:
    nobody = "postgres://kb:@127.0.0.1:1/postgres"
    async with connect(settings_of(cluster, nobody, cluster.primary.url), everywhere=False):
        assert await read(ON_A_REPLICA) == [False]
    async with connect(settings_of(cluster, nobody, cluster.replica.url), everywhere=False):
        assert [await read(ON_A_REPLICA) for _ in range(4)] == [[True]] * 4


async def test_a_connection_that_was_cut_off_is_no_primary_that_is_away(cluster: Cluster) -> None:
    async with connect(settings_of(cluster), everywhere=False):
        assert await read(ON_A_REPLICA) == [True]
        cut_off = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE query LIKE '%flush_lsn%' AND pid <> pg_backend_pid()"
        )
        run_apart(run(cluster.primary.url, cut_off))  # before this loop can hear of it
        assert not await primary_is_away()
        assert await read(ON_A_REPLICA) == [True]


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        ("SELECT 1 FROM missing_table", ()),
        ("SELECT 1 / $1::int", (0,)),
        ("SELECT $1::int", ("no number",)),
        ("SELECT $1::int", ()),
    ],
)
async def test_what_is_wrong_with_a_statement_is_told_as_on_the_primary_and_no_fault_of_a_replica(
    cluster: Cluster, statement: str, values: Sequence[Any]
) -> None:
    async with connect(settings_of(cluster), everywhere=False):
        client: Any = get_connection("default")
        with pytest.raises(Exception) as on_primary:  # noqa: PT011 - compared below
            await client.run(statement, values)
        with pytest.raises(type(on_primary.value)) as on_replica:
            await client.read(statement, values, True)
        assert str(on_replica.value) == str(on_primary.value)
        assert await read(ON_A_REPLICA) == [True]


async def test_a_statement_that_takes_too_long_is_run_once(cluster: Cluster) -> None:
    slow = "SELECT pg_sleep(600) AS run_once"
    settings = settings_of(cluster, cluster.replica.url, cluster.replica.url)
    async with connect(settings.model_copy(update={"database_timeout": 0.5}), everywhere=False):
        assert await read(ON_A_REPLICA) == [True]
        with pytest.raises(TimeoutError):
            await read(slow)
        assert [await read(ON_A_REPLICA) for _ in range(4)] == [[True]] * 4
        assert await ran(cluster.replica.url, slow) == []  # it was stopped


async def test_a_read_that_hinders_the_replaying_is_done_on_the_primary(cluster: Cluster) -> None:
    on_a_replica = (
        "SELECT pg_is_in_recovery(), pg_sleep(CASE WHEN pg_is_in_recovery() THEN 600 ELSE 0 END) "
        "FROM (SELECT FROM facility LIMIT 1) AS one"
    )
    await run(cluster.replica.url, "ALTER SYSTEM SET max_standby_streaming_delay = 0")
    await run(cluster.replica.url, "SELECT pg_reload_conf()")
    async with connect(settings_of(cluster), everywhere=False):
        await Facility.create(name="one", country="VN", created_at=MORNING)
        reading = asyncio.create_task(read(on_a_replica))
        async with asyncio.timeout(20):
            while await ran(cluster.replica.url, on_a_replica) != ["active"]:  # noqa: ASYNC110 - nothing here learns of it
                await asyncio.sleep(0.01)
        await run(cluster.primary.url, "BEGIN; LOCK TABLE facility; SELECT txid_current(); COMMIT")
        assert await reading == [False]
        assert await read(ON_A_REPLICA) == [True]
    await run(cluster.replica.url, "ALTER SYSTEM RESET max_standby_streaming_delay")
    await run(cluster.replica.url, "SELECT pg_reload_conf()")


async def test_while_the_primary_is_away_all_that_was_acknowledged_is_read(
    cluster: Cluster,
) -> None:
    async with connect(settings_of(cluster, wait=0.5), everywhere=False):
        keys = ApiKeys(settings_of(cluster))
        key = (await keys.create(OPERATOR, Viewer(Role.BRAND, organisation="A"), HOUR)).key
        last = await Facility.create(name="the last one", country="VN", created_at=MORNING)
        assert not await primary_is_away()
        assert await read(ON_A_REPLICA) == [True]  # which has received all that was written
        cluster.primary.stop()
        try:
            names = await asyncio.gather(*(read(NAMES) for _ in range(8)))
            assert {each[-1] for each in names} == {"the last one"}
            assert await primary_is_away()
            assert await events_of([last.id], OPERATOR) == {last.id: ()}
            assert await grants_of([last.id], OPERATOR) == {last.id: ()}
            asking = await ApiKeys(settings_of(cluster)).viewer_of(key)
            assert asking.organisation == "A"
            with pytest.raises(UnauthenticatedError):
                await keys.viewer_of(ANOTHER)
            assert not keys.knows(ANOTHER), "the primary may have it"
            with pytest.raises(FAILURES):
                await Facility.create(name="not written", country="VN", created_at=MORNING)
        finally:
            cluster.primary.start()
        async with asyncio.timeout(20):
            while await primary_is_away():  # noqa: ASYNC110 - nothing else tells of it
                await asyncio.sleep(0.1)
        with pytest.raises(UnauthenticatedError):
            await keys.viewer_of(ANOTHER)
        assert keys.knows(ANOTHER)
        await Facility.create(name="written again", country="VN", created_at=MORNING)
        assert (await read(NAMES))[-1] == "written again"


async def test_the_doctor_says_how_the_replicas_are(cluster: Cluster) -> None:
    nobody = "postgres://kb:@127.0.0.1:1/postgres"
    settings = settings_of(cluster, cluster.replica.url, cluster.primary.url, nobody)
    findings = await examine_servers(settings)
    assert [(finding.subject, finding.verdict.value) for finding in findings] == [
        ("pooler", "OK"),
        ("notifications", "OK"),
        ("replicas", "OK"),
        ("replicas", "WARNING"),  # it is the primary
        ("replicas", "FAULT"),
    ]


HOUR = timedelta(hours=1)
