"""What is kept as JSON takes the memory that it needs."""

import tracemalloc

import orjson

from graphql_schema.kept_json import kept_json
from graphql_schema.plan.parts import part_of


def test_short_json_that_is_kept_takes_little_more_than_its_text():
    value = {"__typename": "CaughtUp", "cursor": "a" * 60}
    assert kept_json(value) == orjson.dumps(value)
    tracemalloc.start()
    for make in (kept_json, part_of):
        before = tracemalloc.get_traced_memory()[0]
        kept = [make(value) for _ in range(1_000)]
        each = (tracemalloc.get_traced_memory()[0] - before) / len(kept)
        assert each < 2 * len(orjson.dumps(value)) + 200
    tracemalloc.stop()
