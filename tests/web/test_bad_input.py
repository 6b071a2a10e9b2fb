"""Bad input: every message names the value and what is allowed, and every error has a code."""

import base64
import logging
from typing import Any

import pytest

from graphql_schema.queries import facilities
from tests.web.asking import Client

A_FAQ = "RmFxOjE="  # the global id of FAQ 1
NODES = (
    "Facility or Supplier or Faq or Country or Fee or AccreditedHost or ToolVersion or "
    "GlossaryEntry or "
)
DAY = "a day of the calendar as YYYY-MM-DD, such as 2021-10-01"
COUNTRY = "an ISO 3166-1 alpha-2 code in capital letters, such as 'VN' or 'BD'"
CASES: dict[str, tuple[str, str, str]] = {
    "an unknown facility": (
        '{ facility(by: {osId: "NOBODY"}) { name } }',
        "NOT_FOUND",
        "There is no facility 'NOBODY'.",
    ),
    "an id that nothing has": (
        '{ facility(by: {id: "999999"}) { name } }',
        "NOT_FOUND",
        "There is no facility '999999'.",
    ),
    "an id that is none": (
        '{ facility(by: {id: "?"}) { name } }',
        "INVALID_INPUT",
        "id: '?' is not valid. Allowed: the id of a Facility, as its field `id` gives it.",
    ),
    "the id of another type": (
        f'{{ facility(by: {{id: "{A_FAQ}"}}) {{ name }} }}',
        "INVALID_INPUT",
        f"id: '{A_FAQ}' is not valid. Allowed: the id of a Facility, as its field `id` gives it.",
    ),
    "a node id that is none": (
        '{ node(id: "?") { id } }',
        "INVALID_INPUT",
        f"id: '?' is not valid. Allowed: the id of a {NODES}Ambiguity, as its field `id` gives it.",
    ),
    "two ids at once": (
        '{ facility(by: {osId: "a", gatewayId: "b"}) { name } }',
        "GRAPHQL_VALIDATION_FAILED",
        "OneOf Input Object 'FacilityLocator' must specify exactly one key.",
    ),
    "an unknown country": (
        '{ country(code: "XX") { name } }',
        "INVALID_INPUT",
        f"CountryCode: 'XX' is not valid. Allowed: {COUNTRY}.",
    ),
    "a country in small letters": (
        '{ whatIf(profile: {country: "vn"}) { asOf } }',
        "INVALID_INPUT",
        f"CountryCode: 'vn' is not valid. Allowed: {COUNTRY}.",
    ),
    "an unknown FAQ": (
        "{ faq(number: 24) { slug } }",
        "NOT_FOUND",
        "There is no FAQ '24'. Known: "
        "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23.",
    ),
    "a FAQ on a day before its source": (
        '{ faq(number: 7, asOf: "2021-09-30") { slug } }',
        "NOT_COVERED",
        "FAQ 7 is not covered on 2021-09-30. The first day covered is 2021-10-01.",
    ),
    "fees on a day before the source": (
        '{ fees(asOf: "2020-02-29") { title } }',
        "NOT_COVERED",
        "The list of fees is not covered on 2020-02-29. The first day covered is 2021-10-01.",
    ),
    "a cursor that is none": (
        '{ facilities(after: "here") { totalCount } }',
        "INVALID_INPUT",
        "after: 'here' is not valid. "
        "Allowed: a cursor that an earlier page with the order NAME gave.",
    ),
    "a FAQ cursor that is none": (
        '{ faqs(after: "here") { totalCount } }',
        "INVALID_INPUT",
        "after: 'here' is not valid. "
        "Allowed: a cursor that an earlier page with the order NUMBER gave.",
    ),
    "an empty page": (
        "{ facilities(first: 0) { totalCount } }",
        "INVALID_INPUT",
        "first: '0' is not valid. Allowed: 1 to 100.",
    ),
    "a negative page": (
        "{ facilities(last: -1) { totalCount } }",
        "INVALID_INPUT",
        "last: '-1' is not valid. Allowed: 1 to 100.",
    ),
    "a page that is too large": (
        "{ faqs(first: 101) { totalCount } }",
        "INVALID_INPUT",
        "first: '101' is not valid. Allowed: 1 to 100.",
    ),
    "both ends at once": (
        "{ facilities(first: 1, last: 1) { totalCount } }",
        "INVALID_INPUT",
        "last: '1' is not valid. Allowed: either first or last, not both.",
    ),
    "no applicable FAQs": (
        '{ whatIf(profile: {country: "VN"}) { faqs(first: 0) { rank } } }',
        "INVALID_INPUT",
        "first: '0' is not valid. Allowed: a number from 1 on.",
    ),
    "an unknown enum value": (
        '{ whatIf(profile: {country: "VN", enrolled: MAYBE}) { asOf } }',
        "GRAPHQL_VALIDATION_FAILED",
        "Value 'MAYBE' does not exist in 'Ternary' enum. Allowed: YES, NO, UNKNOWN.",
    ),
    "an unknown layer": (
        "{ fees(layers: [HEARSAY]) { title } }",
        "GRAPHQL_VALIDATION_FAILED",
        "Value 'HEARSAY' does not exist in 'KnowledgeLayer' enum. "
        "Allowed: SHARED_FAQS_2021, PUBLIC_RECORD.",
    ),
    "no layer": (
        "{ fees(layers: []) { title } }",
        "INVALID_INPUT",
        "layers: '[]' is not valid. Allowed: at least one of SHARED_FAQS_2021, PUBLIC_RECORD.",
    ),
    "a day in another form": (
        '{ whatIf(asOf: "1.10.2021", profile: {country: "VN"}) { asOf } }',
        "INVALID_INPUT",
        f"Date: '1.10.2021' is not valid. Allowed: {DAY}.",
    ),
    "a day without dashes": (
        '{ faq(number: 1, asOf: "20211001") { slug } }',
        "INVALID_INPUT",
        f"Date: '20211001' is not valid. Allowed: {DAY}.",
    ),
    "a day that is not in the calendar": (
        '{ faq(number: 1, asOf: "2021-02-29") { slug } }',
        "INVALID_INPUT",
        f"Date: '2021-02-29' is not valid. Allowed: {DAY}.",
    ),
    "a Step that there is not": (
        '{ whatIf(profile: {country: "VN", selfAssessmentSteps: [1, 4]}) { asOf } }',
        "INVALID_INPUT",
        "selfAssessmentSteps: '4' is not valid. Allowed: 1, 2 and 3.",
    ),
    "a malformed language": (
        '{ faq(number: 1, locale: "in English") { slug } }',
        "INVALID_INPUT",
        "locale: 'in English' is not valid. Allowed: a language tag such as 'en' or 'bn-BD'.",
    ),
    "an unknown section": (
        "{ faqs(filter: {section: 3}) { totalCount } }",
        "INVALID_INPUT",
        "section: '3' is not valid. Allowed: one of 1, 2.",
    ),
    "an unknown field": (
        "{ verdict }",
        "GRAPHQL_VALIDATION_FAILED",
        "Cannot query field 'verdict' on type 'Query'.",
    ),
    "a text that is no query": (
        "{ faq(",
        "GRAPHQL_PARSE_FAILED",
        "Syntax Error: Expected Name, found <EOF>.",
    ),
}


