"""The stories of examples/, played against a served process on the embedded database."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve

from examples.client import WebSocketClient
from kb.settings import Settings
from tests.trial_databases import on_sqlite

pytestmark = pytest.mark.served

STORY = Path(__file__).parents[1] / "examples" / "story.py"

COUNTS = (
    "2 stories: 20 steps were taken, 200 refused to others and 121 out of order; "
    "the brand was told of 3 changes."
)


@on_sqlite
async def test_factories_go_their_ways_and_everybody_else_is_refused(
    published_settings: Settings,
) -> None:
    story = await asyncio.create_subprocess_exec(
        sys.executable,
        STORY,
        "--short",
        env={**os.environ, "KB_DATABASE_URL": published_settings.database_url},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    printed, failed = await asyncio.wait_for(story.communicate(), 600)
    assert (story.returncode, failed.decode()) == (0, ""), printed.decode()
    lines = printed.decode().splitlines()
    assert lines[-1] == COUNTS
    assert "0 are not as they were recorded" in printed.decode()
    assert "2 facilities were rebuilt from their events; 0 differences." in printed.decode()


async def test_who_waits_for_an_answer_is_told_when_the_connection_is_closed() -> None:
    async def take_one_question(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.send('{"type": "connection_ack"}')
        await connection.recv()

    async with serve(take_one_question, "127.0.0.1", 0) as server:
        address = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with asyncio.timeout(10), WebSocketClient.connected(address, "a token") as client:
            with pytest.raises(RuntimeError, match=r"^The connection was closed\.$"):
                await client.ask("{ viewer { role } }")
