"""The plans of one process, found by the text of their document."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    VariableNode,
    get_nullable_type,
    get_operation_ast,
    get_variable_values,
)
from graphql.execution.get_variable_signature import (
    GraphQLVariableSignature,
    get_variable_signature,
)
from graphql.execution.values import VariableValues, VariableValueSource
from strawberry import Schema

from graphql_schema.documents import ValidDocuments
from graphql_schema.garbage_budget import garbage_budget
from graphql_schema.kept_json import kept_json
from graphql_schema.plan.compiler import Plan, compile_plan
from graphql_schema.plan.selecting import DeclinedError

KEPT_BYTES: Final = 12_000_000
"""Of all plans of one process, about."""

LONGEST_KEPT: Final = 20_000
"""Characters of a document that gets a plan."""

MOST_VARIANTS: Final = 8
"""Plans for one operation, which differ by what is included and skipped."""

VALUES_KEPT: Final = 20
LONGEST_VALUES: Final = 500
"""Variables that an operation remembers as graphql-core takes them; bytes of the longest."""

_OVERHEAD = 2_000
_NONE = VariableValues({}, {})


@dataclass(slots=True)
class Operation:
    """An operation of a valid document, and its plans by the truths that they are made for.

    `simple` are its variables with the types of values that are taken as they are; None where
    there are others. `values` are its last variables by their JSON, as graphql-core takes them.
    """

    document: DocumentNode
    node: OperationDefinitionNode
    truths: Sequence[str]
    simple: Mapping[str, tuple[GraphQLVariableSignature, type]] | None
    plans: dict[tuple[object, ...], Plan | None] = field(default_factory=dict)
    values: dict[bytes, VariableValues] = field(default_factory=dict)


class Plans:
    """Finds or makes the plan of an operation whose document was found valid before.

    So only what comes a second time is compiled. Those asked for last are kept, up to so many
    bytes.
    """

    def __init__(self, schema: Schema, documents: ValidDocuments, most: int = KEPT_BYTES) -> None:
        self._schema = schema
        self._documents = documents
        self._room = most
        self._known: OrderedDict[tuple[str, str | None], Operation] = OrderedDict()

    def operation(self, text: str, name: str | None) -> Operation | None:
        """The operation of a document that was found valid before."""
        known = self._known.get((text, name))
        if known is not None:
            self._known.move_to_end((text, name))
            return known
        document = self._documents.find(text) if len(text) <= LONGEST_KEPT else None
        node = None if document is None else get_operation_ast(document, name)
        if document is None or node is None:
            return None
        made = self._known[text, name] = Operation(
            document, node, _truths_of(document), _simple(self._schema._schema, node)
        )
        self._take(_OVERHEAD + len(text))
        return made

    def variables(self, operation: Operation, inputs: Mapping[str, Any]) -> VariableValues | None:
        """The values of the variables; None where they are wrong."""
        simple = operation.simple
        if simple == {}:
            return _NONE
        if simple is not None and all(
            type(inputs.get(name)) is type_ for name, (_, type_) in simple.items()
        ):
            sources = {
                name: VariableValueSource(signature, inputs[name])
                for name, (signature, _) in simple.items()
            }
            return VariableValues(sources, {name: inputs[name] for name in simple})
        key = _as_json(inputs)
        known = operation.values.get(key)
        if known is not None:
            return known
        values = get_variable_values(
            self._schema._schema,
            operation.node.variable_definitions or (),
            dict(inputs),
            max_errors=1,
        )
        if not isinstance(values, VariableValues):
            return None
        if 0 < len(key) <= LONGEST_VALUES:
            if len(operation.values) >= VALUES_KEPT:
                operation.values.clear()
            operation.values[key] = values
        return values

    def plan(self, operation: Operation, variables: VariableValues) -> Plan | None:
        """The plan for an operation with these variables, if there can be one."""
        truths = tuple(variables.coerced.get(name) for name in operation.truths)
        if truths not in operation.plans and len(operation.plans) < MOST_VARIANTS:
            operation.plans[truths] = self._compile(operation, variables)
        return operation.plans.get(truths)

    def _compile(self, operation: Operation, variables: VariableValues) -> Plan | None:
        try:
            made = compile_plan(self._schema, operation.document, operation.node, variables)
        except (DeclinedError, GraphQLError):  # which graphql-core tells the caller
            return None
        self._take(made.size)
        return made

    def _take(self, size: int) -> None:
        self._room -= size
        while self._room < 0 and len(self._known) > 1:
            (text, _), operation = self._known.popitem(last=False)
            plans = (plan for plan in operation.plans.values() if plan is not None)
            freed = _OVERHEAD + len(text) + sum(plan.size for plan in plans)
            self._room += freed
            garbage_budget.note(freed)


def _as_json(inputs: Mapping[str, Any]) -> bytes:
    """Variables as JSON; empty where that cannot be, as for very deep lists."""
    try:
        return kept_json(inputs)
    except TypeError:
        return b""


def _truths_of(document: DocumentNode) -> Sequence[str]:
    """The variables by which parts of a document are included or skipped."""
    names: dict[str, None] = {}
    waiting: list[Any] = list(document.definitions)
    while waiting:
        node = waiting.pop()
        for directive in getattr(node, "directives", None) or ():
            for argument in directive.arguments or ():
                if isinstance(argument.value, VariableNode):
                    names[argument.value.name.value] = None
        selection_set = getattr(node, "selection_set", None)
        waiting += selection_set.selections if selection_set else ()
    return tuple(names)


_AS_THEY_ARE = {"ID": str, "String": str, "Boolean": bool}


def _simple(
    schema: GraphQLSchema, node: OperationDefinitionNode
) -> Mapping[str, tuple[GraphQLVariableSignature, type]] | None:
    """The variables of an operation, if graphql-core takes values of a type for each as it is."""
    simple = {}
    for definition in node.variable_definitions or ():
        signature = get_variable_signature(schema, definition)
        if isinstance(signature, GraphQLError):
            return None
        type_ = _AS_THEY_ARE.get(str(get_nullable_type(signature.type)))
        if type_ is None:
            return None
        simple[signature.name] = signature, type_
    return simple
