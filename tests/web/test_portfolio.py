"""The portfolio: counts with the filters that list them, for those who may know."""

from collections import Counter
from typing import Any

import pytest

from kb.rules.roles import Role
from kb.services.access.matrix import Viewer
from kb.services.demo.scenarios import DEMO_BRAND
from kb.settings import Settings
from tests.tokens import token_for
from tests.web.asking import Client
from tests.web.statements import counted_statements

DIMENSIONS = {
    "byAssessor": "value count filter",
    "bySharing": "value count filter",
    "byPrimaryBlocker": "value count filter",
    "byBlocker": "value count filter",
    "byCountry": "value count filter",
    "byDataLabel": "value count filter",
    "byWorkflowState": "value count filter",
    "byRoute": "value count filter",
    "byNextActor": "value count filter",
    "byAge": "fromDays toDays count filter",
    "brandAdvice": "route count filter text",
}
COUNTS = " ".join(f"{name} {{ {fields} }}" for name, fields in DIMENSIONS.items())
PORTFOLIO = f"""
    query ($filter: FacilityFilter, $asOf: Date) {{
        portfolio(filter: $filter, asOf: $asOf) {{ asOf total {COUNTS} }}
    }}
"""
LISTED = """
    query ($filter: FacilityFilter!) { facilities(filter: $filter, first: 1) { totalCount } }
"""
ONE_OF_EACH = ("byAssessor", "bySharing", "byPrimaryBlocker", "byCountry", "byNextActor", "byAge")


@pytest.mark.parametrize(
    "conditions",
    [None, {"countries": ["VN", "BD"], "assessedBy": ["BETTER_WORK"], "blocker": ["NOT_LINKED"]}],
)
async def test_each_count_has_the_filter_that_lists_what_was_counted(
    client: Client, conditions: dict[str, Any] | None
):
    counted = (await client.ask(PORTFOLIO, filter=conditions))["portfolio"]
    assert counted["total"] > 0
    for name in DIMENSIONS:
        assert counted[name], name
        for bucket in counted[name]:
            listed = await client.ask(LISTED, filter=bucket["filter"])
            assert listed["facilities"]["totalCount"] == bucket["count"], (name, bucket)
    for name in ONE_OF_EACH:
        assert sum(bucket["count"] for bucket in counted[name]) == counted["total"], name


async def test_each_text_of_advice_is_the_advice_of_all_that_it_is_for(client: Client):
    """Also in another language; one that names a country is for those in that country alone."""
    seen = set()
    for locale in ("en", "vi", "bn"):
        counted = await client.ask(
            "query ($locale: String) { portfolio(locale: $locale) "
            "{ total brandAdvice { route country count filter text } } }",
            locale=locale,
        )
        advice = counted["portfolio"]["brandAdvice"]
        assert sum(one["count"] for one in advice) == counted["portfolio"]["total"] == 200
        for one in advice:
            listed = await client.ask(
                """
                query ($filter: FacilityFilter!, $locale: String) {
                    facilities(filter: $filter, first: 100) {
                        totalCount
                        nodes { whatApplies(locale: $locale) { brandAdvice } country { code } }
                    }
                }
                """,
                filter=one["filter"],
                locale=locale,
            )
            facilities = listed["facilities"]["nodes"]
            assert listed["facilities"]["totalCount"] == len(facilities) == one["count"]
            assert {each["whatApplies"]["brandAdvice"] for each in facilities} == {one["text"]}
            if one["country"]:
                assert {each["country"]["code"] for each in facilities} == {one["country"]}
                seen.add((one["route"], one["country"]))
    assert {"KH", "PK"} <= {country for route, country in seen if route == "WAIT_FOR_COUNTRY"}


async def test_the_number_of_statements_does_not_grow_with_the_facilities(client: Client):
    async def statements(filter_: dict[str, Any]) -> int:
        with counted_statements() as run:
            await client.ask(
                """
                query ($filter: FacilityFilter) {
                    portfolio(filter: $filter) {
                        total byBlocker { count } byAge { count } brandAdvice { count }
                        trend { month events { kind count } }
                    }
                }
                """,
                filter=filter_,
            )
        return len(run)

    assert await statements({"countries": ["VN"]}) == await statements({}) == 3


