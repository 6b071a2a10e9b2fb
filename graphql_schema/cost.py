"""What an operation costs, counted before it is executed: about one unit for a value of its answer.

A list counts as often as its entries are asked for by `first`, `last` or `ids`; where nothing says
how many, as often as `SIZES` tells. What takes longer to make than other values has a weight.
"""

from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionSetNode,
    get_argument_values,
    get_directive_values,
    get_named_type,
    get_nullable_type,
    get_operation_ast,
    get_variable_values,
    is_composite_type,
    is_list_type,
    is_object_type,
)
from graphql.execution.values import VariableValues
from strawberry.types import ExecutionContext

from kb.services.paging import DEFAULT_SIZE

INTROSPECTION = 2_000
"""What `__schema` and `__type` cost, whatever is asked of them: they take about as long."""

UNKNOWN_SIZE = 2
"""How many entries a list is taken to have when nothing tells."""

# How many entries longer lists have that nobody asks for by number, measured on real answers.
SIZES: Mapping[str, int] = {
    "Applicability.citations": 36,
    "Applicability.dataLabels": 4,
    "Applicability.faqs": 23,
    "Applicability.fees": 4,
    "Applicability.trace": 85,
    "Faq.passages": 6,
    "Query.ambiguities": 20,
    "Query.countries": 60,
    "Query.fees": 8,
    "Query.glossary": 66,
    "Query.toolVersions": 5,
    "RuleOutcome.inputs": 3,
    "SharingDecision.citations": 5,
    "Workflow.nextActions": 5,
    "Workflow.steps": 11,
}

# What a field costs itself, where it takes longer to make than other values.
WEIGHTS: Mapping[str, int] = {
    "Applicability.faqs": 10,
    "Applicability.summary": 30,
    "Applicability.trace": 20,
}

OPERATIONS_REMEMBERED = 1_000
_LONGEST_REMEMBERED = 20_000


def cost_of(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation_name: str | None,
    variables: Mapping[str, Any] | None,
    largest_page: int,
) -> int | None:
    """The cost of an operation of a validated document; for a subscription, that of one event.

    Pages count no more entries than `largest_page`, as larger ones are refused. None where the
    operation or its variables are wrong, so that it will not be executed.
    """
    operation = get_operation_ast(document, operation_name)
    if operation is None:
        return None
    values = get_variable_values(
        schema, operation.variable_definitions or (), dict(variables or {})
    )
    root = schema.get_root_type(operation.operation)
    if root is None or not isinstance(values, VariableValues):
        return None
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    walk = _Walk(schema, fragments, values, largest_page)
    return walk.selection(root, (operation.selection_set,), None)


