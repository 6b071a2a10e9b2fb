"""Every GraphQL type is resolved from the Python type that it says it presents."""

from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

import pytest
import strawberry
from strawberry.types.base import StrawberryContainer, StrawberryObjectDefinition
from strawberry.types.field import StrawberryField
from strawberry.types.lazy_type import LazyType
from strawberry.types.union import StrawberryUnion

from graphql_schema.presenter import PRESENTED, Presenter, presents
from graphql_schema.schema import schema

FIELDS = [
    (type_.definition, field)
    for type_ in schema.schema_converter.type_map.values()
    if isinstance(type_.definition, StrawberryObjectDefinition)
    and not type_.definition.is_input
    and not type_.definition.is_interface
    for field in type_.definition.fields
]


def leaves(hint: Any) -> Iterator[Any]:
    """The types of single objects in an annotation."""
    if isinstance(hint, TypeVar):
        return
    origin = get_origin(hint)
    if origin is Annotated:
        yield from leaves(get_args(hint)[0])
    elif origin in (Union, UnionType) or (
        isinstance(origin, type) and origin.__module__ in ("builtins", "collections.abc")
    ):
        for part in get_args(hint):
            yield from leaves(part)
    elif hint not in (NoneType, None, Ellipsis):
        yield hint


def graphql_classes(type_: Any) -> Iterator[Any]:
    """The GraphQL classes that the type of a field is made of."""
    if isinstance(type_, StrawberryContainer):
        yield from graphql_classes(type_.of_type)
    elif isinstance(type_, LazyType):
        yield type_.resolve_type()
    elif isinstance(type_, StrawberryUnion):
        for member in type_.types:
            yield from graphql_classes(member)
    else:
        yield type_


def fits(python_type: Any, presented: Any) -> bool:
    """Whether objects of a Python type are objects of the type presented, or the other way."""
    declared, other = get_origin(python_type) or python_type, get_origin(presented) or presented
    if not (issubclass(declared, other) or issubclass(other, declared)):
        return False
    records = zip(get_args(python_type), get_args(presented), strict=False)
    return not issubclass(other, Presenter) or all(
        isinstance(part, TypeVar) or any(fits(leaf, record) for leaf in leaves(part))
        for part, record in records
    )


def annotation_of(definition: StrawberryObjectDefinition, field: StrawberryField) -> Any:
    """The annotation of what a field returns: of its resolver, or of the attribute it reads."""
    if field.base_resolver:
        return get_type_hints(field.base_resolver.wrapped_func)["return"]
    presented = getattr(definition.origin, PRESENTED, None)
    for cls in (get_origin(presented) or presented, *get_args(presented)):
        if cls is None:
            break
        if field.name in (hints := get_type_hints(cls)):
            return hints[field.name]
        if isinstance(found := getattr(cls, field.name, None), property):
            return get_type_hints(found.fget)["return"]
    return None  # of a page, or of a class that the presenter names as its base's


def test_resolvers_take_what_their_types_present() -> None:
    for definition, field in FIELDS:
        presented = getattr(definition.origin, PRESENTED, None)
        if presented is not None and field.base_resolver is not None:
            root = get_type_hints(field.base_resolver.wrapped_func)["root"]
            assert getattr(root, "_is_protocol", False) or any(
                fits(leaf, presented) for leaf in leaves(root)
            ), f"{definition.name}.{field.name} takes {root}, not {presented}"


def test_fields_are_given_what_their_types_present() -> None:
    for definition, field in FIELDS:
        classes = list(graphql_classes(field.type))
        hint = annotation_of(definition, field)
        if hint is not None and any(hasattr(cls, PRESENTED) for cls in classes):
            fitting = [
                any(fits(leaf, getattr(cls, PRESENTED, cls)) for cls in classes)
                for leaf in leaves(hint)
            ]
            # Refusals are raised, and one annotation serves both unions of changes.
            enough = any if len(classes) > 1 else all
            assert enough(fitting), f"{definition.name}.{field.name} is given {hint}"


def test_a_field_that_the_presented_object_does_not_have_is_refused_at_once() -> None:
    class Thing:
        name: str

    with pytest.raises(TypeError, match=r"Described.weight: .* has no such thing"):

        @presents(Thing, "A thing.")
        class Described:
            name: str = strawberry.field(description="Its name.")
            weight: int = strawberry.field(description="Its weight.")
