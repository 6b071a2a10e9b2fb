"""Answering with a plan, with all that graphql-core's way does besides executing."""

import time
from collections.abc import Mapping
from typing import Any

from strawberry.http import GraphQLHTTPResponse

from graphql_schema.context import Context
from graphql_schema.documents import refused_variables
from graphql_schema.limits import CostLimit, asked_too_often, charge, within_its_time
from graphql_schema.metrics import PLANS, name_of, note_operation
from graphql_schema.plan.parts import parts_of
from graphql_schema.plan.plans import Plans
from graphql_schema.plan.running import State, run
from graphql_schema.schema import documents, schema

_QUERY = "query"
_PLANNED = PLANS.labels("planned")
_DECLINED = PLANS.labels("declined")
_STEPPED_ASIDE = PLANS.labels("stepped aside")

plans = Plans(schema, documents)


async def answer(
    text: str, name: str | None, given: Mapping[str, Any], context: Context
) -> GraphQLHTTPResponse | None:
    """The answer to an operation, whose data may hold ready JSON; None if its plan has none.

    Whatever is limited or counted then counts once: `context` remembers it, and graphql-core's way
    may go on with the same context. A plan never answers with an error.
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
        ready = plan.whole and state.ready(plan.whole, None)
        data: Any = ready and ready[0]
        if data is None:
            data = await run(plan.start, state, within_its_time(context))
            await context.note_reading()
    except Exception:  # graphql-core's way meets it again, and says so
        _STEPPED_ASIDE.inc()
        context.read_anew()
        return None
    _PLANNED.inc()
    note_operation(
        name_of(operation.node.name.value if operation.node.name else None),
        _QUERY,
        "OK",
        time.perf_counter() - started,
        role=context.viewer.role,
        cost=measures.cost,
    )
    return {"data": data, "extensions": {"cost": cost}}
