"""A question over HTTP gets curated text with its citations, suggestions, or a hand-over."""

from dataclasses import replace
from types import MappingProxyType

import pytest

from graphql_schema.locales import Served, localised
from kb.rules.roles import Role
from kb.search.locales import name_of
from kb.services.access.matrix import Viewer
from kb.settings import Settings
from tests.asking.asking import ask, assessed_by, refused
from tests.global_ids import global_id
from tests.rules.shipped import shipped_library
from tests.tokens import token_for
from tests.web.asking import Client


async def test_a_question_is_answered_with_the_curated_passages_and_their_citations(client: Client):
    answer = await ask(client, "is the gateway free")
    assert (answer["outcome"], answer["answered"]) == ("ANSWERED", True)
    assert answer["confidenceBand"] == "HIGH"
    assert 0.9 < answer["confidence"] <= 1
    assert answer["text"].startswith(
        "Yes. Registering in the SLCP Gateway costs facilities nothing.\n\n"
    )
    assert answer["citations"] == [
        {"faqNumber": 14, "passage": {"id": passage}, "layer": "SHARED_FAQS_2021"}
        for passage in ("14.gateway-free", "14.service-fee", "14.host-fee")
    ]
    first = answer["hits"][0]
    assert (first["faq"]["number"], first["passage"]["id"]) == (14, "14.gateway-free")
    assert first["matchedPhrase"] == "is the slcp gateway free"
    assert {"gateway", "free"} <= set(first["matchedTerms"])
    assert (first["appliesToFacility"], first["because"]) == (None, None)
    assert (answer["handover"], answer["applicability"]) == (None, None)
    assert [faq["number"] for faq in answer["followUps"]] == [9, 19, 10]
    # Every sentence of the text is a passage, word for word.
    faq = await client.ask("{ faq(number: 14) { passages { text } } }")
    passages = {passage["text"] for passage in faq["faq"]["passages"]}
    assert set(answer["text"].removeprefix("Yes. ").split("\n\n")) == passages


async def test_what_is_known_and_what_is_not_stated_are_both_told(client: Client):
    answer = await ask(client, "what does it cost")
    assert answer["outcome"] == "ANSWERED"
    not_stated = (
        "The source does not state what a verification by a Verifier Body costs, nor who pays for "
        "it."
    )
    assert answer["handover"]["notStated"] == not_stated
    assert answer["text"].startswith("Registering in the SLCP Gateway costs facilities nothing.")
    assert answer["text"].endswith(f"{not_stated}\n\nAsk the Verifier Body for an offer.")


async def test_what_is_not_stated_is_told_in_the_language_of_the_answer(client: Client):
    answer = await ask(client, "what does it cost", locale="vi")
    not_stated = (
        "Tài liệu nguồn không nêu một lần xác minh bởi Verifier Body tốn bao nhiêu, cũng không nêu "
        "ai trả."
    )
    assert answer["text"].endswith(f"{not_stated}\n\nHãy yêu cầu Verifier Body báo giá.")
    assert answer["localeReason"] == "Vietnamese was asked for; the translation is unreviewed."


async def test_what_is_not_covered_is_handed_over_without_text(client: Client):
    answer = await ask(client, "I forgot my password", locale="vi")
    assert (answer["outcome"], answer["answered"]) == ("HANDOVER", False)
    assert (answer["text"], answer["citations"]) == (None, [])
    assert answer["handover"] == {
        "reason": "Kho kiến thức không trả lời câu hỏi này.",
        "topic": "Mật khẩu và đăng nhập",
        "notStated": "Tài liệu nguồn nói chỉ người dùng được xác thực mới có quyền truy cập, "
        "không nói cách đăng nhập hay đặt lại mật khẩu.",
        "ask": "HELPDESK",
        "askText": "Hãy hỏi bộ phận hỗ trợ của nền tảng mà bạn muốn đăng nhập.",
        "near": [{"id": "9.facility-id"}, {"id": "21.gateway-encrypted"}],
        "publicRecord": [],
    }
    assert answer["servedLocale"] == "vi"
    assert answer["localeReason"] == "Vietnamese was asked for; the translation is unreviewed."
    assert len(answer["hits"]) == 3


async def test_a_follow_up_is_read_with_the_question_before_it(client: Client):
    alone = await ask(client, "and in Indonesia?")
    assert (alone["outcome"], alone["text"], len(alone["hits"])) == ("SUGGESTIONS", None, 3)
    after = await ask(
        client, "and in Indonesia?", previousQuestion="is CAF v1.4 available in Vietnam?"
    )
    assert after["outcome"] == "ANSWERED"
    assert after["text"].startswith("Indonesia is one of the three rollout countries.")
    assert "\n\nYes. In Bangladesh, Indonesia and Vietnam every factory can use" in after["text"]


