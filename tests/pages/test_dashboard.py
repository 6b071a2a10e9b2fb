"""The dashboard and the front page as a browser shows them."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from math import ceil
from pathlib import Path
from typing import Any

import httpx
import pytest
from browser import Page

import graphql_schema
from kb.models import ApiToken
from kb.rules.roles import Role
from kb.services.access.api_keys import revoke_token
from kb.services.access.matrix import OPERATOR, Viewer
from kb.services.database import connect
from kb.services.demo.stories import DEMO_BRAND
from kb.services.lists.importing import Imported, import_facilities
from kb.services.lists.outcomes import Outcome
from kb.settings import Settings
from tests.live.serving import ServerProcess
from tests.pages.axe import serious_problems
from tests.pages.site import Site, free_port, wait_until_ready
from tests.trial_databases import run_apart

pytestmark = pytest.mark.browser

STATIC = Path(graphql_schema.__file__).parent / "static"
ROWS = "document.querySelectorAll('#rows tbody tr')"
READY = (
    "document.readyState === 'complete'"
    " && document.querySelector('#rows').getAttribute('aria-busy') === 'false'"
    " && !document.querySelector('#charts').hasAttribute('aria-busy')"
    " && !document.querySelector('#board').hidden"
)
HOSTILE = "<img src=x onerror=\"window.ran = 'name'\"> [press](javascript:window.ran='link')"


class Board:
    """The dashboard, as somebody uses it."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url

    def open(self, token: str | None, address: str = "") -> None:
        self.page.open(f"{self.url}/dashboard")
        self.page.wait_for(f"location.href === '{self.url}/dashboard'")
        self.page.evaluate(
            "sessionStorage.clear()"
            if token is None
            else f"sessionStorage.setItem('knowledge-api:token', {json.dumps(token)})"
        )
        self.page.evaluate("globalThis.stale = true")
        self.page.open(f"{self.url}/dashboard{address}")
        self.page.wait_for("globalThis.stale === undefined && document.readyState === 'complete'")
        if token is not None:
            self.wait()

    def wait(self) -> None:
        self.page.wait_for(READY)

    def sign_in(self, token: str) -> None:
        self.page.wait_for("document.querySelector('#sign-in').open")
        self.page.evaluate("document.querySelector('#token').focus()")
        self.page.call("Input.insertText", text=token)
        self.page.evaluate("document.querySelector('#sign-in button[value=in]').click()")
        self.wait()

    def press(self, chart: str, bar: str) -> None:
        """Press a bar, and wait until the table shows what it stands for."""
        bars = "[...document.querySelectorAll('.chart button')]"
        is_it = (
            f"one.closest('.chart').querySelector('h3').textContent === '{chart}'"
            f" && one.firstChild.textContent === '{bar}'"
        )
        self.page.evaluate(f"{bars}.find((one) => {is_it}).click()")
        self.page.wait_for(f"{bars}.find((one) => {is_it})?.ariaPressed === 'true' && {READY}")

    def bring_in(self, content: bytes, name: str = "list.csv") -> None:
        """Import a file into the list of suppliers."""
        self.page.evaluate(
            "(() => {"
            "document.querySelector('#import').click();"
            "const given = new DataTransfer();"
            f"given.items.add(new File([new Uint8Array({list(content)})], {json.dumps(name)}));"
            "document.querySelector('#list').files = given.files;"
            "document.querySelector('#import-now').click();"
            "})()"
        )

    def exported(self) -> str:
        """What the page gives as a file."""
        self.page.evaluate(
            "URL.createObjectURL = (blob) => { globalThis.given = blob.text(); return '#'; };"
            "document.querySelector('#export').click()"
        )
        self.page.wait_for("globalThis.given !== undefined")
        # Text of a Blob is without its mark.
        return f"\ufeff{self.page.evaluate('globalThis.given')}"

    def text(self, selector: str) -> str:
        return str(self.page.evaluate(f"document.querySelector('{selector}').innerText"))


@pytest.fixture
def board(site: Site, browser: Page) -> Board:
    return Board(browser, site.url)


