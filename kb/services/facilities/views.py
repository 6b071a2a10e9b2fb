"""Facilities as they stand now: found by id, listed in pages, counted, rolled up."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from kb.errors import InvalidInputError
from kb.models.fields import LARGEST_ID, storable
from kb.rules.inputs import AssessedBy
from kb.rules.rulebook import BlockerCode, SharingStatus
from kb.rules.spelling import (
    AddressMatch,
    compare_addresses,
    id_spellings,
    name_key,
    without_traces,
)
from kb.services.access.matrix import Capability, Viewer, require
from kb.services.access.opaque_ids import NO_ROW, OpaqueIds
from kb.services.access.scope import scope_of
from kb.services.facilities.sql import (
    CURRENT,
    CURRENT_INDEXED,
    FacilityFilter,
    Statement,
    apply_filter,
)
from kb.services.knowledge.decision_filter import DecisionBasis, decisions_by_key, primary_blocker
from kb.services.paging import PageRequest, cursor_refused, decode_cursor, encode_cursor

ALL_FACILITIES = FacilityFilter()


@dataclass(frozen=True, slots=True)
class FacilityView:
    """A facility with its present state.

    Facilities with the same `decision_key` get the same decision. `cycle` counts its service
    cycles, 0 before the first; `step_dates` tells when a workflow step was last taken.
    With `status_only` the viewer sees where it stands, and none of its data.
    `contested` are the numbers of events that the facility says are wrong.
    `last_event` is the sequence number of the last event taken in. `contact_email` is None
    for viewers without the capability READ_CONTACT.
    """

    id: int
    name: str
    country: str
    os_id: str | None
    gateway_id: str | None
    requested_gateway_id: str | None
    better_work_id: str | None
    contact_email: str | None
    address: str | None
    version: int
    decision_key: str
    cycle: int
    opened_on: date | None
    closed_on: date | None
    step_dates: Mapping[str, date] = field(hash=False)
    last_event: int
    contested: tuple[int, ...] = ()
    status_only: bool = False


class FacilityIdKind(StrEnum):
    """Whose id names the facility."""

    ID = "ID"
    OS_ID = "OS_ID"
    GATEWAY_ID = "GATEWAY_ID"
    BETTER_WORK_ID = "BETTER_WORK_ID"


@dataclass(frozen=True, slots=True)
class FacilityLocator:
    """One id that names a facility."""

    kind: FacilityIdKind
    value: str


class FacilityOrder(StrEnum):
    """In what order facilities are listed; NEWEST puts the one registered last first."""

    NAME = "NAME"
    COUNTRY = "COUNTRY"
    ID = "ID"
    NEWEST = "NEWEST"


@dataclass(frozen=True, slots=True)
class FacilityPage:
    """A part of a list of facilities, in its order whichever way it was paged."""

    rows: tuple[FacilityView, ...]
    has_next: bool
    has_previous: bool


@dataclass(frozen=True, slots=True)
class Rollup:
    """How many facilities there are, by what is decided for them; the largest count first.

    In `by_primary_blocker`, None stands for the facilities that nothing blocks.
    """

    total: int
    by_country: Mapping[str, int]
    by_assessor: Mapping[AssessedBy, int]
    by_sharing: Mapping[SharingStatus, int]
    by_primary_blocker: Mapping[BlockerCode | None, int]


_SELECT = (
    "SELECT p.facility_id, p.name, p.country, f.os_id, f.gateway_id, "
    "f.requested_gateway_id, f.better_work_id, "
    "f.contact_email, f.address, {version}, {status_only}, p.decision_key, p.cycle_number, "
    "p.last_event_sequence, p.state "
    "FROM {projections} p JOIN facility f ON f.id = p.facility_id "
    f"WHERE {CURRENT}"
)
_COUNT = f"SELECT COUNT(*) FROM {{projections}} p WHERE {CURRENT_INDEXED}"
_COUNT_KEYS = f"SELECT p.decision_key, COUNT(*) FROM {{projections}} p WHERE {CURRENT_INDEXED}"

# Of each order: its columns, the view's fields that all but the last hold, which is the facility's
# number, and whether it runs downwards.
_ORDERS: Mapping[FacilityOrder, tuple[tuple[str, ...], tuple[str, ...], bool]] = {
    FacilityOrder.NAME: (("p.name", "p.facility_id"), ("name",), False),
    FacilityOrder.COUNTRY: (("p.country", "p.facility_id"), ("country",), False),
    FacilityOrder.ID: (("p.facility_id",), (), False),
    FacilityOrder.NEWEST: (("p.facility_id",), (), True),
}
_ID_COLUMNS = {
    FacilityIdKind.ID: "p.facility_id",
    FacilityIdKind.OS_ID: "f.os_id",
    FacilityIdKind.GATEWAY_ID: "f.gateway_id",
    FacilityIdKind.BETTER_WORK_ID: "f.better_work_id",
}


async def find_facility(locator: FacilityLocator, viewer: Viewer) -> FacilityView | None:
    """The facility with that id, or None; InvalidInputError for an id that is no number."""
    require(viewer, Capability.READ_FACILITIES)
    value: Any = locator.value
    if locator.kind is FacilityIdKind.ID:
        if not (value.isascii() and value.isdigit()):
            raise InvalidInputError("id", value, "a number")
        value = int(value[:20])
        if value > LARGEST_ID:
            return None
        values: tuple[Any, ...] = (value,)
    else:
        values = id_spellings(storable(locator.kind.lower(), value))
    statement = Statement(_SELECT, viewer)
    statement.also(f"{_ID_COLUMNS[locator.kind]} {statement.among(values)}")
    exactly_first = sorted(
        await _views(statement, viewer),
        key=lambda view: getattr(view, locator.kind.lower()) != values[0],
    )
    return next(iter(exactly_first), None)


EXTERNAL_IDS = (FacilityIdKind.OS_ID, FacilityIdKind.GATEWAY_ID, FacilityIdKind.BETTER_WORK_ID)


async def find_by_any_id(
    text: str, viewer: Viewer, kinds: Sequence[FacilityIdKind] = tuple(FacilityIdKind)
) -> list[FacilityView]:
    """The facilities with that number, OS ID, Gateway ID or Better Work ID; mostly one or none."""
    found: dict[int, FacilityView] = {}
    number = without_traces(storable("id", text))
    for kind in kinds:
        if kind is not FacilityIdKind.ID or (number.isascii() and number.isdigit()):
            value = number if kind is FacilityIdKind.ID else text
            view = await find_facility(FacilityLocator(kind, value), viewer)
            if view is not None:
                found[view.id] = view
    return list(found.values())


async def facilities_by_id(ids: Sequence[int], viewer: Viewer) -> list[FacilityView | None]:
    """The facilities with these ids, in this order; None where there is none."""
    require(viewer, Capability.READ_FACILITIES)
    possible = {facility_id for facility_id in ids if 0 < facility_id <= LARGEST_ID}
    if not possible:
        return [None] * len(ids)
    statement = Statement(_SELECT, viewer)
    statement.also(f"p.facility_id {statement.among(sorted(possible))}")
    found = {view.id: view for view in await _views(statement, viewer)}
    return [found.get(facility_id) for facility_id in ids]


async def likely_duplicates(facility: FacilityView, viewer: Viewer) -> list[FacilityView]:
    """Other facilities that the viewer sees and that are likely the same, at most ten.

    They have the name, but for its spelling, and the country; and no address that shows another
    place.
    """
    require(viewer, Capability.READ_FACILITIES)
    statement = Statement(_SELECT, viewer)
    statement.also(f"p.country = {statement.mark(facility.country)}")
    statement.also(f"f.name_key = {statement.mark(name_key(facility.name))}")
    statement.also(f"f.id <> {statement.mark(facility.id)}")
    statement.text += " ORDER BY p.facility_id LIMIT 10"
    return [
        view
        for view in await _views(statement, viewer)
        if not (facility.address and view.address)
        or compare_addresses(facility.address, view.address) is not AddressMatch.DIFFERENT
    ]


async def list_facilities(
    viewer: Viewer,
    page: PageRequest,
    by: DecisionBasis,
    ids: OpaqueIds,
    *,
    only: FacilityFilter = ALL_FACILITIES,
    order: FacilityOrder = FacilityOrder.NAME,
) -> FacilityPage:
    """One page of the facilities that fit, in one statement, and one more to filter by decision.

    Cursors name a place in the order, so a page neither repeats nor loses a row when others come
    or go. InvalidInputError for a cursor of another order.
    """
    require(viewer, Capability.READ_FACILITIES)
    statement = Statement(_SELECT, viewer)
    await apply_filter(statement, only, by, viewer)
    columns, _, down = _ORDERS[order]
    if len(columns) > 1:
        statement.also(CURRENT_INDEXED)
    for name, cursor, forwards in (("after", page.after, True), ("before", page.before, False)):
        if cursor is not None:
            *place, key = decode_cursor(name, cursor, order, *(str for _ in columns))
            place.append(ids.number_of(key))
            if place[-1] == NO_ROW:
                raise cursor_refused(name, cursor, order)
            marks = ", ".join(map(statement.mark, place))
            beyond = ">" if forwards is not down else "<"
            statement.also(f"({', '.join(columns)}) {beyond} ({marks})")
    direction = "DESC" if down is not page.backwards else "ASC"
    ordered = ", ".join(f"{column} {direction}" for column in columns)
    statement.text += f" ORDER BY {ordered} LIMIT {statement.mark(page.size + 1)}"

    # Filters, and who sees some countries or events, may have many rows passed over.
    by_index = viewer.sees_all or scope_of(viewer).brand is not None
    views = await _views(statement, viewer, few=by_index and only == ALL_FACILITIES)
    more, views = len(views) > page.size, views[: page.size]
    if page.backwards:
        return FacilityPage(tuple(reversed(views)), page.before is not None, more)
    return FacilityPage(tuple(views), more, page.after is not None)


def cursor_of(view: FacilityView, order: FacilityOrder, ids: OpaqueIds) -> str:
    """The cursor of a facility in a list with that order; it tells nothing of its number."""
    place = (getattr(view, name) for name in _ORDERS[order][1])
    return encode_cursor(order, *place, ids.key_of(view.id))


async def count_facilities(
    viewer: Viewer, by: DecisionBasis, *, only: FacilityFilter = ALL_FACILITIES
) -> int:
    """How many facilities fit."""
    require(viewer, Capability.READ_FACILITIES)
    statement = Statement(_COUNT, viewer)
    await apply_filter(statement, only, by, viewer)
    return int((await statement.rows())[0][0])


async def rollup(
    viewer: Viewer, by: DecisionBasis, *, only: FacilityFilter = ALL_FACILITIES
) -> Rollup:
    """Count the facilities that fit by what is decided for them: one statement, few decisions."""
    require(viewer, Capability.READ_STATUS)
    statement = Statement(_COUNT_KEYS, viewer)
    await apply_filter(statement, only, by, viewer)
    statement.text += " GROUP BY p.decision_key ORDER BY p.decision_key"
    counts = {row[0]: row[1] for row in await statement.rows()}
    countries: Counter[str] = Counter()
    assessors: Counter[AssessedBy] = Counter()
    sharing: Counter[SharingStatus] = Counter()
    blockers: Counter[BlockerCode | None] = Counter()
    for key, answer in (await decisions_by_key(counts, by)).items():
        countries[answer.profile.country] += counts[key]
        assessors[answer.assessment.assessed_by] += counts[key]
        sharing[answer.sharing.status] += counts[key]
        blockers[primary_blocker(answer)] += counts[key]
    return Rollup(
        total=sum(counts.values()),
        by_country=dict(countries.most_common()),
        by_assessor=dict(assessors.most_common()),
        by_sharing=dict(sharing.most_common()),
        by_primary_blocker=dict(blockers.most_common()),
    )


async def _views(statement: Statement, viewer: Viewer, *, few: bool = True) -> list[FacilityView]:
    """What the statement finds, as the viewer may see it."""
    views = [_view(*row) for row in await statement.rows(few=few)]
    if viewer.may(Capability.READ_CONTACT):
        return views
    return [replace(view, contact_email=None) for view in views]


def _view(
    id_: int,
    name: str,
    country: str,
    os_id: str | None,
    gateway_id: str | None,
    requested_gateway_id: str | None,
    better_work_id: str | None,
    contact_email: str | None,
    address: str | None,
    version: int,
    status_only: bool,
    decision_key: str,
    cycle: int,
    last_event: int,
    state: str,
) -> FacilityView:
    kept: dict[str, Any] = json.loads(state)
    return FacilityView(
        id=id_,
        name=name,
        country=country,
        os_id=os_id,
        gateway_id=gateway_id,
        requested_gateway_id=requested_gateway_id,
        better_work_id=better_work_id,
        contact_email=contact_email,
        address=address,
        version=version,
        decision_key=decision_key,
        cycle=cycle,
        opened_on=_day(kept["opened_on"]),
        closed_on=_day(kept["closed_on"]),
        step_dates={code: date.fromisoformat(day) for code, day in kept["step_dates"].items()},
        last_event=last_event,
        status_only=bool(status_only),
        contested=tuple(kept.get("contested", ())),
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
