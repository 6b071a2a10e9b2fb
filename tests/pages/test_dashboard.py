"""The dashboard and the front page as a browser shows them."""

from __future__ import annotations

import hashlib
import json
from math import ceil
from pathlib import Path
from urllib.parse import quote

import pytest
from browser import Page

import graphql_schema
from kb.rules.roles import Role
from kb.services.access.matrix import Viewer
from kb.services.demo.scenarios import DEMO_BRAND
from tests.pages.axe import barriers
from tests.pages.board import HOSTILE, READY, ROWS, Board, ask
from tests.pages.site import Site

pytestmark = pytest.mark.browser

STATIC = Path(graphql_schema.__file__).parent / "static"


def test_the_front_page_tells_what_is_held_and_has_no_barrier(site: Site, browser: Page) -> None:
    browser.open(f"{site.url}/")
    browser.wait_for("document.querySelector('#state:not([aria-busy]) dl') !== null")
    state = browser.evaluate("document.querySelector('#state').innerText")
    assert "1, published 23 November 2026" in state
    assert "as of October 2021" in state
    assert barriers(browser) == []
    assert browser.problems == []
    assert {request.split("/")[2] for request in browser.requests if "//" in request} == {
        site.url.split("/")[2]
    }


def test_without_a_token_it_says_what_one_opens(board: Board) -> None:
    board.open(None)
    board.page.wait_for("document.querySelector('#signed-out').checkVisibility()")
    assert "It needs a token" in board.text("#signed-out")
    assert board.page.evaluate("document.querySelector('#board').hidden")
    assert barriers(board.page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_signed_in_there_is_no_barrier_and_nothing_is_too_wide(
    board: Board, site: Site, scheme: str, width: int
) -> None:
    page = board.page
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    page.call("Emulation.setEmulatedMedia", features=features)
    page.call(
        "Emulation.setDeviceMetricsOverride",
        width=width,
        height=900,
        deviceScaleFactor=1,
        mobile=False,
    )
    try:
        board.open(site.helpdesk)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        assert barriers(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        a_demo = "one.textContent.startsWith('Demo Factory')"  # other tests register facilities
        buttons = "[...document.querySelectorAll('#rows tbody button')]"
        page.evaluate(f"{buttons}.find((one) => {a_demo}).click()")
        page.wait_for("document.querySelector('#details .path') !== null")
        assert barriers(page) == []
        assert page.problems == []
    finally:
        page.call("Emulation.setEmulatedMedia", features=[])
        page.call("Emulation.clearDeviceMetricsOverride")


def test_a_bar_filters_and_the_filter_outlives_a_reload(board: Board, site: Site) -> None:
    board.open(site.helpdesk)
    assert board.page.evaluate(f"{ROWS}.length") == 50
    board.press("Country", "Pakistan")
    query = "query ($of: FacilityFilter) { facilities(filter: $of) { totalCount } }"
    every, counted = (
        ask(site.url, site.helpdesk, query, of=of)["facilities"]["totalCount"]
        for of in (None, {"countries": ["PK"]})
    )
    assert board.text("#place") == f"Page 1 of 1, {counted} factories"
    assert board.text("#chips") == "Country: Pakistan"
    board.page.reload()
    board.wait()
    assert board.text("#place") == f"Page 1 of 1, {counted} factories"
    assert site.helpdesk not in board.page.evaluate("location.href")
    board.page.evaluate("document.querySelector('.chip').click()")
    board.page.wait_for(f"document.querySelector('#chips').innerText === '' && {READY}")
    assert board.text("#place") == f"Page 1 of {ceil(every / 50)}, {every} factories"


def test_a_row_names_the_deadline_that_is_advised_before_the_last_one_and_each_once(
    board: Board, site: Site
) -> None:
    """Of two deadlines the stricter is advised, and the other is the last that counts (Q4)."""
    board.open(site.helpdesk)
    said = board.page.evaluate(
        "import('./static/pages/words.js').then(({deadlineInWords}) => ["
        "  {advised: 'BEFORE_NEXT_SERVICE_CYCLE', deadline: 'BEFORE_ASSESSMENT'},"
        "  {advised: null, deadline: 'BEFORE_ASSESSMENT'}, {advised: null, deadline: null},"
        "].map((action) => deadlineInWords(action).join(', ')))"
    )
    assert said == [
        "before the next service cycle, at the latest before the assessment",
        "before the assessment",
        "",
    ]
    board.press("First in the way", "Interest not declared")
    rows = board.text("#rows tbody")
    assert "Tell Better Work that the factory wants to share, before the assessment" in rows
    assert "Tell Better Work, if sharing is wanted, before the next service cycle" in rows


def test_pages_lead_forwards_and_back(board: Board, site: Site) -> None:
    board.open(site.helpdesk)
    first = board.text("#rows tbody")
    board.page.evaluate("document.querySelector('#next').click()")
    board.page.wait_for(f"document.querySelector('#place').innerText[5] === '2' && {READY}")
    assert board.text("#rows tbody") != first
    board.page.evaluate("document.querySelector('#previous').click()")
    board.page.wait_for(f"document.querySelector('#place').innerText[5] === '1' && {READY}")
    assert board.text("#rows tbody") == first


def suppose(board: Board, sign_off: str) -> None:
    board.page.evaluate(
        "document.querySelector('#suppose').open = true;"
        "document.querySelector('#supposed').replaceChildren();"
        f"document.querySelector('#sign-off').value = {json.dumps(sign_off)};"
        "document.querySelector('#what-if button').click()"
    )


def test_what_a_sign_off_would_change_is_shown(board: Board, site: Site) -> None:
    board.open(site.helpdesk)
    shown = set()
    for countries in ("pk, kh", "PK KH", "Pakistan, cambodia", "Cambodia; pk"):
        suppose(board, countries)
        board.page.wait_for("document.querySelectorAll('#supposed table').length === 2")
        shown.add(board.text("#supposed"))
    (same,) = shown
    assert "factories would stand elsewhere" in same
    suppose(board, "Pakistan, Nowhere Land")
    board.page.wait_for("document.querySelector('#supposed .bad') !== null")
    assert board.text("#supposed") == (
        "“Nowhere Land” is no country. "
        "Write names or codes with commas between them, such as Pakistan, KH."
    )


@pytest.mark.parametrize("token", ["kb_wrong", "kb_“quoted”", "two words", "Bearer kb_wrong"])
def test_a_token_that_never_was_one_is_not_called_ended(board: Board, token: str) -> None:
    board.open(None)
    board.page.evaluate(
        "document.querySelector('#sign-in-now').click();"
        f"document.querySelector('#token').value = {json.dumps(token)};"
        "document.querySelector('#sign-in button[value=in]').click()"
    )
    board.page.wait_for("!document.querySelector('#sign-in-why').hidden")
    assert board.text("#sign-in-why") == "This token is not valid."


def test_a_role_that_has_nothing_to_see_here_is_told_and_shown_no_empty_board(
    board: Board, site: Site
) -> None:
    for role in (Role.SLCP_OFFICER, Role.CHATBOT):
        board.open(None)
        board.page.evaluate("document.querySelector('#sign-in-now').click()")
        board.page.evaluate(
            f"document.querySelector('#token').value = {json.dumps(site.token(Viewer(role)))};"
            "document.querySelector('#sign-in button[value=in]').click()"
        )
        board.page.wait_for("document.querySelector('#notice .warn') !== null")
        assert "does not open the dashboard. Sign in with one of" in board.text("#notice")
        assert board.page.evaluate("document.querySelector('#board').hidden")
        assert board.page.evaluate("document.querySelector('#live').hidden")


def test_a_filter_of_an_address_that_means_nothing_is_told_and_can_be_taken_away(
    board: Board, site: Site
) -> None:
    for condition in ({"x": 1}, {"countries": ["?"]}, {"sharing": ["", {}]}):
        board.open(site.helpdesk, f"?filter={quote(json.dumps([condition]))}")
        board.page.wait_for("document.querySelector('#notice p') !== null")
        board.page.evaluate("document.querySelector('#chips button').click()")
        shown = f"{READY} && {ROWS}.length > 1"
        board.page.wait_for(f"{shown} && document.querySelector('#notice p') === null")


def test_where_sharing_is_not_clear_nothing_is_called_free(board: Board, site: Site) -> None:
    brand = site.token(Viewer(Role.BRAND, organisation="A brand that knows little"))
    listed = "name,country,enrolled\nIts enrolment alone is known,VN,yes\nBy a Verifier Body,IN,\n"
    ask(
        site.url,
        brand,
        "mutation ($csv: String!) { supplierListImport(input: {csv: $csv}) { __typename } }",
        csv=listed,
    )
    board.open(brand, "?of=suppliers")
    bars = (
        "[...document.querySelectorAll('.chart')].find((chart) => chart.querySelector('h3')"
        ".textContent === 'First in the way').querySelectorAll('button')"
    )
    shown = f"[...{bars}].map((bar) => [bar.className, bar.innerText.split('\\n').join(' ')])"
    assert board.page.evaluate(shown) == [
        ["good", "Nothing in the way 1"],
        ["calm", "Not known yet 1"],
    ]
    board.press("First in the way", "Not known yet")
    assert board.text("#chips") == "Not known yet"
    assert "Its enrolment alone is known" in board.text("#rows tbody")
    assert "By a Verifier Body" not in board.text("#rows tbody")
    board.page.evaluate("document.querySelector('.chip').click()")
    board.page.wait_for(f"document.querySelector('#chips').innerText === '' && {READY}")
    board.press("First in the way", "Nothing in the way")
    assert board.text("#chips") == "Nothing in the way"
    assert "Its enrolment alone is known" not in board.text("#rows tbody")


def test_the_drawer_shows_no_marks_and_says_of_a_factory_that_it_has_shared(
    board: Board, site: Site
) -> None:
    query = (
        '{ facilities(first: 1, filter: { workflowState: [SHARED], nameContains: "Demo" }) '
        "{ nodes { name } } }"
    )
    (shared,) = ask(site.url, site.helpdesk, query)["facilities"]["nodes"]
    board.open(site.helpdesk, f"?filter={json.dumps([{'nameContains': shared['name']}])}")
    assert "\tShared\t" in board.text("#rows tbody")
    board.page.evaluate("document.querySelector('#rows tbody button').click()")
    board.page.wait_for("document.querySelector('#details .path') !== null")
    assert board.text("#details .tag") == "Shared"
    assert "**" not in board.text("#details-body")
    titles = "[...document.querySelectorAll('#details h3, #details p')].map((e) => e.innerText)"
    said = [text.rstrip(":") for text in board.page.evaluate(titles)]
    assert said.count("What a brand may do") <= 1


def test_where_there_is_nothing_yet_it_says_what_there_would_be_and_draws_nothing(
    board: Board, site: Site
) -> None:
    board.open(site.token(Viewer(Role.BRAND, organisation="Nobody shares with it")))
    assert board.text("#rows tbody") == (
        "No factory is open to this token yet. A brand sees those that share with it."
    )
    drawn = "['#charts', '#trend-card', '#suppose', '#advice', '#more']"
    visible = f"{drawn}.filter((each) => document.querySelector(each).checkVisibility())"
    assert board.page.evaluate(visible) == []


def test_a_long_name_leaves_room_for_what_is_said_of_it(board: Board, site: Site) -> None:
    brand = site.token(Viewer(Role.BRAND, organisation="A brand with a long name"))
    query = "mutation ($input: SupplierAddInput!) { supplierAdd(input: $input) { __typename } }"
    ask(site.url, brand, query, input={"name": "A" + "very" * 40 + "long name", "country": "VN"})
    page = board.page
    try:
        for width in (1440, 320):
            size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
            page.call("Emulation.setDeviceMetricsOverride", **size)
            board.open(brand, "?of=suppliers")
            box = "document.querySelector('#rows').parentElement"
            assert page.evaluate(f"{box}.scrollWidth - {box}.clientWidth") == 0
            page.evaluate("document.querySelector('#rows tbody button').click()")
            page.wait_for("document.querySelector('#details .letter') !== null")
            drawer = "document.querySelector('#details')"
            assert page.evaluate(f"{drawer}.scrollWidth - {drawer}.clientWidth") == 0
            assert page.evaluate(f"{drawer}.getBoundingClientRect().x") >= 0
            # It can be closed from wherever one has read to.
            page.evaluate(f"{drawer}.scrollTop = {drawer}.scrollHeight")
            page.click("#details-close")
            page.wait_for(f"!{drawer}.open")
    finally:
        page.call("Emulation.clearDeviceMetricsOverride")


def test_in_another_language_countries_and_roles_are_in_it_too(board: Board, site: Site) -> None:
    board.open(site.helpdesk, "?lang=vi")
    assert board.text("#who span") == "Đăng nhập với vai trò Bộ phận hỗ trợ"
    assert "Việt Nam" in board.text("#rows tbody")
    assert "Vietnam" not in board.text("#board")


def test_text_of_others_never_runs(board: Board, site: Site) -> None:
    brand = site.token(Viewer(Role.BRAND, organisation=DEMO_BRAND))
    ask(
        site.url,
        brand,
        "mutation ($input: SupplierAddInput!) { supplierAdd(input: $input) { __typename } }",
        input={"name": HOSTILE, "country": "VN", "note": HOSTILE},
    )
    board.open(brand, "?of=suppliers")
    assert HOSTILE in board.text("#rows tbody")
    board.page.evaluate("document.querySelector('#rows tbody button').click()")
    board.page.wait_for("document.querySelector('#details .letter') !== null")
    links = "[...document.querySelectorAll('a')].map((link) => link.protocol)"
    assert "javascript:" not in board.page.evaluate(links)
    assert board.page.evaluate("window.ran") is None
    assert board.page.problems == []


def test_libraries_are_as_their_packages_have_them() -> None:
    folder = STATIC / "vendored"
    sums = (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    # The ignore: each line has two parts, which no type says.
    listed = dict(reversed(line.split(maxsplit=1)) for line in sums)
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "SHA256SUMS"]
    assert {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    } == listed
    assert "uplot/LICENSE" in listed


def test_the_page_is_in_the_language_of_its_address_and_keeps_it_with_the_filter(
    board: Board, site: Site
) -> None:
    board.open(site.helpdesk, "?lang=vi")
    page = board.page
    assert page.evaluate("[document.documentElement.lang, document.title]") == [
        "vi",
        "Bảng điều khiển · Better Work × SLCP",  # noqa: RUF001 - the sign is meant
    ]
    assert " nhà máy vào ngày " in board.text("#total")
    assert "chưa có người nói ngôn ngữ này" in board.text("#unreviewed").lower()
    page.evaluate("document.querySelector('#charts .bars button').click()")
    page.wait_for("document.querySelector('#chips button') !== null")
    links = "[...document.querySelectorAll('nav a')].map(({search}) => search)"
    assert set(page.evaluate(links)) == {"?lang=vi"}
    assert barriers(page) == []
    address = "Object.fromEntries(new URLSearchParams(location.search))"
    assert set(page.evaluate(address)) == {"lang", "filter"}
    languages = "[...document.querySelector('#language').options].map(({value}) => value)"
    assert page.evaluate(languages) == ["en", "vi", "id", "bn"]
    assert page.problems == []
