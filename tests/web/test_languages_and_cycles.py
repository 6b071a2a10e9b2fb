"""What was decided is said in four languages, and what was shared keeps its labels."""

import re

import pytest

from tests.web.asking import Client

PROFILE = (
    '{country: "VN", enrolled: YES, gatewayProfile: NONE, interestDeclared: NOT_DECLARED, '
    "assessment: NONE, selfAssessedBefore: NO}"
)
SHARED_BEFORE = 'facility(by: {osId: "DEMO-OS-000010"})'


@pytest.mark.parametrize(
    ("locale", "title", "country"),
    [
        ("vi", "Báo cho Better Work rằng nhà máy muốn chia sẻ", "Việt Nam"),
        ("id", "Beri tahu Better Work bahwa pabrik ingin berbagi data", "Vietnam"),
        ("bn-BD", "Better Work-কে জানান যে কারখানা শেয়ার করতে চায়", "ভিয়েতনাম"),
    ],
)
async def test_an_answer_is_said_in_the_language_asked_for_and_its_codes_stay(
    client: Client, locale: str, title: str, country: str
):
    fields = """servedLocale localeReason summary assessment { because text }
                workflow { nextActions { code title } blockers { code text } }"""
    data = await client.ask(
        f"""query($locale: String) {{
              said: whatIf(profile: {PROFILE}, locale: $locale) {{ {fields} }}
              english: whatIf(profile: {PROFILE}) {{ {fields} }} }}""",
        locale=locale,
    )
    said, english = data["said"], data["english"]
    assert said["servedLocale"] == locale[:2]
    assert said["localeReason"].endswith("The translation is unreviewed.")
    assert english["servedLocale"] == "en"
    actions = said["workflow"]["nextActions"]
    assert actions[0] == {"code": "DECLARE_INTEREST", "title": title}
    in_english = english["workflow"]["nextActions"]
    assert [action["code"] for action in actions] == [action["code"] for action in in_english]
    assert not {action["title"] for action in actions} & {action["title"] for action in in_english}
    assert said["assessment"]["text"] != english["assessment"]["text"]
    assert country in said["summary"].splitlines()[0]


async def test_one_text_and_the_letter_can_be_asked_for_in_another_language(client: Client):
    data = await client.ask(
        f"""{{ whatIf(profile: {PROFILE}) {{
                 assessment {{ text vi: text(locale: "vi") fr: text(locale: "fr") }}
                 letter: summary(locale: "id")
                 servedLocale wished: servedLocale(locale: "bn") }} }}"""
    )
    answer = data["whatIf"]
    assert answer["assessment"]["vi"].startswith("Better Work đánh giá nhà máy này")
    assert answer["assessment"]["fr"] == answer["assessment"]["text"]
    assert "### Yang berlaku" in answer["letter"]
    assert (answer["servedLocale"], answer["wished"]) == ("en", "bn")


@pytest.mark.parametrize("locale", ["vi", "en"])
async def test_ask_says_what_applies_in_the_language_of_the_answer(client: Client, locale: str):
    data = await client.ask(
        f"""query($locale: String) {{
              ask(input: {{question: "may we share", profile: {PROFILE}, locale: $locale}}) {{
                 servedLocale applicability {{ servedLocale sharing {{ text }} }} }}
              whatIf(profile: {PROFILE}, locale: $locale) {{ sharing {{ text }} }} }}""",
        locale=locale,
    )
    answer = data["ask"]
    assert (answer["servedLocale"], answer["applicability"]["servedLocale"]) == (locale, locale)
    assert answer["applicability"]["sharing"] == data["whatIf"]["sharing"]


async def test_what_was_shared_keeps_its_labels_when_a_new_service_cycle_opens(client: Client):
    data = await client.ask(
        f"""{{ {SHARED_BEFORE} {{ whatApplies {{ summary cycles {{
                 number openedOn closedOn assessment labels {{ step code }}
                 sharing {{ status }} grants {{ grantee channel grantedOn }} }} }} }} }}"""
    )
    applies = data["facility"]["whatApplies"]
    present, earlier = applies["cycles"]
    assert (present["number"], present["assessment"], present["grants"]) == (2, "NONE", [])
    assert {label["code"] for label in present["labels"]} == {"NO_DATA"}
    assert (earlier["number"], earlier["assessment"]) == (1, "ONSITE")
    assert earlier["sharing"]["status"] == "SHAREABLE_NOW"
    assert [label["code"] for label in earlier["labels"] if label["step"] == 1] == [
        "BW_ASSESSED_STEP1",
        "SELF_STEP1",
        "BW_ADVISORY_ONLY",
    ]
    (grant,) = earlier["grants"]
    assert (grant["grantee"], grant["channel"]) == ("Demo Brand", "EMAIL_LINK")
    assert earlier["closedOn"] >= grant["grantedOn"] >= earlier["openedOn"]
    assert f"since {grant['grantedOn']}. This is data of service cycle 1" in applies["summary"]


async def test_a_profile_has_no_service_cycles(client: Client):
    data = await client.ask(f"{{ whatIf(profile: {PROFILE}) {{ cycles {{ number }} }} }}")
    assert data["whatIf"]["cycles"] == []


async def test_the_public_record_is_told_beside_what_was_decided(client: Client):
    data = await client.ask(
        f"""{{ today: whatIf(profile: {PROFILE}, asOf: "2026-11-23") {{
                 laterFacts {{ topic text checkedOn ask citations {{ layer }} }}
                 warnings {{ code text }} }}
               alone: whatIf(profile: {PROFILE}, layers: [SHARED_FAQS_2021]) {{
                 laterFacts {{ topic }} warnings {{ code }} }} }}"""
    )
    first = data["today"]["laterFacts"][0]
    assert (first["topic"], first["checkedOn"], first["ask"]) == (
        "TOOL_VERSION",
        "2026-11-23",
        "HELPDESK",
    )
    assert first["text"].startswith("CAF 1.6 is in use")
    assert {citation["layer"] for citation in first["citations"]} == {"PUBLIC_RECORD"}
    changed = [w["text"] for w in data["today"]["warnings"] if w["code"] == "MAY_HAVE_CHANGED"]
    assert any(re.search(r"CAF v1\.4, the version of October 2021", text) for text in changed)
    assert data["alone"]["laterFacts"] == []
    assert "MAY_HAVE_CHANGED" not in [warning["code"] for warning in data["alone"]["warnings"]]
