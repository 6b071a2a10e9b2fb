"""The suppliers on a brand's own list, read in pages, and the facilities that they are.

What the list says comes from the brand alone. Which facility a supplier is can be told only of
those that the brand may see, so that the list tells nothing of any other.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from kb.errors import NotPermittedError
from kb.models import Supplier
from kb.models.fields import LARGEST_ID, storable
from kb.models.ids import with_any_id
from kb.rules.inputs import FacilityProfile
from kb.rules.spelling import (
    AddressMatch,
    compare_addresses,
    full_name_key,
    in_any_case,
    name_key,
    plain_id,
    without_traces,
)
from kb.services.access.matrix import Capability, Viewer, require
from kb.services.access.opaque_ids import NO_ROW, SUPPLIER, OpaqueIds
from kb.services.facilities.sql import CURRENT, SqlStatement
from kb.services.knowledge.decision_filter import (
    DecisionBasis,
    DecisionFilter,
    decisions_by_key,
    fitting,
)
from kb.services.paging import PageRequest, cursor_refused, decode_cursor, encode_cursor

_ORDER = "SUPPLIERS"
_IDS = ("os_id", "gateway_id")


@dataclass(frozen=True, slots=True)
class SupplierView:
    """A supplier as the brand knows it; `reference` is the brand's own number for it."""

    id: int
    name: str
    country: str
    address: str | None
    reference: str | None
    os_id: str | None
    gateway_id: str | None
    note: str | None
    decision_key: str
    updated_at: datetime

    @property
    def profile(self) -> FacilityProfile:
        """What the brand has noted; what it does not know is UNKNOWN."""
        return FacilityProfile.from_key(self.decision_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierFilter(DecisionFilter):
    """Which suppliers are asked for: those that fit every criterion given, by any of its values.

    The criteria of `DecisionFilter` look at what is decided from what the brand has noted.
    `changed_from` and `changed_until` are days in UTC between which the brand last changed it;
    those in `also` have to fit as well.
    """

    countries: Collection[str] | None = None
    name_contains: str | None = None
    references: Collection[str] | None = None
    os_ids: Collection[str] | None = None
    gateway_ids: Collection[str] | None = None
    changed_from: date | None = None
    changed_until: date | None = None
    also: tuple[SupplierFilter, ...] = ()

    def all_of(self) -> tuple[SupplierFilter, ...]:
        """This filter, and all that have to fit as well."""
        return (self, *self.also)


ALL_SUPPLIERS = SupplierFilter()


@dataclass(frozen=True, slots=True)
class SupplierPage:
    """A part of the list, by name."""

    rows: tuple[SupplierView, ...]
    has_next: bool
    has_previous: bool


def brand_of(viewer: Viewer) -> str:
    """The organisation whose list the viewer keeps; NotPermittedError for all but brands."""
    require(viewer, Capability.KEEP_SUPPLIERS)
    if not viewer.organisation:
        raise NotPermittedError("The token names no organisation whose suppliers it could keep.")
    return viewer.organisation


async def list_suppliers(
    viewer: Viewer,
    page: PageRequest,
    by: DecisionBasis,
    ids: OpaqueIds,
    only: SupplierFilter = ALL_SUPPLIERS,
) -> SupplierPage:
    """One page of the viewer's own list, by name; one statement more to filter by decision.

    NotPermittedError for all but brands, InvalidInputError for a cursor of another list.
    """
    rows = await fitting_suppliers(viewer, by, only)
    for name, cursor, beyond in (("after", page.after, "gt"), ("before", page.before, "lt")):
        if cursor is not None:
            place, key = decode_cursor(name, cursor, _ORDER, str, str)
            id_: Any = ids.number_of(key, SUPPLIER)
            if id_ == NO_ROW:
                raise cursor_refused(name, cursor, _ORDER)
            rows = rows.filter(
                Q(**{f"name__{beyond}": place}) | Q(name=place, **{f"id__{beyond}": id_})
            )
    down = "-" if page.backwards else ""
    page_rows = await rows.order_by(f"{down}name", f"{down}id").limit(page.size + 1)
    more, views = len(page_rows) > page.size, tuple(map(view_of, page_rows[: page.size]))
    if page.backwards:
        return SupplierPage(views[::-1], page.before is not None, more)
    return SupplierPage(views, more, page.after is not None)


def cursor_of(view: SupplierView, ids: OpaqueIds) -> str:
    """The place of a supplier in the list; it tells nothing of its number."""
    return encode_cursor(_ORDER, view.name, ids.key_of(view.id, SUPPLIER))


async def count_suppliers(
    viewer: Viewer, by: DecisionBasis, only: SupplierFilter = ALL_SUPPLIERS
) -> int:
    """How many suppliers of the viewer's own list fit."""
    return await (await fitting_suppliers(viewer, by, only)).count()


async def suppliers_by_id(ids: Sequence[int], viewer: Viewer) -> list[SupplierView | None]:
    """The suppliers with these ids, in this order; None for what is not on the viewer's list."""
    possible = {id_ for id_ in ids if 0 < id_ <= LARGEST_ID}
    rows = await Supplier.filter(brand=brand_of(viewer), id__in=sorted(possible))
    views_by_id = {row.id: view_of(row) for row in rows}
    return [views_by_id.get(id_) for id_ in ids]


async def suppliers_known_as(text: str, viewer: Viewer) -> list[SupplierView]:
    """Those on the viewer's list with that reference, OS ID or Gateway ID; mostly one or none."""
    ids = _spellings(storable("id", text))
    rows = with_any_id(Supplier.filter(brand=brand_of(viewer)), ids, ("reference", *_IDS))
    return [*map(view_of, await rows.order_by("id").limit(2))]


def _spellings(text: str) -> tuple[str, str]:
    """An id as it may be on the list; a brand's own number may have blanks within."""
    return without_traces(text), plain_id(text)


def view_of(row: Supplier) -> SupplierView:
    """A row as the brand sees it."""
    return SupplierView(
        id=row.id,
        name=row.name,
        country=row.country,
        address=row.address,
        reference=row.reference,
        os_id=row.os_id,
        gateway_id=row.gateway_id,
        note=row.note,
        decision_key=row.decision_key,
        updated_at=row.updated_at,
    )


async def fitting_suppliers(
    viewer: Viewer, by: DecisionBasis, only: SupplierFilter
) -> QuerySet[Supplier]:
    """The query for those of the viewer's own list that fit."""
    rows = Supplier.filter(brand=brand_of(viewer))
    filters = only.all_of()
    for each in filters:
        rows = _with_properties(rows, each)
    if any(each.looks_at_decisions for each in filters):
        keys = await rows.distinct().values_list("decision_key", flat=True)
        answers = await decisions_by_key([str(key) for key in keys], by)
        rows = rows.filter(decision_key__in=list(fitting(filters, answers)))
    return rows


def _with_properties(rows: QuerySet[Supplier], only: SupplierFilter) -> QuerySet[Supplier]:
    """Those that fit the criteria that look at no decision."""
    if only.changed_from is not None:
        rows = rows.filter(updated_at__gte=datetime.combine(only.changed_from, time(), UTC))
    if only.changed_until is not None:
        end = datetime.combine(only.changed_until, time(), UTC) + timedelta(days=1)
        rows = rows.filter(updated_at__lt=end)
    if only.countries is not None:
        rows = rows.filter(country__in=[storable("countries", code) for code in only.countries])
    if only.name_contains:
        wanted = without_traces(storable("name_contains", only.name_contains))
        rows = rows.filter(name__icontains=wanted)
    for column in ("reference", "os_id", "gateway_id"):
        texts = getattr(only, f"{column}s")
        if texts is not None:
            stored = (storable(f"{column}s", text) for text in texts)
            ids = [spelling for text in stored for spelling in _spellings(text)]
            rows = with_any_id(rows, ids, [column])
    return rows


@dataclass(frozen=True, slots=True)
class _Visible:
    """What tells which supplier a facility is."""

    id: int
    name: str
    country: str
    address: str | None
    os_id: str | None
    gateway_id: str | None


_SELECT = (
    "SELECT p.facility_id, p.name, p.country, f.address, f.os_id, f.gateway_id "
    f"FROM {{projections}} p JOIN facility f ON f.id = p.facility_id WHERE {CURRENT}"
)


async def facilities_of(suppliers: Sequence[SupplierView], viewer: Viewer) -> list[int | None]:
    """The number of the facility that each supplier is, where the viewer may see that facility.

    A facility is known by its ids, else by name, country and address if exactly one fits. It is
    one statement on what the viewer sees, whatever other facilities there are.
    """
    require(viewer, Capability.READ_FACILITIES)
    statement = SqlStatement(_SELECT, viewer)
    alternatives = [
        f"LOWER(f.{column}) {statement.among(sorted(values))}"
        for column in _IDS
        if (
            values := {
                value for supplier in suppliers for value in _compared(getattr(supplier, column))
            }
        )
    ]
    names = sorted({name_key(supplier.name) for supplier in suppliers})
    alternatives.append(f"f.name_key {statement.among(names)}")
    statement.also(f"({' OR '.join(alternatives)})")
    visible = [_Visible(*row) for row in await statement.rows()]
    return [_facility_of(supplier, visible) for supplier in suppliers]


def _facility_of(supplier: SupplierView, visible: Sequence[_Visible]) -> int | None:
    for column in _IDS:
        for facility in visible:
            ids = getattr(supplier, column), getattr(facility, column)
            if not {*_compared(ids[0])}.isdisjoint(_compared(ids[1])):
                return facility.id
    alike = [facility for facility in visible if _is_named_alike(supplier, facility)]
    return alike[0].id if len(alike) == 1 else None


def _is_named_alike(supplier: SupplierView, facility: _Visible) -> bool:
    if supplier.country != facility.country or name_key(supplier.name) != name_key(facility.name):
        return False
    if any(getattr(supplier, column) and getattr(facility, column) for column in _IDS):
        return False  # their ids have been compared, and differ
    if supplier.address is None or facility.address is None:
        return full_name_key(supplier.name) == full_name_key(facility.name)
    return compare_addresses(supplier.address, facility.address) is AddressMatch.SAME


def _compared(id_: str | None) -> tuple[str, ...]:
    return in_any_case(plain_id(id_)) if id_ else ()
