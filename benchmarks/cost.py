"""How much work a unit of cost is, by field: CPU seconds for 1,000 points.

    python -m benchmarks.cost

Asks the app in this process, on SQLite with demo facilities, for queries near the largest cost that
is accepted. A unit is meant to be about five microseconds, so that no accepted operation takes more
than half a second; a row far above 0.005 needs a weight or a size in `graphql_schema/cost.py`.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx

from graphql_schema.app import create_app
from kb.rules.roles import Role
from kb.services.access.api_keys import ApiKeys
from kb.services.access.matrix import OPERATOR, Viewer
from kb.services.database import connect, migrate
from kb.services.demo.facilities import make_demo
from kb.services.knowledge.publishing import publish_content
from kb.settings import Settings

ROUNDS = 3
ODD = "can I share data typoo zzgatewya facilty " * 80


def aliases(number: int, field: str) -> str:
    return "{ " + " ".join(f"a{n}: {field}" for n in range(number)) + " }"


def page(fields: str) -> str:
    return f"{{ facilities(first: 100) {{ nodes {{ {fields} }} }} }}"


QUERIES = {
    "ask": aliases(19, f'ask(input: {{question: "{ODD}"}}) {{ outcome }}'),
    "search": aliases(24, f'search(query: "{ODD}") {{ totalCount }}'),
    "suggest": aliases(30, 'suggest(text: "share my dat", first: 10) { number }'),
    "facilityRollup": aliases(30, "facilityRollup { total }"),
    "actors": aliases(30, "actors { key may must mustNot citations { faqNumber } }"),
    "__schema": "{ __schema { types { name fields { name args { name } type { name } } } } }",
    "trace": page("whatApplies { trace { row matched } }"),
    "summary": aliases(30, page("whatApplies { summary }")[1:-1]),
    "past days": aliases(6, page('whatApplies(asOf: "2022-05-05") { asOf }')[1:-1]),
    "history": page("history(first: 100) { nodes { kind sequence } }"),
    "names": aliases(30, page("name osId country { name }")[1:-1]),
}


async def measure(folder: Path) -> None:
    settings = Settings(
        database_url=f"sqlite://{folder / 'cost.sqlite3'}",
        max_cost=10**9,
        token_points=0,
        request_timeout=600,
    )
    await migrate(settings)
    async with connect(settings, everywhere=False):
        await publish_content(None, at=datetime.now(UTC))
        await make_demo(200)
        key = (await ApiKeys(settings).create(OPERATOR, Viewer(Role.HELPDESK))).key
    app = create_app(settings)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://127.0.0.1",
            headers={"Authorization": f"Bearer {key}"},
            timeout=120,
        ) as http,
    ):
        await app.state.knowledge.current.searching.index()
        print(f"{'field':<16}{'cost':>10}{'CPU s':>10}{'CPU s / 1,000':>16}")
        for name, query in QUERIES.items():
            await http.post("/graphql", json={"query": query})
            began = time.process_time()
            for _ in range(ROUNDS):
                answer = await http.post("/graphql", json={"query": query})
            seconds = (time.process_time() - began) / ROUNDS
            body = answer.json()
            assert "errors" not in body, body["errors"][:1]
            cost = body["extensions"]["cost"]["requested"]
            print(
                f"{name:<16}{cost:>10}{seconds:>10.3f}{1_000 * seconds / cost:>16.4f}", flush=True
            )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(Path(folder)))
