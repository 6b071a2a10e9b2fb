"""A facility lets a brand see where it stands, without its data (FAQ 19: it decides)."""

from __future__ import annotations

from typing import Any

from kb.models import BrandProjection, Facility
from kb.services.recording.projections import rebuild
from tests.mutations.conftest import FACTORY, OFFICER, SHARE, UNSHARE, People

SEEN = """
query ($id: ID!) { facility(by: {id: $id}) {
    name statusOnly version sharing { grantee } history { totalCount nodes { kind } }
    latestEvent { kind }
    whatApplies {
        sharing { status } dataLabels { code } cycles { number labels { code } }
        workflow { state nextActions { code } steps { code doneOn } }
    }
} }
"""
BRAND = {"grantee": "Example Brand"}


async def seen(people: People, who: str, id_: str) -> dict[str, Any] | None:
    body = await people.ask(who, SEEN, id=id_)
    if "errors" in body:
        assert body["errors"][0]["extensions"]["code"] == "NOT_FOUND"
        return None
    facility: dict[str, Any] = body["data"]["facility"]
    return facility


async def test_a_brand_sees_where_the_facility_stands_and_none_of_its_data(people: People):
    id_ = await people.walk("facilitySubmitData")
    assert await seen(people, "brand", id_) is None
    await people.done(FACTORY, "facilityGrantSight", facilityId=id_, **BRAND)
    by_brand, by_factory = [await seen(people, who, id_) for who in ("brand", FACTORY)]
    assert by_brand
    assert by_factory
    assert by_brand["statusOnly"]
    assert not by_factory["statusOnly"]
    assert by_brand["whatApplies"]["workflow"] == by_factory["whatApplies"]["workflow"]
    assert by_brand["whatApplies"]["sharing"] == by_factory["whatApplies"]["sharing"]
    assert by_factory["whatApplies"]["dataLabels"] != []
    assert by_brand["whatApplies"]["dataLabels"] == []
    assert by_brand["whatApplies"]["cycles"] == []
    assert by_brand["history"] == {"totalCount": 0, "nodes": []}
    assert by_brand["latestEvent"] is None
    assert by_factory["latestEvent"] == {"kind": "SIGHT_GRANTED"}
    assert by_brand["sharing"] == []
    listed = "{ facilities { totalCount nodes { name } } facilityRollup { total } }"
    data = (await people.ask("brand", listed))["data"]
    assert (data["facilities"]["totalCount"], data["facilityRollup"]["total"]) == (1, 1)
    by_label = "{ facilities(filter: {dataLabel: [BW_ASSESSED_STEP1]}) { totalCount } }"
    for who, count in (("brand", 0), (OFFICER, 1)):
        body = await people.ask(who, by_label)
        assert body["data"]["facilities"]["totalCount"] == count
    data = (await people.ask("other brand", listed))["data"]
    assert (data["facilities"]["totalCount"], data["facilityRollup"]["total"]) == (0, 0)
    assert await seen(people, "other brand", id_) is None


async def test_counts_of_labels_and_of_events_leave_out_what_a_brand_sees_the_status_of(
    people: People,
):
    id_ = await people.walk("facilitySubmitData")
    await people.done(FACTORY, "facilityGrantSight", facilityId=id_, **BRAND)
    counted = """{ portfolio {
        total byDataLabel { count } trend { events { count } }
    } }"""
    by_brand, by_officer = [
        (await people.ask(who, counted))["data"]["portfolio"] for who in ("brand", OFFICER)
    ]
    assert (by_brand["total"], by_officer["total"]) == (1, 1)
    assert by_brand["byDataLabel"] == []
    assert by_officer["byDataLabel"] != []
    assert not any(month["events"] for month in by_brand["trend"])
    assert any(month["events"] for month in by_officer["trend"])


async def test_what_a_brand_sees_follows_what_it_is_given_and_ends_with_it(people: People):
    id_ = await people.walk("facilitySubmitData")
    facility = {"facilityId": id_}
    stages = []
    for mutation, arguments in (
        ("facilityGrantSight", BRAND),
        ("facilityShare", SHARE),
        ("facilityUnshare", UNSHARE),
        ("facilityWithdrawSight", BRAND),
    ):
        await people.done(FACTORY, mutation, **facility, **arguments)
        shown = await seen(people, "brand", id_)
        stages.append(shown and (shown["statusOnly"], shown["history"]["totalCount"] > 0))
        await rebuild()
        assert await seen(people, "brand", id_) == shown
    assert stages == [(True, False), (False, True), (True, False), None]
    assert await BrandProjection.all().count() == 0
    again = await people.do(FACTORY, "facilityWithdrawSight", **facility, **BRAND)
    assert again["guard"] == "SEES_STATUS"


async def test_sight_that_others_are_given_changes_nothing_for_a_brand(people: People):
    id_ = await people.walk("facilityShare")
    before = await seen(people, "brand", id_)
    await people.done(FACTORY, "facilityGrantSight", facilityId=id_, grantee="Other Brand")
    assert await seen(people, "brand", id_) == before
    assert (await seen(people, "other brand", id_) or {})["statusOnly"]
    await people.done(FACTORY, "facilityWithdrawSight", facilityId=id_, grantee="Other Brand")
    assert await seen(people, "brand", id_) == before
    assert await seen(people, "other brand", id_) is None


async def test_nothing_differs_after_a_rebuild(people: People):
    id_ = await people.walk("facilitySubmitData")
    await people.done(FACTORY, "facilityGrantSight", facilityId=id_, **BRAND)
    await people.done(OFFICER, "facilityCloseCycle", facilityId=id_)
    assert (await rebuild()).differences == ()
    assert await Facility.all().count() == 1
