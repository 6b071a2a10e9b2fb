"""Rows by ids of other systems, whatever is a capital letter in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from tortoise.expressions import Q
from tortoise.functions import Lower
from tortoise.queryset import QuerySet

from kb.models.base import DatabaseRow
from kb.rules.spelling import in_any_case

R = TypeVar("R", bound=DatabaseRow)


def with_any_id(rows: QuerySet[R], ids: Iterable[str], columns: Iterable[str]) -> QuerySet[R]:
    """Those that have one of the ids in one of the columns, each of which has an index for it."""
    values: Any = sorted({value for id_ in ids for value in in_any_case(id_)})
    lowered = {f"lower_{column}": Lower(column) for column in columns}
    has_one = Q(*(Q(**{f"{name}__in": values}) for name in lowered), join_type=Q.OR)
    return rows.annotate(**lowered).filter(has_one)
