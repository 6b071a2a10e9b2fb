"""Operations on facilities send as few statements as they can, and each reads what is shown."""

import pytest

from tests.schema.everything import CITATION, everything
from tests.web.asking import Client
from tests.web.statements import counted_statements, never_asked, statements_when_asked_again

# What is told of a facility beside what applies to it takes a statement of its own.
HISTORY = frozenset({"Facility.history", "Facility.latestEvent", "Facility.sharing"})


async def test_all_that_applies_to_a_facility_takes_two_statements_and_one_for_the_audit(
    client: Client,
):
    query = 'query { facility(by: {osId: "DEMO-OS-000001"}) { whatApplies %s } } %s'
    query = never_asked(query % (everything("Applicability", without=HISTORY), CITATION))
    with counted_statements() as sent:
        data = await client.ask(query)
    assert data["facility"]["whatApplies"]["trace"]
    # The facility, its events, from which its earlier service cycles are told, and the audit.
    assert [statement.split()[0] for statement in sent] == ["SELECT", "SELECT", "INSERT"]


@pytest.mark.parametrize("first", [1, 5, 50])
async def test_a_page_of_what_applies_takes_as_many_whatever_its_size(client: Client, first: int):
    query = never_asked("""query($first: Int!) { facilities(first: $first) { nodes {
      name country { kind }
      whatApplies {
        assessment { assessedBy because toolVersion { version } } sharing { status }
        workflow { state blockers { code text citations { faq { question } } } }
        fees { code held { title } } faqs { faq { number } } summary
      } } } }""")
    # The page, the service cycles of its facilities, which a plan reads with it, and the audit.
    for expected in (["SELECT", "SELECT", "INSERT"], ["SELECT", "INSERT"]):
        with counted_statements() as sent:
            data = await client.ask(query, first=first)
        assert len(data["facilities"]["nodes"]) == first
        assert [statement.split()[0] for statement in sent] == expected


async def test_a_page_with_everything_else_takes_a_constant_number_of_statements(client: Client):
    query = """query($first: Int!) { facilities(first: $first) { totalCount nodes {
      sharing { grantee channel grantedOn }
      then: whatApplies(asOf: "2023-06-30") { sharing { status } facility { name } summary }
      today: whatApplies { summary }
      now: workflow { state } earlier: workflow(asOf: "2022-06-30") { state }
    } } }"""
    counts: dict[int, list[int]] = {2: [], 50: []}
    for first in counts:
        query = never_asked(query)
        for _ in range(2):
            with counted_statements() as sent:
                await client.ask(query, first=first)
            counts[first].append(len(sent))
    # Without a plan: the page, its total, grants and service cycles, the events up to each of the
    # two days in the past, and the audit. With one the page has all but its total.
    assert counts == {2: [7, 3], 50: [7, 3]}


async def test_nodes_are_fetched_in_one_statement_and_one_for_the_audit(client: Client):
    data = await client.ask("{ facilities(first: 30) { nodes { id name } } }")
    ids = [node["id"] for node in data["facilities"]["nodes"]]
    with counted_statements() as sent:
        again = await client.ask(
            "query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Facility { name } } }", ids=ids
        )
    assert again["nodes"] == data["facilities"]["nodes"]
    assert [statement.split()[0] for statement in sent] == ["SELECT", "INSERT"]


@pytest.mark.parametrize("root", ["node(id: $id)", "nodes(ids: [$id])"])
async def test_asked_again_nodes_read_of_facilities_what_they_show(client: Client, root: str):
    data = await client.ask("{ facilities(first: 1) { nodes { id name } } }")
    (facility,) = data["facilities"]["nodes"]
    query = f"query($id: ID!) {{ found: {root} {{ id ... on Facility {{ name }} }} }}"
    first = await client.ask(query, id=facility["id"])
    assert first["found"] in (facility, [facility])
    with counted_statements() as sent:
        assert await client.ask(query, id=facility["id"]) == first
    assert [statement.split()[0] for statement in sent] == ["SELECT", "INSERT"]
    assert "SELECT p.facility_id, p.name, p.country" in sent[0]
    assert "facility f" not in sent[0]
    assert "p.state" not in sent[0]


ENDS = """query($by: FacilityLocator!) { facility(by: $by) {
  name address latestEvent { kind sequence }
  history(last: 2) { nodes { kind } edges { cursor } pageInfo { hasPreviousPage } } } }"""


async def test_asked_again_a_facility_and_its_history_take_one_statement(client: Client):
    by = {"osId": "DEMO-OS-000002"}
    sent = await statements_when_asked_again(client, ENDS, by=by)
    assert [statement.split()[0] for statement in sent] == ["SELECT", "INSERT"]


async def test_asked_again_a_page_with_the_last_events_takes_one_statement(client: Client):
    query = """{ facilities(first: 50) { nodes { id osId version country { name }
      latestEvent { kind occurredOn } history(first: 2) { nodes { kind } }
      whatApplies { sharing { status } workflow { steps { doneOn } } } } } }"""
    sent = await statements_when_asked_again(client, query)
    assert [statement.split()[0] for statement in sent] == ["SELECT", "INSERT"]


async def test_kind_and_day_of_the_last_events_are_read_without_looking_for_events(client: Client):
    query = "{ facilities(first: 50) { nodes { id latestEvent { kind occurredOn %s } } } }"
    first = await client.ask(query % "")
    with counted_statements() as sent:
        assert await client.ask(query % "") == first
    assert ["workflow_event" in statement for statement in sent] == [False, False]
    looked_for = (await client.ask(query % "actorRole"))["facilities"]["nodes"]
    for node in looked_for:
        del node["latestEvent"]["actorRole"]
    assert looked_for == first["facilities"]["nodes"]
    assert len({node["latestEvent"]["kind"] for node in looked_for}) > 5


@pytest.mark.parametrize(
    ("asked", "is_decided", "has_days"),
    [
        ("osId country { kind text } latestEvent { kind occurredOn }", False, False),
        ("whatApplies { warnings { code } } workflow { state nextActions { title } }", True, False),
        ("whatApplies { facility { workflow { steps { title } } } }", True, True),
    ],
)
async def test_asked_again_a_page_reads_of_where_facilities_stand_what_it_shows(
    client: Client, asked: str, is_decided: bool, has_days: bool
):
    query = f"{{ facilities(first: 50) {{ nodes {{ id {asked} }} }} }}"
    sent = await statements_when_asked_again(client, query)
    assert [statement.split()[0] for statement in sent] == ["SELECT", "INSERT"]
    assert ("p.decision_key" in sent[0]) is is_decided
    assert ("p.state" in sent[0]) is has_days


@pytest.mark.parametrize(
    ("asked", "limit"),
    [
        ("nodes { kind }", 2),
        ("nodes { kind } totalCount", 2),
        ("nodes { kind } pageInfo { hasPreviousPage startCursor }", 3),
        ("edges { cursor node { kind } }", 3),
    ],
)
async def test_places_of_events_are_counted_where_they_are_asked_for(
    client: Client, asked: str, limit: int
):
    query = f"{{ facilities(first: 50) {{ nodes {{ history(last: 2) {{ {asked} }} }} }} }}"
    sent = await statements_when_asked_again(client, query)
    assert f"LIMIT {limit})" in sent[0]
    assert ("SELECT COUNT(*)" in sent[0]) is (limit == 3)
