"""Whatever facilities do, a brand's list tells nothing of it until they share with the brand.

The brand has each of the facilities on its list, by each of its ids, its name and its address,
from before they are known here. Then they are registered, go through scenarios of all kinds, and
share with others; the brand reads its list by every path after each part of it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

import pytest

from kb.models import Facility, Supplier
from kb.rules.events import OF_GRANTEES
from kb.services.demo.scenarios import SCENARIOS
from kb.services.recording.append import Addition, NewEvent, append_events
from tests.access.people import People
from tests.access.test_others_grants import OTHERS, PlannedEvent, hides, shares, shows, withdraws

FACILITIES = 8
PARTS = 4
FIRST_DAY = date(2024, 1, 1)
BRAND = "Demo Brand"
OTHER_GRANTS = [event for event in OTHERS if BRAND not in event[1].values()] + [
    shares(BRAND, "ACCREDITED_HOST"),
    shares(BRAND.lower()),
    shows(BRAND.upper()),
]

APPLIES = "summary sharing { status text } workflow { state nextActions { code } }"
READ = f"""
query ($osId: String!, $name: String!, $question: String!) {{
    supplierList(first: 40) {{
        totalCount edges {{ cursor }}
        nodes {{
            id name updatedAt facility {{ id name }} whatApplies {{ {APPLIES} }}
            before: whatApplies(asOf: "2024-02-01") {{ {APPLIES} }}
            after: whatApplies(asOf: "2030-01-01") {{ {APPLIES} }}
        }}
    }}
    shared: supplierList(filter: {{sharing: [SHAREABLE_NOW, ON_TRACK, NOT_THIS_CYCLE]}}) {{
        totalCount
    }}
    known: supplierList(filter: {{osIds: [$osId], gatewayIds: ["GW-1"]}}) {{ totalCount }}
    supplierListExport
    supplierPortfolio {{
        total bySharing {{ value count }} byWorkflowState {{ value count }} byAge {{ count }}
        byPrimaryBlocker {{ value count }} trend {{ events {{ kind count }} }}
    }}
    portfolio {{ total bySharing {{ value count }} trend {{ events {{ kind count }} }} }}
    facilities(filter: {{nameContains: $name}}) {{ totalCount }}
    facilityRollup {{ total }}
    byOsId: facility(by: {{osId: $osId}}) {{ id }}
    byGatewayId: facility(by: {{gatewayId: "GW-1"}}) {{ id }}
    ask(input: {{question: $question}}) {{ outcome text readAs }}
}}
"""
ABOUT = 'query ($id: ID!) { ask(input: {question: "May we share?", facilityId: $id}) { text } }'
WRITE = """
mutation ($csv: String!, $again: SupplierAddInput!, $os: SupplierAddInput!, $id: ID!) {
    supplierListImport(input: {csv: $csv, dryRun: true}) {
        ... on SupplierListImported {
            created updated unchanged likelyDuplicates refused remarks problems { line wrong }
        }
    }
    again: supplierAdd(input: $again) { ... on InvalidInput { problems { field allowed } } }
    taken: supplierAdd(input: $os) { ... on InvalidInput { problems { field allowed } } }
    facilityShare(input: {facilityId: $id, channel: EMAIL_LINK, grantee: "Demo Brand"}) {
        __typename ... on Refusal { message }
    }
}
"""


def planned(random: Random, gateway_id: str) -> list[PlannedEvent]:
    """A scenario of some kind, in which the facility also shares with others than the brand."""
    events = [
        (kind, {**payload, "gateway_id": gateway_id} if "gateway_id" in payload else payload)
        for kind, payload in random.choice(SCENARIOS).events(random)
        if kind not in OF_GRANTEES
    ]
    for _ in range(random.randint(1, 5)):
        events.insert(random.randint(1, len(events)), random.choice(OTHER_GRANTS))
    return events


async def happened(facility: Facility, events: list[tuple[PlannedEvent, date]]) -> None:
    """Events take place at a facility."""
    made = [
        NewEvent(kind, day, datetime.combine(day, time(12), UTC), "FACILITY", payload=payload)
        for (kind, payload), day in events
    ]
    await append_events([Addition(facility, made)])


async def entries(people: People) -> None:
    """Put all facilities on the brand's list: by id, by name, and by name and address."""
    rows = ["name,country,os_id,gateway_id,address,new_supplier,enrolled"]
    for number in range(FACILITIES):
        name = f"Quiet {number}"
        rows.append(f"By OS ID {number},VN,DEMO-OS-90000{number},,,,yes")
        rows.append(f"By Gateway ID {number},VN,,GW-{number},,,")
        rows.append(f"{name.upper()} Ltd.,VN,,,,yes,no")
        rows.append(f"{name} Limited,VN,,,{number} Any Street,yes,")
    csv = "\n".join(rows)
    query = """mutation ($csv: String!) { supplierListImport(input: {csv: $csv}) {
        ... on SupplierListImported { created refused } ... on Refusal { message } } }"""
    done = (await people.ask("brand", query, csv=csv))["supplierListImport"]
    assert done == {"created": 4 * FACILITIES, "refused": 0}


