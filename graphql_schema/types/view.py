"""One look at the knowledge: a day and some layers, and the records as they show there."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Generic, TypeVar

import strawberry

from graphql_schema.locales import ENGLISH, Served
from kb.content.records import Faq, Library, Source
from kb.errors import NotCoveredError
from kb.rules.evidence import Citation, KnowledgeLayer
from kb.rules.facts import DatedFact, Layers, fact_on

Record = TypeVar("Record")
T = TypeVar("T")

AsOf = Annotated[
    date | None,
    strawberry.argument(
        description="The day to answer for; the day of the enclosing object, else today (UTC)."
    ),
]
LayersWanted = Annotated[
    list[KnowledgeLayer] | None,
    strawberry.argument(
        description="Use only these layers; those of the enclosing object, else all of them."
    ),
]
LocaleWanted = Annotated[
    str | None,
    strawberry.argument(
        description="A language tag such as en, vi, id or bn. FAQs are held in several languages, "
        "all else in English."
    ),
]


@dataclass(frozen=True, slots=True)
class View:
    """A day, the layers asked for, and the library they are read from.

    Every dated or layered thing passes through here on its way into an answer, so nothing from
    another layer or a later day can show. A source shows from its own date on or, when it bears
    none, from the day it was checked.
    """

    library: Library
    as_of: date
    layers: Layers

    def citations(self, citations: Iterable[Citation]) -> list[Citation]:
        """Those that show."""
        return [one for one in citations if self._starts(one) <= self.as_of]

    def facts(self, facts: Iterable[DatedFact[T]]) -> list[DatedFact[T]]:
        """Those that began by the day, oldest first; one with value None withdraws an earlier."""
        shown = [f for f in facts if f.layer in self.layers and f.valid_from <= self.as_of]
        return sorted(shown, key=lambda fact: fact.valid_from)

    def fact(self, facts: Iterable[DatedFact[T]]) -> DatedFact[T] | None:
        """The one that holds on the day, or None when the day is not covered."""
        return fact_on(facts, self.as_of, self.layers)

    def shows(self, record: Any) -> bool:
        """Whether all that the record rests on shows: its sources or, without any, a dated fact."""
        return self.first_day(record) <= self.as_of

    def record(self, records: Mapping[Any, Record], key: Any) -> "Shown[Record] | None":
        """The record under a key, if it is held and shows."""
        held = records.get(key)
        return Shown(str(key), held, self) if held is not None and self.shows(held) else None

    def records(self, what: str, records: Mapping[Any, Record]) -> "list[Shown[Record]]":
        """All that show, in the order of the content.

        Raises NotCoveredError when nothing shows yet but something does on a later day: an empty
        list would say that there is nothing of the kind.
        """
        shown = [Shown(str(key), held, self) for key, held in records.items() if self.shows(held)]
        if not shown and records:
            first = min(self.first_day(held) for held in records.values())
            if first != date.max:
                raise NotCoveredError(what, self.as_of, first)
        return shown

    def first_day(self, record: Any) -> date:
        """The first day on which a record shows in these layers; date.max when it never does."""
        if isinstance(record, Source):
            return self._source_starts(record)
        if citations := getattr(record, "citations", ()):
            return max(self._starts(citation) for citation in citations)
        if isinstance(record, Faq):
            return self._source_starts(self.library.sources[record.source])
        facts = (*record.kinds, *record.notes)
        return min((f.valid_from for f in facts if f.layer in self.layers), default=date.max)

    def _starts(self, citation: Citation) -> date:
        return self._source_starts(self.library.sources[citation.source])

    def _source_starts(self, source: Source) -> date:
        return (source.dated or source.checked_on) if source.layer in self.layers else date.max


class Through:
    """Reads the attributes that it does not have itself through to its `record`."""

    __slots__ = ()
    record: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.record, name)


@dataclass(frozen=True, slots=True)
class Shown(Through, Generic[Record]):
    """A frozen object of `kb`, under its key, in one view."""

    key: str
    record: Record
    view: View
    served: Served = ENGLISH


def each(records: Iterable[T], view: View) -> "Iterator[Shown[T]]":
    """Objects that have no key of their own, in a view."""
    return (Shown("", record, view) for record in records)


def reads(source: type, *, description: str, **options: Any) -> Any:
    """Make a class the GraphQL type of a class of `kb`, bare or in a view."""

    def wrap(cls: type) -> type:
        def is_type_of(obj: Any, _info: Any) -> bool:
            return type(obj) is source or type(getattr(obj, "record", None)) is source

        cls.is_type_of = is_type_of
        return strawberry.type(cls, description=description, **options)

    return wrap
