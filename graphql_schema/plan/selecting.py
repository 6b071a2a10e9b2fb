"""What an operation selects: the fields of an object, and all that lies below a field."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionSetNode,
    get_directive_values,
    get_named_type,
    is_abstract_type,
    is_object_type,
)
from graphql.execution.values import VariableValues

from graphql_schema.plan.arguments import variables_in

Fields = Mapping[str, Sequence[FieldNode]]


class DeclinedError(Exception):
    """Why there is no plan for an operation."""


class Selections:
    """The selections of a document that was found valid, for variables that skip the same parts.

    DeclinedError for what they do not know.
    """

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, variables: VariableValues
    ) -> None:
        self.schema = schema
        self.variables = variables
        self.fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }

    def of(self, type_: GraphQLObjectType, sets: Sequence[SelectionSetNode]) -> Fields:
        """The fields that are selected of an object, by the names under which they are answered."""
        fields: dict[str, list[FieldNode]] = {}
        spread: set[str] = set()
        for selection_set in sets:
            self._collect(type_, selection_set, fields, spread)
        return fields

    def below(
        self, type_: GraphQLOutputType, sets: tuple[SelectionSetNode, ...]
    ) -> Iterator[tuple[GraphQLObjectType, FieldNode]]:
        """The fields that are selected of any object below a field, each with the object's type."""
        waiting: list[tuple[Any, tuple[SelectionSetNode, ...]]] = [(get_named_type(type_), sets)]
        seen: set[tuple[object, ...]] = set()
        while waiting:
            named, selected = waiting.pop()
            key = (named.name, *map(id, selected))
            if key in seen:
                continue
            seen.add(key)
            if is_abstract_type(named):
                waiting += [(member, selected) for member in self.schema.get_possible_types(named)]
            elif is_object_type(named):
                for nodes in self.of(named, selected).values():
                    yield named, nodes[0]
                    field = named.fields.get(nodes[0].name.value)
                    if field is not None:
                        waiting.append((get_named_type(field.type), inner_sets(nodes)))

    def variables_below(self, nodes: Sequence[FieldNode]) -> Iterator[str]:
        """The names of the variables in the arguments of fields, and of all below them."""
        waiting: list[Any] = list(nodes)
        spread: set[str] = set()
        while waiting:
            node = waiting.pop()
            if isinstance(node, FragmentSpreadNode):
                if node.name.value not in spread:
                    spread.add(node.name.value)
                    waiting.append(self.fragments[node.name.value])
                continue
            if isinstance(node, FieldNode):
                for argument in node.arguments or ():
                    yield from variables_in(argument.value)
            waiting += node.selection_set.selections if node.selection_set else ()

    def _collect(
        self,
        type_: GraphQLObjectType,
        selected: SelectionSetNode,
        fields: dict[str, list[FieldNode]],
        spread: set[str],
    ) -> None:
        for node in selected.selections:
            if self._left_out(node):
                continue
            if isinstance(node, FieldNode):
                fields.setdefault((node.alias or node.name).value, []).append(node)
                continue
            fragment: InlineFragmentNode | FragmentDefinitionNode
            if isinstance(node, InlineFragmentNode):
                fragment = node
            else:
                assert isinstance(node, FragmentSpreadNode)
                if node.name.value in spread:
                    continue
                spread.add(node.name.value)
                fragment = self.fragments[node.name.value]
                if fragment.variable_definitions:
                    raise DeclinedError("a fragment with variables")
            condition = fragment.type_condition
            if condition is not None and condition.name.value != type_.name:
                wider = self.schema.get_type(condition.name.value)
                if not is_abstract_type(wider) or not self.schema.is_sub_type(wider, type_):
                    continue
            self._collect(type_, fragment.selection_set, fields, spread)

    def _left_out(self, node: Any) -> bool:
        for directive in node.directives or ():
            if directive.name.value not in ("skip", "include"):
                raise DeclinedError(f"the directive @{directive.name.value}")
        if not node.directives:
            return False
        skip = get_directive_values(GraphQLSkipDirective, node, self.variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self.variables)
        return bool(skip and skip["if"]) or bool(include and not include["if"])


def inner_sets(nodes: Sequence[FieldNode]) -> tuple[SelectionSetNode, ...]:
    """What fields that are answered under one name select."""
    return tuple(node.selection_set for node in nodes if node.selection_set)
