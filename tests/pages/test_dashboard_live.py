"""The dashboard while something changes, ends or is gone."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Page

from kb.models import ApiToken
from kb.rules.roles import Role
from kb.services.access.api_keys import revoke_token
from kb.services.access.matrix import OPERATOR, Viewer
from kb.services.database import connect
from kb.services.demo.scenarios import DEMO_BRAND
from kb.settings import Settings
from tests.live.serving import ServerProcess
from tests.pages.board import ROWS, Board, ask
from tests.pages.site import Site, free_port, wait_until_ready
from tests.trial_databases import run_apart

pytestmark = pytest.mark.browser


async def _revoke_all_of(settings: Settings, role: Role) -> None:
    async with connect(settings, everywhere=False):
        for token in await ApiToken.filter(role=role):
            await revoke_token(OPERATOR, token.id)


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
    variables = {
        **{name: value for name, value in os.environ.items() if name[:3] != "KB_"},
        "KB_DATABASE_URL": site.settings.database_url,
        "KB_SEMANTIC_SEARCH": "false",
    }
    running: list[ServerProcess] = []

    def start() -> str:
        app, log = "graphql_schema.app:create_app", tmp_path / "log"
        running.append(ServerProcess(app, port, variables, log))
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
