"""Kill the server while people write, again and again, and look whether anything got lost.

    python -m benchmarks.kill --rounds 100                       on a new SQLite file
    python -m benchmarks.kill --rounds 100 --database postgres://…

Each round serves the database with two processes and sends them changes over HTTP as fast as they
answer. At a moment that nobody chose both are killed (SIGKILL). Then the server is started again,
and each change is sent once more under its idempotency key: one that was acknowledged must be
answered as it was the first time; one that was under way must be there wholly or not at all, and
once in the end. In the tables no event may be without its projection, grants, message, audit entry
or key. The database must hold a knowledge release and no facilities.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import random
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from kb.models import AuditEntry, Facility, IdempotencyKey, OutboxMessage, WorkflowEvent
from kb.rules.events import EventKind
from kb.rules.roles import Role
from kb.services.access.api_keys import ApiKeys
from kb.services.access.matrix import OPERATOR, Viewer
from kb.services.database import connect, migrate
from kb.services.knowledge.holder import load_knowledge
from kb.services.knowledge.publishing import publish_content
from kb.services.messages.outbox import SENDING
from kb.services.recording.record import record
from kb.services.recording.register import register_facility
from kb.services.recording.verify import verify_chains
from kb.settings import Settings
from tests.global_ids import global_id
from tests.live.served import PEPPER, Server, served

OFFICER = Viewer(Role.PROGRAMME_OFFICER, countries=("VN",), token_id=1, label="Officer")
SLCP = Viewer(Role.SLCP_OFFICER, token_id=2, label="SLCP")
WRITERS = 3  # on each server

# Half of the facilities stay before their profile, so that invitations can be sent again and
# again; the others share and stop sharing.
START: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("officer", "ENROLLED", {}),
    ("officer", "CYCLE_OPENED", {}),
    ("facility", "INTEREST_DECLARED", {}),
    ("officer", "PLATFORM_SET_UP", {}),
)
ON: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("officer", "GATEWAY_INVITATION_SENT", {}),
    ("facility", "PROFILE_SUBMITTED", {}),
    ("slcp", "PROFILE_APPROVED", {}),
    ("officer", "LINKED", {}),
    ("facility", "SELF_ASSESSMENT_COMPLETED", {"steps": [1]}),
    ("officer", "ASSESSED", {"kind": "ONSITE"}),
    ("officer", "REPORT_POSTED", {}),
    ("officer", "DATA_SUBMITTED", {}),
)
FACILITIES = 4

RECORD = """mutation($input: FacilityRecordEventInput!) { facilityRecordEvent(input: $input) {
    __typename ... on FacilityRecorded { replayed event { sequence kind recordedAt } } } }"""


@dataclass(frozen=True, slots=True)
class Change:
    """A change as it is sent, and its event once it was acknowledged.

    `who` is "officer", or the facility in whose name it is sent.
    """

    who: str
    input: Mapping[str, Any]
    event: Mapping[str, Any] | None = None


@dataclass(slots=True)
class Sent:
    """What was sent to servers until they were killed; `under_way` is what had no answer yet."""

    acknowledged: list[Change] = field(default_factory=list)
    under_way: list[Change] = field(default_factory=list)


@dataclass(slots=True)
class Round:
    """What one round showed; `problems` is what was lost or half written.

    `under_way` are the changes without an answer when the servers were killed; `survived` those
    of them that were found made.
    """

    acknowledged: int = 0
    under_way: int = 0
    survived: int = 0
    events: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Campaign:
    """A database to kill servers on, with facilities and tokens for who changes them."""

    settings: Settings
    facilities: Sequence[int]
    tokens: Mapping[str, str]

    @classmethod
    async def prepared(cls, settings: Settings) -> Campaign:
        """Register the facilities and bring them to where the writers go on."""
        settings = settings.model_copy(update={"token_pepper": SecretStr(PEPPER)})
        async with connect(settings, everywhere=False):
            ids = [await _registered(number) for number in range(FACILITIES)]
            keys = ApiKeys(settings)
            asking = {"officer": OFFICER}
            asking |= {
                global_id(facility_id): Viewer(Role.FACILITY, facility_ids=(facility_id,))
                for facility_id in ids
            }
            tokens = {
                who: (await keys.create(OPERATOR, viewer, timedelta(hours=6))).key
                for who, viewer in asking.items()
            }
        return cls(settings, ids, tokens)

    async def rounds(self, leasts: Sequence[int], processes: int = 2) -> AsyncIterator[Round]:
        """For each number: write, kill after so many acknowledgements or a little later, and look.

        The servers that are started again to look are those that are written to in the next round.
        """
        sent: Sent | None = None
        for least in (*leasts, None):
            async with AsyncExitStack() as stack:
                serving = [served(self.settings) for _ in range(processes)]
                servers = [await stack.enter_async_context(server) for server in serving]
                if sent is not None:
                    yield await self._looked(sent, servers[0])
                if least is not None:
                    sent = await self._write_until_killed(servers, least)

    async def _write_until_killed(self, servers: Sequence[Server], least: int) -> Sent:
        sent, enough = Sent(), asyncio.Event()

        async def write(server: Server, name: str) -> None:
            async with httpx.AsyncClient(base_url=server.http) as client:
                for number in itertools.count():
                    change = self.some_change(f"{name} {number} {random.random()}")
                    try:
                        answer = await self._send(client, change)
                    except httpx.TransportError:  # the server is gone
                        sent.under_way.append(change)
                        return
                    if answer["__typename"] == "FacilityRecorded":
                        sent.acknowledged.append(replace(change, event=answer["event"]))
                    if len(sent.acknowledged) >= least:
                        enough.set()

        async with asyncio.timeout(120), asyncio.TaskGroup() as writing:
            for server, place in itertools.product(servers, range(WRITERS)):
                writing.create_task(write(server, f"{server.port} {place}"))
            await enough.wait()
            await asyncio.sleep(random.uniform(0, 0.2))
            for server in servers:
                server.process.kill()
                await server.process.wait()
        return sent

    def some_change(self, key: str) -> Change:
        """A change that fits mostly, under an idempotency key."""
        grantee = {"granteeKind": "BRAND", "grantee": f"Brand {random.randint(1, 5)}"}
        facility = global_id(random.choice(self.facilities))
        who, kind, details = random.choice(
            (
                ("officer", "GATEWAY_INVITATION_SENT", {}),
                ("officer", "ELIGIBILITY_RECORDED", {"inScope": random.choice(["YES", "NO"])}),
                (facility, "SHARED", {"channel": "EMAIL_LINK", **grantee}),
                (facility, "UNSHARED", grantee),
            )
        )
        change_input = {
            "facilityId": facility,
            "kind": kind,
            "details": details,
            "idempotencyKey": key,
        }
        return Change(who, change_input)

    async def _send(self, client: httpx.AsyncClient, change: Change) -> dict[str, Any]:
        """What the mutation answers, once all of the answer has come."""
        answer = await client.post(
            "/graphql",
            json={"query": RECORD, "variables": {"input": change.input}},
            headers={"Authorization": f"Bearer {self.tokens[change.who]}"},
            timeout=30,
        )
        body = answer.json()
        if "errors" in body:
            raise RuntimeError(f"{change} was answered {body['errors']}")
        recorded: dict[str, Any] = body["data"]["facilityRecordEvent"]
        return recorded

    async def _looked(self, sent: Sent, server: Server) -> Round:
        """Send every change once more, and look into the tables."""
        report = Round(acknowledged=len(sent.acknowledged), under_way=len(sent.under_way))
        async with httpx.AsyncClient(base_url=server.http) as client:
            for change in sent.acknowledged:
                answer = await self._send(client, change)
                if not answer.get("replayed") or answer["event"] != change.event:
                    report.problems.append(f"acknowledged and not there: {change} {answer}")
            for change in sent.under_way:
                answer = await self._send(client, change)
                if answer["__typename"] != "FacilityRecorded":
                    continue  # it was not made, and another change has made it impossible
                report.survived += answer["replayed"]
                again = await self._send(client, change)
                if not again["replayed"] or again["event"] != answer["event"]:
                    report.problems.append(f"made twice: {change} {answer} {again}")
        async with connect(self.settings, everywhere=False):
            await examine(report)
        return report


async def _registered(number: int) -> int:
    """A facility on which the writers can go on."""
    knowledge = await load_knowledge()
    now = datetime.now(UTC)
    made = await register_facility(
        OFFICER,
        name=f"Factory {number}",
        country="VN",
        now=now,
        knowledge=knowledge,
        idempotency_key=f"register {number}",
    )
    factory = Viewer(Role.FACILITY, facility_ids=(made.facility.id,), token_id=3, label="Factory")
    viewers = {"officer": OFFICER, "slcp": SLCP, "facility": factory}
    for who, kind, payload in (*START, *(ON if number % 2 else ())):
        await record(
            viewers[who],
            made.facility.id,
            EventKind(kind),
            {"gateway_id": f"GW-{number}"} if kind == "PROFILE_APPROVED" else payload,
            now=now,
            knowledge=knowledge,
            idempotency_key=f"prepare {number} {kind}",
        )
    return made.facility.id


async def examine(report: Round) -> None:
    """Look in the tables for events without what goes with them."""
    report.events = await WorkflowEvent.all().count()
    report.problems += [str(chain_break) for chain_break in (await verify_chains()).breaks]
    sending = WorkflowEvent.filter(kind__in=[str(kind) for kind in SENDING])
    of_events = AuditEntry.filter(what__in=[str(kind) for kind in EventKind])
    for name, expected, count in (
        ("audit entries", report.events, await of_events.count()),
        ("idempotency keys", report.events, await IdempotencyKey.all().count()),
        ("messages", await sending.count(), await OutboxMessage.all().count()),
    ):
        if count != expected:
            report.problems.append(f"{count} {name} for {expected} events")
    for facility in await Facility.all():
        last = await WorkflowEvent.filter(facility_id=facility.id).count()
        if facility.version != last:
            report.problems.append(
                f"facility {facility.id} has version {facility.version}, not {last}"
            )


async def campaign(settings: Settings, rounds: int) -> int:
    """Run many rounds and tell of each; the number of problems."""
    prepared = await Campaign.prepared(settings)
    acknowledged = under_way = survived = problems = 0
    leasts = [random.randint(10, 120) for _ in range(rounds)]
    number = 0
    async for done in prepared.rounds(leasts):
        number += 1
        acknowledged += done.acknowledged
        under_way += done.under_way
        survived += done.survived
        problems += len(done.problems)
        print(
            f"round {number}: {done.acknowledged} acknowledged, {done.under_way} under way of "
            f"which {done.survived} were made, {done.events} events in all"
        )
        for problem in done.problems:
            print(f"  {problem}")
    print(
        f"{rounds} rounds, {acknowledged} acknowledged, {under_way} under way of which {survived} "
        f"were made, {problems} problems"
    )
    return problems


async def new_database(folder: Path) -> Settings:
    """An SQLite file with a knowledge release."""
    settings = Settings(database_url=f"sqlite://{folder}/kill.sqlite3")
    await migrate(settings)
    async with connect(settings, everywhere=False):
        await publish_content(None, at=datetime.now(UTC))
    return settings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--database", help="a database with a release and no facilities")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kb-kill-") as folder:
        if options.database:
            settings = Settings(database_url=options.database)
        else:
            settings = asyncio.run(new_database(Path(folder)))
        sys.exit(min(1, asyncio.run(campaign(settings, options.rounds))))


if __name__ == "__main__":
    main()
