"""What was not answered is kept for the helpdesk without personal data, until it is closed."""

import logging
from datetime import UTC, datetime, timedelta

import pytest

from kb.models import AnswerRating, AskedQuestion
from kb.rules.roles import Role
from kb.services.access.matrix import Viewer
from kb.services.asking.learning import kept, purge, suggested_phrasings
from kb.services.knowledge.holder import load_knowledge
from kb.settings import Settings
from tests.cli.conftest import Run
from tests.web.asking import Client
from tests.web.statements import counted_statements

ASK = "query($input: AskInput!) { ask(input: $input) { outcome } }"
OPEN = """query($first: Int, $after: String) { openQuestions(first: $first, after: $after) {
    nodes { group count examples locale outcome nearest { number } firstAskedAt lastAskedAt }
    pageInfo { hasNextPage hasPreviousPage endCursor } } }"""
CLOSE = """mutation($input: QuestionCloseInput!) { questionClose(input: $input) { __typename
    ... on QuestionsClosed { closed } ... on Refusal { code message } } }"""
RATE = """mutation($input: AnswerRateInput!) { answerRate(input: $input) { __typename
    ... on AnswerRated { release { number } } ... on Refusal { code message } } }"""


async def test_questions_without_an_answer_are_grouped_counted_and_closed(client: Client):
    for question in (
        "I forgot my password, mail me at mai@example.com or +84 912 345 678",
        "what is the capital of France",
        "What is the CAPITAL of france??",
        "is the gateway free",  # which is answered
        "🏭",  # which asks nothing
        "DEMO-OS-999999",  # nor does an id
    ):
        await client.ask(ASK, input={"question": question})
    page = (await client.ask(OPEN))["openQuestions"]
    first, second = page["nodes"]
    assert (first["count"], second["count"]) == (2, 1)
    assert first["examples"] == ["What is the CAPITAL of france??", "what is the capital of France"]
    assert (first["locale"], first["outcome"]) == ("en", "HANDOVER")
    assert len(first["nearest"]) == 3
    assert first["firstAskedAt"] <= first["lastAskedAt"]
    assert second["examples"] == ["I forgot my password, mail me at [e-mail] or [phone]"]

    start = (await client.ask(OPEN, first=1))["openQuestions"]
    assert start["pageInfo"]["hasNextPage"] is True
    after = start["pageInfo"]["endCursor"]
    rest = (await client.ask(OPEN, first=1, after=after))["openQuestions"]
    assert (start["nodes"], rest["nodes"]) == ([first], [second])
    assert rest["pageInfo"]["hasNextPage"] is False
    assert (await client.error(OPEN, after="here"))["extensions"]["code"] == "INVALID_INPUT"

    done = {"group": first["group"], "reason": "OUT_OF_SCOPE", "note": "Geography."}
    assert (await client.ask(CLOSE, input=done))["questionClose"] == {
        "__typename": "QuestionsClosed",
        "closed": 2,
    }
    assert (await client.ask(CLOSE, input=done))["questionClose"]["code"] == "NOT_FOUND"
    assert (await client.ask(OPEN))["openQuestions"]["nodes"] == [second]
    await client.ask(ASK, input={"question": "what is the capital of France"})
    counts = [group["count"] for group in (await client.ask(OPEN))["openQuestions"]["nodes"]]
    assert counts == [1, 1]


async def test_small_talk_is_no_open_question_and_a_part_that_is_left_open_is_one(client: Client):
    for question in ("thanks, you are useless", "Are you a computer?", "hello", "thank you, bye"):
        await client.ask(ASK, input={"question": question})
    assert await AskedQuestion.all().count() == 0
    question = "What is a VCC? Which colour has a unicorn? Is the gateway free?"
    assert (await client.ask(ASK, input={"question": question}))["ask"]["outcome"] == "ANSWERED"
    assert await AskedQuestion.all().values_list("text", flat=True) == [
        "Which colour has a unicorn?"
    ]


async def test_a_question_is_kept_once_each_time_that_it_is_asked(client: Client):
    question = "what is the capital of France"
    for times in (1, 2, 3):
        await client.ask(ASK, input={"question": question})
        assert await AskedQuestion.all().count() == times


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ ask(input: {question: \"what is the capital of France\", audience: \"x\"}) { text } }",
         "INVALID_INPUT"),
        ("""{ ask(input: {question: "what is the capital of France"}) { text }
            facility(by: {osId: "nobody"}) { id } }""", "NOT_FOUND"),
    ],
)  # fmt: skip
async def test_a_question_beside_an_error_is_kept_once(client: Client, query: str, code: str):
    for times in (1, 2, 3):
        assert (await client.error(query))["extensions"]["code"] == code
        assert await AskedQuestion.all().count() == times


