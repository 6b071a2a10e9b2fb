"""The measures of operations that come again."""

from collections.abc import Mapping, Sequence
from typing import Any

from graphql import DocumentNode, GraphQLSchema, get_operation_ast

from graphql_schema.cost import Measures, hundreds, hundreds_of, measure
from graphql_schema.list_sizes import sizes_of
from kb.content.records import Library

OPERATIONS_REMEMBERED = 1_000
LONGEST_REMEMBERED = 20_000


class RememberedMeasures:
    """Remembers the measures of operations that come again, as taking them takes a millisecond.

    They depend on the variables only through numbers, Booleans and the length of lists and texts.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Measures] = {}
        self._declared: dict[tuple[object, ...], Sequence[str]] = {}

    def of(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        text: str,
        name: str | None,
        variables: Mapping[str, Any],
        largest_page: int,
        library: Library,
    ) -> Measures | None:
        """What the operation of a document with this text measures, as by `measure`."""
        declared = self._declared.get((text, name))
        if declared is None:
            declared = _declared(document, name)
        telling = [
            (variable, _measured_part(variables[variable]))
            for variable in declared
            if variable in variables
        ]
        key = (text, name, largest_page, library.content_hash, *telling)
        if key not in self._known:
            measures = measure(schema, document, name, variables, largest_page, sizes_of(library))
            # What is not executed is not remembered: other variables may be right.
            if measures is None or len(text) > LONGEST_REMEMBERED:
                return measures
            for remembered in (self._known, self._declared):
                if len(remembered) >= OPERATIONS_REMEMBERED:
                    del remembered[next(iter(remembered))]
            self._known[key] = measures
            self._declared[text, name] = declared
        return self._known[key]


def _declared(document: DocumentNode, name: str | None) -> Sequence[str]:
    """The names of the variables that an operation declares."""
    operation = get_operation_ast(document, name)
    definitions = operation.variable_definitions if operation is not None else None
    return [definition.variable.name.value for definition in definitions or ()]


def _measured_part(value: object) -> object:
    """What of the value of a variable the measures depend on."""
    if type(value) is str:
        return "texts", hundreds_of(len(value))
    if isinstance(value, list):
        return "entries", len(value)
    if isinstance(value, str | dict):
        return "texts", hundreds(value)
    return value if isinstance(value, int | float | None) else type(value)
