"""The loops beside the requests say when they last worked, and unused objects are looked for."""

import asyncio
import gc

from graphql_schema.app import create_app
from kb.heartbeats import Heartbeats
from kb.settings import Settings
from tests.web.asking import Client

LOOPS = {
    *("commits", "events", "key_uses", "messages", "positions", "purge", "releases"),
    "subscribers",
}


class Clock:
    """Stands still until it is moved."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


async def test_readiness_and_metrics_name_every_loop(client: Client):
    ready = (await client.http.get("/readyz")).json()
    assert set(ready["secondsSinceWorked"]) == LOOPS
    text = (await client.http.get("/metrics")).text
    for loop in LOOPS:
        assert f'kb_loop_last_worked_timestamp_seconds{{loop="{loop}"}}' in text


async def test_a_server_whose_loops_have_stopped_is_not_ready(client: Client):
    state = client.http._transport.app.state
    clock = Clock()
    state.heartbeats = heartbeats = Heartbeats(clock)
    heartbeats.of("releases", 5)
    heartbeats.of("purge", 5, needed=False)
    clock.now += 60
    assert (await client.http.get("/readyz")).status_code == 200
    clock.now += 1
    stopped = await client.http.get("/readyz")
    assert (stopped.status_code, stopped.json()) == (
        503,
        {"ready": False, "reason": "Stopped working: releases."},
    )


def test_a_loop_that_begins_anew_has_not_worked_by_that():
    clock = Clock()
    heartbeats = Heartbeats(clock)
    heartbeats.of("events", 30)
    clock.now += 91
    heartbeats.of("events", 30)
    assert (heartbeats.ages(), heartbeats.stopped()) == ({"events": 91}, ["events"])
    heartbeats.of("events", 30)()
    assert (heartbeats.ages(), heartbeats.stopped()) == ({"events": 0}, [])


async def test_to_wait_for_something_to_do_is_to_work():
    clock = Clock()
    heartbeat = Heartbeats(clock).of("events", 5)
    clock.now += 1_000
    event = asyncio.Event()
    waiting = asyncio.create_task(heartbeat.wait_for(event))
    await asyncio.sleep(0)
    assert heartbeat.age == 0
    clock.now += 7
    event.set()
    await waiting
    assert heartbeat.age == 7


async def test_a_server_that_was_started_without_looking_for_unused_objects_does_so_when_it_serves(
    published_settings: Settings,
):
    app = create_app(published_settings)
    gc.disable()
    async with app.router.lifespan_context(app):
        assert gc.isenabled()
