"""Every role and every root field, node type and subscription, as one table.

Mutations have such a table of their own, in tests/mutations/test_who_may.py.
"""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest

from graphql_schema.schema import schema
from kb.rules.roles import Role
from kb.services.access.api_keys import pepper_of
from kb.services.access.matrix import MATRIX, Capability, Viewer
from kb.services.access.page import access_page
from tests.access.people import EVERYBODY, OWN, READERS, People
from tests.global_ids import global_id
from tests.live.served import Server, Subscriber, connected, served

TYPES = schema._schema

KNOWLEDGE, ASK = Capability.READ_KNOWLEDGE, Capability.ASK
FACILITIES, STATUS = Capability.READ_FACILITIES, Capability.READ_STATUS
SUPPLIERS = Capability.KEEP_SUPPLIERS

QUERIES: dict[str, tuple[Capability, str]] = {
    "accreditedHosts": (KNOWLEDGE, "{ name }"),
    "actors": (KNOWLEDGE, "{ id: key }"),
    "ambiguities": (KNOWLEDGE, "{ id }"),
    "artefacts": (KNOWLEDGE, "{ id: key }"),
    "ask": (ASK, '(input: {question: "Is there a fee?"}) { outcome }'),
    "answerRatings": (Capability.READ_QUESTIONS, "{ helpful }"),
    "audit": (Capability.READ_AUDIT, "{ nodes { what } }"),
    "countries": (KNOWLEDGE, "{ code }"),
    "country": (KNOWLEDGE, '(code: "VN") { code }'),
    "dataLabels": (KNOWLEDGE, "{ __typename }"),
    "diagram": (KNOWLEDGE, ""),
    "facilities": (FACILITIES, "(first: 1) { nodes { name } totalCount }"),
    "facility": (FACILITIES, f'(by: {{osId: "{OWN}"}}) {{ name }}'),
    "facilityRollup": (STATUS, "{ total }"),
    "faq": (KNOWLEDGE, "(number: 1) { number }"),
    "faqs": (KNOWLEDGE, "(first: 1) { nodes { number } }"),
    "fees": (KNOWLEDGE, "{ code }"),
    "glossary": (KNOWLEDGE, "{ term }"),
    "knowledge": (KNOWLEDGE, "{ number }"),
    "lawOverlays": (KNOWLEDGE, "{ __typename }"),
    "nextQuestion": (ASK, '(profile: {country: "VN"}) { input }'),
    "node": (FACILITIES, f'(id: "{global_id(1)}") {{ id }}'),
    "nodes": (FACILITIES, f'(ids: ["{global_id(1)}"]) {{ id }}'),
    "openQuestions": (Capability.READ_QUESTIONS, "{ nodes { count } }"),
    "portfolio": (STATUS, "{ total }"),
    "portfolioWhatIf": (STATUS, "(changes: {allDeclareInterest: true}) { __typename }"),
    "publicRecord": (KNOWLEDGE, "{ __typename }"),
    "search": (ASK, '(query: "fee") { __typename }'),
    "sources": (KNOWLEDGE, "{ title }"),
    "suggest": (ASK, '(text: "fee") { number }'),
    "supplierList": (SUPPLIERS, "(first: 1) { nodes { name } totalCount }"),
    "supplierListExport": (SUPPLIERS, ""),
    "supplierPortfolio": (SUPPLIERS, "{ total }"),
    "systems": (KNOWLEDGE, "{ __typename }"),
    "toolVersions": (KNOWLEDGE, "{ version }"),
    "viewer": (KNOWLEDGE, "{ role }"),
    "whatIf": (ASK, '(profile: {country: "VN"}) { asOf }'),
    "whatIfs": (ASK, '(profiles: [{country: "VN"}]) { asOf }'),
    "whatWouldChange": (
        ASK,
        '(profile: {country: "VN"}, goal: {sharing: SHAREABLE_NOW}) { holds }',
    ),
}
"""Root field: what one needs for it, and how to ask."""

BELOW_A_FACILITY: dict[str, tuple[Capability, str]] = {
    "name": (FACILITIES, ""),
    "workflow": (STATUS, "{ state }"),
    "whatApplies": (STATUS, "{ asOf }"),
    "history": (Capability.READ_HISTORY, "(first: 1) { nodes { kind } totalCount }"),
    "latestEvent": (Capability.READ_HISTORY, "{ kind }"),
    "sharing": (Capability.READ_SHARING, "{ grantee }"),
}

