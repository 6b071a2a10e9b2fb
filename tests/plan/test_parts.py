"""Ready parts are kept up to so many bytes, those asked for last."""

import tracemalloc

from graphql_schema.plan.parts import Parts, Ready


def test_what_is_looked_for_and_not_kept_leaves_nothing():
    parts = Parts()
    tracemalloc.start()
    for number in range(100):
        assert parts.find(f"{number}" * 10_000, 0) is None
    left, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert left < 100_000


def test_what_is_asked_for_again_and_again_is_kept_and_the_rest_goes():
    parts = Parts(most=20_000)
    made = [Ready([None], size=1_000) for _ in range(100)]
    for key, ready in enumerate(made):
        parts.keep("page", key, ready)
        assert parts.find("page", 0) is made[0]
    assert parts.find("page", 99) is made[99]
    assert parts.find("page", 1) is None
    assert parts.find("another page", 0) is None
    assert len(parts) <= 20_000 // made[0].size
