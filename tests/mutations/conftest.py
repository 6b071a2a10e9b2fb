"""Mutations over HTTP, by people with tokens, on a database with the real content.

people   asks in the name of each of them; runs on SQLite and on PostgreSQL
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from graphql_schema.app import create_app
from graphql_schema.schema import schema
from kb.models import (
    AuditEntry,
    Facility,
    FacilityProjection,
    IdempotencyKey,
    OutboxMessage,
    ServiceCycle,
    SharingGrant,
    WorkflowEvent,
)
from kb.rules.days import local_days
from kb.rules.roles import Role
from kb.services.access.matrix import Viewer
from kb.services.audit import OF_TOKENS
from kb.services.readings import READ
from kb.settings import Settings
from tests.global_ids import number_of
from tests.tokens import token_for

Answer = dict[str, Any]

OFFICER, SLCP, FACTORY = "officer", "slcp", "factory"

SCOPES: dict[str, Viewer] = {
    OFFICER: Viewer(Role.PROGRAMME_OFFICER, countries=("VN",), label="Officer"),
    "officer elsewhere": Viewer(Role.PROGRAMME_OFFICER, countries=("BD",)),
    SLCP: Viewer(Role.SLCP_OFFICER),
    "helpdesk": Viewer(Role.HELPDESK),
    "admin": Viewer(Role.ADMIN),
    "chatbot": Viewer(Role.CHATBOT),
    "brand": Viewer(Role.BRAND, organisation="Example Brand"),
    "other brand": Viewer(Role.BRAND, organisation="Other Brand"),
}
"""Everybody but those who act for one facility, and "anonymous", who shows no token."""

SHARE = {"channel": "EMAIL_LINK", "grantee": "Example Brand"}
UNSHARE = {"granteeKind": "BRAND", "grantee": "Example Brand"}


def today() -> date:
    """The day that it is now where the facilities of these tests are."""
    return local_days("VN", datetime.now(UTC)).today


WAY: tuple[tuple[str, str, Answer], ...] = (
    (OFFICER, "facilityEnrol", {}),
    (OFFICER, "facilityOpenCycle", {}),
    (FACTORY, "facilityDeclareInterest", {}),
    (OFFICER, "facilitySetUpOnPlatform", {}),
    (OFFICER, "facilitySendGatewayInvitation", {}),
    (FACTORY, "facilitySubmitProfile", {}),
    (SLCP, "facilityReturnProfile", {"reason": "The address is missing."}),
    (FACTORY, "facilitySubmitProfile", {}),
    (SLCP, "facilityApproveProfile", {"gatewayId": "GW-1"}),
    (OFFICER, "facilityLink", {}),
    (FACTORY, "facilityCompleteSelfAssessment", {"steps": [2, 1]}),
    (OFFICER, "facilityRecordAssessment", {"kind": "ONSITE"}),
    (OFFICER, "facilityPublishReport", {}),
    (OFFICER, "facilitySubmitData", {}),
    (FACTORY, "facilityShare", SHARE),
    (FACTORY, "facilityUnshare", UNSHARE),
    (OFFICER, "facilityCloseCycle", {}),
)
"""The way of a factory without Gateway profile, from nothing to shared and back."""

FRAGMENTS = {
    "FacilityRecorded": """{
        replayed allowedNow
        facility { id name address gatewayId version }
        likelyDuplicates { id }
        event { kind occurredOn sequence actorRole actor details { name value } }
        workflow { state nextActions { code event recordedBy } steps { code doneOn } }
    }""",
    "FacilityContactCorrected": "{ facility { id contactEmail } }",
    "KnowledgePublished": "{ created release { number note } }",
    "NotPermitted": "{ code message }",
    "NotFound": "{ code message what value }",
    "IllegalTransition": """{
        code message guard reason allowedNow
        citations { faqNumber role passage { id } source { key } }
    }""",
    "StaleVersion": "{ code message expected current }",
    "IdempotencyConflict": "{ code message key }",
    "InvalidInput": "{ code message problems { field value allowed } }",
    "ContentInvalid": "{ code message problems { file line key wrong allowed } }",
    "GoldenCaseFailed": "{ code message failures }",
}

DONE = ("FacilityRecorded", "FacilityContactCorrected", "KnowledgePublished")

TABLES = (
    WorkflowEvent,
    OutboxMessage,
    IdempotencyKey,
    SharingGrant,
    ServiceCycle,
)


def operation(mutation: str) -> str:
    """A mutation that asks for all that its result may tell."""
    field = schema._schema.mutation_type.fields[mutation]
    (input_type,) = (argument.type for argument in field.args.values())
    members = field.type.of_type.types
    fragments = " ".join(f"... on {member.name} {FRAGMENTS[member.name]}" for member in members)
    fields = f"__typename {fragments}"
    return f"mutation ($input: {input_type}) {{ {mutation}(input: $input) {{ {fields} }} }}"


async def recorded() -> list[object]:
    """All that a change would change: rows of each kind, versions, and projections."""
    return [
        *[await model.all().count() for model in TABLES],
        await AuditEntry.exclude(what__in=(READ, *OF_TOKENS)).count(),
        await Facility.all().order_by("id").values_list("id", "version", "gateway_id"),
        await FacilityProjection.all()
        .order_by("id")
        .values_list("decision_key", "is_current", "last_event_sequence"),
    ]


class People:
    """Those who act. The tokens of a factory and of another one come with their facilities."""

    def __init__(self, settings: Settings, http: httpx.AsyncClient) -> None:
        self.settings = settings
        self.http = http
        self.tokens: dict[str, str] = {}

    async def ask(self, who: str, query: str, **variables: Any) -> Answer:
        """The whole body of an answer."""
        headers = {}
        if who != "anonymous":
            headers["Authorization"] = f"Bearer {await self._token(who)}"
        body = {"query": query, "variables": variables}
        answer = await self.http.post("/graphql", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        content: Answer = answer.json()
        return content

    async def do(self, who: str, mutation: str, **variables: Any) -> Answer:
        """What a mutation answers; it never fails in another way than by its union."""
        body = await self.ask(who, operation(mutation), input=variables)
        assert "errors" not in body, body["errors"]
        answer: Answer = body["data"][mutation]
        return answer

    async def done(self, who: str, mutation: str, **variables: Any) -> Answer:
        """The same, where it must succeed."""
        answer = await self.do(who, mutation, **variables)
        assert answer["__typename"] in DONE, answer
        return answer

    async def register(self, person: str = FACTORY, country: str = "VN", **variables: Any) -> str:
        """Register a facility, give a person a token for it, and return its global id."""
        fields = {"name": "Example Garments", "country": country, **variables}
        officer = OFFICER if country == "VN" else "officer elsewhere"
        facility = (await self.done(officer, "facilityRegister", **fields))["facility"]
        number = number_of(facility["id"])
        scope = Viewer(Role.FACILITY, facility_ids=(number,))
        self.tokens[person] = await token_for(self.settings, scope)
        id_: str = facility["id"]
        return id_

    async def walk(self, until: str, **variables: Any) -> str:
        """Register a facility and take it along its way, up to and with a mutation."""
        id_ = await self.register(**variables)
        for who, mutation, details in WAY:
            await self.done(who, mutation, facilityId=id_, **details)
            if mutation == until:
                return id_
        raise AssertionError(f"{until} is not on the way")

    async def _token(self, who: str) -> str:
        if who not in self.tokens:
            self.tokens[who] = await token_for(self.settings, SCOPES[who])
        return self.tokens[who]


@pytest.fixture
async def people(published_settings: Settings) -> AsyncIterator[People]:
    app = create_app(published_settings)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as http,
    ):
        yield People(published_settings, http)
