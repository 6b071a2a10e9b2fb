"""The e-mail address of a facility in a list: taken over, replaced, and shown to few."""

from __future__ import annotations

import csv
import io

from kb.models import Facility, OutboxMessage
from kb.rules.roles import Role
from kb.services.access.matrix import OPERATOR, Viewer
from kb.services.lists.exporting import export_facilities
from kb.services.recording.verify import verify_chains
from tests.lists.stored import NOW, Take, counts

HEADED = "name,country,better_work_id,contact_email\nMay Mot,VN,BW1,{}\n"


async def test_an_address_is_taken_over_and_another_one_replaces_it(
    database: object, take: Take
) -> None:
    assert (await take(HEADED.format("old@factory.example"))).rows == "1 created"
    assert (await take(HEADED.format("new@factory.example"))).rows == "1 updated"
    assert (await take(HEADED.format("new@factory.example"))).rows == "1 unchanged"
    assert (await take(HEADED.format(""))).rows == "1 unchanged"  # takes nothing back
    facility = await Facility.get()
    assert facility.contact_email == "new@factory.example"
    assert await counts() == (1, 1)
    assert await OutboxMessage.all().count() == 0
    assert (await verify_chains()).breaks == ()


async def test_what_is_no_address_is_refused_with_its_line_and_column(
    database: object, take: Take
) -> None:
    done = await take(HEADED.format("nobody"))
    assert done.rows == "1 refused"
    assert done.problems == [
        "list.csv:2: contact_email: 'nobody' is no e-mail address. Allowed: an e-mail address, "
        "such as office@factory.example"
    ]


async def test_only_who_may_know_the_address_finds_it_in_an_export(
    database: object, take: Take
) -> None:
    await take(HEADED.format("office@factory.example"))
    officer = Viewer(Role.PROGRAMME_OFFICER, countries=("VN",))
    for viewer, shown in (
        (OPERATOR, "office@factory.example"),
        (officer, "office@factory.example"),
        (Viewer(Role.HELPDESK, token_id=1), "office@factory.example"),
    ):
        text = io.StringIO()
        await export_facilities(viewer, text, now=NOW)
        (row,) = csv.DictReader(io.StringIO(text.getvalue()))
        assert row["contact_email"] == shown