async def read(people: People) -> dict[str, Any]:
    """All that the brand can read of what is on its list."""
    os_id = "DEMO-OS-900001"
    csv = "name,country,os_id,address\nQuiet 1,VN,,\nQuiet 1 Co,VN,,1 Any St\n,," + os_id + ",\n"
    again = {"name": "Quiet 2 Ltd", "country": "VN", "address": "2 Any Street"}
    taken = {"name": "Quiet 3", "country": "VN", "osId": os_id}
    question = "Is Quiet 1 enrolled in Better Work?"
    seen: dict[str, Any] = {"errors": []}
    for query, variables in (
        (READ, {"osId": os_id, "name": "Quiet", "question": question}),
        (WRITE, {"csv": csv, "again": again, "os": taken, "id": os_id}),
        (ABOUT, {"id": os_id}),
    ):
        answer = (await people.post("brand", query, **variables)).json()
        seen |= answer["data"] or {}
        seen["errors"] += [
            (error["message"], error["extensions"]["code"]) for error in answer.get("errors", [])
        ]
    seen["errors"].sort()  # fields are answered side by side
    return seen


@pytest.mark.slow
async def test_nothing_that_facilities_do_is_told_by_a_list_until_they_share_with_its_brand(
    people: People,
):
    random = Random(2021)
    await entries(people)
    before = await read(people)
    kept = await Supplier.all().order_by("id").values()
    assert before["facilities"] == {"totalCount": 0}
    assert {code for _, code in before["errors"]} == {"NOT_FOUND"}

    facilities = []
    for number in range(FACILITIES):
        facility = await Facility.create(
            name=f"Quiet {number} Ltd",
            country="VN",
            os_id=f"DEMO-OS-90000{number}",
            gateway_id=f"GW-{number}" if number % 2 else None,
            address=f"{number} Any Street",
            created_at=datetime.now(UTC),
        )
        dated = [
            (event, FIRST_DAY + timedelta(20 * place))
            for place, event in enumerate(planned(random, f"GW-{number}"))
        ]
        facilities.append((facility, dated))
    for part in range(PARTS):
        for facility, dated in facilities:
            if events := dated[part * len(dated) // PARTS : (part + 1) * len(dated) // PARTS]:
                await happened(facility, events)
        assert await read(people) == before
    assert await Supplier.all().order_by("id").values() == kept

    for shown, hidden in (
        (shares(BRAND), withdraws(BRAND)),
        (shows(BRAND), hides(BRAND)),
    ):
        last = date(2025, 12, 1)
        for facility, _ in facilities:
            await happened(facility, [(shown, last)])
        named = {
            node["facility"]["name"]
            for node in (await read(people))["supplierList"]["nodes"]
            if node["facility"]
        }
        assert named == {facility.name for facility, _ in facilities}
        for facility, _ in facilities:
            await happened(facility, [(hidden, last)])
        assert await read(people) == before
