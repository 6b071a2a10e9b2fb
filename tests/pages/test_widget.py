"""The chat on a page of another site, which is strict, and styles all that it can reach."""

from __future__ import annotations

from typing import Any

import pytest
from browser import Page

from graphql_schema.web.pages import page_documents
from tests.pages.axe import barriers
from tests.pages.site import OtherSite, Site, free_port, other_site

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><html lang="{lang}"><head><title>Another site</title></head>
<body><main><h1>Another site</h1><p>Its text.</p><div id="here"></div></main>
<script src="{url}/widget.js" defer {options}></script></body></html>"""

ROOT = "document.querySelector('kb-chat').shadowRoot"
TURNS = f"[...{ROOT}.querySelectorAll('.turn.answer')]"


def policy_of(url: str) -> dict[str, str]:
    """No style of its own may be inline, no text may become HTML, no other place may be asked."""
    policy = f"default-src 'none'; script-src {url}; connect-src {url}; base-uri 'none'; "
    return {"Content-Security-Policy": policy + "require-trusted-types-for 'script'"}


class Chat:
    """The chat on a page, as somebody uses it with the keyboard."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def part(self, selector: str) -> str:
        return f"{ROOT}.querySelector('{selector}')"

    def open(self) -> None:
        self.page.wait_for("document.querySelector('kb-chat') !== null")
        self.page.evaluate(f"{self.part('.open')}.click()")

    def ask(self, question: str) -> Any:
        turns = self.page.evaluate(f"{TURNS}.length")
        self.page.evaluate(f"{self.part('input')}.focus()")
        self.page.call("Input.insertText", text=question)
        self.page.enter()
        return self.answer(turns)

    def answer(self, turns: int) -> Any:
        return self.page.wait_for(f"{TURNS}[{turns}]?.innerText")


@pytest.fixture
def chat(request: Any, site: Site, elsewhere: OtherSite, browser: Page) -> Chat:
    options = {"lang": "en", "options": "", **getattr(request, "param", {})}
    text = PAGE.format(url=site.url, **options)
    address = elsewhere.show(text, policy_of(site.url))
    browser.open(address)
    browser.wait_for(f"location.href === '{address}'")
    chat = Chat(browser)
    if "data-target" not in options["options"]:
        chat.open()
    return chat


def test_it_answers_with_sources_on_a_strict_site_that_breaks_no_rule_of_its_own(
    chat: Chat, site: Site
) -> None:
    answer = chat.ask("what does it cost to share?")
    assert "Registering in the SLCP Gateway costs facilities nothing." in answer
    sources = chat.page.evaluate(f"{TURNS}[0].querySelector('details').textContent")
    assert "FAQ 14, Shared FAQs of SLCP and Better Work" in sources
    assert chat.page.problems == []
    assert {url.split("/")[2] for url in chat.page.requests if "favicon" not in url} == {
        site.url.split("/")[2],
        chat.page.evaluate("location.host"),
    }
    assert barriers(chat.page) == []


def test_a_suggestion_is_asked_by_its_button_and_the_next_question_may_follow_up(
    chat: Chat,
) -> None:
    assert "Did you mean:" in chat.ask("tool and steps")
    button = chat.part(".buttons button")
    title = chat.page.evaluate(f"{button}.title")
    chat.page.evaluate(f"{button}.click()")
    chat.answer(1)
    users = chat.page.evaluate(f"[...{ROOT}.querySelectorAll('.turn.user')].at(-1).innerText")
    assert title in users
    chat.ask("is CAF v1.4 available in Vietnam?")
    assert "Indonesia" in chat.ask("and in Indonesia?")


@pytest.mark.parametrize(
    "chat", [{"options": 'data-contact="mailto:desk@example.org"'}], indirect=True
)
def test_what_is_not_covered_is_handed_over_to_a_person(chat: Chat) -> None:
    assert "Ask the SLCP Helpdesk" in chat.ask("how long does the approval take?")
    person = chat.page.evaluate(f"{TURNS}[0].querySelector('.handover a').href")
    assert person == "mailto:desk@example.org"


@pytest.mark.parametrize("chat", [{"options": 'data-contact="javascript:alert(1)"'}], indirect=True)
def test_an_address_that_would_run_something_is_no_link(chat: Chat) -> None:
    chat.ask("how long does the approval take?")
    assert chat.page.evaluate(f"{TURNS}[0].querySelector('.handover a')") is None


def test_markup_in_a_question_is_text(chat: Chat) -> None:
    chat.ask('<img src=x onerror="globalThis.ran = true"> [click](javascript:alert(1))')
    assert chat.page.evaluate(f"{ROOT}.querySelectorAll('.turn img, .turn.user a').length") == 0
    assert chat.page.evaluate("globalThis.ran") is None


