"""What would change between two sets of records, as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from kb.content.library import Record
from kb.content.reading import Path, dotted


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One record that differs. `fields` gives each differing value as (old, new).

    Fields are dotted paths, entries of lists counted from 1, or named by their id where they have
    one: `rows.A1.then.assessed_by`. A value that is not there is None. Records that are added or
    removed have no fields.
    """

    kind: str
    key: str
    what: Literal["added", "removed", "changed"]
    fields: Mapping[str, tuple[Any, Any]]


def changes(old: Iterable[Record], new: Iterable[Record]) -> list[Change]:
    """Every record that is added, removed or changed, in the order of the records."""
    before = {(record.kind, record.key): record.body for record in old}
    after = {(record.kind, record.key): record.body for record in new}
    differing: list[Change] = []
    for kind, key in {**before, **after}:
        was, is_now = before.get((kind, key)), after.get((kind, key))
        if was is None:
            differing.append(Change(kind=kind, key=key, what="added", fields={}))
        elif is_now is None:
            differing.append(Change(kind=kind, key=key, what="removed", fields={}))
        elif was != is_now:
            fields = _differing(_leaves(was, ()), _leaves(is_now, ()))
            differing.append(Change(kind=kind, key=key, what="changed", fields=fields))
    return differing


def _differing(was: Mapping[str, Any], is_now: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {
        path: (was.get(path), is_now.get(path))
        for path in {**was, **is_now}
        if was.get(path) != is_now.get(path)
    }


def _leaves(value: Any, path: Path) -> dict[str, Any]:
    """Dotted path to value; an empty list or mapping is a value."""
    below: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        below = list(value.items())
    elif isinstance(value, list):
        below = [
            (item["id"] if isinstance(item, dict) and "id" in item else place, item)
            for place, item in enumerate(value)
        ]
    if not below:
        return {dotted(path): value}
    leaves: dict[str, Any] = {}
    for part, item in below:
        leaves |= _leaves(item, (*path, part))
    return leaves
