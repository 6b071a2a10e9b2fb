"""The command token, and what other commands show to whoever has a token."""

from __future__ import annotations

import re

import pytest
from trial_databases import run_apart

from kb.models import AuditEntry, Facility
from kb.services.database import connect
from kb.settings import Settings
from tests.cli.conftest import Run
from tests.trial_databases import on_sqlite

KEY = re.compile(r"kb_[\w-]{43}\n")


def test_a_key_is_printed_once_listed_without_it_and_revoked(kb_filled: Run) -> None:
    made = kb_filled("token", "create", "--role", "brand", "--org", "Demo Brand")
    assert made.code == 0
    assert KEY.fullmatch(made.out)
    number = re.search(r"Token (\d+) for BRAND, Demo Brand, until", made.err)
    assert number

    listed = kb_filled("token", "list").out
    assert made.out.strip() not in listed
    (row,) = [line for line in listed.splitlines() if "Demo Brand" in line]
    assert "VALID" in row

    assert kb_filled("token", "revoke", number[1]).out == (
        f"Token {number[1]}, BRAND, Demo Brand, is revoked.\n"
    )
    assert "REVOKED" in kb_filled("token", "list").out
    assert kb_filled("token", "revoke", "999").code == 2


def test_each_role_takes_the_scope_that_it_needs(kb_filled: Run) -> None:
    for options, shown in (
        (("--role", "HELPDESK", "--label", "The desk", "--expires", "8h"), "The desk"),
        (("--role", "programme-officer", "--country", "vn"), "PROGRAMME_OFFICER, VN"),
        (("--role", "facility", "--facility", "DEMO-OS-000002"), "FACILITY, facility 2"),
    ):
        made = kb_filled("token", "create", *options)
        assert (made.code, shown in made.err) == (0, True), made.err


def test_no_key_is_made_for_an_id_that_two_facilities_have(
    kb_filled: Run, filled_settings: Settings
) -> None:
    async def give_another_the_id() -> None:
        async with connect(filled_settings, everywhere=False):
            await Facility.filter(id=3).update(gateway_id="DEMO-OS-000002")

    run_apart(give_another_the_id())
    for arguments in (
        ("token", "create", "--role", "FACILITY", "--facility", "DEMO-OS-000002"),
        ("what-applies", "DEMO-OS-000002"),
    ):
        ran = kb_filled(*arguments)
        assert (ran.code, ran.out) == (2, "")
        assert "Allowed: an id of one facility only: 2 for " in ran.err
        assert " or 3 for " in ran.err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--role", "BOSS"), "--role: 'BOSS' is not valid. Allowed: CHATBOT, FACILITY, BRAND"),
        (("--role", "OPERATOR"), "--role: 'OPERATOR' is not valid"),
        (("--role", "BRAND"), "organisation: '' is not valid"),
        (("--role", "FACILITY", "--facility", "NOBODY"), "or Better Work ID 'NOBODY'."),
        (("--role", "HELPDESK", "--expires", "30"), "--expires: '30' is not valid"),
        (("--role", "HELPDESK", "--expires", "400d"), "at most 365 days"),
        (("--role", "HELPDESK", "--expires", "0d"), "more than nothing"),
    ],
)
def test_what_a_key_cannot_be_made_for_is_told(
    kb_filled: Run, options: tuple[str, ...], message: str
) -> None:
    ran = kb_filled("token", "create", *options)
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err


