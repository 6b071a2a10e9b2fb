"""Answering with a plan, with all that graphql-core's way does besides executing."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import orjson
from graphql import GraphQLError
from strawberry.http import GraphQLHTTPResponse

from graphql_schema.context import Context
from graphql_schema.documents import refused_variables
from graphql_schema.error_codes import code_of
from graphql_schema.errors import public_error
from graphql_schema.limits import CostLimit, charge, count_against_rate, within_its_time
from graphql_schema.metrics import PLANS, name_of, note_operation
from graphql_schema.packing import COMPRESSED_FROM, Packed, packed
from graphql_schema.plan.literals import WrittenTexts
from graphql_schema.plan.parts import ReadyAnswer, parts_of
from graphql_schema.plan.plans import Plans
from graphql_schema.plan.running import State, StepAsideError, run
from graphql_schema.schema import documents, schema
from kb.rules.roles import Role

_QUERY = "query"
_PLANNED = PLANS.labels("planned")
_DECLINED = PLANS.labels("declined")
_STEPPED_ASIDE = PLANS.labels("stepped aside")

plans = Plans(schema, documents)
_written_texts = WrittenTexts(schema._schema, documents, plans)


LONGEST_KEPT = 20_000
"""Bytes of a request's body by which a ready answer is found again."""


@dataclass(slots=True)
class Planned:
    """An operation with a plan, which its caller may ask.

    `data` is what it answers with, where that is ready; else it is made by `run`, which may find
    an `error` beside it. `packed` is the answer up to the end of its data, if it is ready so.
    `of_others` tells that the plan is of a document that has variables for texts of the one asked,
    so that graphql-core tells the places of errors.
    """

    name: str | None
    context: Context
    points: int
    cost: Mapping[str, Any]
    started: float
    data: Any = None
    packed: Packed | None = None
    run: Callable[[asyncio.Timeout], Awaitable[tuple[Any, GraphQLError | None]]] | None = None
    error: GraphQLError | None = None
    of_others: bool = False

    def response(self) -> GraphQLHTTPResponse:
        """The answer with the data that is there; call it once, as it is counted and logged."""
        _PLANNED.inc()
        outcome = "OK" if self.error is None else code_of(self.error)
        note_operation(
            name_of(self.name, take=self.error is None),
            _QUERY,
            outcome,
            time.perf_counter() - self.started,
            role=self.context.viewer.role,
            cost=self.points,
        )
        extensions: dict[str, object] = {"cost": self.cost}
        if self.error is None:
            return {"data": self.data, "extensions": extensions}
        error = public_error(self.error, schema._schema)
        return {"data": self.data, "errors": [error.formatted], "extensions": extensions}

    def encoded_response(self) -> tuple[bytes, bool]:
        """The same as JSON, and whether that is compressed."""
        response = self.response()
        if self.packed is None:
            return orjson.dumps(response), False
        return self.packed.ended(b',"extensions":%b}' % orjson.dumps(response["extensions"])), True

    async def execute(self) -> bool:
        """Have the data made, if it is not ready; False where graphql-core is to answer."""
        if self.run is not None:
            writes = (
                self.context.deferred_writes
            ) = []  # for one that steps aside, graphql-core writes
            try:
                self.data, self.error = await self.run(within_its_time(self.context))
                if self.error is not None and self.of_others:
                    raise StepAsideError
                await self.context.note_reading()
                if writes:
                    async with within_its_time(self.context):
                        for write in writes:
                            await write()
            except Exception:  # graphql-core's way meets it again, and says so
                _STEPPED_ASIDE.inc()
                self.context.read_anew()
                self.data = None
            finally:
                self.context.deferred_writes = None
        return self.data is not None


def answered_before(body: bytes, context: Context, *, compress: bool) -> Planned | None:
    """The operation of a request with this body, whose whole answer was ready when it came before.

    None for any other, and where its caller may not ask that now; go on with the same context.
    """
    started = time.perf_counter()
    ready = parts_of(context.knowledge).find(_place_of_answers(context, compress), body)
    if not isinstance(ready, ReadyAnswer) or not ready.hold(context):
        return None
    cost = _charged(context, ready.cost)
    if cost is None:
        return None
    return Planned(
        ready.name, context, ready.cost, cost, started, ready.parts[0], packed=ready.packed
    )


def planned(
    text: str,
    name: str | None,
    variables: Mapping[str, Any],
    context: Context,
    body: bytes | None = None,
    *,
    compress: bool = False,
) -> Planned | None:
    """The plan for an operation; None if there is none, or if its caller may not ask that.

    Whatever is limited then counts once: `context` remembers it, and graphql-core's way may go on
    with the same context. A plan never answers with an error. Where the whole answer is ready, the
    body of its request finds it the next time, packed for a caller who takes it compressed.
    """
    started = time.perf_counter()
    try:
        operation, of_others = plans.operation(text, name), False
        if operation is None:
            found = _written_texts.find(text, name, helped=context.may_introspect)
            if found is None:
                return None
            operation, text, of_others = found.operation, found.document, True
            variables = {**variables, **found.texts}
        if variables and refused_variables(variables) is not None:
            return None
        values = plans.variables(operation, variables)
        plan = plans.plan(operation, values) if values is not None else None
        if values is None or plan is None:
            _DECLINED.inc()
            return None
        measures = CostLimit.known.of(
            schema._schema,
            operation.document,
            text,
            name,
            variables,
            context.settings.max_page_size,
            context.knowledge.library,
        )
        cost = None if measures is None else _charged(context, measures.cost)
        if measures is None or cost is None:
            return None
        named = operation.node.name.value if operation.node.name else None
        parts = parts_of(context.knowledge)
        state = State(context, plan.infos_of, values, parts)
        ready = None if plan.whole is None else state.ready(plan.whole, None, None)
        if ready is None or ready.parts[0] is None:
            plan.whole = None  # it needs more than the knowledge, whatever the variables
            run_plan = partial(run, plan.start, plan.alone, state)
            return Planned(
                *(named, context, measures.cost, cost, started),
                run=run_plan,
                of_others=of_others,
            )
        beginning = b'{"data":' + orjson.dumps(ready.parts[0]) if compress else b""
        compressed = packed(beginning) if len(beginning) >= COMPRESSED_FROM else None
        if body is not None and len(body) <= LONGEST_KEPT:
            answer = ReadyAnswer(ready, body, named, measures.cost, compressed)
            parts.keep(_place_of_answers(context, compress), body, answer)
        data = ready.parts[0]
        return Planned(named, context, measures.cost, cost, started, data, packed=compressed)
    except Exception:  # graphql-core's way meets it again, and says so
        _STEPPED_ASIDE.inc()
        return None


async def answer(
    text: str, name: str | None, variables: Mapping[str, Any], context: Context
) -> GraphQLHTTPResponse | None:
    """The answer to an operation, whose data may hold ready JSON; None if its plan has none."""
    operation = planned(text, name, variables, context)
    return operation.response() if operation is not None and await operation.execute() else None


def _charged(context: Context, points: int) -> Mapping[str, Any] | None:
    """What the answer says of the cost, which is taken; None where the caller has to wait."""
    if count_against_rate(context) is not None:
        return None
    cost, refused = charge(context, points)
    return cost if refused is None else None


def _place_of_answers(context: Context, compress: bool) -> tuple[date, Role, bool]:
    """Where answers are kept by their requests; other ready parts are kept by a selection."""
    return context.today, context.viewer.role, compress
