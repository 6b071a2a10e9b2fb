"""Whether memory grows under a day's mixed load: all kinds of requests, good and bad, for a while.

    python -m benchmarks.soak [--minutes 20]

Serves demo facilities on SQLite by `kb serve` and asks, on several connections at
once, what brands, helpdesks, chatbots and attackers ask, each document with other values:
questions, pages, histories, subscriptions that come and go, wrong documents, bad tokens. From time
to time it prints the memory that the process holds. It ends with 1 if an answer is a 5xx, or if the
process holds more than `MOST_MEGABYTES`, or grew by more than `MOST_GROWTH` after the first third.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import secrets
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import httpx
import psutil
from pydantic import SecretStr

from benchmarks.questions import PORTFOLIO
from benchmarks.start import KB, free_port
from kb.rules.roles import Role
from kb.services.access.api_keys import ApiKeys
from kb.services.access.matrix import OPERATOR, Viewer
from kb.services.database import connect, migrate
from kb.services.demo.facilities import make_demo
from kb.services.knowledge.publishing import publish_content
from kb.settings import Settings
from tests.live.served import PEPPER, RELEASES, connected_at

MOST_MEGABYTES = 250
MOST_GROWTH = 0.10
AT_ONCE = 4
FACILITIES = 200
COUNTRIES = ("VN", "Bangladesh", "Kambodscha", "Pérou", "বাংলাদেশ", "柬埔寨", "Hindistan", "Vietnm")
STATES = ("YES", "NO", "UNKNOWN")
PAGE = PORTFOLIO.replace("($after: String!)", "").replace(", after: $after", "")
WORDS = ("share", "data", "fee", "gateway", "brand", "who", "assess", "country", "verifier", "link")


@dataclass(frozen=True)
class Server:
    """Where it answers, and its process."""

    address: str
    process: psutil.Popen


def profile() -> dict[str, Any]:
    """One of thousands of profiles, its country by a name in some language, or wrongly spelt."""
    answers = ("enrolled", "inScope", "capacityAvailable", "selfAssessedBefore")
    steps = [step for step in (1, 2, 3) if random.random() < 0.5]
    return {
        "country": random.choice(COUNTRIES),
        "selfAssessmentSteps": steps,
        **{name: random.choice(STATES) for name in answers},
    }


def operation() -> dict[str, Any]:
    """One of the operations of a day, with values of its own."""
    number = random.randint(1, 10**9)
    os_id = f"DEMO-OS-{random.randint(1, FACILITIES):06}"
    question = " ".join(random.choices(WORDS, k=6)) + f" {number}"
    one_word = "".join(random.choices(ascii_lowercase, k=9_000))
    kinds: list[tuple[str, dict[str, Any]]] = [
        (
            "query A($i: AskInput!) { ask(input: $i) { outcome text } }",
            {"i": {"question": question}},
        ),
        (
            "query A($i: AskInput!) { ask(input: $i) { outcome } }",
            {"i": {"question": f"who {one_word}"}},
        ),
        (f"{{ a{number}: __typename {' ' * 90_000} }}", {}),
        (f'{{ facility(by: {{osId: "{os_id}"}}) {{ id whatApplies {{ summary }} }} }}', {}),
        ("{ facilities(first: 50) { nodes { name history(first: 5) { totalCount } } } }", {}),
        (f'{{ a{number}: whatIf(profile: {{country: "VN"}}) {{ summary(locale: "vi") }} }}', {}),
        (
            "query W($p: FacilityProfileInput!) { whatIf(profile: $p) { summary } }",
            {"p": profile()},
        ),
        ("{ facilityRollup { total } }", {}),
        (PAGE.replace("osId", f"a{number}: osId"), {}),
        (f"{{ wrong{number} }}", {}),
        (f"{{ a{number}: __typename", {}),
        (f"query Q{number} {{ faqs(first: 5) {{ nodes {{ question answer }} }} }}", {}),
    ]
    query, variables = random.choice(kinds)
    return {"query": query, "variables": variables}


@asynccontextmanager
async def kb_serve(environment: Mapping[str, str]) -> AsyncIterator[Server]:
    """The server as its users start it, until the context ends."""
    port = free_port()
    address = f"127.0.0.1:{port}"
    variables = {**os.environ, **environment, "KB_PORT": str(port)}
    process = psutil.Popen([KB, "serve"], env=variables, stdout=subprocess.DEVNULL)
    try:
        async with httpx.AsyncClient(base_url=f"http://{address}") as client:
            while not await _is_ready(client):
                if process.poll() is not None:
                    raise SystemExit("The server did not start.")
                await asyncio.sleep(0.1)
        yield Server(address, process)
    finally:
        process.terminate()
        process.wait()


async def _is_ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/readyz")).is_success
    except httpx.TransportError:
        return False


async def ask(server: Server, token: str, until: float, statuses: Counter[int]) -> None:
    """One client that asks on and on, now and then with a bad token, and follows for a moment."""
    async with httpx.AsyncClient(base_url=f"http://{server.address}", timeout=60) as client:
        while time.monotonic() < until:
            shown = random.choices([token, None, f"kb_{secrets.token_urlsafe(32)}"], [8, 2, 1])[0]
            headers = {"Authorization": f"Bearer {shown}"} if shown else {}
            answer = await client.post("/graphql", json=operation(), headers=headers)
            statuses[answer.status_code] += 1
            if random.random() < 0.02:
                async with connected_at(f"ws://{server.address}/graphql", token) as subscriber:
                    await subscriber.subscribe(RELEASES)


async def watch(server: Server, until: float, pause: float) -> list[float]:
    """Megabytes that the process holds, from time to time."""
    megabytes: list[float] = []
    while time.monotonic() < until:
        await asyncio.sleep(pause)
        megabytes.append(server.process.memory_info().rss / 1e6)
        print(f"{len(megabytes) * pause:6.0f} s  {megabytes[-1]:7.1f} MB", flush=True)
    return megabytes


async def soak(folder: Path, minutes: float) -> int:
    """Serve and ask; the exit code."""
    settings = Settings(
        database_url=f"sqlite://{folder / 'soak.sqlite3'}",
        semantic_search=False,
        token_pepper=SecretStr(PEPPER),
    )
    await migrate(settings)
    async with connect(settings, everywhere=False):
        await publish_content(None, at=datetime.now(UTC))
        await make_demo(FACILITIES)
        token = (await ApiKeys(settings).create(OPERATOR, Viewer(Role.HELPDESK))).key
    statuses: Counter[int] = Counter()
    environment = {
        "KB_DATABASE_URL": settings.database_url,
        "KB_TOKEN_PEPPER": PEPPER,
        "KB_TOKEN_POINTS": "0",
        "KB_LOG_LEVEL": "WARNING",
    }
    async with kb_serve(environment) as server:
        until = time.monotonic() + 60 * minutes
        megabytes, *_ = await asyncio.gather(
            watch(server, until, min(30.0, 6 * minutes)),
            *(ask(server, token, until, statuses) for _ in range(AT_ONCE)),
        )
    print("answers by status:", dict(statuses))
    early, last = megabytes[len(megabytes) // 3], megabytes[-1]
    failed = [status for status in statuses if status >= 500]
    grew = last / early - 1
    print(f"at most {max(megabytes):.0f} MB; {grew:+.1%} since a third of the time")
    return 1 if failed or max(megabytes) > MOST_MEGABYTES or grew > MOST_GROWTH else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(asyncio.run(soak(Path(folder), options.minutes)))