async def _revoke_all_of(settings: Settings, role: Role) -> None:
    async with connect(settings, everywhere=False):
        for token in await ApiToken.filter(role=role):
            await revoke_token(OPERATOR, token.id)


def ask(url: str, token: str, query: str, **variables: Any) -> Any:
    answer = httpx.post(
        f"{url}/graphql",
        json={"query": query, "variables": variables},
        headers={"Authorization": f"Bearer {token}"},
        trust_env=False,
    ).json()
    assert "errors" not in answer, answer
    return answer["data"]


def test_the_front_page_tells_what_is_held_and_has_no_barrier(site: Site, browser: Page) -> None:
    browser.open(f"{site.url}/")
    browser.wait_for("document.querySelector('#state:not([aria-busy]) dl') !== null")
    told = browser.evaluate("document.querySelector('#state').innerText")
    assert "1, published 23 November 2026" in told
    assert "as of October 2021" in told
    assert serious_problems(browser) == []
    assert browser.problems == []
    assert {request.split("/")[2] for request in browser.requests if "//" in request} == {
        site.url.split("/")[2]
    }


def test_without_a_token_it_says_what_one_opens(board: Board) -> None:
    board.open(None)
    assert "It needs a token" in board.text("#signed-out")
    assert board.page.evaluate("document.querySelector('#board').hidden")
    assert serious_problems(board.page) == []


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
        assert serious_problems(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        a_demo = "one.textContent.startsWith('Demo Factory')"  # other tests register facilities
        buttons = "[...document.querySelectorAll('#rows tbody button')]"
        page.evaluate(f"{buttons}.find((one) => {a_demo}).click()")
        page.wait_for("document.querySelector('#details .path') !== null")
        assert serious_problems(page) == []
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


def test_a_token_that_never_was_one_is_not_called_ended(board: Board) -> None:
    board.open(None)
    board.page.evaluate(
        "document.querySelector('#sign-in-now').click();"
        "document.querySelector('#token').value = 'kb_wrong';"
        "document.querySelector('#sign-in button[value=in]').click()"
    )
    board.page.wait_for("!document.querySelector('#sign-in-why').hidden")
    assert board.text("#sign-in-why") == "This token is not valid."


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


def test_a_brand_brings_its_list_in_and_sees_what_became_of_each_row(
    board: Board, site: Site
) -> None:
    brand = Viewer(Role.BRAND, organisation="A brand with a list")
    board.open(site.token(brand))
    assert "A brand sees those that share with it." in board.text("#rows tbody")
    rows = "name,country,enrolled\nMill One,VN,yes\nMill Two,IN,\nMill Three,Nowhere,\n"
    board.bring_in(rows.encode())
    board.page.wait_for("document.querySelector('#import-result ul') !== null")
    assert "3 rows: 2 new, 0 changed" in board.text("#import-result")
    assert "Line 4, country" in board.text("#import-result")
    board.page.evaluate("document.querySelector('#importing').close()")
    board.page.wait_for(f"document.querySelector('#total').innerText.startsWith('2 ') && {READY}")
    assert board.text("#place") == "Page 1 of 1, 2 suppliers"
    assert "Mill One" in board.text("#rows tbody")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("list.csv", b"name,country\nCaf\xe9,VN\n"),
        ("list.xlsx", b"PK\x03\x04\x14\0\x06\0name,country"),
    ],
)
def test_a_file_in_another_encoding_and_a_workbook_are_refused_whole(
    board: Board, site: Site, name: str, content: bytes
) -> None:
    brand = site.token(Viewer(Role.BRAND, organisation="A brand with another file"))
    board.open(brand)
    board.bring_in(content, name)
    board.page.wait_for("document.querySelector('#import-result .bad') !== null")
    assert board.text("#import-result") == (
        f"{name} is no CSV file in UTF-8. "
        "In a spreadsheet, save it as “CSV UTF-8”, and choose that file."
    )
    assert ask(site.url, brand, "{ supplierList { totalCount } }") == {
        "supplierList": {"totalCount": 0}
    }


