"""The knowledge over HTTP: FAQs, countries, fees, hosts, versions, words and gaps."""

import pytest

from tests.trial_databases import on_sqlite
from tests.web.asking import Client

pytestmark = on_sqlite


async def test_the_answer_of_faq_7_holds_its_table(client: Client):
    data = await client.ask(
        """{ faq(number: 7) { number slug section question answer phrasings checkedOn
             passages { id text faqNumber } table { passage columns rows }
             source { title layer dated precision } servedLocale localeReason } }"""
    )
    faq = data["faq"]
    assert faq["slug"] == "verifiers-in-better-work-countries"
    assert faq["section"] == 1
    assert len(faq["phrasings"]) >= 5
    assert len(faq["table"]["rows"]) == 3
    assert "| Enrolled in Better Work? |" in faq["answer"]
    assert "| --- | --- | --- | --- |" in faq["answer"]
    assert all(passage["text"] in faq["answer"] for passage in faq["passages"])
    assert {passage["faqNumber"] for passage in faq["passages"]} == {7}
    assert faq["source"]["dated"] == "2021-10-01"
    assert faq["source"]["precision"] == "MONTH"
    assert faq["servedLocale"] == "en"
    assert faq["localeReason"] == "No language was asked for; English is the default."


async def test_the_language_that_is_held_is_served_and_english_instead_of_others(client: Client):
    query = """query($locale: String!) { faq(number: 1, locale: $locale) {
        servedLocale localeReason question } }"""
    bangla = (await client.ask(query, locale="bn-BD"))["faq"]
    assert (bangla["servedLocale"], bangla["localeReason"]) == (
        "bn",
        "bn is held and answers 'bn-BD'. The translation is unreviewed.",
    )
    assert bangla["question"] == "Better Work ও SLCP কীভাবে একসঙ্গে কাজ করে?"
    british = (await client.ask(query, locale="en_GB"))["faq"]
    assert (british["servedLocale"], british["localeReason"]) == (
        "en",
        "en is held and answers 'en_GB'.",
    )
    french = (await client.ask(query, locale="fr"))["faq"]
    assert (french["servedLocale"], french["localeReason"]) == (
        "en",
        "There is no text in 'fr'; English is served. Held: en, bn, id, vi.",
    )
    assert french["question"] == british["question"]


async def test_links_that_the_source_has_lost_are_marked(client: Client):
    data = await client.ask("{ faqs(first: 23) { nodes { links { target status } } } }")
    links = [link for faq in data["faqs"]["nodes"] for link in faq["links"]]
    assert len(links) == 8
    assert {(link["target"], link["status"]) for link in links} == {(None, "unresolved")}


async def test_faqs_come_in_pages_by_number(client: Client):
    query = """query($after: String) { faqs(first: 10, after: $after) { totalCount
        nodes { number } edges { cursor } pageInfo { hasNextPage hasPreviousPage endCursor } } }"""
    numbers: list[int] = []
    pages, after = 0, None
    while True:
        page = (await client.ask(query, after=after))["faqs"]
        pages, after = pages + 1, page["pageInfo"]["endCursor"]
        numbers += [node["number"] for node in page["nodes"]]
        assert page["totalCount"] == 23
        assert page["pageInfo"]["hasPreviousPage"] is (pages > 1)
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert pages == 3
    assert numbers == list(range(1, 24))


async def test_faqs_are_filtered_by_section_audience_topic_and_number(client: Client):
    query = "query($filter: FaqFilter!) { faqs(filter: $filter, first: 23) { nodes { number } } }"

    async def numbers(**filter: object) -> list[int]:
        answer = await client.ask(query, filter=filter)
        return [node["number"] for node in answer["faqs"]["nodes"]]

    assert await numbers(section=1) == [1, 2, 3, 4, 5, 6, 7]
    assert await numbers(numbers=[14, 2]) == [2, 14]
    assert await numbers(topic="fees") == [14]
    assert 7 in await numbers(audience="verifier-body", section=1)
    assert await numbers(topic="fees", section=1) == []