async def test_a_question_joins_the_open_group_of_its_language_that_is_most_like_it(
    client: Client,
):
    for question in (
        "what is the minimum wage in Bangladesh?",
        "how do I reset my password for the portal",
        "minimum wage bangladesh",
        "mimimum wage in Bangladesh",
        "lương tối thiểu ở Bangladesh là bao nhiêu",
    ):
        await client.ask(ASK, input={"question": question})
    wages, *others = (await client.ask(OPEN))["openQuestions"]["nodes"]
    assert (wages["count"], wages["locale"]) == (3, "en")
    assert wages["examples"] == [
        "mimimum wage in Bangladesh",
        "minimum wage bangladesh",
        "what is the minimum wage in Bangladesh?",
    ]
    assert sorted((group["count"], group["locale"]) for group in others) == [(1, "en"), (1, "vi")]
    done = {"group": wages["group"], "reason": "OUT_OF_SCOPE"}
    assert (await client.ask(CLOSE, input=done))["questionClose"]["closed"] == 3
    await client.ask(ASK, input={"question": "minimum wage bangladesh"})
    counts = [group["count"] for group in (await client.ask(OPEN))["openQuestions"]["nodes"]]
    assert counts == [1, 1, 1]


async def test_open_questions_take_as_many_statements_however_many_groups_there_are(
    client: Client,
):
    with counted_statements() as run:
        assert (await client.ask(OPEN))["openQuestions"]["nodes"] == []
    assert len(run) == 1
    for group, texts in {"A": "abc", "B": "aab", "C": "abcd" * 9}.items():
        for text in texts:
            await AskedQuestion.create(
                group_key=group,
                text=text,
                locale="en",
                outcome="HANDOVER",
                hits={},
                release=1,
                asked_at=datetime(2026, 11, 1, tzinfo=UTC),
            )
    await AskedQuestion.filter(text="d").update(closed_at=datetime(2026, 11, 2, tzinfo=UTC))
    with counted_statements() as run:
        nodes = (await client.ask(OPEN))["openQuestions"]["nodes"]
    assert len(run) == 3
    assert [(node["group"], node["count"], node["examples"]) for node in nodes] == [
        ("C", 27, ["c", "b", "a"]),
        ("A", 3, ["c", "b", "a"]),
        ("B", 3, ["b", "a"]),
    ]


async def test_pages_of_open_questions_go_on_where_they_were_whatever_is_closed_meanwhile(
    client: Client,
):
    for group, times in {"a": 1, "b": 2, "c": 2, "d": 2, "e": 1, "f": 3}.items():
        for _ in range(times):
            await AskedQuestion.create(
                group_key=group,
                text="x",
                locale="en",
                outcome="HANDOVER",
                hits={},
                release=1,
                asked_at=datetime(2026, 11, 1, tzinfo=UTC),
            )
    seen, after = [], None
    while after != "end":
        page = (await client.ask(OPEN, first=2, after=after))["openQuestions"]
        groups = [node["group"] for node in page["nodes"]]
        seen.append(groups)
        for group in groups:
            await client.ask(CLOSE, input={"group": group, "reason": "NOT_COVERED"})
        info = page["pageInfo"]
        after = info["endCursor"] if info["hasNextPage"] else "end"
    assert seen == [["f", "b"], ["c", "d"], ["a", "e"]]


async def test_neither_table_nor_log_tells_which_facility_was_asked_for(
    client: Client, caplog: pytest.LogCaptureFixture
):
    data = await client.ask("{ facilities(first: 1) { nodes { id name osId } } }")
    (facility,) = data["facilities"]["nodes"]
    caplog.set_level(logging.INFO)
    question = f"what is the capital of France for {facility['name'].upper()} {facility['osId']}"
    await client.ask(ASK, input={"question": question, "facilityId": facility["id"]})
    (row,) = await AskedQuestion.all()
    assert row.text == "what is the capital of France for [facility] [facility]"
    assert facility["osId"] not in str(dict(row))
    assert "capital of France" not in caplog.text


async def test_only_the_helpdesk_and_admins_read_and_close_questions(client: Client):
    await client.ask(ASK, input={"question": "what is the capital of France"})
    (open_,) = (await client.ask(OPEN))["openQuestions"]["nodes"]
    del client.http.headers["Authorization"]
    assert (await client.error(OPEN))["extensions"]["code"] == "NOT_PERMITTED"
    closing = {"group": open_["group"], "reason": "NOT_COVERED"}
    assert (await client.ask(CLOSE, input=closing))["questionClose"]["code"] == "NOT_PERMITTED"
    assert await AskedQuestion.filter(closed_at__isnull=True).count() == 1


