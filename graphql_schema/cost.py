"""What an operation asks for, measured before it is executed: cost, depth, aliases and more.

The cost is about one unit for a value of the answer. A list counts as often as its entries are
asked for by `first`, `last`, `ids` or `profiles`; where nothing says how many, as often as the
content has entries (`sizes_of`). What takes longer to make than other values has a weight.
"""

from collections.abc import Mapping
from dataclasses import dataclass
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
    SchemaMetaFieldDef,
    SelectionSetNode,
    TypeMetaFieldDef,
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

from graphql_schema.list_sizes import Sizes, introspection_sizes
from kb.services.paging import DEFAULT_SIZE

UNKNOWN_SIZE = 2
"""How many entries a list is taken to have when nothing tells."""

# What a field costs itself, where it takes longer to make than other values: about one unit for
# five microseconds of work; see benchmarks/cost.py.
WEIGHTS: Mapping[str, int] = {
    "Mutation.answerRate": 1_200,
    "Mutation.supplierListImport": 50_000,
    "Applicability.diagram": 50,
    "Applicability.faqs": 10,
    "Applicability.summary": 300,
    "Applicability.trace": 20,
    "Facility.history": 100,
    "Facility.latestEvent": 60,
    "Portfolio.brandAdvice": 500,
    "Portfolio.trend": 2_000,
    "Query.diagram": 50,
    "Query.ask": 1_200,
    "Query.facilityRollup": 500,
    "Query.nextQuestion": 6_000,
    "Query.portfolio": 5_000,
    "Query.portfolioWhatIf": 8_000,
    "Query.search": 1_000,
    "Query.supplierPortfolio": 5_000,
    "Query.suggest": 400,
    "Query.supplierListExport": 2_000,
    "Query.whatIfs": 2_000,
    "Query.whatWouldChange": 2_000,
}

CHANGE = 400
"""What every other change costs: its transaction takes two milliseconds."""

READ_WORD_BY_WORD = frozenset({"Mutation.answerRate", "Query.ask", "Query.search"})
"""Fields whose work grows with the texts they are given."""

HUNDRED_CHARACTERS = 300
"""What each hundred characters of such texts cost, up to `LONGEST_READ`."""

LONGEST_READ = 3_000
"""Characters beyond which a longer text takes hardly longer."""

PAST_DAY = 150
"""What a facility on a day in the past costs more, as its events are gone through again."""

PAST_PORTFOLIO = 20_000
"""What a portfolio on a day in the past costs more, for the same reason."""

MAX_DEPTH = 15
"""Objects within each other; the usual introspection query has 14."""

MAX_ALIASES = 30
"""Fields answered under another name, those of fragments counted wherever they are spread."""

MAX_ROOT_FIELDS = 40
MAX_FIELDS = 250
"""Fields of one object."""

MAX_DIRECTIVES = 50
"""Directives on what is selected, those of fragments counted wherever they are spread."""

MAX_WALKED = 20_000
"""Nodes that are looked at; only nests of fragments made for the purpose have more."""


@dataclass(slots=True)
class Measures:
    """What is selected of one object: `depth` counts the objects below it."""

    cost: int = 0
    depth: int = 0
    aliases: int = 0
    directives: int = 0


def measure(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation_name: str | None,
    variables: Mapping[str, Any] | None,
    largest_page: int,
    sizes: Sizes,
) -> Measures | None:
    """Measure an operation of a validated document; for a subscription, one event of it.

    Pages count no more entries than `largest_page`, as larger ones are refused. None where the
    operation or its variables are wrong, so that it will not be executed. GraphQLError with the
    code OPERATION_LIMIT for what is beyond one of the limits of this module.
    """
    operation = get_operation_ast(document, operation_name)
    if operation is None:
        return None
    # One error is enough: to look for the nearest name of each wrong one takes long.
    values = get_variable_values(
        schema, operation.variable_definitions or (), dict(variables or {}), max_errors=1
    )
    root = schema.get_root_type(operation.operation)
    if root is None or not isinstance(values, VariableValues):
        return None
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    walk = _Walk(schema, fragments, values, largest_page, sizes)
    return walk.selection(root, (operation.selection_set,), None, depth=0)


def hundreds(value: object) -> int:
    """Hundreds of characters, begun ones too, in the texts of an argument."""
    texts = value.values() if isinstance(value, dict) else (value,)
    characters = sum(len(text) for text in texts if isinstance(text, str))
    return hundreds_of(characters)


