"""Lists that the dashboard takes in and gives out."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kb.rules.roles import Role
from kb.services.access.matrix import OPERATOR, Viewer
from kb.services.database import connect
from kb.services.lists.importing import Imported, import_facilities
from kb.services.lists.outcomes import Outcome
from kb.settings import Settings
from tests.pages.board import READY, Board, ask
from tests.pages.site import Site
from tests.trial_databases import run_apart

pytestmark = pytest.mark.browser


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
    assert text.splitlines()[1] == '"\'=1+1, ""so""",VN,,,,BETTER_WORK,NOT_YET,,BW_ENROLLED,,,,'


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
