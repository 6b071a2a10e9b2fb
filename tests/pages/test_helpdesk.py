"""The helpdesk's page, as somebody at the helpdesk uses it."""

from __future__ import annotations

import json

import pytest

from kb.rules.roles import Role
from kb.services.access.matrix import Viewer
from kb.services.demo.scenarios import DEMO_BRAND
from tests.pages.axe import barriers
from tests.pages.desk import ABOUT, BOX, FIRST, NOTICE, SHOWN, Desk, copied
from tests.pages.site import Site

pytestmark = pytest.mark.browser

BRAND = {"grantee": DEMO_BRAND, "granteeKind": "BRAND"}
HOSTILE = '<img src=x onerror="globalThis.ran=1"> **b** [x](javascript:globalThis.ran=1) Mill'


def test_a_question_is_answered_without_a_token_with_its_passages(desk: Desk) -> None:
    desk.sign_in(None)
    desk.find("what does it cost to share?")
    desk.sees("Registering in the SLCP Gateway costs facilities nothing.")
    desk.sees("Passages and sources (6)")
    assert desk.page.problems == []
    assert barriers(desk.page) == []


def test_the_answer_is_copied_for_an_e_mail_rich_and_plain(desk: Desk) -> None:
    desk.find("what does it cost to share?")
    mail = copied(desk)
    for kind in ("text/plain", "text/html"):
        assert "Source: FAQ 14, Shared FAQs" in mail[kind]
        assert "Related" not in mail[kind]
    assert "costs facilities nothing.</p>" in mail["text/html"]
    assert "<button" not in mail["text/html"]


def test_passages_that_an_answer_leaves_out_come_with_its_source(desk: Desk) -> None:
    desk.find("which countries have data sharing?")
    desk.sees("Passages and sources")
    passages = desk.page.evaluate(
        "[...document.querySelectorAll('#shown blockquote')].map((quote) => quote.textContent)"
    )
    mail = " ".join(copied(desk)["text/html"].split())
    for passage in passages:
        assert all(word in mail for word in passage.split()[:8])


def test_a_copied_answer_is_in_one_language(desk: Desk) -> None:
    desk.find("chi phí chia sẻ dữ liệu là bao nhiêu?")
    desk.sees("Passages and sources")
    plain = copied(desk)["text/plain"]
    assert "Nguồn: FAQ 14" in plain
    assert "Source:" not in plain


@pytest.mark.parametrize("language", ["en", "vi", "id", "bn"])
def test_who_is_new_is_shown_what_can_be_asked_and_it_is_answered(
    desk: Desk, language: str
) -> None:
    desk.page.open(f"{desk.address}?lang={language}")
    questions = "[...document.querySelectorAll('#shown section.answer li button')]"
    desk.page.wait_for(f"location.search === '?lang={language}' && {questions}.length === 3")
    for number in range(3):
        pressing = "(question => { question.focus(); question.click(); })"
        desk.page.evaluate(f"{pressing}({questions}[{number}])")
        desk.page.wait_for("document.querySelector('#shown .tag')?.className === 'tag good'")
        # Whoever pressed it by keyboard reads on from here.
        assert desk.page.evaluate("document.activeElement.id") == "shown"
        desk.page.evaluate("history.back()")
        desk.page.wait_for(f"{questions}.length === 3")


def test_back_and_forward_and_enter_once_more_show_the_same_answer(desk: Desk) -> None:
    question = "what does it cost to share?"
    desk.find(question)
    desk.sees("High confidence.")
    address = desk.page.evaluate("location.hash")
    desk.page.evaluate("history.back()")
    desk.sees(FIRST)
    assert desk.page.evaluate(BOX) == ""
    desk.page.evaluate("history.forward()")
    desk.sees("High confidence.")
    assert desk.page.evaluate(BOX) == question
    desk.page.enter()
    desk.page.wait_for("document.querySelector('#shown').ariaBusy === 'true'")
    desk.page.wait_for("document.querySelector('#shown').ariaBusy !== 'true'")
    desk.sees("High confidence.")
    assert desk.page.evaluate("location.hash") == address
    assert desk.page.evaluate("document.title").startswith(f"{question} · Helpdesk")


