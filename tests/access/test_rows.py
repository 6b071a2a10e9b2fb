"""Which facilities each role sees, by every path; and that hidden is the same as missing."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from kb.models import Facility
from kb.rules.events import EventKind
from kb.services.access.matrix import Viewer
from kb.services.facilities.histories import events_of, grants_of, history
from kb.services.paging import page_request
from tests.access.people import (
    GATEWAY,
    OTHER_BRAND,
    READERS,
    RESTRICTED,
    People,
    sharing,
)
from tests.global_ids import global_id, number_of
from tests.web.statements import counted_statements

ORDERS = ("NAME", "COUNTRY", "ID", "NEWEST")
MISSING = 424_242


async def listed(people: People, who: str, **options: str) -> list[int]:
    """All that somebody gets by paging through the list, forwards."""
    listed_ids: list[int] = []
    after = "null"
    arguments = " ".join(f"{name}: {value}" for name, value in options.items())
    while True:
        data = await people.ask(
            who,
            f"{{ facilities(first: 37 after: {after} {arguments}) "
            "{ nodes { id } totalCount pageInfo { hasNextPage endCursor } } }",
        )
        page = data["facilities"]
        listed_ids += [number_of(node["id"]) for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            assert page["totalCount"] == len(listed_ids)
            return listed_ids
        after = f'"{page["pageInfo"]["endCursor"]}"'


@pytest.mark.parametrize("who", READERS)
async def test_lists_counts_rollups_nodes_and_ids_show_what_is_somebodys_to_see(
    people: People, who: str
):
    should = await people.should_see(who)
    every = await Facility.all().order_by("id")
    assert len(every) == 200
    assert (not should) == (who == "unknown brand")
    assert who in ("helpdesk", "admin") or len(should) < 200

    for order in ORDERS:
        ids_listed = await listed(people, who, orderBy=order)
        assert len(ids_listed) == len(set(ids_listed))
        assert set(ids_listed) == should, order

    nodes: set[int] = set()
    for start in (0, 100):
        ids = [global_id(facility.id) for facility in every[start : start + 100]]
        data = await people.ask(who, "query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)
        nodes |= {number_of(node["id"]) for node in data["nodes"] if node}
    assert nodes == should

    names = 'nameContains: "Demo"'
    os_ids = ", ".join(f'"{facility.os_id}"' for facility in every[:60])
    for criterion, fits in (
        (names, should),
        (f"osIds: [{os_ids}]", should & {facility.id for facility in every[:60]}),
        (
            "countries: [VN]",
            should & {facility.id for facility in every if facility.country == "VN"},
        ),
    ):
        assert set(await listed(people, who, filter=f"{{{criterion}}}")) == fits
    if who != "slcp officer":
        counts = (
            await people.ask(
                who,
                "{ facilityRollup { total byCountry { count } bySharing { status count } } }",
            )
        )["facilityRollup"]
        assert counts["total"] == len(should)
        assert sum(entry["count"] for entry in counts["byCountry"]) == len(should)
        for entry in counts["bySharing"]:
            ids_listed = await listed(people, who, filter=f"{{sharing: {entry['status']}}}")
            assert len(ids_listed) == entry["count"]
            assert set(ids_listed) <= should


async def paths(facility: Facility | None) -> dict[str, tuple[str, dict[str, Any]]]:
    """Every way to ask for one facility, by ids that it has or that nobody has."""
    by = "query($by: FacilityLocator!) { facility(by: $by) { name } }"
    number = facility.id if facility else MISSING
    ids = {
        "id": global_id(number),
        "osId": facility.os_id if facility else "XX-OS-424242",
        "gatewayId": (facility and facility.gateway_id) or "XX-GW-424242",
        "betterWorkId": (facility and facility.better_work_id) or "XX-BW-424242",
    }
    some = "nodes { name } totalCount pageInfo { hasNextPage hasPreviousPage endCursor }"
    question = "Is there a fee for sharing?"
    return {
        **{f"facility by {name}": (by, {"by": {name: value}}) for name, value in ids.items()},
        "node": ("query($id: ID!) { node(id: $id) { id } }", {"id": ids["id"]}),
        "nodes": ("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": [ids["id"]] * 2}),
        **{
            f"facilities by {name}": (
                f"query($of: [String!]) {{ facilities(filter: {{{name}s: $of}}) {{ {some} }} }}",
                {"of": [ids[name]]},
            )
            for name in ("osId", "gatewayId", "betterWorkId")
        },
        "by name": (
            f"query($n: String) {{ facilities(filter: {{nameContains: $n}}) {{ {some} }} }}",
            {"n": facility.name if facility else "No Such Factory 4242"},
        ),
        "rollup": (
            "query($of: [String!]) { facilityRollup(filter: {osIds: $of}) { total } }",
            {"of": [ids["osId"]]},
        ),
        "ask": (
            "query($in: AskInput!) { ask(input: $in) { outcome } }",
            {"in": {"question": question, "facilityId": ids["id"]}},
        ),
    }


@pytest.mark.parametrize("who", RESTRICTED)
async def test_hidden_and_missing_are_the_same_answer_after_the_same_statements(
    people: People, who: str
):
    should = await people.should_see(who)
    # Of the largest ids; one that has all of them, unless whoever has a Gateway ID is seen.
    others = Facility.exclude(id__in=should or [0]).order_by("-id")
    if who != "slcp officer":
        others = others.exclude(gateway_id=None).exclude(better_work_id=None)
    hidden = await others.first()
    assert hidden
    assert hidden.os_id
    of_hidden, of_missing = await paths(hidden), await paths(None)
    for path, (query, variables) in of_hidden.items():
        answers = []
        await people.post(who, query, **of_missing[path][1])  # what comes again has a plan
        for arguments, number in ((variables, hidden.id), (of_missing[path][1], MISSING)):
            with counted_statements() as sent:
                answer = await people.post(who, query, **arguments)
            body = answer.json()
            for left in ("remaining", "resetAt"):  # which depends on what was asked before
                del body["extensions"]["cost"][left]
            for error in body.get("errors", []):
                del error["extensions"]["requestId"]
            text = json.dumps(body)  # but for the value that was asked for, which is told back
            for value in (*values_of(arguments), f"'{number}'", f'"{number}"'):
                text = text.replace(value, "VALUE")
            statements = [statement for statement in sent if "api_token" not in statement]
            texts = [statement.partition(": [")[0] for statement in statements]
            answers.append((answer.status_code, text, sorted(answer.headers), texts))
        assert answers[0] == answers[1], path
        assert hidden.name not in answers[0][1]


def values_of(variables: Any) -> list[str]:
    if isinstance(variables, dict):
        return [text for value in variables.values() for text in values_of(value)]
    if isinstance(variables, list):
        return [text for value in variables for text in values_of(value)]
    return [str(variables)]


@pytest.mark.parametrize("who", RESTRICTED)
async def test_services_tell_nothing_of_hidden_facilities_whatever_ids_they_are_given(
    people: People, who: str
):
    viewer = people.viewers[who]
    assert isinstance(viewer, Viewer)
    should = await people.should_see(who)
    hidden = await Facility.exclude(id__in=should or [0]).first()
    assert hidden
    seen = next(iter(should), None)
    page = page_request(first=50, max_size=100)
    for facility_id, visible in ((hidden.id, False), (MISSING, False), (seen, True)):
        if facility_id is not None:
            assert bool((await history(facility_id, page, viewer)).rows) is visible
            assert bool((await events_of([facility_id], viewer))[facility_id]) is visible
    if who != "slcp officer":
        assert await grants_of([hidden.id, MISSING], viewer) == {hidden.id: (), MISSING: ()}


async def test_a_brand_sees_only_its_own_grant_and_no_event_that_names_another(people: People):
    query = """{ facilities(first: 100) { nodes {
        id sharing { granteeKind grantee } history(first: 100) { nodes { kind } totalCount }
        latestEvent { kind }
    } } }"""
    for who, brand in (("brand", "Demo Brand"), ("other brand", OTHER_BRAND)):
        nodes = (await people.ask(who, query))["facilities"]["nodes"]
        assert nodes
        for node in nodes:
            assert node["sharing"] == [{"granteeKind": "BRAND", "grantee": brand}]
            kinds = {event["kind"] for event in node["history"]["nodes"]}
            assert kinds.isdisjoint({"SHARED", "UNSHARED"})
            assert node["latestEvent"] == node["history"]["nodes"][-1]
            assert node["history"]["totalCount"] == len(node["history"]["nodes"])
    both = {
        number_of(node["id"])
        for node in (await people.ask("admin", query))["facilities"]["nodes"]
        if {"Demo Brand", OTHER_BRAND} <= {grant["grantee"] for grant in node["sharing"]}
    }
    assert both & await people.should_see("brand") & await people.should_see("other brand")


async def test_an_slcp_officer_sees_gateway_profile_events_only(people: People):
    query = """{ facilities(first: 100) { nodes {
        history(first: 100) { nodes { kind } } latestEvent { kind } } } }"""
    nodes = (await people.ask("slcp officer", query))["facilities"]["nodes"]
    assert all(node["latestEvent"] == node["history"]["nodes"][-1] for node in nodes)
    kinds = {event["kind"] for node in nodes for event in node["history"]["nodes"]}
    assert kinds
    assert kinds <= GATEWAY
    assert all(node["history"]["nodes"] for node in nodes)


async def test_a_facility_vanishes_from_a_brand_with_its_grant(people: People):
    should = await people.should_see("other brand")
    gone = min(should)
    await sharing(gone, EventKind.UNSHARED, "BRAND", OTHER_BRAND, date(2026, 11, 23))
    assert set(await listed(people, "other brand")) == should - {gone}
    query = f'{{ node(id: "{global_id(gone)}") {{ id }} }}'
    assert await people.ask("other brand", query) == {"node": None}