def test_commands_show_whoever_has_a_token_what_that_role_sees(kb_filled: Run) -> None:
    key = kb_filled("token", "create", "--role", "BRAND", "--org", "Demo Brand").out.strip()
    listed = kb_filled("--token", key, "facilities", "list", "--first", "60")
    count = re.search(r"^(\d+) of (\d+)\.$", listed.out, re.MULTILINE)
    assert count
    assert 0 < int(count[2]) < 60
    assert kb_filled("facilities", "list", "--first", "60", KB_TOKEN=key).out == listed.out

    shared, hidden = "DEMO-OS-000002", "DEMO-OS-000001"
    assert (shared in listed.out, hidden in listed.out) == (True, False)
    assert kb_filled("--token", key, "what-applies", shared).code == 0
    assert kb_filled("--token", key, "what-applies", shared, "--json").code == 0
    for arguments in ((hidden,), (hidden, "--json"), ("NOBODY",)):
        ran = kb_filled("--token", key, "what-applies", *arguments)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.replace(arguments[0], "ID") == (
            "There is no facility with the number, OS ID, Gateway ID or Better Work ID 'ID'.\n"
        )


def test_a_token_that_may_not_is_refused_by_commands_that_look_after_the_server(
    kb_filled: Run,
) -> None:
    key = kb_filled("token", "create", "--role", "HELPDESK").out.strip()
    for command in (
        ("token", "list"),
        ("token", "create", "--role", "ADMIN"),
        ("token", "revoke", "1"),
        ("content", "publish"),
        ("facilities", "rebuild"),
        ("facilities", "demo", "--count", "60"),
    ):
        ran = kb_filled("--token", key, *command)
        assert ran.code == 2, command
        assert ran.err.startswith("This takes a token of ADMIN, to "), ran.err
        assert ran.err.endswith("; yours is of HELPDESK.\n"), ran.err


def test_a_bad_token_is_refused_and_not_taken_for_none(kb_filled: Run) -> None:
    for command in (("facilities", "list"), ("what-applies", "1"), ("content", "publish")):
        ran = kb_filled("--token", "kb_bad", *command)
        assert (ran.code, ran.out) == (2, "")
        assert "not known, has expired or was revoked" in ran.err


def test_on_postgresql_facilities_need_a_token_and_the_first_admin_key_does_not(
    kb_new: Run,
) -> None:
    first = kb_new("token", "create", "--role", "ADMIN")
    assert first.code == 0
    without = kb_new("facilities", "list")
    if without.code == 0:  # on SQLite, where it acts for the operator
        return
    assert without.code == 2
    assert "KB_TOKEN" in without.err
    for command in (
        ("what-applies", "1"),
        ("what-applies", "1", "--json"),
        ("token", "list"),
        ("token", "create", "--role", "ADMIN"),
        ("token", "create", "--role", "HELPDESK"),
    ):
        assert kb_new(*command).code == 2, command
    assert kb_new("what-applies", "--profile", "country=VN").code == 0
    assert kb_new("what-applies", "--profile", "country=VN", "--json").code == 0
    key = first.out.strip()
    assert kb_new("facilities", "list", KB_TOKEN=key).code == 0


@on_sqlite
def test_the_page_on_access_is_printed(kb: Run) -> None:
    assert kb("access").out.startswith("# Who may see and do what\n")


@pytest.mark.parametrize(
    ("command", "read"),
    [
        (("what-applies", "2"), [2]),
        (("what-applies", "2", "--json"), [2]),
        (("ask", "--facility", "2", "what does it cost to share?"), [2]),
        (("ask", "--facility", "2", "what does it cost to share?", "--json"), [2]),
        (("facilities", "list", "--first", "3"), [1, 2, 3]),
        (("what-applies", "--profile", "country=VN"), None),
    ],
)
def test_what_commands_show_of_facilities_is_noted_for_the_audit(
    kb_filled: Run, filled_settings: Settings, command: tuple[str, ...], read: list[int] | None
) -> None:
    async def noted() -> list[tuple[str, list[int]]]:
        async with connect(filled_settings, everywhere=False):
            rows = await AuditEntry.filter(what="READ").order_by("id")
        return [(row.role, row.facility_ids or [row.facility_id]) for row in rows]

    key = kb_filled("token", "create", "--role", "HELPDESK").out.strip()
    for times in (1, 2):
        assert kb_filled(*command, KB_TOKEN=key).code == 0
        assert run_apart(noted()) == ([] if read is None else [("HELPDESK", read)] * times)