def test_where_it_takes_long_it_says_that_it_is_reading(desk: Desk) -> None:
    slow = {"offline": False, "downloadThroughput": -1, "uploadThroughput": -1}
    desk.page.call("Network.emulateNetworkConditions", latency=3000, **slow)
    try:
        desk.find("what does it cost to share?")
        reading = "getComputedStyle(document.querySelector('#reading')).visibility"
        desk.page.wait_for(f"{reading} === 'visible'")
    finally:
        desk.page.call("Network.emulateNetworkConditions", latency=0, **slow)
    desk.sees("costs facilities nothing.")
    assert desk.page.evaluate(reading) == "hidden"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("DEMO-OS-999999", "No facility has the id DEMO-OS-999999."),
        ("is DEMO-OS-999998 allowed to share?", "No facility has the id DEMO-OS-999998."),
        ("Sunrise Garments Ltd", "No facility has “Sunrise Garments Ltd” in its name."),
    ],
)
def test_who_is_not_known_is_no_question_that_was_not_answered(
    desk: Desk, site: Site, text: str, said: str
) -> None:
    desk.find(text)
    desk.sees(said, NOTICE)
    desk.sees("A facility that is not open to you is not found either.", NOTICE)
    desk.sign_in(None)
    if "OS" in text:
        desk.find(text)
        desk.sees("Sign in to look for facilities.", NOTICE)
    desk.sign_in(site.helpdesk)
    desk.link("queue=1")
    desk.sees("Questions that were not answered")
    assert text not in desk.page.evaluate(SHOWN)


def test_a_question_is_asked_of_today_and_its_link_has_no_day(desk: Desk) -> None:
    desk.link("q=what does it cost to share?&asOf=2021-10-01&only=1")
    desk.sees("costs facilities nothing.")
    desk.sees("Questions are answered as of today", "document.querySelector('#search').innerText")
    options = "['#as-of', '#only-faqs'].map((name) => document.querySelector(name).disabled)"
    assert desk.page.evaluate(options) == [True, True]
    assert desk.page.evaluate("location.hash") == "#q=what+does+it+cost+to+share%3F"
    desk.find("FAQ 9")
    desk.sees("FAQ 9:")
    desk.page.wait_for(f"{options}.every((disabled) => !disabled)")


def test_the_link_to_an_answer_holds_the_question_before_it(desk: Desk) -> None:
    asked = "new URLSearchParams(location.hash.slice(1)).get({})"
    desk.find("how do we tell better work that we want to share?")
    desk.sees("country programme")
    assert desk.page.evaluate(asked.format("'after'")) is None
    desk.find("and by when?")
    desk.page.wait_for(f"{asked.format(repr('after'))} !== null")
    before = "how do we tell better work that we want to share?"
    assert desk.page.evaluate(asked.format("'after'")) == before
    shown = desk.page.evaluate(SHOWN)
    desk.page.reload()
    desk.page.wait_for(f"{SHOWN} === {json.dumps(shown)}")
    # What was asked of no facility, or of another one, is not carried to this one.
    desk.find("DEMO-OS-000001")
    desk.sees("Better Work assesses this factory")
    desk.find("who assesses us?")
    desk.page.wait_for(f"{asked.format(repr('q'))} === 'who assesses us?'")
    desk.sees("Better Work assesses this factory")
    assert desk.page.evaluate(asked.format("'after'")) is None


def test_an_open_question_is_closed(desk: Desk) -> None:
    desk.link("q=tool and steps&ask=1")
    desk.sees("Not sure")
    desk.link("queue=1")
    entry = (
        "[...document.querySelectorAll('.entry')]"
        ".find((each) => each.textContent.includes('tool and steps'))"
    )
    desk.page.wait_for(f"{entry} !== undefined")
    assert desk.page.evaluate(f"{entry}.querySelector('select').value") == ""
    desk.press("Close", entry)  # without a reason it does nothing
    desk.close(entry)
    desk.link("faq=7")
    desk.sees("FAQ 7")
    desk.link("queue=1")
    desk.sees("Questions that were not answered")
    assert "tool and steps" not in desk.page.evaluate(SHOWN)


