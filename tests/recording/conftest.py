"""Recording on a database with the real content. Today is 23 November 2026.

register, record   like the services, by the right role unless another viewer is given
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Any, Protocol

import pytest

from kb.rules.events import EventKind
from kb.rules.roles import Role
from kb.services.access.matrix import Viewer
from kb.services.knowledge.holder import Knowledge, load_knowledge
from kb.services.recording import record as recording
from kb.services.recording import register as registering
from kb.services.recording.idempotency import Recorded
from kb.settings import Settings

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)

OFFICER = Viewer(
    Role.PROGRAMME_OFFICER, countries=("VN", "BD", "PK", "IN"), token_id=1, label="Officer"
)
SLCP = Viewer(Role.SLCP_OFFICER, token_id=2, label="SLCP")
ADMIN = Viewer(Role.ADMIN, token_id=3, label="Admin")
HELPDESK = Viewer(Role.HELPDESK, token_id=4, label="Helpdesk")
BRAND = Viewer(Role.BRAND, organisation="Example Brand", token_id=5, label="Brand")

GRANTEE = {"grantee_kind": "BRAND", "grantee": "Example Brand"}

# The way of a factory without Gateway profile, from nothing to shared: who does what.
WAY: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("officer", "ENROLLED", {}),
    ("officer", "CYCLE_OPENED", {}),
    ("facility", "INTEREST_DECLARED", {}),
    ("officer", "PLATFORM_SET_UP", {}),
    ("officer", "GATEWAY_INVITATION_SENT", {}),
    ("facility", "PROFILE_SUBMITTED", {}),
    ("slcp", "PROFILE_APPROVED", {"gateway_id": "GW-1"}),
    ("officer", "LINKED", {}),
    ("facility", "SELF_ASSESSMENT_COMPLETED", {"steps": [1, 2]}),
    ("officer", "ASSESSED", {"kind": "ONSITE"}),
    ("officer", "REPORT_POSTED", {}),
    ("officer", "DATA_SUBMITTED", {}),
    ("facility", "SHARED", {"channel": "EMAIL_LINK", **GRANTEE}),
)


def facility_user(facility_id: int) -> Viewer:
    return Viewer(Role.FACILITY, facility_ids=(facility_id,), token_id=6, label="Factory")


def by(who: str, facility_id: int) -> Viewer:
    people = {"officer": OFFICER, "slcp": SLCP, "facility": facility_user(facility_id)}
    return people[who]


class Register(Protocol):
    def __call__(self, viewer: Viewer = ..., **fields: Any) -> Awaitable[Recorded]: ...


class Record(Protocol):
    def __call__(
        self, viewer: Viewer, facility_id: int, kind: str, /, **fields: Any
    ) -> Awaitable[Recorded]: ...


@pytest.fixture
async def knowledge(published: Settings) -> Knowledge:
    return await load_knowledge()


@pytest.fixture
def register(knowledge: Knowledge) -> Register:
    async def register(viewer: Viewer = OFFICER, **fields: Any) -> Recorded:
        values = {"name": "Example Garments", "country": "VN", "now": NOW} | fields
        return await registering.register_facility(viewer, knowledge=knowledge, **values)

    return register


@pytest.fixture
def record(knowledge: Knowledge) -> Record:
    async def record(viewer: Viewer, facility_id: int, kind: str, /, **fields: Any) -> Recorded:
        options: dict[str, Any] = {"now": NOW} | fields
        return await recording.record(
            viewer, facility_id, EventKind(kind), knowledge=knowledge, **options
        )

    return record


Walk = Callable[..., Awaitable[int]]


def at(moment: datetime) -> Callable[[], datetime]:
    """A clock that stands still."""
    return lambda: moment


@pytest.fixture
def walk(register: Register, record: Record) -> Walk:
    async def walk(until: str = "SHARED", **fields: Any) -> int:
        """Register a facility and take it along its way, up to and including an event."""
        facility_id = (await register(**fields)).facility.id
        for who, kind, payload in WAY:
            if until == "FACILITY_REGISTERED":
                break
            await record(by(who, facility_id), facility_id, kind, payload=payload)
            if kind == until:
                break
        return facility_id

    return walk
