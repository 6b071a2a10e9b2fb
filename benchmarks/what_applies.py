"""How fast "what applies" is, next to a handler written by hand for the same answers.

.venv/bin/python benchmarks/what_applies.py [--facilities 100000] [--rounds 5] [--seconds 3]
.venv/bin/python benchmarks/what_applies.py --quick --check

See README.md beside this file for what the figures mean.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import asyncpg
import node_peers
from load import CONNECTIONS, ask, drive
from questions import Place, Question, of_knowledge, questions, requests
from rich.console import Console
from rich.table import Table
from servers import (
    Asker,
    Prepared,
    Server,
    Servers,
    all_servers,
    postgres,
    postgres_cpu_seconds,
    prepare,
)

SEED = 2021
COMPARED = 100
WARM_UP_SECONDS = 1.0
RANGES = Path(__file__).with_name("ranges.toml")
"""The most processor time that may be used, as a multiple of another server's."""

console = Console()


@dataclass(frozen=True, slots=True)
class Round:
    """One server under one question for some seconds. Times are microseconds."""

    rate: float
    p50: float
    p99: float
    server_cpu: float
    postgres_cpu: float | None

    @property
    def cpu(self) -> float:
        """Processor time of the server and, where it is known, of PostgreSQL."""
        return self.server_cpu + (self.postgres_cpu or 0.0)


@dataclass(frozen=True, slots=True)
class Ratio:
    """Ours as a multiple of another server: medians of the ratios within each round.

    `least` and `most` are those of the rates that lie the furthest apart.
    """

    title: str
    kind: str
    rate: float
    least: float
    most: float
    cpu: float

    @classmethod
    def of(cls, title: str, kind: str, ours: Sequence[Round], others: Sequence[Round]) -> Ratio:
        """Those of some rounds."""
        pairs = list(zip(ours, others, strict=True))
        rates = [a.rate / b.rate for a, b in pairs]
        cpu = median(a.cpu / b.cpu for a, b in pairs)
        return cls(title, kind, median(rates), min(rates), max(rates), cpu)

    def __str__(self) -> str:
        return (
            f"{self.title}: {self.rate:.2f} of the requests/s of {self.kind} "
            f"({self.least:.2f} to {self.most:.2f}), for {self.cpu:.2f} times its processor time"
        )


def _out_of_range(ratios: Iterable[Ratio]) -> Iterable[str]:
    """What uses more processor time than may be."""
    most = tomllib.loads(RANGES.read_text("utf-8"))
    for ratio in ratios:
        allowed = most.get(ratio.title, {}).get(ratio.kind)
        if allowed is not None and ratio.cpu > allowed:
            yield (
                f"{ratio.title}: {ratio.cpu:.2f} times the processor time of {ratio.kind}, and "
                f"{RANGES.name} allows {allowed:g}. Run it again; if it stays so, find what became "
                "slower."
            )


def main() -> None:
    """Run the whole benchmark."""
    options = _arguments()
    with postgres(options.fresh) as url:
        prepared = asyncio.run(prepare(url, options.facilities, options.fresh))
        with all_servers(prepared) as servers:
            sizes = asyncio.run(_compare(prepared.helpdesk, servers))
            if options.rounds:
                ratios = asyncio.run(_time(prepared, servers, sizes, options))
                if options.check and (wrong := list(_out_of_range(ratios))):
                    raise SystemExit("\n".join(wrong))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--facilities", type=int, default=100_000, help="demo facilities to make")
    parser.add_argument("--rounds", type=int, default=5, help="rounds; the median counts")
    parser.add_argument("--seconds", type=float, default=3.0, help="length of a round")
    parser.add_argument("--fresh", action="store_true", help="make the facilities anew")
    parser.add_argument(
        "--quick", action="store_true", help="2,000 facilities and one short round, to see it run"
    )
    parser.add_argument(
        "--check", action="store_true", help=f"end with 1 where {RANGES.name} says otherwise"
    )
    options = parser.parse_args()
    if options.quick:
        options.facilities, options.rounds, options.seconds = 2_000, 1, 0.5
    return options


async def _compare(asker: Asker, servers: Servers) -> Sequence[int]:
    """Stop unless all servers tell the same of the same facilities; the usual size of answers."""
    places = Random(SEED).sample(list(asker.places), COMPARED)
    usual = []
    peer = servers.peers.get("mercurius")
    of_peer = {} if peer is None else await node_peers.requests_of("mercurius", peer.port)
    for question in questions(asker.headers):
        assert question.reference is not None
        ours = (servers.ours, question.ours)
        compared = [ours, ours, (servers.without_plans, question.ours)]
        if peer is not None:  # the other one gives its answers other names
            compared.append((peer, of_peer[question.title]))
        sizes = []
        for place in places:
            expected = json.loads(await ask(servers.reference.port, question.reference(place)))
            for server, make in compared:
                answer = await ask(server.port, make(place))
                sizes.append(len(answer))
                body = json.loads(answer)
                body.pop("extensions", None)  # what it cost, which the reference does not count
                if _is_on_another_day(body):
                    continue
                if body != expected:
                    difference = _difference(body, expected)
                    raise SystemExit(f"{question.title}, facility {place.id}: {difference}")
        usual.append(round(median(sizes)))
        console.print(
            f"{question.title}: the same answer for {COMPARED} facilities, {usual[-1]:,} bytes each"
        )
    return usual


