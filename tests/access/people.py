"""One person for each role, who asks over HTTP, and what each of them should see.

What should be seen is worked out here from the rows of the tables, not by the rules under test.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

import httpx
from tortoise.transactions import in_transaction

from kb.models import Facility, SharingGrant, WorkflowEvent
from kb.rules.events import EventKind
from kb.rules.roles import Role
from kb.services.access.matrix import Viewer
from kb.services.recording.append import Addition, NewEvent, append_events
from kb.settings import Settings
from tests.tokens import token_for
from tests.web.asking import UNLIMITED, answering

OTHER_BRAND = "Other Brand"
OWN = "DEMO-OS-000002"

EVERYBODY: dict[str, Viewer | None] = {
    "anonymous": None,
    "chatbot": Viewer(Role.CHATBOT),
    "facility": Viewer(Role.FACILITY),  # OWN, whose number only the database knows
    "brand": Viewer(Role.BRAND, organisation="Demo Brand"),
    "other brand": Viewer(Role.BRAND, organisation=OTHER_BRAND),
    "unknown brand": Viewer(Role.BRAND, organisation="demo brand"),
    "programme officer": Viewer(Role.PROGRAMME_OFFICER, countries=("BD",)),
    "slcp officer": Viewer(Role.SLCP_OFFICER),
    "helpdesk": Viewer(Role.HELPDESK),
    "admin": Viewer(Role.ADMIN),
}
READERS = tuple(name for name in EVERYBODY if name not in ("anonymous", "chatbot"))
RESTRICTED = tuple(name for name in READERS if name not in ("helpdesk", "admin"))

GATEWAY = {"PROFILE_SUBMITTED", "PROFILE_APPROVED", "PROFILE_RETURNED", "LINK_REQUESTED"}


async def sharing(
    facility_id: int, kind: EventKind, grantee_kind: str, grantee: str, day: date
) -> None:
    """A facility shares with somebody, or ceases to."""
    channel = "EMAIL_LINK" if grantee_kind == "BRAND" else "ACCREDITED_HOST"
    payload = {"grantee_kind": grantee_kind, "grantee": grantee}
    if kind is EventKind.SHARED:
        payload["channel"] = channel
    event = NewEvent(kind, day, datetime.now(UTC), "FACILITY", payload=payload)
    facility = await Facility.get(id=facility_id)
    async with in_transaction():
        await append_events([Addition(facility, [event])])


@dataclass
class People:
    """Asks in anybody's name."""

    settings: Settings
    http: httpx.AsyncClient
    viewers: dict[str, Viewer | None] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    async def arrive(self) -> None:
        """Share some facilities with another brand, and give everybody a token."""
        shared = await SharingGrant.filter(grantee="Demo Brand", revoked_on=None).order_by("id")
        own = await Facility.get(os_id=OWN)
        unshared = await Facility.exclude(id__in=[grant.facility_id for grant in shared]).first()
        assert unshared
        day = shared[0].granted_on
        for facility_id, kind, grantee_kind, grantee in (
            (shared[0].facility_id, EventKind.SHARED, "BRAND", OTHER_BRAND),
            (unshared.id, EventKind.SHARED, "BRAND", OTHER_BRAND),
            # The same name, but as a host: no brand sees anything by it.
            (unshared.id, EventKind.SHARED, "ACCREDITED_HOST", "Demo Brand"),
            (shared[-1].facility_id, EventKind.UNSHARED, "BRAND", "Demo Brand"),
        ):
            await sharing(facility_id, kind, grantee_kind, grantee, max(day, shared[-1].granted_on))
        for name, viewer in EVERYBODY.items():
            if viewer is not None and viewer.role is Role.FACILITY:
                viewer = replace(viewer, facility_ids=(own.id,))
            self.viewers[name] = viewer
            if viewer is not None:
                self.tokens[name] = await token_for(self.settings, viewer)

    async def post(self, who: str, query: str, **variables: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens[who]}"} if who in self.tokens else {}
        body = {"query": query, "variables": variables}
        return await self.http.post("/graphql", json=body, headers=headers)

    async def ask(self, who: str, query: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer that has no errors."""
        body = (await self.post(who, query, **variables)).json()
        assert "errors" not in body, (who, body["errors"])
        data: dict[str, Any] = body["data"]
        return data

    async def code(self, who: str, query: str, **variables: Any) -> str:
        """The code of the only kind of error of an answer, or OK."""
        answer = await self.post(who, query, **variables)
        assert answer.status_code == 200, answer.text
        codes = {error["extensions"]["code"] for error in answer.json().get("errors", ())}
        assert len(codes) <= 1, codes
        return codes.pop() if codes else "OK"

    async def should_see(self, who: str) -> set[int]:
        """The facilities that are somebody's to see."""
        viewer = self.viewers[who]
        every = await Facility.all()
        match viewer and viewer.role:
            case Role.FACILITY:
                return {facility.id for facility in every if facility.os_id == OWN}
            case Role.BRAND:
                return {
                    grant.facility_id
                    for grant in await SharingGrant.all()
                    if (grant.grantee_kind, grant.grantee) == ("BRAND", viewer.organisation)
                    and grant.revoked_on is None
                }
            case Role.PROGRAMME_OFFICER:
                return {facility.id for facility in every if facility.country == "BD"}
            case Role.SLCP_OFFICER:
                events = await WorkflowEvent.all()
                return {event.facility_id for event in events if event.kind in GATEWAY}
            case Role.HELPDESK | Role.ADMIN:
                return {facility.id for facility in every}
        return set()


@asynccontextmanager
async def everybody_asking(settings: Settings) -> AsyncIterator[People]:
    """Everybody, asking an app with these settings, in which nobody has to wait.

    The first question waits for the search to be made, which takes long on a busy machine.
    """
    async with answering(settings, request_timeout=120, **UNLIMITED) as client:
        client.http.headers.pop("Authorization")
        people = People(settings, client.http)
        await people.arrive()
        yield people
