"""Arguments of fields: coerced by graphql-core and converted by Strawberry, once if they can be."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import is_dataclass
from datetime import date
from operator import itemgetter
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    ListValueNode,
    ObjectValueNode,
    VariableNode,
    get_argument_values,
)
from graphql.execution.values import VariableValues
from strawberry import Schema
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

_Fill = Callable[[Mapping[str, Any]], Any]
Compute = Callable[[VariableValues], Mapping[str, Any]]


def arguments_of(
    schema: Schema, field: GraphQLField, definition: StrawberryField, node: FieldNode
) -> tuple[Mapping[str, Any], Compute | None]:
    """The arguments by their Python names that are always the same, and how others are computed."""

    def convert(values: VariableValues | None) -> dict[str, Any]:
        return convert_arguments(
            get_argument_values(field, node, values),
            definition.arguments,
            scalar_registry=schema.schema_converter.scalar_registry,
            config=schema.config,
        )

    names = sorted({name for value in node.arguments or () for name in variables_in(value.value)})
    if not names:
        return convert(None), None
    return {}, _Template(convert, names)


class _Placeholder:
    """Stands for the value of a variable while a template is made."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class _Template:
    """Arguments as graphql-core and Strawberry make them, once, with the values left to be put in.

    That takes the tenth part of the time. Values that are converted further, such as lists, and
    null, which is refused in some places, go the long way.
    """

    def __init__(
        self, convert: Callable[[VariableValues | None], dict[str, Any]], names: Sequence[str]
    ) -> None:
        self.convert = convert
        self.names = names
        self.made: dict[tuple[str, ...], Mapping[str, _Fill] | None] = {}

    def __call__(self, values: VariableValues) -> Mapping[str, Any]:
        coerced = values.coerced
        present = tuple(name for name in self.names if name in coerced)
        if present not in self.made:
            self.made[present] = self._make(present, values)
        made = self.made[present]
        if made is None or not all(type(coerced[name]) in _AS_THEY_ARE for name in present):
            return self.convert(values)
        return {name: fill(coerced) for name, fill in made.items()}

    def _make(self, present: Sequence[str], values: VariableValues) -> Mapping[str, _Fill] | None:
        standing = VariableValues(values.sources, {name: _Placeholder(name) for name in present})
        try:
            return {name: _filling(value) for name, value in self.convert(standing).items()}
        except Exception:  # something looks at the value
            return None


# What neither graphql-core nor Strawberry looks at or changes once a variable has it.
_AS_THEY_ARE = frozenset((str, int, float, bool, date))


def _filling(value: Any) -> _Fill:
    """What puts the values into a part of a template; what has none in it is shared."""
    if type(value) is _Placeholder:
        return itemgetter(value.name)
    if type(value) is list:
        entries = [_filling(entry) for entry in value]
        return lambda coerced: [fill(coerced) for fill in entries]
    if is_dataclass(value) and not isinstance(value, type):
        cls, parts = type(value), vars(value)
        varying = {name: _filling(part) for name, part in parts.items() if type(part) in _FILLED}
        varying |= {name: _filling(part) for name, part in parts.items() if is_dataclass(part)}

        def made(coerced: Mapping[str, Any]) -> Any:
            copy = object.__new__(cls)
            copy.__dict__.update(parts)
            for name, fill in varying.items():
                copy.__dict__[name] = fill(coerced)
            return copy

        return made
    return lambda _: value


_FILLED = frozenset((_Placeholder, list))


def variables_in(value: Any) -> Iterator[str]:
    """The names of the variables within a value of a document."""
    if isinstance(value, VariableNode):
        yield value.name.value
    elif isinstance(value, ListValueNode):
        for entry in value.values:
            yield from variables_in(entry)
    elif isinstance(value, ObjectValueNode):
        for field in value.fields:
            yield from variables_in(field.value)