@pytest.mark.parametrize("case", CASES)
async def test_bad_input_is_told_with_its_value_and_what_is_allowed(
    client: Client, case: str, caplog: pytest.LogCaptureFixture
):
    query, code, message = CASES[case]
    error = await client.error(query)
    assert error["message"] == message
    assert error["extensions"]["code"] == code
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_a_node_id_with_thousands_of_digits_is_no_id(client: Client):
    key = "0" * 4_990 + "7" * 20
    for type_name in ("Facility", "Faq", "ToolVersion"):
        id_ = base64.b64encode(f"{type_name}:{key}".encode()).decode()
        error = await client.error("query($id: ID!) { node(id: $id) { id } }", id=id_)
        assert error["extensions"]["code"] == "INVALID_INPUT"
        assert len(error["message"]) < 500


async def test_a_fragment_that_there_is_not_is_told(client: Client):
    error = await client.error("{ ...Nope }")
    assert error["message"] == "Unknown fragment 'Nope'."


async def test_a_bad_variable_is_told_with_its_place(client: Client):
    error = await client.error(
        "query($profile: FacilityProfileInput!) { whatIf(profile: $profile) { asOf } }",
        profile={"country": "Vietnam"},
    )
    assert error["message"] == (
        "Variable '$profile' has invalid value at .country: "
        f"CountryCode: 'Vietnam' is not valid. Allowed: {COUNTRY}."
    )
    assert error["extensions"] == {
        "code": "INVALID_INPUT",
        "field": "CountryCode",
        "value": "Vietnam",
        "allowed": COUNTRY,
    }