async def test_a_rating_is_kept_with_its_passage_and_release(client: Client):
    del client.http.headers["Authorization"]  # everybody may rate
    rating = {
        "question": "is the gateway free for GW123456",
        "faqNumber": 14,
        "passageId": "14.gateway-free",
        "helpful": False,
    }
    assert (await client.ask(RATE, input=rating))["answerRate"] == {
        "__typename": "AnswerRated",
        "release": {"number": 1},
    }
    (row,) = await AnswerRating.all()
    assert (row.question, row.faq_number, row.passage_id, row.helpful, row.release) == (
        "is the gateway free for [id]",
        14,
        "14.gateway-free",
        False,
        1,
    )
    for wrong, code in (
        ({"faqNumber": 24}, "NOT_FOUND"),
        ({"passageId": "9.facility-id"}, "NOT_FOUND"),
        ({"question": " "}, "INVALID_INPUT"),
    ):
        answer = (await client.ask(RATE, input={**rating, **wrong}))["answerRate"]
        assert answer["code"] == code
    assert await AnswerRating.all().count() == 1


async def test_ratings_are_counted_and_what_did_not_help_is_an_open_question(client: Client):
    rating = {"question": "is it free", "faqNumber": 14, "passageId": "14.gateway-free"}
    for helpful in (True, False, False):
        await client.ask(RATE, input={**rating, "helpful": helpful})
    assert await client.ask("{ answerRatings { passageId release helpful unhelpful } }") == {
        "answerRatings": [
            {"passageId": "14.gateway-free", "release": 1, "helpful": 1, "unhelpful": 2}
        ]
    }
    (group,) = (await client.ask(OPEN))["openQuestions"]["nodes"]
    assert (group["examples"], group["count"]) == (["is it free"], 2)


async def test_closed_questions_propose_the_phrasings_that_their_faq_lacks(client: Client):
    for question in ("zqx gateway vvk", "Is the SLCP gateway free"):
        await AskedQuestion.create(
            group_key="a",
            text=question,
            locale="en",
            outcome="SUGGESTIONS",
            hits={"14": 0.5},
            release=1,
            asked_at=datetime.now(UTC),
            closed_at=datetime.now(UTC),
            closed_reason="PHRASING_ADDED",
        )
    viewer = Viewer(role=Role.HELPDESK)
    (proposed,) = await suggested_phrasings(viewer, await load_knowledge())
    assert (proposed.faq_number, proposed.locale) == (14, "en")
    assert proposed.phrasings == ("zqx gateway vvk",)


async def test_what_was_kept_long_enough_is_removed(database: Settings):
    now = datetime(2026, 11, 23, tzinfo=UTC)
    for days in (179, 181):
        await AskedQuestion.create(
            group_key="a",
            text="x",
            locale="en",
            outcome="HANDOVER",
            hits={},
            release=1,
            asked_at=now - timedelta(days=days),
        )
    for days in (729, 731):
        await AnswerRating.create(
            question="x",
            faq_number=1,
            passage_id="1.a",
            helpful=True,
            release=1,
            rated_at=now - timedelta(days=days),
        )
    gone = await purge(database, now)
    assert (gone.questions, gone.ratings) == (1, 1)
    assert (await AskedQuestion.all().count(), await AnswerRating.all().count()) == (1, 1)


def test_what_is_kept_can_be_stored_in_every_database():
    assert kept("a\x00b\ud800c\n d") == "a b c d"
    assert len(kept("word " * 2000)) == 500


def test_of_a_long_question_nothing_private_is_kept_that_was_cut_in_two():
    name = "Nova Garments of Hai Phong"
    for begins in range(1_975, 2_001):
        question = ("12345 " * 400)[:begins] + " " + name
        assert "Nova" not in kept(question, private=(name,))


def test_questions_are_listed_closed_and_purged_on_the_command_line(kb_filled: Run):
    kb_filled("ask", "what is the capital of France")
    listed = kb_filled("questions", "list")
    assert listed.code == 0, listed.err
    (line,) = (line for line in listed.out.splitlines() if "capital of France" in line)
    group = line.split("│")[1].strip()
    wrong = kb_filled("questions", "close", group, "--reason", "done")
    assert (wrong.code, wrong.out) == (2, "")
    closed = kb_filled("questions", "close", group, "--reason", "out-of-scope")
    assert closed.out == "Closed 1 question.\n"
    assert kb_filled("questions", "list").out == "No question is open.\n"
    assert kb_filled("questions", "purge").out == "Removed: questions 0, ratings 0.\n"