async def test_a_country_of_which_nothing_is_held_says_so(client: Client):
    data = await client.ask(
        '{ country(code: "BR") { id name kind fact { text } kinds { text } text } }'
    )
    country = data["country"]
    assert (country["name"], country["kind"], country["fact"]) == (
        "Brazil",
        "NOT_NAMED",
        None,
    )
    assert country["kinds"] == []
    assert country["text"] == (
        "Who assesses cannot be told: no source asked says whether SLCP or Better Work is active "
        "in Brazil. The Gateway publishes the list of active countries."
    )


async def test_countries_are_listed_by_name_and_filtered(client: Client):
    data = await client.ask(
        """{ rollout: countries(filter: {kinds: [ROLLOUT]}) { code name kind }
             named: countries(filter: {codes: ["VN", "PK"]}) { code }
             shared: countries(layers: [SHARED_FAQS_2021]) { code }
             none: countries(filter: {codes: []}) { code }
             any: countries(filter: {codes: ["VN"], kinds: null}) { code } }"""
    )
    assert (data["none"], data["any"]) == ([], [{"code": "VN"}])
    assert [country["name"] for country in data["rollout"]] == [
        "Bangladesh",
        "Indonesia",
        "Vietnam",
    ]
    assert [country["code"] for country in data["named"]] == ["PK", "VN"]
    assert [country["code"] for country in data["shared"]] == ["BD", "ID", "VN"]


async def test_fees_without_an_amount_say_that_it_is_not_stated(client: Client):
    data = await client.ask(
        """{ fees(layers: [SHARED_FAQS_2021], filter: {codes: [GATEWAY_REGISTRATION, VERIFICATION]})
             { code charge amount { amount } text } }"""
    )
    fees = {fee["code"]: fee for fee in data["fees"]}
    assert fees["GATEWAY_REGISTRATION"]["charge"] == "NONE"
    assert fees["GATEWAY_REGISTRATION"]["amount"] == {"amount": "0"}
    assert fees["VERIFICATION"]["charge"] == "NOT_STATED"
    assert fees["VERIFICATION"]["amount"] is None


async def test_tool_versions_and_hosts_of_the_source_are_told(client: Client):
    data = await client.ask(
        """{ toolVersions(layers: [SHARED_FAQS_2021]) { version planned availability { value } }
             accreditedHosts { name modules facts { layer } } }"""
    )
    versions = {tool["version"]: tool["planned"] for tool in data["toolVersions"]}
    assert versions == {"1.3": False, "1.4": False, "1.5": True, "1.6": True}
    assert {host["name"]: host["modules"] for host in data["accreditedHosts"]} == {
        "FFC": [],
        "Higg": ["vFSLM"],
    }


@pytest.mark.parametrize(
    ("day", "planned"),
    [
        ("2021-01-15", {"1.3": False, "1.4": True}),
        ("2021-06-30", {"1.3": False, "1.4": False}),
        ("2021-10-01", {"1.3": False, "1.4": False, "1.5": True, "1.6": True}),
        ("2035-01-01", {"1.3": False, "1.4": False, "1.5": True, "1.6": False, "1.7": True}),
    ],
)
async def test_a_tool_version_is_planned_until_a_source_says_that_it_can_be_used(
    client: Client, day: str, planned: dict[str, bool]
):
    data = await client.ask(
        """query($day: Date) {
             toolVersions(asOf: $day) { version planned text citations { role } }
             later: toolVersions(layers: [PUBLIC_RECORD]) { version planned } }""",
        day=day,
    )
    assert {tool["version"]: tool["planned"] for tool in data["toolVersions"]} == planned
    later = {tool["version"]: tool["planned"] for tool in data["later"]}
    assert later == {"1.4": False, "1.5": True, "1.6": False, "1.7": True}
    assert all(tool["citations"] for tool in data["toolVersions"])


