"""Answering with a plan, with all that graphql-core's way does besides executing."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from strawberry.http import GraphQLHTTPResponse

from graphql_schema.context import Context
from graphql_schema.documents import refused_variables
from graphql_schema.limits import CostLimit, asked_too_often, charge, within_its_time
from graphql_schema.metrics import PLANS, name_of, note_operation
from graphql_schema.plan.compiler import Plan
from graphql_schema.plan.parts import parts_of
from graphql_schema.plan.plans import Plans
from graphql_schema.plan.running import State, run
from graphql_schema.schema import documents, schema

_QUERY = "query"
_PLANNED = PLANS.labels("planned")
_DECLINED = PLANS.labels("declined")
_STEPPED_ASIDE = PLANS.labels("stepped aside")

plans = Plans(schema, documents)


@dataclass(slots=True)
class Planned:
    """An operation with a plan, which its caller may ask.

    `data` is what it answers with, where that is ready; else it has to be made.
    """

    name: str | None
    plan: Plan
    state: State
    context: Context
    points: int
    cost: Mapping[str, Any]
    started: float
    data: Any = None

    def said(self) -> GraphQLHTTPResponse:
        """The answer with the data that is there; call it once, as it is counted and logged."""
        _PLANNED.inc()
        note_operation(
            name_of(self.name),
            _QUERY,
            "OK",
            time.perf_counter() - self.started,
            role=self.context.viewer.role,
            cost=self.points,
        )
        return {"data": self.data, "extensions": {"cost": self.cost}}

    async def make(self) -> bool:
        """Have the data made, if it is not ready; False where graphql-core is to answer."""
        if self.data is None:
            try:
                limit = within_its_time(self.context)
                self.data = await run(self.plan.start, self.state, limit)
                await self.context.note_reading()
            except Exception:  # graphql-core's way meets it again, and says so
                _STEPPED_ASIDE.inc()
                self.context.read_anew()
                self.data = None
        return self.data is not None


def planned(
    text: str, name: str | None, given: Mapping[str, Any], context: Context
) -> Planned | None:
    """The plan for an operation; None if there is none, or if its caller may not ask that.

    Whatever is limited then counts once: `context` remembers it, and graphql-core's way may go on
    with the same context. A plan never answers with an error.
    """
    started = time.perf_counter()
    operation = plans.operation(text, name)
    if operation is None or (given and refused_variables(given) is not None):
        return None
    variables = plans.variables(operation, given)
    plan = plans.plan(operation, variables) if variables is not None else None
    if variables is None or plan is None:
        _DECLINED.inc()
        return None
    try:
        measures = CostLimit.known.of(
            schema._schema,
            operation.document,
            text,
            name,
            given,
            context.settings.max_page_size,
            context.knowledge.library,
        )
        if measures is None or asked_too_often(context) is not None:
            return None
        cost, refused = charge(context, measures.cost)
        if refused is not None:
            return None
        state = State(context, plan.infos_of, variables, parts_of(context.knowledge))
        data = None if plan.whole is None else state.ready(plan.whole, None, None).parts[0]
        if data is None:  # it needs more than the knowledge, whatever the variables
            plan.whole = None
    except Exception:  # graphql-core's way meets it again, and says so
        _STEPPED_ASIDE.inc()
        return None
    named = operation.node.name.value if operation.node.name else None
    return Planned(named, plan, state, context, measures.cost, cost, started, data)


async def answer(
    text: str, name: str | None, given: Mapping[str, Any], context: Context
) -> GraphQLHTTPResponse | None:
    """The answer to an operation, whose data may hold ready JSON; None if its plan has none."""
    found = planned(text, name, given, context)
    return found.said() if found is not None and await found.make() else None
