"""What else is asked of facilities is read with them, whatever it is, in the same statement."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from graphql_schema.context import Context
from graphql_schema.plan.answering import answer
from graphql_schema.schema import schema
from kb.rules.roles import Role
from kb.services.access.matrix import Viewer
from kb.services.knowledge.decision_filter import DecisionBasis
from kb.settings import Settings
from tests.trial_databases import PEPPER

HELPDESK = Viewer(Role.HELPDESK)
BRAND = Viewer(Role.BRAND, organisation="Demo Brand")
SLCP_OFFICER = Viewer(Role.SLCP_OFFICER)
SETTINGS = Settings(token_pepper=PEPPER)


async def both_ways(
    portfolio: DecisionBasis, statements: list[str], asked: str, viewer: Viewer
) -> tuple[Any, Any, int]:
    """The answer without a plan, that of the plan, and how many statements the plan took."""
    query = f"{{ facilities(first: 20) {{ nodes {{ name {asked} }} }} }}"

    def context() -> Context:
        return Context(knowledge=portfolio.knowledge, settings=SETTINGS, viewer=viewer)

    whole = [await schema.execute(query, context_value=context()) for _ in range(2)][1]
    await answer(query, None, {}, context())
    statements.clear()
    planned = await answer(query, None, {}, context())
    said = None if planned is None else orjson.loads(orjson.dumps(planned["data"]))
    return whole.data, said, len([text for text in statements if "INTO" not in text])


@pytest.mark.parametrize("viewer", [HELPDESK, BRAND], ids=["helpdesk", "brand"])
@pytest.mark.parametrize(
    "asked",
    [
        "whatApplies { summary }",
        "whatApplies { cycles { number grants { grantee grantedOn } labels { text } } }",
        'whatApplies(asOf: "2026-03-01") { sharing { status } }',
        'whatApplies(asOf: "2026-03-01", locale: "vi") { summary cycles { number openedOn } }',
        'workflow(asOf: "2026-03-01") { state steps { doneOn } }',
        """a: whatApplies { summary } b: whatApplies(asOf: "2026-03-01") { summary }
        c: whatApplies(asOf: "2099-01-01") { summary }""",
        "sharing { grantee channel grantedOn }",
    ],
)
async def test_it_takes_no_statement_of_its_own(
    portfolio: DecisionBasis, statements: list[str], asked: str, viewer: Viewer
) -> None:
    whole, planned, count = await both_ways(portfolio, statements, asked, viewer)
    assert planned == whole
    assert len(whole["facilities"]["nodes"]) == 20
    assert count == 1


async def test_whom_facilities_share_with_is_not_read_for_who_may_not_know(
    portfolio: DecisionBasis, statements: list[str]
) -> None:
    whole, planned, _ = await both_ways(portfolio, statements, "sharing { grantee }", SLCP_OFFICER)
    assert (whole, planned) == (None, None)
    assert statements
    assert not any("sharing_grant" in text for text in statements)
