"""The layers and the day asked for hold for everything below them."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from kb.settings import Settings
from tests.schema.everything import CITATION, everything
from tests.trial_databases import on_sqlite
from tests.web.asking import Client, answering

pytestmark = on_sqlite


@pytest.fixture
async def client(demo_settings: Settings) -> AsyncIterator[Client]:
    """Everything may be asked for at once, which takes longer than what may be asked elsewhere."""
    async with answering(demo_settings, max_cost=10_000_000, request_timeout=300) as asking:
        yield asking


SHARED_ONLY = "layers: [SHARED_FAQS_2021]"

LISTS = {
    "accreditedHosts": "AccreditedHost",
    "toolVersions": "ToolVersion",
    "lawOverlays": "LawOverlay",
    "ambiguities": "Ambiguity",
    "dataLabels": "LabelDefinition",
    "systems": "KnowledgeEntry",
    "artefacts": "KnowledgeEntry",
    "actors": "ActorEntry",
    "publicRecord": "KnowledgeEntry",
    "countries": "Country",
    "fees": "Fee",
    "glossary": "GlossaryEntry",
    "sources": "Source",
}

PROFILES = [
    {"country": "VN", "enrolled": "YES", "inScope": "YES", "interestDeclared": "BEFORE_ASSESSMENT"},
    {"country": "BD", "enrolled": "YES", "inScope": "NO", "assessment": "VCC"},
    {"country": "ID", "enrolled": "NO", "inScope": "YES", "capacityAvailable": "UNKNOWN"},
    {"country": "VN"},
    {"country": "PK", "enrolled": "YES"},
    {"country": "PK", "enrolled": "NO", "inScope": "NO"},
    {"country": "IN", "enrolled": "NO", "inScope": "NO"},
    {"country": "IN", "enrolled": "YES"},
    {"country": "BR"},
]

LATER_NAMES = ("Worldly", "PUBLIC_RECORD", "howtohigg", "zendesk", "Sumerra")


def later_traces(data: Any) -> list[str]:
    text = json.dumps(data)
    return [name for name in LATER_NAMES if name in text]


def selection(type_name: str) -> str:
    return "" if type_name == "Source" else CITATION


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: " ".join(profile.values()))
async def test_nothing_of_the_public_record_shows_below_what_if(
    client: Client, profile: dict[str, str]
):
    data = await client.ask(
        "query($profile: FacilityProfileInput!) { whatIf(profile: $profile, "
        f"{SHARED_ONLY}) {everything('Applicability')} }} {CITATION}",
        profile=profile,
    )
    assert later_traces(data) == []


@pytest.mark.slow
async def test_nothing_of_the_public_record_shows_below_a_facility(client: Client):
    applies = everything("Applicability", without=frozenset({"Facility.history"}))
    of_countries = " ".join(
        f'{code}: facilities(first: 2, filter: {{countries: ["{code}"]}}, {SHARED_ONLY}) '
        "{ nodes { ...Whole } }"
        for code in ("VN", "BD", "ID", "PK")
    )
    data = await client.ask(
        f"{{ {of_countries} }} fragment Whole on Facility {{ country {everything('Country')} "
        f"whatApplies {applies} }} {CITATION}"
    )
    assert [len(page["nodes"]) for page in data.values()] == [2, 2, 2, 2]
    assert later_traces(data) == []


@pytest.mark.parametrize(("field", "type_name"), LISTS.items())
async def test_nothing_of_the_public_record_shows_in_lists_of_the_faqs(
    client: Client, field: str, type_name: str
):
    data = await client.ask(
        f"{{ {field}({SHARED_ONLY}) {everything(type_name)} }} {selection(type_name)}"
    )
    assert later_traces(data) == []
    assert bool(data[field]) is (field != "publicRecord")


# Of a country without a fact it is told that the rules are in the other layer, which is cited.
@pytest.mark.parametrize(("field", "type_name"), sorted(LISTS.items() - {("countries", "Country")}))
async def test_nothing_of_the_faqs_shows_in_lists_of_the_public_record(
    client: Client, field: str, type_name: str
):
    data = await client.ask(
        f"{{ {field}(layers: [PUBLIC_RECORD]) {everything(type_name)} }} {selection(type_name)}"
    )
    assert "SHARED_FAQS_2021" not in json.dumps(data)


async def test_the_public_record_adds_its_own_where_it_is_asked_for(client: Client):
    data = await client.ask(
        """{ fees(layers: [PUBLIC_RECORD], asOf: "2026-11-23") { amount { amount currency } }
             country(code: "PK", asOf: "2026-11-23") { kind fact { layer validFrom } } }"""
    )
    assert {"amount": {"amount": "199", "currency": "USD"}} in data["fees"]
    assert data["country"]["kind"] == "BW_PENDING"
    assert data["country"]["fact"]["layer"] == "PUBLIC_RECORD"


@pytest.mark.parametrize(
    ("day", "kind", "assessed_by"),
    [
        ("2021-09-30", None, "UNDETERMINED"),
        ("2021-10-01", "ROLLOUT", "BETTER_WORK"),
        ("2021-10-02", "ROLLOUT", "BETTER_WORK"),
    ],
)
async def test_the_rollout_is_told_from_its_first_day_on(
    client: Client, day: str, kind: str | None, assessed_by: str
):
    data = await client.ask(
        """query($day: Date!) { whatIf(asOf: $day, profile: {country: "VN", enrolled: YES}) {
             asOf country { kind fact { validFrom } notes { validFrom } }
             assessment { assessedBy } workflow { blockers { code } } } }""",
        day=day,
    )
    answer = data["whatIf"]
    assert answer["asOf"] == day
    assert answer["country"]["kind"] == kind
    assert answer["assessment"]["assessedBy"] == assessed_by
    assert ("COUNTRY_UNKNOWN" in json.dumps(answer["workflow"])) is (kind is None)
    assert all(note["validFrom"] <= day for note in answer["country"]["notes"])


async def test_layers_are_taken_over_from_the_enclosing_object(client: Client):
    data = await client.ask(
        """{ facilities(first: 1, filter: {countries: ["PK"]}, layers: [SHARED_FAQS_2021]) {
             nodes { inherited: whatApplies { country { kind } facility { country { kind } } }
                     own: whatApplies(layers: [PUBLIC_RECORD]) { country { kind } } } } }"""
    )
    (facility,) = data["facilities"]["nodes"]
    assert facility["inherited"] == {
        "country": {"kind": "NOT_NAMED"},
        "facility": {"country": {"kind": "NOT_NAMED"}},
    }
    assert facility["own"]["country"]["kind"] == "BW_PENDING"


async def test_the_day_is_taken_over_from_the_enclosing_object(client: Client):
    data = await client.ask(
        """{ facility(by: {osId: "DEMO-OS-000001"}) { whatApplies(asOf: "2021-09-30") {
             facility { whatApplies { asOf country { kind } } country { kind } } } } }"""
    )
    inner = data["facility"]["whatApplies"]["facility"]
    assert inner["whatApplies"] == {"asOf": "2021-09-30", "country": {"kind": None}}
    assert inner["country"]["kind"] is None
