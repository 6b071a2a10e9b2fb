"""Limits on what one caller takes: rate, depth, aliases, tokens, cost, time."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Iterator
from functools import cache

from graphql import GraphQLError
from strawberry.extensions import (
    AddValidationRules,
    MaxAliasesLimiter,
    MaxTokensLimiter,
    QueryDepthLimiter,
    SchemaExtension,
)
from strawberry.types.graphql import OperationType

from graphql_schema.context import Context
from graphql_schema.cost import Costs
from graphql_schema.metrics import COSTS, OTHER, REQUESTS, Metrics
from kb.settings import Settings

MAX_DEPTH = 15
MAX_ALIASES = 30
MAX_TOKENS = 3_000

# Made once: the validation cache knows a document only together with the same rules.
_RULES = [
    *QueryDepthLimiter(max_depth=MAX_DEPTH).validation_rules,
    *MaxAliasesLimiter(max_alias_count=MAX_ALIASES).validation_rules,
]


@cache
def request_limits() -> Settings:
    """The settings of this process, which say how much one request may take."""
    return Settings()


def asked_too_often(context: Context) -> GraphQLError | None:
    """Count an operation of a caller, before it is parsed; the error where it has to wait.

    A subscription counts once, and what is executed within a command not at all.
    """
    request = context.request
    if request is None:
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
    """Counts what an operation costs and refuses it when that is too much.

    Of a subscription it is the cost of one event.
    """

    known = Costs()

    def on_execute(self) -> Iterator[None]:
        """Count, before anything is executed."""
        asked = self.execution_context
        limit = request_limits().max_cost
        cost = self.known.of(asked, largest_page=asked.context.settings.max_page_size)
        if cost is None:
            yield
            return
        COSTS.observe(cost)
        asked.extensions_results["cost"] = {"requested": cost, "limit": limit}
        if cost > limit:
            raise GraphQLError(
                f"The operation costs {cost}, which is more than {limit}. Ask for smaller pages, "
                "for fewer fields inside lists, or in several operations.",
                extensions={"code": "COST_LIMIT", "requested": cost, "limit": limit},
            )
        yield


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
        seconds = request_limits().request_timeout
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


LIMITS: tuple[Callable[[], SchemaExtension], ...] = (
    Metrics,  # the outermost, to see what the others refuse
    lambda: MaxTokensLimiter(max_token_count=MAX_TOKENS),
    lambda: AddValidationRules(_RULES),
    CostLimit,
    TimeLimit,
)
