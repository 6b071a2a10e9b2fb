"""Facilities as they stand now: found by id, listed in pages, counted, rolled up."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any

from kb.errors import InvalidInputError
from kb.models.fields import LARGEST_ID, storable
from kb.rules.spelling import (
    AddressMatch,
    are_names_alike,
    compare_addresses,
    in_any_case,
    name_key,
    place_keys,
    plain_id,
    without_traces,
)
from kb.services.access.matrix import Capability, Viewer, require
from kb.services.access.opaque_ids import NO_ROW, OpaqueIds
from kb.services.access.scope import scope_of
from kb.services.database import placeholder
from kb.services.facilities.facility_view import FacilityView
from kb.services.facilities.reading import EVERYTHING, FEW, FacilityReading, FacilityReads
from kb.services.facilities.sql import (
    ALL_FACILITIES,
    CURRENT_INDEXED,
    FacilityFilter,
    apply_filter,
    apply_properties,
)
from kb.services.knowledge.decision_filter import DecisionBasis
from kb.services.paging import PageRequest, cursor_refused, decode_cursor, encode_cursor


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


# Order to its columns, of which the facility's number is the last; to the view's fields that hold
# the others; and to whether it runs downwards.
_ORDERS: Mapping[FacilityOrder, tuple[tuple[str, ...], tuple[str, ...], bool]] = {
    FacilityOrder.NAME: (("p.name", "p.facility_id"), ("name",), False),
    FacilityOrder.COUNTRY: (("p.country", "p.facility_id"), ("country",), False),
    FacilityOrder.ID: (("p.facility_id",), (), False),
    FacilityOrder.NEWEST: (("p.facility_id",), (), True),
}
_ID_COLUMNS = {
    FacilityIdKind.OS_ID: "LOWER(f.os_id)",
    FacilityIdKind.GATEWAY_ID: "LOWER(f.gateway_id)",
    FacilityIdKind.BETTER_WORK_ID: "LOWER(f.better_work_id)",
}


async def find_facility(
    locator: FacilityLocator, viewer: Viewer, reads: FacilityReads = EVERYTHING
) -> FacilityView | None:
    """The facility with that id, or None; InvalidInputError for an id that is no number."""
    require(viewer, Capability.READ_FACILITIES)
    value = locator.value
    if locator.kind is FacilityIdKind.ID:
        if not (value.isascii() and value.isdigit()):
            raise InvalidInputError("id", value, "a number")
        return await facility_by_number(int(value[:20]), viewer, reads)
    value = plain_id(storable(locator.kind.lower(), value))
    reads = replace(reads, fields=_with(locator.kind.lower(), reads.fields))
    views = await FacilityReading(viewer, reads, _ID_COLUMNS[locator.kind]).found(
        in_any_case(value)
    )
    if len(views) > 1:  # of several spellings of an id
        views.sort(key=lambda view: getattr(view, locator.kind.lower()) != value)
    return views[0] if views else None


async def facility_by_number(
    number: int, viewer: Viewer, reads: FacilityReads = EVERYTHING
) -> FacilityView | None:
    """The facility with that number, or None."""
    require(viewer, Capability.READ_FACILITIES)
    if number > LARGEST_ID:
        return None
    views = await FacilityReading(viewer, reads, "p.facility_id").found((number,))
    return views[0] if views else None


EXTERNAL_IDS = (FacilityIdKind.OS_ID, FacilityIdKind.GATEWAY_ID, FacilityIdKind.BETTER_WORK_ID)


async def find_by_any_id(
    text: str, viewer: Viewer, kinds: Sequence[FacilityIdKind] = tuple(FacilityIdKind)
) -> list[FacilityView]:
    """The facilities with that number, OS ID, Gateway ID or Better Work ID; mostly one or none."""
    views_by_id: dict[int, FacilityView] = {}
    number = without_traces(storable("id", text))
    for kind in kinds:
        if kind is not FacilityIdKind.ID or (number.isascii() and number.isdigit()):
            value = number if kind is FacilityIdKind.ID else text
            view = await find_facility(FacilityLocator(kind, value), viewer)
            if view is not None:
                views_by_id[view.id] = view
    return list(views_by_id.values())


async def facilities_by_id(
    ids: Sequence[int], viewer: Viewer, reads: FacilityReads = EVERYTHING
) -> list[FacilityView | None]:
    """The facilities with these ids, in this order; None where there is none."""
    require(viewer, Capability.READ_FACILITIES)
    possible = {facility_id for facility_id in ids if 0 < facility_id <= LARGEST_ID}
    if not possible:
        return [None] * len(ids)
    reading = FacilityReading(viewer, reads)
    reading.statement.also(f"p.facility_id {reading.statement.among(sorted(possible))}")
    views_by_id = {view.id: view for view in await reading.views(few=len(possible) <= FEW)}
    return [views_by_id.get(facility_id) for facility_id in ids]


async def facilities_by_key(
    keys: Collection[str],
    viewer: Viewer,
    only: FacilityFilter,
    *,
    first: int,
    skip: int,
    reads: FacilityReads,
) -> list[FacilityView]:
    """A part of the facilities with these decision keys, by name, of those with the properties."""
    require(viewer, Capability.READ_FACILITIES)
    reading = FacilityReading(viewer, replace(reads, fields=_with("decision_key", reads.fields)))
    statement = reading.statement
    for each in only.all_of():
        apply_properties(statement, each, viewer)
    statement.also(CURRENT_INDEXED)
    statement.also(f"p.decision_key {statement.among(keys)}")
    statement.text += (
        f" ORDER BY p.name, p.facility_id LIMIT {statement.mark(first)} "
        f"OFFSET {statement.mark(skip)}"
    )
    return await reading.views()


def _with(field: str, fields: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*fields, field)))


async def likely_duplicates(facility: FacilityView, viewer: Viewer) -> list[FacilityView]:
    """Other facilities that the viewer sees and that are likely the same, at most ten.

    They are in the same country, and either have the same name, however it is spelt, and no address
    elsewhere; or a similar name and the same address.
    """
    require(viewer, Capability.READ_FACILITIES)
    reading = FacilityReading(viewer)
    statement = reading.statement
    statement.also(f"p.country = {statement.mark(facility.country)}")
    name = f"f.name_key = {statement.mark(name_key(facility.name))}"
    place = f"f.place_key {statement.among(place_keys(facility.address))}"
    statement.also(f"({name} OR {place})")
    statement.also(f"f.id <> {statement.mark(facility.id)}")
    statement.text += " ORDER BY p.facility_id LIMIT 1000"
    views = await reading.views()
    return [view for view in views if _is_likely_the_same(view, facility)][:10]


def _is_likely_the_same(facility: FacilityView, other: FacilityView) -> bool:
    if not (facility.address and other.address):
        return name_key(facility.name) == name_key(other.name)
    if compare_addresses(facility.address, other.address) is AddressMatch.DIFFERENT:
        return False
    return are_names_alike(facility.name, other.name)


async def list_facilities(
    viewer: Viewer,
    page: PageRequest,
    by: DecisionBasis,
    ids: OpaqueIds,
    *,
    only: FacilityFilter = ALL_FACILITIES,
    order: FacilityOrder = FacilityOrder.NAME,
    reads: FacilityReads = EVERYTHING,
    keys_that_fit: Collection[str] | None = None,
) -> FacilityPage:
    """One page of the facilities that fit, in one statement; a filter by decision takes one more,
    unless it is known already which decision keys fit.

    Cursors name a place in the order, so a page neither repeats nor loses a row when others come
    or go. InvalidInputError for a cursor of another order.
    """
    require(viewer, Capability.READ_FACILITIES)
    reading = FacilityReading(viewer, reads)
    statement = reading.statement
    await apply_filter(statement, only, by, viewer, keys_that_fit)
    number = len(statement.values) + 1
    for name, cursor in (("after", page.after), ("before", page.before)):
        if cursor is not None:
            statement.values += _place(name, cursor, order, ids)
    # An index gives the page at once unless rows are passed over: those that a filter leaves out,
    # or that a viewer of some countries or events may not see.
    by_index = only.fits_all and (viewer.sees_all or scope_of(viewer).brand is not None)
    # One plan fits all pages of all facilities. PostgreSQL sees that, and plans once, only where
    # the length of a page stands in the statement, and nothing tells how much lies beyond a place.
    alike = by_index and len(_ORDERS[order][0]) > 1
    limit = page.size + 1
    if not alike:
        statement.values.append(limit)
    ends = (page.after is not None, page.before is not None)
    statement.text += _paged(
        order, ends, page.backwards, number, limit if alike else None, statement.numbered
    )
    views = await reading.views(few=by_index)
    more, views = len(views) > page.size, views[: page.size]
    if page.backwards:
        return FacilityPage(tuple(reversed(views)), page.before is not None, more)
    return FacilityPage(tuple(views), more, page.after is not None)


def _place(name: str, cursor: str, order: FacilityOrder, ids: OpaqueIds) -> list[Any]:
    """The values of an order's columns that a cursor stands for."""
    *place, key = decode_cursor(name, cursor, order, *(str for _ in _ORDERS[order][0]))
    number = ids.number_of(key)
    if number == NO_ROW:
        raise cursor_refused(name, cursor, order)
    return [*place, number]


