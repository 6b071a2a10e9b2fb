"""The trial set-up: tokens and a filled-in GraphiQL, and nowhere else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from pydantic import SecretStr

from graphql_schema.web.endpoint import Endpoint, trial_secret
from graphql_schema.web.forwarding import Forwarding
from kb.models import ApiToken
from kb.rules.roles import Role
from kb.services.access.api_keys import ApiKeys
from kb.services.demo.facilities import make_demo
from kb.services.demo.trial_tokens import make_trial_tokens
from kb.settings import Settings
from tests.tokens import helpdesk_token

KEY = "kb_" + "k" * 43
SECRET = trial_secret(KEY)


async def test_each_role_gets_a_token_for_eight_hours_on_sqlite_only(database: Settings):
    await make_demo(60)
    made = await make_trial_tokens(database)
    if database.sqlite_file is None:
        assert made == ()
        assert await ApiToken.all().count() == 0
        return
    keys = ApiKeys(database)
    roles = [(await keys.viewer_of(token.key)).role for token in made]
    assert set(roles) == {role for role in Role if role not in (Role.ANONYMOUS, Role.OPERATOR)}
    assert len(roles) == len(set(roles))
    longest = max(token.token.expires_at for token in made) - datetime.now(UTC)
    assert timedelta(hours=7, minutes=59) < longest <= timedelta(hours=8)


async def test_the_tokens_of_the_last_trial_end_and_no_others(sqlite_database: Settings):
    await make_demo(60)
    own = await helpdesk_token(sqlite_database)
    old = await make_trial_tokens(sqlite_database)
    new = await make_trial_tokens(sqlite_database)
    keys = ApiKeys(sqlite_database)
    for token in old:
        assert not await keys.still_valid(token.token.viewer)
    for token in new:
        assert await keys.still_valid(token.token.viewer)
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
    ("changed", "asked_as", "filled"),
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
    changed: dict[str, object], asked_as: str, filled: bool
):
    settings = Settings(graphiql_token=SecretStr(KEY)).model_copy(update=changed)
    assert (KEY in await page(settings, asked_as)) is filled


async def page(settings: Settings, asked_as: str, *, trial: str = SECRET, **headers: str) -> str:
    transport = httpx.ASGITransport(Forwarding(Endpoint(settings), ()))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{asked_as}") as http:
        answer = await http.get(
            "/graphql", params={"trial": trial}, headers={"accept": "text/html", **headers}
        )
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize(
    "said",
    [
        {"X-Forwarded-For": "203.0.113.7"},
        {"Forwarded": "for=203.0.113.7"},
        {"X-Real-IP": "203.0.113.7"},
        {"Via": "1.1 proxy"},
        {"X-Forwarded": "for=203.0.113.7"},
        {"X_Forwarded_For": "203.0.113.7"},
        {"X-Client-IP": "203.0.113.7"},
        {"X-Original-Host": "kb.example"},
        {"X-Amzn-Trace-Id": "Root=1-67891233-abcdef012345678912345678"},
        {"CDN-Loop": "a-network"},
        {"X-Forwarded-Host": "localhost"},
        {"Connection": "close"},  # as nginx says that is told nothing
    ],
)
async def test_whom_a_proxy_may_ask_for_never_gets_the_token(said: dict[str, str]):
    settings = Settings(graphiql_token=SecretStr(KEY))
    assert KEY in await page(settings, "127.0.0.1:8000")
    assert KEY not in await page(settings, "127.0.0.1:8000", **said)


async def test_the_token_has_to_be_asked_for_by_the_link_that_serving_shows():
    settings = Settings(graphiql_token=SecretStr(KEY))
    for trial in ("", "yes", KEY, SECRET[:-1], "\u0130"):
        assert KEY not in await page(settings, "127.0.0.1:8000", trial=trial)


async def test_a_server_that_is_told_of_proxies_is_on_trial_no_more():
    settings = Settings(graphiql_token=SecretStr(KEY), trusted_proxies=("127.0.0.1",))
    assert KEY not in await page(settings, "127.0.0.1:8000")
