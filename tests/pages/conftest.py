"""One server with 200 demo facilities for all tests of the pages.

site       where it is, with tokens
elsewhere  another site, whose pages may ask it
restarted  a server beside it, on the same database, that is stopped and started again
browser    one for all tests of a module
board      the dashboard in it
desk       the page of the helpdesk, in a browser of its own, with its token
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Page, open_browser

from tests.pages.board import Board
from tests.pages.desk import Desk
from tests.pages.site import OtherSite, Restarted, Site, free_port, other_site, served_site
from tests.templates import demo_template
from tests.trial_databases import SqliteFiles


@pytest.fixture(scope="session")
def foreign_port() -> int:
    return free_port()


@pytest.fixture(scope="session")
def elsewhere(foreign_port: int) -> Iterator[OtherSite]:
    with other_site(foreign_port) as served:
        yield served


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    with open_browser() as page:
        yield page


@pytest.fixture(scope="session")
def site(
    sqlite_files: SqliteFiles, foreign_port: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    settings = sqlite_files.copy(demo_template(sqlite_files))
    origins = f'["http://127.0.0.1:{foreign_port}"]'
    log = tmp_path_factory.mktemp("site") / "log"
    with served_site(settings, log, KB_ALLOWED_ORIGINS=origins) as served:
        yield served
    sqlite_files.drop(settings)


@pytest.fixture
def restarted(site: Site, tmp_path: Path) -> Iterator[Restarted]:
    server = Restarted(site.settings, tmp_path / "log")
    yield server
    server.kill()


@pytest.fixture
def board(site: Site, browser: Page) -> Board:
    return Board(browser, site.url)


@pytest.fixture(scope="module")
def opened(site: Site) -> Iterator[Desk]:
    with open_browser() as page:
        allowed = ["clipboardReadWrite", "clipboardSanitizedWrite"]
        page.call("Browser.grantPermissions", permissions=allowed, origin=site.url)
        yield Desk(page, site)


@pytest.fixture
def desk(opened: Desk, site: Site) -> Desk:
    opened.sign_in(site.helpdesk)
    return opened
