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
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
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
ODD = {
    "en": "can I share data typoo zzgatewya facilty ",
    "vi": "nhà máy có chia sẻ dữ liệu đuợc khongg ",
    "id": "apakah pabrik bisa membagikn data gatewya ",
    "bn": "কারখানা কি তথ্য শেয়ার করতে পারে গেটওয়েে ",
}
COUNTRIES = ("VN", "ID", "BD", "IN", "JO", "KH", "CN", "TR")
ANSWERS = ("YES", "NO", "UNKNOWN")


def aliases(number: int, field: Callable[[int], str], begin: int = 0) -> str:
    """A query for a field again and again, each time with other arguments."""
    return "{ " + " ".join(f"a{n}: {field(begin + n)}" for n in range(number)) + " }"


def page(fields: str) -> str:
    return f"facilities(first: 100) {{ nodes {{ {fields} }} }}"


def odd(language: str, number: int) -> str:
    """3,000 characters of misspelt words, others for each number."""
    return (f"{number} " + ODD[language] * 80)[:3_000]


def profile(number: int) -> str:
    enrolled, in_scope, capacity = (ANSWERS[number // 3**place % 3] for place in range(3))
    return (
        f"{{ country: {COUNTRIES[number % len(COUNTRIES)]}, enrolled: {enrolled},"
        f" inScope: {in_scope}, capacityAvailable: {capacity} }}"
    )


def day(number: int) -> str:
    year = 2022 + number // 84
    return f'asOf: "{year}-{number % 12 + 1:02d}-{number % 28 + 1:02d}"'


def ask(language: str, number: int) -> str:
    return f'ask(input: {{question: "{odd(language, number)}"}}) {{ outcome }}'


def search(language: str, number: int) -> str:
    return f'search(query: "{odd(language, number)}") {{ totalCount }}'


def summary(locale: str, number: int) -> str:
    return f'whatIf(profile: {profile(number)}) {{ summary(locale: "{locale}") }}'


GOAL = "{ sharing: SHAREABLE_NOW }"
ENTRY = "{ number question passages { text } }"
DECIDED = "{ summary faqs { number } trace { row matched } citations { faqNumber } }"


def queries(begin: int) -> dict[str, str]:
    """The queries by the field that they ask for, with arguments of their own for each number."""
    times = partial(aliases, begin=begin)
    profiles = ", ".join(map(profile, range(begin, begin + 100)))
    return {
        **{f"ask, {language}": times(19, partial(ask, language)) for language in ODD},
        **{f"search, {language}": times(15, partial(search, language)) for language in ODD},
        "suggest": times(30, lambda n: f'suggest(text: "share my dat{n}", first: 10) {{ number }}'),
        "whatIf": times(30, lambda n: f"whatIf(profile: {profile(n)}, {day(n)}) {DECIDED}"),
        **{f"summary, {locale}": times(30, partial(summary, locale)) for locale in ODD},
        "whatIfs": f"{{ whatIfs(profiles: [{profiles}]) {{ summary }} }}",
        "nextQuestion": times(
            30,
            lambda n: (
                f"nextQuestion(profile: {{ country: {COUNTRIES[n % 8]} }}, {day(n)})"
                " { __typename }"
            ),
        ),
        "whatWouldChange": times(
            30,
            lambda n: f"whatWouldChange(profile: {profile(n)}, goal: {GOAL}, {day(n)}) {{ holds }}",
        ),
        "portfolio": times(15, lambda n: f"portfolio({day(n)}) {{ total byBlocker {{ count }} }}"),
        "portfolioWhatIf": times(
            10,
            lambda n: (
                f"portfolioWhatIf(changes: {{ allDeclareInterest: true }}, {day(n)})"
                " { before { count } }"
            ),
        ),
        "facilityRollup": times(30, lambda n: "facilityRollup { total }"),
        "actors": times(
            30, lambda n: f"actors({day(n)}) {{ key may must mustNot citations {{ faqNumber }} }}"
        ),
        "faqs": times(30, lambda n: f"faqs(first: 100, {day(n)}) {{ nodes {ENTRY} }}"),
        "countries": times(30, lambda n: f"countries({day(n)}) {{ code text }}"),
        "__schema": "{ __schema { types { name fields { name args { name } type { name } } } } }",
        "trace": f"{{ {page('whatApplies { trace { row matched } }')} }}",
        "past days": times(6, lambda n: page(f"whatApplies({day(n)}) {{ asOf }}")),
        "history": f"{{ {page('history(first: 100) { nodes { kind sequence } }')} }}",
        "names": times(30, lambda n: page("name osId country { name }")),
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
        for name in queries(0):
            await http.post("/graphql", json={"query": queries(0)[name]})
            seconds = 0.0
            for begin in range(100, 100 * (ROUNDS + 1), 100):  # what is kept answers none of them
                query = queries(begin)[name]
                began = time.process_time()
                answer = await http.post("/graphql", json={"query": query})
                seconds += (time.process_time() - began) / ROUNDS
            body = answer.json()
            assert "errors" not in body, body["errors"][:1]
            cost = body["extensions"]["cost"]["requested"]
            print(
                f"{name:<16}{cost:>10}{seconds:>10.3f}{1_000 * seconds / cost:>16.4f}", flush=True
            )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(Path(folder)))
