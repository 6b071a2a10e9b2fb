"""Values without parts: how scalars and enums are answered."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import orjson
from graphql import GraphQLEnumType, GraphQLLeafType, Undefined

from graphql_schema.plan.parts import Hole
from graphql_schema.plan.running import StepAsideError
from graphql_schema.presenter import Slot

TEXTS_KEPT = 5_000
"""Values of one field that are kept as JSON."""

PLAIN: Mapping[str, str] = {
    "String": "type({value}) is str",
    "ID": "type({value}) is str",
    "CountryCode": "type({value}) is str",
    "Markdown": "type({value}) is str",
    "Boolean": "type({value}) is bool",
    "Int": "type({value}) is int and -2147483648 <= {value} <= 2147483647",
    "Date": "type({value}) is date",
}
"""Scalars, each with the condition on a value that is answered as it is; orjson knows days."""


def coercion(type_: GraphQLLeafType, *, required: bool) -> Callable[[Any], Any]:
    """What turns a value into what the answer says; StepAsideError where that is nothing."""

    def coerce(value: Any) -> Any:
        if type(value) is Slot:
            return Hole(value, texts)
        if value is None and not required:
            return None
        coerced = type_.coerce_output_value(value)
        if value is None or coerced is None or coerced is Undefined:
            raise StepAsideError
        return coerced

    def coerce_own(value: Any) -> Any:
        return coerce(date.fromisoformat(value) if is_day and type(value) is str else value)

    is_day = type_.name == "Date"  # which an object may have as it is kept
    texts = Texts(coerce_own)
    return coerce


class Texts(dict[Any, bytes]):
    """Values as JSON, such as days, of which there are few; those of them that came lately."""

    def __init__(self, coerce: Callable[[Any], Any]) -> None:
        self._coerce = coerce

    def __missing__(self, value: Any) -> bytes:
        if len(self) >= TEXTS_KEPT:
            self.clear()
        made = self[value] = orjson.dumps(self._coerce(value))
        return made


class Members(dict[Any, Any]):
    """The names of the members of an enum, as Strawberry looks through them every time."""

    def __init__(self, type_: GraphQLEnumType, *, required: bool) -> None:
        self._coerce = coercion(type_, required=required)

    def __missing__(self, value: Any) -> Any:
        made = self[value] = self._coerce(value)
        return made
