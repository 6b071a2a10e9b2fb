"""What each object has of its own is put into what is the same for all of them."""

from datetime import date
from typing import NamedTuple

import orjson
import pytest

from graphql_schema.plan.leaves import coercion
from graphql_schema.plan.parts import Template, part_of
from graphql_schema.presenter import Slot, Slots, with_only
from graphql_schema.schema import schema

DAY = coercion(schema._schema.type_map["Date"], required=False)


def test_an_answer_has_the_values_of_its_object():
    part, size = part_of({"steps": [{"doneOn": DAY(Slots().get(code))} for code in ("A", "B")]})
    assert isinstance(part, Template)
    assert size == len(orjson.dumps({"steps": [{"doneOn": 1}, {"doneOn": 2}]}))
    for value in (date(2021, 10, 4), None):
        filled = orjson.loads(orjson.dumps(part.filled({"A": value})))
        assert filled == {"steps": [{"doneOn": value and value.isoformat()}, {"doneOn": None}]}


@pytest.mark.parametrize("look", [str, bool, repr, hash, "{}".format, lambda slot: slot == 1])
def test_what_looks_at_such_a_value_does_not_learn_it(look):
    with pytest.raises(AttributeError):
        look(Slot("A"))


class Named(NamedTuple):
    name: str
    country: str

    @property
    def label(self) -> str:
        return f"{self.name} in {self.country}"


def test_what_is_left_out_of_a_tuple_with_names_is_not_there():
    alone = with_only(Named("Mill", "VN"), country="VN")
    assert isinstance(alone, Named)
    assert alone.country == "VN"
    for look in (lambda: alone.name, lambda: alone.label):
        with pytest.raises(AttributeError):
            look()
