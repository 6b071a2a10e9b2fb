"""What each object has of its own is put into what is the same for all of them."""

import gc
from datetime import date
from operator import itemgetter
from typing import NamedTuple
from weakref import WeakSet

import orjson
import pytest

from graphql_schema.plan.leaves import coercion
from graphql_schema.plan.parts import Part, Template, part_of
from graphql_schema.presenter import Slot, Slots, with_only
from graphql_schema.schema import schema

DAY = coercion(schema._schema.type_map["Date"], required=False)


def test_an_answer_has_the_values_of_its_object():
    part, size = part_of({"steps": [{"doneOn": DAY(Slots().get(code))} for code in ("A", "B")]})
    assert isinstance(part, Template)
    assert size == len(orjson.dumps({"steps": [{"doneOn": 1}, {"doneOn": 2}]}))
    for value in (date(2021, 10, 4), None):
        steps = [{"doneOn": value and value.isoformat()}, {"doneOn": None}]
        assert filled(part, {"A": value}) == {"steps": steps}


def test_a_value_may_be_read_where_the_object_has_it():
    latest = DAY(Slot("latest", itemgetter("latest")))
    source = {"latest": date(2021, 10, 4), "A": date(2021, 12, 24)}
    alone, _ = part_of({"kind": "ENROLLED", "occurredOn": latest})
    assert filled(alone, source) == {"kind": "ENROLLED", "occurredOn": "2021-10-04"}
    among_others, _ = part_of([latest, DAY(Slots().get("A")), latest])
    assert filled(among_others, source) == ["2021-10-04", "2021-12-24", "2021-10-04"]


def filled(part: Part, source: dict[str, date | None]) -> object:
    """What a template answers for an object whose own values are a mapping of them."""
    assert isinstance(part, Template)
    answer: dict[str, object] = {}
    part.answering("name", lambda values: values)(source, None, answer)
    return orjson.loads(orjson.dumps(answer["name"]))


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


def test_classes_of_which_something_was_left_out_do_not_pile_up():
    classes: WeakSet[type[Named]] = WeakSet()
    for _ in range(2_000):
        cls = type("Other", (Named,), {})
        assert with_only(cls("Mill", "VN"), country="VN").country == "VN"
        classes.add(cls)
    del cls
    gc.collect()
    assert len(classes) <= 1_000