FILTERS = ("assessedBy: BETTER_WORK", "sharing: SHAREABLE_NOW", "primaryBlocker: LINK_MISSED")
"""Filters on what is decided: whoever may not read it must not learn it by filtering."""

NODES: dict[str, Capability] = {
    "AccreditedHost": KNOWLEDGE,
    "Ambiguity": KNOWLEDGE,
    "Country": KNOWLEDGE,
    "Facility": FACILITIES,
    "Faq": KNOWLEDGE,
    "Fee": KNOWLEDGE,
    "GlossaryEntry": KNOWLEDGE,
    "Supplier": SUPPLIERS,
    "ToolVersion": KNOWLEDGE,
}
LISTS = {
    "AccreditedHost": "accreditedHosts { id }",
    "Ambiguity": "ambiguities { id }",
    "Country": "countries { id }",
    "Faq": "faqs(first: 1) { nodes { id } }",
    "Fee": "fees { id }",
    "GlossaryEntry": "glossary { id }",
    "ToolVersion": "toolVersions { id }",
}

SUBSCRIPTIONS: dict[str, tuple[Capability, str]] = {
    "facilityEvents": (Capability.FOLLOW_FACILITIES, "(facilityId: $id) { __typename }"),
    "portfolioEvents": (Capability.FOLLOW_FACILITIES, "{ __typename }"),
    "knowledgeReleased": (Capability.FOLLOW_KNOWLEDGE, "{ number }"),
}


def allowed(viewer: Viewer | None, capability: Capability) -> bool:
    role = viewer.role if viewer else Role.ANONYMOUS
    return capability in MATRIX[role].capabilities


def expected(who: str, capability: Capability) -> str:
    return "OK" if allowed(EVERYBODY[who], capability) else "NOT_PERMITTED"


def test_the_tables_have_every_root_field_node_type_and_subscription():
    assert TYPES.query_type
    assert TYPES.subscription_type
    assert set(QUERIES) == set(TYPES.query_type.fields)
    assert set(SUBSCRIPTIONS) == set(TYPES.subscription_type.fields)
    node = TYPES.type_map["Node"]
    assert set(NODES) == {type_.name for type_ in TYPES.get_possible_types(node)}


def test_the_table_has_everybody_and_everything_that_a_facility_leads_to():
    roles = {viewer.role for viewer in EVERYBODY.values() if viewer} | {Role.ANONYMOUS}
    assert roles == set(Role) - {Role.OPERATOR}
    # That versions and addresses are null for some is tried in tests/mutations.
    plain = {"id", "name", "osId", "gatewayId", "betterWorkId", "country"}
    plain |= {"address", "version", "contactEmail", "requestedGatewayId", "statusOnly"}
    fields = set(TYPES.type_map["Facility"].fields)
    assert fields - plain == set(BELOW_A_FACILITY) - {"name"}


def test_the_matrix_is_the_one_that_was_decided():
    """Written out once more, so that no change of it goes unseen."""
    everyone = {"READ_KNOWLEDGE", "ASK", "FOLLOW_KNOWLEDGE"}
    readers = everyone | {"READ_FACILITIES", "READ_HISTORY", "FOLLOW_FACILITIES"}
    full = readers | {"READ_STATUS", "READ_SHARING"}
    contact = {"READ_ACTORS", "READ_CONTACT", "CORRECT_CONTACT"}
    officer = full | contact | {"REGISTER_FACILITIES"}
    assert {role: (set(rights.capabilities), rights.rows) for role, rights in MATRIX.items()} == {
        "ANONYMOUS": (everyone, "NONE"),
        "CHATBOT": (everyone, "NONE"),
        "FACILITY": (full | contact, "OWN"),
        "BRAND": (full | {"KEEP_SUPPLIERS"}, "SHARED"),
        "PROGRAMME_OFFICER": (officer, "OWN_COUNTRIES"),
        "SLCP_OFFICER": (readers, "ON_GATEWAY"),
        "HELPDESK": (full | {"READ_ACTORS", "READ_CONTACT", "READ_QUESTIONS"}, "ALL"),
        "ADMIN": (set(Capability) - {"KEEP_SUPPLIERS"}, "ALL"),
        "OPERATOR": (set(Capability) - {"KEEP_SUPPLIERS"}, "ALL"),
    }