async def test_a_day_of_the_past_is_counted_as_it_was(client: Client):
    day = "2026-06-30"
    past = (await client.ask(PORTFOLIO, asOf=day))["portfolio"]
    assert past["asOf"] == day
    assert {bucket["filter"] for bucket in past["bySharing"]} == {None}
    each = await client.ask(
        """
        query ($day: Date!) {
            facilities(first: 100, filter: {countries: ["VN"]}) {
                nodes { whatApplies(asOf: $day) { sharing { status } } history { totalCount } }
            }
            portfolio(filter: {countries: ["VN"]}, asOf: $day) { bySharing { value count } }
        }
        """,
        day=day,
    )
    stood = Counter(
        facility["whatApplies"]["sharing"]["status"] for facility in each["facilities"]["nodes"]
    )
    counted = {bucket["value"]: bucket["count"] for bucket in each["portfolio"]["bySharing"]}
    assert {status: stood[status] for status in counted if status != "UNDETERMINED"} == {
        status: count for status, count in counted.items() if status != "UNDETERMINED"
    }


async def test_the_first_day_of_all_has_ages_and_months_too(client: Client):
    answer = await client.ask(
        '{ portfolio(asOf: "0001-01-01") { total byAge { count } trend(months: 24) { month } } }'
    )
    assert answer["portfolio"]["total"] == 0
    assert answer["portfolio"]["trend"] == [{"month": "0001-01"}]


async def test_the_trend_counts_what_happened_month_by_month(client: Client):
    answer = await client.ask(
        "{ portfolio { asOf trend(months: 60) { month events { kind count } } } }"
    )
    trend = answer["portfolio"]["trend"]
    months = [month["month"] for month in trend]
    assert len(months) == 60
    assert months == sorted(months)
    assert months[-1] == answer["portfolio"]["asOf"][:7]
    error = await client.error("{ portfolio { trend(months: 0) { month } } }")
    assert error["extensions"]["code"] == "INVALID_INPUT"


async def test_what_a_sign_off_would_change_is_counted_and_listed(client: Client):
    answer = await client.ask(
        """
        {
            portfolioWhatIf(changes: {countriesSignOff: ["PK"]}) {
                before { count standing { sharing } }
                after { count standing { sharing } }
                flipCount
                flips(first: 100) {
                    facility { country { code } }
                    before { primaryBlocker sharing } after { primaryBlocker sharing }
                }
            }
        }
        """
    )
    supposed = answer["portfolioWhatIf"]
    assert sum(bucket["count"] for bucket in supposed["before"]) == 200
    assert sum(bucket["count"] for bucket in supposed["after"]) == 200
    assert supposed["flipCount"] == len(supposed["flips"]) > 0
    assert {flip["facility"]["country"]["code"] for flip in supposed["flips"]} == {"PK"}
    assert {flip["before"]["primaryBlocker"] for flip in supposed["flips"]} >= {
        "COUNTRY_NOT_ROLLED_OUT"
    }


async def test_with_a_new_tool_version_those_with_a_stated_one_flip(client: Client):
    answer = await client.ask(
        """
        {
            portfolioWhatIf(changes: {toolVersion: "1.5"}) {
                flips(first: 100) { before { toolVersion sharing } after { toolVersion sharing } }
            }
        }
        """
    )
    flips = answer["portfolioWhatIf"]["flips"]
    assert flips
    assert {flip["before"]["toolVersion"] for flip in flips} == {"1.4"}
    assert {flip["after"]["toolVersion"] for flip in flips} == {"1.5"}
    assert all(flip["before"]["sharing"] == flip["after"]["sharing"] for flip in flips)


async def test_interest_declared_by_all_leaves_none_without_it_before_an_assessment(
    client: Client,
):
    answer = await client.ask(
        """
        {
            portfolioWhatIf(changes: {allDeclareInterest: true}) {
                before { count standing { sharing primaryBlocker } }
                after { count standing { sharing primaryBlocker } }
            }
        }
        """
    )

    def without_interest(counts: list[dict[str, Any]]) -> int:
        return sum(
            bucket["count"]
            for bucket in counts
            if bucket["standing"]
            == {"sharing": "NOT_YET", "primaryBlocker": "INTEREST_NOT_DECLARED"}
        )

    assert without_interest(answer["portfolioWhatIf"]["before"]) > 0
    assert without_interest(answer["portfolioWhatIf"]["after"]) == 0


async def test_a_supposition_supposes_something(client: Client):
    error = await client.error("{ portfolioWhatIf(changes: {}) { flipCount } }")
    assert error["message"] == "changes: 'nothing' is not valid. Allowed: at least one change."


