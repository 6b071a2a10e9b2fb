"""A whole list is brought into a brand's own one, and every row of it is counted."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from kb.errors import NotPermittedError
from kb.models import AuditEntry, Facility, Supplier
from kb.rules.roles import Role
from kb.services.access.matrix import OPERATOR, Viewer
from kb.services.suppliers.entries import suppliers_known_as
from kb.services.suppliers.importing import import_supplier_text
from tests.access.people import People
from tests.lists.stored import NOW

BRAND = Viewer(Role.BRAND, organisation="Northwind")
IMPORT = """
mutation ($csv: String!, $dryRun: Boolean! = false) {
    supplierListImport(input: {csv: $csv, dryRun: $dryRun}) {
        __typename
        ... on SupplierListImported {
            created updated unchanged likelyDuplicates refused total remarks unknown
            problems { line column wrong allowed }
        }
        ... on Refusal { message }
    }
}
"""


async def take(text: str, viewer: Viewer = BRAND, **options: Any) -> tuple[str, list[str]]:
    """Counts of rows as text, and the problems as they are printed."""
    problems: list[str] = []
    imported = await import_supplier_text(
        text, viewer, now=NOW, report=lambda problem: problems.extend(map(str, problem)), **options
    )
    counts = ", ".join(f"{count} {name}" for name, count in sorted(imported.rows.items()) if count)
    return counts, problems


async def stored() -> list[tuple[str, str | None, str | None, str]]:
    rows = await Supplier.all().order_by("id")
    return [(row.name, row.reference, row.note, row.decision_key) for row in rows]


async def test_a_list_may_be_imported_again_and_empty_cells_change_nothing(database: object):
    first = "Name;Country;Reference;Enrolled;Interest declared;Self-assessment steps;Note\n"
    first += "A Ltd;Viet Nam;S-1;yes;not declared;2+1;Old\nB Ltd;KHM;;;;;\n"
    assert await take(first) == ("2 created", [])
    assert await take(first) == ("2 unchanged", [])
    key = "VN|YES|UNKNOWN|UNKNOWN|UNKNOWN|NOT_DECLARED|UNKNOWN|UNKNOWN|12|NONE|NONE|UNKNOWN||"
    assert (await stored())[0] == ("A Ltd", "S-1", "Old", key)
    changed = "reference,name,country,enrolled,note,assessment\n"
    assert await take(changed + "'S-1 ,,,unknown,New,vcc\n") == ("1 updated", [])
    key = "VN|UNKNOWN|UNKNOWN|UNKNOWN|UNKNOWN|NOT_DECLARED|VCC|UNKNOWN|12|NONE|NONE|UNKNOWN||"
    assert (await stored())[0] == ("A Ltd", "S-1", "New", key)
    assert await take(changed + "s-1,,,,,on site\n") == (
        "1 refused",
        ["list.csv:2: assessment: 'on site' is no answer. Allowed: unknown, none, onsite, vcc"],
    )


async def test_ids_in_another_case_name_the_same_supplier(database: object):
    columns = "name,country,reference,gateway_id\n"
    assert await take(f"{columns}A,VN,Sn-1,Gw-a1\nB,VN,sn-2,\n") == ("2 created", [])
    for rows in ("A,VN,sN-1,GW-A1\nB,VN,SN-2,\n", ",,SN-1,\n,,,gW-A1\n"):
        assert (await take(columns + rows))[0].startswith("2 unchanged")
    assert [row[1] for row in await stored()] == ["Sn-1", "sn-2"]
    for known_as in ("sN-1", "SN-1", "gW-A1", " gw-a1"):
        assert [supplier.name for supplier in await suppliers_known_as(known_as, BRAND)] == ["A"]


@pytest.mark.parametrize(
    ("rows", "counts", "problem"),
    [
        ("A Limited,VN,,,", "1 unchanged", ""),
        ("A,VN,,,", "1 likely duplicate", "Name: 'A' is likely 'A Ltd', under another spelling"),
        ("A,VN,,,yes", "1 created", ""),
        ("A Ltd,KH,,,", "1 created", ""),
        ("A Ltd,KH,S-1,,", "1 refused", "country: KH contradicts VN, the country of A Ltd"),
        ("A Ltd,VN,S-1,CN2021250D1DTN7,", "1 refused", "os_id: 'CN2021250D1DTN7' belongs to CN"),
        ("C Ltd,VN,S-1,,\nC Ltd,VN,S-2,,", "1 created, 1 unchanged", ""),
        (",VN,,,", "1 refused", "name: is empty"),
        ("C,Nowhere,,,", "1 refused", "country: 'Nowhere' is no country"),
        (f"C,{'x' * 300},,,", "1 refused", "country: has 300 characters. Allowed: at most 200"),
    ],
)
async def test_a_row_is_compared_with_the_list_alone(
    database: object, rows: str, counts: str, problem: str
):
    await Facility.create(name="C Ltd", country="VN", created_at=NOW, os_id="DEMO-OS-000001")
    await take("name,country,reference\nA Ltd,VN,S-1\n")
    await take("name,country,reference\nA,VN,S-7\n", Viewer(Role.BRAND, organisation="Other"))
    header = "name,country,reference,os_id,new_supplier\n"
    got, problems = await take(header + rows + "\n")
    assert got == counts
    assert [problem.lower() in text.lower() for text in problems] == ([True] if problem else [])


async def test_a_list_answers_a_question_of_one_supplier_once(database: object):
    counts, problems = await take(
        "reference,name,country,enrolled\nS-1,A,VN,yes\nS-1,A,VN,no\nS-1,A,VN,\n"
    )
    assert counts == "1 created, 1 refused, 1 unchanged"
    assert problems == [
        "list.csv:3: enrolled: says no, but line 2 says yes of the same supplier. Allowed: one "
        "answer; or an address or an id for each, if they are two suppliers"
    ]


async def test_a_dry_run_tells_the_same_and_writes_nothing(database: object):
    text = "name,country\nA,VN\n,\nB,Nowhere\n"
    foreseen = await take(text, dry_run=True)
    assert await stored() == []
    assert await take(text) == foreseen
    assert [row[0] for row in await stored()] == ["A"]
    (entry,) = await AuditEntry.filter(what="SUPPLIERS_IMPORTED")
    assert (entry.organisation, entry.after) == ("Northwind", {"created": 1})


async def test_a_list_that_is_imported_twice_at_once_is_there_once(database: object):
    text = "name,country\n" + "".join(f"S{number},VN\n" for number in range(20))
    done = await asyncio.gather(*(take(text) for _ in range(4)))
    assert sorted(counts for counts, _ in done) == ["20 created", *["20 unchanged"] * 3]
    assert len(await stored()) == 20


async def test_only_a_brand_imports_a_list(database: object):
    for viewer in (OPERATOR, Viewer(Role.ADMIN, organisation="Northwind"), Viewer(Role.BRAND)):
        with pytest.raises(NotPermittedError):
            await take("name,country\nA,VN\n", viewer)
    assert await stored() == []


async def test_an_export_is_read_back_unchanged_and_has_no_formulas(people: People):
    csv = (
        "name,country,address,reference,os_id,gateway_id,note,enrolled,in_scope,"
        "capacity_available,gateway_profile,interest_declared,assessment,self_assessed_before,"
        "self_assessment_steps\n"
        "\"'=A, Ltd\",VN,,'+1,,,'@now,yes,unknown,no,exists_unlinked,before_assessment,vcc,no,1+3\n"
        "B,KH,,,,GW-1,,unknown,unknown,unknown,unknown,unknown,unknown,unknown,\n"
    )
    answer = (await people.ask("brand", IMPORT, csv=csv))["supplierListImport"]
    assert answer == {
        "__typename": "SupplierListImported",
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "likelyDuplicates": 0,
        "refused": 0,
        "total": 2,
        "remarks": [],
        "unknown": [],
        "problems": [],
    }
    names = await people.ask("brand", "{ supplierList { nodes { name reference note } } }")
    assert names["supplierList"]["nodes"][0] == {
        "name": "=A, Ltd",
        "reference": "+1",
        "note": "@now",
    }
    assert (await people.ask("brand", "{ supplierListExport }"))["supplierListExport"] == csv
    answer = (await people.ask("brand", IMPORT, csv=csv))["supplierListImport"]
    assert (answer["unchanged"], answer["total"]) == (2, 2)
    assert (await people.ask("other brand", "{ supplierListExport }"))["supplierListExport"].count(
        "\n"
    ) == 1


async def test_a_list_that_cannot_be_read_is_refused_as_a_whole(people: People):
    answer = (await people.ask("brand", IMPORT, csv="nothing\nat all\n"))["supplierListImport"]
    assert answer["__typename"] == "InvalidInput"
    assert (
        "a header with name and country, or with one of reference, os_id and gateway_id"
        in (answer["message"])
    )
    assert "tmp" not in answer["message"]
    assert "mapping" not in answer["message"]
    answer = (await people.ask("helpdesk", IMPORT, csv="name,country\n"))["supplierListImport"]
    assert answer["__typename"] == "NotPermitted"
    csv = "name,country,colour\nA,Vietnm,blue\n"
    answer = (await people.ask("brand", IMPORT, csv=csv, dryRun=True))["supplierListImport"]
    assert (answer["refused"], answer["unknown"]) == (1, ["colour"])
    assert [(problem["line"], problem["column"]) for problem in answer["problems"]] == [
        (2, "country")
    ]
