"""Bad tokens over HTTP: refused with 401, in the form of a GraphQL error, never taken for none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

import graphql_schema.web.background
import kb.services.access.api_keys
from graphql_schema.app import create_app
from kb.models import ApiToken
from kb.rules.roles import Role
from kb.services.access.matrix import Viewer
from kb.services.database import connect
from kb.settings import Settings
from kb.settings.access import AnonymousReads
from tests.access.issuer import AUDIENCE, ISSUER, Issuer, running_issuer
from tests.tokens import helpdesk_token, token_for

QUERY = {"query": "{ viewer { role } }"}
REFUSED = "The API key is not known, has expired or was revoked. Ask whoever runs this server."


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    async with running_issuer() as running:
        yield running


@pytest.fixture
async def http(published_settings: Settings, issuer: Issuer) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings(
        **published_settings.model_dump(include={"database_url", "token_pepper"}),
        oidc_issuer=ISSUER,
        oidc_audience=AUDIENCE,
        oidc_jwks_url=issuer.url,
        oidc_role_map={"desk": "HELPDESK"},
    )
    async with asking(settings) as client:
        yield client


def asking(settings: Settings) -> Any:
    app = create_app(settings)
    transport = httpx.ASGITransport(app)

    class Client(httpx.AsyncClient):
        async def __aenter__(self) -> Client:
            self.lifespan = app.router.lifespan_context(app)
            await self.lifespan.__aenter__()
            await super().__aenter__()
            return self

        async def __aexit__(self, *ended: Any) -> None:
            await super().__aexit__(*ended)
            await self.lifespan.__aexit__(*ended)

    return Client(transport=transport, base_url="http://127.0.0.1")


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def refusal(answer: httpx.Response) -> str:
    """The message of an answer that is a refusal in every respect."""
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    (error,) = body["errors"]
    assert list(body) == ["errors"]
    assert error["extensions"] == {
        "code": "UNAUTHENTICATED",
        "requestId": answer.headers["x-request-id"],
    }
    message: str = error["message"]
    return message


async def test_without_a_token_one_is_anonymous_and_with_one_somebody(
    http: httpx.AsyncClient, published_settings: Settings, issuer: Issuer
):
    key = await helpdesk_token(published_settings)
    for headers, role in (
        ({}, "ANONYMOUS"),
        (bearer(key), "HELPDESK"),
        (bearer(issuer.token()), "HELPDESK"),
    ):
        answer = await http.post("/graphql", json=QUERY, headers=headers)
        assert answer.json()["data"] == {"viewer": {"role": role}}


async def test_a_bad_expired_or_revoked_token_is_refused_by_every_method(
    http: httpx.AsyncClient, published_settings: Settings, issuer: Issuer
):
    keys = [await helpdesk_token(published_settings) for _ in range(2)]
    first, second = await ApiToken.all().order_by("id")
    now = datetime.now(UTC)
    await ApiToken.filter(id=first.id).update(revoked_at=now)
    await ApiToken.filter(id=second.id).update(expires_at=now)
    for token, why in (
        (keys[0], REFUSED),
        (keys[1], REFUSED),
        ("kb_nonsense", REFUSED),
        ("nonsense", "The token is not one that this server accepts."),
        (issuer.token(exp=1), "The token has expired. Get a new one."),
        (issuer.forged_token(alg="none"), "The token is not one that this server accepts."),
    ):
        for answer in (
            await http.post("/graphql", json=QUERY, headers=bearer(token)),
            await http.get("/graphql", params=QUERY, headers=bearer(token)),
            await http.post("/graphql", content=b"no JSON", headers=bearer(token)),
            await http.get(
                "/graphql",
                params={"query": "subscription { knowledgeReleased { number } }"},
                headers={**bearer(token), "accept": "text/event-stream"},
            ),
        ):
            assert refusal(answer) == why
    wrong = await http.post("/graphql", json=QUERY, headers={"Authorization": "Basic a2I6a2I="})
    assert refusal(wrong) == "The Authorization header must be: Bearer TOKEN."


async def test_pages_and_health_need_no_token_and_look_at_none(http: httpx.AsyncClient):
    for path, headers in (
        ("/healthz", {}),
        ("/readyz", {}),
        ("/graphql", {"accept": "text/html"}),
    ):
        assert (await http.get(path, headers={**bearer("bad"), **headers})).status_code == 200


async def test_a_server_that_is_closed_answers_nobody_without_a_token(
    published_settings: Settings,
):
    settings = published_settings.model_copy(update={"anonymous_reads": AnonymousReads.NOTHING})
    async with asking(settings) as http:
        answer = await http.post("/graphql", json=QUERY)
        assert refusal(answer) == "This server answers only those who show a token."
        key = await token_for(settings, Viewer(Role.CHATBOT))
        answer = await http.post("/graphql", json=QUERY, headers=bearer(key))
        assert answer.json()["data"] == {"viewer": {"role": "CHATBOT"}}
        assert (await http.get("/healthz")).status_code == 200
        page = await http.get("/graphql", headers={"accept": "text/html"})
        assert page.status_code == 200


async def test_a_token_that_cannot_be_looked_up_is_not_called_bad(
    http: httpx.AsyncClient, published_settings: Settings
):
    key = await helpdesk_token(published_settings)
    await ApiToken._meta.db.execute_script("ALTER TABLE api_token RENAME TO elsewhere")
    answer = await http.post("/graphql", json=QUERY, headers=bearer(key))
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.json()["errors"][0]["extensions"]["code"] == "STORAGE_UNAVAILABLE"
    assert "api_token" not in answer.text


async def test_a_revoked_key_is_refused_by_a_running_server_after_the_time_it_is_remembered(
    http: httpx.AsyncClient, published_settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(kb.services.access.api_keys, "CACHE_SECONDS", 0.5)
    key = await helpdesk_token(published_settings)
    assert (await http.post("/graphql", json=QUERY, headers=bearer(key))).status_code == 200
    await ApiToken.all().update(revoked_at=datetime.now(UTC))
    await asyncio.sleep(0.5)
    refusal(await http.post("/graphql", json=QUERY, headers=bearer(key)))


async def last_used(settings: Settings) -> datetime | None:
    async with connect(settings, everywhere=False):
        return (await ApiToken.get()).last_used_at


async def test_the_last_use_is_noted_while_the_server_runs(
    published_settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    async with connect(published_settings, everywhere=False):
        key = await helpdesk_token(published_settings)
    monkeypatch.setattr(graphql_schema.web.background, "USES_NOTED_SECONDS", 0.1)
    async with asking(published_settings) as http:
        await http.post("/graphql", json=QUERY, headers=bearer(key))
        async with asyncio.timeout(10):
            while await last_used(published_settings) is None:  # noqa: ASYNC110 - written by a task of the app
                await asyncio.sleep(0.05)


async def test_the_last_use_is_noted_when_the_server_ends(published_settings: Settings):
    async with connect(published_settings, everywhere=False):
        key = await helpdesk_token(published_settings)
    before = datetime.now(UTC)
    async with asking(published_settings) as http:
        await http.post("/graphql", json=QUERY, headers=bearer(key))
    at_end = await last_used(published_settings)
    assert at_end is not None
    assert before <= at_end <= datetime.now(UTC)
