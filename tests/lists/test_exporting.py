"""What is exported can be imported, and is then exported as the same bytes."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest
from trial_databases import TrialDatabases, migrated

from kb.errors import InvalidInputError, NotPermittedError
from kb.models import AuditEntry, Facility, FacilityProjection
from kb.rules.events import EventKind
from kb.rules.roles import Role
from kb.services.access.matrix import OPERATOR, Viewer
from kb.services.database import connect
from kb.services.demo.facilities import make_demo
from kb.services.lists.columns import escaped, unescaped
from kb.services.lists.exporting import export_facilities
from kb.services.lists.importing import import_facilities
from kb.services.recording.append import Addition, NewEvent, append_events
from kb.services.recording.verify import verify_chains
from kb.settings import Settings
from tests.lists.stored import NOW, Take


async def exported(viewer: Viewer = OPERATOR) -> str:
    text = io.StringIO()
    await export_facilities(viewer, text, now=NOW)
    return text.getvalue()


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def keys() -> dict[str, str]:
    rows = await FacilityProjection.filter(is_current=True)
    return {row.name: row.decision_key.replace("|SHARED", "|DATA_SUBMITTED") for row in rows}


async def odd_facilities() -> None:
    """Facilities whose events or name are out of the ordinary."""
    planned_of: dict[str, list[tuple[EventKind, str, dict[str, object]]]] = {
        "=HYPERLINK(1)": [(EventKind.FACILITY_REGISTERED, "2024-01-01", {"gateway_id": "GW1"})],
        '\'+84, “quoted”\n"twice"': [(EventKind.FACILITY_REGISTERED, "2024-01-01", {})],
        "Routed and enrolled in one day": [
            (EventKind.FACILITY_REGISTERED, "2024-01-01", {}),
            (EventKind.ROUTED_TO_VERIFIER_BODY, "2024-01-01", {}),
            (EventKind.ENROLLED, "2024-01-01", {}),
        ],
        "Enrolled and left in one day": [
            (EventKind.FACILITY_REGISTERED, "2024-01-01", {}),
            (EventKind.ENROLLED, "2024-01-01", {}),
            (EventKind.ELIGIBILITY_RECORDED, "2024-01-01", {"enrolled": "NO"}),
        ],
        "Found and forgotten": [
            (EventKind.FACILITY_REGISTERED, "2024-01-01", {}),
            (EventKind.ELIGIBILITY_RECORDED, "2024-01-02", {"in_scope": "YES"}),
            (EventKind.ELIGIBILITY_RECORDED, "2024-01-03", {"in_scope": "UNKNOWN"}),
        ],
        "Invited again after submitting": [
            (EventKind.FACILITY_REGISTERED, "2024-01-01", {}),
            (EventKind.PLATFORM_SET_UP, "2024-01-02", {}),
            (EventKind.PROFILE_SUBMITTED, "2024-01-03", {}),
            (EventKind.GATEWAY_INVITATION_SENT, "2024-01-04", {}),
            (EventKind.PLATFORM_SET_UP, "2024-01-05", {}),
        ],
        "Asked for a link": [
            (EventKind.FACILITY_REGISTERED, "2024-01-01", {}),
            (EventKind.LINK_REQUESTED, "2024-01-02", {"gateway_id": "GW/9"}),
        ],
        "Interested twice": [
            (EventKind.FACILITY_REGISTERED, "2024-01-01", {}),
            (EventKind.ENROLLED, "2024-01-01", {}),
            (EventKind.CYCLE_OPENED, "2024-01-02", {}),
            (EventKind.INTEREST_DECLARED, "2024-01-03", {}),
            (EventKind.ASSESSED, "2024-01-04", {"kind": "ONSITE"}),
            (EventKind.INTEREST_DECLARED, "2024-01-04", {}),
            (EventKind.CYCLE_CLOSED, "2024-01-05", {}),
        ],
    }
    additions = []
    for name, planned in planned_of.items():
        gateway_id = next(
            (payload["gateway_id"] for *_, payload in planned if "gateway_id" in payload), None
        )
        facility = await Facility.create(
            name=name, country="VN", created_at=NOW, gateway_id=gateway_id
        )
        events = [
            NewEvent(kind, date.fromisoformat(day), NOW, "OPERATOR", payload=payload)
            for kind, day, payload in planned
        ]
        additions.append(Addition(facility, events))
    await append_events(additions)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
async def test_an_export_imported_elsewhere_is_exported_as_the_same_bytes(
    trial_databases: TrialDatabases, tmp_path: Path, suffix: str
) -> None:
    empty = trial_databases.template("empty", migrated)
    source, other = trial_databases.copy(empty), trial_databases.copy(empty)
    file = tmp_path / f"list{suffix}"
    try:
        async with connect(source, everywhere=False):
            await make_demo(60)
            await odd_facilities()
            before, decision_keys = await exported(), await keys()
            assert await export_facilities(OPERATOR, file, now=NOW) == 68
        async with connect(other, everywhere=False):
            problems: list[object] = []
            done = await import_facilities(file, OPERATOR, now=NOW, report=problems.extend)
            assert problems == []
            assert done.rows["created"] == 68
            assert await exported() == before
            assert (await verify_chains()).breaks == ()
            names = {name.replace("\n", " "): key for name, key in decision_keys.items()}
            assert await keys() == names
    finally:
        trial_databases.drop(source)
        trial_databases.drop(other)


async def test_no_cell_of_an_export_can_be_taken_for_a_formula(
    database: Settings, tmp_path: Path
) -> None:
    await odd_facilities()
    text = await exported()
    assert "\n'=HYPERLINK(1),VN,,,GW1,," in text
    assert '\n"\'\'+84, “quoted” ""twice""",VN,' in text
    file = tmp_path / "list.xlsx"
    await export_facilities(OPERATOR, file, now=NOW)
    sheet = openpyxl.load_workbook(file).active
    assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}
    assert sheet["A2"].value == "'=HYPERLINK(1)"