@pytest.mark.parametrize(
    ("chat", "label"),
    [
        ({"lang": "vi-VN"}, "Gửi"),
        ({"lang": "id"}, "Kirim"),
        ({"lang": "bn"}, "পাঠান"),
        ({"lang": "fr", "options": 'data-locale="vi"'}, "Gửi"),
    ],
    indirect=["chat"],
)
def test_it_speaks_the_language_of_the_page_or_the_one_that_the_page_names(
    chat: Chat, label: str
) -> None:
    assert chat.page.evaluate(f"{chat.part('form button')}.innerText") == label


def test_it_turns_to_the_language_of_the_question(chat: Chat) -> None:
    chat.ask("chi phí chia sẻ dữ liệu là bao nhiêu?")
    assert chat.page.evaluate(f"{chat.part('form button')}.innerText") == "Gửi"


def test_escape_closes_it_and_the_focus_goes_back(chat: Chat) -> None:
    focused = f"{ROOT}.activeElement"
    assert chat.page.evaluate(f"{focused}.localName") == "input"
    chat.page.press("Escape", "Escape", 27)
    assert chat.page.evaluate(f"{focused}.className") == "open main"
    assert chat.page.evaluate(f"{chat.part('.panel')}.hidden") is True


def test_who_goes_on_to_another_part_of_the_page_is_left_there(chat: Chat) -> None:
    page = chat.page
    slow = {"offline": False, "downloadThroughput": -1, "uploadThroughput": -1}
    page.evaluate("document.querySelector('#here').append(document.createElement('input'))")
    page.call("Network.emulateNetworkConditions", latency=1000, **slow)
    try:
        page.evaluate(f"{chat.part('input')}.focus()")
        page.call("Input.insertText", text="what does it cost to share?")
        page.enter()
        page.evaluate("document.querySelector('#here input').focus()")
        chat.answer(0)
    finally:
        page.call("Network.emulateNetworkConditions", latency=0, **slow)
    page.wait_for(f"{chat.part('.status')}.textContent === ''")
    assert page.evaluate("document.activeElement.parentElement.id") == "here"


def test_styles_of_the_page_do_not_reach_it(chat: Chat) -> None:
    chat.page.evaluate(
        "(() => { const sheet = new CSSStyleSheet();"
        " sheet.replaceSync('* { display: none !important; color: red !important; }"
        " kb-chat { opacity: 0 !important; position: static !important; }');"
        " document.adoptedStyleSheets = [sheet]; document.body.style.setProperty('display',"
        " 'block', 'important'); document.documentElement.style.setProperty('display', 'block',"
        " 'important'); })()"
    )
    style = "getComputedStyle(document.querySelector('kb-chat'))"
    shown = chat.page.evaluate(f"[{style}.display, {style}.opacity, {style}.position]")
    assert shown == ["block", "1", "fixed"]


def test_on_a_phone_it_fills_the_window(chat: Chat) -> None:
    size = {"width": 400, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    chat.page.call("Emulation.setDeviceMetricsOverride", **size)
    try:
        box = f"{chat.part('.panel')}.getBoundingClientRect()"
        shown = chat.page.evaluate(f"(b => [b.x, b.y, b.width, b.height])({box})")
        assert shown == [0, 0, 400, 800]
    finally:
        chat.page.call("Emulation.clearDeviceMetricsOverride")


def test_on_a_site_that_is_not_allowed_the_console_says_what_to_set(
    site: Site, browser: Page
) -> None:
    with other_site(free_port()) as stranger:
        browser.open(stranger.show(PAGE.format(url=site.url, lang="en", options=""), {}))
        chat = Chat(browser)
        chat.open()
        chat.page.evaluate("console.warn = (text) => { globalThis.warned = text; }")
        chat.ask("what does it cost to share?")
        warned = chat.page.evaluate("globalThis.warned")
        assert f"KB_ALLOWED_ORIGINS='[\"{stranger.origin}\"]'" in warned


@pytest.mark.parametrize("chat", [{"options": 'data-target="#here"'}], indirect=True)
def test_it_can_stand_in_a_place_of_the_page(chat: Chat) -> None:
    chat.page.wait_for("document.querySelector('#here kb-chat') !== null")
    assert "costs facilities nothing" in chat.ask("what does it cost to share?")
    assert chat.page.evaluate(f"{chat.part('.panel')}.getAttribute('role')") == "region"


def test_its_documents_are_among_those_that_are_trusted() -> None:
    assert any("query Widget(" in document for document in page_documents())
