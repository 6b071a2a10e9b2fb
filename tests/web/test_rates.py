"""Who asks too often without a token is told when to go on, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import pytest

from graphql_schema.app import create_app
from kb.settings import Settings
from tests.tokens import helpdesk_token

FAR = ("203.0.113.7", 40_000)
QUESTION = "{ knowledge { number } }"
REFUSED = {
    "message": "You ask too often. Go on in 30 seconds, or ask with a token of your own.",
    "extensions": {"code": "RATE_LIMITED", "retryAfter": 30},
}


@asynccontextmanager
async def from_afar(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings.model_copy(update={"anonymous_rate": 2}))
    transport = httpx.ASGITransport(app, client=FAR)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://kb.example") as http,
    ):
        yield http


async def test_the_third_question_of_a_minute_is_refused_with_429_whatever_it_is(
    published_settings: Settings,
):
    async with from_afar(published_settings) as http:
        for _ in range(2):
            answer = await http.post("/graphql", json={"query": QUESTION})
            assert (answer.status_code, "errors" in answer.json()) == (200, False)
        for query in (QUESTION, "{ no query"):
            answer = await http.post("/graphql", json={"query": query})
            assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")
            (error,) = answer.json()["errors"]
            assert error["extensions"].pop("requestId") == answer.headers["x-request-id"]
            assert error == REFUSED
        token = await helpdesk_token(published_settings)
        answer = await http.post(
            "/graphql", json={"query": QUESTION}, headers={"Authorization": f"Bearer {token}"}
        )
        assert (answer.status_code, "errors" in answer.json()) == (200, False)


async def test_who_asks_for_more_work_than_allowed_is_told_what_is_left(
    published_settings: Settings,
):
    # The first time it is asked, a document costs a point for each of its characters, too.
    query = f'{{ whatIf(profile: {{country: "VN"}}) {{ trace {{ row }} }} }} # {uuid4()}'
    allowed = len(query) + 250
    app = create_app(published_settings.model_copy(update={"anonymous_points": allowed}))
    transport = httpx.ASGITransport(app, client=FAR)
    ask = {"query": query}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://kb.example") as http,
    ):
        answers = [await http.post("/graphql", json=ask) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    costs = [answer.json()["extensions"]["cost"] for answer in answers]
    assert [cost["requested"] for cost in costs] == [106] * 3
    assert costs[0]["remaining"] == 250 - 106
    assert datetime.fromisoformat(costs[0]["resetAt"]) > datetime.now(UTC)
    first, _, refused = answers
    assert first.headers["ratelimit-policy"] == f'"points";q={allowed};w=60'
    assert first.headers["ratelimit"].startswith('"points";r=144;t=')
    assert refused.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert int(refused.headers["retry-after"]) > 0


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
async def test_documents_that_are_not_valid_use_up_what_a_caller_may_ask_for(
    published_settings: Settings, accept: str
):
    wrong = "{ " + "subscription " * 100 + "}"
    allowed = 2 * len(wrong) + 10
    app = create_app(published_settings.model_copy(update={"anonymous_points": allowed}))
    transport = httpx.ASGITransport(app, client=FAR)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://kb.example") as http,
    ):
        http.headers["Accept"] = accept
        answers = [await http.post("/graphql", json={"query": wrong}) for _ in range(3)]
    told = ["RATE_LIMITED" in answer.text for answer in answers]
    assert told == [False, False, True]
    assert "Cannot query field" in answers[1].text
