"""Changes of single suppliers on a brand's own list: add, update, remove."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from tortoise.expressions import Q

from kb.errors import InvalidFieldsError, InvalidInputError, NotFoundError
from kb.models import Supplier
from kb.models.fields import LARGEST_ID
from kb.models.ids import with_any_id
from kb.rules.inputs import FacilityProfile
from kb.rules.os_ids import problem_of_os_id
from kb.rules.payloads import (
    Field,
    Read,
    country_code,
    identifier,
    os_id,
    read_fields,
    text,
)
from kb.rules.spelling import full_name_key, name_key, without_traces
from kb.services.access.entries import entry_by
from kb.services.access.matrix import Viewer
from kb.services.database import in_one_transaction, one_at_a_time
from kb.services.suppliers.columns import IDS
from kb.services.suppliers.entries import SupplierView, brand_of, view_of

ADDED, UPDATED, REMOVED = "SUPPLIER_ADDED", "SUPPLIER_UPDATED", "SUPPLIER_REMOVED"
"""What the audit says was done; it does not say with which supplier."""

MOST_SUPPLIERS = 20_000
"""Suppliers of one brand; the largest published lists have some thousands."""


def _pasted(read: Read) -> Read:
    """Reads an id without what spreadsheets and mails leave in it."""
    return lambda value: read(without_traces(value) if isinstance(value, str) else value)


def _line(longest: int) -> Read:
    """Reads a text in whatever lines as one line."""
    read = text(longest)
    return lambda value: read(" ".join(value.split()) if isinstance(value, str) else value)


SUPPLIER_FIELDS: Mapping[str, Field] = {
    "name": Field(_line(300)),
    "country": Field(country_code),
    "address": Field(_line(500), required=False),
    "reference": Field(_pasted(text(50)), required=False),
    "os_id": Field(_pasted(os_id), required=False),
    "gateway_id": Field(_pasted(identifier), required=False),
    "note": Field(_line(1000), required=False),
}
"""How the values of a supplier are checked."""


async def add_supplier(
    viewer: Viewer, values: Mapping[str, Any], answers: Mapping[str, Any], *, now: datetime
) -> SupplierView:
    """Put a supplier on the viewer's own list.

    `values` are those of `SUPPLIER_FIELDS`, `answers` those of a profile but its country; what
    is left out is unknown. NotPermittedError for all but brands, InvalidInputError with every
    problem at once: only the brand's own list is looked at for ids that are in use.
    """
    brand = brand_of(viewer)
    kept = _checked(values)

    async def write() -> Supplier:
        await lock_list(brand)
        await _refuse_too_many(brand)
        await _refuse_taken(brand, kept)
        await _refuse_listed(brand, kept)
        profile = FacilityProfile(country=kept["country"], **answers)
        supplier = await Supplier.create(
            brand=brand, decision_key=profile.key, updated_at=now, **kept
        )
        await entry_by(viewer, ADDED, None, now).save(force_create=True)
        return supplier

    return view_of(await in_one_transaction(write))


async def update_supplier(
    viewer: Viewer,
    supplier_id: int,
    values: Mapping[str, Any],
    answers: Mapping[str, Any],
    *,
    now: datetime,
) -> SupplierView:
    """Change a supplier on the viewer's own list; what is not given stays, None takes it away.

    NotFoundError for what is not on the viewer's list; else as `add_supplier`.
    """
    brand = brand_of(viewer)

    async def write() -> Supplier:
        await lock_list(brand)
        supplier = await _on_list(brand, supplier_id, locked=True)
        before = {name: getattr(supplier, name) for name in SUPPLIER_FIELDS}
        kept = _checked(before | dict(values))
        await _refuse_taken(brand, kept, but=supplier.id)
        profile = replace(
            FacilityProfile.from_key(supplier.decision_key), country=kept["country"], **answers
        )
        row = {
            **dict.fromkeys(SUPPLIER_FIELDS),
            **kept,
            "decision_key": profile.key,
            "updated_at": now,
        }
        changed = Supplier(id=supplier.id, brand=brand, **row)
        keys = {"name_key": changed.name_key, "place_key": changed.place_key}
        await Supplier.filter(id=supplier.id).update(**keys, **row)
        await entry_by(viewer, UPDATED, None, now).save(force_create=True)
        return changed

    return view_of(await in_one_transaction(write))


async def remove_supplier(viewer: Viewer, supplier_id: int, *, now: datetime) -> SupplierView:
    """Take a supplier off the viewer's own list; NotFoundError if it is not on it."""
    brand = brand_of(viewer)

    async def write() -> Supplier:
        supplier = await _on_list(brand, supplier_id, locked=True)
        await Supplier.filter(id=supplier.id).delete()
        await entry_by(viewer, REMOVED, None, now).save(force_create=True)
        return supplier

    return view_of(await in_one_transaction(write))


async def lock_list(brand: str) -> None:
    """Let others who change the list wait until the transaction ends; before rows are locked."""
    await one_at_a_time(f"suppliers of {brand}")


async def _on_list(brand: str, supplier_id: int, *, locked: bool) -> Supplier:
    rows = Supplier.filter(brand=brand, id=supplier_id if 0 < supplier_id <= LARGEST_ID else 0)
    supplier = await (rows.select_for_update() if locked else rows).first()
    if supplier is None:
        raise NotFoundError("supplier", supplier_id)
    return supplier


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    kept, problems = read_fields(SUPPLIER_FIELDS, values)
    if not problems and "os_id" in kept:
        problem = problem_of_os_id(kept["os_id"], kept["country"])
        if problem is not None:
            problems = [InvalidInputError("os_id", kept["os_id"], f"{problem[1]}; {problem[0]}")]
    if problems:
        raise problems[0] if len(problems) == 1 else InvalidFieldsError(problems)
    return kept


async def _refuse_taken(brand: str, kept: Mapping[str, Any], but: int = 0) -> None:
    problems = []
    for name in IDS:
        if kept.get(name) is None:
            continue
        others = Supplier.filter(~Q(id=but), brand=brand)
        other = await with_any_id(others, [kept[name]], [name]).first()
        if other is not None:
            allowed = f"one that no other supplier on the list has; {other.name!r} has it"
            problems.append(InvalidInputError(name, kept[name], allowed))
    if problems:
        raise problems[0] if len(problems) == 1 else InvalidFieldsError(problems)


async def _refuse_listed(brand: str, kept: Mapping[str, Any]) -> None:
    """Refuse a supplier that nothing tells from one on the list, such as the same sent again."""
    named = Supplier.filter(
        brand=brand, name_key=name_key(kept["name"]), country=kept["country"]
    ).order_by("id")
    for supplier in await named:
        differs = any(kept.get(name) and getattr(supplier, name) for name in IDS) or (
            supplier.address != kept.get("address")
        )
        if not differs and full_name_key(supplier.name) == full_name_key(kept["name"]):
            allowed = (
                f"another one than {supplier.name!r}, which is on the list, or an id of its own"
            )
            raise InvalidInputError("name", kept["name"], allowed)


async def _refuse_too_many(brand: str) -> None:
    if await Supplier.filter(brand=brand).count() >= MOST_SUPPLIERS:
        allowed = f"a list of at most {MOST_SUPPLIERS} suppliers; remove some first"
        raise InvalidInputError("name", "one more supplier", allowed)