def test_one_row_is_called_one(board: Board, site: Site) -> None:
    board.open(site.token(Viewer(Role.BRAND, organisation="A brand with one supplier")))
    board.bring_in(b"name,country\nMill,VN\n")
    board.page.wait_for("document.querySelector('#import-result .good') !== null")
    assert board.text("#import-result").startswith("One row: 1 new, 0 changed")


def test_suppliers_that_were_exported_are_imported_without_a_change(
    board: Board, site: Site
) -> None:
    brand = site.token(Viewer(Role.BRAND, organisation="A brand that exports"))
    listed = (
        "name,country,address,reference,os_id,gateway_id,note,enrolled\n"
        'Mill,VN,"1 Road, Hue",A-1,,G-1,"a, ""b""",yes\n'
        "=Mill,IN,2 Street,,,,-1,\n"
    )
    bring_in = (
        "mutation ($csv: String!) { supplierListImport(input: {csv: $csv}) {"
        " ... on SupplierListImported { total created updated unchanged remarks } } }"
    )
    query = "{ supplierList { nodes { name reference gatewayId note address updatedAt } } }"
    ask(site.url, brand, bring_in, csv=listed)
    before = ask(site.url, brand, query)
    assert len(before["supplierList"]["nodes"]) == 2
    board.open(brand, "?of=suppliers")
    exported = board.exported()
    assert exported.startswith("\ufeffname,country,reference,os_id,gateway_id,note,assessed_by,")
    assert ask(site.url, brand, bring_in, csv=exported)["supplierListImport"] == {
        "total": 2,
        "created": 0,
        "updated": 0,
        "unchanged": 2,
        "remarks": [],
    }
    assert ask(site.url, brand, query) == before


def test_factories_that_were_exported_are_imported_without_a_change(
    board: Board, site: Site, tmp_path: Path
) -> None:
    board.open(site.helpdesk)
    file = tmp_path / "facilities.csv"
    file.write_text(board.exported(), encoding="utf-8")
    done = run_apart(_imported(site.settings, file))
    assert +done.rows == {Outcome.UNCHANGED: int(board.text("#total").split()[0])}
    assert (done.events, done.unknown) == (0, ())


async def _imported(settings: Settings, file: Path) -> Imported:
    async with connect(settings, everywhere=False):
        return await import_facilities(file, OPERATOR, now=datetime.now(UTC))


def test_a_factory_that_ceases_to_share_vanishes(board: Board, site: Site) -> None:
    shared = site.facility_shared_with(DEMO_BRAND)
    board.open(site.token(Viewer(Role.BRAND, organisation=DEMO_BRAND)))
    board.page.wait_for("document.querySelector('#live').innerText === 'Live'")
    before = int(board.text("#total").split()[0])
    owner = site.token(Viewer(Role.FACILITY, facility_ids=(shared.id,)))
    found = ask(site.url, owner, "{ facilities { nodes { id name sharing { grantee channel } } } }")
    (facility,) = found["facilities"]["nodes"]
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
    run_apart(_revoke_all_of(site.settings, Role.PROGRAMME_OFFICER))
    board.page.wait_for("document.querySelector('#sign-in').open")
    assert "your filter stays as it is" in board.text("#sign-in-why")
    assert board.page.evaluate(f"{ROWS}.length") == 0
    board.sign_in(site.token(officer))
    assert board.text("#place") == shown
    assert board.text("#chips") == "Sharing: Not yet"


@pytest.fixture
def restarted(site: Site, tmp_path: Path) -> Iterator[Any]:
    """Starts the server of a port again and again; the first one is running."""
    port = free_port()
    given = {
        **{name: value for name, value in os.environ.items() if name[:3] != "KB_"},
        "KB_DATABASE_URL": site.settings.database_url,
        "KB_SEMANTIC_SEARCH": "false",
    }
    running: list[ServerProcess] = []

    def start() -> str:
        app, log = "graphql_schema.app:create_app", tmp_path / "log"
        running.append(ServerProcess(app, port, given, log))
        url = f"http://127.0.0.1:{port}"
        wait_until_ready(f"{url}/readyz", running[-1], log)
        return url

    def stop() -> None:
        running.pop().kill()

    yield start, stop
    for process in running:
        process.kill()