def hundreds_of(characters: int) -> int:
    """So many characters in hundreds, begun ones too, as far as they are read."""
    return -(-min(characters, LONGEST_READ) // 100)


def _limit(what: str, most: int, instead: str) -> GraphQLError:
    return GraphQLError(
        f"The operation has more than {most} {what}. {instead}",
        extensions={"code": "OPERATION_LIMIT", "limit": most},
    )


class _Walk:
    """One walk through an operation, along the fields that its execution would collect.

    What was measured is remembered, so that a fragment that is spread many times is walked once,
    however often it would be executed.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: VariableValues,
        largest_page: int,
        sizes: Sizes,
    ) -> None:
        self.schema = schema
        self.fragments = fragments
        self.variables = variables
        self.largest_page = largest_page
        self.sizes = sizes
        self.measured: dict[tuple[object, ...], Measures] = {}
        self.walked = 0

    def selection(
        self, type_: Any, sets: tuple[SelectionSetNode, ...], page: int | None, depth: int
    ) -> Measures:
        """What is selected of one object `depth` below the root; `page` sizes the lists in it."""
        if depth > MAX_DEPTH:
            raise _limit("objects within each other", MAX_DEPTH, "Ask for less at once.")
        key = (type_.name, page, *map(id, sets))
        measures = self.measured.get(key)
        if measures is None:
            measures = self.measured[key] = self._selected(type_, sets, page, depth)
        if depth + measures.depth > MAX_DEPTH:
            raise _limit("objects within each other", MAX_DEPTH, "Ask for less at once.")
        return measures

    def _selected(
        self, type_: Any, sets: tuple[SelectionSetNode, ...], page: int | None, depth: int
    ) -> Measures:
        total = Measures()
        fields: dict[tuple[str, str], list[FieldNode]] = {}
        spread: set[tuple[str, str]] = set()
        for selection_set in sets:
            self._collect(type_, selection_set, fields, spread, total)
        most = MAX_ROOT_FIELDS if depth == 0 else MAX_FIELDS
        if len(fields) > most:
            what = "fields at its root" if depth == 0 else "fields of one object"
            raise _limit(what, most, "Ask in several operations.")
        for (type_name, _), nodes in fields.items():
            self._add(total, self.schema.get_type(type_name), nodes, page, depth)
            if total.aliases > MAX_ALIASES:
                raise _limit("aliases", MAX_ALIASES, "Ask in several operations.")
            if total.directives > MAX_DIRECTIVES:
                raise _limit("directives", MAX_DIRECTIVES, "Leave some out.")
        return total

    def _collect(
        self,
        type_: Any,
        selected: SelectionSetNode,
        fields: dict[tuple[str, str], list[FieldNode]],
        spread: set[tuple[str, str]],
        total: Measures,
    ) -> None:
        """Gather the fields by the name under which they are answered, as execution does.

        Of an interface or union, what is asked for each of its types is added up.
        """
        for node in selected.selections:
            self.walked += 1
            if self.walked > MAX_WALKED:
                raise _limit("parts", MAX_WALKED, "Spread each fragment once.")
            if node.directives:
                total.directives += len(node.directives)
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
            self._collect(within, fragment.selection_set, fields, spread, total)

    def _left_out(self, node: Any) -> bool:
        skip = get_directive_values(GraphQLSkipDirective, node, self.variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self.variables)
        return bool(skip and skip["if"]) or bool(include and not include["if"])

    def _add(
        self, total: Measures, parent: Any, nodes: list[FieldNode], page: int | None, depth: int
    ) -> None:
        """Add a field of an object to what is selected of it."""
        node = nodes[0]
        total.aliases += node.alias is not None and node.alias.value != node.name.value
        fields = getattr(parent, "fields", {})  # a union has none
        field = _META_FIELDS.get(node.name.value) or fields.get(node.name.value)
        if field is None:  # __typename, or a field of a type that the object does not have
            total.cost += 1
            return
        coordinate = f"{parent.name}.{node.name.value}"
        usual_weight = CHANGE if parent is self.schema.mutation_type else 1
        total.cost += WEIGHTS.get(coordinate, usual_weight)
        if _names(node, "asOf"):
            total.cost += _PAST.get(parent.name if parent.name == "Facility" else coordinate, 0)
        if coordinate in READ_WORD_BY_WORD:
            total.cost += HUNDRED_CHARACTERS * self._hundreds_read(field, node)
        inner = get_named_type(field.type)
        if not is_composite_type(inner):
            return
        sets = tuple(node.selection_set for node in nodes if node.selection_set)
        usual = self.sizes.get(coordinate) or introspection_sizes(self.schema).get(coordinate)
        requested = self._entries_requested(field, node, usual)
        entries = 1
        if is_list_type(get_nullable_type(field.type)):
            entries = requested or page or usual or UNKNOWN_SIZE
            requested = None
        below = self.selection(inner, sets, requested, depth + 1)
        total.cost += entries * below.cost
        total.depth = max(total.depth, below.depth + 1)
        total.aliases += below.aliases
        total.directives += below.directives

    def _hundreds_read(self, field: GraphQLField, node: FieldNode) -> int:
        """Hundreds of characters that the arguments of a field hold."""
        try:
            arguments = get_argument_values(field, node, self.variables)
        except GraphQLError:  # execution will say so
            return 0
        return sum(map(hundreds, arguments.values()))

    def _entries_requested(
        self, field: GraphQLField, node: FieldNode, usual: int | None
    ) -> int | None:
        """How many entries a field is asked for; None where it has no such argument."""
        if not field.args.keys() & {"first", "last", "ids", "profiles"}:
            return None
        try:
            arguments = get_argument_values(field, node, self.variables)
        except GraphQLError:  # execution will say so
            return 1
        for name in ("ids", "profiles"):
            if arguments.get(name) is not None:
                return max(1, min(len(arguments[name]), self.largest_page))
        for name in ("first", "last"):
            if arguments.get(name) is not None:
                entries: int = arguments[name]
                return max(1, min(entries, self.largest_page))
        return usual or min(DEFAULT_SIZE, self.largest_page)


_PAST = {
    "Facility": PAST_DAY,
    "Query.portfolio": PAST_PORTFOLIO,
    "Query.portfolioWhatIf": PAST_PORTFOLIO,
}
"""What a day costs more, by the type or the field that is asked for it."""


def _names(node: FieldNode, argument: str) -> bool:
    return any(node_argument.name.value == argument for node_argument in node.arguments or ())


_META_FIELDS: Mapping[str, GraphQLField] = {
    "__schema": SchemaMetaFieldDef,
    "__type": TypeMetaFieldDef,
}
