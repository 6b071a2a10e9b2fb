"""The suppliers on a brand's own list, counted by what follows from what the brand has noted."""

from __future__ import annotations

from datetime import date

from kb.services.access.matrix import Viewer
from kb.services.knowledge.decision_filter import DecisionBasis, decisions_by_key
from kb.services.knowledge.portfolio import Member, Portfolio, portfolio_of
from kb.services.suppliers.entries import SupplierFilter, fitting_suppliers


async def supplier_portfolio(
    viewer: Viewer, by: DecisionBasis, only: SupplierFilter, as_of: date | None = None
) -> Portfolio:
    """The suppliers that fit, in one statement, and one more to filter by decision.

    NotPermittedError for all but brands. They are decided for a day, as the brand knows them now.
    """
    rows = await (await fitting_suppliers(viewer, by, only)).order_by("name", "id")
    members = [Member(row.id, row.decision_key, row.updated_at.date()) for row in rows]
    keys = dict.fromkeys(member.decision_key for member in members)
    decisions = await decisions_by_key(keys, by, as_of)
    return portfolio_of(members, decisions, as_of or by.now.date())
