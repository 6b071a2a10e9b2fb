"""What is asked by way of graphql-core and by way of a plan, and has to be the same."""

from __future__ import annotations

import itertools
import re
from typing import Any

import orjson

from graphql_schema.metrics import REGISTRY
from tests.access.people import People


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("kb_operation_plans_total", {"outcome": outcome}) or 0.0


def same(body: bytes) -> Any:
    """An answer without what differs from time to time."""
    answer = orjson.loads(body)
    for name in ("remaining", "resetAt"):
        answer.get("extensions", {}).get("cost", {}).pop(name, None)
    for error in answer.get("errors", ()):
        for name in ("id", "requestId"):
            error["extensions"].pop(name, None)
    return orjson.dumps(answer)


_number_of_query = itertools.count()


async def require_same(people: People, name: str, query: str, /, **variables: Any) -> None:
    """Ask three times: graphql-core, a plan that makes ready parts, and a plan that finds them.

    The text is another one each time, so that no earlier question has given it a plan.
    """
    text = f"{query}\n# {next(_number_of_query)}"
    first, *others = [await people.post(name, text, **variables) for _ in range(3)]
    for other in others:
        assert other.status_code == first.status_code
        assert same(other.content) == same(first.content), (name, query, variables)


_TEXT = re.compile(r'"(?:[^"\\\n]|\\.)+"')


async def require_same_as_others(
    people: People, name: str, query: str, /, **variables: Any
) -> bool:
    """Ask a document after two that have other texts in it; whether it then had their plan."""
    number = next(_number_of_query)
    answered = await people.post(name, f"{query}\n# {number} by itself", **variables)
    text = f"{query}\n# {number}"
    for other in ("none", "2021-10-02"):
        await people.post(name, _TEXT.sub(f'"{other}"', text), **variables)
    before = counted("planned")
    shared = await people.post(name, text, **variables)
    assert shared.status_code == answered.status_code
    assert same(shared.content) == same(answered.content), (name, query, variables)
    return counted("planned") > before