async def test_suggestions_begin_with_what_is_written_for_the_audience(client: Client):
    everybody = await ask(client, "and in Indonesia?", first=10)
    verifiers = await ask(client, "and in Indonesia?", first=10, audience="verifier-body")
    numbers = [hit["faq"]["number"] for hit in everybody["hits"]]
    first = [hit["faq"]["number"] for hit in verifiers["hits"]]
    assert sorted(numbers) == sorted(first)
    data = await client.ask(
        '{ faqs(first: 23, filter: {audience: "verifier-body"}) { nodes { number } } }'
    )
    theirs = {node["number"] for node in data["faqs"]["nodes"]} & set(first)
    assert set(first[: len(theirs)]) == theirs


@pytest.mark.parametrize(
    ("question", "locale", "faq", "word"),
    [
        ("phí gateway bao nhiêu", "vi", 14, "Cơ sở không phải trả phí"),
        ("siapa menyetujui profil fasilitas", "id", 9, "Setelah SLCP menyetujui Facility Profile"),
        ("গেটওয়ে কে চালায়", "bn", 21, "পরিচালনা করে ITC"),
    ],
)
async def test_a_question_is_answered_in_its_own_language(
    client: Client, question: str, locale: str, faq: int, word: str
):
    answer = await ask(client, question)
    assert (answer["outcome"], answer["servedLocale"]) == ("ANSWERED", locale)
    assert (
        f"The question was read as {name_of(locale)}; the translation is unreviewed."
        in (answer["localeReason"])
    )
    assert word in answer["text"]
    first = answer["hits"][0]["faq"]
    assert (first["number"], first["servedLocale"]) == (faq, locale)
    assert first["localeReason"] == (
        "This is the language of the answer. The translation is unreviewed."
    )


async def test_the_language_wished_for_is_served_and_english_instead_of_one_not_held(
    client: Client,
):
    vietnamese = await ask(client, "is the gateway free", locale="vi")
    assert vietnamese["servedLocale"] == "vi"
    assert vietnamese["localeReason"] == "Vietnamese was asked for; the translation is unreviewed."
    assert vietnamese["text"].startswith("Cơ sở không phải trả phí")
    french = await ask(client, "is the gateway free", locale="fr")
    english = await ask(client, "is the gateway free")
    assert (french["servedLocale"], french["text"]) == ("en", english["text"])
    assert french["localeReason"] == (
        "There is no text in fr, so English is served. Known: bn, en, id, vi."
    )


def test_a_passage_whose_english_has_changed_is_served_in_english():
    library = shipped_library()
    faq = library.faqs[14]
    first, *others = faq.passages
    changed = replace(faq, passages=(replace(first, text="Something new."), *others))
    edited = replace(library, faqs=MappingProxyType({**library.faqs, 14: changed}))
    vietnamese = library.translations["vi", 14].passages
    made, served = localised(edited, 14, Served("vi", "Asked for."))
    assert [passage.text for passage in made.passages] == [
        "Something new.",
        *(passage.text for passage in vietnamese[1:]),
    ]
    assert first.id.partition(".")[2] in served.reason


async def test_an_enrolled_facility_is_told_its_own_fees(client: Client):
    facility = await assessed_by(client, "BETTER_WORK")
    answer = await ask(client, "what fees do we pay", facilityId=facility["id"])
    assert answer["outcome"] == "ANSWERED"
    assert answer["applicability"] == {"assessment": {"assessedBy": "BETTER_WORK"}}
    assert answer["text"].startswith(
        "The regular Better Work service fee continues. Its amount is not stated.\n\n"
        "Registering on the SLCP Gateway costs nothing.\n\n"
    )
    first = answer["hits"][0]
    assert (first["faq"]["number"], first["appliesToFacility"]) == (14, True)
    assert first["because"] == (
        "This says what registration and sharing cost the facility, as far as the source states it."
    )


async def test_a_facility_that_a_verifier_body_assesses_is_told_how_it_shares(client: Client):
    facility = await assessed_by(client, "VERIFIER_BODY")
    answer = await ask(client, "how do we share our data", facilityId=facility["id"])
    assert answer["outcome"] == "ANSWERED"
    assert answer["hits"][0]["faq"]["number"] == 5
    assert "shares through the Gateway under the standard SLCP process" in answer["text"]
    assert "enrolled in Better Work can complete an assessment by Better Work" not in answer["text"]
    cited = [citation["passage"]["id"] for citation in answer["citations"]]
    assert "5.not-enrolled" in cited
    assert "5.enrolled" not in cited
    not_for_it = next(hit for hit in answer["hits"] if hit["faq"]["number"] == 11)
    assert (not_for_it["appliesToFacility"], not_for_it["because"]) == (False, None)


