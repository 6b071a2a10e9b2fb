"""Selections that ask for all there is, made from the schema itself."""

from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from graphql_schema.schema import schema

TYPES = schema._schema.type_map


def everything(type_name: str, *, without: frozenset[str] = frozenset()) -> str:
    """Every field of a type, and of the types below, each type once on the way down.

    Citations stand everywhere, so they are asked for by the fragment `CITATION`, to be added to
    the document. `without` names fields to leave out, as Type.field.
    """
    return _selection(TYPES[type_name], (), without)


def _selection(type_: object, above: tuple[str, ...], without: frozenset[str]) -> str:
    assert isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)
    fields = []
    for name, field in type_.fields.items():
        if f"{type_.name}.{name}" in without or any(map(is_required_argument, field.args.values())):
            continue
        inner = get_named_type(field.type)
        if is_leaf_type(inner):
            fields.append(name)
        elif inner.name == "Citation":
            fields.append(f"{name} {{ ...Everything }}")
        elif inner.name not in (*above, type_.name):
            fields.append(f"{name} {_selection(inner, (*above, type_.name), without)}")
    return "{ __typename " + " ".join(fields) + " }"


CITATION = f"fragment Everything on Citation {everything('Citation')}"