def test_an_answer_that_did_not_help_is_in_the_queue_until_it_is_closed(desk: Desk) -> None:
    question = "Which countries have data sharing?"
    desk.link(f"q={question}&ask=1")
    desk.sees("Did it help?")
    desk.press("No", "document.querySelector('#shown')")
    desk.sees("Thank you, it is kept.")
    desk.link("queue=1")
    desk.sees("Answers that did not help")
    entry = (
        "[...document.querySelectorAll('.entry')]"
        f".find((each) => each.textContent.includes({json.dumps(question)}))"
    )
    desk.page.wait_for(f"{entry}.innerText.includes('The answer did not help')")
    desk.close(entry)


def test_the_page_speaks_the_language_that_is_chosen(desk: Desk) -> None:
    title = desk.page.evaluate("document.querySelector('h1').textContent.trim()")
    desk.page.evaluate(
        "(choice => { choice.value = 'vi'; choice.dispatchEvent(new Event('change')); })"
        "(document.querySelector('#language'))"
    )
    desk.page.wait_for("document.documentElement.lang === 'vi'")
    assert desk.page.evaluate("document.querySelector('h1').textContent.trim()") != title
    assert "lang=vi" in desk.page.evaluate("document.querySelector('header nav a').href")
    desk.find("chi phí chia sẻ dữ liệu là bao nhiêu?")
    desk.press("Không", "document.querySelector('#shown')")  # it did not help
    desk.sees("Cảm ơn")
    why = desk.page.evaluate("document.querySelector('#shown').textContent")
    desk.link("queue=1")
    desk.sees("vi · ")
    queue = desk.page.evaluate("document.querySelector('#shown').textContent")
    for text in ("Nearest", "passage", "nearest", "words:", "stated", "helped", "release"):
        assert text not in why + queue
    assert desk.page.evaluate("document.querySelector('#unreviewed').hidden") is False


def test_without_a_connection_it_says_so_and_goes_on_by_itself_afterwards(desk: Desk) -> None:
    offline = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    desk.page.call("Network.emulateNetworkConditions", offline=True, **offline)
    desk.link("faq=9")
    desk.sees("The server does not answer.", NOTICE)
    desk.page.call("Network.emulateNetworkConditions", offline=False, **offline)
    desk.sees("FAQ 9")
    assert desk.page.evaluate(NOTICE) == ""


def test_an_ended_token_is_asked_for_again_and_what_was_shown_comes_back(
    desk: Desk, site: Site
) -> None:
    desk.link("q=DEMO-OS-000002&asOf=2022-01-01")
    desk.sees("Demo Factory 0002")
    desk.page.evaluate("sessionStorage.setItem('knowledge-api:token', 'kb_ended')")
    desk.page.reload()
    desk.page.wait_for("document.querySelector('dialog').open")
    assert desk.page.evaluate(SHOWN) == ""
    desk.page.evaluate(f"document.querySelector('#token').value = 'Bearer {site.helpdesk}'")
    desk.press("Sign in", "document.querySelector('dialog')")
    desk.sees("Demo Factory 0002")
    assert desk.page.evaluate("document.querySelector('#as-of').value") == "2022-01-01"


def test_when_a_token_ends_nothing_that_it_has_opened_is_left(desk: Desk, site: Site) -> None:
    token = site.token(Viewer(Role.PROGRAMME_OFFICER, countries=("ID",)))
    desk.sign_in(token)
    desk.find("DEMO-OS-000006")
    desk.sees("Demo Factory 0006", ABOUT)
    site.end_tokens_of(Role.PROGRAMME_OFFICER)
    desk.page.wait_for("document.querySelector('dialog').open")
    assert "0006" not in desk.page.evaluate("document.body.textContent + document.title")
