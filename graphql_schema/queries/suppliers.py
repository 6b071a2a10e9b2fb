# ruff: noqa: D102 - the description of a field says what it means
"""Root fields on a brand's own list of suppliers."""

from datetime import UTC, datetime
from io import StringIO
from typing import Annotated

import strawberry

from graphql_schema.context import Info
from graphql_schema.presenter import resolver
from graphql_schema.snapshot import LayersWanted, Presented
from graphql_schema.types.connections import (
    After,
    Before,
    Connection,
    CountedPage,
    First,
    Last,
)
from graphql_schema.types.inputs import SupplierFilter
from graphql_schema.types.supplier import Supplier
from kb.services.knowledge.decision_filter import DecisionBasis
from kb.services.suppliers.entries import (
    SupplierView,
    count_suppliers,
    cursor_of,
    list_suppliers,
)
from kb.services.suppliers.exporting import export_suppliers


@strawberry.type
class SupplierQueries:
    """The list is open to the brand that keeps it, and to nobody else."""

    @resolver(
        "The suppliers on the caller's own list, by name, in pages both ways. For brands.",
        Connection[Supplier],
    )
    async def supplier_list(
        self,
        info: Info,
        filter: Annotated[
            SupplierFilter | None, strawberry.argument(description="Which ones.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        layers: LayersWanted = None,
    ) -> CountedPage[Presented[SupplierView]]:
        context = info.context
        request = context.page_request(first=first, after=after, last=last, before=before)
        snapshot = context.snapshot_on(None, layers)
        by = DecisionBasis(context.knowledge, context.now, snapshot.layers)
        only = (filter or SupplierFilter()).criteria()
        page = await list_suppliers(context.viewer, request, by, context.opaque_ids, only)

        async def count() -> int:
            return await count_suppliers(context.viewer, by, only)

        return CountedPage(
            nodes=[Presented(supplier, snapshot, str(supplier.id)) for supplier in page.rows],
            cursor_of=lambda node: cursor_of(node.record, context.opaque_ids),
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            count=count,
        )

    @resolver(
        "The caller's own list as CSV, with the columns that `supplierListImport` reads; no "
        "spreadsheet takes a cell of it for a formula. For brands."
    )
    async def supplier_list_export(self, info: Info) -> str:
        text = StringIO()
        await export_suppliers(info.context.viewer, text, now=datetime.now(UTC))
        return text.getvalue()
