"""Limits on what one caller takes: rate, cost, time."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from graphql import GraphQLError
from strawberry.extensions import SchemaExtension
from strawberry.types import ExecutionContext
from strawberry.types.graphql import OperationType

from graphql_schema.context import Context
from graphql_schema.metrics import COSTS, OTHER, REQUESTS
from graphql_schema.remembered_measures import RememberedMeasures
from kb.errors import go_on_in
from kb.rules.roles import Role
from kb.services.access.rates import MINUTE, Allowance, Rates

_TOO_OFTEN = "You ask too often."
_TOO_MUCH_WORK = "You ask for more work than your allowance."


def count_against_rate(context: Context) -> GraphQLError | None:
    """Count an operation of a caller, before it is parsed; the error where it has to wait.

    A subscription counts once, and what is executed within a command not at all.
    """
    counted = context.counted
    if not counted.in_rate:
        counted.in_rate, counted.refused = True, _count(context)
    return counted.refused


def _count(context: Context) -> GraphQLError | None:
    request = context.request
    allowance = None if request is None else _taken(context, request.app.state.rates, 1)
    if allowance is None or not allowance.wait:
        return None
    REQUESTS.labels(OTHER, "RATE_LIMITED").inc()
    return _wait(context, allowance, _TOO_OFTEN)


def charge_reading(context: Context, text: str) -> GraphQLError | None:
    """Take what it costs to parse and validate a document: a point for each of its characters.

    It is for those that are not remembered, and so for every one that is not valid: reading it
    takes longer than most answers. The error where the caller has to wait.
    """
    allowance = _points_taken(context, len(text))
    if allowance is None or not allowance.wait:
        return None
    REQUESTS.labels(OTHER, "RATE_LIMITED").inc()
    return _wait(context, allowance, _TOO_MUCH_WORK)


def exhausted(context: Context) -> GraphQLError | None:
    """The error for a caller who has nothing left at all; nothing is taken.

    Look before anything is parsed for the caller that is not counted yet.
    """
    state = context.request.app.state
    for rates, why in ((state.rates, _TOO_OFTEN), (state.points, _TOO_MUCH_WORK)):
        allowance = _taken(context, rates, 0)
        if allowance is not None and allowance.remaining < 1:
            wait = MINUTE / allowance.a_minute
            return _wait(context, allowance._replace(wait=wait), why)
    return None


def _points_taken(context: Context, amount: int) -> Allowance | None:
    """What a caller has left of its work; the headers of the answer tell it, too."""
    request = context.request
    allowance = None if request is None else _taken(context, request.app.state.points, amount)
    if allowance is not None:
        request.scope["state"]["allowance"] = allowance
    return allowance


def _taken(context: Context, rates: Rates, amount: int) -> Allowance | None:
    """What a caller has left; callers on this machine without a token have no rate."""
    viewer, address = context.viewer, None
    if viewer.role is Role.ANONYMOUS:
        if context.request.state.on_this_machine:
            return None
        address = context.address
    return rates.take(viewer, address, time.monotonic(), amount)


def _wait(context: Context, allowance: Allowance, why: str) -> GraphQLError:
    context.request.state.retry_after = wait = math.ceil(allowance.wait)
    instead = ", or ask with a token of your own" if context.viewer.token_id is None else ""
    return GraphQLError(
        f"{why} {go_on_in(wait)}{instead}.",
        extensions={"code": "RATE_LIMITED", "retryAfter": wait},
    )


class CostLimit(SchemaExtension):
    """Measures an operation and refuses it when it costs or nests too much.

    Of a subscription it is one event that is measured.
    """

    known = RememberedMeasures()
    """Of all operations, whoever executes them."""

    def on_validate(self) -> Iterator[None]:
        """Measure what was found valid, before anything is executed."""
        execution = self.execution_context
        if not execution.pre_execution_errors:
            try:
                _check_named(execution)
                self._measure(execution)
            except GraphQLError as error:
                execution.pre_execution_errors = [error]
        yield

    def _measure(self, execution: ExecutionContext) -> None:
        if execution.graphql_document is None:
            return
        execution.context.counted.tokens = execution.graphql_document.token_count
        measures = self.known.of(
            execution.schema._schema,
            execution.graphql_document,
            execution.query or "",
            execution.operation_name,
            execution.variables or {},
            execution.context.settings.max_page_size,
            execution.context.knowledge.library,
        )
        if measures is None:
            return
        charged, refused = charge(execution.context, measures.cost)
        execution.extensions_results["cost"] = charged
        if refused is not None:
            raise refused


def _check_named(execution: ExecutionContext) -> None:
    """GraphQLError where a document has several operations and the caller names none of them."""
    document = execution.graphql_document
    if document is None or execution._provided_operation_name is not None:
        return
    operations = [node for node in document.definitions if node.kind == "operation_definition"]
    if len(operations) > 1:
        raise GraphQLError(
            f"The document has {len(operations)} operations; say which one in operationName.",
            extensions={"code": "BAD_REQUEST"},
        )


def charge(context: Context, cost: int) -> tuple[Mapping[str, Any], GraphQLError | None]:
    """Take the cost of an operation from what its caller may spend.

    What the answer says of it, and the error where it costs too much.
    """
    if context.counted.cost is None:
        context.counted.cost = _charge(context, cost)
    return context.counted.cost


def _charge(context: Context, cost: int) -> tuple[Mapping[str, Any], GraphQLError | None]:
    limit = context.settings.max_cost
    if context.viewer.role is Role.ANONYMOUS:
        limit = min(limit, context.settings.anonymous_max_cost)
    COSTS.observe(cost)
    charged: dict[str, int | str] = {"requested": cost, "limit": limit}
    if cost > limit:
        return charged, GraphQLError(
            f"The operation costs {cost}, which is more than {limit}. Ask for smaller pages, "
            "for fewer fields inside lists, or in several operations.",
            extensions={"code": "COST_LIMIT", "requested": cost, "limit": limit},
        )
    allowance = _points_taken(context, cost)
    if allowance is None:
        return charged, None
    # The answer says how much the caller has left.
    charged |= {
        "remaining": allowance.remaining,
        "resetAt": _second(math.ceil(time.time() + allowance.whole_in)),
    }
    if not allowance.wait:
        return charged, None
    return charged, _wait(context, allowance, _TOO_MUCH_WORK)


@lru_cache(maxsize=100)
def _second(at: int) -> str:
    """A second since 1970 as a text; many requests name the same."""
    return datetime.fromtimestamp(at, UTC).isoformat()


def within_its_time(context: Context) -> asyncio.Timeout:
    """What stops an operation when its time is over, also when that is executed anew."""
    if context.counted.deadline is None:
        now = asyncio.get_running_loop().time()
        context.counted.deadline = now + context.settings.request_timeout
    return asyncio.timeout_at(context.counted.deadline)


class TimeLimit(SchemaExtension):
    """Stops what takes too long; a change that was under way is rolled back as a whole.

    A subscription goes on as long as it is listened to. Only what waits can be stopped, as for
    the database; what computes is bounded by its cost.
    """

    async def on_execute(self) -> AsyncIterator[None]:
        """Cancel what is executed when its time is over."""
        if self.execution_context.operation_type is OperationType.SUBSCRIPTION:
            yield
            return
        seconds = self.execution_context.context.settings.request_timeout
        limit = within_its_time(self.execution_context.context)
        try:
            async with limit:
                yield
        except TimeoutError:
            if not limit.expired():  # somebody else's, such as the database's
                raise
            request = self.execution_context.context.request
            if request is not None:
                request.state.stopped = True
            raise GraphQLError(
                f"The request took longer than {seconds:g} seconds and was stopped. Ask for less, "
                "or try again later.",
                extensions={"code": "TIMEOUT", "seconds": seconds},
            ) from None
