"""What an import stores: facilities found again, events once, and nothing that cannot have been."""

from __future__ import annotations

import asyncio
import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest

from kb.errors import NotPermittedError
from kb.models import AuditEntry, Facility, FacilityProjection, ServiceCycle, WorkflowEvent
from kb.rules.roles import Role
from kb.services.access.matrix import OPERATOR, Viewer
from kb.services.lists.importing import import_facilities
from kb.services.recording.projections import rebuild
from kb.services.recording.verify import verify_chains
from tests.lists.many import write_list
from tests.lists.stored import NOW, WHOLE, Take, counts, events_of


async def test_a_whole_story_is_stored_in_order_with_what_follows_from_it(
    database: object, take: Take
) -> None:
    taken = await take(WHOLE)
    assert (taken.rows, taken.events, taken.problems) == ("1 created", 15, [])
    assert [kind for kind, _, _ in await events_of("May Mot")] == [
        "FACILITY_REGISTERED",
        "ENROLLED",
        "CYCLE_OPENED",
        "INTEREST_DECLARED",
        "PLATFORM_SET_UP",
        "GATEWAY_INVITATION_SENT",
        "PROFILE_SUBMITTED",
        "PROFILE_APPROVED",
        "LINKED",
        "SELF_ASSESSMENT_COMPLETED",
        "ASSESSED",
        "REPORT_POSTED",
        "DATA_SUBMITTED",
        "CYCLE_CLOSED",
        "ELIGIBILITY_RECORDED",
    ]
    row = await FacilityProjection.get(is_current=True)
    assert row.decision_key == (
        "VN|YES|YES|YES|LINKED|BEFORE_ASSESSMENT|ONSITE|YES|12|NONE|DATA_SUBMITTED|CLOSED||"
    )
    cycle = await ServiceCycle.get()
    assert (cycle.number, str(cycle.opened_on), str(cycle.closed_on)) == (
        1,
        "2024-02-01",
        "2024-12-01",
    )
    event = await WorkflowEvent.get(kind="ASSESSED")
    assert (event.payload, event.cycle_id, event.actor_role, event.actor, event.recorded_at) == (
        {"kind": "ONSITE"},
        cycle.id,
        "OPERATOR",
        "Import of list.csv",
        NOW,
    )


async def test_what_is_imported_is_chained_and_rebuilds_to_the_same(
    database: object, take: Take
) -> None:
    await take(WHOLE)
    assert (await verify_chains()).breaks == ()
    assert (await rebuild()).differences == ()


async def test_the_same_list_again_changes_nothing_even_on_a_later_day(
    database: object, take: Take
) -> None:
    await take(WHOLE)
    before = await counts()
    taken = await take(WHOLE, now=NOW + timedelta(days=40))
    assert (taken.rows, taken.events) == ("1 unchanged", 0)
    assert await counts() == before
    assert (await Facility.get()).version == 1


async def test_the_next_service_cycle_is_added_to_the_same_facility(
    database: object, take: Take
) -> None:
    await take(WHOLE)
    taken = await take(
        "os_id,cycle_opened_on,interest_declared_on,assessed_on,assessment_kind\n"
        "VN2025093077Q64,2025-02-01,2025-02-02,2025-06-01,vcc\n"
    )
    assert (taken.rows, taken.events, taken.problems) == ("1 updated", 3, [])
    assert await ServiceCycle.all().count() == 2
    key = (await FacilityProjection.get(is_current=True)).decision_key
    assert key == "VN|YES|YES|YES|LINKED|BEFORE_ASSESSMENT|VCC|NO||NONE|NONE|OPEN||"
    assert (await Facility.get()).version == 2


async def test_rows_of_one_list_know_each_other(database: object, take: Take) -> None:
    taken = await take(
        "name,country,os_id,cycle_opened_on,cycle_closed_on\n"
        "A,VN,VN2025093077Q64,2023-01-01,2023-12-01\n"
        "A,VN,VN2025093077Q64,2024-01-01,\n"
        "A,VN,VN2025093077Q64,2024-01-01,\n"
    )
    assert (taken.rows, taken.events) == ("1 created, 1 unchanged, 1 updated", 4)
    assert await ServiceCycle.all().count() == 2