@pytest.mark.parametrize("field", ["portfolio { total }", "supplierPortfolio { total }"])
async def test_without_a_token_nothing_is_counted(client: Client, field: str):
    del client.http.headers["Authorization"]
    error = await client.error(f"{{ {field} }}")
    assert error["extensions"]["code"] == "NOT_PERMITTED"


async def test_a_brand_is_counted_nothing_but_what_shares_with_it(
    client: Client, demo_settings: Settings
):
    everything = (await client.ask(PORTFOLIO))["portfolio"]
    for brand in (DEMO_BRAND, "A brand that nobody shares with"):
        token = await token_for(demo_settings, Viewer(Role.BRAND, organisation=brand))
        client.http.headers["Authorization"] = f"Bearer {token}"
        counted = (await client.ask(PORTFOLIO))["portfolio"]
        listed = await client.ask(LISTED, filter={})
        assert counted["total"] == listed["facilities"]["totalCount"] < everything["total"]
        for name in DIMENSIONS:
            for bucket in counted[name]:
                answer = await client.ask(LISTED, filter=bucket["filter"])
                assert answer["facilities"]["totalCount"] == bucket["count"], (name, bucket)
        supposed = await client.ask(
            '{ portfolioWhatIf(changes: {toolVersion: "9"}) { before { count } flipCount } }'
        )
        before = supposed["portfolioWhatIf"]["before"]
        assert sum(bucket["count"] for bucket in before) == counted["total"]
        assert supposed["portfolioWhatIf"]["flipCount"] <= counted["total"]


async def test_a_brands_own_list_is_counted_from_what_it_has_noted(
    client: Client, demo_settings: Settings
):
    token = await token_for(demo_settings, Viewer(Role.BRAND, organisation=DEMO_BRAND))
    client.http.headers["Authorization"] = f"Bearer {token}"
    for name, profile in (
        ("One", {"enrolled": "YES"}),
        ("Two", {"enrolled": "YES"}),
        ("Three", {"enrolled": "NO", "inScope": "NO"}),
    ):
        await client.ask(
            "mutation ($input: SupplierAddInput!) { supplierAdd(input: $input) { __typename } }",
            input={"name": name, "country": "VN", "profile": profile},
        )
    counted = await client.ask(
        """
        query ($filter: SupplierFilter) {
            supplierPortfolio(filter: $filter) {
                total byAssessor { value count filter } byAge { count filter } trend { month }
                brandAdvice { count filter }
            }
        }
        """,
        filter={"countries": ["VN"]},
    )
    portfolio = counted["supplierPortfolio"]
    assert portfolio["total"] == 3
    assert portfolio["trend"] == []
    assert {bucket["value"]: bucket["count"] for bucket in portfolio["byAssessor"]} == {
        "BETTER_WORK": 2,
        "VERIFIER_BODY": 1,
    }
    assert [advice["count"] for advice in portfolio["brandAdvice"]] == [2, 1]
    for bucket in portfolio["byAssessor"] + portfolio["byAge"] + portfolio["brandAdvice"]:
        listed = await client.ask(
            "query ($filter: SupplierFilter) { supplierList(filter: $filter) { totalCount } }",
            filter=bucket["filter"],
        )
        assert listed["supplierList"]["totalCount"] == bucket["count"], bucket


async def test_those_that_would_turn_are_read_with_what_is_shown_of_them(client: Client):
    query = """
        query ($changes: PortfolioChangesInput!) {
            portfolioWhatIf(changes: $changes) {
                flipCount
                flips(first: 5, skip: 1) { facility { name osId } after { sharing } }
            }
        }
    """
    changes = {"countriesSignOff": ["PK"], "allDeclareInterest": True}
    answers = []
    for _ in range(3):  # by graphql-core, then twice by a plan
        with counted_statements() as run:
            answers.append(await client.ask(query, changes=changes))
        assert len(run) == 3  # with the audit's
    assert answers[0] == answers[1] == answers[2]
    assert "p.os_id" in run[1]
    assert "f.address" not in run[1]


async def test_a_page_by_decision_and_how_many_there_are_take_two_statements(client: Client):
    query = """
        query ($sharing: [SharingStatus!]) {
            facilities(filter: {sharing: $sharing}, first: 5) { totalCount nodes { name } }
        }
    """
    with counted_statements() as run:
        await client.ask(query, sharing=["SHAREABLE_NOW"])
    assert len(run) == 3  # with the audit's
    with counted_statements() as run:
        none = await client.ask(query, sharing=[])
    assert none["facilities"] == {"totalCount": 0, "nodes": []}
    assert len(run) == 2
