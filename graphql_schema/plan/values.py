"""Source of how values are completed: as lists, as objects, as scalars and enums."""

from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    SelectionSetNode,
    is_abstract_type,
    is_leaf_type,
)

from graphql_schema.plan.leaves import PLAIN, Members, coercion
from graphql_schema.plan.source import PythonSource


class ValuesSource(PythonSource):
    """Expressions of values as answers say them; who compiles selections says how objects are."""

    def _selection(self, type_: Any, sets: tuple[SelectionSetNode, ...]) -> str:
        """The function that answers what is selected of an object, by its name."""
        raise NotImplementedError

    def _selection_of_each(
        self, type_: GraphQLObjectType, sets: tuple[SelectionSetNode, ...]
    ) -> str:
        """The function that answers what is selected of each object in a list, by its name."""
        raise NotImplementedError

    def _completed(
        self, type_: GraphQLOutputType, value: str, sets: tuple[SelectionSetNode, ...]
    ) -> str:
        """The expression of a value as the answer says it; `value` is the name of a variable."""
        required = isinstance(type_, GraphQLNonNull)
        inner: Any = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
        if isinstance(inner, GraphQLList):
            made = self._list(inner, value, sets)
        elif is_leaf_type(inner):
            return self._leaf(inner, value, required=required)
        else:
            made = f"{self._selection(inner, sets)}({value}, state)"
        return made if required else f"(None if {value} is None else {made})"

    def _list(self, type_: GraphQLList[Any], value: str, sets: tuple[SelectionSetNode, ...]) -> str:
        of_type = type_.of_type
        required = isinstance(of_type, GraphQLNonNull)
        entry = of_type.of_type if required else of_type
        if isinstance(entry, GraphQLList) or is_leaf_type(entry):
            name = f"{value}_"
            return f"[{self._completed(of_type, name, sets)} for {name} in listed({value})]"
        if required and not is_abstract_type(entry):
            return f"{self._selection_of_each(entry, sets)}(listed({value}), state)"
        select = self._selection(entry, sets)
        return f"items(listed({value}), state, {select}, {not required})"

    def _leaf(self, type_: GraphQLLeafType, value: str, *, required: bool) -> str:
        if isinstance(type_, GraphQLEnumType):
            return f"{self._bind('member', Members(type_, required=required))}[{value}]"
        coerced = f"{self._bind('coerce', coercion(type_, required=required))}({value})"
        plain = PLAIN.get(type_.name)
        if plain is None:
            return coerced
        as_it_is = plain.format(value=value)
        if not required:
            as_it_is += f" or {value} is None"
        return f"({value} if {as_it_is} else {coerced})"
