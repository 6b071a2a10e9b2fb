"""The dashboard while something changes, ends or is gone."""

from __future__ import annotations

import json

import pytest
from browser import Page

from kb.rules.roles import Role
from kb.services.access.matrix import Viewer
from kb.services.demo.scenarios import DEMO_BRAND
from tests.pages.board import READY, ROWS, Board, ask, register
from tests.pages.site import Restarted, Site

pytestmark = pytest.mark.browser


LISTENERS = (
    "fetch('/metrics').then((answer) => answer.text())"
    ".then((text) => Number(/^kb_listeners (.*)$/m.exec(text)[1]))"
)


def test_a_factory_that_ceases_to_share_vanishes(board: Board, site: Site) -> None:
    shared = site.facility_shared_with(DEMO_BRAND)
    board.open(site.token(Viewer(Role.BRAND, organisation=DEMO_BRAND)))
    board.page.wait_for("document.querySelector('#live').innerText === 'Live'")
    before = int(board.text("#total").split()[0])
    owner = site.token(Viewer(Role.FACILITY, facility_ids=(shared.id,)))
    answer = ask(
        site.url, owner, "{ facilities { nodes { id name sharing { grantee channel } } } }"
    )
    (facility,) = answer["facilities"]["nodes"]
    board.page.evaluate(
        f"[...document.querySelectorAll('#rows tbody button')]"
        f".find((one) => one.innerText === {json.dumps(facility['name'])}).click()"
    )
    for grant in facility["sharing"]:
        if grant["grantee"] == DEMO_BRAND:
            ask(
                site.url,
                owner,
                "mutation ($input: FacilityUnshareInput!) {"
                " facilityUnshare(input: $input) { __typename } }",
                input={"facilityId": shared.os_id, "grantee": DEMO_BRAND, "granteeKind": "BRAND"},
            )
    board.page.wait_for(f"document.querySelector('#total').innerText.startsWith('{before - 1} ')")
    assert facility["name"] not in board.text("#rows tbody")
    assert not board.page.evaluate("document.querySelector('#details').open")
    assert "does not share with you any more" in board.text("#notice")


def test_a_token_that_has_ended_is_asked_for_again_and_the_filter_stays(
    board: Board, site: Site
) -> None:
    officer = Viewer(Role.PROGRAMME_OFFICER, countries=("ID",))
    board.open(site.token(officer))
    board.press("Sharing", "Not yet")
    shown = board.text("#place")
    site.end_tokens_of(Role.PROGRAMME_OFFICER)
    board.page.wait_for("document.querySelector('#sign-in').open")
    assert "your filter stays as it is" in board.text("#sign-in-why")
    assert board.page.evaluate(f"{ROWS}.length") == 0
    board.sign_in(site.token(officer))
    assert board.text("#place") == shown
    assert board.text("#chips") == "Sharing: Not yet"


def test_while_the_server_is_gone_it_says_so_and_then_catches_up(
    site: Site, browser: Page, restarted: Restarted
) -> None:
    board = Board(browser, restarted.start())
    board.open(site.helpdesk)
    browser.wait_for("document.querySelector('#live').innerText === 'Live'")
    restarted.kill()
    browser.wait_for("document.querySelector('#live').innerText === 'No connection'")
    assert "The server does not answer" in board.text("#notice")
    assert browser.evaluate(f"{ROWS}.length") == 50
    register(site, "AAA New Factory")
    restarted.start()
    browser.wait_for("document.querySelector('#live').innerText === 'Live'")
    browser.wait_for("document.querySelector('#rows tbody').innerText.includes('AAA New Factory')")
    assert board.text("#notice") == ""


def test_a_page_that_is_left_gives_its_connection_up(board: Board, site: Site) -> None:
    board.open(site.helpdesk)
    board.page.wait_for(f"{LISTENERS}.then((many) => many === 1)")
    for moment, listeners in (("pagehide", 0), ("pageshow", 1)):
        board.page.evaluate(f"dispatchEvent(new PageTransitionEvent('{moment}'))")
        board.page.wait_for(f"{LISTENERS}.then((many) => many === {listeners})")
    assert board.text("#live") == "Live"


