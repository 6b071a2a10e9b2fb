"""Nobody can tell from a number that something was recorded which they are not told of."""

from __future__ import annotations

import base64
import json

from tests.mutations.conftest import FACTORY, OFFICER, SHARE, SLCP, UNSHARE, People

HISTORY = """query ($id: ID!, $after: String) { node(id: $id) { ... on Facility { version
    history(first: 3, after: $after) { totalCount pageInfo { hasNextPage endCursor }
        edges { cursor node { kind sequence } } } } } }"""
ANOTHER = "Another Brand"


async def met(people: People, who: str, id_: str) -> tuple[int | None, list[dict], int]:
    """The version, the edges of all pages of the history, and their number as it is told."""
    edges: list[dict] = []
    after = None
    while True:
        body = await people.ask(who, HISTORY, id=id_, after=after)
        facility = body["data"]["node"]
        page = facility["history"]
        edges += page["edges"]
        if not page["pageInfo"]["hasNextPage"]:
            return facility["version"], edges, page["totalCount"]
        after = page["pageInfo"]["endCursor"]


async def test_neither_numbers_nor_cursors_show_that_events_are_left_out(people: People):
    id_ = await people.walk("facilityShare")
    for _ in range(2):  # what the brand is not told of
        await people.done(FACTORY, "facilityShare", facilityId=id_, **{**SHARE, "grantee": ANOTHER})
        await people.done(
            FACTORY, "facilityUnshare", facilityId=id_, **{**UNSHARE, "grantee": ANOTHER}
        )
    await people.done(OFFICER, "facilityCloseCycle", facilityId=id_)
    for who, version, sequences in (
        (FACTORY, 21, [*range(1, 22)]),
        (OFFICER, 21, [*range(1, 22)]),
        ("helpdesk", 21, [*range(1, 22)]),
        ("admin", 21, [*range(1, 22)]),
        (SLCP, 4, [None] * 4),
        ("brand", 16, [None] * 16),
    ):
        nodes, edges, total = await met(people, who, id_)
        assert (who, nodes, total) == (who, version, len(sequences))
        assert [edge["node"]["sequence"] for edge in edges] == sequences
        # All on one day, so that the places are those among what is told.
        padded = [edge["cursor"] + "=" * (-len(edge["cursor"]) % 4) for edge in edges]
        places = [json.loads(base64.urlsafe_b64decode(cursor))[1:] for cursor in padded]
        assert places == [[places[0][0], place] for place in range(1, total + 1)]


async def test_an_slcp_officer_learns_of_no_other_change_from_the_version_it_expects(
    people: People,
):
    id_ = await people.walk("facilitySubmitProfile")
    details = {"facilityId": id_, "gatewayId": "GW-1"}
    stale = await people.do(SLCP, "facilityApproveProfile", expectedVersion=7, **details)
    assert (stale["expected"], stale["current"]) == (7, 1)
    done = await people.done(SLCP, "facilityApproveProfile", expectedVersion=1, **details)
    assert done["facility"]["version"] == 2


async def test_who_recorded_and_words_for_the_facility_reach_no_brand_and_no_slcp_officer(
    people: People,
):
    id_ = await people.walk("facilityReturnProfile")
    await people.done(FACTORY, "facilitySubmitProfile", facilityId=id_)
    details = {"facilityId": id_, "gatewayId": "GW-1"}
    await people.done(SLCP, "facilityApproveProfile", **details)
    query = """query ($id: ID!) { node(id: $id) { ... on Facility {
        history(first: 100) { nodes { kind actor details { name } } } } } }"""
    for who, shown in ((FACTORY, True), (OFFICER, True), ("helpdesk", True), (SLCP, False)):
        body = await people.ask(who, query, id=id_)
        nodes = body["data"]["node"]["history"]["nodes"]
        assert any(node["actor"] for node in nodes) is shown
        names = {detail["name"] for node in nodes for detail in node["details"]}
        assert ("reason" in names) is shown
