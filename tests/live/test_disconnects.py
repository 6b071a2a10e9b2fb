"""Who goes away without a word leaves nothing behind."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack

import httpx
import pytest
import websockets
from websockets.typing import Subprotocol

from benchmarks.disconnects import INSTRUMENTED, disconnect_many, still_open
from kb.rules.events import EventKind
from kb.rules.roles import Role
from tests.live.conftest import Writer
from tests.live.served import PORTFOLIO, PROTOCOL, Server, following, served, streaming

pytestmark = pytest.mark.served

COUNT = 200
BYTES_EACH = 1_000
"""Less than any connection, task or subscription takes."""


@pytest.mark.parametrize(
    ("trial_databases", "over"),
    [("sqlite", "sse"), ("postgresql", "websocket")],
    indirect=["trial_databases"],
)
async def test_abrupt_disconnects_leave_no_task_listener_or_memory_behind(
    writer: Writer, over: str
) -> None:
    token = await writer.token(Role.HELPDESK)
    async with served(writer.settings, app=INSTRUMENTED) as server:
        await disconnect_many(server, token, over, COUNT // 4)
        before = await still_open(server)
        await disconnect_many(server, token, over, COUNT)
        after = await still_open(server, before["tasks"])
        assert after["listeners"] == before["listeners"] == 0
        assert after["tasks"] <= before["tasks"]
        assert after["files"] - before["files"] < 10  # the pool may have grown
        assert after["bytes"] - before["bytes"] < COUNT * BYTES_EACH
        async with following(server, token, PORTFOLIO) as subscriber:
            await subscriber.next_message()
            await writer.happens("Alpha Garments", EventKind.ENROLLED)
            assert (await subscriber.next_message())["event"]["kind"] == "ENROLLED"
        log = await server.stop()
        assert "Traceback" not in log, log


async def test_what_is_sent_along_with_a_token_is_not_kept(writer: Writer) -> None:
    token = await writer.token(Role.HELPDESK)
    much = {"Authorization": f"Bearer {token}", "more": [{}] * 16_000}
    sent = json.dumps({"type": "connection_init", "payload": much}, separators=(",", ":"))
    async with served(writer.settings, app=INSTRUMENTED) as server, AsyncExitStack() as opened:
        before = await still_open(server)
        for _ in range(20):
            connecting = websockets.connect(server.ws, subprotocols=[Subprotocol(PROTOCOL)])
            connection = await opened.enter_async_context(connecting)
            await connection.send(sent)
            assert json.loads(await connection.recv()) == {"type": "connection_ack"}
        after = await still_open(server)
        # What is sent takes more than a million bytes when it is read.
        assert after["bytes"] - before["bytes"] < 20 * 300_000


ENDED = {
    "_asyncio.Task",
    "builtins.coroutine",
    "builtins.frame",
    "graphql.language.ast.Token",
    "graphql_schema.event_answers.SharingExecution",
    "graphql_schema.web.httptools_connection.HttptoolsConnection",
    "graphql_schema.web.serving.WebSocket",
    "graphql_schema.web.websocket.Handler",
    "kb.services.live.bus.Listener",
}


async def use_once(server: Server, writer: Writer, token: str, over: str) -> None:
    """Open a connection, have something answered on it, and close it."""
    if over == "http":
        async with httpx.AsyncClient() as client:
            asked = {"query": "{ knowledge { number } }"}
            (await client.post(f"{server.http}/graphql", json=asked)).raise_for_status()
        return
    connected = following if over == "websocket" else streaming
    async with connected(server, token, PORTFOLIO) as subscriber:
        await subscriber.next_message()
        await writer.happens("Alpha Garments", EventKind.ENROLLED)
        await subscriber.next_message()


@pytest.mark.parametrize("over", ["http", "sse", "websocket"])
@pytest.mark.parametrize("trial_databases", ["sqlite"], indirect=True)
async def test_what_a_connection_held_goes_with_it_and_need_not_be_looked_for(
    writer: Writer, over: str
) -> None:
    token = await writer.token(Role.HELPDESK)
    async with served(writer.settings, app=INSTRUMENTED) as server, httpx.AsyncClient() as client:
        await use_once(server, writer, token, over)
        await client.get(f"{server.http}/unreachable")
        for _ in range(3):
            await use_once(server, writer, token, over)
        found = (await client.get(f"{server.http}/unreachable")).json()
    assert not ENDED & found.keys()
