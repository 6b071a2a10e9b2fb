"""The clients that dashboards and chatbots use, each asking a served instance as it does by itself.

They come from npm, by the lock file in this folder; the product itself needs none of it.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from gql import Client, gql
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport
from pydantic import SecretStr

from kb.services.database import connect
from kb.settings import Settings
from tests.live.served import PEPPER, Server, served
from tests.npm import installed, run
from tests.tokens import helpdesk_token
from tests.trial_databases import on_sqlite

pytestmark = [pytest.mark.served, on_sqlite]

HERE = Path(__file__).parent
ASKED = {"query": "HELPDESK", "variables": 9, "wrong": 1, "mutation": "AnswerRated"}
FOLLOWED = {**ASKED, "subscription": "CaughtUp"}
EXPECTED = {
    "apollo": {**FOLLOWED, "hashedByPost": "HELPDESK", "hashedByGet": "HELPDESK"},
    "urql": {**FOLLOWED, "streamed": "CaughtUp"},
    "graphql-request": ASKED,
    "graphql-ws": FOLLOWED,
    "graphql-sse": FOLLOWED,
    "relay": {"query": "HELPDESK", "nodes": [], "mutation": "AnswerRated"},
    "graphql-http": {"audits": 61, "failed": []},  # MUST, SHOULD and MAY of GraphQL over HTTP
}


@pytest.fixture(scope="session")
def clients() -> Path:
    """The folder of the clients, with what they need."""
    installed(HERE)
    (HERE / "src" / "__generated__").mkdir(exist_ok=True)
    run(HERE, "npm", "run", "--silent", "relay")
    return HERE


@pytest.fixture
async def token(published_settings: Settings) -> str:
    settings = published_settings.model_copy(update={"token_pepper": SecretStr(PEPPER)})
    async with connect(settings, everywhere=False):
        return await helpdesk_token(settings)


async def outcome(server: Server, client: str, token: str) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        "node",
        f"src/{client}.mjs",
        f"{server.http}/graphql",
        token,
        cwd=HERE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    printed, failed = await asyncio.wait_for(process.communicate(), 60)
    if process.returncode != 0:
        return {"failed": failed.decode()[-600:]}
    got: dict[str, Any] = json.loads(printed)
    return got


async def test_every_client_of_npm_works_as_it_comes(
    clients: Path, published_settings: Settings, token: str
) -> None:
    async with served(published_settings) as server:
        got = {client: await outcome(server, client, token) for client in EXPECTED}
    assert got == EXPECTED


async def test_gql_of_python_works_as_it_comes(published_settings: Settings, token: str) -> None:
    async with served(published_settings) as server:
        headers = {"Authorization": f"Bearer {token}"}
        http = HTTPXAsyncTransport(url=f"{server.http}/graphql", headers=headers)
        async with Client(transport=http, fetch_schema_from_transport=True) as session:
            answer = await session.execute(gql("{ viewer { role } }"))
        socket = WebsocketsTransport(url=server.ws, init_payload=headers)
        async with Client(transport=socket) as session:
            async for change in session.subscribe(
                gql("subscription { portfolioEvents { __typename } }")
            ):
                first = change["portfolioEvents"]["__typename"]
                break
    assert (answer, first) == ({"viewer": {"role": "HELPDESK"}}, "CaughtUp")