class Costs:
    """Remembers the costs of operations that come again, as counting takes up to a millisecond.

    The cost depends on the variables only through numbers, Booleans and the length of lists.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], int] = {}

    def of(self, asked: ExecutionContext, largest_page: int) -> int | None:
        """The cost of the operation, as by `cost_of`."""
        document, name, given = asked.graphql_document, asked.operation_name, asked.variables or {}
        operation = get_operation_ast(document, name) if document else None
        if document is None or operation is None:
            return None
        declared = [
            definition.variable.name.value for definition in operation.variable_definitions or ()
        ]
        telling = (
            (variable, _telling(given[variable])) for variable in declared if variable in given
        )
        key = (asked.query, name, largest_page, *telling)
        if key not in self._known:
            cost = cost_of(asked.schema._schema, document, name, given, largest_page)
            # What is not executed is not remembered: other variables may be right.
            if cost is None or len(asked.query or "") > _LONGEST_REMEMBERED:
                return cost
            if len(self._known) >= OPERATIONS_REMEMBERED:
                del self._known[next(iter(self._known))]
            self._known[key] = cost
        return self._known[key]


def _telling(value: object) -> object:
    """What the value of a variable has to do with the cost."""
    if isinstance(value, list):
        return "entries", len(value)
    return value if isinstance(value, int | float | None) else type(value)


class _Walk:
    """One walk through an operation, along the fields that its execution would collect.

    What was counted once is remembered, so that fragments that spread others many times, which
    would be executed as often, are not walked as often.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: VariableValues,
        largest_page: int,
    ) -> None:
        self.schema = schema
        self.fragments = fragments
        self.variables = variables
        self.largest_page = largest_page
        self.counted: dict[tuple[object, ...], int] = {}

    def selection(self, type_: Any, sets: tuple[SelectionSetNode, ...], page: int | None) -> int:
        """The cost of what is selected of one object; `page` is the size of the lists in it."""
        key = (type_.name, page, *map(id, sets))
        if key not in self.counted:
            fields: dict[tuple[str, str], list[FieldNode]] = {}
            spread: set[tuple[str, str]] = set()
            for selected in sets:
                self._collect(type_, selected, fields, spread)
            self.counted[key] = sum(
                self._field(self.schema.get_type(name), nodes, page)
                for (name, _), nodes in fields.items()
            )
        return self.counted[key]

    def _collect(
        self,
        type_: Any,
        selected: SelectionSetNode,
        fields: dict[tuple[str, str], list[FieldNode]],
        spread: set[tuple[str, str]],
    ) -> None:
        """Gather the fields by the name under which they are answered, as execution does.

        Of an interface or union, what is asked for each of its types is added up.
        """
        for node in selected.selections:
            if self._left_out(node):
                continue
            if isinstance(node, FieldNode):
                name = (node.alias or node.name).value
                fields.setdefault((type_.name, name), []).append(node)
                continue
            fragment: InlineFragmentNode | FragmentDefinitionNode
            if isinstance(node, InlineFragmentNode):
                fragment = node
            else:
                assert isinstance(node, FragmentSpreadNode)
                fragment = self.fragments[node.name.value]
                if (type_.name, node.name.value) in spread:
                    continue
                spread.add((type_.name, node.name.value))
            within = type_
            if fragment.type_condition and not is_object_type(type_):
                within = self.schema.get_type(fragment.type_condition.name.value)
            self._collect(within, fragment.selection_set, fields, spread)

    def _left_out(self, node: Any) -> bool:
        if not node.directives:
            return False
        skip = get_directive_values(GraphQLSkipDirective, node, self.variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self.variables)
        return bool(skip and skip["if"]) or bool(include and not include["if"])

    def _field(self, parent: Any, nodes: list[FieldNode], page: int | None) -> int:
        name = nodes[0].name.value
        if name in ("__schema", "__type"):
            return INTROSPECTION
        field = getattr(parent, "fields", {}).get(name)
        if field is None:  # __typename, or a field of a type that the object does not have
            return 1
        coordinate = f"{parent.name}.{name}"
        weight = WEIGHTS.get(coordinate, 1)
        inner = get_named_type(field.type)
        if not is_composite_type(inner):
            return weight
        sets = tuple(node.selection_set for node in nodes if node.selection_set)
        asked = self._asked(field, nodes[0], SIZES.get(coordinate))
        if not is_list_type(get_nullable_type(field.type)):
            return weight + self.selection(inner, sets, asked)
        entries = asked or page or SIZES.get(coordinate, UNKNOWN_SIZE)
        return weight + entries * self.selection(inner, sets, None)

    def _asked(self, field: GraphQLField, node: FieldNode, usual: int | None) -> int | None:
        """How many entries a field is asked for; None where it has no such argument."""
        if not field.args.keys() & {"first", "last", "ids"}:
            return None
        try:
            given = get_argument_values(field, node, self.variables)
        except GraphQLError:  # execution will say so
            return 1
        if given.get("ids") is not None:
            return max(1, min(len(given["ids"]), self.largest_page))
        for name in ("first", "last"):
            if given.get(name) is not None:
                entries: int = given[name]
                return max(1, min(entries, self.largest_page))
        return usual or min(DEFAULT_SIZE, self.largest_page)