@pytest.mark.parametrize(("enrolled", "faq"), [("NO", 5), ("YES", 11)])
async def test_a_profile_is_answered_like_a_facility(client: Client, enrolled: str, faq: int):
    profile = {"country": "BD", "enrolled": enrolled, "inScope": enrolled}
    answer = await ask(client, "how do we share our data", profile=profile)
    first = answer["hits"][0]
    assert (first["faq"]["number"], first["appliesToFacility"]) == (faq, True)
    who = {"NO": "VERIFIER_BODY", "YES": "BETTER_WORK"}[enrolled]
    assert answer["applicability"]["assessment"]["assessedBy"] == who


async def test_a_protected_facility_is_like_a_missing_one(client: Client, demo_settings: Settings):
    facility = await assessed_by(client, "BETTER_WORK")
    missing = global_id(999_999)
    expected = "There is no facility '{}'."
    assert await refused(client, question="what fees do we pay", facilityId=missing) == (
        "NOT_FOUND",
        expected.format(missing),
    )
    brand = await _as_brand_without_suppliers(client, demo_settings)
    for id_ in (facility["id"], missing):
        assert await refused(brand, question="what fees do we pay", facilityId=id_) == (
            "NOT_FOUND",
            expected.format(id_),
        )
    del client.http.headers["Authorization"]
    seen = {
        (await refused(client, question="what fees do we pay", facilityId=id_))[0]
        for id_ in (facility["id"], missing)
    }
    assert seen == {"NOT_PERMITTED"}


async def _as_brand_without_suppliers(client: Client, settings: Settings) -> Client:
    brand = Viewer(Role.BRAND, organisation="A brand with which nobody shares")
    token = await token_for(settings, brand)
    client.http.headers["Authorization"] = f"Bearer {token}"
    return client


async def test_search_lists_what_it_finds_and_counts_it(client: Client):
    query = """query($filter: FaqFilter, $first: Int, $locale: String) {
        search(query: "how do we share our data", filter: $filter, first: $first, locale: $locale) {
            totalCount hits { score faq { number servedLocale } passage { id } } } }"""
    result = (await client.ask(query, first=3))["search"]
    assert len(result["hits"]) == 3
    assert result["hits"][0]["faq"]["number"] == 11
    scores = [hit["score"] for hit in result["hits"]]
    assert scores == sorted(scores, reverse=True)
    assert result["totalCount"] == 23
    fee = await client.ask('{ search(query: "fee") { totalCount hits { faq { number } } } }')
    assert fee["search"] == {"totalCount": 1, "hits": [{"faq": {"number": 14}}]}
    verifiers = (await client.ask(query, filter={"audience": "verifier-body"}))["search"]
    assert verifiers["totalCount"] == len(verifiers["hits"]) == 8
    for bad in ({"first": 0}, {"first": 11}):
        assert (await client.error(query, **bad))["extensions"]["code"] == "INVALID_INPUT"


async def test_search_lists_nothing_for_letters_and_digits_that_say_nothing(client: Client):
    query = "query($text: String!) { search(query: $text) { totalCount hits { score } } }"
    for text in ("qqqq", "999999", "ksj", "cucumber", "tomato", "DEMO-OS-000001"):
        assert await client.ask(query, text=text) == {"search": {"totalCount": 0, "hits": []}}
    # A word that no text holds, but whose meaning one has.
    assert (await client.ask(query, text="bill"))["search"]["totalCount"] == 1


async def test_a_text_that_cannot_be_searched_for_is_refused_by_the_name_of_its_argument(
    client: Client,
):
    for text, allowed in ((" ", "some words"), ("x" * 10_001, "at most 10000 characters")):
        error = await client.error(
            "query($text: String!) { search(query: $text) { totalCount } }", text=text
        )
        assert error["extensions"]["field"] == "query"
        assert error["extensions"]["allowed"] == allowed


async def test_what_is_found_is_shown_in_the_language_of_the_text(client: Client):
    hits = "faq { servedLocale localeReason }"
    read_as = "The question was read as Vietnamese. The translation is unreviewed."
    data = await client.ask(f'{{ search(query: "phí gateway") {{ hits {{ {hits} }} }} }}')
    first = data["search"]["hits"][0]["faq"]
    assert first["servedLocale"] == "vi"
    assert first["localeReason"] == read_as
    data = await client.ask('{ suggest(text: "phí gateway") { servedLocale } }')
    assert {faq["servedLocale"] for faq in data["suggest"]} == {"vi"}
    data = await client.ask(f'{{ search(query: "gateway fee") {{ hits {{ {hits} }} }} }}')
    assert data["search"]["hits"][0]["faq"] == {
        "servedLocale": "en",
        "localeReason": "The question was read as English.",
    }
