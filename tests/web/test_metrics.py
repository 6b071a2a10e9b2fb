"""What /metrics counts, under which names, and for whom."""

import httpx
import pytest

from graphql_schema import metrics
from tests.web.asking import Client


def sample(text: str, name: str) -> float:
    samples = [line for line in text.splitlines() if line.startswith(name + " ")]
    return float(samples[0].rpartition(" ")[2]) if samples else 0.0


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
                ("(other)", "INTERNAL_ERROR"),
            )
        ]

    before = await numbers()
    await client.ask("query Counted { faq(number: 1) { number } }")
    await client.ask("query Counted { faq(number: 2) { number } }")
    await client.body("query Counted { faq(number: 99) { number } }")
    await client.ask("{ knowledge { number } }")
    await client.body("query Counted {")
    two = "query Counted { __typename } query Other { __typename }"
    await client.http.post("/graphql", json={"query": two, "operationName": "Neither"})
    after = await numbers()
    assert [new - old for old, new in zip(before, after, strict=True)] == [2, 1, 1, 1, 0]


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
