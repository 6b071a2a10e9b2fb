"""Conditions and decision tables: known inputs with known values, no gap, no overlap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce
from itertools import product
from math import prod
from operator import and_
from typing import Any, Final

from kb.content.files import nearest
from kb.content.reading import Path
from kb.rules.codes import DataPart, SharingStatus
from kb.rules.inputs import (
    AssessedBy,
    AssessmentKind,
    CountryKind,
    GatewayProfileState,
    InterestTiming,
    Publication,
    Registration,
    ServiceCycle,
    Ternary,
)
from kb.rules.rulebook import Condition, Table

Finding = tuple[Path, str, str]
"""Where within a record, what is wrong, and what is allowed."""

INPUTS: Final[Mapping[str, tuple[str, ...]]] = {
    name: tuple(values)
    for name, values in {
        "country_kind": CountryKind,
        "enrolled": Ternary,
        "in_scope": Ternary,
        "capacity_available": Ternary,
        "assessment": AssessmentKind,
        "interest": InterestTiming,
        "gateway_profile": GatewayProfileState,
        "self_assessed_before": Ternary,
        "step_1_self_assessed": Ternary,
        "registration": Registration,
        "publication": Publication,
        "service_cycle": ServiceCycle,
        "interest_next": Ternary,
        "assessed_by": AssessedBy,
        "sharing": SharingStatus,
        "part": DataPart,
        "self_assessed": Ternary,
    }.items()
}
"""Every input a condition may name, with all its values, in the order in which to tell them."""

_DATA: Final = ("part", "self_assessed")
_OUTCOMES: Final = ("assessed_by", "sharing")


def _without(*names: str) -> Mapping[str, tuple[str, ...]]:
    return {name: values for name, values in INPUTS.items() if name not in names}


OF_FACILITY: Final = _without(*_DATA)
"""What is known of a facility once the tables have decided; `sharing` is decided last."""

OF_PASSAGE: Final[Mapping[str, tuple[str, ...]]] = {**OF_FACILITY, "wishes_to_share": ("YES", "NO")}
"""What is known of a facility by the words of a question; the rules do not ask for the wish."""

OF_TABLE: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "A": _without(*_DATA, *_OUTCOMES),
    "C": INPUTS,
}
"""What is known when a table is asked, where that differs from `_OF_OTHER_TABLES`.

Table C is asked for each part of the data.
"""

OF_GUARD: Final[Mapping[str, tuple[str, ...]]] = {
    **{name: INPUTS[name] for name in ("country_kind", "sharing", "gateway_profile")},
    **{name: INPUTS[name] for name in ("enrolled", "in_scope", "capacity_available")},
    "cycle": ("NONE", "OPEN", "CLOSED"),
    "registration": INPUTS["registration"],
    "publication": INPUTS["publication"],
    **dict.fromkeys(
        (
            "interest_open",
            "interest_ever",
            "assessed",
            "shared_with_grantee",
            "sees_status",
            "contestable",
        ),
        ("YES", "NO"),
    ),
}
"""What the guard of an event looks at; see `kb.rules.transitions`."""

_OF_OTHER_TABLES: Final = _without(*_DATA, "sharing")


def wrong_in_condition(
    condition: Condition, path: Path, allowed: Mapping[str, tuple[str, ...]] = OF_FACILITY
) -> Iterator[Finding]:
    """Unknown inputs and values of one alternative."""
    for name, values in condition.items():
        place = (*path, name)
        if name not in allowed:
            hint = nearest(name, list(allowed))
            yield place, f"{name} is not a known input{hint}", ", ".join(allowed)
            continue
        if not values:
            yield place, f"{name} accepts no value", ", ".join(allowed[name])
        for value in values:
            if value not in allowed[name]:
                hint = nearest(value, list(allowed[name]))
                wrong = f"{value} is not a value of {name}{hint}"
                yield place, wrong, ", ".join(allowed[name])


def wrong_in_table(table: Table[Any]) -> Iterator[Finding]:
    """What is wrong with a table's inputs and conditions, and where rows overlap or are missing."""
    findings: list[Finding] = []
    known = OF_TABLE.get(table.id, _OF_OTHER_TABLES)
    for name, values in table.inputs.items():
        path: Path = ("inputs", name)
        if name not in known:
            findings += wrong_in_condition({name: values}, ("inputs",), known)
        elif sorted(values) != sorted(known[name]):
            wrong = f"{name} must list each of its values once"
            findings.append((path, wrong, ", ".join(known[name])))
    for place, row in enumerate(table.rows):
        if not row.when:
            path = ("rows", place, "when")
            findings.append((path, f"row {row.id} has no condition", "`{}` for always"))
        for at, condition in enumerate(row.when):
            path = ("rows", place, "when", at)
            findings += wrong_in_condition(condition, path, table.inputs)
    # Gaps and overlaps that follow from a misspelt input would only hide it.
    yield from findings or _uncovered(table)


def _uncovered(table: Table[Any]) -> Iterator[Finding]:
    total = prod(len(values) for values in table.inputs.values())
    # Of the combinations that the same rows match: how many they are, and the first of them.
    wrong: dict[tuple[int, ...], tuple[int, tuple[tuple[str, int], ...]]] = {}
    places = [place for place, row in enumerate(table.rows) for _ in row.when]
    accepting, every = _accepting(table), (1 << len(places)) - 1
    # Tens of thousands of combinations are met by few sets of conditions.
    rows_of: dict[int, tuple[int, ...]] = {}
    for values in product(*accepting):
        met = reduce(and_, [accepted for _, accepted in values], every)
        matching = rows_of.get(met)
        if matching is None:
            matching = tuple(dict.fromkeys(row for at, row in enumerate(places) if met >> at & 1))
            rows_of[met] = matching
        if len(matching) != 1:
            number, first = wrong.get(matching, (0, values))
            wrong[matching] = number + 1, first
    for matching, (number, first) in wrong.items():
        ids = [table.rows[place].id for place in matching]
        match = f"rows {', '.join(ids[:-1])} and {ids[-1]} all match" if ids else "no row matches"
        example = ", ".join(
            f"{name}={value}" for name, (value, _) in zip(table.inputs, first, strict=True)
        )
        yield (
            ("rows", *matching[-1:]),
            f"{match} {number} of {total} combinations, for example {example}",
            "exactly one row for each",
        )


def _accepting(table: Table[Any]) -> list[list[tuple[str, int]]]:
    """For each input its values, each with the conditions of the table that accept it.

    They are a bit for each condition, those of the first row first.
    """
    conditions = [condition for row in table.rows for condition in row.when]
    return [
        [
            (
                value,
                sum(
                    1 << at
                    for at, condition in enumerate(conditions)
                    if name not in condition or value in condition[name]
                ),
            )
            for value in values
        ]
        for name, values in table.inputs.items()
    ]