async def test_an_error_leaves_what_else_was_asked(client: Client):
    body = await client.body("{ faq(number: 99) { slug } knowledge { number } }")
    assert body["data"] == {"faq": None, "knowledge": {"number": 1}}
    assert body["errors"][0]["path"] == ["faq"]


async def test_a_cursor_of_another_order_is_refused(client: Client):
    data = await client.ask("{ facilities(first: 1) { pageInfo { endCursor } } }")
    cursor = data["facilities"]["pageInfo"]["endCursor"]
    error = await client.error(
        "query($after: String) { facilities(after: $after, orderBy: COUNTRY) { totalCount } }",
        after=cursor,
    )
    assert error["message"] == (
        f"after: '{cursor}' is not valid. "
        "Allowed: a cursor that an earlier page with the order COUNTRY gave."
    )


async def test_an_unknown_topic_is_told_with_all_topics(client: Client):
    error = await client.error('{ faqs(filter: {topic: "cats"}) { totalCount } }')
    assert error["message"].startswith(
        "topic: 'cats' is not valid. Allowed: one of accredited-hosts, assessment-process, "
    )


async def test_among_nodes_only_the_bad_id_fails(client: Client):
    body = await client.body(f'{{ nodes(ids: ["?", "{A_FAQ}", "RmFxOjk5"]) {{ id }} }}')
    assert body["data"]["nodes"] == [None, {"id": A_FAQ}, None]
    assert [error["path"] for error in body["errors"]] == [["nodes", 0]]


async def test_too_many_nodes_are_refused(client: Client):
    error = await client.error("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=[A_FAQ] * 101)
    assert error["message"] == "ids: '101 ids' is not valid. Allowed: at most 100."


@pytest.mark.parametrize(
    "profile",
    [
        {
            "country": "VN",
            "enrolled": "YES",
            "interestDeclared": "AFTER_ASSESSMENT",
            "assessment": "NONE",
        },
        {"country": "IN", "enrolled": "YES"},
        {"country": "IN", "inScope": "YES"},
    ],
)
async def test_a_contradictory_profile_is_an_answer_that_guesses_no_route(
    client: Client, profile: dict[str, Any]
):
    data = await client.ask(
        """query($profile: FacilityProfileInput!) { whatIf(profile: $profile) {
             sharing { status } workflow { blockers { code text citations { faqNumber } }
             nextActions { actor } } } }""",
        profile=profile,
    )
    blocker = data["whatIf"]["workflow"]["blockers"][0]
    assert blocker["code"] == "CONTRADICTORY_INPUT"
    assert blocker["text"]
    assert blocker["citations"]
    assert data["whatIf"]["sharing"]["status"] not in ("SHAREABLE_NOW", "ON_TRACK")


@pytest.mark.parametrize(
    ("profile", "code"),
    [
        (
            {"country": "VN", "enrolled": "YES", "interestDeclared": "AFTER_ASSESSMENT"},
            "WINDOW_MISSED",
        ),
        ({"country": "BR", "inScope": "YES"}, "COUNTRY_UNKNOWN"),
    ],
)
async def test_what_is_not_stated_contradicts_nothing(
    client: Client, profile: dict[str, Any], code: str
):
    data = await client.ask(
        """query($profile: FacilityProfileInput!) { whatIf(profile: $profile) {
             workflow { blockers { code } } } }""",
        profile=profile,
    )
    assert data["whatIf"]["workflow"]["blockers"] == [{"code": code}]


async def test_what_was_not_expected_is_masked_with_an_id_that_the_log_has_too(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    async def breaks(*_args: object) -> None:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr(facilities, "find_facility", breaks)
    error = await client.error('{ facility(by: {osId: "DEMO-OS-000001"}) { name } }')
    assert error["message"] == "Unexpected error."
    assert error["extensions"]["code"] == "INTERNAL_ERROR"
    assert error["path"] == ["facility"]
    assert "hunter2" not in str(error)
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert error["extensions"]["id"] in record.getMessage()
    assert record.exc_info
    assert "hunter2" in str(record.exc_info[1])