async def test_earlier_service_cycles_may_come_later(database: object, take: Take) -> None:
    header = "name,country,cycle_opened_on,cycle_closed_on\n"
    await take(f"{header}A,VN,2024-01-01,\n")
    await take(f"{header}A,VN,2023-01-01,2023-12-01\n")
    cycles = await ServiceCycle.all().order_by("number")
    assert [(cycle.number, str(cycle.opened_on)) for cycle in cycles] == [
        (1, "2023-01-01"),
        (2, "2024-01-01"),
    ]
    assert (await rebuild()).differences == ()


CYCLE = (
    "name,country,cycle_opened_on,cycle_closed_on,assessed_on,assessment_kind,report_posted_on\n"
)
PROFILE = (
    "name,country,gateway_id,profile_submitted_on,profile_approved_on,link_requested_on,linked_on\n"
)


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (
            [CYCLE, "A,VN,,,2024-05-01,onsite,"],
            "assessed_on: 2024-05-01 cannot be: no service cycle is open on that day",
        ),
        (
            [CYCLE, "A,VN,2024-01-01,,,,2024-06-01"],
            "report_posted_on: 2024-06-01 cannot be: no assessment comes before it in its service "
            "cycle",
        ),
        (
            [CYCLE, "A,VN,2024-06-01,,2024-05-01,onsite,"],
            "assessed_on: 2024-05-01 cannot be: no service cycle is open on that day",
        ),
        (
            [CYCLE, "A,VN,,2024-06-01,,,"],
            "cycle_closed_on: 2024-06-01 cannot be: no service cycle is open on that day",
        ),
        (
            [CYCLE, "A,VN,2024-01-01,,2024-05-01,onsite,", "A,VN,,,2024-05-02,onsite,"],
            "assessed_on: 2024-05-02 cannot be: ASSESSED on 2024-05-01 is recorded already for "
            "this service cycle",
        ),
        (
            [CYCLE, "A,VN,2024-01-01,,2024-05-01,onsite,", "A,VN,,,2024-05-01,vcc,"],
            "assessed_on: kind VCC on 2024-05-01, but kind ONSITE is recorded",
        ),
        (
            [CYCLE, "A,VN,2024-01-01,,,,", "A,VN,2024-03-01,,,,"],
            "cycle_opened_on: 2024-03-01 cannot be: CYCLE_OPENED on 2024-01-01 opened a service "
            "cycle that is not closed",
        ),
        (
            [CYCLE, "A,VN,2024-03-01,,,,", "A,VN,2024-01-01,,,,"],
            "cycle_opened_on: 2024-01-01 cannot be: CYCLE_OPENED on 2024-03-01 opened a service "
            "cycle that is not closed",
        ),
        (
            [PROFILE, "A,VN,G1,2024-05-01,2024-04-01,,"],
            "profile_submitted_on: 2024-05-01 cannot be: PROFILE_APPROVED on 2024-04-01 approved "
            "the profile",
        ),
        (
            [PROFILE, "A,VN,G1,,2024-05-01,,2024-04-01"],
            "profile_approved_on: 2024-05-01 cannot be: LINKED on 2024-04-01 linked it already",
        ),
        (
            [PROFILE, "A,VN,,,2024-05-01,,"],
            "gateway_id: is empty, while profile_approved_on is given",
        ),
        (
            ["name,country,enrolled_on\n", "A,VN,2024-05-01", "A,VN,2024-06-01"],
            "enrolled_on: 2024-06-01 cannot be: ENROLLED on 2024-05-01 is recorded already",
        ),
        (
            [
                "name,country,enrolled,enrolled_on,eligibility_recorded_on\n",
                "A,VN,no,2024-05-01,2024-04-01",
            ],
            "enrolled: says no, but what happened later says yes",
        ),
    ],
)
async def test_what_cannot_have_been_is_refused_and_leaves_no_trace(
    database: object, take: Take, rows: list[str], problem: str
) -> None:
    header, *earlier, last = rows
    for row in earlier:
        await take(f"{header}{row}\n")
    before = await counts()
    taken = await take(f"{header}{last}\n")
    assert taken.rows == "1 refused"
    assert taken.problems[0].split(". Allowed:")[0] == f"list.csv:2: {problem}"
    assert await counts() == before


