"""Documents and plans that are dropped do not fill memory."""

from __future__ import annotations

import gc

from graphql import parse

from graphql_schema.documents import ValidDocuments
from graphql_schema.garbage_budget import MOST_BYTES, GarbageBudget
from graphql_schema.schema import schema


def looks_among_old_objects() -> int:
    return int(gc.get_stats()[2]["collections"])


def test_python_looks_for_what_was_dropped_when_there_is_much_of_it() -> None:
    counted, before = GarbageBudget(), looks_among_old_objects()
    counted.note(MOST_BYTES - 1)
    assert looks_among_old_objects() == before
    counted.note(1)
    assert looks_among_old_objects() == before + 1
    counted.note(MOST_BYTES - 1)
    assert looks_among_old_objects() == before + 1


def test_documents_that_make_room_for_others_are_counted_as_dropped() -> None:
    documents = ValidDocuments(schema._schema, room=1)
    before = looks_among_old_objects()
    gc.disable()
    try:
        for number in range(40):
            text = " ".join(["{", *(f"a{number}_{field}: __typename" for field in range(900)), "}"])
            assert documents.check(text, parse(text), helped=True) == []
    finally:
        gc.enable()
    assert documents.find(text) is None
    assert looks_among_old_objects() - before in (2, 3)