@lru_cache(maxsize=1_000)
def _paged(
    order: FacilityOrder,
    ends: tuple[bool, bool],
    backwards: bool,
    number: int,
    limit: int | None,
    numbered: bool,
) -> str:
    """The end of a statement, for a page that comes after a place, before one, or both.

    The first value in it has that `number`; the limit is the last, unless it is written out.
    """
    columns, _, down = _ORDERS[order]
    marks = (placeholder(place, numbered) for place in itertools.count(number))
    text = f" AND {CURRENT_INDEXED}" if len(columns) > 1 else ""
    for is_there, forwards in zip(ends, (True, False), strict=True):
        if is_there:
            beyond = ">" if forwards is not down else "<"
            first, *others = itertools.islice(marks, len(columns))
            place = ", ".join((f"(SELECT {first})" if numbered and limit else first, *others))
            text += f" AND ({', '.join(columns)}) {beyond} ({place})"
    direction = "DESC" if down is not backwards else "ASC"
    ordered = ", ".join(f"{column} {direction}" for column in columns)
    return f"{text} ORDER BY {ordered} LIMIT {next(marks) if limit is None else limit}"


def cursor_of(view: FacilityView, order: FacilityOrder, ids: OpaqueIds) -> str:
    """The cursor of a facility in a list with that order; it tells nothing of its number."""
    place = (getattr(view, name) for name in _ORDERS[order][1])
    return encode_cursor(order, *place, ids.key_of(view.id))
