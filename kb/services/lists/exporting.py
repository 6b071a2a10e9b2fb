"""Export of facilities with the columns that an import reads."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from kb.errors import InvalidInputError
from kb.models import Facility
from kb.models.facilities import event_of
from kb.progress import ProgressReport, no_report
from kb.rules.events import Event, EventKind, FacilityState
from kb.rules.folding import fold
from kb.rules.inputs import Ternary
from kb.services.access.matrix import Capability, Viewer, require
from kb.services.audit import note_export
from kb.services.facilities.sql import CURRENT, SqlStatement
from kb.services.lists.columns import (
    ADDRESS,
    ANSWERS,
    ASSESSMENT,
    COLUMNS,
    CONTACT,
    IDS,
    STEPS,
    escaped,
    tidy,
)
from kb.services.readings import note_reading
from kb.services.recording.cycles_and_grants import in_order
from kb.services.recording.projections import events_by_facility
from kb.services.whole_files import whole_file

BATCH = 500
MOST_SHEET_ROWS = 1_048_575  # besides the header

_COUNT = f"SELECT COUNT(*) FROM {{projections}} p WHERE {CURRENT}"
_IDS = f"SELECT p.facility_id FROM {{projections}} p WHERE {CURRENT}"


# The step of the workflow whose day a column tells.
_STEPS = {
    "enrolled_on": "REGISTER_WITH_BETTER_WORK",
    "interest_declared_on": "DECLARE_INTEREST",
    "platform_set_up_on": "SET_UP_REGISTRATION",
    "gateway_invited_on": "SEND_GATEWAY_INVITATION",
    "profile_submitted_on": "SUBMIT_FACILITY_PROFILE",
    "profile_approved_on": "APPROVE_FACILITY_PROFILE",
    "link_requested_on": "GIVE_GATEWAY_ID",
    "linked_on": "LINK",
    "self_assessed_on": "COMPLETE_SELF_ASSESSMENT",
    "assessed_on": "CARRY_OUT_ASSESSMENT",
    "interest_next_cycle_on": "DECLARE_INTEREST_NEXT_CYCLE",
    "report_posted_on": "POST_REPORT",
    "data_submitted_on": "SUBMIT_DATA",
}


async def export_facilities(
    viewer: Viewer,
    to: Path | IO[str],
    *,
    now: datetime,
    progress: ProgressReport = no_report,
) -> int:
    """Write the facilities that the viewer sees, as they stand in their present service cycle.

    A file ends in .csv or .xlsx, and appears when it is whole; a stream gets CSV. Returns how many
    facilities there are. Earlier cycles, returned profiles and sharing are left out: `history` has
    them.
    """
    for capability in (Capability.READ_FACILITIES, Capability.READ_STATUS):
        require(viewer, capability)
    total = await _seen(_COUNT, viewer)
    with list_writer(to, total[0], "Facilities") as write:
        write(COLUMNS)
        done = last_id = 0
        await note_export(viewer, total[0], now=now)
        while ids := await _seen(_IDS, viewer, last_id):
            batch = await Facility.filter(id__in=ids).order_by("id")
            await note_reading(viewer, ids, now=now)
            events = await events_by_facility(batch)
            for facility in batch:
                values = _values(facility, [event_of(row) for row in events[facility.id]])
                if viewer.may(Capability.READ_CONTACT):
                    values[CONTACT] = facility.contact_email
                write([escaped(tidy(values.get(column) or "")) for column in COLUMNS])
            done, last_id = done + len(batch), ids[-1]
            progress(done, total[0])
    return done


async def _seen(select: str, viewer: Viewer, after: int | None = None) -> list[int]:
    statement = SqlStatement(select, viewer)
    statement.with_data()
    if after is not None:
        statement.also(f"p.facility_id > {statement.mark(after)}")
        statement.text += f" ORDER BY p.facility_id LIMIT {BATCH}"
    return [row[0] for row in await statement.rows()]


def _values(facility: Facility, events: Sequence[Event]) -> dict[str, str | None]:
    state = fold(facility.country, events)
    last: dict[EventKind, Event] = {event.kind: event for event in in_order(events)}
    values: dict[str, str | None] = {
        "name": facility.name,
        "country": facility.country,
        ADDRESS: facility.address,
        **{column: getattr(facility, column) for column in IDS},
        **{column: getattr(state.profile, column).lower() for column in ANSWERS},
        **{
            column: state.step_dates[step].isoformat()
            for column, step in _STEPS.items()
            if step in state.step_dates
        },
        "cycle_opened_on": state.opened_on.isoformat() if state.opened_on else None,
        "cycle_closed_on": state.closed_on.isoformat() if state.closed_on else None,
        "verifier_body_on": _day_of(last.get(EventKind.ROUTED_TO_VERIFIER_BODY)),
        "registered_on": _day_of(last.get(EventKind.FACILITY_REGISTERED)),
    }
    if _was_recorded(state, last):
        values["eligibility_recorded_on"] = _day_of(last.get(EventKind.ELIGIBILITY_RECORDED))
    if "self_assessed_on" in values:
        steps = last[EventKind.SELF_ASSESSMENT_COMPLETED].payload.get("steps", ())
        values[STEPS] = "+".join(map(str, steps))
    if "assessed_on" in values:
        values[ASSESSMENT] = str(last[EventKind.ASSESSED].payload["kind"]).lower()
    if facility.gateway_id is None and EventKind.LINK_REQUESTED in last:
        values["gateway_id"] = last[EventKind.LINK_REQUESTED].payload.get("gateway_id")
    return values


def _was_recorded(state: FacilityState, last: dict[EventKind, Event]) -> bool:
    """Whether an answer that holds now is one that the country programme found."""
    joined = max(
        (last[kind] for kind in _DECIDE_ENROLLED if kind in last),
        key=lambda event: (event.occurred_on, event.sequence),
        default=None,
    )
    enrolled = Ternary.UNKNOWN if joined is None else _DECIDE_ENROLLED[joined.kind]
    profile = state.profile
    return profile.enrolled != enrolled or {profile.in_scope, profile.capacity_available} != {
        Ternary.UNKNOWN
    }


_DECIDE_ENROLLED = {
    EventKind.ENROLLED: Ternary.YES,
    EventKind.ROUTED_TO_VERIFIER_BODY: Ternary.NO,
}


def _day_of(event: Event | None) -> str | None:
    return None if event is None else event.occurred_on.isoformat()


Write = Callable[[Sequence[str]], Any]


@contextmanager
def list_writer(to: Path | IO[str], total: int, title: str) -> Iterator[Write]:
    """Writes the rows of a list; a file appears when it is whole. `title` is that of a sheet."""
    if not isinstance(to, Path):
        yield csv.writer(to, lineterminator="\n").writerow
        return
    suffix = to.suffix.lower()
    if suffix not in (".csv", ".xlsx"):
        raise InvalidInputError("FILE", to, "a name that ends in .csv or .xlsx, or - for CSV")
    if suffix == ".xlsx" and total > MOST_SHEET_ROWS:
        raise InvalidInputError("FILE", to, f".csv, because a sheet holds {MOST_SHEET_ROWS} rows")
    with (
        whole_file(to, "FILE") as kept,
        csv_writer(kept) if suffix == ".csv" else _xlsx(kept, title) as write,
    ):
        yield write


@contextmanager
def csv_writer(path: Path) -> Iterator[Write]:
    """Writes the rows of a CSV file, with the mark by which spreadsheets know UTF-8."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        yield csv.writer(file, lineterminator="\n").writerow


@contextmanager
def _xlsx(path: Path, title: str) -> Iterator[Write]:
    import openpyxl  # takes long to load, and few processes need it

    workbook = openpyxl.Workbook(write_only=True)
    yield workbook.create_sheet(title).append
    workbook.save(path)
