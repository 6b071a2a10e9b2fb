"""Who may ask for the schema, and is helped with names that there are not, by the settings."""

from __future__ import annotations

from kb.settings import Settings
from kb.settings.access import Introspection
from tests.trial_databases import on_sqlite
from tests.web.asking import Client, answering

SCHEMA = "{ __schema { queryType { name } } }"
HIDDEN_BY_FRAGMENT = 'query { ...F } fragment F on Query { a: __type(name: "Faq") { name } }'
MISSPELT = {
    "{ knowlege { number } }": "Cannot query field 'knowlege' on type 'Query'.",
    '{ whatIf(profile: {country: "VN", enroled: YES}) { asOf } }': (
        "Expected value of type 'FacilityProfileInput' not to include unknown field 'enroled', "
        'found: { country: "VN", enroled: YES }.'
    ),
    "{ facilities(orderBy: NAMES) { totalCount } }": (
        "Value 'NAMES' does not exist in 'FacilityOrder' enum."
    ),
}
BY_VARIABLE = "query($order: FacilityOrder!) { facilities(orderBy: $order) { totalCount } }"


async def refused(client: Client) -> None:
    for query in (SCHEMA, HIDDEN_BY_FRAGMENT):
        error = await client.error(query)
        assert error["extensions"] == {"code": "INTROSPECTION_DISABLED"}
    for query, message in MISSPELT.items():
        assert (await client.error(query))["message"] == message
    error = await client.error(BY_VARIABLE, order="NAMES")
    assert error["message"].endswith("Value 'NAMES' does not exist in 'FacilityOrder' enum.")
    assert await client.ask("{ __typename }") == {"__typename": "Query"}
    assert (await client.http.get("/schema.graphql")).status_code == 404


async def helped(client: Client) -> None:
    for query in (SCHEMA, HIDDEN_BY_FRAGMENT):
        assert await client.ask(query)
    error = await client.error("{ knowlege { number } }")
    assert error["message"].endswith("Did you mean 'knowledge'?")
    error = await client.error(BY_VARIABLE, order="NAMES")
    assert "Allowed: NAME, COUNTRY" in error["message"]


@on_sqlite
async def test_the_schema_is_told_by_role_and_setting(demo_settings: Settings) -> None:
    async with answering(demo_settings) as client:
        del client.http.headers["Authorization"]
        await helped(client)
        assert (await client.http.get("/schema.graphql")).status_code == 200
    async with answering(demo_settings, introspection=Introspection.TOKENS) as client:
        await helped(client)
        del client.http.headers["Authorization"]
        await refused(client)
    async with answering(demo_settings, introspection=Introspection.NOBODY) as client:
        await refused(client)


@on_sqlite
async def test_graphiql_can_be_left_out(demo_settings: Settings) -> None:
    html = {"Accept": "text/html"}
    for shown in (True, False):
        async with answering(demo_settings, graphiql=shown) as client:
            answer = await client.http.get("/graphql", headers=html)
            assert ("graphiql" in answer.text) is shown
            assert answer.status_code == (200 if shown else 400)