async def test_what_is_told_of_a_tool_version_is_what_is_known_on_the_day(client: Client):
    data = await client.ask(
        """{ then: toolVersions(asOf: "2021-10-31") { version text }
             now: toolVersions(asOf: "2026-11-23") { version text } }"""
    )
    texts = {
        (when, tool["version"]): tool["text"] for when in ("then", "now") for tool in data[when]
    }
    assert texts["then", "1.5"].startswith("Planned. The launch is given only as 2022")
    assert "Whether it was launched is not stated" in texts["now", "1.5"]
    assert texts["then", "1.4"].startswith("The version of October 2021.")
    assert "Later pages speak of CAF 1.6" in texts["now", "1.4"]
    assert texts["now", "1.6"].startswith("CAF 1.6 is in use: Worldly offers it")


async def test_before_anything_is_known_of_the_tool_versions_the_day_is_not_covered(
    client: Client,
):
    error = await client.error('{ toolVersions(asOf: "2020-12-31") { version } }')
    assert error["extensions"]["code"] == "NOT_COVERED"
    assert "2021-01-01" in error["message"]


async def test_the_law_overlay_is_there_in_three_countries_only(client: Client):
    data = await client.ask(
        """{ lawOverlays { countries available steps }
             before: lawOverlays(asOf: "2021-10-01") { available }
             country(code: "ID") { lawOverlays { available } } }"""
    )
    available = {
        tuple(overlay["countries"]): overlay["available"] for overlay in data["lawOverlays"]
    }
    assert available[("BD", "ID", "VN")] is True
    assert available[()] is False
    assert data["country"]["lawOverlays"] == [{"available": True}]


async def test_the_glossary_finds_a_term_by_a_synonym_in_any_case(client: Client):
    data = await client.ask('{ glossary(term: "fActory") { term } all: glossary { term } }')
    assert 0 < len(data["glossary"]) < len(data["all"])
    assert len(data["all"]) >= 45


async def test_every_ambiguity_is_told(client: Client):
    data = await client.ask("{ ambiguities { key tension safeBehaviour ask } }")
    assert [ambiguity["key"] for ambiguity in data["ambiguities"]] == [
        f"Q{n}" for n in range(1, 22)
    ]


async def test_the_release_is_named(client: Client):
    data = await client.ask("{ knowledge { number contentHash publishedAt recordCount } }")
    assert data["knowledge"]["number"] == 1
    assert data["knowledge"]["publishedAt"] == "2026-11-23T12:00:00+00:00"
    assert len(data["knowledge"]["contentHash"]) == 64


async def test_every_node_is_fetched_again_by_its_id(client: Client):
    data = await client.ask(
        """{ a: faqs(first: 1) { nodes { id } } b: countries { id } c: fees { id }
             d: accreditedHosts { id } e: toolVersions { id } f: glossary { id }
             g: ambiguities { id } h: facilities(first: 1) { nodes { id } } }"""
    )
    ids = [(rows["nodes"] if isinstance(rows, dict) else rows)[0]["id"] for rows in data.values()]
    again = await client.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }", ids=ids)
    assert [node["id"] for node in again["nodes"]] == ids
    assert [node["__typename"] for node in again["nodes"]] == [
        "Faq",
        "Country",
        "Fee",
        "AccreditedHost",
        "ToolVersion",
        "GlossaryEntry",
        "Ambiguity",
        "Facility",
    ]


async def test_what_if_asks_for_what_settles_most(client: Client):
    data = await client.ask(
        """{ whatIf(profile: {country: "VN"}) { assessment { assessedBy }
             missing { input rank because text citations { faqNumber } } } }"""
    )
    missing = data["whatIf"]["missing"]
    assert data["whatIf"]["assessment"]["assessedBy"] == "UNDETERMINED"
    assert [question["rank"] for question in missing] == list(range(1, len(missing) + 1))
    assert missing[0]["input"] == "ENROLLED"
    assert all(question["because"] and question["text"] for question in missing)


async def test_the_summary_names_day_facility_and_release(client: Client):
    data = await client.ask(
        """{ facility(by: {osId: "DEMO-OS-000001"}) { name
             whatApplies(asOf: "2026-11-23") { summary citations { faqNumber } } } }"""
    )
    summary = data["facility"]["whatApplies"]["summary"]
    assert summary.startswith(f"**{data['facility']['name']}, Vietnam, on 2026-11-23**")
    assert "### What to do next" in summary
    assert summary.endswith("*Knowledge release 1 of 2026-11-23.*\n")
