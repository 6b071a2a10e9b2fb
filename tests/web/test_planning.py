"""Looking ahead through the API: many profiles, guided mode, ways to a goal."""

import pytest

from tests.web.asking import Client

NEXT = """
    query ($profile: FacilityProfileInput!, $notKnown: [ProfileQuestion!], $locale: String) {
        nextQuestion(profile: $profile, notKnown: $notKnown, locale: $locale) {
            input field text remainingAtMost settles servedLocale because
            choices { value steps text citations { faqNumber } }
        }
    }
"""
CHANGE = """
    query ($goal: GoalInput!, $profile: FacilityProfileInput, $facility: FacilityLocator) {
        whatWouldChange(goal: $goal, profile: $profile, facility: $facility) {
            holds whyNot { because text } sets { changes { code actor deadline text } }
        }
    }
"""


async def test_many_profiles_are_answered_in_their_order(client: Client):
    answers = await client.ask(
        """
        query ($profiles: [FacilityProfileInput!]!) {
            whatIfs(profiles: $profiles, asOf: "2021-10-31") { assessment { assessedBy } }
        }
        """,
        profiles=[
            {"country": "VN", "enrolled": "YES"},
            {"country": "IN"},
            {"country": "VN"},
        ],
    )
    assert [answer["assessment"]["assessedBy"] for answer in answers["whatIfs"]] == [
        "BETTER_WORK",
        "VERIFIER_BODY",
        "UNDETERMINED",
    ]


async def test_of_more_than_a_hundred_profiles_none_is_answered(client: Client):
    error = await client.error(
        "query ($profiles: [FacilityProfileInput!]!) { whatIfs(profiles: $profiles) { asOf } }",
        profiles=[{"country": "VN"}] * 101,
    )
    assert error["message"] == ("profiles: '101 profiles' is not valid. Allowed: at most 100.")


async def test_questions_lead_from_a_country_to_an_answer(client: Client):
    profile = {"country": "VN"}
    inputs = []
    while question := (await client.ask(NEXT, profile=profile))["nextQuestion"]:
        inputs.append(question["field"])
        first = question["choices"][0]
        profile[question["field"]] = first["value"] or first["steps"]
    assert (
        inputs
        == [
            "enrolled",
            "gatewayProfile",
            "interestDeclared",
            "assessment",
            "selfAssessedBefore",
            "selfAssessmentSteps",
            "inScope",
        ][: len(inputs)]
    )
    assert len(inputs) >= 3


async def test_a_question_is_said_in_the_language_asked_for(client: Client):
    answer = await client.ask(NEXT, profile={"country": "VN"}, locale="vi")
    assert answer["nextQuestion"]["servedLocale"] == "vi"
    assert [choice["text"] for choice in answer["nextQuestion"]["choices"]] == [
        "Có",
        "Không",
        "Không biết",
    ]


async def test_ways_to_a_goal_are_told_for_a_profile_and_for_a_facility(client: Client):
    profile = {
        "country": "VN",
        "enrolled": "YES",
        "gatewayProfile": "LINKED",
        "interestDeclared": "NOT_DECLARED",
        "assessment": "NONE",
        "selfAssessedBefore": "YES",
    }
    answer = await client.ask(CHANGE, goal={"sharing": "ON_TRACK"}, profile=profile)
    (way,) = answer["whatWouldChange"]["sets"]
    assert [(change["code"], change["actor"], change["deadline"]) for change in way["changes"]] == [
        ("DECLARE_INTEREST", "FACILITY", "BEFORE_ASSESSMENT")
    ]
    answer = await client.ask(
        CHANGE, goal={"assessedBy": "BETTER_WORK"}, facility={"osId": "DEMO-OS-000001"}
    )
    assert answer["whatWouldChange"] is not None


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        (
            {"goal": {}, "profile": {"country": "VN"}},
            "goal: 'nothing' is not valid. Allowed: assessedBy, sharing or both.",
        ),
        (
            {"goal": {"sharing": "ON_TRACK"}},
            "profile: 'both or neither of the two' is not valid. "
            "Allowed: either profile or facility.",
        ),
    ],
)
async def test_what_is_asked_for_must_be_clear(client: Client, variables, message):
    assert (await client.error(CHANGE, **variables))["message"] == message


async def test_without_a_token_facilities_are_not_open_to_what_would_change(client: Client):
    del client.http.headers["Authorization"]
    error = await client.error(
        CHANGE, goal={"sharing": "ON_TRACK"}, facility={"osId": "DEMO-OS-000001"}
    )
    assert error["extensions"]["code"] == "NOT_PERMITTED"
