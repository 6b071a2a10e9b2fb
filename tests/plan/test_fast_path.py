"""What has a plan is answered below the middleware, and within the same limits."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson
import pytest

from graphql_schema.context import Context
from graphql_schema.metrics import REGISTRY
from graphql_schema.plan import parts
from graphql_schema.plan.answering import answer as planned
from graphql_schema.plan.answering import answered_before
from graphql_schema.plan.answering import planned as planned_for
from graphql_schema.plan.parts import Parts, parts_of
from kb.rules.roles import Role
from kb.services.access.matrix import ANONYMOUS, Viewer
from kb.settings import Settings
from tests.web.asking import Client, answering

LARGE = "query Large { faqs(first: 23) { nodes { number question answer } } }"
SMALL = "query Small { viewer { role } }"
NO_SUCH_FACILITY = 'query Nobody { facility(by: {osId: "none"}) { name } }'


@pytest.fixture
async def client(filled: Settings) -> AsyncIterator[Client]:
    async with answering(filled) as asking:
        yield asking


async def twice(client: Client, query: str, **headers: str) -> httpx.Response:
    """The answer when it is asked the second time."""
    for _ in range(2):
        answer = await client.http.post("/graphql", json={"query": query}, headers=headers)
    return answer


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def lasting(answer: httpx.Response) -> dict[str, str]:
    """The headers that are the same whenever it is asked."""
    changing = ("x-request-id", "ratelimit", "content-length")
    return {name: value for name, value in answer.headers.items() if name not in changing}


@pytest.mark.parametrize("query", [LARGE, SMALL])
@pytest.mark.parametrize("encoding", ["gzip, deflate", "identity"])
@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json", "*/*"])
async def test_the_answer_looks_as_through_the_layers(
    filled: Settings, query: str, encoding: str, accept: str
):
    headers = {"Accept-Encoding": encoding, "Accept": accept}
    answers = []
    for on in (True, False):
        async with answering(filled, operation_plans=on) as client:
            answers.append(await twice(client, query, **headers))
    fast, layered = answers
    assert lasting(fast) == lasting(layered)
    assert fast.json()["data"] == layered.json()["data"]


async def test_plans_can_be_turned_off(filled: Settings):
    before = counted("kb_operation_plans_total", outcome="planned")
    async with answering(filled, operation_plans=False) as client:
        await twice(client, SMALL)
    assert counted("kb_operation_plans_total", outcome="planned") == before


@pytest.mark.parametrize("query", [SMALL, NO_SUCH_FACILITY])
async def test_an_operation_counts_once_also_where_its_plan_steps_aside(client: Client, query: str):
    def operations() -> float:
        samples = (sample for family in REGISTRY.collect() for sample in family.samples)
        return sum(sample.value for sample in samples if sample.name == "kb_operations_total")

    await twice(client, query)
    left: list[int] = []
    for _ in range(3):
        before = operations()
        answer = await client.http.post("/graphql", json={"query": query})
        assert operations() == before + 1
        left.append(answer.json()["extensions"]["cost"]["remaining"])
    cost = answer.json()["extensions"]["cost"]["requested"]
    # What was taken is forgiven steadily, some thousand points a second.
    assert left[0] - left[1] <= cost
    assert left[1] - left[2] <= cost


async def test_a_get_is_planned_too_and_keeps_its_etag(client: Client):
    tags = []
    for _ in range(3):
        answer = await client.http.get("/graphql", params={"query": SMALL})
        tags.append(answer.headers["etag"])
    assert len(set(tags)) == 1
    known = await client.http.get(
        "/graphql", params={"query": SMALL}, headers={"If-None-Match": tags[0]}
    )
    assert known.status_code == 304


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": "Bearer kb_" + "a" * 43}, 401),
        ({"Authorization": "Bearer"}, 401),
        ({"Content-Type": "text/plain"}, 415),
        ({"Accept": "text/html"}, 406),
    ],
)
async def test_who_is_refused_is_refused_as_ever(
    client: Client, headers: dict[str, str], status: int
):
    await twice(client, SMALL)
    answer = await client.http.post("/graphql", json={"query": SMALL}, headers=headers)
    assert answer.status_code == status


async def test_a_body_in_pieces_is_read(client: Client):
    async def pieces() -> AsyncIterator[bytes]:
        for piece in (b'{"query": "query ', b'Small { viewer { role } }"}'):
            yield piece

    await twice(client, SMALL)
    headers: dict[str, Any] = {"Content-Type": "application/json"}
    answer = await client.http.post("/graphql", content=pieces(), headers=headers)
    assert answer.json()["data"] == {"viewer": {"role": "HELPDESK"}}


async def test_ready_parts_go_with_the_release(filled: Settings):
    async with answering(filled) as client:
        # The ignore: the transport is the one that calls the app.
        knowledge = client.http._transport.app.state.knowledge
        await twice(client, '{ whatIf(profile: {country: "VN"}) { sharing { text } } }')
        assert len(parts_of(knowledge.current)) == 1


async def test_what_is_kept_for_long_variables_weighs_as_much_as_they(filled: Settings):
    async with answering(filled) as client:
        knowledge = client.http._transport.app.state.knowledge.current
        parts._PARTS[knowledge.decisions] = Parts(most=50_000)
        query = "query Terms($term: String) { glossary(term: $term) { term } }"
        for number in range(20):
            await client.ask(query, term=f"{number}" * 5_000)
        assert 0 < len(parts_of(knowledge)) <= 50_000 // 5_000


async def test_what_applies_is_one_ready_part_but_for_the_days_of_the_facility(filled: Settings):
    async with answering(filled) as client:
        # The ignore: the transport is the one that calls the app.
        knowledge = client.http._transport.app.state.knowledge
        query = (
            '{ facility(by: {osId: "DEMO-OS-000002"}) '
            "{ name whatApplies { asOf workflow { route steps { code doneOn } } } } }"
        )
        answer = await twice(client, query)
        assert len(parts_of(knowledge.current)) == 1
    steps = answer.json()["data"]["facility"]["whatApplies"]["workflow"]["steps"]
    assert [step["doneOn"] for step in steps if step["doneOn"]]


async def test_what_is_kept_whole_is_of_the_day_in_the_country(filled: Settings):
    query = '{ whatIf(profile: {country: "VN"}) { asOf } faqs(first: 2) { nodes { number } } }'
    async with answering(filled) as client:
        knowledge = client.http._transport.app.state.knowledge.current
        await client.body(query)
        days = []
        # Viet Nam is seven hours before UTC.
        for hour in (16, 16, 17, 17, 16):
            at = datetime(2026, 11, 26, hour, tzinfo=UTC)
            context = Context(knowledge=knowledge, settings=filled, viewer=ANONYMOUS, now=at)
            answer = orjson.dumps(await planned(query, None, {}, context))
            days.append(orjson.loads(answer)["data"]["whatIf"]["asOf"])
            assert len(parts_of(knowledge)) == 1
    assert days == ["2026-11-26", "2026-11-26", "2026-11-27", "2026-11-27", "2026-11-26"]


async def test_an_answer_comes_again_for_the_same_body_day_and_role_alone(filled: Settings):
    query = '{ viewer { role } whatIf(profile: {country: "VN"}) { asOf } }'
    body = orjson.dumps({"query": query})
    desk = Viewer(Role.HELPDESK)
    async with answering(filled) as client:
        knowledge = client.http._transport.app.state.knowledge.current
        await client.body(query)
        said = []
        for viewer, hour in ((desk, 16), (desk, 16), (desk, 17), (desk, 17), (ANONYMOUS, 17)):
            at = datetime(2026, 11, 26, hour, tzinfo=UTC)
            context = Context(knowledge=knowledge, settings=filled, viewer=viewer, now=at)
            assert answered_before(body + b" ", context, compress=False) is None
            before = answered_before(body, context, compress=False)
            operation = before or planned_for(query, None, {}, context, body)
            assert operation is not None
            data = orjson.loads(orjson.dumps(operation.response()))["data"]
            said.append((data["viewer"]["role"], data["whatIf"]["asOf"], before is not None))
    assert said == [
        ("HELPDESK", "2026-11-26", False),
        ("HELPDESK", "2026-11-26", True),
        ("HELPDESK", "2026-11-27", False),
        ("HELPDESK", "2026-11-27", True),
        ("ANONYMOUS", "2026-11-27", False),
    ]


@pytest.mark.parametrize("depth", [1, 300])
async def test_wrong_variables_of_any_depth_are_refused_each_time(client: Client, depth: int):
    query = "query Deep($layers: [KnowledgeLayer!]) { toolVersions(layers: $layers) { key } }"
    await client.body(query)
    nested: Any = "PUBLIC"
    for _ in range(depth):
        nested = [nested]
    for _ in range(2):
        errors = (await client.body(query, layers=nested))["errors"]
        assert len(errors) == 1
        assert "INTERNAL_ERROR" not in str(errors)
    assert "errors" not in await client.body(query, layers=["SHARED_FAQS_2021"])


async def test_what_could_wait_and_does_not_is_ready_with_the_whole_answer(filled: Settings):
    query = """query Letters($code: CountryCode!) {
        whatIf(profile: {country: $code}) { asOf summary } faqs(first: 1) { totalCount } }"""
    async with answering(filled) as client:
        knowledge = client.http._transport.app.state.knowledge
        kept = []
        for code in ("VN", "VN", "KH", "ID", "BD"):
            await client.ask(query, code=code)
            kept.append(len(parts_of(knowledge.current)))
    # The first has no plan yet; of the others all is kept as one.
    assert kept == [0, 1, 2, 3, 4]