async def test_answers_without_a_day_are_found_today_and_only_what_no_day_explains(
    database: object, take: Take
) -> None:
    await take(
        "name,country,enrolled,in_scope,capacity_available,enrolled_on\n"
        "A,VN,yes,yes,unknown,2024-05-01\n"
    )
    assert (await events_of("A"))[1:] == [
        ("ENROLLED", "2024-05-01", {}),
        ("ELIGIBILITY_RECORDED", "2026-11-23", {"in_scope": "YES"}),
    ]


async def test_a_row_without_a_country_has_the_today_of_its_facility(
    database: object, take: Take
) -> None:
    now = datetime(2026, 11, 24, 1, 42, tzinfo=UTC)  # the 24th in Hanoi, the 23rd in Managua
    await take("name,country,better_work_id\nA,VN,BW-1\nB,NI,BW-2\n", now=now)
    taken = await take("better_work_id,enrolled_on\nBW-1,2026-11-24\nBW-2,2026-11-24\n", now=now)
    assert taken.rows == "1 refused, 1 updated"
    assert taken.problems == [
        "list.csv:3: enrolled_on: 2026-11-24 is in the future. Allowed: 2026-11-23 or an earlier "
        "day"
    ]


async def test_not_knowing_takes_no_answer_back(database: object, take: Take) -> None:
    await take("name,country,in_scope\nA,VN,yes\n")
    taken = await take("name,country,in_scope\nA,VN,unknown\n")
    assert taken.rows == "1 unchanged"
    taken = await take("name,country,in_scope\nA,VN,no\n")
    assert taken.rows == "1 updated"
    assert (await FacilityProjection.get(is_current=True)).decision_key.startswith("VN|UNKNOWN|NO|")


async def test_a_gateway_id_alone_tells_of_a_profile(database: object, take: Take) -> None:
    await take("name,country,gateway_id\nA,VN,G1\nB,VN,\n")
    await take("name,country,gateway_id\nB,VN,G2\n")
    for projection in await FacilityProjection.filter(is_current=True):
        assert projection.decision_key.split("|")[4] == "EXISTS_UNLINKED"
    assert (await events_of("A"))[0][2]["gateway_id"] == "G1"
    assert (await events_of("B"))[1] == ("PROFILE_APPROVED", "2026-11-23", {"gateway_id": "G2"})


async def test_interest_after_the_assessment_is_for_the_next_cycle(
    database: object, take: Take
) -> None:
    await take(
        "name,country,enrolled,cycle_opened_on,interest_declared_on,assessed_on,assessment_kind\n"
        "A,VN,yes,2024-01-01,2024-06-01,2024-05-01,onsite\n"
    )
    key = (await FacilityProjection.get(is_current=True)).decision_key
    assert key.split("|")[5] == "AFTER_ASSESSMENT"


async def test_a_dry_run_tells_what_would_be_and_writes_nothing(
    database: object, take: Take
) -> None:
    rows = "".join(f"F{number},VN,yes\n" for number in range(600))
    content = f"name,country,enrolled\n{rows}F0,VN,yes\nF1,XX,\n"
    dry = await take(content, dry_run=True)
    assert await counts() == (0, 0)
    assert await AuditEntry.all().count() == 0
    real = await take(content)
    assert (dry.rows, dry.events, dry.problems) == (real.rows, real.events, real.problems)
    assert real.rows == "600 created, 1 refused, 1 unchanged"


