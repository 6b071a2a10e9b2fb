"""A served database with two facilities, and what is written into it from outside the server.

writer   writes events and makes tokens; runs on SQLite and on PostgreSQL
server   a process that serves that database
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from tortoise.transactions import in_transaction

from kb.models import Facility
from kb.rules.events import EventKind
from kb.rules.roles import Role
from kb.services.access.api_keys import ApiKeys, revoke_token
from kb.services.access.matrix import OPERATOR, Viewer
from kb.services.database import connect
from kb.services.recording.append import Addition, NewEvent, append_events
from kb.settings import Settings
from tests.global_ids import global_id
from tests.live.served import PEPPER, Server, served

DAY = date(2021, 10, 4)


@dataclass
class Writer:
    """What happens in the database, written by another process than the one that serves it."""

    settings: Settings
    keys: ApiKeys
    facilities: dict[str, Facility] = field(default_factory=dict)

    async def token(
        self,
        role: Role,
        organisation: str | None = None,
        *,
        lifetime: timedelta = timedelta(hours=1),
        **scope: Any,
    ) -> str:
        viewer = Viewer(role, organisation=organisation, **scope)
        return (await self.keys.create(OPERATOR, viewer, lifetime)).key

    async def revoke(self, token: str) -> None:
        viewer = await self.keys.viewer_of(token)
        assert viewer.token_id is not None
        await revoke_token(OPERATOR, viewer.token_id)

    async def register(self, name: str, country: str = "VN") -> str:
        """Make a facility, and return its global id."""
        facility = await Facility.create(name=name, country=country, created_at=datetime.now(UTC))
        self.facilities[name] = facility
        await self.happens(name, EventKind.FACILITY_REGISTERED)
        return self.id(name)

    def id(self, name: str) -> str:
        return global_id(self.facilities[name].id)

    async def happens(self, name: str, kind: EventKind, on: date = DAY, **payload: Any) -> None:
        """One event, in a transaction of its own."""
        facility = self.facilities[name]
        event = NewEvent(kind, on, datetime.now(UTC), "HELPDESK", payload=payload)
        async with in_transaction():
            await Facility.filter(id=facility.id).select_for_update().first()
            await append_events([Addition(facility, [event])])

    async def share(self, name: str, brand: str) -> None:
        await self.happens(
            name,
            EventKind.SHARED,
            grantee_kind="BRAND",
            grantee=brand,
            channel="EMAIL_LINK",
        )

    async def unshare(self, name: str, brand: str) -> None:
        await self.happens(name, EventKind.UNSHARED, grantee_kind="BRAND", grantee=brand)


@pytest.fixture
def live_settings(published_settings: Settings) -> Settings:
    return published_settings.model_copy(update={"token_pepper": SecretStr(PEPPER)})


@pytest.fixture
async def writer(live_settings: Settings) -> AsyncIterator[Writer]:
    async with connect(live_settings, everywhere=False):
        writer = Writer(live_settings, ApiKeys(live_settings))
        await writer.register("Alpha Garments")
        await writer.register("Beta Textiles", "BD")
        yield writer


@pytest.fixture
async def server(writer: Writer) -> AsyncIterator[Server]:
    async with served(writer.settings) as process:
        yield process