def test_while_the_server_is_gone_it_says_so_and_then_catches_up(
    site: Site, browser: Page, restarted: Any
) -> None:
    start, stop = restarted
    board = Board(browser, start())
    board.open(site.helpdesk)
    browser.wait_for("document.querySelector('#live').innerText === 'Live'")
    stop()
    browser.wait_for("document.querySelector('#live').innerText === 'No connection'")
    assert "The server does not answer" in board.text("#notice")
    assert browser.evaluate(f"{ROWS}.length") == 50
    officer = site.token(Viewer(Role.PROGRAMME_OFFICER, countries=("VN",)))
    ask(
        site.url,
        officer,
        "mutation ($input: FacilityRegisterInput!) {"
        " facilityRegister(input: $input) { __typename } }",
        input={"name": "AAA New Factory", "country": "VN"},
    )
    start()
    browser.wait_for("document.querySelector('#live').innerText === 'Live'")
    browser.wait_for("document.querySelector('#rows tbody').innerText.includes('AAA New Factory')")
    assert board.text("#notice") == ""


def test_a_page_that_is_left_gives_its_connection_up(board: Board, site: Site) -> None:
    board.open(site.helpdesk)
    board.page.wait_for("document.querySelector('#live').innerText === 'Live'")
    board.page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    board.page.wait_for("document.querySelector('#live').innerText === 'No connection'")
    board.page.wait_for("document.querySelector('#live').innerText === 'Live'")


def test_a_spreadsheet_takes_no_exported_cell_for_a_formula(board: Board) -> None:
    board.open(None)
    applies = {
        "assessment": {"assessedBy": "BETTER_WORK"},
        "sharing": {"status": "NOT_YET"},
        "workflow": {"state": "BW_ENROLLED", "blockers": [], "nextActions": []},
    }
    node = {"name": '=1+1, "so"', "country": {"code": "VN"}, "whatApplies": applies}
    page = {"nodes": [node], "totalCount": 1, "pageInfo": {"hasNextPage": False}}
    text = board.page.evaluate(
        "import('./static/pages/dashboard-table.js').then(({csv}) =>"
        f" csv('facilities', async () => ({json.dumps(page)}), () => {{}}))"
    )
    assert text.splitlines()[1] == '"\'=1+1, ""so""",VN,,,,BETTER_WORK,NOT_YET,,BW_ENROLLED,,,'


def test_libraries_are_as_their_packages_have_them() -> None:
    folder = STATIC / "vendored"
    sums = (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    # The ignore: each line has two parts, which no type says.
    listed = dict(reversed(line.split(maxsplit=1)) for line in sums)  # type: ignore[arg-type]
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "SHA256SUMS"]
    assert {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    } == listed
    assert "uplot/LICENSE" in listed


def test_a_long_list_is_sent_in_parts_of_whole_rows_under_its_header(
    board: Board, site: Site
) -> None:
    board.open(None)
    rows = "".join(f'Mill {number},VN,"a note\non two lines"\n' for number in range(8_000))
    parts = board.page.evaluate(
        "import('./static/pages/dashboard-import.js').then(({partsOf}) =>"
        f" partsOf({json.dumps('name,country,note' + chr(10) + rows)}))"
    )
    assert [part["csv"].splitlines()[0] for part in parts] == ["name,country,note"] * 3
    assert "".join(part["csv"].removeprefix("name,country,note\n") for part in parts) == rows
    assert max(len(json.dumps(part["csv"])) for part in parts) <= 150_000
    before = parts[0]["csv"].count("\n") - 1
    assert [part["linesBefore"] for part in parts[:2]] == [0, before]


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
    assert serious_problems(page) == []
    given = "Object.fromEntries(new URLSearchParams(location.search))"
    assert set(page.evaluate(given)) == {"lang", "filter"}
    languages = "[...document.querySelector('#language').options].map(({value}) => value)"
    assert page.evaluate(languages) == ["en", "vi", "id", "bn"]
    assert page.problems == []
