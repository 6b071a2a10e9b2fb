"""What others have named or asked is shown as they wrote it, and tells a terminal nothing."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from contextlib import suppress

import pytest

from kb.cli.output import say, show, show_text, table, tell
from kb.models import Facility, FacilityProjection
from kb.services.database import connect
from kb.settings import Settings
from tests.cli.conftest import Run
from tests.trial_databases import on_sqlite, run_apart

NAME = "Factory [unit 2] [/b] a:id:b \x1b[31mGarments\x9b2J\u202e"
SHOWN = r"Factory [unit 2] [/b] a:id:b \u001b[31mGarments\u009b2J\u202e"


def test_no_text_is_taken_for_markup_an_emoji_or_an_order_to_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    say(NAME)
    show_text(NAME)
    say(json.dumps(NAME, ensure_ascii=False))
    shown = table("Name")
    shown.add_row(NAME)
    show(shown)
    tell(NAME)
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[:2] == [SHOWN, SHOWN]
    assert json.loads(lines[2]) == NAME
    assert out.count(f"│ {SHOWN} │") == 1
    assert err == f"{SHOWN}\n"


async def _renamed(settings: Settings) -> None:
    async with connect(settings, everywhere=False):
        facility = await Facility.get(os_id="DEMO-OS-000001")
        await Facility.filter(id=facility.id).update(name=NAME)
        await FacilityProjection.filter(facility_id=facility.id).update(name=NAME)


def test_names_are_shown_by_commands_as_they_are(kb_filled: Run, filled_settings: Settings) -> None:
    run_apart(_renamed(filled_settings))
    assert SHOWN in kb_filled("facilities", "list", "--first", "60").out
    assert SHOWN in kb_filled("report", "DEMO-OS-000001", "--format", "csv").out


@on_sqlite
def test_on_a_terminal_colours_are_those_of_the_program_alone() -> None:
    program = "from kb.cli.output import *\n"
    program += (
        f"say({NAME!r}); show_text({NAME!r}); t = table('Name'); t.add_row({NAME!r}); show(t)"
    )
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "200"}
    subprocess.run([sys.executable, "-c", program], stdout=theirs, env=environment, check=True)
    os.close(theirs)
    written = b""
    with suppress(OSError):  # how a terminal ends that nobody writes to
        while more := os.read(ours, 10_000):
            written += more
    os.close(ours)
    text = written.decode()
    assert text.count(r"\u001b[31mGarments") == 3
    assert "\x1b[31m" not in text
    assert "\x9b" not in text
