"""The trial set-up: tokens and a filled-in GraphiQL, and nowhere else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from pydantic import SecretStr

from graphql_schema.web.endpoint import Endpoint
from kb.models import ApiToken
from kb.rules.roles import Role
from kb.services.access.api_keys import ApiKeys
from kb.services.demo.facilities import make_demo
from kb.services.demo.trial_tokens import make_trial_tokens
from kb.settings import Settings
from tests.tokens import helpdesk_token

KEY = "kb_" + "k" * 43


async def test_each_role_gets_a_token_for_eight_hours_on_sqlite_only(database: Settings):
    await make_demo(60)
    made = await make_trial_tokens(database)
    if database.sqlite_file is None:
        assert made == ()
        assert await ApiToken.all().count() == 0
        return
    keys = ApiKeys(database)
    roles = [(await keys.viewer_of(one.key)).role for one in made]
    assert set(roles) == {role for role in Role if role not in (Role.ANONYMOUS, Role.OPERATOR)}
    assert len(roles) == len(set(roles))
    longest = max(one.token.expires_at for one in made) - datetime.now(UTC)
    assert timedelta(hours=7, minutes=59) < longest <= timedelta(hours=8)


async def test_the_tokens_of_the_last_trial_end_and_no_others(sqlite_database: Settings):
    await make_demo(60)
    own = await helpdesk_token(sqlite_database)
    old = await make_trial_tokens(sqlite_database)
    new = await make_trial_tokens(sqlite_database)
    keys = ApiKeys(sqlite_database)
    for one in old:
        assert not await keys.still_valid(one.token.viewer)
    for one in new:
        assert await keys.still_valid(one.token.viewer)
    assert (await keys.viewer_of(own)).role is Role.HELPDESK


async def test_without_demo_facilities_or_behind_an_open_address_there_are_no_tokens(
    sqlite_database: Settings,
):
    assert await make_trial_tokens(sqlite_database) == ()
    await make_demo(60)
    for host in ("0.0.0.0", "kb.example"):
        assert await make_trial_tokens(sqlite_database.model_copy(update={"host": host})) == ()
    assert await ApiToken.all().count() == 0


@pytest.mark.parametrize(
    ("given", "asked_as", "filled"),
    [
        ({}, "127.0.0.1:8000", True),
        ({}, "localhost:8000", True),
        ({}, "[::1]:8000", True),
        ({}, "hostile.example:8000", False),
        ({}, "127.0.0.1.hostile.example", False),
        ({"host": "0.0.0.0"}, "127.0.0.1:8000", False),
        ({"host": "kb.example"}, "127.0.0.1:8000", False),
        ({"database_url": "postgres://db.example/kb"}, "127.0.0.1:8000", False),
        ({"graphiql_token": None}, "127.0.0.1:8000", False),
    ],
)
async def test_graphiql_has_the_token_only_on_trial_and_under_a_name_of_this_machine(
    given: dict[str, object], asked_as: str, filled: bool
):
    settings = Settings(graphiql_token=SecretStr(KEY)).model_copy(update=given)
    transport = httpx.ASGITransport(Endpoint(settings))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{asked_as}") as http:
        page = await http.get("/graphql", headers={"accept": "text/html"})
    assert page.status_code == 200
    assert (KEY in page.text) is filled
