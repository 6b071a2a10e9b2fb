"""The schema, built once, and its text."""

from collections.abc import Sequence
from contextlib import aclosing
from typing import Any

import strawberry
from graphql import (
    GraphQLError,
    build_schema,
    find_breaking_changes,
    lexicographic_sort_schema,
    print_schema,
)
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema import StreamResult
from strawberry.types import ExecutionResult

from graphql_schema.context import Context
from graphql_schema.documents import Documents, ValidDocuments
from graphql_schema.errors import REFUSAL_HANDLERS, UNEXPECTED, public_error
from graphql_schema.event_answers import SharingExecution
from graphql_schema.execution import straighten
from graphql_schema.limits import CostLimit, TimeLimit, charge_reading, count_against_rate
from graphql_schema.metrics import Metrics
from graphql_schema.mutations.root import Mutation
from graphql_schema.presenter import read_plain_field
from graphql_schema.queries.ask import AskQueries
from graphql_schema.queries.audit import AuditQueries
from graphql_schema.queries.facilities import FacilityQueries
from graphql_schema.queries.knowledge import KnowledgeQueries
from graphql_schema.queries.learning import LearningQueries
from graphql_schema.queries.nodes import NODE_TYPES, NodeQueries
from graphql_schema.queries.planning import PlanningQueries
from graphql_schema.queries.portfolio import PortfolioQueries
from graphql_schema.queries.suppliers import SupplierQueries
from graphql_schema.readings import NotedReadings
from graphql_schema.scalars import SCALARS
from graphql_schema.subscriptions.root import Subscription


@strawberry.type(
    description="Questions about facilities and about the knowledge that answers are made from."
)
class Query(
    FacilityQueries,
    KnowledgeQueries,
    AskQueries,
    NodeQueries,
    AuditQueries,
    LearningQueries,
    PlanningQueries,
    PortfolioQueries,
    SupplierQueries,
):
    """Everything that can be asked."""


class Schema(strawberry.Schema):
    """Tells callers what they may know of an error, whatever the stage it comes from."""

    # The ignores: Strawberry names the options, and so do all who call these two.
    async def execute(self, query: str | None, **options: Any) -> ExecutionResult:  # type: ignore[override]
        """Execute an operation, unless the caller asks too often."""
        refused = _refused(query, options["context_value"])
        if refused is not None:
            return ExecutionResult(data=None, errors=[public_error(refused, self._schema)])
        result = await super().execute(query, **options)
        if result.errors:
            helped = options["context_value"].may_introspect
            result.errors = [
                public_error(error, self._schema, helped=helped) for error in result.errors
            ]
        return result

    async def stream(self, query: str | None, **options: Any) -> StreamResult:  # type: ignore[override]
        """Execute an operation that may go on; each has a context of its own."""
        options["context_value"] = options["context_value"].fresh()
        refused = _refused(query, options["context_value"])
        if refused is not None:
            public = public_error(refused, self._schema)
            return _only(ExecutionResult(data=None, errors=[public]))
        helped = options["context_value"].may_introspect
        return self._with_public_errors(await super().stream(query, **options), helped)

    async def _with_public_errors(self, results: StreamResult, helped: bool) -> StreamResult:
        async with aclosing(results):
            try:
                async for result in results:
                    if isinstance(result, ExecutionResult) and result.errors:
                        result.errors = [
                            public_error(error, self._schema, helped=helped)
                            for error in result.errors
                        ]
                    yield result
            except Exception as error:  # raised beside execution, which would end without a word
                unexpected = GraphQLError(UNEXPECTED, original_error=error)
                yield ExecutionResult(data=None, errors=[public_error(unexpected, self._schema)])

    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        """Log nothing here: `public_error` knows which errors are unexpected."""


def _refused(query: str | None, context: Context) -> GraphQLError | None:
    """Why the caller has to wait, before its document is parsed."""
    refused = count_against_rate(context)
    if refused is not None or not query or documents.find(query) is not None:
        return refused
    return charge_reading(context, query)


async def _only(result: ExecutionResult) -> StreamResult:
    yield result


schema = Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    exception_handlers=REFUSAL_HANDLERS,
    types=NODE_TYPES,
    config=StrawberryConfig(scalar_map=SCALARS, default_resolver=read_plain_field),
    execution_context_class=SharingExecution,
    extensions=[
        Metrics,  # the outermost, to see what the others refuse
        lambda: Documents(documents),
        CostLimit,
        NotedReadings,  # outside of the time limit: a change was committed by then
        TimeLimit,
    ],
)
documents: ValidDocuments = ValidDocuments(schema._schema)
straighten(schema)


def sdl() -> str:
    """The schema as text, sorted, so that a change shows as a small difference."""
    return print_schema(lexicographic_sort_schema(build_schema(schema.as_str()))) + "\n"


def breaking_changes(released: str) -> Sequence[str]:
    """What clients of an earlier schema, given as text, would miss in this one."""
    breaking = find_breaking_changes(build_schema(released), build_schema(sdl()))
    return sorted(change.description for change in breaking)
