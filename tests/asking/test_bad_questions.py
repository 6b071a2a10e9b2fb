"""Questions that are none, strange or wrong: refused with what is allowed, or handed over."""

from typing import Any

import pytest

from tests.asking.asking import ask, refused
from tests.web.asking import Client

BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "nothing": (
        {"question": ""},
        "INVALID_INPUT",
        "question: '' is not valid. Allowed: some words.",
    ),
    "blanks": (
        {"question": " \n\t "},
        "INVALID_INPUT",
        r"question: ' \n\t ' is not valid. Allowed: some words.",
    ),
    "too much": (
        {"question": "word " * 2001},
        "INVALID_INPUT",
        "question: 'word word word word word word word word … (10005 characters)' is not valid. "
        "Allowed: at most 10000 characters.",
    ),
    "facility and profile": (
        {"question": "fees", "facilityId": "RmFjaWxpdHk6MQ==", "profile": {"country": "VN"}},
        "INVALID_INPUT",
        "profile: 'given beside facilityId' is not valid. Allowed: at most one of the two.",
    ),
    "no hits": (
        {"question": "fees", "first": 0},
        "INVALID_INPUT",
        "first: '0' is not valid. Allowed: 1 to 10.",
    ),
    "an id that nothing has": (
        {"question": "fees", "facilityId": "999999"},
        "NOT_FOUND",
        "There is no facility '999999'.",
    ),
    "an id that is none": (
        {"question": "fees", "facilityId": "?"},
        "INVALID_INPUT",
        "facilityId: '?' is not valid. Allowed: the id of a Facility, as its field `id` gives it.",
    ),
    "no language": (
        {"question": "fees", "locale": "in English"},
        "INVALID_INPUT",
        "locale: 'in English' is not valid. Allowed: a language tag such as 'en' or 'bn-BD'.",
    ),
}


@pytest.mark.parametrize("case", BAD)
async def test_bad_input_is_refused_with_what_is_allowed(client: Client, case: str):
    inputs, code, message = BAD[case]
    assert await refused(client, **inputs) == (code, message)


@pytest.mark.parametrize(
    "question",
    ["?", "a", "🏭🤷👍", "\x01\x02\x07", "\u200b", "..." * 3000],
    ids=ascii,
)
async def test_a_text_without_words_is_handed_over_to_whoever_asked(client: Client, question: str):
    answer = await ask(client, question)
    assert (answer["outcome"], answer["confidence"]) == ("HANDOVER", 0.0)
    assert answer["handover"]["ask"] == "USER"


@pytest.mark.parametrize(
    "question",
    [
        "'; DROP TABLE faq; --",
        "<script>alert('gateway')</script> <b>free</b>",
        "gateway free? " * 700,
        "Gateway মুক্ত gratis miễn phí бесплатно 無料",
        "is the\x00gate\x1bway free\ud7ff",
        "e\u0301" * 4000,
        "x" * 10_000,
        '{"a": [1, {"$ne": null}]} ../../etc/passwd ${jndi:ldap://a} %s%n',
    ],
    ids=ascii,
)
async def test_a_strange_text_has_an_outcome_and_what_was_asked_is_not_in_the_answer(
    client: Client, question: str
):
    answer = await ask(client, question)
    assert answer["outcome"] in ("ANSWERED", "SUGGESTIONS", "HANDOVER")
    assert "<script>" not in str(answer)
    assert "DROP TABLE" not in str(answer)
