"""Rows that are asked for at the same moment are read together, and for nobody in particular."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Sequence
from contextvars import ContextVar
from typing import Any

from kb.asyncpg_backend.batched_reads import BatchedReads
from tests.trial_databases import on_sqlite

pytestmark = on_sqlite

REQUEST = ContextVar("REQUEST", default="nobody's")


async def test_what_goes_wrong_is_told_to_each_as_an_error_of_its_own() -> None:
    async def read(query: str, values: Sequence[Any], few: bool) -> Sequence[Any]:
        raise LookupError(query, few)

    batched = BatchedReads(read)
    asked = [batched.rows("SELECT id", (), number) for number in range(6)]
    errors = await asyncio.gather(*asked, return_exceptions=True)
    assert {type(error) for error in errors} == {LookupError}
    assert len({id(error) for error in errors}) == 6
    assert {error.args for error in errors} == {("SELECT id IN ($1, $2, $3, $4)", True)}
    for error in errors:
        assert "in read" in "".join(traceback.format_exception(error))


async def test_a_statement_for_several_bears_the_marks_of_none_of_their_requests() -> None:
    of: list[str] = []

    async def read(query: str, values: Sequence[Any], few: bool) -> Sequence[Any]:
        of.append(REQUEST.get())
        return [(value,) for value in set(values)]

    batched = BatchedReads(read)

    async def ask(name: str, number: int) -> Sequence[Any]:
        REQUEST.set(name)
        return await batched.rows("SELECT id", (), number)

    rows = await asyncio.gather(ask("the first", 1), ask("the second", 2))
    assert rows == [[(1,)], [(2,)]]
    assert of == ["nobody's"]
