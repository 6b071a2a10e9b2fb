"""`kb mcp`, started by the official client as an assistant starts it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters

from kb.rules.roles import Role
from kb.services.access.matrix import Viewer
from kb.settings import Settings
from tests.tokens import token_for
from tests.trial_databases import on_sqlite

pytestmark = pytest.mark.served

KB = str(Path(sys.executable).with_name("kb"))


@on_sqlite
async def test_an_assistant_asks_over_standard_input_in_the_name_of_the_token(published: Settings):
    token = await token_for(published, Viewer(Role.BRAND, organisation="Brand A"))
    environment = {**os.environ, "KB_DATABASE_URL": published.database_url, "KB_TOKEN": token}
    if published.token_pepper is not None:
        environment["KB_TOKEN_PEPPER"] = published.token_pepper.get_secret_value()
    server = StdioServerParameters(command=KB, args=["mcp"], env=environment)
    async with Client(server) as client:
        tools = [tool.name for tool in (await client.list_tools()).tools]
        answer = await client.call_tool("ask", {"question": "what does it cost to share?"})
        facilities = await client.call_tool("find_facilities", {"nameContains": "Factory"})
    assert "what_applies" in tools
    assert answer.structured_content["data"]["ask"]["outcome"] == "ANSWERED"
    assert facilities.structured_content["data"]["facilities"]["totalCount"] == 0
