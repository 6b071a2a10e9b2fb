"""Who uses the servers: writers, readers and subscribers, who go on whatever happens."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import websockets

from benchmarks.kill import Campaign, Change
from benchmarks.scale.cluster import API, SERVERS
from tests.live.served import PORTFOLIO, PROTOCOL

WRITERS, READERS, SUBSCRIBERS = 4, 4, 10
"""How many there are; subscribers on each server."""

RECORD = """mutation($input: FacilityRecordEventInput!) { facilityRecordEvent(input: $input) {
    __typename ... on FacilityRecorded { replayed event { sequence kind recordedAt }
        facility { version } } } }"""
VERSION = "query($id: ID!) { node(id: $id) { ... on Facility { version } } }"
ONE = (
    "query($id: ID!) { node(id: $id) { ... on Facility { name version whatApplies { summary } } } }"
)
PAGE = "{ facilities(first: 20) { totalCount nodes { name country { code } version } } }"


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A change, the event that it was answered with, and when the answer came."""

    change: Change
    event: Mapping[str, Any]
    at: float


@dataclass(slots=True)
class Subscriber:
    """One subscription: the events it got (facility, sequence), when, and how often it began."""

    port: int
    events: list[tuple[str, int]] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    began: int = 0
    caught_up: bool = False
    cursor: str | None = None


@dataclass(slots=True)
class Load:
    """What they saw. Times are in seconds of the monotonic clock."""

    campaign: Campaign
    helpdesk: str
    acknowledged: list[Acknowledged] = field(default_factory=list)
    not_written: int = 0
    reads: list[tuple[float, float]] = field(default_factory=list)
    read_failures: list[str] = field(default_factory=list)
    old_reads: int = 0
    subscribers: list[Subscriber] = field(default_factory=list)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def write(self, number: int) -> None:
        """Make one change after the other; one without an answer is sent again until it has one."""
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{API}", timeout=10) as client:
            for each in itertools.count():
                change = self.campaign.some_change(f"{number} {each} {random.random()}")
                answer = await self.recorded(client, change)
                if answer is None:
                    return
                if answer["__typename"] == "FacilityRecorded":
                    noted = Acknowledged(change, answer["event"], time.monotonic())
                    self.acknowledged.append(noted)
                    await self._read_back(client, change, answer["facility"]["version"])

    async def recorded(self, client: httpx.AsyncClient, change: Change) -> dict[str, Any] | None:
        """What the mutation answers in the end; None when it is time to stop."""
        while not self.stopping.is_set():
            answer = await _query(
                client, self.campaign.tokens[change.who], RECORD, {"input": change.input}
            )
            if isinstance(answer, dict):
                result: dict[str, Any] = answer["facilityRecordEvent"]
                return result
            self.not_written += 1
            await asyncio.sleep(0.1)
        return None

    async def _read_back(self, client: httpx.AsyncClient, change: Change, version: int) -> None:
        """Look, on whichever server, whether an answer is older than what was just written."""
        facility = {"id": change.input["facilityId"]}
        answer = await self._read(client, self.campaign.tokens[change.who], VERSION, facility)
        if answer is not None and answer["node"]["version"] < version:
            self.old_reads += 1

    async def read(self, number: int) -> None:
        """Read a facility and a page in turn."""
        own = [who for who in self.campaign.tokens if who != "officer"]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{API}", timeout=10) as client:
            while not self.stopping.is_set():
                who = own[number % len(own)]
                await self._read(client, self.campaign.tokens[who], ONE, {"id": who})
                await self._read(client, self.campaign.tokens["officer"], PAGE, {})

    async def _read(
        self, client: httpx.AsyncClient, token: str, query: str, variables: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        began = time.monotonic()
        answer = await _query(client, token, query, variables)
        if isinstance(answer, dict):
            self.reads.append((began, time.monotonic() - began))
            return answer
        self.read_failures.append(f"{time.monotonic() - began:.2f} s: {answer}")
        return None

    async def subscribe(self, subscriber: Subscriber) -> None:
        """Follow all facilities, and go on from the last cursor whenever the connection ends."""
        while True:
            with contextlib.suppress(OSError, websockets.WebSocketException):
                await self._follow(subscriber)
            await asyncio.sleep(0.2)

    async def _follow(self, subscriber: Subscriber) -> None:
        url = f"ws://127.0.0.1:{subscriber.port}/graphql"
        async with websockets.connect(url, subprotocols=[websockets.Subprotocol(PROTOCOL)]) as ws:
            payload: Any = {"Authorization": f"Bearer {self.helpdesk}"}
            await ws.send(json.dumps({"type": "connection_init", "payload": payload}))
            await ws.recv()
            payload = {"query": PORTFOLIO, "variables": {"after": subscriber.cursor}}
            await ws.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
            subscriber.began += 1
            async for text in ws:
                message = json.loads(text)
                if message["type"] == "ping":
                    await ws.send('{"type": "pong"}')
                    continue
                if message["type"] != "next" or "errors" in message["payload"]:
                    return
                event = message["payload"]["data"]["portfolioEvents"]
                if event["__typename"] == "SlowReader":
                    return
                subscriber.cursor = event["cursor"]
                if event["__typename"] == "CaughtUp":
                    subscriber.caught_up = True
                elif event["__typename"] == "FacilityEvent":
                    subscriber.events.append((event["facility"]["id"], event["event"]["sequence"]))
                    subscriber.at.append(time.monotonic())


async def _query(
    client: httpx.AsyncClient, token: str, query: str, variables: Mapping[str, Any]
) -> dict[str, Any] | str:
    """The data of an answer, or why there is none."""
    try:
        answer = await client.post(
            "/graphql",
            json={"query": query, "variables": variables},
            headers={"Authorization": f"Bearer {token}"},
        )
        body = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        return repr(error)
    if "errors" in body:
        return str(body["errors"][0]["message"])
    data: dict[str, Any] = body["data"]
    return data


async def answered_of(operations: int, token: str, seconds: float) -> int:
    """How many of so many operations, asked of both servers in turn, are not refused."""
    answered = 0
    clients = [httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") for port in SERVERS]
    for number in range(operations):
        answer = await _query(clients[number % 2], token, "{ __typename }", {})
        answered += isinstance(answer, dict)
        await asyncio.sleep(seconds / operations)
    for client in clients:
        await client.aclose()
    return answered
