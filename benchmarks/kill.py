"""Kill the processes that record events, again and again, and look whether anything got lost.

    python -m benchmarks.kill --rounds 100                       on a new SQLite file
    python -m benchmarks.kill --rounds 100 --database postgres://…

Each round starts processes that record as fast as they can and tell what was acknowledged, kills
them (SIGKILL) at a moment that nobody chose, and then looks into the database: every acknowledged
event is there, and no event is without its projection, grants, message, audit entry or key. The
database must hold a knowledge release and no facilities.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import random
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kb.errors import KbError
from kb.models import AuditEntry, Facility, IdempotencyKey, OutboxMessage, WorkflowEvent
from kb.rules.events import EventKind
from kb.rules.roles import Role
from kb.services.access import Viewer
from kb.services.calls import Recorded
from kb.services.chain import verify_chains
from kb.services.database import connect, migrate
from kb.services.knowledge import Knowledge, load_knowledge
from kb.services.outbox import SENDING
from kb.services.publishing import publish_content
from kb.services.recording import record
from kb.services.registering import register_facility
from kb.settings import Settings

ROOT = Path(__file__).parents[1]
OFFICER = Viewer(Role.PROGRAMME_OFFICER, countries=("VN",), token_id=1, label="Officer")
SLCP = Viewer(Role.SLCP_OFFICER, token_id=2, label="SLCP")
PROCESSES = 2
WRITERS = 3  # in each process

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
    ("officer", "DATA_SUBMITTED", {}),
)
FACILITIES = 4


@dataclass
class Round:
    """What one round showed; `problems` is what was lost or half written."""

    acknowledged: int = 0
    events: int = 0
    problems: list[str] = field(default_factory=list)


def viewer_of(who: str, facility_id: int) -> Viewer:
    if who == "facility":
        return Viewer(Role.FACILITY, facility_ids=(facility_id,), token_id=3, label="Factory")
    return {"officer": OFFICER, "slcp": SLCP}[who]


async def change(call: dict[str, Any], knowledge: Knowledge) -> Recorded:
    """Make the change that a call describes."""
    now = datetime.now(UTC)
    return await record(
        viewer_of(call["who"], call["facility"]),
        call["facility"],
        EventKind(call["kind"]),
        call["payload"],
        today=now.date(),
        now=now,
        knowledge=knowledge,
        idempotency_key=call["key"],
    )


async def prepare(settings: Settings) -> None:
    """Register the facilities that the processes write on."""
    async with connect(settings, everywhere=False):
        knowledge = await load_knowledge()
        for number in range(FACILITIES):
            now = datetime.now(UTC)
            made = await register_facility(
                OFFICER,
                name=f"Factory {number}",
                country="VN",
                today=now.date(),
                now=now,
                knowledge=knowledge,
                idempotency_key=f"register {number}",
            )
            for who, kind, payload in (*START, *(ON if number % 2 else ())):
                told = {"gateway_id": f"GW-{number}"} if kind == "PROFILE_APPROVED" else payload
                await change(
                    {
                        "who": who,
                        "facility": made.facility.id,
                        "kind": kind,
                        "payload": told,
                        "key": f"prepare {number} {kind}",
                    },
                    knowledge,
                )


async def work(settings: Settings) -> None:
    """Record without end, and tell what is tried and what was acknowledged, a line each."""
    async with connect(settings, everywhere=False):
        knowledge = await load_knowledge()
        ids = [row.id for row in await Facility.all().order_by("id")]
        await asyncio.gather(*(_write(place, ids, knowledge) for place in range(WRITERS)))


async def _write(place: int, ids: Sequence[int], knowledge: Knowledge) -> None:
    for number in itertools.count():
        facility = random.choice(ids)
        grantee = {"grantee_kind": "BRAND", "grantee": f"Brand {random.randint(1, 5)}"}
        who, kind, payload = random.choice(
            (
                ("officer", "GATEWAY_INVITATION_SENT", {}),
                ("officer", "ELIGIBILITY_RECORDED", {"in_scope": random.choice(["YES", "NO"])}),
                ("facility", "SHARED", {"channel": "EMAIL_LINK", **grantee}),
                ("facility", "UNSHARED", grantee),
            )
        )
        call = {
            "who": who,
            "facility": facility,
            "kind": kind,
            "payload": payload,
            "key": f"{os.getpid()} {place} {number}",
        }
        try:
            done = await change(call, knowledge)
        except KbError:  # not possible at this facility now
            continue
        call["sequence"] = done.event.event.sequence
        print(json.dumps(call), flush=True)


async def kill_round(settings: Settings, least: int = 30) -> Round:
    """Start the processes, kill them after so many acknowledgements, and look what is there."""
    calls: list[dict[str, Any]] = []
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "benchmarks.kill", "--worker", settings.database_url),
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
        )
        for _ in range(PROCESSES)
    ]
    enough = asyncio.Event()

    async def listen(stream: asyncio.StreamReader | None) -> None:
        assert stream is not None
        while line := await stream.readline():
            if not line.endswith(b"\n"):
                break  # killed while it told
            calls.append(json.loads(line))
            if len(calls) >= least:
                enough.set()

    listening = [asyncio.create_task(listen(process.stdout)) for process in processes]
    try:
        async with asyncio.timeout(120):
            await enough.wait()
        await asyncio.sleep(random.uniform(0, 0.2))
    finally:
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGKILL)
    await asyncio.gather(*listening, *(process.wait() for process in processes))
    async with connect(settings, everywhere=False):
        return await examine(calls)


async def examine(calls: Sequence[dict[str, Any]]) -> Round:
    """Look for acknowledged events that are missing, and for events without what goes with them."""
    found = Round(acknowledged=len(calls), events=await WorkflowEvent.all().count())
    problems = found.problems
    verified = await verify_chains()
    problems += [str(one) for one in verified.breaks]
    keys = {row.key: row for row in await IdempotencyKey.all().select_related("event")}
    for call in calls:
        held = keys.get(call["key"])
        if held is None or (held.facility_id, held.event.sequence, held.event.kind) != (
            call["facility"],
            call["sequence"],
            call["kind"],
        ):
            problems.append(f"acknowledged and not there: {call}")
    sending = WorkflowEvent.filter(kind__in=[str(kind) for kind in SENDING])
    for name, expected, count in (
        ("audit entries", found.events, await AuditEntry.all().count()),
        ("idempotency keys", found.events, len(keys)),
        ("messages", await sending.count(), await OutboxMessage.all().count()),
    ):
        if count != expected:
            problems.append(f"{count} {name} for {expected} events")
    for facility in await Facility.all():
        last = await WorkflowEvent.filter(facility_id=facility.id).count()
        if facility.version != last:
            problems.append(f"facility {facility.id} has version {facility.version}, not {last}")
    knowledge = await load_knowledge()
    for call in calls[-20:]:
        again = await change({**call, "sequence": None}, knowledge)
        if not again.replayed or again.event.event.sequence != call["sequence"]:
            problems.append(f"made twice: {call}")
    return found


async def campaign(settings: Settings, rounds: int) -> int:
    """Run many rounds and tell of each; the number of problems."""
    await prepare(settings)
    acknowledged = problems = 0
    for number in range(1, rounds + 1):
        done = await kill_round(settings, least=random.randint(10, 120))
        acknowledged += done.acknowledged
        problems += len(done.problems)
        print(f"round {number}: {done.acknowledged} acknowledged, {done.events} events in all")
        for problem in done.problems:
            print(f"  {problem}")
    print(f"{rounds} rounds, {acknowledged} acknowledged events, {problems} problems")
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
    parser.add_argument("--worker", metavar="URL", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        asyncio.run(work(Settings(database_url=given.worker)))
        return
    with tempfile.TemporaryDirectory(prefix="kb-kill-") as folder:
        if given.database:
            settings = Settings(database_url=given.database)
        else:
            settings = asyncio.run(new_database(Path(folder)))
        sys.exit(min(1, asyncio.run(campaign(settings, given.rounds))))


if __name__ == "__main__":
    main()
