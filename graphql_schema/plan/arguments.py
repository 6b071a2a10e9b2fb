"""Arguments of fields: coerced by graphql-core and converted by Strawberry, once if they can be."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import is_dataclass
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
    """Stands for a value within those of the variables while a template is made."""

    __slots__ = ("path",)

    def __init__(self, path: Sequence[str | int]) -> None:
        self.path = path

    def __iter__(self) -> Iterator["_Entries"]:
        """What `list` makes of a list, as Strawberry does of one that it has only to copy."""
        return iter((_Entries(self.path),))

    def __contains__(self, name: object) -> bool:
        """Whoever takes it for an input object looks at the value."""
        raise TypeError


class _Entries(_Placeholder):
    """Stands for all entries of a list."""

    __slots__ = ()
    __iter__ = None  # type: ignore[assignment]  # nor is it a list itself


class _Template:
    """Arguments as graphql-core and Strawberry make them, once, with the values left to be put in.

    That takes the tenth part of the time. There is one for each shape of the values: which there
    are, which of them are null, and what input objects have. Where something looks at a value
    itself they go the long way.
    """

    def __init__(
        self, convert: Callable[[VariableValues | None], dict[str, Any]], names: Sequence[str]
    ) -> None:
        self.convert = convert
        self.names = names
        self.made: dict[object, Mapping[str, _Fill] | None] = {}

    def __call__(self, values: VariableValues) -> Mapping[str, Any]:
        coerced = values.coerced
        shape = tuple([_shape(coerced[name]) if name in coerced else ... for name in self.names])
        try:
            made = self.made[shape]
        except KeyError:
            if len(self.made) >= SHAPES_KEPT:
                self.made.clear()
            made = self.made[shape] = self._make(values)
        if made is None:
            return self.convert(values)
        return {name: fill(coerced) for name, fill in made.items()}

    def _make(self, values: VariableValues) -> Mapping[str, _Fill] | None:
        coerced = values.coerced
        standing = {
            name: _standing(coerced[name], [name]) for name in self.names if name in coerced
        }
        try:
            converted = self.convert(VariableValues(values.sources, standing))
            return {name: _filling(value) for name, value in converted.items()}
        except Exception:  # something looks at the value
            return None


SHAPES_KEPT = 8
"""For how many shapes of values a template is kept; the others are forgotten then."""
MOST_OBJECTS = 4
"""How many input objects a list may have for which there is a template."""
_LEAF = "leaf"


def _shape(value: Any) -> object:
    """What of a value its conversion depends on; lists of other than input objects have none."""
    if value is None:
        return None
    if type(value) is dict:
        return tuple([(name, _shape(part)) for name, part in value.items()])
    if _has_objects(value):
        return tuple([_shape(part) for part in value])
    return _LEAF


def _standing(value: Any, path: Sequence[str | int]) -> Any:
    """A value of the same shape, with placeholders in it."""
    if value is None:
        return None
    if type(value) is dict:
        return {name: _standing(part, [*path, name]) for name, part in value.items()}
    if _has_objects(value):
        return [_standing(part, [*path, place]) for place, part in enumerate(value)]
    return _Placeholder(path)


def _has_objects(value: Any) -> bool:
    return type(value) is list and 0 < len(value) <= MOST_OBJECTS and type(value[0]) is dict


def _filling(value: Any) -> _Fill:
    """What puts the values into a part of a template; what has none in it is shared."""
    if type(value) is _Placeholder:
        return _read_at(value.path)
    if type(value) is list:
        if len(value) == 1 and type(value[0]) is _Entries:
            read = _read_at(value[0].path)
            return lambda coerced: list(read(coerced))
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
    if type(value) is dict:  # which may have some in it
        raise TypeError
    return lambda _: value


def _read_at(path: Sequence[str | int]) -> _Fill:
    """What finds a value within those of the variables."""
    if len(path) == 1:
        return itemgetter(path[0])

    def read(coerced: Any) -> Any:
        for step in path:
            coerced = coerced[step]
        return coerced

    return read


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
