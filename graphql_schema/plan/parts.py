"""Ready parts: pieces of answers that follow from the knowledge alone, kept as JSON."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary

import orjson

from graphql_schema.context import KnowledgeContext
from graphql_schema.kept_json import kept_json
from graphql_schema.packing import Packed
from graphql_schema.presenter import Slot
from kb.services.knowledge.decisions import Decisions
from kb.services.knowledge.holder import Knowledge

KEPT_BYTES: Final = 10_000_000
"""Of all ready parts of one release."""

_OVERHEAD = 500
"""Bytes that keeping a part takes besides its text, about."""

_OBJECT = 6_000
"""Bytes of the decision that ready parts are made of, about; it may be kept for them alone."""


class Hole(NamedTuple):
    """Where a value belongs that each object has of its own, and values as they are answered."""

    slot: Slot
    texts: Mapping[Any, bytes]


Answering = Callable[[Any, Any, dict[str, Any]], None]
"""A function of a plan that puts what an object answers to a field into an answer."""
Own = Callable[[Any], Mapping[str, object]]
"""What gives the values that an object has of its own."""


class Template(NamedTuple):
    """JSON with holes: the text before the first, and after each."""

    beginning: bytes
    rest: Sequence[tuple[Hole, bytes]]

    def answering(self, name: str, own: Own) -> Answering:
        """What puts the JSON with the values of an object into its answer, under a name."""
        if len(self.rest) == 1 and self.rest[0][0].slot.read is not None:
            return self._with_one(name)
        looks_up = any(slot.read is None for (slot, _), _ in self.rest)

        def fill(source: Any, _state: object, answer: dict[str, Any]) -> None:
            values = own(source) if looks_up else {}
            pieces = [self.beginning]
            for (slot, texts), text in self.rest:
                value = values.get(slot.name) if slot.read is None else slot.read(source)
                pieces += (texts[value], text)
            answer[name] = orjson.Fragment(b"".join(pieces))

        return fill

    def _with_one(self, name: str) -> Answering:
        """The same for a single value that is but read, such as thousands of a page have."""
        beginning, ((slot, texts), end) = self.beginning, self.rest[0]
        read = slot.read
        assert read is not None

        def fill(source: Any, _state: object, answer: dict[str, Any]) -> None:
            answer[name] = orjson.Fragment(beginning + texts[read(source)] + end)

        return fill


Days = Mapping[str, date]
"""Days by countries."""

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


class Ready:
    """Ready parts of what a plan selects of objects, in its order.

    `answer` has those that are JSON as they are under their names, and None for whatever else is
    selected; it is copied for each object. `others` fill templates, and answer whatever else is
    composed of fields.

    They hold on some days in countries, at which was last looked at `minute`. They have the object
    that they were made of, so that no other one gets its id.
    """

    __slots__ = ("alone", "answer", "days", "minute", "others", "parts", "size")

    def __init__(
        self,
        parts: Sequence[Part],
        size: int = 0,
        alone: object = None,
        days: Days | None = None,
        *,
        answer: dict[str, Part] | None = None,
        others: Sequence[Answering] = (),
    ) -> None:
        self.parts = tuple(parts)
        self.answer = answer or {}
        self.others = tuple(others)
        self.size = size + _OVERHEAD * (1 + len(parts)) + (0 if alone is None else _OBJECT)
        self.alone = alone
        self.days = tuple((days or {}).items())
        self.minute: Days | None = None

    def hold(self, context: KnowledgeContext) -> bool:
        """Whether the days in countries are still those that they were made for."""
        if self.days and self.minute is not context.local_days:
            if any(context.today_in(country) != day for country, day in self.days):
                return False
            self.minute = context.local_days
        return True


class ReadyAnswer(Ready):
    """All that an operation answers to one body of a request, with its name and its cost.

    `packed` is the beginning of the answer up to the end of its data, for who takes it compressed.
    """

    __slots__ = ("cost", "name", "packed")

    def __init__(
        self, ready: Ready, body: bytes, name: str | None, cost: int, packed: Packed | None
    ) -> None:
        size = ready.size + len(body) + (0 if packed is None else len(packed.deflated))
        super().__init__(ready.parts, size, days=dict(ready.days))
        self.name = name
        self.cost = cost
        self.packed = packed


Table = dict[object, Ready]
"""Ready parts of one selection, by the keys of objects."""


class Parts:
    """The ready parts of one release; those asked for last, up to so many bytes.

    They are in two halves. When the newer one is full, it becomes the older, and what was in that
    one and was not asked for since goes. So nothing has to be noted of what is found.
    """

    def __init__(self, most: int = KEPT_BYTES) -> None:
        self._half = most // 2
        self._room = self._half
        self._newer: dict[object, Table] = {}
        self._older: dict[object, Table] = {}

    def table(self, place: object) -> Table:
        """What is in the newer half of a selection, for which `place` stands."""
        return self._newer.get(place, {})

    def find(self, place: object, key: object) -> Ready | None:
        """What is kept of a selection under a key."""
        ready = self.table(place).get(key)
        if ready is None:
            ready = self._older.get(place, {}).get(key)
            if ready is not None:
                self.keep(place, key, ready)
        return ready

    def keep(self, place: object, key: object, ready: Ready) -> None:
        """Keep parts of a selection under a key."""
        if self._room < ready.size:
            self._older, self._newer, self._room = self._newer, {}, self._half
        table = self._newer.setdefault(place, {})
        earlier = table.get(key)
        self._room += (0 if earlier is None else earlier.size) - ready.size
        table[key] = ready

    def __len__(self) -> int:
        halves = (*self._newer.items(), *self._older.items())
        return len({(place, key) for place, table in halves for key in table})


_PARTS: WeakKeyDictionary[Decisions, Parts] = WeakKeyDictionary()


def parts_of(knowledge: Knowledge) -> Parts:
    """The ready parts of the knowledge in use, which go when it goes."""
    parts = _PARTS.get(knowledge.decisions)
    if parts is None:
        parts = _PARTS[knowledge.decisions] = Parts()
    return parts
