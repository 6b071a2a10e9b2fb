"""Limits on what one caller takes: rate, cost, time."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Iterator

from graphql import GraphQLError
from strawberry.extensions import SchemaExtension
from strawberry.types import ExecutionContext
from strawberry.types.graphql import OperationType

from graphql_schema.context import Context
from graphql_schema.cost import RememberedMeasures
from graphql_schema.metrics import COSTS, OTHER, REQUESTS
from kb.rules.roles import Role
from kb.settings import Settings


def asked_too_often(context: Context) -> GraphQLError | None:
    """Count an operation of a caller, before it is parsed; the error where it has to wait.

    A subscription counts once, and what is executed within a command not at all.
    """
    request = context.request
    if request is None:
        return None
    if context.viewer.role is Role.ANONYMOUS and request.state.on_this_machine:
        return None
    address = request.client.host if request.client else None
    seconds = request.app.state.rates.take(context.viewer, address, time.monotonic())
    if not seconds:
        return None
    request.state.retry_after = wait = math.ceil(seconds)
    REQUESTS.labels(OTHER, "RATE_LIMITED").inc()
    return GraphQLError(
        f"You ask too often. Go on in {wait} seconds, or ask with a token of your own.",
        extensions={"code": "RATE_LIMITED", "retryAfter": wait},
    )


class CostLimit(SchemaExtension):
    """Measures an operation and refuses it when it costs or nests too much.

    Of a subscription it is one event that is measured.
    """

    known = RememberedMeasures()

    def on_validate(self) -> Iterator[None]:
        """Measure what was found valid, before anything is executed."""
        asked = self.execution_context
        if not asked.pre_execution_errors:
            try:
                self._measure(asked)
            except GraphQLError as error:
                asked.pre_execution_errors = [error]
        yield

    def _measure(self, asked: ExecutionContext) -> None:
        settings: Settings = asked.context.settings
        measures = self.known.of(asked, settings.max_page_size)
        if measures is None:
            return
        cost, limit = measures.cost, settings.max_cost
        COSTS.observe(cost)
        asked.extensions_results["cost"] = {"requested": cost, "limit": limit}
        if cost > limit:
            raise GraphQLError(
                f"The operation costs {cost}, which is more than {limit}. Ask for smaller pages, "
                "for fewer fields inside lists, or in several operations.",
                extensions={"code": "COST_LIMIT", "requested": cost, "limit": limit},
            )


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
        limit = asyncio.timeout(seconds)
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