@pytest.mark.slow
async def test_each_role_is_answered_or_refused_by_each_root_field(people: People):
    got, wanted = {}, {}
    for who in EVERYBODY:
        for name, (capability, rest) in QUERIES.items():
            wanted[who, name] = expected(who, capability)
            got[who, name] = await people.code(who, f"{{ {name}{rest} }}")
            # The one facility that is named is not everybody's; that it is hidden is no secret.
            if name == "facility" and got[who, name] == "NOT_FOUND":
                assert wanted[who, name] == "OK"
                got[who, name] = "OK"
    assert got == wanted
    assert len(got) == 390


async def test_each_role_is_answered_or_refused_by_each_field_of_a_facility(people: People):
    got, wanted = {}, {}
    for who in READERS:
        if who != "unknown brand":  # which sees none
            for name, (capability, rest) in BELOW_A_FACILITY.items():
                query = f"{{ facilities(first: 2) {{ nodes {{ {name}{rest} }} }} }}"
                wanted[who, name] = expected(who, capability)
                got[who, name] = await people.code(who, query)
            for criterion in FILTERS:
                query = f"{{ facilities(filter: {{{criterion}}}) {{ totalCount }} }}"
                wanted[who, criterion] = expected(who, STATUS)
                got[who, criterion] = await people.code(who, query)
    assert got == wanted
    assert len(got) == 63


async def test_each_role_gets_or_does_not_get_each_type_of_node(people: People):
    ids = {"Facility": global_id(min(await people.should_see("brand")))}
    put = 'mutation { supplierAdd(input: {name: "Example", country: "VN"}) {'
    put += " ... on SupplierKept { supplier { id } } } }"
    ids["Supplier"] = (await people.ask("brand", put))["supplierAdd"]["supplier"]["id"]
    for name, query in LISTS.items():
        (page,) = (await people.ask("anonymous", f"{{ {query} }}")).values()
        ids[name] = page["nodes"][0]["id"] if isinstance(page, dict) else page[0]["id"]
    got, wanted = {}, {}
    for who in EVERYBODY:
        for name, capability in NODES.items():
            query = f'{{ node(id: "{ids[name]}") {{ __typename }} }}'
            code = await people.code(who, query)
            got[who, name] = code
            wanted[who, name] = expected(who, capability)
            if code == "OK" and name != "Facility":
                is_hidden = name == "Supplier" and who != "brand"
                shown = None if is_hidden else {"__typename": name}
                assert (await people.ask(who, query))["node"] == shown
    assert got == wanted
    assert len(got) == 90


@pytest.mark.served
async def test_each_role_follows_or_is_refused_each_subscription_over_websocket(people: People):
    got, wanted = {}, {}
    pepper = pepper_of(people.settings).decode()

    async def follow_each(server: Server, who: str) -> None:
        seen = await people.should_see(who) or {1}
        async with connected(server, people.tokens.get(who)) as subscriber:
            for name, (capability, rest) in SUBSCRIPTIONS.items():
                head = "subscription ($id: ID!)" if "$id" in rest else "subscription"
                query = f"{head} {{ {name}{rest} }}"
                got[who, name] = await outcome(subscriber, query, global_id(min(seen)))
                wanted[who, name] = expected(who, capability)
                if who == "unknown brand" and "$id" in rest:
                    wanted[who, name] = "NOT_FOUND"  # it sees none

    async with (
        served(people.settings, KB_TOKEN_PEPPER=pepper) as server,
        asyncio.TaskGroup() as group,
    ):
        for who in EVERYBODY:
            group.create_task(follow_each(server, who))
    assert got == wanted
    assert len(got) == 30


async def outcome(subscriber: Subscriber, query: str, id_: str) -> str:
    """OK when a subscription tells something or waits for it, or the code of its error."""
    number = await subscriber.subscribe(query, id=id_)
    # Facilities are told of at once; a new release is not to be expected.
    patience = 0.3 if "knowledgeReleased" in query else 10.0
    with contextlib.suppress(TimeoutError):
        while True:
            message = await subscriber.message(patience)
            if message["id"] == number:
                payload = message.get("payload")
                errors = payload if message["type"] == "error" else (payload or {}).get("errors")
                return errors[0]["extensions"]["code"] if errors else "OK"
    return "OK" if patience < 1 else "SILENT"


@pytest.mark.slow
def test_the_page_on_access_is_current():
    page = Path(__file__).parents[2] / "docs" / "access.md"
    assert page.read_text(encoding="utf-8") == access_page(), "run: kb access > docs/access.md"
