"""Answers plain fields straight, which is most of what answers are made of.

For every field graphql-core builds an info object, gathers arguments and asks whether the value
can be awaited, and Strawberry converts arguments, even where there are none. A field whose value
is an attribute or comes from a short method, and is a scalar, an enum or a list of those, needs
none of that: here it is read and coerced, and that is all. Whatever is out of the ordinary, and so
every error, is left to graphql-core and Strawberry, which then do the field again.
"""

from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    Undefined,
    get_named_type,
    is_leaf_type,
    is_union_type,
)
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from graphql_schema.presenter import plain_field

Complete = Callable[[Any], Any]

# What leaf fields hold, enums and datetimes included; never an error or something to await.
_PLAIN = (str, int, float, date)


class Straight:
    """A resolver that reads the value of a field from its object.

    `usual` is Strawberry's resolver, for a field that is given arguments. `complete` turns the
    value into what the answer says; None for objects and for what needs `info`.
    """

    __slots__ = ("complete", "definition", "read", "usual")

    def __init__(self, field: GraphQLField, definition: StrawberryField, owner: type) -> None:
        resolver = definition.base_resolver
        self.usual: Any = field.resolve
        self.definition = definition if resolver and resolver.info_parameter else None
        function: Any = resolver and resolver.wrapped_func
        self.read: Callable[..., Any] = function or plain_field(owner, definition.python_name)
        self.complete = None if self.definition else _completion(field.type)

    def __call__(self, source: Any, info: Any, **arguments: Any) -> Any:
        """Resolve the field as graphql-core asks it to."""
        for value in arguments.values():
            if value is not None:
                return self.usual(source, info, **arguments)
        if self.definition is None:
            return self.read(source)
        return self.read(source, strawberry.Info(_raw_info=info, _field=self.definition))


class StraightExecution(StrawberryGraphQLCoreExecutionContext):
    """Execution as in graphql-core, but for straight fields."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        manager = self.middleware_manager
        self._watched = manager is not None and bool(manager.middlewares)
        # For resolvers that wait for several things; none here asks, and they hold the execution.
        self.async_helpers: Any = None

    def execute_field(
        self,
        parent_type: GraphQLObjectType,
        source: Any,
        field_details_list: Any,
        path: Any,
        position_context: Any,
    ) -> Any:
        """Answer one field."""
        node = field_details_list[0].node
        field = parent_type.fields.get(node.name.value)
        straight = field and field.resolve
        if (
            type(straight) is Straight
            and straight.complete
            and not node.arguments
            and not self._watched
        ):
            try:
                return straight.complete(straight.read(source))
            except Exception:
                pass  # the usual way below fails again, and reports it
        return super().execute_field(
            parent_type, source, field_details_list, path, position_context
        )


def straighten(schema: strawberry.Schema) -> None:
    """Make straight what can be: fields that are not async, guarded, extended or unions."""
    roots = {schema._schema.mutation_type, schema._schema.subscription_type}
    for type_ in schema._schema.type_map.values():
        owner = type_.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
        if isinstance(type_, GraphQLObjectType) and owner is not None and type_ not in roots:
            for field in type_.fields.values():
                definition = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
                if isinstance(definition, StrawberryField) and _can_be_straight(field, definition):
                    field.resolve = Straight(field, definition, owner.origin)


def _can_be_straight(field: GraphQLField, definition: StrawberryField) -> bool:
    if definition.extensions or definition.is_async or is_union_type(get_named_type(field.type)):
        return False
    resolver = definition.base_resolver
    if resolver is None:
        return True
    names = list(resolver.signature.parameters)
    info = resolver.info_parameter
    # The reading side calls resolvers by position: the object first, then `info`.
    fits = bool(resolver.self_parameter) or names[0] == "root"
    fits = fits and (info is None or names[1] == info.name)
    return fits and all(argument.default is None for argument in definition.arguments)


def _completion(type_: GraphQLOutputType) -> Complete | None:
    if isinstance(type_, GraphQLNonNull):
        inner = _completion(type_.of_type)
        return inner and _required(inner)
    if isinstance(type_, GraphQLList):
        inner = _completion(type_.of_type)
        return inner and _listed(inner)
    return _leaf(type_) if is_leaf_type(type_) else None


def _required(inner: Complete) -> Complete:
    def complete(value: Any) -> Any:
        if value is None:
            raise TypeError("null")
        return inner(value)

    return complete


def _listed(inner: Complete) -> Complete:
    def complete(values: Any) -> Any:
        if values is None:
            return None
        if type(values) not in (list, tuple):
            raise TypeError("not a list")
        return [inner(value) for value in values]

    return complete


def _leaf(type_: GraphQLLeafType) -> Complete:
    coerce = type_.coerce_output_value
    if isinstance(type_, GraphQLEnumType):
        coerce = cache(coerce)  # Strawberry looks through the members every time

    def complete(value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, _PLAIN):
            raise TypeError("not plain")
        coerced = coerce(value)
        if coerced is None or coerced is Undefined:
            raise TypeError("not a value of the type")
        return coerced

    return complete
