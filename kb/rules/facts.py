"""Dated facts, and how they are read on a day without guessing."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, Generic, TypeVar

from kb.rules.evidence import Citation, KnowledgeLayer

Layers = frozenset[KnowledgeLayer]
ALL_LAYERS: Layers = frozenset(KnowledgeLayer)

T = TypeVar("T")


class DatePrecision(StrEnum):
    """How exactly the source dates a fact."""

    DAY = "DAY"
    MONTH = "MONTH"
    YEAR = "YEAR"


_DIGITS: Final = {DatePrecision.DAY: 10, DatePrecision.MONTH: 7, DatePrecision.YEAR: 4}


def as_dated(day: date, precision: DatePrecision) -> str:
    """A day as exactly as the source dates it, such as 2021-10 for a month."""
    return day.isoformat()[: _DIGITS[precision]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedFact(Generic[T]):
    """A fact that holds from a day on, until a later entry ends it; value None withdraws it.

    `valid_from` is the first day on which the fact is safe to state; `precision` tells how exactly
    the source dates it. `checked_on` is the day the entry was last compared with its source.
    """

    valid_from: date
    precision: DatePrecision
    value: T | None
    text: str
    citations: tuple[Citation, ...]
    checked_on: date

    @property
    def layer(self) -> KnowledgeLayer:
        """The layer of the fact: that of its first citation."""
        return self.citations[0].layer


def fact_on(facts: Iterable[DatedFact[T]], as_of: date, layers: Layers) -> DatedFact[T] | None:
    """The fact that holds on a day in the layers asked for, or None when the day is not covered.

    The latest entry wins; on the same day the source document wins over the public record.
    """
    known = [fact for fact in facts if fact.valid_from <= as_of and fact.layer in layers]
    latest = max(
        known,
        key=lambda fact: (fact.valid_from, fact.layer is KnowledgeLayer.SHARED_FAQS_2021),
        default=None,
    )
    return latest if latest is not None and latest.value is not None else None


def position_on(turning_days: tuple[date, ...], as_of: date) -> int:
    """How many of the (sorted) days on which some fact begins lie on or before the day.

    Two days with the same position have the same facts, so a decision may be kept per position.
    """
    return bisect_right(turning_days, as_of)