async def _time(
    prepared: Prepared, servers: Servers, sizes: Sequence[int], options: argparse.Namespace
) -> Sequence[Ratio]:
    table = Table(
        *("question", "server", "requests/s", "p50 ms", "p99 ms", "p99/p50"),
        *("CPU µs", "PostgreSQL µs"),
    )
    timed: list[tuple[str, Asker, Question, int]] = [
        (f"{question.title}, {asker.role}", asker, question, size)
        for asker in (prepared.brand, prepared.helpdesk)
        for question, size in zip(questions(asker.headers), sizes, strict=True)
    ]
    for question in of_knowledge(prepared.brand.headers):
        answers = [
            await ask(server.port, question.ours(prepared.brand.places[0]))
            for server in (servers.ours, servers.ours, servers.without_plans)
        ]
        if len({_without_cost(answer) for answer in answers}) > 1:
            raise SystemExit(f"{question.title}: plans answer something else")
        timed.append((question.title, prepared.brand, question, len(answers[0])))
    peers = {
        name: await node_peers.requests_of(name, server.port)
        for name, server in servers.peers.items()
    }
    ratios: list[Ratio] = []
    database = await asyncpg.connect(prepared.url)
    try:
        for title, asker, question, size in timed:
            kinds: dict[str, tuple[Server, Callable[[Place], bytes]]] = {
                "ours": (servers.ours, question.ours),
                "plans off": (servers.without_plans, question.ours),
            }
            if question.reference is not None:
                kinds["reference"] = (servers.reference, question.reference)
            for name, requests_of_peer in peers.items():
                if question.title in requests_of_peer:
                    kinds[name] = (servers.peers[name], requests_of_peer[question.title])
            kinds["constant bytes"] = (servers.reference, question.constant(size))
            rounds: dict[str, list[Round]] = {kind: [] for kind in kinds}
            for number in range(options.rounds):
                for kind, (server, make) in kinds.items():
                    # All are asked about the same facilities, in another order each round.
                    request = requests(make, asker.places, SEED + number)
                    await drive(server.port, request, min(WARM_UP_SECONDS, options.seconds))
                    rounds[kind].append(await _round(server, request, options.seconds, database))
            for kind, measured in rounds.items():
                table.add_row(title, kind, *_figures(measured))
            others = [kind for kind in kinds if kind != "ours"]
            ratios += [Ratio.of(title, kind, rounds["ours"], rounds[kind]) for kind in others]
    finally:
        await database.close()
    console.print(table)
    console.print(*map(str, ratios), sep="\n", soft_wrap=True)
    console.print(
        f"{options.rounds} interleaved rounds of {options.seconds:g} s, {CONNECTIONS} connections, "
        f"{len(prepared.helpdesk.places):,} facilities at random ({len(prepared.brand.places):,} "
        "of the brand), medians.",
        soft_wrap=True,
    )
    return ratios


def _without_cost(answer: bytes) -> str:
    return json.dumps(json.loads(answer)["data"])


async def _round(
    server: Server, request: Any, seconds: float, database: asyncpg.Connection
) -> Round:
    postgres_before = await postgres_cpu_seconds(database)
    server_before = server.cpu_seconds()
    tally = await drive(server.port, request, seconds)
    server_cpu = server.cpu_seconds() - server_before
    postgres_after = await postgres_cpu_seconds(database)
    answers = len(tally.latencies)
    postgres_cpu = None
    if postgres_before is not None and postgres_after is not None:
        postgres_cpu = (postgres_after - postgres_before) / answers * 1e6
    return Round(
        rate=answers / tally.seconds,
        p50=median(tally.latencies) * 1e6,
        p99=sorted(tally.latencies)[int(answers * 0.99)] * 1e6,
        server_cpu=server_cpu / answers * 1e6,
        postgres_cpu=postgres_cpu,
    )


def _figures(rounds: Sequence[Round]) -> list[str]:
    postgres_cpu = [round_.postgres_cpu for round_ in rounds if round_.postgres_cpu is not None]
    return [
        f"{median(round_.rate for round_ in rounds):,.0f}",
        f"{median(round_.p50 for round_ in rounds) / 1e3:.2f}",
        f"{median(round_.p99 for round_ in rounds) / 1e3:.2f}",
        f"{median(round_.p99 / round_.p50 for round_ in rounds):.1f}",
        f"{median(round_.server_cpu for round_ in rounds):,.0f}",
        f"{median(postgres_cpu):,.0f}" if postgres_cpu else "not known",
    ]


def _is_on_another_day(body: Any) -> bool:
    """Whether ours tells of the day that it is where the facility is, and not in UTC.

    The reference knows no other day than its own.
    """
    decision = (body["data"].get("facility") or {}).get("whatApplies") or {}
    return decision.get("asOf") not in (None, datetime.now(UTC).date().isoformat())


def _difference(ours: Any, theirs: Any, path: str = "$") -> str:
    """Where two answers first differ."""
    if isinstance(ours, dict) and isinstance(theirs, dict) and ours.keys() == theirs.keys():
        for key in ours:
            if ours[key] != theirs[key]:
                return _difference(ours[key], theirs[key], f"{path}.{key}")
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, pair in enumerate(zip(ours, theirs, strict=True)):
            if pair[0] != pair[1]:
                return _difference(*pair, f"{path}[{index}]")
    return f"at {path} ours is {json.dumps(ours)[:300]}, the reference's {json.dumps(theirs)[:300]}"


if __name__ == "__main__":
    main()
