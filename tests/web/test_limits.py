"""What one request may take: its cost, its time, and the statements behind a page of histories."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import strawberry
from graphql import GraphQLError, get_introspection_query, parse
from tortoise.transactions import in_transaction

from graphql_schema import metrics
from graphql_schema.context import Counted
from graphql_schema.cost import Measures, RememberedMeasures, measure
from graphql_schema.limits import TimeLimit
from graphql_schema.list_sizes import sizes_of
from graphql_schema.schema import schema
from graphql_schema.web.graphiql import Tab, load_tabs
from kb.cli.applies_query import FACILITY_QUERY, PROFILE_QUERY
from kb.models import Facility
from kb.settings import Settings
from tests.rules.shipped import shipped_library
from tests.web.asking import Client, answering
from tests.web.test_facilities import counted_statements

LIMIT = 100_000
LIBRARY = shipped_library()
SIZES = sizes_of(LIBRARY)
EVERYDAY = """query($first: Int) { facilities(first: $first) { totalCount nodes {
  id name osId country { code name }
  whatApplies { assessment { assessedBy because text } sharing { status because text }
    workflow { state blockers { code text } nextActions { order actor title deadline } }
    fees { code charge } warnings { code text } summary }
} } }"""
TRACE = "facilities(first: 100) { nodes { whatApplies { trace { row matched } } } }"


def measured(query: str, largest_page: int = 100, **variables: Any) -> Measures | None:
    return measure(schema._schema, parse(query), None, variables, largest_page, SIZES)


def cost(query: str, largest_page: int = 100, **variables: Any) -> int | None:
    measures = measured(query, largest_page, **variables)
    return measures and measures.cost


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ knowledge { number } }", 2),
        ("{ knowledge { number } again: knowledge { number note } }", 5),
        # totalCount, and ten times name; the fields facilities and nodes themselves.
        ("{ facilities(first: 10) { totalCount nodes { name } } }", 13),
        ("{ facilities(last: 10) { nodes { name } } }", 12),
        # Without a number a page has 20 entries, each an edge with a cursor, a node and its name.
        ("{ facilities { edges { cursor node { name } } } }", 62),
        # Larger pages are refused when they are asked for, so they cost no more than the largest.
        ("{ facilities(first: 5000) { nodes { name } } }", 102),
        ("{ facilities(first: 2) { nodes { history(first: 3) { nodes { kind } } } } }", 210),
        ('{ facilities(first: 2) { nodes { workflow(asOf: "2022-01-01") { state } } } }', 306),
        # A question costs more the longer it is: 200 for each hundred characters, begun ones too.
        ('{ ask(input: {question: "x"}) { outcome } }', 2_701),
        (f'{{ ask(input: {{question: "{"x" * 101}"}}) {{ outcome }} }}', 2_901),
        (f'{{ search(query: "{"x" * 9_900}") {{ totalCount }} }}', 8_001),
        ("{ facilityRollup { total } }", 501),
        ('{ nodes(ids: ["a", "b", "c"]) { id } }', 4),
        # Of a node, what is asked for each type is added up.
        ('{ node(id: "a") { id ... on Faq { number } ... on Country { code } } }', 4),
        # The same field twice is one value, also through fragments.
        (
            "{ knowledge { number ...A ...A ... on KnowledgeRelease { number } } } "
            "fragment A on KnowledgeRelease { number note }",
            3,
        ),
        ("{ knowledge { number note @skip(if: true) } }", 2),
        ("{ knowledge { number note @include(if: false) } }", 2),
        ('{ whatIf(profile: {country: "VN"}) { summary } }', 301),
        # A weight of 20, and the row of each of 85 rows that are tried.
        ('{ whatIf(profile: {country: "VN"}) { trace { row } } }', 106),
        ('{ whatIf(profile: {country: "VN"}) { faqs(first: 2) { number } } }', 13),
        ('{ whatIf(profile: {country: "VN"}) { faqs { number } } }', 34),
        ("subscription { portfolioEvents { ... on FacilityEvent { cursor } } }", 2),
    ],
)
def test_an_operation_costs_about_one_for_each_value_of_its_answer(query: str, expected: int):
    assert cost(query) == expected


def test_sizes_that_come_in_variables_count_and_their_defaults_too():
    page = "query($n: Int = 7) { facilities(first: $n) { nodes { name } } }"
    assert cost(page) == 9
    assert cost(page, n=50) == 52
    assert cost(page, n=50, largest_page=30) == 32
    ids = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    assert cost(ids, ids=["a"] * 40) == 41
    skipped = "query($no: Boolean!) { knowledge { number note @skip(if: $no) } }"
    assert (cost(skipped, no=True), cost(skipped, no=False)) == (2, 3)


def test_a_list_of_all_entries_costs_as_many_as_the_content_has():
    assert cost("{ glossary { text } }") == 1 + len(LIBRARY.glossary)
    fewer = replace(LIBRARY, content_hash="fewer", glossary={})
    measures = RememberedMeasures()
    query = "{ glossary { text } }"
    known = [
        measures.of(schema._schema, parse(query), query, None, {}, 100, library)
        for library in (LIBRARY, fewer)
    ]
    assert [each and each.cost for each in known] == [1 + len(LIBRARY.glossary), 3]


def test_texts_that_come_in_variables_count_by_their_length_each_time():
    query = "query($input: AskInput!) { ask(input: $input) { outcome } }"
    document, remembered = parse(query), RememberedMeasures()

    def remembered_cost(question: str) -> int:
        given = {"input": {"question": question}}
        measures = remembered.of(schema._schema, document, query, None, given, 100, LIBRARY)
        assert measures
        return measures.cost

    assert [remembered_cost("x" * length) for length in (1, 250, 100)] == [2_701, 3_101, 2_701]


def test_what_will_not_be_executed_has_no_cost():
    assert cost("query($n: Int!) { facilities(first: $n) { totalCount } }") is None
    assert cost("query($n: Int) { facilities(first: $n) { totalCount } }", n="many") is None


def test_fragments_that_double_each_other_are_counted_without_walking_each_copy():
    fragments = "".join(
        f"fragment F{n} on Facility {{ a: whatApplies {{ facility {{ ...F{n + 1} }} }} "
        f"b: whatApplies {{ facility {{ ...F{n + 1} }} }} }} "
        for n in range(60)
    )
    bomb = f"{{ nodes(ids: []) {{ ...F0 }} }} {fragments} fragment F60 on Facility {{ name }}"
    with pytest.raises(GraphQLError, match="more than 15 objects within each other"):
        cost(bomb)


def test_introspection_costs_what_it_answers():
    # The field and each type: its name.
    types = len(schema._schema.type_map)
    assert cost("{ __schema { types { name } } }") == 2 + types
    assert cost('{ __type(name: "Faq") { name } }') == 2
    usual = measured(get_introspection_query())
    assert usual is not None
    assert usual.depth == 14
    assert usual.cost < LIMIT


@pytest.mark.parametrize("tab", load_tabs(), ids=lambda tab: tab.title)
def test_every_example_passes_also_with_the_largest_page(tab: Tab):
    variables = json.loads(tab.variables or "{}")
    if "first" in variables:
        variables["first"] = 100
    assert 0 < (cost(tab.query, **variables) or 0) < LIMIT / 10


@pytest.mark.parametrize("query", [FACILITY_QUERY, PROFILE_QUERY])
def test_all_that_applies_to_one_facility_passes(query: str):
    named = {"by": {"osId": "X"}} if query is FACILITY_QUERY else {"profile": {"country": "VN"}}
    assert 0 < (cost(query, **named) or 0) < LIMIT / 10


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


def sample(text: str, name: str) -> float:
    found = [line for line in text.splitlines() if line.startswith(name + " ")]
    return float(found[0].rpartition(" ")[2]) if found else 0.0


async def test_metrics_count_operations_by_name_and_outcome(client: Client):
    async def numbers() -> list[float]:
        text = (await client.http.get("/metrics")).text
        return [
            sample(text, f'kb_operations_total{{operation="{name}",outcome="{outcome}"}}')
            for name, outcome in (
                ("Counted", "OK"),
                ("Counted", "NOT_FOUND"),
                ("(unnamed)", "OK"),
                ("(other)", "GRAPHQL_PARSE_FAILED"),
            )
        ]

    before = await numbers()
    await client.ask("query Counted { faq(number: 1) { number } }")
    await client.ask("query Counted { faq(number: 2) { number } }")
    await client.body("query Counted { faq(number: 99) { number } }")
    await client.ask("{ knowledge { number } }")
    await client.body("query Counted {")
    after = await numbers()
    assert [new - old for old, new in zip(before, after, strict=True)] == [2, 1, 1, 1]


async def test_metrics_tell_the_release_and_the_decisions_kept(client: Client):
    await client.ask('{ whatIf(profile: {country: "VN"}) { asOf } }')
    text = (await client.http.get("/metrics")).text
    assert sample(text, "kb_knowledge_release") == 1
    assert sample(text, "kb_decisions_kept") == 1
    assert sample(text, "kb_operation_cost_count") > 0


async def test_no_id_or_token_becomes_a_label(client: Client):
    for name in ("DEMO_OS_000001", "RmFjaWxpdHk6MQ".replace("=", ""), "kb_" + "a" * 43):
        await client.ask(f"query {name} {{ knowledge {{ number }} }}")
        assert name not in (await client.http.get("/metrics")).text


def test_only_so_many_names_are_told_apart(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(metrics, "_names", set())
    names = [f"Name{'x' * number}" for number in range(30)]
    monkeypatch.setattr(metrics, "NAMES_KEPT", 10)
    assert [metrics.name_of(name) for name in names] == names[:10] + ["(other)"] * 20


async def test_metrics_are_for_this_machine_unless_they_are_opened(client: Client):
    app = client.http._transport.app
    away = httpx.AsyncClient(
        transport=httpx.ASGITransport(app, client=("192.0.2.7", 5)), base_url="http://127.0.0.1"
    )
    passed_on = {"x-forwarded-for": "192.0.2.7"}
    async with away:
        assert (await away.get("/metrics")).status_code == 404
        assert (await client.http.get("/metrics", headers=passed_on)).status_code == 404
        assert (await client.http.get("/metrics")).status_code == 200
        app.state.metrics_open = True
        assert (await away.get("/metrics")).status_code == 200
