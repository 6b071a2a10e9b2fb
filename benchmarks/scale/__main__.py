"""Lose the primary while people write, read and follow, and say what they noticed of it.

    python -m benchmarks.scale [--before 8] [--after 10]

On ports of this machine it starts etcd, three nodes of PostgreSQL under Patroni, HAProxy, PgBouncer
and two servers of the API, with the files of deploy/cluster. It needs Debian's packages patroni,
etcd-server, haproxy, pgbouncer and postgresql-15, whose services need not run. It ends with 1 if an
acknowledged event was lost, nothing was written again, a read failed or was older than the last
write, a subscriber missed something or was told twice, or each server counted what a caller may ask
for itself.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta

import asyncpg
from pydantic import SecretStr

from benchmarks.kill import Campaign
from benchmarks.scale.cluster import (
    NODES,
    POOLER,
    PRIMARY,
    SERVERS,
    Cluster,
    answers,
    missing,
    running_cluster,
    url_of,
    wait_until,
)
from benchmarks.scale.load import (
    READERS,
    SUBSCRIBERS,
    WRITERS,
    Load,
    Subscriber,
    answered_of,
)
from kb.rules.roles import Role
from kb.services.access.api_keys import ApiKeys
from kb.services.access.matrix import OPERATOR, Viewer
from kb.services.database import connect, migrate
from kb.services.knowledge.publishing import publish_content
from kb.settings import Settings
from tests.global_ids import global_id
from tests.live.served import PEPPER

CHATBOT_RATE = 120
"""Operations a minute that a chatbot may ask for here, of both servers together."""


async def prepared() -> tuple[Load, str]:
    """Tables, knowledge, facilities and tokens, all through the pooler; the token of a chatbot."""
    url = f"{url_of(POOLER)}?statement_cache_size=0"
    settings = Settings(database_url=url, token_pepper=SecretStr(PEPPER))
    await migrate(settings)
    async with connect(settings, everywhere=False):
        await publish_content(None, at=datetime.now(UTC))
    campaign = await Campaign.prepared(settings)
    async with connect(settings, everywhere=False):
        keys = ApiKeys(settings)
        made = [
            await keys.create(OPERATOR, Viewer(role), timedelta(hours=1))
            for role in (Role.HELPDESK, Role.CHATBOT)
        ]
    return Load(campaign, made[0].key), made[1].key


async def run(cluster: Cluster, before: float, after: float) -> bool:
    """The whole; whether all went well."""
    load, chatbot = await prepared()
    cluster.start_servers(KB_TOKEN_PEPPER=PEPPER, KB_CHATBOT_RATE=str(CHATBOT_RATE))
    ready = [f"http://127.0.0.1:{port}/readyz" for port in SERVERS]
    await asyncio.to_thread(wait_until, lambda: all(map(answers, ready)), "two servers")
    load.subscribers = [Subscriber(port) for port in SERVERS for _ in range(SUBSCRIBERS)]
    following = [asyncio.create_task(load.subscribe(each)) for each in load.subscribers]
    while not all(each.caught_up for each in load.subscribers):  # noqa: ASYNC110 - nothing here learns of it
        await asyncio.sleep(0.1)
    first = await _events(0)
    busy = [asyncio.create_task(load.write(number)) for number in range(WRITERS)]
    busy += [asyncio.create_task(load.read(number)) for number in range(READERS)]

    counted = [await _transactions(port) for port in NODES]
    await asyncio.sleep(before)
    counted = [await _transactions(port) - was for port, was in zip(NODES, counted, strict=True)]
    lost = cluster.primary()
    assert lost is not None
    print(
        f"Before: {len(load.acknowledged) / before:.0f} writes and "
        f"{len(load.reads) / before:.0f} reads a second; transactions a second on the primary "
        f"{counted[lost] / before:.0f}, on the replicas "
        f"{', '.join(f'{count / before:.0f}' for n, count in enumerate(counted) if n != lost)}."
    )
    cluster.lose(lost)
    killed = time.monotonic()
    written_before = len(load.acknowledged)
    recovered = True
    while recovered and not any(
        each.at > killed + 1 for each in load.acknowledged[written_before:]
    ):
        await asyncio.sleep(0.1)
        recovered = time.monotonic() - killed < 120
    if not recovered:
        print("Nothing was written again within 120 seconds.")
    await asyncio.sleep(after)
    load.stopping.set()
    await asyncio.gather(*busy)

    recorded = (await _events(0))[len(first) :]
    for _ in range(450):
        if all(each.events == recorded for each in load.subscribers):
            break
        await asyncio.sleep(0.2)
    for task in following:
        task.cancel()
    good = await _reported(load, killed, recorded)
    answered = await answered_of(CHATBOT_RATE * 5, chatbot, 6.0)
    print(
        f"Allowances: of {CHATBOT_RATE * 5} operations asked of both servers, {answered} were "
        f"answered, where {CHATBOT_RATE} a minute are allowed."
    )
    alive = all(cluster.running[f"server{n}"].poll() is None for n in (1, 2))
    print(f"Servers: {'never restarted' if alive else 'ended'}; ready: {all(map(answers, ready))}.")
    cluster.start_node(lost)
    began = time.monotonic()
    port = f"http://127.0.0.1:{21008 + lost}/replica"
    await asyncio.to_thread(wait_until, lambda: answers(port), "the lost node as a replica")
    print(
        f"The lost node follows the new primary again, {time.monotonic() - began:.0f} s after "
        "it was started."
    )
    alone = 2 * CHATBOT_RATE  # what two servers would answer that do not tell each other
    return good and alive and recovered and answered < alone


async def _reported(load: Load, killed: float, events: list[tuple[str, int]]) -> bool:
    """Say what was noticed; whether nothing was lost, old or told wrongly."""
    made = await _made()
    missed = sum(
        made.get(each.change.input["idempotencyKey"])
        != (each.event["sequence"], each.event["kind"])
        for each in load.acknowledged
    )
    later = [each.at for each in load.acknowledged if each.at > killed]
    gaps = [b - a for a, b in zip([killed, *later], later, strict=False)]
    print(
        f"Writes: {len(load.acknowledged)} acknowledged, {missed} of them lost; "
        f"{load.not_written} attempts had no answer and were made again. "
        f"Seconds without a write: {max(gaps, default=0):.1f}."
    )
    slow = [took for began, took in load.reads if began + took > killed]
    print(
        f"Reads: {len(load.reads)}, {len(load.read_failures)} failed, {load.old_reads} older "
        f"than the last write; the slowest after the loss took {max(slow, default=0):.2f} s."
    )
    for failure in sorted(set(load.read_failures))[:5]:
        print(f"  {failure}")
    wrong = sum(each.events != events for each in load.subscribers)
    for each in load.subscribers:
        if each.events != events:
            pairs = enumerate(zip(each.events, events, strict=False))
            first = next((place for place, (got, due) in pairs if got != due), "none")
            print(f"  got {len(each.events)} of {len(events)}; the first that differs: {first}")
    began = [each.began for each in load.subscribers]
    at = {
        (each.change.input["facilityId"], each.event["sequence"]): each.at
        for each in load.acknowledged
    }
    delays = [
        (moment - at[key]) * 1000
        for each in load.subscribers
        for key, moment in zip(each.events, each.at, strict=True)
        if key in at and (at[key] < killed - 1 or at[key] > killed + 30)
    ]
    print(
        f"Subscriptions: {len(load.subscribers)} on two servers, {len(events)} events each; "
        f"{wrong} had a gap, a repeat or another order; each began {min(began)} to {max(began)} "
        f"times. Told {statistics.median(delays):.0f} ms after the acknowledgement (median), "
        f"{statistics.quantiles(delays, n=100)[98]:.0f} ms (99 %)."
    )
    return not (missed or load.read_failures or load.old_reads or wrong)


async def _events(after: int) -> list[tuple[str, int]]:
    """All events, as facility and sequence, in the order in which subscribers are told of them."""
    connection = await asyncpg.connect(url_of(PRIMARY))
    rows = await connection.fetch(
        "SELECT e.facility_id, e.sequence FROM event_position p "
        "JOIN workflow_event e ON e.id = p.event_id WHERE p.position > $1 ORDER BY p.position",
        after,
    )
    await connection.close()
    return [(global_id(facility), sequence) for facility, sequence in rows]


async def _made() -> dict[str, tuple[int, str]]:
    """The idempotency key of each change that was made, with the sequence and kind of its event."""
    connection = await asyncpg.connect(url_of(PRIMARY))
    rows = await connection.fetch(
        "SELECT k.key, e.sequence, e.kind FROM idempotency_key k "
        "JOIN workflow_event e ON e.id = k.event_id"
    )
    await connection.close()
    return {key: (sequence, kind) for key, sequence, kind in rows}


async def _transactions(port: int) -> int:
    connection = await asyncpg.connect(url_of(port, "postgres", "postgres"))
    count = await connection.fetchval(
        "SELECT xact_commit FROM pg_stat_database WHERE datname = 'kb'"
    )
    await connection.close()
    return int(count)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--before", type=float, default=8.0, help="seconds of load before the loss")
    parser.add_argument("--after", type=float, default=10.0, help="seconds after writers go on")
    options = parser.parse_args()
    if lacking := missing():
        sys.exit(f"Not installed: {', '.join(lacking)}. Debian has packages of these names.")
    with running_cluster() as cluster:
        good = asyncio.run(run(cluster, options.before, options.after))
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
