"""A brand's own list of suppliers: only its own, and only from what the brand knows."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from kb.errors import InvalidInputError
from kb.models import AuditEntry, Facility, Supplier
from kb.rules.events import EventKind
from kb.rules.roles import Role
from kb.services.access.matrix import Viewer
from kb.services.suppliers.changes import add_supplier
from tests.access.people import EVERYBODY, People, sharing
from tests.lists.stored import NOW
from tests.web.statements import counted_statements

BRAND = Viewer(Role.BRAND, organisation="Northwind")

ADD = """
mutation ($input: SupplierAddInput!) { supplierAdd(input: $input) {
    __typename
    ... on SupplierKept { supplier { ...Known } }
    ... on Refusal { code message }
    ... on InvalidInput { problems { field value allowed } }
} }
"""
UPDATE = ADD.replace("supplierAdd", "supplierUpdate").replace("SupplierAdd", "SupplierUpdate")
REMOVE = """
mutation ($id: ID!) { supplierRemove(input: {supplierId: $id}) {
    __typename ... on SupplierRemoved { name } ... on Refusal { code message }
} }
"""
KNOWN = """
fragment Known on Supplier {
    id name address reference osId gatewayId note country { code }
    profile {
        enrolled inScope capacityAvailable gatewayProfile interestDeclared assessment
        selfAssessedBefore selfAssessmentSteps
    }
}
"""
LIST = (
    "query ($filter: SupplierFilter, $first: Int, $after: String, $last: Int, $before: String) {"
    "supplierList(filter: $filter, first: $first, after: $after, last: $last, before: $before) {"
    "totalCount nodes { ...Known facility { osId } whatApplies { sharing { status } } }"
    "edges { cursor } pageInfo { hasNextPage hasPreviousPage } } }"
)
NOTHING_KNOWN = {
    "enrolled": "UNKNOWN",
    "inScope": "UNKNOWN",
    "capacityAvailable": "UNKNOWN",
    "gatewayProfile": "UNKNOWN",
    "interestDeclared": "UNKNOWN",
    "assessment": "UNKNOWN",
    "selfAssessedBefore": "UNKNOWN",
    "selfAssessmentSteps": [],
}


async def add(people: People, name: str, who: str = "brand", **entry: Any) -> dict[str, Any]:
    """Put a supplier on a list, and return it."""
    entry = {"name": name, "country": "VN", **entry}
    answer = (await people.ask(who, ADD + KNOWN, input=entry))["supplierAdd"]
    assert answer["__typename"] == "SupplierKept", answer
    supplier: dict[str, Any] = answer["supplier"]
    return supplier


async def names(people: People, who: str = "brand", **arguments: Any) -> list[str]:
    page = (await people.ask(who, LIST + KNOWN, **arguments))["supplierList"]
    return [node["name"] for node in page["nodes"]]


async def test_a_brand_keeps_what_it_knows_and_the_rest_is_unknown(people: People):
    added = await add(
        people,
        "  Sông  Hồng Garments ",
        address="12 Le Loi,\nHanoi",
        reference="S-1",
        gatewayId="\u00a0'gw-77 ",
        note="Met in May.",
        profile={"enrolled": "YES", "selfAssessmentSteps": [2, 1]},
    )
    assert added.pop("id")
    assert added == {
        "name": "Sông Hồng Garments",
        "country": {"code": "VN"},
        "address": "12 Le Loi, Hanoi",
        "reference": "S-1",
        "osId": None,
        "gatewayId": "gw-77",
        "note": "Met in May.",
        "profile": {**NOTHING_KNOWN, "enrolled": "YES", "selfAssessmentSteps": [1, 2]},
    }


async def test_a_change_leaves_what_is_not_named_and_takes_away_what_is_null(people: People):
    added = await add(people, "Old", reference="S-1", note="Old.", profile={"enrolled": "YES"})
    for supplier_id in (added["id"], "s-1", " S-1"):
        update = {"supplierId": supplier_id, "name": "New", "note": None, "country": "KH"}
        answer = (await people.ask("brand", UPDATE + KNOWN, input=update))["supplierUpdate"]
        assert answer["supplier"] == {
            **added,
            "name": "New",
            "note": None,
            "country": {"code": "KH"},
        }
    update = {"supplierId": added["id"], "profile": None}
    answer = (await people.ask("brand", UPDATE + KNOWN, input=update))["supplierUpdate"]
    assert answer["supplier"]["profile"] == NOTHING_KNOWN
    assert await names(people, filter={"nameContains": "new"}) == ["New"]


async def test_what_applies_is_decided_from_what_the_brand_knows(people: People):
    noted = {"enrolled": "YES", "interestDeclared": "NOT_DECLARED", "assessment": "NONE"}
    await add(people, "Enrolled", profile=noted)
    await add(people, "Known by name")
    query = """{ supplierList { nodes { whatApplies {
        facility { id } summary assessment { assessedBy } sharing { status brandMay { text } }
    } } } }"""
    enrolled, by_name = (await people.ask("brand", query))["supplierList"]["nodes"]
    assert enrolled["whatApplies"]["assessment"] == {"assessedBy": "BETTER_WORK"}
    assert enrolled["whatApplies"]["sharing"]["status"] == "NOT_YET"
    assert enrolled["whatApplies"]["sharing"]["brandMay"] != []
    assert "Enrolled" in enrolled["whatApplies"]["summary"].splitlines()[0]
    assert by_name["whatApplies"]["assessment"] == {"assessedBy": "UNDETERMINED"}
    assert by_name["whatApplies"]["facility"] is None
    what_if = '{ whatIf(profile: {country: "VN"}) { sharing { status brandMay { text } } } }'
    assert (await people.ask("brand", what_if))["whatIf"]["sharing"] == by_name["whatApplies"][
        "sharing"
    ]


async def test_a_list_is_paged_both_ways_by_name(people: People):
    for place, name in enumerate(("B", "A", "C", "B", "D")):
        await add(people, name, reference=f"S-{place}")
    page = (await people.ask("brand", LIST + KNOWN, first=2))["supplierList"]
    assert [node["name"] for node in page["nodes"]] == ["A", "B"]
    assert page["totalCount"] == 5
    assert page["pageInfo"] == {"hasNextPage": True, "hasPreviousPage": False}
    after = page["edges"][1]["cursor"]
    page = (await people.ask("brand", LIST + KNOWN, first=9, after=after))["supplierList"]
    assert [node["name"] for node in page["nodes"]] == ["B", "C", "D"]
    page = (await people.ask("brand", LIST + KNOWN, last=2))["supplierList"]
    assert [node["name"] for node in page["nodes"]] == ["C", "D"]
    assert page["pageInfo"] == {"hasNextPage": False, "hasPreviousPage": True}
    before = page["edges"][0]["cursor"]
    assert await names(people, last=1, before=before) == ["B"]
    assert await people.code("brand", LIST + KNOWN, after="bm90aGluZw") == "INVALID_INPUT"


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ({"countries": ["KH"]}, ["Khmer Knits"]),
        ({"nameContains": " kNITS"}, ["Khmer Knits", "Viet Knits"]),
        ({"references": [" 's-2"]}, ["Viet Knits"]),
        ({"osIds": ["demo-os-000003 ", "unknown"]}, ["Viet Knits"]),
        ({"gatewayIds": ["gw-5"]}, ["Khmer Knits"]),
        ({"assessedBy": ["BETTER_WORK"]}, ["Viet Knits"]),
        ({"sharing": ["ON_TRACK"], "assessedBy": ["BETTER_WORK"]}, []),
        ({"countries": []}, []),
        ({"references": []}, []),
        ({"osIds": []}, []),
        ({"workflowState": []}, []),
        ({"countries": None}, ["Khmer Knits", "Viet Knits"]),
    ],
)
async def test_a_list_is_filtered(
    people: People, criteria: dict[str, list[str] | None], expected: list[str]
):
    await add(people, "Khmer Knits", country="KH", gatewayId="GW-5")
    await add(
        people,
        "Viet Knits",
        reference="S-2",
        osId="DEMO-OS-000003",
        profile={"enrolled": "YES"},
    )
    page = (await people.ask("brand", LIST + KNOWN, filter=criteria))["supplierList"]
    assert [node["name"] for node in page["nodes"]] == expected
    assert page["totalCount"] == len(expected)


async def test_a_list_is_its_own_brands_alone(people: People):
    mine = await add(people, "Mine", reference="S-1", osId="DEMO-OS-000009")
    theirs = await add(people, "Theirs", "other brand", reference="S-1", osId="DEMO-OS-000009")
    for who in EVERYBODY:
        if who not in ("brand", "other brand", "unknown brand"):
            assert await people.code(who, "{ supplierList { totalCount } }") == "NOT_PERMITTED"
            addition = {"name": "X", "country": "VN"}
            for query, variables in (
                (ADD + KNOWN, {"input": addition}),
                (UPDATE + KNOWN, {"input": {"supplierId": mine["id"]}}),
                (REMOVE, {"id": mine["id"]}),
            ):
                (answer,) = (await people.ask(who, query, **variables)).values()
                assert answer["__typename"] == "NotPermitted", who
    assert await names(people, "unknown brand") == []
    for who, own, other in (("brand", mine, theirs), ("other brand", theirs, mine)):
        assert await names(people, who) == [own["name"]]
        node = "query ($id: ID!) { node(id: $id) { id } }"
        assert (await people.ask(who, node, id=own["id"]))["node"] == {"id": own["id"]}
        assert (await people.ask(who, node, id=other["id"]))["node"] is None
        for query, variables in (
            (UPDATE + KNOWN, {"input": {"supplierId": other["id"], "name": "X"}}),
            (REMOVE, {"id": other["id"]}),
        ):
            (answer,) = (await people.ask(who, query, **variables)).values()
            message = f"There is no supplier {other['id']!r}."
            assert answer == {"__typename": "NotFound", "code": "NOT_FOUND", "message": message}
    assert (await people.ask("brand", REMOVE, id="S-1"))["supplierRemove"]["name"] == "Mine"
    assert await names(people) == []
    assert await names(people, "other brand") == ["Theirs"]


@pytest.mark.parametrize(
    ("details", "problems"),
    [
        ({"reference": "s-1", "gatewayId": "gw-1"}, {"reference": "s-1", "gatewayId": "gw-1"}),
        ({"osId": "CN2021250D1DTN7"}, {"osId": "CN2021250D1DTN7"}),  # of another country
        ({"name": " ", "note": "x" * 1001}, {"name": "", "note": "x" * 200 + "…"}),
        ({"profile": {"selfAssessmentSteps": [4]}}, {"selfAssessmentSteps": "4"}),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_is_changed(
    people: People, details: dict[str, Any], problems: dict[str, str]
):
    await add(people, "First", reference="S-1", gatewayId="GW-1")
    second = await add(people, "Second")
    before = await Supplier.all().order_by("id").values()
    for query, change in (
        (ADD, {"name": "Third", "country": "VN", **details}),
        (UPDATE, {"supplierId": second["id"], **details}),
    ):
        (answer,) = (await people.ask("brand", query + KNOWN, input=change)).values()
        assert {
            problem["field"]: problem["value"].strip() for problem in answer["problems"]
        } == problems
    assert await Supplier.all().order_by("id").values() == before


async def test_the_same_supplier_sent_again_is_not_put_on_the_list_twice(people: People):
    await add(people, "First Ltd", reference="S-1")
    addition = {"name": "FIRST Limited", "country": "VN"}
    (answer,) = (await people.ask("brand", ADD + KNOWN, input=addition)).values()
    assert [problem["field"] for problem in answer["problems"]] == ["name"]
    await add(people, "First Ltd", reference="S-2")
    await add(people, "First Ltd", address="Hanoi")
    await add(people, "First Ltd", country="KH")
    assert await names(people) == ["First Ltd"] * 4


async def test_the_audit_tells_that_a_list_changed_and_not_how(people: People):
    added = await add(people, "First", note="A secret.")
    await people.ask("brand", UPDATE + KNOWN, input={"supplierId": added["id"], "name": "New"})
    await people.ask("brand", REMOVE, id=added["id"])
    entries = await AuditEntry.filter(what__startswith="SUPPLIER").order_by("id")
    assert [
        (entry.what, entry.organisation, entry.facility_id, entry.after) for entry in entries
    ] == [
        ("SUPPLIER_ADDED", "Demo Brand", None, None),
        ("SUPPLIER_UPDATED", "Demo Brand", None, None),
        ("SUPPLIER_REMOVED", "Demo Brand", None, None),
    ]


ENTRY = """query ($id: ID!) { node(id: $id) { ... on Supplier {
    facility { name osId }
    whatApplies { summary sharing { status text } workflow { state steps { code doneOn } } }
} } }"""


async def test_an_entry_shows_the_facility_only_while_that_shares_with_the_brand(people: People):
    hidden = await Facility.exclude(id__in=await people.should_see("brand")).first()
    assert hidden is not None
    entry = {"country": hidden.country, "osId": hidden.os_id}
    by_id = await add(people, "Whatever we call it", **entry)
    by_name = await add(people, hidden.name.upper(), country=hidden.country)
    missing = await add(people, hidden.name, country="KH" if hidden.country == "VN" else "VN")
    answers: dict[str, list[Any]] = {supplier["id"]: [] for supplier in (by_id, by_name, missing)}
    day = (await Facility.all().order_by("-created_at").first()).created_at.date()
    for kind, grantee_kind, grantee in (
        (None, "", ""),
        (EventKind.SHARED, "BRAND", "Third Brand"),
        (EventKind.SHARED, "ACCREDITED_HOST", "Demo Brand"),
        (EventKind.SHARED, "BRAND", "Demo Brand"),
        (EventKind.UNSHARED, "BRAND", "Demo Brand"),
    ):
        if kind is not None:
            await sharing(hidden.id, kind, grantee_kind, grantee, day)
        for id_ in answers:
            answers[id_].append((await people.ask("brand", ENTRY, id=id_))["node"])
    for id_, shown in answers.items():
        first = shown[0]
        assert first["facility"] is None
        assert {str(supplier["whatApplies"]) for supplier in shown} == {str(first["whatApplies"])}
        facilities = [supplier["facility"] for supplier in shown]
        shared = {"name": hidden.name, "osId": hidden.os_id} if id_ != missing["id"] else None
        assert facilities == [None, None, None, shared, None]


async def test_entries_of_hidden_and_of_missing_facilities_take_the_same_statements(
    people: People,
):
    hidden = await Facility.exclude(id__in=await people.should_see("brand")).first()
    assert hidden is not None
    seen = []
    for entry in (
        {"name": hidden.name, "country": hidden.country, "osId": hidden.os_id},
        {"name": "Nowhere known", "country": hidden.country, "osId": "DEMO-OS-999999"},
    ):
        added = await add(people, **entry)
        with counted_statements() as statements:
            answer = (await people.ask("brand", ENTRY, id=added["id"]))["node"]
        seen.append((list(statements), str(answer).replace(entry["name"], "")))
    assert len(seen[0][0]) == len(seen[1][0]) == 2
    assert seen[0][1] == seen[1][1]


async def test_a_page_of_suppliers_takes_as_many_statements_as_one_supplier(people: People):
    shared = await Facility.filter(id__in=await people.should_see("brand")).limit(3)
    for facility in shared:
        await add(people, facility.name, country=facility.country, osId=facility.os_id)
    counts = []
    for first in (1, 3):
        with counted_statements() as statements:
            page = await people.ask("brand", LIST.replace("totalCount", "") + KNOWN, first=first)
        counts.append(len(statements))
        assert [
            supplier["facility"]["osId"] for supplier in page["supplierList"]["nodes"]
        ] == sorted(
            (facility.os_id for facility in shared),
            key=lambda os_id: next(facility.name for facility in shared if facility.os_id == os_id),
        )[:first]
    assert counts[0] == counts[1]


async def test_of_the_same_sent_several_times_at_once_one_is_kept(database: object):
    async def add_one() -> str:
        try:
            values = {"name": "A Ltd", "country": "VN"}
            await add_supplier(BRAND, values, {}, now=NOW)
        except InvalidInputError:
            return "refused"
        return "kept"

    done = await asyncio.gather(*(add_one() for _ in range(5)))
    assert sorted(done) == ["kept", *["refused"] * 4]
    assert await Supplier.all().count() == 1


async def test_ids_that_differ_in_case_alone_are_not_given_to_two_at_once(database: object):
    async def add_one(name: str, gateway_id: str) -> None:
        values = {"name": name, "country": "VN", "gateway_id": gateway_id}
        await add_supplier(BRAND, values, {}, now=NOW)

    for number in range(4):
        ids = (f"gw-{number}", f"GW-{number}", f"Gw-{number}", f"gW-{number}")
        done = await asyncio.gather(
            *(add_one(f"As {id_}", id_) for id_ in ids), return_exceptions=True
        )
        assert sum(isinstance(each, InvalidInputError) for each in done) == 3
    assert await Supplier.all().count() == 4