async def test_two_imports_of_one_list_at_once_make_nothing_twice(
    database: object, tmp_path: Path
) -> None:
    path = write_list(tmp_path / "list.csv", 60)
    taken = await asyncio.gather(*(import_facilities(path, OPERATOR, now=NOW) for _ in range(2)))
    assert sorted(report.rows["created"] for report in taken) == [0, 60]
    assert (await counts())[0] == 60
    assert (await verify_chains()).breaks == ()


async def test_each_batch_is_told_to_the_audit(database: object, take: Take) -> None:
    await take("name,country\n" + "".join(f"F{number},VN\n" for number in range(501)))
    entries = await AuditEntry.all().order_by("id")
    assert [(entry.who, entry.role, entry.what, entry.after) for entry in entries] == [
        ("OPERATOR operator", "OPERATOR", "IMPORT", {"list": "list.csv", "created": 500}),
        ("OPERATOR operator", "OPERATOR", "IMPORT", {"list": "list.csv", "created": 1}),
    ]


async def test_refused_rows_can_be_mended_in_their_file_and_imported(
    database: object, take: Take, tmp_path: Path
) -> None:
    refused = tmp_path / "refused.csv"
    await take('name,country,size\n=1,Vietnm,"1,5"\nB,VN,2\n"C,VN,3\n', refused_to=refused)
    text = refused.read_text(encoding="utf-8-sig")
    assert text == (
        "import_line,import_problems,name,country,size\n"
        "2,\"country: 'Vietnm' is no country. Allowed: the name of a country or its ISO 3166-1 "
        'code, such as Vietnam, VN or VNM; the nearest: Vietnam (VN)",\'=1,Vietnm,"1,5"\n'
        "4,the line has a quotation mark that is never closed. Allowed: a line as the header has "
        "it,"
        '"""C,VN,3"\n'
    )
    refused.write_text("\n".join(text.replace("Vietnm", "Vietnam").splitlines()[:2]))
    taken = await take(refused)
    assert (taken.rows, taken.unknown) == ("1 created", ("size",))
    assert await Facility.filter(name="=1").exists()


async def test_a_refused_row_is_refused_again_until_it_is_mended(
    database: object, take: Take, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    for row in (
        ["name", "country", "better_work_id", "enrolled_on"],
        ["=A9", "VN", "BW1", None],
        ["A", "VN", 12, 45296],
        ["B", "VN", None, "#REF!"],
    ):
        book.active.append(row)
    book.active["D4"].data_type = "e"
    book.save(tmp_path / "list.xlsx")
    refused, again = tmp_path / "refused.csv", tmp_path / "again.csv"
    assert (await take(tmp_path / "list.xlsx", refused_to=refused)).rows == "3 refused"
    assert (await take(refused, refused_to=again)).rows == "3 refused"
    header, *rows = csv.reader(again.read_text(encoding="utf-8-sig").splitlines())
    assert header[:3] == ["import_line", "import_problems", "name"]
    assert [row[2:] for row in rows] == [
        ["#N/A", "VN", "BW1"],
        ["A", "VN", "12?", "45296?"],
        ["B", "VN", "", "#REF!"],
    ]


async def test_only_those_who_look_after_facilities_may_import(
    database: object, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("name,country\nA,VN\n")
    with pytest.raises(NotPermittedError):
        await import_facilities(path, Viewer(Role.HELPDESK), now=NOW)
    assert await counts() == (0, 0)


async def test_a_list_that_is_imported_twice_at_once_is_there_once(
    database: object, tmp_path: Path
) -> None:
    for name in "ABCD":
        path = tmp_path / f"{name}.csv"
        path.write_text("name,country\n" + "".join(f"{name}{row},VN\n" for row in range(20)))
        done = await asyncio.gather(*(import_facilities(path, OPERATOR, now=NOW) for _ in range(4)))
        assert sorted(imported.rows["created"] for imported in done) == [0, 0, 0, 20]
    assert await Facility.all().count() == 80
