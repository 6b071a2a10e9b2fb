"""What one request may take: its cost, its time, and the statements behind a page of histories."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import strawberry
from tortoise.transactions import in_transaction

from graphql_schema.context import Counted
from graphql_schema.limits import TimeLimit
from kb.models import Facility
from kb.settings import Settings
from tests.trial_databases import on_sqlite
from tests.web.asking import Client, answering
from tests.web.statements import counted_statements

pytestmark = on_sqlite

LIMIT = 100_000
EVERYDAY = """query($first: Int) { facilities(first: $first) { totalCount nodes {
  id name osId country { code name }
  whatApplies { assessment { assessedBy because text } sharing { status because text }
    workflow { state blockers { code text } nextActions { order actor title deadline } }
    fees { code charge } warnings { code text } summary }
} } }"""
TRACE = "facilities(first: 100) { nodes { whatApplies { trace { row matched } } } }"


async def test_an_everyday_page_of_a_hundred_facilities_passes(client: Client):
    data = await client.ask(EVERYDAY, first=100)
    assert len(data["facilities"]["nodes"]) == 100


async def test_thirty_traces_of_a_hundred_facilities_are_refused_before_anything_is_read(
    client: Client,
):
    aliases = " ".join(f"a{n}: {TRACE}" for n in range(30))
    await client.ask("{ knowledge { number } }")  # the token is known from here on
    with counted_statements() as sent:
        body = await client.body(f"{{ {aliases} }}")
    assert sent == []
    assert "data" not in body
    (error,) = body["errors"]
    error["extensions"].pop("requestId")
    # Each alias: two fields, and for each facility one, a trace of 20, and two fields of 85 rows.
    requested = 30 * (2 + 100 * (1 + 20 + 2 * 85))
    assert error["extensions"] == {"code": "COST_LIMIT", "requested": requested, "limit": LIMIT}
    assert error["message"] == (
        f"The operation costs {requested}, which is more than {LIMIT}. Ask for smaller pages, "
        "for fewer fields inside lists, or in several operations."
    )


async def test_the_limit_is_a_setting_of_the_app_and_holds_at_its_very_figure(
    demo_settings: Settings,
):
    page = "query($n: Int) { facilities(first: $n) { nodes { name } } }"
    async with answering(demo_settings, max_cost=12) as client:
        assert len((await client.ask(page, n=10))["facilities"]["nodes"]) == 10
        error = await client.error(page, n=11)
        assert error["extensions"] == {"code": "COST_LIMIT", "requested": 13, "limit": 12}


async def test_wrong_variables_make_no_way_around_the_limit(demo_settings: Settings):
    page = """query($only: FacilityFilter) {
        facilities(first: 9, filter: $only) { nodes { name osId } } }"""
    async with answering(demo_settings, max_cost=10) as client:
        assert "data" not in await client.body(page, only={"countries": 1.5})
        refused = await client.error(page, only={"countries": ["VN"]})
        assert refused["extensions"] == {"code": "COST_LIMIT", "requested": 20, "limit": 10}


async def test_a_query_by_get_has_the_same_limit(demo_settings: Settings):
    async with answering(demo_settings, max_cost=1) as client:
        answer = await client.http.get("/graphql", params={"query": "{ knowledge { number } }"})
        assert answer.json()["errors"][0]["extensions"]["code"] == "COST_LIMIT"


async def test_a_subscription_is_refused_by_the_cost_of_one_event(demo_settings: Settings):
    query = """subscription { portfolioEvents { ... on FacilityEvent {
      facility { history(first: 100) { nodes { kind } } } } } }"""
    async with answering(demo_settings, max_cost=5) as client:
        answer = await client.http.post(
            "/graphql", json={"query": query}, headers={"accept": "text/event-stream"}
        )
    data = [line for line in answer.text.splitlines() if line.startswith("data: {")]
    (error,) = json.loads(data[0].removeprefix("data: "))["errors"]
    assert error["extensions"].pop("requestId") == answer.headers["x-request-id"]
    assert error["extensions"] == {"code": "COST_LIMIT", "requested": 203, "limit": 5}


async def test_a_request_that_takes_too_long_is_answered_with_503(demo_settings: Settings):
    # Only what waits can be stopped: what is read by an index on SQLite does not.
    query = {"query": "{ facilities(first: 1) { totalCount } }"}
    async with answering(demo_settings, request_timeout=0.000001) as client:
        answer = await client.http.post("/graphql", json=query)
    assert answer.status_code == 503
    (error,) = answer.json()["errors"]
    assert error["extensions"].pop("requestId") == answer.headers["x-request-id"]
    assert error == {
        "message": "The request took longer than 1e-06 seconds and was stopped. "
        "Ask for less, or try again later.",
        "extensions": {"code": "TIMEOUT", "seconds": 0.000001},
    }
    async with answering(demo_settings) as client:
        again = await client.http.post("/graphql", json=query)
    assert (again.status_code, again.json()["data"]) == (
        200,
        {"facilities": {"totalCount": 200}},
    )


async def test_a_body_that_does_not_arrive_in_time_is_refused(demo_settings: Settings):
    async def slow() -> AsyncIterator[bytes]:
        yield b'{"query": '
        await asyncio.sleep(60)

    async with answering(demo_settings, request_timeout=0.05) as client:
        answer = await client.http.post("/graphql", content=slow())
    assert answer.status_code == 408
    (error,) = answer.json()["errors"]
    assert error["message"] == "The request body did not arrive within 0.05 seconds."
    assert error["extensions"]["code"] == "TIMEOUT"


@strawberry.type
class Query:
    """What a schema must have."""

    nothing: int = 0


@strawberry.type
class Mutation:
    """A change of two parts that waits between them."""

    @strawberry.mutation
    async def register_two(self, wait: float) -> int:
        at = datetime.now(UTC)
        async with in_transaction():
            await Facility.create(name="One", country="VN", created_at=at)
            await asyncio.sleep(wait)
            await Facility.create(name="Two", country="VN", created_at=at)
        return await Facility.all().count()


async def test_a_change_that_takes_too_long_leaves_nothing_half_done(database: Settings):
    changing = strawberry.Schema(Query, Mutation, extensions=[TimeLimit])
    settings = database.model_copy(update={"request_timeout": 0.5})

    async def register(wait: float) -> Any:
        context = SimpleNamespace(request=None, settings=settings, counted=Counted())
        return await changing.execute(
            f"mutation {{ registerTwo(wait: {wait}) }}", context_value=context
        )

    stopped = await register(60)
    assert [error.extensions["code"] for error in stopped.errors] == ["TIMEOUT"]
    assert await Facility.all().count() == 0
    assert (await register(0)).data == {"registerTwo": 2}


async def test_histories_of_a_page_take_no_statement_more_and_their_totals_one(client: Client):
    page = "query($n: Int) { facilities(first: $n) { nodes { name %s } } }"
    histories = page % "history(first: 5) { pageInfo { hasNextPage } nodes { kind sequence } }"
    with_totals = page % "history(first: 1) { totalCount nodes { kind } }"
    counts = {}
    for number in (2, 50):
        for name, query in (("bare", page % ""), ("paged", histories), ("total", with_totals)):
            await client.ask(query, n=number)  # whatever is read but once has been read
            with counted_statements() as sent:
                data = await client.ask(query, n=number)
            counts[name, number] = len(sent)
            assert len(data["facilities"]["nodes"]) == number
    assert counts == {
        **{("bare", number): 2 for number in (2, 50)},
        **{("paged", number): 2 for number in (2, 50)},
        **{("total", number): 3 for number in (2, 50)},
    }


async def test_each_facility_of_a_page_has_its_own_history(client: Client):
    fields = "history(first: 4) { pageInfo { hasNextPage endCursor } nodes { kind sequence } }"
    data = await client.ask(f"{{ facilities(first: 30) {{ nodes {{ id {fields} }} }} }}")
    by_id = f"query($id: ID!) {{ facility(by: {{id: $id}}) {{ {fields} }} }}"
    for facility in data["facilities"]["nodes"]:
        alone = await client.ask(by_id, id=facility["id"])
        assert alone["facility"]["history"] == facility["history"]
    assert len({str(facility["history"]) for facility in data["facilities"]["nodes"]}) > 5


async def test_each_answer_tells_its_cost(client: Client):
    asked_at = datetime.now(UTC)
    body = await client.body("{ knowledge { number } }")
    cost = body["extensions"]["cost"]
    assert (cost["requested"], cost["limit"]) == (2, LIMIT)
    assert 0 < cost["remaining"] < 6_000_000
    assert datetime.fromisoformat(cost["resetAt"]) > asked_at
