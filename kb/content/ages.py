"""How long ago each dated fact and each source was last compared with where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Any

from kb.content.records import Library
from kb.rules.facts import DatedFact


@dataclass(frozen=True, slots=True)
class LastCheck:
    """A fact, FAQ or source with the day of its last check; `valid_from` only for facts."""

    checked_on: date
    kind: str
    key: str
    valid_from: date | None
    text: str


def last_checks(library: Library) -> list[LastCheck]:
    """Everything that is checked against a source, the longest unchecked first."""
    checks: list[LastCheck] = []
    for kind in fields(Library):
        records = getattr(library, kind.name)
        for key, record in records.items() if isinstance(records, Mapping) else ():
            if isinstance(day := getattr(record, "checked_on", None), date):
                text = getattr(record, "title", "")
                checks.append(LastCheck(day, kind.name, str(key), None, text))
            checks += [
                LastCheck(fact.checked_on, kind.name, str(key), fact.valid_from, fact.text)
                for fact in _facts(record)
            ]
    return sorted(checks, key=lambda check: (check.checked_on, check.kind, check.key))


def _facts(value: Any) -> Iterator[DatedFact[Any]]:
    if isinstance(value, DatedFact):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _facts(part)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _facts(getattr(value, field.name))