FORMULAS = ("=1+1", "+84 1", "-1", "@SUM(A1)", "\t=1", " =1", "\uff1d1+1", "\uff0b1", "\uff0d1",
            "\uff20A", "'=1", "''+1", "'", "'quoted'", "\u200b=1")  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_comes_back_from_a_cell_that_is_no_formula(text: str) -> None:
    cell = escaped(text)
    assert unescaped(cell) == text
    assert cell.lstrip()[:1] not in tuple("=+-@\uff1d\uff0b\uff0d\uff20")
    assert cell[:1] not in ("\t", "\r", "\n")


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
async def test_names_that_look_like_formulas_come_back_as_they_were(
    database: Settings, take: Take, tmp_path: Path, suffix: str
) -> None:
    names = {f"{text} {number}th".strip() for number, text in enumerate(FORMULAS)}
    for name in names:
        facility = await Facility.create(name=name, country="VN", created_at=NOW)
        event = NewEvent("FACILITY_REGISTERED", NOW.date(), NOW, "OPERATOR", payload={})
        await append_events([Addition(facility, [event])])
    file = tmp_path / f"list{suffix}"
    await export_facilities(OPERATOR, file, now=NOW)
    done = await take(file)
    assert (done.rows, done.problems) == (f"{len(names)} unchanged", [])


async def test_a_csv_file_starts_with_the_mark_that_spreadsheets_need(
    database: Settings, take: Take, tmp_path: Path
) -> None:
    await take("name,country\nNhà máy,VN\n")
    file = tmp_path / "out.csv"
    await export_facilities(OPERATOR, file, now=NOW)
    assert file.read_bytes().startswith(b"\xef\xbb\xbfname,country,address,os_id,")
    assert "Nhà máy,VN,".encode() in file.read_bytes()
    assert files_in(tmp_path) == ["list.csv", "out.csv"]


async def test_an_export_holds_only_what_the_viewer_sees(database: Settings, take: Take) -> None:
    await take("name,country\nA,VN\nB,ID\n")
    officer = Viewer(Role.PROGRAMME_OFFICER, countries=("ID",))
    assert [line.split(",")[0] for line in (await exported(officer)).splitlines()] == ["name", "B"]
    for role in (Role.ANONYMOUS, Role.SLCP_OFFICER):
        with pytest.raises(NotPermittedError):
            await exported(Viewer(role))


async def test_an_export_by_the_helpdesk_is_recorded_as_reading(
    database: Settings, take: Take
) -> None:
    await take("name,country\nA,VN\nB,ID\n")
    await exported(Viewer(Role.HELPDESK, label="desk"))
    ids = sorted(await Facility.all().values_list("id", flat=True))
    assert (await AuditEntry.get(what="READ")).facility_ids == ids


async def test_a_place_that_cannot_be_written_to_is_told(
    database: Settings, tmp_path: Path
) -> None:
    for file in (tmp_path / "none" / "list.csv", tmp_path / "list.ods"):
        with pytest.raises(InvalidInputError, match="FILE"):
            await export_facilities(OPERATOR, file, now=datetime(2026, 1, 1, tzinfo=UTC))
