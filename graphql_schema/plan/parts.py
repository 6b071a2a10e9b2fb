"""Ready parts: pieces of answers that follow from the knowledge alone, kept as JSON."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary

import orjson

from graphql_schema.kept_json import kept_json
from kb.services.knowledge.decisions import Decisions
from kb.services.knowledge.holder import Knowledge

KEPT_BYTES: Final = 32_000_000
"""Of all ready parts of one release."""

_OVERHEAD = 500
"""Bytes that keeping a part takes besides its text, about."""


class Hole(NamedTuple):
    """Where a value belongs that each object has of its own, and values as they are answered."""

    name: str
    texts: Mapping[Any, bytes]


class Template(NamedTuple):
    """JSON with holes: the text before the first, and after each."""

    beginning: bytes
    rest: Sequence[tuple[Hole, bytes]]

    def filled(self, values: Mapping[str, object]) -> orjson.Fragment:
        """The JSON with an object's own values."""
        pieces = [self.beginning]
        for (name, texts), text in self.rest:
            pieces += (texts[values.get(name)], text)
        return orjson.Fragment(b"".join(pieces))


Part = orjson.Fragment | Template | None
"""A piece of JSON; None for one that follows from more than the knowledge."""


def part_of(answer: object) -> tuple[Part, int]:
    """An answer, which may have holes in it, as a piece of JSON, and its size in bytes."""
    holes: list[Hole] = []

    def note(hole: object) -> orjson.Fragment:
        if type(hole) is not Hole:
            raise TypeError
        holes.append(hole)
        return orjson.Fragment(b"\0")  # which stands in no JSON

    text = kept_json(answer, note)
    if not holes:
        return orjson.Fragment(text), len(text)
    beginning, *others = text.split(b"\0")
    return Template(beginning, list(zip(holes, others, strict=True))), len(text)


class _Kept(NamedTuple):
    parts: Sequence[Part]
    size: int
    alone: object
    days: Sequence[tuple[str, date]]


class Parts:
    """The ready parts of one release; those asked for last, up to so many bytes.

    It looks at when they are asked for once half of the room is taken.
    """

    def __init__(self, most: int = KEPT_BYTES) -> None:
        self._room = most
        self._ample = most // 2
        self._kept: OrderedDict[object, _Kept] = OrderedDict()

    def find(self, key: object, today_in: Callable[[str], date]) -> Sequence[Part] | None:
        """What is kept under a key, if it still is the day in the countries that it looked at."""
        found = self._kept.get(key)
        if found is None:
            return None
        for country, day in found.days:
            if today_in(country) != day:
                return None
        if self._room < self._ample:
            self._kept.move_to_end(key)
        return found.parts

    def keep(
        self,
        key: object,
        parts: Sequence[Part],
        size: int,
        alone: object,
        days: Mapping[str, date],
    ) -> None:
        """Keep parts with so many bytes of JSON, which look at the days in some countries.

        They are kept with the object that they were made of, so that no other gets its id.
        """
        earlier = self._kept.pop(key, None)
        if earlier is not None:
            self._room += earlier.size
        size += _OVERHEAD * (1 + len(parts))
        self._kept[key] = _Kept(parts, size, alone, tuple(days.items()))
        self._room -= size
        while self._room < 0:
            self._room += self._kept.popitem(last=False)[1].size

    def __len__(self) -> int:
        return len(self._kept)


_PARTS: WeakKeyDictionary[Decisions, Parts] = WeakKeyDictionary()


def parts_of(knowledge: Knowledge) -> Parts:
    """The ready parts of the knowledge in use, which go when it goes."""
    found = _PARTS.get(knowledge.decisions)
    if found is None:
        found = _PARTS[knowledge.decisions] = Parts()
    return found