def test_however_many_tabs_are_open_each_loads_and_one_that_is_seen_again_is_up_to_date(
    board: Board, site: Site
) -> None:
    """A browser has six connections to a server, for all its tabs."""
    page = board.page
    board.open(site.helpdesk)
    told = "document.querySelector('#rows tbody').innerText.includes('AAA Not Seen Yet')"
    page.evaluate("globalThis.tabs = []")
    try:
        for _ in range(7):
            opening = "tabs.push(open('dashboard')) && null"
            page.call("Runtime.evaluate", expression=opening, userGesture=True)
        page.wait_for(f"tabs.every(({{ document }}) => {READY} && {ROWS}.length === 50)")
        page.wait_for(f"document.hidden && {LISTENERS}.then((many) => many === 1)")
        register(site, "AAA Not Seen Yet")
        page.wait_for(f"tabs.some(({{ document }}) => {told})")
        assert not page.evaluate(told)
    finally:
        page.evaluate("tabs.forEach((tab) => tab.close())")
    page.wait_for(told)


def test_what_could_not_be_read_is_faded_and_read_again(board: Board, site: Site) -> None:
    """The table of another filter must not pass for that of this one."""
    page = board.page
    board.open(site.helpdesk)
    page.wait_for("document.querySelector('#live').innerText === 'Live'")
    try:
        page.call("Network.setBlockedURLs", urls=["*/graphql"])
        page.evaluate("document.querySelector('#charts .bars button').click()")
        page.wait_for("document.querySelector('#notice p') !== null")
        busy = "['#rows', '#charts'].map((each) => document.querySelector(each).ariaBusy)"
        assert page.evaluate(busy) == ["true", "true"]
    finally:
        page.call("Network.setBlockedURLs", urls=[])
    board.wait()
    count = "document.querySelector('#charts .bars .number').innerText"
    assert board.text("#place").endswith(f", {page.evaluate(count)} factories")
    assert board.text("#notice") == ""


def test_a_page_that_began_without_a_connection_is_filled_as_soon_as_there_is_one(
    board: Board, site: Site
) -> None:
    board.open(site.helpdesk)
    try:
        board.page.call("Network.setBlockedURLs", urls=["*/dashboard.graphql"])
        board.page.reload()
        board.page.wait_for("document.querySelector('#notice p.warn') !== null")
        assert not board.page.evaluate("document.querySelector('#signed-out').checkVisibility()")
    finally:
        board.page.call("Network.setBlockedURLs", urls=[])
    board.wait()


FOCUSED = "(document.activeElement.dataset.key ?? document.activeElement.id)"


def test_the_focus_stays_where_it_is_while_the_page_changes(board: Board, site: Site) -> None:
    page = board.page
    board.open(site.helpdesk)
    page.wait_for("document.querySelector('#live').innerText === 'Live'")
    page.evaluate("document.querySelector('#advice').open = true")
    row, place = "#rows tbody tr:nth-child(30) button", "#advice-list button"
    for number, at in enumerate((row, place, ".bars button")):
        page.evaluate(f"document.querySelector('{at}').focus()")
        had = page.evaluate(FOCUSED)
        register(site, f"AAA Number {number}")
        told = f"document.querySelector('#rows tbody').innerText.includes('AAA Number {number}')"
        page.wait_for(told)
        assert page.evaluate(FOCUSED) == had
        assert had.split()[0] in {"row", "copy", "bar"}


def test_the_drawer_gives_the_focus_back_to_its_row_though_that_was_made_anew(
    board: Board, site: Site
) -> None:
    page = board.page
    board.open(site.helpdesk)
    page.wait_for("document.querySelector('#live').innerText === 'Live'")
    page.evaluate("document.querySelector('#rows tbody tr:nth-child(20) button').focus()")
    had = page.evaluate(FOCUSED)
    page.enter()
    page.wait_for("document.querySelector('#details .path') !== null")
    register(site, "AAA Behind The Drawer")
    rows = "document.querySelector('#rows tbody').innerText"
    page.wait_for(f"{rows}.includes('AAA Behind The Drawer')")
    page.press("Escape", "Escape", 27)
    page.wait_for(f"{FOCUSED} === '{had}'")


def test_what_is_pressed_away_leaves_the_focus_at_what_it_has_changed(
    board: Board, site: Site
) -> None:
    page = board.page
    board.open(site.helpdesk)
    board.press("Country", "Pakistan")
    page.evaluate("document.querySelector('.chip').focus()")
    page.enter()
    page.wait_for(f"{FOCUSED} === 'counts-title' && {READY} && {ROWS}.length === 50")
    board.press("Sharing", "Not yet")  # two pages
    page.evaluate("document.querySelector('#next').focus()")
    page.enter()
    page.wait_for(f"{FOCUSED} === 'rows-title'")
