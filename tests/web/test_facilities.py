"""Facilities over HTTP: found, listed, counted, and what applies to them."""

import asyncio
import sys
from datetime import date, timedelta
from typing import Any

import pytest

from kb.settings import Settings
from tests.web.asking import Client
from tests.web.test_statements import ENDS

A_FAQ = "RmFxOjE="  # the global id of FAQ 1

PAGE = """query($first: Int, $after: String, $last: Int, $before: String, $order: FacilityOrder!) {
  facilities(first: $first, after: $after, last: $last, before: $before, orderBy: $order) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    nodes { name osId country { code } }
  }
}"""


async def test_a_facility_is_found_by_each_of_its_ids(client: Client):
    ids = "id osId gatewayId betterWorkId"
    data = await client.ask(f"{{ facilities(first: 100) {{ nodes {{ {ids} }} }} }}")
    facility = next(node for node in data["facilities"]["nodes"] if all(node.values()))
    for name, value in facility.items():
        answer = await client.ask(
            f"query($by: FacilityLocator!) {{ facility(by: $by) {{ {ids} }} }}", by={name: value}
        )
        assert answer["facility"] == facility


async def test_who_may_read_no_facility_gets_all_other_nodes(client: Client):
    data = await client.ask("{ facilities(first: 2) { nodes { id } } }")
    ids = [node["id"] for node in data["facilities"]["nodes"]]
    del client.http.headers["Authorization"]
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    for _ in range(3):  # the second and the third have a plan
        body = await client.body(query, ids=[ids[0], A_FAQ, "?", ids[1], ids[0]])
        assert body["data"]["nodes"] == [None, {"id": A_FAQ}, None, None, None]
        codes = {error["path"][1]: error["extensions"]["code"] for error in body["errors"]}
        refused = dict.fromkeys((0, 3, 4), "NOT_PERMITTED")
        assert codes == refused | {2: "INVALID_INPUT"}


@pytest.mark.parametrize("order", ["NAME", "COUNTRY", "ID", "NEWEST"])
async def test_paging_forwards_and_backwards_meets_every_facility_once(client: Client, order: str):
    whole = await _pages(client, order, forwards=True)
    assert len(whole) == len(set(whole)) == 200
    assert await _pages(client, order, forwards=False) == whole


async def _pages(client: Client, order: str, *, forwards: bool) -> list[str]:
    met: list[str] = []
    cursor = None
    while True:
        part: dict[str, Any] = (
            {"first": 90, "after": cursor} if forwards else {"last": 90, "before": cursor}
        )
        page = (await client.ask(PAGE, order=order, **part))["facilities"]
        assert page["totalCount"] == 200
        ids = [node["osId"] for node in page["nodes"]]
        met = [*met, *ids] if forwards else [*ids, *met]
        info = page["pageInfo"]
        if not info["hasNextPage" if forwards else "hasPreviousPage"]:
            return met
        cursor = info["endCursor" if forwards else "startCursor"]


async def test_without_a_size_a_page_has_twenty_facilities(client: Client):
    page = (await client.ask(PAGE, order="NAME"))["facilities"]
    assert len(page["nodes"]) == 20
    assert page["pageInfo"]["hasNextPage"] is True
    assert page["pageInfo"]["hasPreviousPage"] is False


async def test_facilities_are_filtered_by_country_and_by_what_is_decided(client: Client):
    data = await client.ask(
        """{ facilities(first: 100, filter: {
            countries: ["VN", "PK"], primaryBlocker: [INTEREST_NOT_DECLARED, COUNTRY_NOT_ROLLED_OUT]
        }) { totalCount nodes { country { code }
             whatApplies { workflow { blockers { code } } } } } }"""
    )
    blockers = {
        (node["country"]["code"], node["whatApplies"]["workflow"]["blockers"][0]["code"])
        for node in data["facilities"]["nodes"]
    }
    assert blockers == {("VN", "INTEREST_NOT_DECLARED"), ("PK", "COUNTRY_NOT_ROLLED_OUT")}
    assert data["facilities"]["totalCount"] == len(data["facilities"]["nodes"])


async def test_a_filter_combines_so_many_conditions_and_values_and_no_more(client: Client):
    query = "query($filter: FacilityFilter) { facilities(filter: $filter) { totalCount } }"
    fits = {"also": [{"nameContains": "demo"}] * 100, "osIds": ["DEMO-OS-000001"] * 5_000}
    assert await client.ask(query, filter=fits) == {"facilities": {"totalCount": 1}}
    for name, values, message in (
        ("also", [{}] * 101, "also: '101 of them' is not valid. Allowed: at most 100."),
        ("osIds", ["x"] * 5_001, "osIds: '5001 of them' is not valid. Allowed: at most 5000."),
    ):
        error = await client.error(query, filter={name: values})
        assert (error["extensions"]["code"], error["message"]) == ("INVALID_INPUT", message)


async def test_a_filter_by_decision_sees_only_the_layers_asked_for(client: Client):
    query = """query($layers: [KnowledgeLayer!]) { facilities(
        filter: {countries: ["PK"], primaryBlocker: [COUNTRY_UNKNOWN]}, layers: $layers) {
        totalCount } }"""
    assert (await client.ask(query))["facilities"]["totalCount"] == 0
    shared = await client.ask(query, layers=["SHARED_FAQS_2021"])
    assert shared["facilities"]["totalCount"] > 0


