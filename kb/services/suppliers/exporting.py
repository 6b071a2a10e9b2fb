"""Export of a brand's own list with the columns that an import reads."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import IO

from kb.models import Supplier
from kb.services.access.entries import entry_by
from kb.services.access.matrix import Viewer
from kb.services.lists.columns import escaped, tidy
from kb.services.lists.exporting import list_writer
from kb.services.suppliers.columns import ANSWERS, PROFILE_FIELDS, STEPS, SUPPLIER_LIST
from kb.services.suppliers.entries import SupplierView, brand_of, view_of

EXPORTED = "SUPPLIERS_EXPORTED"
"""What the audit says was done."""


async def export_suppliers(viewer: Viewer, to: Path | IO[str], *, now: datetime) -> int:
    """Write the viewer's own list by name, and return how many suppliers it has.

    A file ends in .csv or .xlsx; a stream gets CSV. NotPermittedError for all but brands.
    """
    rows = await Supplier.filter(brand=brand_of(viewer)).order_by("name", "id")
    await entry_by(viewer, EXPORTED, None, now, after={"suppliers": len(rows)}).save(
        force_create=True
    )
    with list_writer(to, len(rows), "Suppliers") as write:
        write(SUPPLIER_LIST.ordered)
        for row in rows:
            await asyncio.sleep(0)  # the loop has others to serve
            write(_cells(view_of(row)))
    return len(rows)


def _cells(supplier: SupplierView) -> list[str]:
    profile = supplier.profile
    values: dict[str, str | None] = {
        name: getattr(supplier, name)
        for name in SUPPLIER_LIST.ordered
        if name not in ANSWERS and name != STEPS
    }
    values |= {name: getattr(profile, PROFILE_FIELDS[name]).lower() for name in ANSWERS}
    values[STEPS] = "+".join(map(str, profile.self_assessment_steps))
    return [escaped(tidy(values[name] or "")) for name in SUPPLIER_LIST.ordered]