async def test_the_rollup_adds_up_and_agrees_with_the_filters(client: Client):
    data = await client.ask(
        """{ facilityRollup { total bySharing { status count } byCountry { country count }
             byAssessor { assessedBy count } byPrimaryBlocker { blocker count } }
             ready: facilities(filter: {sharing: [SHAREABLE_NOW]}) { totalCount } }"""
    )
    rollup = data["facilityRollup"]
    assert rollup["total"] == 200
    for name in ("bySharing", "byCountry", "byAssessor", "byPrimaryBlocker"):
        assert sum(row["count"] for row in rollup[name]) == 200
    by_status = {row["status"]: row["count"] for row in rollup["bySharing"]}
    assert by_status["SHAREABLE_NOW"] == data["ready"]["totalCount"] > 0


async def test_what_applied_on_a_day_in_the_past_is_told_from_the_events_up_to_it(client: Client):
    data = await client.ask(
        """{ facilities(first: 1, filter: {sharing: [SHAREABLE_NOW]}) { nodes { osId
             history(first: 100) { totalCount nodes { kind occurredOn sequence } } } } }"""
    )
    facility = data["facilities"]["nodes"][0]
    events = facility["history"]["nodes"]
    assert facility["history"]["totalCount"] == len(events)
    assessed = [event["occurredOn"] for event in events if event["kind"] == "ASSESSED"][-1]
    query = """query($osId: String!, $day: Date!) { facility(by: {osId: $osId}) {
        whatApplies(asOf: $day) { asOf sharing { status }
        workflow { steps { state doneOn } } } } }"""
    on = await client.ask(query, osId=facility["osId"], day=assessed)
    assert on["facility"]["whatApplies"]["sharing"]["status"] == "SHAREABLE_NOW"
    day_before = _before(assessed)
    before = await client.ask(query, osId=facility["osId"], day=day_before)
    assert before["facility"]["whatApplies"]["asOf"] == day_before
    assert before["facility"]["whatApplies"]["sharing"]["status"] == "ON_TRACK"
    days = [
        step["doneOn"]
        for step in before["facility"]["whatApplies"]["workflow"]["steps"]
        if step["doneOn"]
    ]
    assert days
    assert max(days) <= day_before


def _before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


async def test_the_history_is_paged(client: Client):
    query = """query($after: String) { facility(by: {osId: "DEMO-OS-000001"}) {
        history(first: 2, after: $after) { totalCount
          edges { cursor node { kind sequence recordedAt actorRole cycle details { name value } } }
          pageInfo { hasNextPage hasPreviousPage endCursor } } } }"""
    met: list[int] = []
    after = None
    while True:
        page = (await client.ask(query, after=after))["facility"]["history"]
        met += [edge["node"]["sequence"] for edge in page["edges"]]
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert len(met) == len(set(met)) == page["totalCount"] > 2


async def test_whom_a_facility_shares_with_is_told(client: Client):
    data = await client.ask(
        "{ facilities(first: 100) { nodes { sharing { granteeKind grantee channel grantedOn } } } }"
    )
    grants = [grant for node in data["facilities"]["nodes"] for grant in node["sharing"]]
    assert {grant["channel"] for grant in grants} == {"EMAIL_LINK", "ACCREDITED_HOST"}
    assert {grant["grantee"] for grant in grants} == {"Demo Brand", "Demo Host"}


async def test_a_facility_that_may_not_be_read_is_refused_in_every_path(client: Client):
    del client.http.headers["Authorization"]
    for query in (
        '{ facility(by: {osId: "DEMO-OS-000001"}) { name } }',
        '{ facility(by: {osId: "NOBODY"}) { name } }',
        "{ facilities { totalCount } }",
        "{ facilityRollup { total } }",
        '{ node(id: "RmFjaWxpdHk6MQ==") { id } }',
    ):
        error = await client.error(query)
        assert error["extensions"]["code"] == "NOT_PERMITTED"
        assert error["message"].endswith("; you show none.")
    data = await client.ask(
        '{ viewer { role mayReadFacilities } whatIf(profile: {country: "VN"}) { asOf } }'
    )
    assert data["viewer"] == {"role": "ANONYMOUS", "mayReadFacilities": False}


async def test_the_end_of_a_history_is_paged_backwards(client: Client):
    query = """query($last: Int, $before: String) { facility(by: {osId: "DEMO-OS-000002"}) {
      latestEvent { kind } all: history(first: 50) { nodes { kind occurredOn } }
      history(last: $last, before: $before) { nodes { kind occurredOn }
        pageInfo { hasPreviousPage startCursor } } } }"""
    met: list[Any] = []
    before = None
    while True:
        facility = (await client.ask(query, last=3, before=before))["facility"]
        met = [*facility["history"]["nodes"], *met]
        if not facility["history"]["pageInfo"]["hasPreviousPage"]:
            break
        before = facility["history"]["pageInfo"]["startCursor"]
    assert met == facility["all"]["nodes"]
    assert facility["latestEvent"]["kind"] == met[-1]["kind"]


WRITE = """
import asyncio, sqlite3, sys

async def on_postgresql(url, statement):
    import asyncpg
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()

statement = "UPDATE facility SET address = 'Elsewhere 5' WHERE os_id = 'DEMO-OS-000002'"
if sys.argv[1].startswith("postgres"):
    asyncio.run(on_postgresql(sys.argv[1], statement))
else:
    with sqlite3.connect(sys.argv[1]) as connection:
        connection.execute(statement)
"""


async def test_what_another_process_has_written_is_in_the_next_answer(
    client: Client, demo_settings: Settings
):
    by = {"osId": "DEMO-OS-000002"}
    for _ in range(3):
        before = await client.ask(ENDS, by=by)
    where = str(demo_settings.sqlite_file or demo_settings.database_url)
    writing = await asyncio.create_subprocess_exec(sys.executable, "-c", WRITE, where)
    assert await writing.wait() == 0
    after = await client.ask(ENDS, by=by)
    before["facility"]["address"] = "Elsewhere 5"
    assert after == before
